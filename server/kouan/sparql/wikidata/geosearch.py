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
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import blank, in_scope
from kouan.sparql.tree import GroupGraphPattern, Iri, Literal, Node, Query, ServiceGraphPattern
from kouan.sparql.wikidata.names import WIKIBASE
from kouan.sparql.wikidata.parameters import Simple, Triple, iri_of, parameter_of, read_triples, variable_of
from kouan.vocabulary import FUNCTION, GEO, GEOF, WD, XSD

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


def geosearch_edits(tree: Query, service: ServiceGraphPattern, group: GroupGraphPattern) -> Iterator[Edit]:
    """Return what stands instead of a search for places; raises QueryError, with the place, where it is told too little."""
    return _Search(tree, service, group).edits()


@dataclass
class _Search:
    """One search: a SERVICE, and the group that it stands in."""

    tree: Query
    service: ServiceGraphPattern
    group: GroupGraphPattern

    @cached_property
    def name(self) -> str:
        return self.service.name.value if isinstance(self.service.name, Iri) else ""

    @cached_property
    def triples(self) -> list[Triple]:
        return list(read_triples(self.tree, self.service))

    @cached_property
    def told(self) -> dict[str, Simple]:
        """Return the values of the parameters by their names."""
        return {name: triple[2] for triple in self.triples if (name := parameter_of(triple))}

    @cached_property
    def pattern(self) -> Triple:
        """Return the one triple that finds places: ?place wdt:P625 ?point."""
        patterns = [triple for triple in self.triples if not parameter_of(triple)]
        for subject, predicate, value in patterns:
            if not (variable_of(subject) and iri_of(predicate) and variable_of(value)):
                shown = " ".join(self._shown(term) for term in (subject, predicate, value))
                raise self._amiss(f"{shown} finds no places", subject)
        if len(patterns) > 1:
            raise self._amiss(
                f"{self._shown(patterns[1][1])} is one pattern too many; write it outside of the service",
                patterns[1][1],
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
        body, pattern = self.service.group, (self.pattern[0].start, self.pattern[2].end)
        kept = {body.start, *range(*pattern), body.end - 1}
        text = self.tree.text
        stays = [text[i] if i in kept else blank(text[i]) for i in range(start, end)]
        condition = self._around() if self.name == AROUND else self._box()
        yield Edit(start, end, "".join(stays))
        yield Edit(self.group.end - 1, self.group.end - 1, f" FILTER({condition}) ")
        if "distance" in self.told:
            after = max(self._given(term) for term in self.told.values() if term is not self.told["distance"])
            far = variable_of(self.told["distance"])
            yield Edit(after, after, f" BIND({self._distance()} AS ?{far}) ")

    def _around(self) -> str:
        radius, far = self._needed("radius"), self.told.get("distance")
        if far is not None and not variable_of(far):
            raise self._amiss(f"{self._shown(far)} is no variable that the distance could be given to", far)
        if variable_of(radius):
            return f"{self._distance()} <= <{XSD}double>(STR(?{self._var(radius)}))"
        said = radius.lexical if isinstance(radius, Literal) else ""
        if not re.fullmatch(NUMBER, said) or float(said) < 0:
            raise self._amiss(f"The radius is a number of kilometres, and not {self._shown(radius)}", radius)
        return f"{self._distance()} <= {float(said)!r}"

    def _distance(self) -> str:
        """Return the kilometres between a place and the centre, as Wikidata's service measures them."""
        center = self._needed("center")
        there = f"?{self._var(center)}"
        if not variable_of(center):
            there = f'"POINT({" ".join(map(repr, self._coordinates(center)))})"^^<{GEO}wktLiteral>'
        return f"<{GEOF}distance>(?{variable_of(self.pattern[2])}, {there})"

    def _box(self) -> str:
        named = next((pair for pair in CORNERS if not self.told.keys().isdisjoint(pair)), CORNERS[0])
        one, other = (self._needed(name) for name in named)
        west, south = self._bounds(one)
        east, north = self._bounds(other)
        if named == CORNERS[1]:
            # These may be given in either order from south to north.
            south, north = f"IF({south} < {north}, {south}, {north})", f"IF({south} < {north}, {north}, {south})"
        elif not variable_of(one) and not variable_of(other) and float(south) > float(north):
            raise self._amiss("The corner in the south-west lies north of that in the north-east", one)
        return f"<{FUNCTION}withinBox>(?{variable_of(self.pattern[2])}, {west}, {south}, {east}, {north})"

    def _bounds(self, corner: Simple) -> tuple[str, str]:
        """Return how the longitude and the latitude of a corner are written."""
        if variable_of(corner):
            return f"<{GEOF}minX>(?{self._var(corner)})", f"<{GEOF}minY>(?{variable_of(corner)})"
        west, south = self._coordinates(corner)
        return repr(west), repr(south)

    def _coordinates(self, term: Simple) -> tuple[float, float]:
        """Return the longitude and the latitude of a point that is written out."""
        is_point = isinstance(term, Literal) and term.datatype == GEO + "wktLiteral"
        found = WKT_POINT.fullmatch(term.lexical) if is_point and isinstance(term, Literal) else None
        if found is None:
            raise self._amiss(
                f"{self._shown(term)} is no point; one is {POINT}, or a variable that holds such a one", term
            )
        east, north = float(found[1]), float(found[2])
        if abs(east) > 180 or abs(north) > 90:
            raise self._amiss(f"{self._shown(term)} lies nowhere; the longitude stands first, then the latitude", term)
        return east, north

    def _var(self, term: Simple) -> str:
        """Return the name of a variable, if any; raises QueryError where nothing in the group gives it a value."""
        self._given(term)
        return variable_of(term)

    def _given(self, term: Simple) -> int:
        """Return after which place a term has its value, not before the end of the service."""
        name = variable_of(term)
        if not name:
            return self.service.end
        for element in self.group.elements:
            if element is not self.service and name in in_scope(element):
                return max(self.service.end, element.end)
        raise self._amiss(
            f"?{name} has no value in the braces that this service stands in; write what gives it one there",
            term,
        )

    def _shown(self, node: Node) -> str:
        return self.tree.text[node.start : node.end]

    def _needed(self, name: str) -> Simple:
        if name not in self.told:
            raise self._amiss(f"wikibase:{name} is missing")
        return self.told[name]

    def _refuse_unknown(self) -> None:
        for triple in self.triples:
            name, value = parameter_of(triple), triple[2]
            if name and name not in KNOWN[self.name]:
                raise self._amiss(f"wikibase:{name} is no parameter of this service", triple[1])
            if name == "globe" and iri_of(value) != EARTH:
                raise self._amiss("Places are searched for on the Earth only, wd:Q2", value)

    def _amiss(self, message: str, term: Node | None = None) -> QueryError:
        how = GEOSEARCHES[self.name]
        return QueryError(f"{message}: write {how}", *self.tree.place((term or self.service).start))
