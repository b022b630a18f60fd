"""Measure geometries in units: distances, lengths and areas on the ellipsoid of WGS 84 (GeoSPARQL 1.1, section 8.6).

Metres are those of the geodesic; degrees and radians are those of the plane of longitudes and latitudes. A buffer in metres is
made on a plane around the geometry, within 0.6 % of the ellipsoid for what is some hundreds of kilometres wide.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import pyproj
import shapely
from shapely.affinity import scale

from kouan.evaluation.geometry.nearest import meets, shortest_way
from kouan.evaluation.geometry.systems import CRS84, Placed, degrees, within
from kouan.vocabulary import METRE

OGC, UCUM = "http://www.opengis.net/def/uom/OGC/1.0/", "http://www.opengis.net/def/uom/UCUM/"
EPSG, QUDT = "http://www.opengis.net/def/uom/EPSG/0/", "http://qudt.org/vocab/unit/"
METRES = {OGC + "metre": 1.0, UCUM + "m": 1.0, EPSG + "9001": 1.0, QUDT + "M": 1.0}
METRES |= dict.fromkeys((OGC + "kilometre", UCUM + "km", EPSG + "9036", QUDT + "KiloM"), 1000.0)
DEGREES = {OGC + "degree": 1.0, UCUM + "deg": 1.0, EPSG + "9102": 1.0, EPSG + "9122": 1.0, QUDT + "DEG": 1.0}
DEGREES |= dict.fromkeys((OGC + "radian", UCUM + "rad", EPSG + "9101", QUDT + "RAD"), math.degrees(1))
"""Units of length by their IRIs: so many metres, or degrees. A unit of area is the square of one, and its IRI may say so."""
SQUARED = {UCUM + "m2": OGC + "metre", UCUM + "km2": OGC + "kilometre", QUDT + "M2": OGC + "metre"}
SQUARED |= {QUDT + "KiloM2": OGC + "kilometre"}
SQUARED |= {OGC + "square" + name.capitalize(): OGC + name for name in ("metre", "kilometre", "degree", "radian")}
MEAN_RADIUS = 6_371_008.8
METRES_A_DEGREE = math.radians(1) * MEAN_RADIUS


@lru_cache(maxsize=1)
def _ellipsoid() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")


@lru_cache(maxsize=1)
def _sphere() -> pyproj.Geod:
    return pyproj.Geod(a=MEAN_RADIUS, b=MEAN_RADIUS)


def distance(one: Placed, other: Placed, unit: str = "") -> float:
    """Return how far two geometries are from each other at their nearest points (section 8.6.2.9).

    Without a unit it is in kilometres on a sphere of the Earth's mean radius, as in Wikidata's service; the standard demands
    a unit. Raises ValueError for others.
    """
    here, there = degrees(one), degrees(other)
    if unit in DEGREES:
        return float(here.distance(there)) / DEGREES[unit]
    ellipsoid, each = (_ellipsoid(), _metres(unit)) if unit else (_sphere(), 1000.0)
    if here.geom_type == there.geom_type == "Point":
        return _geodesic(ellipsoid, here, there) / each
    return 0.0 if meets(here, there) else shortest_way(here, there, ellipsoid) / each


def _metres(unit: str) -> float:
    if unit not in METRES:
        raise ValueError(unit)
    return METRES[unit]


def _geodesic(ellipsoid: pyproj.Geod, one: shapely.Point, other: shapely.Point) -> float:
    return float(ellipsoid.inv(one.x, one.y, other.x, other.y)[2])


def length(placed: Placed, unit: str = METRE) -> float:
    """Return how long the lines of a geometry are, and the boundaries of its areas."""
    shape = degrees(placed)
    shape = shape.boundary if shape.geom_type in {"Polygon", "MultiPolygon"} else shape
    if unit in DEGREES:
        return float(shape.length) / DEGREES[unit]
    each = _metres(unit)
    return 0.0 if shape.is_empty else float(_ellipsoid().geometry_length(shape)) / each


def perimeter(placed: Placed, unit: str = METRE) -> float:
    """Return how long the boundary of a geometry's areas is; that of a point or a line is 0."""
    return length(placed, unit) if degrees(placed).geom_type in {"Polygon", "MultiPolygon"} else 0.0


def area(placed: Placed, unit: str = METRE) -> float:
    """Return how large the areas of a geometry are, in squares of the unit."""
    shape, unit = degrees(placed), SQUARED.get(unit, unit)
    if unit in DEGREES:
        return float(shape.area) / DEGREES[unit] ** 2
    each = _metres(unit)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    found = (_ellipsoid().geometry_area_perimeter(shapely.orient_polygons(part))[0] for part in parts)
    return math.fsum(map(abs, found)) / each**2


def buffer(placed: Placed, radius: float, unit: str = METRE) -> Placed:
    """Return what lies within a radius of a geometry."""
    shape = degrees(placed)
    if unit in DEGREES:
        return within(Placed(shape.buffer(radius * DEGREES[unit])), placed.system)
    radius *= _metres(unit)
    if shape.is_empty:
        return placed
    share = METRES_A_DEGREE * _shrink(shape)
    around = _scaled(shape, share, METRES_A_DEGREE).buffer(radius)
    return within(Placed(_scaled(around, 1 / share, 1 / METRES_A_DEGREE), CRS84), placed.system)


def _shrink(shape: shapely.Geometry) -> float:
    """Return how long a degree of longitude is in degrees of latitude, in the middle of a shape."""
    _, south, _, north = shape.bounds
    return max(math.cos(math.radians((south + north) / 2)), 1e-6)


def _scaled(shape: shapely.Geometry, east: float, north: float) -> Any:
    return scale(shape, xfact=east, yfact=north, origin=(0, 0))
