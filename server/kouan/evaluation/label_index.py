"""Find things by their labels, the best first, whatever the script and the spelling. Knows one store, no queries.

A text is compared without case, tones, marks and spaces; traditional characters meet simplified ones, and Latin letters meet
the sound of Chinese ones. A name in pinyin is found as Wade-Giles, the old post office and Palladius spell it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store
from rapidfuzz import fuzz, process

from kouan.errors import QueryError
from kouan.graph.naming import ALSO_NAMED_BY, MISNAMED_BY, NAMED_BY, NAMED_IN_PARTS_BY, personal_names
from kouan.graph.place_names import latin, read_name
from kouan.graph.postal import postal
from kouan.graph.romanisation import palladius, wade_giles
from kouan.vocabulary import ALIGNMENTS_GRAPH, RDFS, WIKIDATA_SLICE

# What a name by each of these is worth: a thing's own label before its other names.
WORTH = dict.fromkeys(NAMED_BY, 1.0) | dict.fromkeys(ALSO_NAMED_BY, 0.99) | dict.fromkeys(MISNAMED_BY, 0.98)
EXACT, START, WORD, PART, ALIKE = 1.0, 0.9, 0.8, 0.7, 0.65
PINYIN, OLD_SPELLING = "zh-latn", 0.97
# How a Chinese label sounds says a little less than how it is written.
SOUND = 0.995
LEAST_LIKENESS = 75.0
MOST_LABELS = 500_000


@dataclass(frozen=True)
class Match:
    """A thing that a text may mean, how well (0 to 1), and the label that says so."""

    thing: NamedNode
    score: float
    label: Literal


@dataclass(frozen=True)
class _Named:
    thing: NamedNode
    label: Literal
    worth: float
    key: str
    sound: str


class LabelIndex:
    """The labels of one store, in comparable form."""

    def __init__(self, store: Store) -> None:
        """Read every label of the default graph; raises QueryError where there are more than can be held."""
        self._named: list[_Named] = []
        others = _labelled_by_wikidata(store)
        for predicate, worth in WORTH.items():
            for quad in store.quads_for_pattern(None, NamedNode(predicate), None, DefaultGraph()):
                if quad.subject in others:
                    continue
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    self._named.append(_named(quad.subject, quad.object, worth))
                    self._named += _spelled_of_old(quad.subject, quad.object)
                if len(self._named) > MOST_LABELS:
                    raise QueryError(
                        f"This dataset has more than {MOST_LABELS:,} labels, too many for label search; use FILTER and REGEX."
                    )
        self._named += _people(store)
        self._keys = [(named.key, 1.0, named) for named in self._named if named.key]
        self._keys += [(named.sound, SOUND, named) for named in self._named if named.sound not in {"", named.key}]
        self._texts = [key for key, _, _ in self._keys]

    def find(self, text: str, limit: int) -> list[Match]:
        """Return the things that a text may mean, each once by its best label, the best first."""
        wanted = read_name(text).key
        if not wanted:
            return []
        best: dict[NamedNode, Match] = {}
        for score, named in self._scored(wanted):
            found = best.get(named.thing)
            match = Match(named.thing, round(score * named.worth, 3), named.label)
            if found is None or (match.score, -len(match.label.value)) > (found.score, -len(found.label.value)):
                best[named.thing] = match
        ordered = sorted(best.values(), key=lambda m: (-m.score, len(m.label.value), m.thing.value))
        return ordered[:limit]

    def _scored(self, wanted: str) -> Iterator[tuple[float, _Named]]:
        for key, share, named in self._keys:
            score = _likeness(wanted, key, named.label.value)
            if score:
                yield score * share, named
        alike = process.extract(wanted, self._texts, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=200)
        for _, likeness, place in alike:
            _, share, named = self._keys[place]
            yield ALIKE * share * likeness / 100, named


def _labelled_by_wikidata(store: Store) -> set[object]:
    """Return what our slice of Wikidata and the alignments label: whoever searches wants our things, linked to them."""
    others = (ALIGNMENTS_GRAPH, WIKIDATA_SLICE)
    slices = (g for g in store.named_graphs() if isinstance(g, NamedNode) and g.value.startswith(others))
    return {q.subject for g in slices for q in store.quads_for_pattern(None, NamedNode(RDFS + "label"), None, g)}


def _people(store: Store) -> Iterator[_Named]:
    """Yield the names of people that are said in parts alone."""
    parts: dict[NamedNode, list[tuple[str, str, str]]] = {}
    for by in NAMED_IN_PARTS_BY:
        for quad in store.quads_for_pattern(None, NamedNode(by), None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                part = by, quad.object.value, quad.object.language or ""
                parts.setdefault(quad.subject, []).append(part)
    for person, those in parts.items():
        for tag, name in personal_names(those).items():
            yield _named(person, Literal(name, language=tag) if tag else Literal(name), 1.0)


def _named(thing: NamedNode, label: Literal, worth: float) -> _Named:
    return _Named(thing, label, worth, read_name(label.value).key, latin(label.value))


def _spelled_of_old(thing: NamedNode, label: Literal) -> list[_Named]:
    """Return a pinyin name as older books and Russian ones spell it, found under the name that the data has."""
    if (label.language or "").casefold() != PINYIN:
        return []
    others = (wade_giles(label.value), palladius(label.value), *postal(label.value))
    spelled = {latin(other) for other in others} - {"", latin(label.value)}
    return [_Named(thing, label, OLD_SPELLING, key, "") for key in sorted(spelled)]


def _likeness(wanted: str, key: str, label: str) -> float:
    """Return how well a key answers to a text, by where it stands in it; 0 where it does not."""
    if key == wanted:
        return EXACT
    if wanted not in key:
        return 0.0
    share = len(wanted) / len(key)
    if key.startswith(wanted):
        return START + (EXACT - START) * share * 0.9
    starts_word = any(latin(word).startswith(wanted) for word in label.split()[1:])
    return (WORD if starts_word else PART) + 0.1 * share


def term_of(match: Match) -> tuple[str, str, str]:
    """Return a match as terms of SPARQL: the thing, its score and the label."""
    return str(match.thing), f"{match.score:.3f}", str(match.label)
