"""Put Kouan's facts as Wikidata would state them, each with the passages that say it. Knows the graph; knows no slice of Wikidata."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.gazetteer import ALTERNATIVE, AS_WKT, HAS_GEOMETRY, LABEL, TYPE, Gazetteer
from kouan.linking.things import Thing
from kouan.linking.wikidata.mapping import Correspondence, Mapping, Property, read_mapping
from kouan.linking.wikidata.references import EDITORS, Sources
from kouan.linking.wikidata.values import DAY, ITEM, STRING, TIME, YEAR, WikidataValue, item, point, time
from kouan.vocabulary import DCT, INFERRED_GRAPH, KOUAN, RDFS, WIKIDATA_SLICE, XSD

SUBCLASS = RDFS + "subClassOf"
COUNTRY, PROVINCE = KOUAN + "Country", KOUAN + "Province"


@dataclass(frozen=True)
class WikidataStatement:
    """A fact of Kouan in Wikidata's terms; `passages` say it, and none does where it follows from the class of a thing."""

    thing: str
    property: Property
    value: WikidataValue
    passages: tuple[str, ...]


class Facts:
    """Every fact of one graph that Wikidata has a property for."""

    def __init__(self, quads: Iterable[Quad], with_related: bool = False, gazetteer: Gazetteer | None = None) -> None:
        """Read the graph; `gazetteer` is that of the same quads, where one was made already."""
        quads = list(quads)
        self.mapping: Mapping = read_mapping(quads, with_related)
        self.gazetteer = gazetteer or Gazetteer(quads)
        self.sources = Sources(quads)
        self.properties = self.mapping.properties()
        self._broader = _broader(quads)
        self._named = _named(quads)
        self.unlinked: set[tuple[str, str]] = set()
        self.statements: dict[str, list[WikidataStatement]] = defaultdict(list)
        for (thing, property), found in sorted(self._read(quads).items(), key=str):
            self.statements[thing] += self._settle(self.gazetteer.things[thing], self.properties[property], found)

    @property
    def kinds(self) -> dict[str, str]:
        """Return the kind of value that each property takes."""
        return {id: property.kind for id, property in self.properties.items()}

    def linked(self) -> list[Thing]:
        """Return the things that have an item, by their names."""
        return sorted((t for t in self.gazetteer.things.values() if t.wikidata), key=lambda t: t.iri)

    def thing_of(self, identifier: str) -> Thing | None:
        """Return the thing that an item is."""
        return self._by_item.get(identifier)

    def areas_of(self, thing: Thing) -> set[str]:
        """Return the items of all areas that a thing lies in."""
        places = (self.gazetteer.things.get(iri) for iri in thing.within)
        return {place.wikidata for place in places if place and place.wikidata}

    def saying(self, thing: Thing, name: str, language: str) -> tuple[str, ...]:
        """Return the passages that call a thing so; none where the editors alone do."""
        return tuple(sorted(self._named.get((thing.iri, name, language), ())))

    def _read(self, quads: list[Quad]) -> dict[tuple[str, str], dict[WikidataValue, set[str]]]:
        """Return, by thing and property, each value with the passages that state it."""
        things = self.gazetteer.things
        self._by_item = {thing.wikidata: thing for thing in things.values() if thing.wikidata}
        points = _points(quads)
        found: dict[tuple[str, str], dict[WikidataValue, set[str]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            graph = _iri(quad.graph_name)
            if graph == INFERRED_GRAPH or graph.startswith(WIKIDATA_SLICE):
                continue
            for met, is_turned in self.mapping.readings(quad.predicate.value):
                subject, object = (quad.object, quad.subject) if is_turned else (quad.subject, quad.object)
                thing = _iri(subject)
                if thing not in things:
                    continue
                if met.term == HAS_GEOMETRY and (place := points.get(_iri(object))):
                    found[thing, met.property.id][place[0]] |= place[1]
                    continue
                self._add(found, thing, met, object, graph)
                # Who says that a city lies in a province says its country, though only the reasoner writes it down.
                if met.term in self.mapping.transitive:
                    for area in things[thing].within:
                        self._add(found, thing, met, NamedNode(area), graph)
        return found

    def _add(
        self,
        found: dict[tuple[str, str], dict[WikidataValue, set[str]]],
        thing: str,
        met: Correspondence,
        object: object,
        graph: str,
    ) -> None:
        if not isinstance(object, NamedNode | Literal):
            return
        value = self._value(thing, met, object)
        if value is not None:
            found[thing, met.property.id][value].add(graph)
        elif met.property.kind == ITEM and self._is_in_range(met.property, object):
            self.unlinked.add((thing, met.property.id))

    def _value(self, thing: str, met: Correspondence, object: NamedNode | Literal) -> WikidataValue | None:
        if met.term == TYPE:
            identifier = self.mapping.classes.get(object.value)
            return item(identifier) if identifier and self._is_narrowest(thing, object.value) else None
        if met.property.kind == ITEM:
            if not self._is_in_range(met.property, object) or self._is_above(thing, met, object):
                return None
            known = self.gazetteer.things.get(object.value)
            return item(known.wikidata) if known and known.wikidata else None
        if met.property.kind == STRING:
            text = met.property.string_of(object)
            return WikidataValue(STRING, text) if text is not None else None
        if met.property.kind == TIME and isinstance(object, Literal):
            return time(object.value, DAY if object.datatype.value == XSD + "date" else YEAR)
        return None

    def _is_in_range(self, property: Property, object: NamedNode | Literal) -> bool:
        known = self.gazetteer.things.get(object.value)
        return known is not None and (not property.ranges or bool(property.ranges & known.types))

    def _is_above(self, thing: str, met: Correspondence, object: NamedNode | Literal) -> bool:
        """Return whether a level stands between a thing and an area that it lies in, where Wikidata states the next only."""
        if met.term not in self.mapping.transitive or COUNTRY in met.property.ranges:
            return False
        things = self.gazetteer.things
        within = {iri for iri in things[thing].within if iri in things and met.property.ranges & things[iri].types}
        if any(object.value in things[iri].within for iri in within if iri != object.value):
            return True
        # A country is the next level of a province only; of a place abroad we do not know the levels between.
        return COUNTRY in things[object.value].types and PROVINCE not in things[thing].types

    def _is_narrowest(self, thing: str, kind: str) -> bool:
        others = {t for t in self.gazetteer.things[thing].types if t != kind and t in self.mapping.classes}
        return not any(kind in self._broader.get(other, ()) for other in others)

    def _settle(
        self, thing: Thing, property: Property, found: dict[WikidataValue, set[str]]
    ) -> list[WikidataStatement]:
        """Return the statements of one property: a date that another says more precisely is one with it."""
        kept: list[WikidataStatement] = []
        for value, graphs in sorted(found.items(), key=lambda entry: (-entry[0].precision, entry[0])):
            passages = {graph for graph in graphs if not graph.startswith(EDITORS)}
            finer = next((k for k in kept if value.kind == TIME and k.value.text.startswith(value.shown)), None)
            if finer is None:
                kept.append(WikidataStatement(thing.iri, property, value, tuple(sorted(passages))))
        return kept


def _points(quads: list[Quad]) -> dict[str, tuple[WikidataValue, set[str]]]:
    """Return the point of each geometry, and the passages that it was read in."""
    places: dict[str, WikidataValue] = {}
    sources: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == AS_WKT and isinstance(quad.object, Literal) and (place := point(quad.object.value)):
            places[_iri(quad.subject)] = place
        elif quad.predicate.value == DCT + "source":
            sources[_iri(quad.subject)].add(_iri(quad.object))
    return {geometry: (place, sources[geometry]) for geometry, place in places.items()}


def _named(quads: list[Quad]) -> dict[tuple[str, str, str], set[str]]:
    """Return the passages that say each name of each thing, by the thing, the name and its language."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for quad in quads:
        graph = _iri(quad.graph_name)
        if quad.predicate.value not in {LABEL, ALTERNATIVE} or graph.startswith((EDITORS, WIKIDATA_SLICE)):
            continue
        if isinstance(quad.object, Literal):
            found[_iri(quad.subject), quad.object.value, quad.object.language or ""].add(graph)
    return found


def _broader(quads: list[Quad]) -> dict[str, set[str]]:
    """Return every class above each class of ours."""
    direct: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == SUBCLASS and isinstance(quad.object, NamedNode):
            direct[_iri(quad.subject)].add(quad.object.value)
    above: dict[str, set[str]] = {}
    for kind in list(direct):
        found, open_ = set(), [kind]
        while open_:
            for wider in direct.get(open_.pop(), ()):
                if wider not in found and wider != kind:
                    found.add(wider)
                    open_.append(wider)
        above[kind] = found
    return above


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""
