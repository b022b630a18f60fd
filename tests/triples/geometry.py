"""Measure points against outlines in degrees. Knows no graph and no file."""

from __future__ import annotations

import itertools
from math import cos, hypot, radians

Point = tuple[float, float]
Line = list[list[float]]
KM_PER_DEGREE = 111.2


def is_inside(point: Point, rings: list[Line]) -> bool:
    """Return whether the point lies within one of the rings, by the crossings of a ray to the east."""
    x, y = point
    return any(
        sum((a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in _pairs(ring))
        % 2
        for ring in rings
    )


def distance_km(point: Point, lines: list[Line]) -> float:
    """Return the kilometres from the point to the nearest of the lines, on a plane that touches the earth there."""
    return min(_to_segment(point, a, b) for line in lines for a, b in _pairs(line))


def _pairs(line: Line) -> itertools.pairwise[tuple[list[float], list[float]]]:
    return itertools.pairwise(line)


def _to_segment(point: Point, a: list[float], b: list[float]) -> float:
    east = cos(radians(point[1]))
    ax, ay = (a[0] - point[0]) * east, a[1] - point[1]
    bx, by = (b[0] - point[0]) * east, b[1] - point[1]
    dx, dy = bx - ax, by - ay
    along = max(0.0, min(1.0, -(ax * dx + ay * dy) / ((dx * dx + dy * dy) or 1)))
    return hypot(ax + along * dx, ay + along * dy) * KM_PER_DEGREE
