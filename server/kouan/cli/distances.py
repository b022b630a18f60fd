"""Compute how far places lie from the boundary and from each other, as files of triples/kouan-distances. Knows queries and rounding."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from kouan.graph.turtle import write_turtle
from kouan.library import Graph
from kouan.vocabulary import GEO, GEOF, ID, KILOMETRE, KOUAN, PREFIXES, XSD

FOLDER = Path("triples") / "kouan-distances"
PLACES = "VALUES ?kind { kouan:County kouan:City kouan:Port } ?place a ?kind ; kouan:locatedIn id:china ."
# What each file says: its first line, its property, the property that names what is nearest, and where to.
MEASURED = {
    "boundary": (
        "How far places lie from the land boundary of China.",
        "kilometresToBoundary",
        "",
        f"{PLACES} ?other a kouan:BoundarySection .",
    ),
    "rail-ports": (
        "Which rail port of China is nearest to each place.",
        "kilometresToRailPort",
        "nearestRailPort",
        f"{PLACES} ?other a kouan:RailPort ; kouan:locatedIn id:china . FILTER(?place != ?other)"
        " FILTER NOT EXISTS { ?part kouan:partOfPort ?other ; a kouan:RailPort }",
    ),
    "capitals": (
        "How far places lie from the capital of their province.",
        "kilometresToCapital",
        "",
        f"{PLACES} ?place kouan:locatedIn/^kouan:capitalOf ?other . FILTER(?place != ?other)",
    ),
    "counterparts": (
        "How far ports lie from the nearest port that they face.",
        "kilometresToCounterpart",
        "",
        "?place a kouan:Port ; kouan:facesPort ?other .",
    ),
    "twins": (
        "How far cities lie from the nearest city that faces them across the border.",
        "kilometresToTwin",
        "",
        "?place a kouan:City ; kouan:twinnedAcrossBorder ?other .",
    ),
}
# A part of a port has the point of the whole only where it has none of its own.
QUERY = """PREFIX geo: <{geo}> PREFIX geof: <{geof}> PREFIX id: <{id}> PREFIX kouan: <{kouan}>
SELECT ?place ?other ?kilometres
WHERE {{
  {{ SELECT DISTINCT ?place ?other WHERE {{ {pattern} }} }}
  ?place kouan:partOfPort? ?placed .
  ?placed geo:hasGeometry/geo:asWKT ?here .
  FILTER(?placed = ?place || NOT EXISTS {{ ?place geo:hasGeometry ?own }})
  ?other kouan:partOfPort? ?otherPlaced .
  ?otherPlaced geo:hasGeometry/geo:asWKT ?there .
  FILTER(?otherPlaced = ?other || NOT EXISTS {{ ?other geo:hasGeometry ?own }})
  BIND(geof:distance(?here, ?there, <{unit}>) AS ?kilometres)
}}
ORDER BY ?place ?kilometres ?other"""


def measured(graph: Graph) -> dict[Path, str]:
    """Return the files, by their place in a home folder, as Turtle; whole kilometres, as the points allow no more."""
    return {FOLDER / f"{name}.ttl": _file(graph, *asked) for name, asked in MEASURED.items()}


def _file(graph: Graph, comment: str, measure: str, nearest: str, pattern: str) -> str:
    rows = graph.select(QUERY.format(geo=GEO, geof=GEOF, id=ID, kouan=KOUAN, unit=KILOMETRE, pattern=pattern))
    triples: dict[str, list[Triple]] = {}
    for row in rows:
        if row.place not in triples and row.kilometres is not None:
            place = NamedNode(row.place)
            whole = Decimal(row.kilometres).quantize(Decimal(1)).quantize(Decimal("1.0"))
            found = [
                Triple(place, NamedNode(KOUAN + measure), Literal(str(whole), datatype=NamedNode(XSD + "decimal")))
            ]
            if nearest:
                found.append(Triple(place, NamedNode(KOUAN + nearest), NamedNode(row.other)))
            triples[row.place] = found
    return write_turtle([triple for found in triples.values() for triple in found], PREFIXES, comment)
