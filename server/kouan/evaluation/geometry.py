"""Functions on geometries that the engine lacks, or has for some kinds only, by shapely. Knows WKT and GeoJSON in CRS84.

Metres are measured on a sphere of the Earth's mean radius, and areas and buffers on a plane around the geometry: within 0.6 % of
the ellipsoid for what is some hundreds of kilometres wide. What a function cannot take gives an error in its expression
(SPARQL 1.1 Query, section 17.3): no value, and no failure of the query.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.vocabulary import FUNCTION, GEO, GEOF, METRE

DEGREE = "http://www.opengis.net/def/uom/OGC/1.0/degree"
WKT, GEOJSON = NamedNode(GEO + "wktLiteral"), NamedNode(GEO + "geoJSONLiteral")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SF = "http://www.opengis.net/ont/sf#"
MEAN_RADIUS = 6_371_008.8
METRES_A_DEGREE = math.radians(1) * MEAN_RADIUS

Value = NamedNode | BlankNode | Literal | Triple
Function = Callable[..., Value | None]


def functions_for(names: Iterable[str]) -> dict[NamedNode, Function]:
    """Return the functions on geometries by their IRIs where some of those named are such; else none, and no library is loaded."""
    return dict(_functions()) if any(name in FUNCTIONS for name in names) else {}


def geometry_functions() -> dict[NamedNode, Function]:
    """Return all functions on geometries by their IRIs; the library is loaded when one is called."""
    return dict(_functions())


@lru_cache(maxsize=1)
def _functions() -> dict[NamedNode, Function]:
    return {NamedNode(name): _careful(function) for name, function in FUNCTIONS.items()}


def _careful(function: Callable[..., Any]) -> Function:
    """Let a function take terms and give none where its arguments are not what it wants."""

    def called(*terms: Value) -> Value | None:
        import shapely

        try:
            return _term(function(*(_argument(term) for term in terms)))
        except (ArithmeticError, IndexError, TypeError, ValueError, shapely.errors.ShapelyError):
            return None

    return called


def _argument(term: Value) -> Any:
    """Return a geometry, a number or an IRI; raises ValueError for anything else, and for other reference systems."""
    import shapely

    if isinstance(term, NamedNode):
        return term.value
    if not isinstance(term, Literal):
        raise ValueError(term)
    if term.datatype == WKT:
        text = term.value.strip()
        if text.startswith("<"):
            system, _, text = text[1:].partition(">")
            if system != CRS84:
                raise ValueError(system)
        return shapely.from_wkt(text)
    return shapely.from_geojson(term.value) if term.datatype == GEOJSON else float(term.value)


def _term(value: Any) -> Value | None:
    import shapely

    if value is None or isinstance(value, Literal | NamedNode):
        return value
    if isinstance(value, shapely.Geometry):
        return Literal(shapely.to_wkt(value, rounding_precision=9, trim=True), datatype=WKT)
    if isinstance(value, bool | int):
        return Literal(value)
    return Literal(float(value)) if math.isfinite(value) else None


def _distance(one: Any, other: Any, unit: str = "") -> float:
    """Return how far two geometries are from each other at their nearest points (GeoSPARQL 1.1, section 8.4).

    Without a unit it is in kilometres, as in Wikidata's service; the standard demands one.
    """
    from shapely.ops import nearest_points

    if not unit:
        return _distance(one, other, METRE) / 1000
    if unit == DEGREE:
        return float(one.distance(other))
    if unit != METRE:
        raise ValueError(unit)
    if one.geom_type == other.geom_type == "Point":
        return _great_circle(_place(one), _place(other))
    # What is nearest is looked for where a degree is as long in both directions.
    share = _shrink(one, other)
    near, there = nearest_points(_scaled(one, share, 1), _scaled(other, share, 1))
    return _great_circle((near.x / share, near.y), (there.x / share, there.y))


def _great_circle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two places on the sphere, each longitude and latitude, by the haversine formula."""
    (west, south), (east, north) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * MEAN_RADIUS * math.asin(min(1.0, math.sqrt(half)))


def _place(geometry: Any) -> tuple[float, float]:
    """Return the longitude and latitude of a point; raises TypeError for other geometries."""
    if geometry.geom_type != "Point":
        raise TypeError(geometry.geom_type)
    return geometry.x, geometry.y


def _shrink(*geometries: Any) -> float:
    """Return how long a degree of longitude is in degrees of latitude, in the middle of some geometries."""
    south = min(geometry.bounds[1] for geometry in geometries)
    north = max(geometry.bounds[3] for geometry in geometries)
    return max(math.cos(math.radians((south + north) / 2)), 1e-6)


def _scaled(geometry: Any, east: float, north: float) -> Any:
    from shapely.affinity import scale

    return scale(geometry, xfact=east, yfact=north, origin=(0, 0))


def _plane(geometry: Any) -> Any:
    """Return a geometry in metres on the plane that touches the sphere in its middle."""
    return _scaled(geometry, METRES_A_DEGREE * _shrink(geometry), METRES_A_DEGREE)


def _buffer(geometry: Any, radius: float, unit: str = METRE) -> Any:
    if unit == DEGREE:
        return geometry.buffer(radius)
    if unit != METRE:
        raise ValueError(unit)
    share = METRES_A_DEGREE * _shrink(geometry)
    return _scaled(_plane(geometry).buffer(radius), 1 / share, 1 / METRES_A_DEGREE)


def _within_box(geometry: Any, west: float, south: float, east: float, north: float) -> bool:
    """Return whether a geometry lies in a box; one that crosses the date line has its west in the east of its east."""
    import shapely

    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return any(bool(shapely.box(start, south, end, north).covers(geometry)) for start, end in spans)


def _bounding_circle(geometry: Any) -> Any:
    import shapely

    return shapely.minimum_bounding_circle(geometry)


def _part(geometry: Any, number: float) -> Any:
    """Return a part of a geometry, counted from 1."""
    parts = getattr(geometry, "geoms", [geometry])
    if not 1 <= number <= len(parts):
        raise IndexError(number)
    return parts[int(number) - 1]


# GeoSPARQL 1.1, sections 8.4 to 8.6; what the engine has for some kinds of geometries only stands here too.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    GEOF + "asWKT": lambda g: g,
    GEOF + "boundary": lambda g: g.boundary,
    GEOF + "boundingCircle": _bounding_circle,
    GEOF + "buffer": _buffer,
    GEOF + "difference": lambda g, h: g.difference(h),
    GEOF + "distance": _distance,
    GEOF + "geometryN": _part,
    GEOF + "geometryType": lambda g: NamedNode(SF + g.geom_type),
    GEOF + "intersection": lambda g, h: g.intersection(h),
    GEOF + "is3D": lambda g: bool(g.has_z),
    GEOF + "isMeasured": lambda g: bool(g.has_m),
    # These two are of Wikidata's service.
    GEOF + "latitude": lambda g: _place(g)[1],
    GEOF + "longitude": lambda g: _place(g)[0],
    GEOF + "maxX": lambda g: g.bounds[2],
    GEOF + "maxY": lambda g: g.bounds[3],
    GEOF + "metricArea": lambda g: _plane(g).area,
    GEOF + "metricBuffer": _buffer,
    GEOF + "metricDistance": lambda g, h: _distance(g, h, METRE),
    GEOF + "metricLength": lambda g: _plane(g).length,
    GEOF + "metricPerimeter": lambda g: _plane(g.boundary).length,
    GEOF + "minX": lambda g: g.bounds[0],
    GEOF + "minY": lambda g: g.bounds[1],
    GEOF + "numGeometries": lambda g: len(getattr(g, "geoms", [g])),
    GEOF + "symDifference": lambda g, h: g.symmetric_difference(h),
    GEOF + "union": lambda g, h: g.union(h),
    FUNCTION + "withinBox": _within_box,
}
