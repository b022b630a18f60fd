"""Read geometries from literals and write them as such: WKT, GML, GeoJSON and KML (GeoSPARQL 1.1, section 8.5)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import shapely
from pyoxigraph import Literal, NamedNode

from kouan.evaluation.geometry import Function, Value
from kouan.evaluation.geometry.markup import gml_version, read_markup, write_gml, write_kml
from kouan.evaluation.geometry.systems import CRS84, Placed, degrees, flipped, system_of
from kouan.vocabulary import GEO, XSD

WKT, GML = NamedNode(GEO + "wktLiteral"), NamedNode(GEO + "gmlLiteral")
GEOJSON, KML = NamedNode(GEO + "geoJSONLiteral"), NamedNode(GEO + "kmlLiteral")
SERIALISED = {WKT, GML, GEOJSON, KML}
# Geometries that were read are kept: a join meets the same ones again and again.
KEPT = 4096
# What well-known text calls areas of another kind (ISO 19125-1, 7.2), which the library has no types for.
OTHERS = {"TRIANGLE": "POLYGON", "TIN": "MULTIPOLYGON", "POLYHEDRALSURFACE": "MULTIPOLYGON"}
OTHER_WORDS = re.compile(rf"\b(?:{'|'.join(OTHERS)})\b", re.IGNORECASE)
MOST_KEPT_CHARACTERS = 20_000
# The libraries take time by the square of how deep a geometry nests, and stack by it.
DEEPEST = 100
BRACKETS = re.compile(r"[(\[{]|([)\]}])")


def careful(function: Callable[..., Any]) -> Function:
    """Let a function of geometries take terms and give one, and give none where its arguments are not what it wants."""

    def called(*terms: Value) -> Value | None:
        try:
            return _term(function(*(argument(term) for term in terms)))
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
            shapely.errors.ShapelyError,
        ):
            return None

    return called


def argument(term: Value) -> Any:
    """Return a geometry, a number, the IRI or the text that a term stands for; raises ValueError for what is none."""
    if isinstance(term, NamedNode):
        return term.value
    if not isinstance(term, Literal):
        raise ValueError(term)
    if term.datatype in SERIALISED:
        return (_kept if len(term.value) <= MOST_KEPT_CHARACTERS else read_geometry)(term)
    if term.datatype.value == XSD + "string":
        # A matrix of relate may be made of digits.
        return term.value
    try:
        return float(term.value)
    except ValueError:
        return term.value


def read_geometry(literal: Literal) -> Placed:
    """Return the geometry that a literal holds, an empty one where it has no text; raises ValueError where it holds none."""
    text, system = literal.value.strip(), CRS84
    if literal.datatype == WKT and text.startswith("<"):
        name, _, text = text[1:].partition(">")
        system, text = system_of(name), text.strip()
    if not text:
        return Placed(shapely.GeometryCollection(), system)
    if literal.datatype in {WKT, GEOJSON} and _nests_deeper(text):
        raise ValueError(f"a geometry that nests deeper than {DEEPEST}")
    if literal.datatype == WKT:
        shape = shapely.from_wkt(OTHER_WORDS.sub(lambda word: OTHERS[word[0].upper()], text))
    elif literal.datatype == GEOJSON:
        shape = shapely.from_geojson(text)
    else:
        shape, name = read_markup(text)
        system = system_of(name)
    if shape is None:
        raise ValueError(text)
    return Placed(flipped(shape, system), system)


def _nests_deeper(text: str) -> bool:
    depth = 0
    if sum(map(text.count, "([{")) > DEEPEST:
        for bracket in BRACKETS.finditer(text):
            depth += -1 if bracket[1] else 1
            if depth > DEEPEST:
                return True
    return False


_kept = lru_cache(maxsize=KEPT)(read_geometry)


def as_wkt(placed: Placed) -> Literal:
    """Return a geometry as WKT, which names its system where that is not CRS84."""
    text = shapely.to_wkt(flipped(placed.shape, placed.system), rounding_precision=9, trim=True)
    return Literal(text if placed.system == CRS84 else f"<{placed.system}> {text}", datatype=WKT)


def as_gml(placed: Placed, profile: Any = "") -> Literal:
    """Return a geometry as GML of the version that a profile is of, 3.1 where none is named; raises ValueError for others."""
    version = gml_version(str(profile))
    return Literal(write_gml(flipped(placed.shape, placed.system), placed.system, version), datatype=GML)


def as_geojson(placed: Placed) -> Literal:
    """Return a geometry as GeoJSON, in degrees (RFC 7946, section 4)."""
    return Literal(shapely.to_geojson(degrees(placed)), datatype=GEOJSON)


def as_kml(placed: Placed) -> Literal:
    """Return a geometry as KML, in degrees."""
    return Literal(write_kml(degrees(placed)), datatype=KML)


def _term(value: Any) -> Value | None:
    if value is None or isinstance(value, Literal | NamedNode):
        return value
    if isinstance(value, Placed):
        return as_wkt(value)
    if isinstance(value, bool | int):
        return Literal(value)
    return Literal(float(value)) if math.isfinite(value) else None
