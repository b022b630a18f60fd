"""The rules of RDFS and OWL 2 RL over facts (OWL 2 Profiles, section 4.3, tables 4 to 7), asked until nothing more follows.

A rule is asked again where a relation that it reads has changed. Equal individuals are one of them meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, NamedNode

from kouan.reasoning.axioms import Axioms, read_axioms
from kouan.reasoning.relations import EMPTY, HALF, LOW, Numbers, Relations, joined, paired, swapped, within, without
from kouan.vocabulary import OWL, RDF, RDFS

# What the rules themselves speak of.
BUILT_IN = (OWL, RDF, RDFS, "http://www.w3.org/2001/XMLSchema#")


@dataclass
class Rule:
    """What is asked of some relations, and when it was asked last."""

    reads: tuple[int, ...]
    apply: Callable[[], None]
    asked: int = -1


class Rules:
    """Rules and the relations that they complete."""

    def __init__(self, relations: Relations, *, is_rdfs: bool = False, by_value: bool = False) -> None:
        """Take whether what follows may be about literals, of which no triple can be written."""
        self.relations = relations
        self.by_value = by_value
        self.is_rdfs = is_rdfs
        self.equal: dict[int, int] = {}
        self._are_terms_equal = False
        self.thing = relations.number(NamedNode(OWL + "Thing"))
        self.same = relations.number(NamedNode(OWL + "sameAs"))
        names = ("subClassOf", "subPropertyOf", "domain", "range")
        self.of_axioms = tuple(relations.number(NamedNode(RDFS + name)) for name in names)

    def complete(self) -> None:
        """Add to the relations all that follows; raises SourceError where that is too much."""
        while True:
            rules = list(self._rules(read_axioms(self.relations, is_rdfs=self.is_rdfs)))
            # What is read from now on of axioms is what facts said of them.
            started, self._are_terms_equal = self.relations.clock, False
            self._ask(rules)
            if not (self._are_terms_equal or self.relations.changed_since(self.of_axioms, started)):
                return

    def groups(self) -> dict[int, list[int]]:
        """Return equal individuals by the one that stands for all of them, itself among them."""
        groups: dict[int, list[int]] = defaultdict(list)
        for node in self.equal:
            root = node
            while root in self.equal:
                root = self.equal[root]
            groups[root] = groups[root] or [root]
            groups[root].append(node)
        return dict(groups)

    def _ask(self, rules: list[Rule]) -> None:
        while True:
            started = self.relations.clock
            for rule in rules:
                if self.relations.changed_since(rule.reads, rule.asked):
                    rule.asked = self.relations.clock
                    rule.apply()
            if self.relations.clock == started:
                return

    def _rules(self, axioms: Axioms) -> Iterator[Rule]:
        yield from self._of_rdfs(axioms)
        yield from self._of_properties(axioms)
        yield from self._of_classes(axioms)
        yield from self._of_equality(axioms)

    def _of_rdfs(self, axioms: Axioms) -> Iterator[Rule]:
        for low, highs in axioms.above_property.items():
            for high in highs:
                yield self._rule(high, self._all, low)
        for property_, class_ in axioms.domain:
            yield self._rule(~class_, self._subjects, property_)
        for property_, class_ in axioms.range:
            yield self._rule(~class_, self._objects, property_)
        for low, highs in axioms.above_class.items():
            for high in highs:
                yield self._rule(~high, self._all, ~low)

    def _of_properties(self, axioms: Axioms) -> Iterator[Rule]:
        for one, other in axioms.inverse:
            yield self._rule(other, self._inverse, one)
            yield self._rule(one, self._inverse, other)
        for each in axioms.transitive:
            yield self._rule(each, self._transitive, each)
        for each, links in axioms.chains:
            if links:
                yield self._rule(each, self._chain, *links)

    def _of_classes(self, axioms: Axioms) -> Iterator[Rule]:
        for class_, parts in axioms.intersections:
            if parts:
                yield self._rule(~class_, self._intersection, *(~part for part in parts))
        for class_, members in axioms.enumerations:
            self.relations.extend(~class_, np.array(members, dtype=np.int64))
        for class_, property_, filler in axioms.some:
            if filler == self.thing:
                yield self._rule(~class_, self._subjects, property_)
            else:
                yield self._rule(~class_, self._with_some, property_, ~filler)
        for class_, property_, filler in axioms.every:
            yield self._rule(~filler, self._fillers, ~class_, property_)
        for class_, property_, value in axioms.has_value:
            yield self._rule(property_, partial(self._having, value), ~class_)
            yield self._rule(~class_, partial(self._who_has, value), property_)

    def _of_equality(self, axioms: Axioms) -> Iterator[Rule]:
        for each in axioms.functional:
            yield self._rule(self.same, self._equal_objects, each)
        for each in axioms.inverse_functional:
            yield self._rule(self.same, self._equal_subjects, each)
        for class_, property_, filler in axioms.at_most_one:
            read = (~class_, property_) if filler in (None, self.thing) else (~class_, property_, ~(filler or 0))
            yield self._rule(self.same, self._equal_fillers, *read)
        for class_, keys in axioms.keys:
            yield self._rule(self.same, self._equal_by_key, ~class_, *keys)
        if not self.is_rdfs:
            yield Rule((self.same,), self._unify)

    def _rule(self, into: int, found: Callable[..., Numbers], *reads: int) -> Rule:
        """Return the rule that what is found of some relations is part of another."""

        def apply() -> None:
            values = found(*map(self.relations.get, reads))
            if into < 0:
                values = values[self._can_be_subject(values)]
            elif found == self._inverse:
                values = values[self._can_be_subject(values >> HALF)]
            self.relations.extend(into, values)

        return Rule(reads, apply)

    def _can_be_subject(self, values: Numbers) -> NDArray[np.bool_]:
        if self.by_value:
            return np.ones(len(values), dtype=np.bool_)
        terms = self.relations.terms
        unique, places = np.unique(values, return_inverse=True)
        can_be = np.array([isinstance(terms[each], NamedNode | BlankNode) for each in unique.tolist()], dtype=np.bool_)
        return can_be[places]

    @staticmethod
    def _all(values: Numbers) -> Numbers:
        return values

    @staticmethod
    def _subjects(pairs: Numbers) -> Numbers:
        return np.unique(pairs >> HALF)

    @staticmethod
    def _objects(pairs: Numbers) -> Numbers:
        return np.unique(pairs & LOW)

    @staticmethod
    def _inverse(pairs: Numbers) -> Numbers:
        return swapped(pairs)

    @staticmethod
    def _transitive(pairs: Numbers) -> Numbers:
        found = new = pairs
        while new.size:
            new = without(np.unique(joined(new, pairs)), found)
            found = np.sort(np.concatenate([found, new]), kind="stable")
        return found

    @staticmethod
    def _chain(first: Numbers, *links: Numbers) -> Numbers:
        for link in links:
            first = np.unique(joined(first, link))
        return first

    @staticmethod
    def _intersection(first: Numbers, *others: Numbers) -> Numbers:
        for other in others:
            first = first[within(first, other)]
        return first

    @staticmethod
    def _with_some(pairs: Numbers, fillers: Numbers) -> Numbers:
        return pairs[within(pairs & LOW, fillers)] >> HALF

    @staticmethod
    def _fillers(members: Numbers, pairs: Numbers) -> Numbers:
        return pairs[within(pairs >> HALF, members)] & LOW

    @staticmethod
    def _having(value: int, members: Numbers) -> Numbers:
        return paired(members, np.full(len(members), value))

    @staticmethod
    def _who_has(value: int, pairs: Numbers) -> Numbers:
        has_it: NDArray[np.bool_] = pairs & LOW == value
        return pairs[has_it] >> HALF

    def _equal_objects(self, pairs: Numbers) -> Numbers:
        """Return pairs of things that one subject has by a functional property (prp-fp)."""
        pairs = pairs[self._can_be_subject(pairs & LOW)]
        is_shared: NDArray[np.bool_] = pairs[:-1] >> HALF == pairs[1:] >> HALF
        return paired(pairs[:-1] & LOW, pairs[1:] & LOW)[is_shared]

    def _equal_subjects(self, pairs: Numbers) -> Numbers:
        return self._equal_objects(np.sort(swapped(pairs)))

    def _equal_fillers(self, members: Numbers, pairs: Numbers, fillers: Numbers | None = None) -> Numbers:
        kept = pairs[within(pairs >> HALF, members)]
        return self._equal_objects(kept if fillers is None else kept[within(kept & LOW, fillers)])

    @staticmethod
    def _equal_by_key(members: Numbers, *keys: Numbers) -> Numbers:
        """Return pairs of members of a class that share a value of each of its keys (prp-key)."""
        common: Numbers | None = None
        for pairs in keys:
            kept = pairs[within(pairs >> HALF, members)]
            equal = np.unique(joined(kept, np.sort(swapped(kept))))
            common = equal if common is None else common[within(common, equal)]
        return EMPTY if common is None else common[common >> HALF != common & LOW]

    def _unify(self) -> None:
        """Put one of all equal individuals into the place of each (eq-sym, eq-trans and eq-rep)."""
        renamed: dict[int, int] = {}

        def root(node: int) -> int:
            while node in self.equal:
                node = self.equal[node]
            return node

        for one, other in self.relations.pairs(self.same):
            low, high = sorted((root(one), root(other)), key=lambda node: (not self._is_built_in(node), node))
            if low != high:
                renamed[high] = self.equal[high] = low
        if not renamed:
            return
        names = np.arange(len(self.relations.terms))
        for each in renamed:
            names[each] = root(each)
        keys = set(self.relations.held())
        # Rules of properties and classes that are equal have to be read anew (eq-rep-p).
        self._are_terms_equal |= any(each in keys or ~each in keys for each in (*renamed, *map(root, renamed)))
        for key in keys:
            values = self.relations.get(key)
            new = names[values] if key < 0 else paired(names[values >> HALF], names[values & LOW])
            into = ~int(names[~key]) if key < 0 else int(names[key])
            if into != key:
                self.relations.replace(key, EMPTY)
                self.relations.extend(into, new)
            elif not np.array_equal(new, values):
                self.relations.replace(key, new)

    def _is_built_in(self, number: int) -> bool:
        term = self.relations.terms[number]
        return isinstance(term, NamedNode) and term.value.startswith(BUILT_IN)
