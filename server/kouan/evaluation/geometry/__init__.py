"""The functions and aggregates of GeoSPARQL 1.1 on geometries, by their IRIs. Knows their names; libraries are loaded for use.

A geometry is WKT, GML 2 or 3, GeoJSON or KML, in any system that EPSG lists. What a function cannot take gives an error in
its expression (SPARQL 1.1 Query, section 17.3): no value, and no failure of the query. A geometry that is computed is WKT in
the system of the first geometry that it is computed from, whose IRI is left out where it is CRS84.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.sparql.functions import NAMED_AGGREGATES
from kouan.vocabulary import FUNCTION, GEOF

Value = NamedNode | BlankNode | Literal | Triple
Function = Callable[..., Value | None]

# GeoSPARQL 1.1, sections 8.6 and 9.2 to 9.6; latitude and longitude are of Wikidata's service.
RELATIONS = (
    *("sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin"),
    *("ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap"),
    *("rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi"),
)
OTHERS = (
    *(
        "area",
        "asGML",
        "asGeoJSON",
        "asKML",
        "asWKT",
        "boundary",
        "boundingCircle",
        "buffer",
        "centroid",
        "concaveHull",
    ),
    *(
        "convexHull",
        "coordinateDimension",
        "difference",
        "dimension",
        "distance",
        "envelope",
        "geometryN",
        "geometryType",
    ),
    *(
        "getSRID",
        "intersection",
        "is3D",
        "isEmpty",
        "isMeasured",
        "isSimple",
        "latitude",
        "length",
        "longitude",
        "maxX",
    ),
    *(
        "maxY",
        "maxZ",
        "metricArea",
        "metricBuffer",
        "metricDistance",
        "metricLength",
        "metricPerimeter",
        "minX",
        "minY",
    ),
    *("minZ", "numGeometries", "perimeter", "relate", "spatialDimension", "symDifference", "transform", "union"),
)
FUNCTIONS = frozenset({*(GEOF + name for name in (*RELATIONS, *OTHERS)), FUNCTION + "withinBox"})


def functions_for(names: Iterable[str]) -> dict[NamedNode, Function]:
    """Return the functions on geometries by their IRIs where some of those named are such; else none, and no library is loaded."""
    return dict(geometry_functions()) if any(name in FUNCTIONS for name in names) else {}


def aggregates_for(names: Iterable[str]) -> dict[NamedNode, Callable[[], Any]]:
    """Return what makes the accumulators of aggregates by their IRIs where some of those named are such; else none."""
    if not any(name in NAMED_AGGREGATES for name in names):
        return {}
    from kouan.evaluation.geometry.aggregates import AGGREGATED, Aggregated

    return {NamedNode(name): lambda made=made: Aggregated(made) for name, made in AGGREGATED.items()}  # type: ignore[misc]


@lru_cache(maxsize=1)
def geometry_functions() -> dict[NamedNode, Function]:
    """Return all functions on geometries by their IRIs, each of which takes terms and gives one, or none."""
    from kouan.evaluation.geometry.functions import TABLE
    from kouan.evaluation.geometry.literals import careful

    return {NamedNode(name): careful(function) for name, function in TABLE.items()}
