"""A small map shows what stands on it, on the base map that has the most of it, with lines as wide as it needs."""

from __future__ import annotations

import pytest

from kouan.pages.maps import REGION, WORLD, marks_of, small_map
from kouan.pages.terms import Value


def drawn(*points, ratio=1.9):
    value = Value("urn:x")
    return small_map([mark for x, y in points for mark in marks_of(value, [f"POINT({x} {y})"])], ratio)


def holds(found):
    xs = [mark.lines[0][0][0] for mark in found.marks]
    ys = [mark.lines[0][0][1] for mark in found.marks]
    return (
        found.x <= min(xs)
        and max(xs) <= found.x + found.width
        and found.y <= min(ys)
        and max(ys) <= found.y + found.height
    )


@pytest.mark.parametrize(
    ("points", "base"),
    [
        (((62.3, 25.1), (134.3, 48.4), (122.4, 53.3), (101.7, 21.5)), REGION),
        (((59.0, 25.0),), REGION),
        (((62.3, 25.1), (10.0, 48.4)), WORLD),
        (((70.0, -10.0), (80.0, 60.0), (151.0, 20.0)), WORLD),
    ],
    ids=["all of the border", "at the edge", "beyond it", "too wide for it"],
)
def test_region_is_shown_wherever_it_holds_all(points, base):
    found = drawn(*points)
    assert (found.base, holds(found)) == (base[0], True)
    west, north = found.base_box[:2]
    assert found.x >= west
    assert found.y >= north - 0.01
    assert found.width / found.height == pytest.approx(1.9)


def test_a_map_of_little_has_thin_lines():
    assert drawn((-1, 51)).part == "#near"
    assert drawn((-100, 51), (100, 20)).part == ""
