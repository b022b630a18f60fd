"""Aggregates of geometries (GeoSPARQL 1.1, section 8.7). Knows that the first geometry says which system the answer is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from pyoxigraph import Literal

from kouan.evaluation.geometry import Value
from kouan.evaluation.geometry.literals import argument, as_wkt
from kouan.evaluation.geometry.systems import Placed, within
from kouan.vocabulary import GEOF

Making = Callable[[list[shapely.Geometry]], shapely.Geometry]


def _of_all(operation: Callable[[Any], Any]) -> Making:
    return lambda shapes: operation(shapely.GeometryCollection(shapes))


AGGREGATED: dict[str, Making] = {
    GEOF + "aggBoundingBox": _of_all(shapely.envelope),
    GEOF + "aggBoundingCircle": _of_all(shapely.minimum_bounding_circle),
    GEOF + "aggCentroid": lambda shapes: shapely.union_all(shapes).centroid,
    GEOF + "aggConcaveHull": _of_all(lambda shape: shapely.concave_hull(shape, 0.3)),
    GEOF + "aggConvexHull": _of_all(shapely.convex_hull),
    GEOF + "aggUnion": shapely.union_all,
}


class Aggregated:
    """What takes the geometries of a group, and gives one; none where a term of the group is no geometry (section 18.5.1)."""

    def __init__(self, made: Making) -> None:
        self._made = made
        self._shapes: list[shapely.Geometry] = []
        self._system = ""
        self._is_amiss = False

    def accumulate(self, term: Value) -> None:
        """Take one term."""
        try:
            placed: Placed = argument(term)
            self._system = self._system or placed.system
            self._shapes.append(within(placed, self._system).shape)
        except (AttributeError, ValueError, shapely.errors.ShapelyError):
            self._is_amiss = True

    def finish(self) -> Literal | None:
        """Return the geometry of all that were taken."""
        if self._is_amiss or not self._shapes:
            return None
        return as_wkt(Placed(self._made(self._shapes), self._system))
