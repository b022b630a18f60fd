"""Wikidata's searches for places, wikibase:around and wikibase:box, as a pattern and conditions on its geometry.

Knows what these services are told (MediaWiki, Wikidata Query Service User Manual, geospatial search); how far places are from
each other is for the functions on geometries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kouan.errors import QueryError
from kouan.evaluation.geometry import GEOF, METRE, OURS
from kouan.sparql.scanning.clauses import Element, Group
from kouan.sparql.scanning.lexer import place
from kouan.sparql.scanning.prologue import Prologue
from kouan.sparql.wikidata.edits import Edit, blank
from kouan.sparql.wikidata.names import WIKIBASE
from kouan.sparql.wikidata.parameters import Term, Triple, parameter_of, read_triples
from kouan.vocabulary import GEO, WD, XSD

AROUND, BOX = WIKIBASE + "around", WIKIBASE + "box"
POINT = '"Point(127.5 50.2)"^^geo:wktLiteral'
GEOSEARCHES = {
    AROUND: f"SERVICE wikibase:around {{ ?place wdt:P625 ?point . bd:serviceParam wikibase:center {POINT} ; "
    'wikibase:radius "100" . }',
    BOX: "SERVICE wikibase:box { ?place wdt:P625 ?point . bd:serviceParam wikibase:cornerWest ?one ; "
    "wikibase:cornerEast ?other . }",
}
"""The services, and how each is written."""
CORNERS = (("cornerSouthWest", "cornerNorthEast"), ("cornerWest", "cornerEast"))
KNOWN = {AROUND: {"center", "radius", "distance", "globe"}, BOX: {"globe"}.union(*CORNERS)}
EARTH = WD + "Q2"
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
WKT_POINT = re.compile(rf"\s*POINT\s*\(\s*({NUMBER})\s+({NUMBER})\s*\)\s*", re.IGNORECASE)
METRES = 1000
# What can give a variable a value that the search then starts from.
GIVING = {"triples", "group", "union", "optional", "graph", "service", "values", "bind"}


def geosearch_edits(text: str, service: Element, group: Group, prologue: Prologue) -> Iterator[Edit]:
    """Return what stands instead of a search for places; raises QueryError, with the place, where it is told too little."""
    return _Search(text, service, group, prologue).edits()


@dataclass
class _Search:
    """One search: a SERVICE, and the group that it stands in."""

    text: str
    service: Element
    group: Group
    prologue: Prologue

    @cached_property
    def name(self) -> str:
        return self.prologue.iri(self.service.name)

    @cached_property
    def triples(self) -> list[Triple]:
        return list(read_triples(self.text, self.service))

    @cached_property
    def told(self) -> dict[str, Term]:
        """Return the values of the parameters by their names."""
        return {name: triple[2] for triple in self.triples if (name := parameter_of(triple, self.prologue))}

    @cached_property
    def pattern(self) -> Triple:
        """Return the one triple that finds places: ?place wdt:P625 ?point."""
        patterns = [triple for triple in self.triples if not parameter_of(triple, self.prologue)]
        for subject, predicate, value in patterns:
            if not (subject.variable and self.prologue.iri(predicate.first) and value.variable):
                raise self._amiss(f"{subject.text} {predicate.text} {value.text} finds no places", subject)
        if len(patterns) > 1:
            raise self._amiss(
                f"{patterns[1][1].text} is one pattern too many; write it outside of the service", patterns[1][1]
            )
        if not patterns:
            raise self._amiss("No pattern says which places, and which points of them, are searched for")
        return patterns[0]

    def edits(self) -> Iterator[Edit]:
        """Return the service without its parameters, the condition at the end of its group, and the distance where it is asked for.

        The condition is a FILTER, which sees all of its group; what is bound stands after what gives the values for it.
        """
        self._refuse_unknown()
        start, end = self.service.start, self.service.end
        body, pattern = self.service.groups[0], (self.pattern[0].start, self.pattern[2].end)
        kept = {body.start, *range(*pattern), body.end - 1}
        stays = [self.text[i] if i in kept else blank(self.text[i]) for i in range(start, end)]
        condition = self._around() if self.name == AROUND else self._box()
        yield start, end, "".join(stays)
        yield self.group.end - 1, self.group.end - 1, f" FILTER({condition}) "
        if "distance" in self.told:
            after = max(self._given(term) for term in self.told.values() if term is not self.told["distance"])
            yield after, after, f" BIND({self._distance()} / {METRES} AS ?{self.told['distance'].variable}) "

    def _around(self) -> str:
        radius, far = self._needed("radius"), self.told.get("distance")
        if far is not None and not far.variable:
            raise self._amiss(f"{far.text} is no variable that the distance could be given to", far)
        if radius.variable:
            return f"{self._distance()} <= <{XSD}double>(STR(?{self._var(radius)})) * {METRES}"
        said = radius.string or radius.text
        if not re.fullmatch(NUMBER, said) or float(said) < 0:
            raise self._amiss(f"The radius is a number of kilometres, and not {radius.text}", radius)
        return f"{self._distance()} <= {float(said) * METRES!r}"

    def _distance(self) -> str:
        """Return the metres between a place and the centre."""
        center = self._needed("center")
        there = f"?{self._var(center)}"
        if not center.variable:
            there = f'"POINT({" ".join(map(repr, self._coordinates(center)))})"^^<{GEO}wktLiteral>'
        return f"<{GEOF}distance>(?{self.pattern[2].variable}, {there}, <{METRE}>)"

    def _box(self) -> str:
        named = next((pair for pair in CORNERS if not self.told.keys().isdisjoint(pair)), CORNERS[0])
        one, other = (self._needed(name) for name in named)
        west, south = self._bounds(one)
        east, north = self._bounds(other)
        if named == CORNERS[1]:
            # These may be given in either order from south to north.
            south, north = f"IF({south} < {north}, {south}, {north})", f"IF({south} < {north}, {north}, {south})"
        elif not one.variable and not other.variable and float(south) > float(north):
            raise self._amiss("The corner in the south-west lies north of that in the north-east", one)
        return f"<{OURS}withinBox>(?{self.pattern[2].variable}, {west}, {south}, {east}, {north})"

    def _bounds(self, corner: Term) -> tuple[str, str]:
        """Return how the longitude and the latitude of a corner are written."""
        if corner.variable:
            return f"<{GEOF}minX>(?{self._var(corner)})", f"<{GEOF}minY>(?{corner.variable})"
        west, south = self._coordinates(corner)
        return repr(west), repr(south)

    def _coordinates(self, term: Term) -> tuple[float, float]:
        """Return the longitude and the latitude of a point that is written out."""
        found = WKT_POINT.fullmatch(term.string)
        if found is None or self.prologue.iri(term.datatype) != GEO + "wktLiteral":
            raise self._amiss(f"{term.text} is no point; one is {POINT}, or a variable that holds such a one", term)
        east, north = float(found[1]), float(found[2])
        if abs(east) > 180 or abs(north) > 90:
            raise self._amiss(f"{term.text} lies nowhere; the longitude stands first, then the latitude", term)
        return east, north

    def _var(self, term: Term) -> str:
        """Return the name of a variable, if any; raises QueryError where nothing in the group gives it a value."""
        self._given(term)
        return term.variable

    def _given(self, term: Term) -> int:
        """Return after which place a term has its value, not before the end of the service."""
        if not term.variable:
            return self.service.end
        for element in self.group.elements:
            if element is not self.service and element.kind in GIVING and term.variable in element.variables:
                return max(self.service.end, element.end)
        raise self._amiss(
            f"?{term.variable} has no value in the braces that this service stands in; write what gives it one there",
            term,
        )

    def _needed(self, name: str) -> Term:
        if name not in self.told:
            raise self._amiss(f"wikibase:{name} is missing")
        return self.told[name]

    def _refuse_unknown(self) -> None:
        for triple in self.triples:
            name, value = parameter_of(triple, self.prologue), triple[2]
            if name and name not in KNOWN[self.name]:
                raise self._amiss(f"wikibase:{name} is no parameter of this service", triple[1])
            if name == "globe" and self.prologue.iri(value.first) != EARTH:
                raise self._amiss("Places are searched for on the Earth only, wd:Q2", value)

    def _amiss(self, message: str, term: Term | None = None) -> QueryError:
        how = GEOSEARCHES[self.name]
        return QueryError(f"{message}: write {how}", *place(self.text, term.start if term else self.service.start))
