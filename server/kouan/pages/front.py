"""Find what the front page shows: counts, a map of everything, questions to begin with. Knows no HTML."""

from __future__ import annotations

from dataclasses import replace

from kouan.http.languages import say
from kouan.pages.maps import Mark, SmallMap, line_through, marks_of, small_map
from kouan.pages.order import TYPE
from kouan.pages.points import COVERED, points_of
from kouan.pages.reading import Reading
from kouan.pages.terms import Value
from kouan.vocabulary import GEO, KOUAN, RDFS

# The questions that a visitor sees first.
FIRST = (
    *("cities-with-more-kinds-of-zones", "border-cities", "pilot-zones", "corridor-cities"),
    *("twins-and-their-distance", "disputed-claims"),
)
# The classes that the front page counts, and what many of each are called.
COUNTED = {
    "BorderCity": "border cities",
    "Port": "ports of entry",
    "CooperationZone": "cooperation zones",
    "Corridor": "corridors",
    "Policy": "policies",
    "Source": "sources",
    "DisputedClaim": "disputed claims",
}
PLURALS = {KOUAN + name: text for name, text in COUNTED.items()}
MOST_MARKS = 600
MOST_CLASSES = 24


def counts(reading: Reading) -> list[tuple[Value, int]]:
    """Return the classes that a visitor can begin with and how many things each has, of ours in the order of the tale."""
    sizes = reading.sizes
    wanted = (
        [KOUAN + name for name in COUNTED if KOUAN + name in sizes]
        if reading.is_own
        else list(reading.dataset.kinds.told(sizes))[:MOST_CLASSES]
    )
    names = reading.names(wanted)
    return [(names[iri], sizes[iri]) for iri in wanted]


def everything_map(reading: Reading) -> SmallMap | None:
    """Return the map of all that stands somewhere, of ours with ports, cities and corridors as layers."""
    marks: list[Mark] = reading.once(
        "everything", lambda: _own_marks(reading) if reading.is_own else _any_marks(reading)
    )
    found = small_map(marks, ratio=1.9)
    label = say("Map of cities, ports, zones and corridors") if reading.is_own else say("Map of what has a place")
    return replace(found, label=str(label)) if found else None


def _own_marks(reading: Reading) -> list[Mark]:
    rows = reading.rows(
        f"SELECT ?s ?w ?layer {{ {{ ?s a <{KOUAN}BorderCity> BIND('city' AS ?layer) }} UNION"
        f" {{ ?s a <{KOUAN}Port> ; <{KOUAN}locatedIn> ?c . ?c <{KOUAN}isoAlpha3> 'CHN' BIND('port' AS ?layer) }}"
        f" ?s <{GEO}hasGeometry>/<{GEO}asWKT> ?w }} ORDER BY ?layer ?s LIMIT {MOST_MARKS}"
    )
    ways = reading.rows(
        f"SELECT ?s ?o ?w {{ ?s a <{KOUAN}Corridor> ; <{KOUAN}passesThrough> ?o . ?o <{GEO}hasGeometry>/<{GEO}asWKT> ?w }}"
    )
    # A zone has no point of its own: it is drawn where its place is.
    rows += reading.rows(
        f"SELECT ?s (SAMPLE(?at) AS ?w) ('zone' AS ?layer) {{ ?s a <{KOUAN}CooperationZone> ;"
        f" <{KOUAN}zoneIn>/<{GEO}hasGeometry>/<{GEO}asWKT> ?at }} GROUP BY ?s ORDER BY ?s LIMIT {MOST_MARKS}"
    )
    named = reading.named([*rows, *ways])
    marks = [m for row in rows for m in marks_of(named(row["s"]), [row["w"]["value"]], row["layer"]["value"])]
    stops: dict[str, list[Mark]] = {}
    for row in ways:
        stops.setdefault(row["s"]["value"], []).extend(marks_of(named(row["s"]), [row["w"]["value"]]))
    lines = [
        line_through(each[0].value, [m.lines[0][0] for m in each if m.kind == "point"], "schematic")
        for each in stops.values()
        if sum(m.kind == "point" for m in each) > 1
    ]
    # What hides others is drawn first.
    return [*lines, *sorted(marks, key=lambda mark: ("zone", "port", "city").index(mark.layer))]


def _any_marks(reading: Reading) -> list[Mark]:
    where = reading.anywhere(f"?s <{GEO}hasGeometry>/<{GEO}asWKT>|<{GEO}asWKT>|{COVERED} ?w")
    rows = reading.rows(f"SELECT DISTINCT ?s ?w {{ {where} FILTER(isIRI(?s)) }} LIMIT {MOST_MARKS}")
    texts = [(row["s"]["value"], row["w"]["value"]) for row in rows] or [
        (each.iri, f"POINT({each.east} {each.north})") for each in points_of(reading.asking, "", "s", MOST_MARKS)
    ]
    names = reading.names({iri for iri, _ in texts})
    return [mark for iri, text in texts for mark in marks_of(names[iri], [text])]


def members_query(iri: str) -> str:
    """Return the query for the members of a class with their names."""
    return f"SELECT DISTINCT ?thing ?name\nWHERE {{\n  ?thing <{TYPE}> <{iri}>\n  OPTIONAL {{ ?thing <{RDFS}label> ?name }}\n}}"
