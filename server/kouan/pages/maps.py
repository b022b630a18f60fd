"""Lay points and lines out on a small map that is drawn as SVG on the server. Knows geometry and one projection, no HTML.

The base maps are drawn in the same plane: x is the longitude in degrees, y what Mercator makes of the latitude, downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import shapely

from kouan.pages.terms import Value

LIMIT = 85.0
# The base map of the region, and of the world: name, west, south, east, north.
REGION = ("region.svg", 58.0, -14.0, 152.0, 64.0)
WORLD = ("world.svg", -180.0, -60.0, 180.0, 80.0)
# How many degrees a map shows at least, on either base map.
LEAST_SPAN, LEAST_ABROAD = 7.0, 24.0
MARGIN = 0.12
# A map of fewer degrees draws thinner lines.
NEAR = {REGION[0]: 30.0, WORLD[0]: 60.0}


def down(latitude: float) -> float:
    """Return how far down a latitude stands, in degrees of the projection."""
    angle = math.radians(max(-LIMIT, min(LIMIT, latitude)))
    return -math.degrees(math.log(math.tan(math.pi / 4 + angle / 2)))


@dataclass(frozen=True)
class Mark:
    """A thing on the map: its outline as points of the plane, and how it is drawn: point, line or area."""

    value: Value
    kind: str
    lines: tuple[tuple[tuple[float, float], ...], ...]
    layer: str = ""

    @property
    def path(self) -> str:
        """Return the outline as the data of an SVG path."""
        end = "Z" if self.kind == "area" else ""
        return "".join("M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in line) + end for line in self.lines)


@dataclass(frozen=True)
class SmallMap:
    """A map: the window in the plane, the base map beneath it and what stands on it; `label` says in words where that is."""

    x: float
    y: float
    width: float
    height: float
    base: str
    base_box: tuple[float, float, float, float]
    marks: list[Mark] = field(default_factory=list)
    label: str = ""

    @property
    def box(self) -> str:
        """Return the window as SVG's viewBox."""
        return f"{self.x:.3f} {self.y:.3f} {self.width:.3f} {self.height:.3f}"

    @property
    def part(self) -> str:
        """Return the fragment of the base map that draws its lines as wide as the window needs."""
        return "#near" if self.width < NEAR[self.base] else ""

    def size(self, share: float) -> float:
        """Return a length on the map by its share of the map's width."""
        return round(self.width * share, 4)


def marks_of(value: Value, texts: Iterable[str], layer: str = "") -> list[Mark]:
    """Return how a thing is drawn from its well-known text; nothing for text that is none or stands outside the world."""
    marks = []
    for text in texts:
        # A reference system may stand before it (GeoSPARQL 1.1, section 8.5.1); others than longitude and latitude are left.
        system, _, bare = text.rpartition(">")
        if system and "CRS84" not in system:
            continue
        try:
            shape = shapely.from_wkt(bare.strip())
        except shapely.errors.ShapelyError:
            continue
        marks += [_mark(value, part, layer) for part in getattr(shape, "geoms", [shape]) if not part.is_empty]
    return [mark for mark in marks if all(-181 <= x <= 181 for line in mark.lines for x, _ in line)]


def _mark(value: Value, shape: shapely.Geometry, layer: str) -> Mark:
    kind = {"Point": "point", "LineString": "line"}.get(shape.geom_type, "area")
    rings: Sequence[shapely.Geometry] = [shape.exterior, *shape.interiors] if shape.geom_type == "Polygon" else [shape]
    lines = tuple(tuple((x, down(y)) for x, y, *_ in ring.coords) for ring in rings)
    return Mark(value, kind, lines, layer)


def up(y: float) -> float:
    """Return the latitude of a place on the plane, in degrees."""
    return math.degrees(2 * math.atan(math.exp(math.radians(-y))) - math.pi / 2)


def line_through(value: Value, points: Sequence[tuple[float, float]], layer: str) -> Mark:
    """Return a schematic line through points of the plane, in an order that keeps it short: from the westernmost on."""
    left = sorted(points)
    ordered = left[:1]
    left = left[1:]
    while left:
        nearest = min(left, key=lambda point: math.dist(point, ordered[-1]))
        ordered.append(nearest)
        left.remove(nearest)
    return Mark(value, "line", (tuple(ordered),), layer)


def small_map(marks: list[Mark], ratio: float = 1.5) -> SmallMap | None:
    """Return a map that shows all marks, so many times as wide as it is high; None where there are none."""
    near = _window(marks, ratio, LEAST_SPAN, REGION)
    return near or _window(marks, ratio, LEAST_ABROAD, WORLD)


def _window(
    marks: list[Mark], ratio: float, least: float, base: tuple[str, float, float, float, float]
) -> SmallMap | None:
    """Return the map on a base map; None where there are no marks, or the window is not within the base map of the region."""
    points = [point for mark in marks for line in mark.lines for point in line]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    width = max((east - west) * (1 + 2 * MARGIN), least)
    height = max((bottom - top) * (1 + 2 * MARGIN), width / ratio)
    width = max(width, height * ratio)
    x, y = (west + east - width) / 2, (top + bottom - height) / 2
    name, *edges = base
    left, right, upper, lower = edges[0], edges[2], down(edges[3]), down(edges[1])
    if base == REGION:
        if not (left <= west and east <= right and upper <= top and bottom <= lower):
            return None
        # What stands near the edge of the region is not in the middle of its map.
        width = min(width, right - left, (lower - upper) * ratio)
        height = width / ratio
        if width < east - west or height < bottom - top:
            return None
        x, y = min(max(x, left), right - width), min(max(y, upper), lower - height)
    base_box = (left, round(upper, 2), right - left, round(lower - upper, 2))
    return SmallMap(x, y, width, height, name, base_box, marks)
