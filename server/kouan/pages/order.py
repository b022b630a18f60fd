"""Put the facts of a thing in the order in which a person would tell them. Knows properties; asks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kouan.graph.naming import ALSO_NAMED_BY, COMMENTED_BY, DESCRIBED_BY, MISNAMED_BY, local_name
from kouan.pages.terms import PropertyValues
from kouan.vocabulary import GEO, KOUAN, OWL, RDF, RDFS, SCHEMA, SCHEMA_HTTP, SKOS

LABEL, TYPE = RDFS + "label", RDF + "type"
SAME = {
    *(SCHEMA + "sameAs", SCHEMA_HTTP + "sameAs", OWL + "sameAs"),
    *(SKOS + name for name in ("exactMatch", "closeMatch", "relatedMatch", "broadMatch", "narrowMatch")),
}
DEFINITIONS = {*DESCRIBED_BY, *COMMENTED_BY, SKOS + "scopeNote"}
ALTERNATIVES = {*ALSO_NAMED_BY, *MISNAMED_BY}
GEOMETRY = {GEO + "hasGeometry", GEO + "hasDefaultGeometry", GEO + "hasBoundingBox", GEO + "hasCentroid"}
UNIT = "http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure"
# The English of each heading, and the names of properties below it in their order.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "What it is": (
        *(
            "status",
            "portClass",
            "openTo",
            "rankThen",
            "nameThen",
            "kind",
            "statement",
            "aspect",
            "about",
            "heldBy",
            "administrativeCode",
            "isoCode",
        ),
        *("isoAlpha3", "unlocode", "code", "documentNumber", "areaSquareKilometres", "precision", "firstOfKind"),
    ),
    "Where it is": (
        *(
            "standsIn",
            "locatedIn",
            "seat",
            "zoneIn",
            "portOf",
            "partOfPort",
            "inCustomsDistrict",
            "overseenBy",
            "usedIn",
        ),
        "relatesToPlace",
    ),
    "Borders and neighbours": (
        *("borders", "bordersCountry", "facesPort", "facesRegion", "twinnedAcrossBorder", "partnerCountry"),
        *("connectsCountry", "crosses", "cooperatesWith", "gatewayTo"),
    ),
    "Ports of entry": ("hasPort", "hasGate"),
    "Zones": ("hostsZone",),
    "Corridors and clusters": ("liesOn", "passesThrough", "alongCorridor", "formedBy", "centreOf", "centredOn"),
    "Distances": (
        *("kilometresToBoundary", "kilometresToTwin", "kilometresToCounterpart", "nearestRailPort"),
        *("kilometresToRailPort", "kilometresToCapital"),
    ),
    "Figures": (
        *("measures", "flowKind", "population", "flow", "value", "unit", UNIT, "asWritten", "approximate"),
        *("refArea", "refPort", "refYear", "year", "men", "women", "urbanPopulation", "ruralPopulation"),
        *("familyHouseholds", "minorityShare"),
    ),
    "Policies": ("promotes", "hasPrinciple", "appliesTo", "issuedBy", "putForwardBy", "putForwardAt", "basisFor"),
    "When": (
        "validFrom",
        "validUntil",
        "fromYear",
        "fromDay",
        "untilYear",
        "untilDay",
        "becomes",
        "eventOf",
        "periodStart",
        "periodEnd",
    ),
}
OTHERS = "Other facts"
# How a work is described, in the order of a catalogue.
OF_WORKS = (
    *("title", "creator", "author", "editor", "publisher", "issued", "readOn", "grade", "subject", "language"),
    *("identifier", "license", "rights"),
)
NOT_FOUND = "Looked for, and not found"
ABSENT = {KOUAN + "notFoundIn", KOUAN + "notRecorded"}
IN_TIME = ("Year", "Month", "Season", "On")


def heading_of(iri: str) -> str:
    """Return the heading under which a property of ours is told, in English."""
    if iri in ABSENT:
        return NOT_FOUND
    name = iri.removeprefix(KOUAN)
    for heading, names in GROUPS.items():
        if name in names:
            return heading
    return "When" if iri.startswith(KOUAN) and name.endswith(IN_TIME) else OTHERS


def told_in_order(properties: Iterable[PropertyValues]) -> list[tuple[str, list[PropertyValues]]]:
    """Return properties under the headings of a tale, in English: what, where, borders, ports, zones, policies."""
    headed: dict[str, list[PropertyValues]] = {}
    for each in properties:
        headed.setdefault(heading_of(each.term.text), []).append(each)
    order = [*GROUPS, OTHERS, NOT_FOUND]

    def rank(each: PropertyValues) -> tuple[int, str]:
        names = GROUPS.get(heading_of(each.term.text), OF_WORKS)
        name = local_name(each.term.text) if each.term.text != UNIT else UNIT
        return (names.index(name) if name in names else len(names), each.term.name)

    return [(heading, sorted(headed[heading], key=rank)) for heading in order if heading in headed]
