"""What each function on geometries does (GeoSPARQL 1.1, sections 8.6, 8.7 and 9.2 to 9.6). Knows shapes and systems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from pyoxigraph import Literal, NamedNode

from kouan.evaluation.geometry import literals, measures
from kouan.evaluation.geometry.systems import Placed, degrees, system_of, within
from kouan.vocabulary import FUNCTION, GEOF, METRE, XSD

SF = "http://www.opengis.net/ont/sf#"
# The matrices of the Egenhofer relations and of RCC8 (sections 9.4 and 9.5); those of the simple features are the library's own.
MATRICES = {
    "ehEquals": ["TFFFTFFFT"],
    "ehDisjoint": ["FF*FF****"],
    "ehMeet": ["FT*******", "F**T*****", "F***T****"],
    "ehOverlap": ["T*T***T**"],
    "ehCovers": ["T*TFT*FF*"],
    "ehCoveredBy": ["TFF*TFT**"],
    "ehInside": ["TFF*FFT**"],
    "ehContains": ["T*TFF*FF*"],
    "rcc8eq": ["TFFFTFFFT"],
    "rcc8dc": ["FFTFFTTTT"],
    "rcc8ec": ["FFTFTTTTT"],
    "rcc8po": ["TTTTTTTTT"],
    "rcc8tppi": ["TTTFTTFFT"],
    "rcc8tpp": ["TFFTTFTTT"],
    "rcc8ntpp": ["TFFTFFTTT"],
    "rcc8ntppi": ["TTTFFTFFT"],
}
SIMPLE = ("contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within")
AREAS = {"Polygon", "MultiPolygon"}


def _shapes(one: Placed, other: Placed) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return the shapes of two geometries in the system of the first."""
    return one.shape, within(other, one.system).shape


def _relates(name: str) -> Callable[[Placed, Placed], bool]:
    """Return the function that says whether two geometries have a relation."""

    def holds(one: Placed, other: Placed) -> bool:
        here, there = _shapes(one, other)
        if name not in MATRICES:
            return bool(getattr(shapely, name)(here, there))
        if name.startswith("rcc8") and not {here.geom_type, there.geom_type} <= AREAS:
            # RCC8 is of regions.
            return False
        return any(bool(shapely.relate_pattern(here, there, matrix)) for matrix in MATRICES[name])

    return holds


def _relate(one: Placed, other: Placed, matrix: str) -> bool:
    return bool(shapely.relate_pattern(*_shapes(one, other), matrix))


def _joined(operation: Callable[[Any, Any], Any]) -> Callable[[Placed, Placed], Placed]:
    return lambda one, other: Placed(operation(*_shapes(one, other)), one.system)


def _changed(operation: Callable[..., Any]) -> Callable[..., Placed]:
    return lambda placed, *more: Placed(operation(placed.shape, *more), placed.system)


def _bound(number: int) -> Callable[[Placed], float]:
    return lambda placed: float(placed.shape.bounds[number])


def _height(choose: Callable[[Any], float]) -> Callable[[Placed], float]:
    return lambda placed: choose(shapely.get_coordinates(placed.shape, include_z=True)[:, 2])


def _place(placed: Placed) -> shapely.Point:
    """Return a point in degrees; raises TypeError for other geometries."""
    if placed.shape.geom_type != "Point":
        raise TypeError(placed.shape.geom_type)
    return degrees(placed)


def _part(shape: Any, number: float) -> Any:
    """Return a part of a shape, counted from 1."""
    parts = getattr(shape, "geoms", [shape])
    if not 1 <= number <= len(parts):
        raise IndexError(number)
    return parts[int(number) - 1]


def _within_box(placed: Placed, west: float, south: float, east: float, north: float) -> bool:
    """Return whether a geometry lies in a box; one that crosses the date line has its west in the east of its east."""
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return any(bool(shapely.box(start, south, end, north).covers(degrees(placed))) for start, end in spans)


def _dimension(shape: Any) -> int:
    return max(int(shapely.get_dimensions(shape)), 0)


def _is_simple(shape: Any) -> bool:
    """Return whether a shape meets itself nowhere; of a collection whether its parts do, for which the library has no answer."""
    if shape.geom_type == "GeometryCollection":
        return all(map(_is_simple, shape.geoms))
    return bool(shape.is_simple)


TABLE: dict[str, Callable[..., Any]] = {
    GEOF + "area": measures.area,
    GEOF + "asGML": literals.as_gml,
    GEOF + "asGeoJSON": literals.as_geojson,
    GEOF + "asKML": literals.as_kml,
    GEOF + "asWKT": literals.as_wkt,
    GEOF + "boundary": _changed(lambda shape: shape.boundary),
    GEOF + "boundingCircle": _changed(shapely.minimum_bounding_circle),
    GEOF + "buffer": measures.buffer,
    GEOF + "centroid": _changed(lambda shape: shape.centroid),
    GEOF + "concaveHull": _changed(lambda shape, ratio=0.3: shapely.concave_hull(shape, ratio)),
    GEOF + "convexHull": _changed(lambda shape: shape.convex_hull),
    GEOF + "coordinateDimension": lambda g: int(shapely.get_coordinate_dimension(g.shape)),
    GEOF + "difference": _joined(shapely.difference),
    GEOF + "dimension": lambda g: _dimension(g.shape),
    GEOF + "distance": measures.distance,
    GEOF + "envelope": _changed(lambda shape: shape.envelope),
    GEOF + "geometryN": _changed(_part),
    GEOF + "geometryType": lambda g: NamedNode(SF + g.shape.geom_type),
    GEOF + "getSRID": lambda g: Literal(g.system, datatype=NamedNode(XSD + "anyURI")),
    GEOF + "intersection": _joined(shapely.intersection),
    GEOF + "is3D": lambda g: bool(g.shape.has_z),
    GEOF + "isEmpty": lambda g: bool(g.shape.is_empty),
    GEOF + "isMeasured": lambda g: bool(g.shape.has_m),
    GEOF + "isSimple": lambda g: _is_simple(g.shape),
    GEOF + "latitude": lambda g: _place(g).y,
    GEOF + "length": measures.length,
    GEOF + "longitude": lambda g: _place(g).x,
    GEOF + "maxX": _bound(2),
    GEOF + "maxY": _bound(3),
    GEOF + "maxZ": _height(max),
    GEOF + "metricArea": lambda g: measures.area(g),
    GEOF + "metricBuffer": lambda g, radius: measures.buffer(g, radius),
    GEOF + "metricDistance": lambda g, h: measures.distance(g, h, METRE),
    GEOF + "metricLength": lambda g: measures.length(g),
    GEOF + "metricPerimeter": lambda g: measures.perimeter(g),
    GEOF + "minX": _bound(0),
    GEOF + "minY": _bound(1),
    GEOF + "minZ": _height(min),
    GEOF + "numGeometries": lambda g: len(getattr(g.shape, "geoms", [g.shape])),
    GEOF + "perimeter": measures.perimeter,
    GEOF + "relate": _relate,
    # A line in a plane of two coordinates or in a space of three.
    GEOF + "spatialDimension": lambda g: 3 if g.shape.has_z else 2,
    GEOF + "symDifference": _joined(shapely.symmetric_difference),
    GEOF + "transform": lambda g, system: within(g, system_of(system)),
    GEOF + "union": _joined(shapely.union),
    FUNCTION + "withinBox": _within_box,
}
TABLE |= {GEOF + "sf" + name.capitalize(): _relates(name) for name in SIMPLE}
TABLE |= {GEOF + name: _relates(name) for name in MATRICES}
