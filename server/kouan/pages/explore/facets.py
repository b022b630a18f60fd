"""Count what a set of things can be narrowed by: its kinds, its properties, and what one of them leads to. Knows no page.

Every count is of no more than the first things of a set, so that a page of any data comes in time; `Facets.is_cut` says so.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from kouan.graph.naming import COMMENTED_BY, DESCRIBED_BY, NAMED_BY, NAMING
from kouan.pages.asking import Asking, Row
from kouan.pages.explore.pattern import TYPE, Pattern
from kouan.pages.explore.state import State
from kouan.pages.kinds import Kinds
from kouan.pages.ways import Step, Way
from kouan.vocabulary import GEO, OWL, RDFS, SCHEMA, SCHEMA_HTTP, XSD

COUNTED = 2_000
# Whether a property leads to things that are known is told by so few.
LOOKED_AT = 200
MOST_COUNTED = 100_000
# So few things are named one by one, and need not be found again for each count.
LISTED = 500
MOST_PAIRS = 20_000
VALUES, VALUES_ASKED = 12, 60
OPENED = 6
# What is opened unasked ends when so much time is gone.
SECONDS = 2.0
NUMBERS = {
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger", "short")
}
DATES = {XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth")}
# What no one narrows by: a place is drawn, a description read.
PLACED_BY = (GEO + "hasGeometry", GEO + "hasDefaultGeometry", GEO + "asWKT", SCHEMA + "geo", SCHEMA_HTTP + "geo")
UNCHOSEN = frozenset((*NAMING, *DESCRIBED_BY, *COMMENTED_BY, *PLACED_BY, TYPE))

Terms = dict[str, dict[str, str]]
Having = Mapping[str, set[str]]
"""The things that have each value, or a value of each kind."""
Making = Callable[[State], Pattern]
"""What writes the pattern of a state."""


@dataclass(frozen=True)
class Facet:
    """A property of a set of things, or one against which others point at them: how many things have it, how many values."""

    way: Way
    things: int
    values: int
    is_of_things: bool
    datatype: str = ""
    is_known: bool = False
    """Whether it leads to things that this data says a kind of."""
    is_blank: bool = False
    """Whether it leads to what has no name of its own, and so no page."""

    @property
    def has_order(self) -> bool:
        """Return whether a least and a greatest value can be asked for."""
        return self.datatype in NUMBERS or self.datatype in DATES


@dataclass(frozen=True)
class OpenedWay:
    """What a way leads to: values with the things that have them, kinds of values, and how far they go."""

    facet: Facet
    kind: str = ""
    values: list[tuple[dict[str, str], int]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    several: int = 0
    several_kinds: int = 0
    least: str = ""
    greatest: str = ""
    said: list[tuple[dict[str, str], int]] = field(default_factory=list)
    further: list[Facet] = field(default_factory=list)


class Facets:
    """The counts of one state of exploring."""

    def __init__(self, asking: Asking, kinds: Kinds, state: State, making: Making) -> None:
        self.asking = asking
        self.all_kinds = kinds
        self.state = state
        self.making = making
        pattern = making(state)
        self.variable = f"?{pattern.variable}"
        listed = [row[pattern.variable]["value"] for row in asking.rows(pattern.set_of(LISTED + 1)[1:-1])]
        self.total = len(listed)
        self.things = f"VALUES {self.variable} {{ {' '.join(f'<{iri}>' for iri in listed)} }}"
        self.few = self.things
        if self.total > LISTED:
            self.total = asking.number(f"SELECT (COUNT(*) AS ?n) {pattern.set_of(MOST_COUNTED + 1)}")
            self.things = pattern.set_of(COUNTED)
            self.few = pattern.set_of(LOOKED_AT)

    @property
    def is_cut(self) -> bool:
        """Return whether the counts are of the first things only."""
        return self.total > COUNTED

    def kinds(self) -> dict[str, int]:
        """Return the kinds that tell some of the things from others, with how many things each has."""
        rows = self.asking.rows(
            f"SELECT ?kind (COUNT(DISTINCT {self.variable}) AS ?things) {{ {self.things} {self.variable} a ?kind "
            f"FILTER(isIRI(?kind)) }} GROUP BY ?kind ORDER BY DESC(?things) ?kind LIMIT 200"
        )
        counts = {row["kind"]["value"]: int(row["things"]["value"]) for row in rows}
        most = min(self.total, COUNTED)
        return {kind: things for kind, things in self.all_kinds.told(counts).items() if things < most}

    def facets(self) -> list[Facet]:
        """Return the properties that the things have, the most telling first, and then those of others that point at them."""
        forward = self._properties("", self.variable, ())
        known = {facet.way[0].iri for facet in forward}
        backward = [
            facet
            for facet in self._properties("", self.variable, (), is_back=True)
            if not self.making(self.state).inverses.get(facet.way[0].iri, frozenset()) & known
        ]
        return forward + backward

    def named_by(self) -> str:
        """Return the property that names most of the things, or ""."""
        by = " ".join(f"<{iri}>" for iri in NAMED_BY)
        rows = self.asking.rows(
            f"SELECT ?by (COUNT(DISTINCT {self.variable}) AS ?things) {{ {self.things} VALUES ?by {{ {by} }} "
            f"{self.variable} ?by ?name }} GROUP BY ?by"
        )
        found = {row["by"]["value"]: int(row["things"]["value"]) for row in rows}
        return max(NAMED_BY, key=lambda iri: found.get(iri, 0)) if found else ""

    def opened_unasked(self, facets: list[Facet]) -> list[OpenedWay]:
        """Return what the most telling properties lead to, as many as there is time for."""
        until = time.monotonic() + SECONDS
        opened: list[OpenedWay] = []
        for facet in [each for each in facets if not each.way[0].is_back][:OPENED]:
            if time.monotonic() > until:
                break
            opened.append(self.opened(facet))
        return opened

    def opened_asked(self, facets: list[Facet]) -> OpenedWay:
        """Return all that is to be known of the way that is opened."""
        way, kind = self.state.opened, self.state.opened_kind
        facet = next((each for each in facets if each.way == way), None) or self._facet(way)
        return self.opened(facet, kind, whole=True)

    def opened(self, facet: Facet, kind: str = "", *, whole: bool = False) -> OpenedWay:
        """Return what a way leads to; `whole` with what stands behind it, and who says it."""
        pattern = self.making(self.state)
        value, way = pattern.fresh("value"), pattern.names.written(facet.way)
        leads = f"{self.variable} {way} ?{value} ."
        only = f"{leads} ?{value} a <{kind}> ." if kind else leads
        pairs = self.asking.rows(
            f"SELECT DISTINCT {self.variable} ?{value} {{ {self.things} {only} }} LIMIT {MOST_PAIRS}"
        )
        has: dict[str, set[str]] = defaultdict(set)
        terms: dict[str, dict[str, str]] = {}
        for row in pairs:
            key = json.dumps(row[value], sort_keys=True)
            terms[key] = row[value]
            has[key].add(row[self.variable[1:]]["value"])
        kinds = self._kinds_of(leads, value) if facet.is_of_things else {}
        numbers = (
            sorted((each for each in terms.values() if each["type"] == "literal"), key=_order)
            if facet.has_order
            else []
        )
        most = VALUES_ASKED if whole else VALUES
        return OpenedWay(
            facet,
            kind,
            self._most_frequent(terms, has)[: most + 1],
            self._counted_kinds(kinds, terms, has),
            self._narrows(_several(has)),
            self._narrows(_several(self._by_narrowest(kinds, terms, has))),
            numbers[0]["value"] if numbers else "",
            numbers[-1]["value"] if numbers else "",
            self._said(facet.way) if whole else [],
            self._further(only, f"?{value}", facet.way) if whole and facet.is_of_things else [],
        )

    def _narrows(self, things: int) -> int:
        """Return how many things are left, 0 where all are."""
        return things if things < min(self.total, COUNTED) else 0

    def _most_frequent(self, terms: Terms, has: Having) -> list[tuple[dict[str, str], int]]:
        """Return the values that most things have; those that all have come last, because they narrow nothing."""
        counted = [(terms[key], len(things)) for key, things in has.items() if terms[key]["type"] in {"uri", "literal"}]
        return sorted(counted, key=lambda pair: (pair[1] == self.total, -pair[1], pair[0]["value"]))

    def _kinds_of(self, leads: str, value: str) -> dict[str, set[str]]:
        """Return the kinds of each value."""
        rows = self.asking.rows(
            f"SELECT DISTINCT ?{value} ?kind {{ {self.things} {leads} ?{value} a ?kind FILTER(isIRI(?kind)) }} LIMIT {2 * MOST_PAIRS}"
        )
        kinds: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            kinds[json.dumps(row[value], sort_keys=True)].add(row["kind"]["value"])
        return kinds

    def _counted_kinds(self, kinds: Mapping[str, set[str]], terms: Terms, has: Having) -> dict[str, int]:
        things: dict[str, set[str]] = defaultdict(set)
        for key in terms:
            for kind in kinds.get(key, ()):
                things[kind] |= has[key]
        counts = {kind: len(those) for kind, those in things.items()}
        return self.all_kinds.told(dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))

    def _by_narrowest(self, kinds: Mapping[str, set[str]], terms: Terms, has: Having) -> Having:
        """Return the things that have values of each kind, where a kind is no value's that has a narrower one."""
        found: dict[str, set[str]] = defaultdict(set)
        for key in terms:
            for kind in self.all_kinds.narrowest(kinds.get(key, set())):
                found[kind] |= has[key]
        return found

    def _said(self, way: Way) -> list[tuple[dict[str, str], int]]:
        """Return who says that things have what the way leads to: grades of sources in our own graph, else graphs."""
        pattern = self.making(self.state)
        who = f"?{pattern.fresh('who')}"
        said = "\n".join(pattern.said(self.variable, way, f"?{pattern.fresh('value')}", who))
        rows = self.asking.rows(
            f"SELECT {who} (COUNT(DISTINCT {self.variable}) AS ?things) {{ {self.things} {said} }} "
            f"GROUP BY {who} ORDER BY DESC(?things) {who} LIMIT {VALUES}"
        )
        return [(row[who[1:]], int(row["things"]["value"])) for row in rows if who[1:] in row]

    def _further(self, leads: str, value: str, way: Way) -> list[Facet]:
        return [
            *self._properties(leads, value, way),
            *(f for f in self._properties(leads, value, way, is_back=True) if f.way[-1].iri != way[-1].iri),
        ]

    def _facet(self, way: Way) -> Facet:
        pattern = self.making(self.state)
        value = f"?{pattern.fresh('value')}"
        found = self.asking.rows(
            f"SELECT (COUNT(DISTINCT {self.variable}) AS ?things) (COUNT(DISTINCT {value}) AS ?values) "
            f"(SAMPLE({value}) AS ?one) {{ {self.things} {self.variable} {pattern.names.written(way)} {value} }}"
        )
        return _facet(way, found[0])

    def _properties(self, leads: str, thing: str, way: Way, *, is_back: bool = False) -> list[Facet]:
        """Return the properties of what the things lead to; those that only repeat another in a broader one's words left out."""
        triple = f"?other ?property {thing}" if is_back else f"{thing} ?property ?other"
        rows = self.asking.rows(
            f"SELECT ?property (COUNT(DISTINCT {thing}) AS ?things) (COUNT(DISTINCT ?other) AS ?values) "
            f"(SAMPLE(?other) AS ?one) {{ {self.things} {leads} {triple} FILTER(!isBlank(?other) || !{str(is_back).lower()}) }} "
            f"GROUP BY ?property ORDER BY DESC(?things) ?property LIMIT 100"
        )
        found = {row["property"]["value"]: row for row in rows}
        needless = self._needless({iri: (row["things"]["value"], row["values"]["value"]) for iri, row in found.items()})
        leading = self.asking.rows(
            f"SELECT DISTINCT ?property {{ {self.few} {leads} {triple} . ?other a ?kind }} LIMIT 100"
        )
        known = {row["property"]["value"] for row in leading}
        facets = [
            replace(_facet((*way, Step(iri, is_back)), row), is_known=iri in known)
            for iri, row in found.items()
            if iri not in needless and iri not in UNCHOSEN
        ]
        return sorted(facets, key=lambda facet: -_telling(facet))

    def _needless(self, counts: Mapping[str, tuple[str, str]]) -> set[str]:
        """Return the properties whose every fact a narrower property says too."""
        if not counts:
            return set()
        values = " ".join(f"<{iri}>" for iri in counts)
        rows = self.asking.rows(
            f"SELECT DISTINCT ?narrow ?broad {{ VALUES ?narrow {{ {values} }} "
            f"?narrow (<{RDFS}subPropertyOf>|<{OWL}equivalentProperty>)+ ?broad FILTER(?narrow != ?broad) }}"
        )
        pairs = [(row["narrow"]["value"], row["broad"]["value"]) for row in rows]
        both = set(pairs)
        return {
            broad
            for narrow, broad in pairs
            if counts.get(broad) == counts[narrow] and ((broad, narrow) not in both or broad > narrow)
        }


def _facet(way: Way, row: Row) -> Facet:
    one = row.get("one", {"type": "literal", "value": ""})
    is_of_things = one["type"] in {"uri", "bnode"}
    things, values = int(row["things"]["value"]), int(row["values"]["value"])
    return Facet(way, things, values, is_of_things, one.get("datatype", ""), is_blank=one["type"] == "bnode")


def _several(has: Having) -> int:
    """Return how many things have more than one of what some have."""
    times = Counter(thing for things in has.values() for thing in things)
    return sum(1 for number in times.values() if number > 1)


def _order(term: Mapping[str, str]) -> tuple[float, str]:
    """Return what numbers are ordered by, and dates, which are all of one length as far as they go."""
    try:
        return float(term["value"]), ""
    except ValueError:
        return 0.0, term["value"]


def _telling(facet: Facet) -> float:
    """Return how much a property helps to choose: what many have, in few values, and what leads to other things."""
    is_identifier = facet.values > 3 and facet.values >= facet.things * 0.9 and not facet.has_order
    return facet.things * (4.0 if facet.is_known else 0.2 if is_identifier else 1.0)
