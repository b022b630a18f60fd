"""Read anybody's data as things with names: its labels, its types and what holds what. Knows vocabularies; scores nothing."""

from __future__ import annotations

import io
from collections import Counter
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
from kouan.linking.things import AREA, Term, Thing
from kouan.vocabulary import DCT, FOAF, GEO, OWL, RDF, RDFS, SCHEMA, SCHEMA_HTTP, SKOS, WDT

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
# Properties that lead from a thing to what holds it; others are known by their names, and by what the settings name.
HOLDERS = {
    SKOS + "broader", SKOS + "broaderTransitive", SCHEMA + "containedInPlace", SCHEMA_HTTP + "containedInPlace",
    SCHEMA + "containedIn", SCHEMA_HTTP + "containedIn", DCT + "isPartOf", GEO + "sfWithin", GEONAMES + "parentFeature",
    GEONAMES + "parentCountry", GEONAMES + "parentADM1", GEONAMES + "parentADM2", WDT + "P131", WDT + "P17",
}  # fmt: skip
HOLDER_NAMES = {
    "locatedin", "location", "within", "isin", "ispartof", "partof", "containedin", "containedby", "parent", "broader",
    "parentplace", "parentarea", "country", "province", "region", "state", "district", "county", "municipality",
    "belongsto", "locatedinarea", "locatedinplace", "subdivisionof", "childof", "hasparent", "isinregion", "inregion", "in",
}  # fmt: skip
# Classes of what describes data and is no thing of it.
MODEL = {RDF + "Property", RDFS + "Class", OWL + "Class", OWL + "Ontology", RDFS + "Datatype"} | {
    OWL + kind + "Property" for kind in ("Object", "Datatype", "Annotation", "Symmetric", "Transitive", "Functional")
}
# Types that say nothing of a thing.
SAID_OF_ALL = {OWL + "NamedIndividual", OWL + "Thing", RDFS + "Resource"}
# More statements about named things are not read.
MOST = 500_000

Construct = Callable[[str], bytes]


def read_named(construct: Construct) -> list[Quad]:
    """Return what data says of its named things and their points; `construct` answers a query in N-Triples.

    Raises TooLarge where there is more than is read.
    """
    quads: list[Quad] = []
    for pattern in patterns():
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }} LIMIT {MOST}"
        quads += parse(io.BytesIO(construct(query)), RdfFormat.N_TRIPLES)
    if len(quads) >= MOST:
        raise TooLarge(
            f"The data says more than {MOST:,} things of what it names; reconciliation reads no more than that."
        )
    return quads


def patterns() -> tuple[str, str]:
    """Return what ?s, ?p and ?o are in data: all that is said of named things, and their points by the things."""
    named = " ".join(f"<{label}>" for label in LABELS)
    return (
        f"VALUES ?label {{ {named} }} ?s ?label ?name . ?s ?p ?o FILTER(ISIRI(?s))",
        f"?s <{GEO}hasGeometry> ?g . ?g <{AS_WKT}> ?o BIND(<{AS_WKT}> AS ?p)",
    )


class OtherData(Gazetteer):
    """Every named thing of data that is not Kouan's, by what its vocabulary calls a name, a type and a holder."""

    is_own = False

    def __init__(self, quads: Iterable[Quad], holders: Iterable[str] = ()) -> None:
        self.holders = HOLDERS | set(holders)
        super().__init__(quads)
        spaces = Counter(iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in self.things)
        self.identifier_space = next((space for space, _ in spaces.most_common(1) if space), RDFS + "Resource")
        self.schema_space = RDFS + "Class"

    def _read_terms(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        used = {kind.value for known in facts.values() for kind in known.get(TYPE, ())}
        used |= {predicate for known in facts.values() for predicate in known}
        for iri in used - SAID_OF_ALL - MODEL:
            known = facts.get(iri, {})
            labels = {v.language or "": v.value for v in known.get(LABEL, ()) if isinstance(v, Literal)}
            end = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
            said = next((v.value for p in (DEFINITION, RDFS + "comment") for v in known.get(p, ())), iri)
            wider = tuple(sorted(v.value for v in known.get(SUBCLASS, ()) if v.value != iri))
            self.terms[iri] = Term(iri, labels.get("en") or next(iter(labels.values()), end), said, wider, labels)

    def _read_things(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        super()._read_things(facts)
        for thing in self.things.values():
            thing.within = self._above(thing)
        for holder in {place for thing in self.things.values() for place in thing.within}:
            self.things[holder].types.add(AREA)

    def _read_thing(self, iri: str, known: Mapping[str, set[NamedNode | Literal]]) -> Thing | None:
        types = {kind.value for kind in known.get(TYPE, ())}
        if types & MODEL:
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

    def _above(self, thing: Thing) -> set[str]:
        """Return every thing that holds one, and what holds that."""
        found: set[str] = set()
        open_ = [thing]
        while open_:
            values = open_.pop().values
            for predicate in (each for each in values if self.is_holder(each)):
                higher = (
                    {value.value for value in values[predicate] if value.value in self.things} - found - {thing.iri}
                )
                found |= higher
                open_ += [self.things[iri] for iri in higher]
        return found

    def is_holder(self, predicate: str) -> bool:
        """Return whether a property leads from a thing to what holds it, by the vocabulary, its name or the settings."""
        return predicate in self.holders or folded(predicate.replace("#", "/").rpartition("/")[2]) in HOLDER_NAMES

    def class_named(self, text: str) -> str:
        """Return the class that a text names by its IRI, the end of its IRI or its label, or ""."""
        if text in self.terms:
            return text
        wanted = folded(text)
        return next((iri for iri in sorted(self.terms) if wanted in self._called(iri)), "")


def _point(known: Mapping[str, set[NamedNode | Literal]]) -> tuple[float, float] | None:
    for wkt in known.get(AS_WKT, ()):
        if found := POINT.search(wkt.value):
            return float(found[1]), float(found[2])
    east, north = (next(iter(known.get(WGS84 + name, ())), None) for name in ("long", "lat"))
    try:
        return (float(east.value), float(north.value)) if east and north else None
    except ValueError:
        return None
