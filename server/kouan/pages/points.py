"""Find where things are, in the vocabularies that say so, and draw it. Knows coordinates, no things.

GeoSPARQL (WKT), WGS84 vocabulary, schema.org and Wikidata's P625 are read; of a geometry that is no point, its middle is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kouan.pages.asking import Asking
from kouan.vocabulary import GEO, SCHEMA, SCHEMA_HTTP, WDT

WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
WKT_WAYS = (
    f"<{GEO}hasGeometry>/<{GEO}asWKT>",
    f"<{GEO}hasDefaultGeometry>/<{GEO}asWKT>",
    f"<{GEO}asWKT>",
    f"<{WDT}P625>",
)
PAIR_WAYS = (
    (f"<{WGS84}long>", f"<{WGS84}lat>"),
    (f"<{SCHEMA}longitude>", f"<{SCHEMA}latitude>"),
    (f"<{SCHEMA_HTTP}longitude>", f"<{SCHEMA_HTTP}latitude>"),
)
HOLDERS = {SCHEMA: f"<{SCHEMA}geo>", SCHEMA_HTTP: f"<{SCHEMA_HTTP}geo>"}
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
WIDTH, MOST_HEIGHT, EDGE = 640.0, 420.0, 24.0
LETTER, LINE = 7.0, 14.0


@dataclass(frozen=True)
class Point:
    """Where a thing is, in degrees (WGS 84)."""

    iri: str
    east: float
    north: float


@dataclass(frozen=True)
class Mark:
    """A point of a drawing: its place, and where its name stands, or None where there is no room for it."""

    point: Point
    x: float
    y: float
    name: str
    name_at: tuple[float, float] | None
    is_left: bool = False


@dataclass(frozen=True)
class Drawing:
    """A map to be drawn: its size, its marks, and the lines of the grid with what they say."""

    width: float
    height: float
    marks: list[Mark]
    meridians: list[tuple[float, str]]
    parallels: list[tuple[float, str]]


def query_of(things: str, variable: str, limit: int) -> str:
    """Return the query of where the things that a pattern finds are, as ?wkt or as ?east and ?north."""
    ways = [f"{{ ?{variable} {'|'.join(WKT_WAYS)} ?wkt }}"]
    for east, north in PAIR_WAYS:
        holder = next((way for start, way in HOLDERS.items() if start in east), "")
        ways.append(f"{{ ?{variable} {east} ?east ; {north} ?north }}")
        if holder:
            ways.append(f"{{ ?{variable} {holder} ?place . ?place {east} ?east ; {north} ?north }}")
    return f"SELECT DISTINCT ?{variable} ?wkt ?east ?north {{ {things} {' UNION '.join(ways)} }} LIMIT {limit}"


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
        if "wkt" in row:
            # What stands before the geometry names its system of coordinates (GeoSPARQL 1.1, section 8.8.2).
            wkt = re.sub(r"^\s*<[^>]*>", "", row["wkt"]["value"])
            numbers = [float(number) for number in NUMBERS.findall(wkt)]
            easts, norths = numbers[0::2], numbers[1::2]
            east, north = (min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2
        else:
            east, north = float(row["east"]["value"]), float(row["north"]["value"])
    except (ValueError, KeyError):
        return None
    return (east, north) if abs(east) <= 180 and abs(north) <= 90 else None


def drawing_of(points: Iterable[Point], names: dict[str, str]) -> Drawing | None:
    """Return a map of points, north above and each degree as long as it is in its middle; None where there are none."""
    points = sorted(points, key=lambda point: (-point.north, point.east))
    if not points:
        return None
    west, east = min(p.east for p in points), max(p.east for p in points)
    south, north = min(p.north for p in points), max(p.north for p in points)
    shrink = max(0.1, math.cos(math.radians((south + north) / 2)))
    # A single town is shown with what is around it.
    spread = max((east - west) * shrink, north - south, 0.5)
    wide, high = max((east - west) * shrink, spread * 0.6), max(north - south, spread * 0.3)
    scale = min((WIDTH - 2 * EDGE) / wide, (MOST_HEIGHT - 2 * EDGE) / high)
    height = high * scale + 2 * EDGE
    middle_east, middle_north = (west + east) / 2, (south + north) / 2

    def x(degrees: float) -> float:
        return round(WIDTH / 2 + (degrees - middle_east) * shrink * scale, 1)

    def y(degrees: float) -> float:
        return round(height / 2 - (degrees - middle_north) * scale, 1)

    marks = _named([(point, x(point.east), y(point.north)) for point in points], names)
    step = next(
        s for s in (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60) if WIDTH / scale / shrink / s <= 7 or s == 60
    )
    meridians = [(x(d), _degrees(d, "E", "W")) for d in _steps(step, middle_east, WIDTH / 2 / scale / shrink)]
    parallels = [(y(d), _degrees(d, "N", "S")) for d in _steps(step, middle_north, height / 2 / scale)]
    return Drawing(WIDTH, round(height, 1), marks, meridians, parallels)


def _named(placed: list[tuple[Point, float, float]], names: dict[str, str]) -> list[Mark]:
    """Return marks with names where they cover neither one another nor a mark, right of it or else left."""
    taken = [(x - 5, y - 5, x + 5, y + 5) for _, x, y in placed]
    marks = []
    for point, x, y in placed:
        name = names.get(point.iri, "")
        length = sum(LETTER * (2 if ord(letter) > 0x2E7F else 1) for letter in name)
        for is_left in (False, True):
            start = x - 8 - length if is_left else x + 8
            box = (start, y - LINE / 2, start + length, y + LINE / 2)
            if start > 2 and start + length < WIDTH - 2 and name and not any(_meet(box, other) for other in taken):
                taken.append(box)
                marks.append(Mark(point, x, y, name, (x - 8 if is_left else x + 8, y + 4), is_left))
                break
        else:
            marks.append(Mark(point, x, y, name, None))
    return marks


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _steps(step: float, middle: float, reach: float) -> list[float]:
    first = math.ceil((middle - reach) / step)
    return [number * step for number in range(first, math.floor((middle + reach) / step) + 1)]


def _degrees(degrees: float, above: str, below: str) -> str:
    return f"{round(abs(degrees), 2):g}°{above if degrees > 0 else below if degrees < 0 else ''}"
