"""Find where things are, in the vocabularies that say so. Knows coordinates, no map.

GeoSPARQL (WKT), WGS84 vocabulary, schema.org and Wikidata's P625 are read; of a geometry that is no point, its middle is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.pages.asking import Asking
from kouan.vocabulary import DCAT, DCT, FOAF, GEO, SCHEMA, SCHEMA_HTTP, WDT

WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
# How a catalogue says where a data set is of (DCAT 3, section 6.6.7; the ISA Programme's Location Core Vocabulary).
COVERED = f"<{DCT}spatial>/(<{DCAT}centroid>|<{DCAT}bbox>|<http://www.w3.org/ns/locn#geometry>)"
WKT_WAYS = (
    f"<{GEO}hasGeometry>/<{GEO}asWKT>",
    f"<{GEO}hasDefaultGeometry>/<{GEO}asWKT>",
    f"<{GEO}asWKT>",
    f"<{WDT}P625>",
    COVERED,
)
PAIR_WAYS = (
    (f"<{WGS84}long>", f"<{WGS84}lat>"),
    (f"<{SCHEMA}longitude>", f"<{SCHEMA}latitude>"),
    (f"<{SCHEMA_HTTP}longitude>", f"<{SCHEMA_HTTP}latitude>"),
)
# A person is near a place (FOAF), and anything may have a location.
NEAR = f"<{FOAF}based_near>|<{WGS84}location>"
HOLDERS = {WGS84: NEAR, SCHEMA: f"<{SCHEMA}geo>", SCHEMA_HTTP: f"<{SCHEMA_HTTP}geo>"}
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Point:
    """Where a thing is, in degrees (WGS 84)."""

    iri: str
    east: float
    north: float


def holder_of(east: str) -> str:
    """Return how a thing names the place that has an east in one of the vocabularies."""
    return next(way for start, way in HOLDERS.items() if start in east)


def query_of(things: str, variable: str, limit: int) -> str:
    """Return the query of where the things that a pattern finds are, as ?_wkt or as ?_east and ?_north.

    A variable of the pattern may be called after any class: none begins so.
    """
    ways = [f"{{ ?{variable} {'|'.join(WKT_WAYS)} ?_wkt }}"]
    for east, north in PAIR_WAYS:
        ways.append(f"{{ ?{variable} {east} ?_east ; {north} ?_north }}")
        ways.append(f"{{ ?{variable} {holder_of(east)} [ {east} ?_east ; {north} ?_north ] }}")
    return f"SELECT DISTINCT ?{variable} ?_wkt ?_east ?_north {{ {things} {' UNION '.join(ways)} }} LIMIT {limit}"


def points_of(asking: Asking, things: str, variable: str, limit: int) -> list[Point]:
    """Return where the things that a pattern finds are, each once."""
    found: dict[str, Point] = {}
    for row in asking.rows(query_of(things, variable, limit)):
        place = _place(row)
        if place is not None and row[variable]["type"] == "uri":
            found.setdefault(row[variable]["value"], Point(row[variable]["value"], *place))
    return list(found.values())


def _place(row: dict[str, dict[str, str]]) -> tuple[float, float] | None:
    try:
        if "_wkt" in row:
            # What stands before the geometry names its system of coordinates (GeoSPARQL 1.1, section 8.8.2).
            wkt = re.sub(r"^\s*<[^>]*>", "", row["_wkt"]["value"])
            numbers = [float(number) for number in NUMBERS.findall(wkt)]
            easts, norths = numbers[0::2], numbers[1::2]
            east, north = (min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2
        else:
            east, north = float(row["_east"]["value"]), float(row["_north"]["value"])
    except (ValueError, KeyError):
        return None
    return (east, north) if abs(east) <= 180 and abs(north) <= 90 else None
