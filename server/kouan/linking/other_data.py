"""Read anybody's data as things with names: its labels, its types and what holds what. Knows vocabularies; scores nothing."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kouan.errors import TooLarge
from kouan.linking.gazetteer import (
    ALTERNATIVE,
    AS_WKT,
    DEFINITION,
    LABEL,
    MISPRINT,
    POINT,
    SUBCLASS,
    TYPE,
    Gazetteer,
    folded,
)
from kouan.linking.holding import all_above
from kouan.linking.identifiers import GEONAMES as NUMBER_OF_GEONAMES
from kouan.linking.same_things import Facts, as_one, heads, space_of
from kouan.linking.things import AREA, Term, Thing
from kouan.vocabulary import DCT, FOAF, GEO, OWL, RDF, RDFS, SCHEMA, SCHEMA_HTTP, SKOS, WDT, XSD

GEONAMES, WGS84 = "http://www.geonames.org/ontology#", "http://www.w3.org/2003/01/geo/wgs84_pos#"
DC = "http://purl.org/dc/elements/1.1/"
LABELS = (
    SKOS + "prefLabel", LABEL, SCHEMA + "name", SCHEMA_HTTP + "name", FOAF + "name", DCT + "title", DC + "title",
    GEONAMES + "name",
)  # fmt: skip
OTHER_NAMES = (
    ALTERNATIVE, MISPRINT, SCHEMA + "alternateName", SCHEMA_HTTP + "alternateName", GEONAMES + "alternateName",
    GEONAMES + "officialName",
)  # fmt: skip
LINKS = (
    OWL + "sameAs", SCHEMA + "sameAs", SCHEMA_HTTP + "sameAs", SKOS + "exactMatch", GEONAMES + "wikipediaArticle",
)  # fmt: skip
# Those that say that two are one thing; an article is another than its subject.
SAME = LINKS[:-1]
# Properties that lead from a thing to what holds it; others are known by their names, and by what the settings name.
HOLDERS = {
    SKOS + "broader", SKOS + "broaderTransitive", SCHEMA + "containedInPlace", SCHEMA_HTTP + "containedInPlace",
    SCHEMA + "containedIn", SCHEMA_HTTP + "containedIn", DCT + "isPartOf", GEO + "sfWithin", GEONAMES + "parentFeature",
    GEONAMES + "parentCountry", GEONAMES + "parentADM1", GEONAMES + "parentADM2", WDT + "P131", WDT + "P17",
}  # fmt: skip
# Properties that lead from what holds a thing to it.
HELD = {
    SKOS + "narrower", SKOS + "narrowerTransitive", SCHEMA + "containsPlace", SCHEMA_HTTP + "containsPlace",
    DCT + "hasPart", GEO + "sfContains", GEO + "ehContains",
}  # fmt: skip
HOLDER_NAMES = {
    "locatedin", "location", "within", "isin", "ispartof", "partof", "containedin", "containedby", "parent", "broader",
    "parentplace", "parentarea", "country", "province", "region", "state", "district", "county", "municipality",
    "belongsto", "locatedinarea", "locatedinplace", "subdivisionof", "childof", "hasparent", "isinregion", "inregion", "in",
}  # fmt: skip
# Properties whose values are told from all others, as numbers of a library are.
NUMBERS = {"notation", "identifier", "isbn", "issn", "doi", "gtin", "sku", "code"}
# Classes of what describes data and is no thing of it.
MODEL = {RDF + "Property", RDFS + "Class", OWL + "Class", OWL + "Ontology", RDFS + "Datatype"} | {
    OWL + kind + "Property" for kind in ("Object", "Datatype", "Annotation", "Symmetric", "Transitive", "Functional")
}
# Types that say nothing of a thing.
SAID_OF_ALL = {OWL + "NamedIndividual", OWL + "Thing", RDFS + "Resource"}
# Latitude and longitude, of a thing or of a node without a name that says where it lies.
DEGREES = [
    (WGS84 + "lat", WGS84 + "long"),
    *((space + "latitude", space + "longitude") for space in (SCHEMA, SCHEMA_HTTP)),
]
# More statements about named things are not read.
MOST = 500_000

Construct = Callable[[str], bytes]


def read_named(construct: Construct) -> list[Quad]:
    """Return what data says of its named things and their points; `construct` answers a query in N-Triples.

    Raises TooLarge where there is more than is read.
    """
    quads: list[Quad] = []
    for pattern in patterns():
        # Rows that say one thing twice, or that lack a value, are left out before the limit counts: it may cut nothing in silence.
        rows = f"SELECT DISTINCT ?s ?p ?o WHERE {{ {{ {pattern} }} FILTER(BOUND(?o)) }} LIMIT {MOST + 1}"
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ {rows} }} }}"
        quads += parse(io.BytesIO(construct(query)), RdfFormat.N_TRIPLES)
    if len(quads) > MOST:
        raise TooLarge(
            f"The data says more than {MOST:,} things of what it names; reconciliation reads no more than that."
        )
    return quads


def patterns() -> tuple[str, ...]:
    """Return what ?s, ?p and ?o are in data: all that is said of named things, their points and their numbers by the things."""
    named = " ".join(f"<{label}>" for label in LABELS)
    degrees = " ".join(f"(<{north}> <{east}>)" for north, east in DEGREES)
    spaces = " ".join(f"(<{space}identifier> <{space}value> <{space}propertyID>)" for space in (SCHEMA, SCHEMA_HTTP))
    return (
        # The things come first: each label would else bring all that is said once more.
        f"{{ SELECT DISTINCT ?s {{ VALUES ?label {{ {named} }} ?s ?label ?name FILTER(ISIRI(?s)) }} }} ?s ?p ?o",
        f"?s <{GEO}hasGeometry> ?g . ?g <{AS_WKT}> ?o BIND(<{AS_WKT}> AS ?p)",
        f"VALUES (?n ?e) {{ {degrees} }} ?g ?n ?north ; ?e ?east . OPTIONAL {{ ?holder ?to ?g FILTER(ISBLANK(?g)) }} "
        f"BIND(COALESCE(?holder, ?g) AS ?s) BIND(<{AS_WKT}> AS ?p) "
        f"BIND(CONCAT(STR(<{XSD}decimal>(?east)), ' ', STR(<{XSD}decimal>(?north))) AS ?both) "
        f"BIND(STRDT(CONCAT('POINT(', ?both, ')'), <{GEO}wktLiteral>) AS ?o) FILTER(ISIRI(?s))",
        # A number may be a node that says whose it is, as schema.org has it: that of GeoNames is told from all others.
        f"VALUES (?p ?value ?of) {{ {spaces} }} ?s ?p ?n . ?n ?value ?said . OPTIONAL {{ ?n ?of ?whose }} "
        f"BIND(IF(COALESCE(CONTAINS(LCASE(STR(?whose)), 'geonames'), false), CONCAT('{NUMBER_OF_GEONAMES}', STR(?said)), ?said) AS ?o)",
    )


class OtherData(Gazetteer):
    """Every named thing of data that is not Kouan's, by what its vocabulary calls a name, a type and a holder."""

    is_own = False

    def __init__(self, quads: Iterable[Quad], holders: Iterable[str] = ()) -> None:
        self.holders = HOLDERS | set(holders)
        self._held: dict[str, set[str]] = defaultdict(set)
        super().__init__(quads)
        spaces = Counter(map(space_of, self.things))
        self.identifier_space = next((space for space, _ in spaces.most_common(1) if space), RDFS + "Resource")
        self.schema_space = RDFS + "Class"

    def _read_terms(self, facts: Facts) -> None:
        self._model = self._none_of_its_things(facts)
        used = {kind.value for known in facts.values() for kind in known.get(TYPE, ())}
        used |= {predicate for known in facts.values() for predicate in known}
        for iri in used - SAID_OF_ALL - self._model:
            known = facts.get(iri, {})
            labels = {v.language or "": v.value for v in known.get(LABEL, ()) if isinstance(v, Literal)}
            end = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
            said = next((v.value for p in (DEFINITION, RDFS + "comment") for v in known.get(p, ())), iri)
            wider = tuple(sorted(v.value for v in known.get(SUBCLASS, ()) if v.value != iri))
            self.terms[iri] = Term(iri, labels.get("en") or next(iter(labels.values()), end), said, wider, labels)

    def _none_of_its_things(self, facts: Facts) -> set[str]:
        """Return the classes whose members are no things of the data; a vocabulary, such as schema.org's, has terms for its things."""
        named = (known for known in facts.values() if not known.keys().isdisjoint(LABELS))
        kinds = [{kind.value for kind in known.get(TYPE, ())} for known in named]
        terms = sum(not types.isdisjoint(MODEL) for types in kinds)
        return {OWL + "Ontology"} if terms * 2 > len(kinds) else MODEL

    def _read_things(self, facts: Facts) -> None:
        super()._read_things(self._as_one(facts))
        for iri, thing in self.things.items():
            for each in (value for predicate in HELD for value in thing.values.get(predicate, ())):
                self._held[each.value].add(iri)
        direct = {iri: self._holders(thing) for iri, thing in self.things.items()}
        above = all_above(direct)
        for iri, thing in self.things.items():
            thing.within = above[iri]
        for holder in {place for holders in direct.values() for place in holders}:
            self.things[holder].types.add(AREA)

    def _as_one(self, facts: Facts) -> Facts:
        """Return the facts with those of things that are said to be one at one of them, by the name that it has itself."""
        named = {
            iri
            for iri, known in facts.items()
            if not known.keys().isdisjoint(LABELS) and not {kind.value for kind in known.get(TYPE, ())} & self._model
        }
        told_as = heads(facts, named, SAME)
        return as_one(facts, told_as, SAME, {**dict.fromkeys(LABELS, ALTERNATIVE), AS_WKT: ""})

    def _read_thing(self, iri: str, known: Mapping[str, set[NamedNode | Literal]]) -> Thing | None:
        types = {kind.value for kind in known.get(TYPE, ())}
        if types & self._model:
            return None
        thing = Thing(iri, types=types - SAID_OF_ALL)
        for predicate in (*LABELS, *OTHER_NAMES):
            for value in sorted(known.get(predicate, ()), key=lambda value: value.value):
                if isinstance(value, Literal):
                    is_main = predicate in LABELS and (value.language or "") not in thing.labels
                    thing.names.append((value.value, value.language or "", is_main))
                    if is_main:
                        thing.labels[value.language or ""] = value.value
        if not thing.labels:
            return None
        thing.links = sorted(link.value for predicate in LINKS for link in known.get(predicate, ()))
        for predicate, values in known.items():
            thing.values[predicate] = sorted(values, key=str)
        thing.point = _point(known)
        return thing

    def _holders(self, thing: Thing) -> set[str]:
        """Return the things that hold one directly."""
        values = {value.value for each in thing.values if self.is_holder(each) for value in thing.values[each]}
        return (values & self.things.keys()) | self._held[thing.iri]

    def is_holder(self, predicate: str) -> bool:
        """Return whether a property leads from a thing to what holds it, by the vocabulary, its name or the settings."""
        return predicate in self.holders or _end(predicate) in HOLDER_NAMES

    def _identifiers(self) -> dict[str, set[str]]:
        found = super()._identifiers()
        for iri, thing in self.things.items():
            for predicate in (each for each in thing.values if _end(each) in NUMBERS):
                for value in thing.values[predicate]:
                    found.setdefault(value.value.strip().casefold(), set()).add(iri)
        return found

    def find(self, identifier: str) -> Thing | None:
        """Return the thing of an address, a link, or a number of the data's own, where only one thing has it."""
        found = self.identifiers.get(identifier.strip().casefold(), set())
        return super().find(identifier) or (self.things[next(iter(found))] if len(found) == 1 else None)

    def is_called(self, thing: Thing, identifier: str) -> bool | None:
        """Return whether an identifier is one of the thing; None where it has none of the sort."""
        return self.find(identifier) is thing or super().is_called(thing, identifier)

    def class_named(self, text: str) -> str:
        """Return the class that a text names by its IRI, the end of its IRI or its label, or ""."""
        if text in self.terms:
            return text
        wanted = folded(text)
        return next((iri for iri in sorted(self.terms) if wanted in self._called(iri)), "")


def _end(predicate: str) -> str:
    return folded(predicate.replace("#", "/").rpartition("/")[2])


def _point(known: Mapping[str, set[NamedNode | Literal]]) -> tuple[float, float] | None:
    found = (POINT.search(wkt.value) for wkt in known.get(AS_WKT, ()))
    return next(((float(each[1]), float(each[2])) for each in found if each), None)
