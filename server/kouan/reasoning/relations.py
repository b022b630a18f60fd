"""Hold triples as sorted arrays of numbers: pairs for each property, members for each class. Knows no rule."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.errors import SourceError
from kouan.reasoning.values import Value, value_of
from kouan.vocabulary import RDF

Term = NamedNode | BlankNode | Literal | Triple
Numbers = NDArray[np.int64]
TYPE = NamedNode(RDF + "type")
EMPTY: Numbers = np.empty(0, dtype=np.int64)
# A pair is one number: the subject's above, the object's below.
HALF = 32
LOW = (1 << HALF) - 1
# So many pairs of one join take a gigabyte; a transitive property over everything would go far beyond.
MOST_PAIRS = 60_000_000


class Relations:
    """Triples by property, and those of rdf:type by class.

    A property's key is the number of its term; a class's key is the complement of that, which is negative.
    """

    def __init__(self, *, by_value: bool = False) -> None:
        """Take whether literals of one value are one term: the first of them."""
        self._by_value = by_value
        self._values: dict[Value, int] = {}
        self.terms: list[Term] = []
        self.clock = 0
        self._numbers: dict[Term, int] = {}
        self._read: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._held: dict[int, Numbers] = {}
        self._changed: dict[int, int] = {}
        self.type = self.number(TYPE)

    def number(self, term: Term) -> int:
        """Return the number of a term, a new one for a term that is new."""
        number = self._numbers.setdefault(term, len(self.terms))
        if number == len(self.terms):
            value = value_of(term) if self._by_value and isinstance(term, Literal) else None
            if value is not None and self._values.setdefault(value, number) != number:
                self._numbers[term] = number = self._values[value]
            else:
                self.terms.append(term)
        return number

    def read(self, subject: Term, predicate: NamedNode, value: Term) -> None:
        """Take a triple; `settle` makes it one of the relations."""
        pair = self.number(subject) << HALF | self.number(value)
        self._read[self.number(predicate)].append(pair)

    def settle(self) -> dict[int, Numbers]:
        """Return all relations by their keys after what was read became part of them."""
        for key, pairs in self._read.items():
            self.extend(key, np.frombuffer(pairs, dtype=np.int64))
        self._read.clear()
        return dict(self._held)

    def held(self) -> Iterable[int]:
        """Return the keys of all relations."""
        return list(self._held)

    def get(self, key: int) -> Numbers:
        """Return the pairs of a property, or the members of a class, sorted."""
        if key == self.type:
            classes = [key for key in self._held if key < 0]
            typed = [paired(self._held[each], np.full(len(self._held[each]), ~each)) for each in classes]
            return np.concatenate([EMPTY, *typed])
        return self._held.get(key, EMPTY)

    def extend(self, key: int, more: Numbers) -> None:
        """Add pairs to a property, or members to a class."""
        if key == self.type:
            classes = more & LOW
            for each in np.unique(classes).tolist():
                self.extend(~each, more[classes == each] >> HALF)
            return
        standing = self._held.get(key, EMPTY)
        new = without(np.unique(more), standing)
        if new.size:
            self._held[key] = np.sort(np.concatenate([standing, new]), kind="stable")
            self.clock += 1
            self._changed[key] = self.clock

    def replace(self, key: int, values: Numbers) -> None:
        """Put other pairs or members in the place of those that stand."""
        self._held[key] = np.unique(values)
        self.clock += 1
        self._changed[key] = self.clock

    def changed_since(self, keys: Iterable[int], clock: int) -> bool:
        """Return whether one of the relations changed after a time of `clock`."""
        last = max(self._changed.values(), default=0) if self.type in keys else 0
        return max([last, *(self._changed.get(key, 0) for key in keys)]) > clock

    def pairs(self, key: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs of a property one by one."""
        for pair in self.get(key).tolist():
            yield pair >> HALF, pair & LOW


def paired(subjects: Numbers, objects: Numbers) -> Numbers:
    """Return pairs of subjects and objects."""
    return subjects << HALF | objects


def swapped(pairs: Numbers) -> Numbers:
    """Return pairs the other way round."""
    return paired(pairs & LOW, pairs >> HALF)


def within(values: Numbers, ordered: Numbers) -> NDArray[np.bool_]:
    """Return for each value whether it is among others, which are sorted."""
    if not ordered.size:
        return np.zeros(len(values), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[place] == values
    return found


def without(values: Numbers, ordered: Numbers) -> Numbers:
    """Return the values that are not among others, which are sorted."""
    return values[~within(values, ordered)] if ordered.size else values


def joined(left: Numbers, right: Numbers) -> Numbers:
    """Return the pairs that lead through two relations, the second one sorted; raises SourceError for too many."""
    subjects, middle = left >> HALF, left & LOW
    starts = right >> HALF
    first = np.searchsorted(starts, middle, "left")
    counts = np.searchsorted(starts, middle, "right") - first
    total = int(counts.sum())
    if total > MOST_PAIRS:
        raise SourceError(f"What follows is too much: a chain of properties or a transitive one has {total:,} pairs.")
    places = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return paired(np.repeat(subjects, counts), right[places] & LOW)
