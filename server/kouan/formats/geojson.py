"""Write solutions as GeoJSON (RFC 7946), a feature for each row. Knows WKT in CRS84 and EPSG:4326; projects nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, Store

from kouan.errors import NotAcceptable
from kouan.formats.values import read_number, read_value
from kouan.vocabulary import GEO, XSD

WKT, GEOJSON = GEO + "wktLiteral", GEO + "geoJSONLiteral"
CRS = re.compile(r"\s*<([^>]*)>\s*")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# These name the same coordinates as CRS84, latitude first.
LATITUDE_FIRST = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/4326\Z")
AS_GEOJSON = "SELECT (<http://www.opengis.net/def/function/geosparql/asGeoJSON>(%s) AS ?json) {}"


def write(results: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Write a feature collection; raises NotAcceptable where rows hold no geometry, or one that GeoJSON cannot say."""
    assert isinstance(results, QuerySolutions)
    names = [variable.value for variable in results.variables]
    held: list[str] = []
    begun = False
    for feature, has_geometry in _features(names, results):
        # Rows are held back until one has a geometry: before that the answer may still be an error.
        held.append(feature)
        if has_geometry or begun:
            output.write((",\n" if begun else '{"type":"FeatureCollection","features":[\n').encode())
            output.write(",\n".join(held).encode())
            held.clear()
            begun = True
    if held:
        raise NotAcceptable(
            "No column of the answer holds a geometry (geo:wktLiteral), and GeoJSON is made of them; select "
            "?thing geo:hasGeometry/geo:asWKT ?wkt, or ask for json."
        )
    output.write(("\n]}\n" if begun else '{"type":"FeatureCollection","features":[]}\n').encode())


def unplaced(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return a feature collection of what has no place, which RFC 7946 has in section 3.2."""
    features = [{"type": "Feature", "geometry": None, "properties": dict(row)} for row in rows]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def _features(names: Sequence[str], rows: QuerySolutions) -> Iterator[tuple[str, bool]]:
    """Yield each row as a feature, and whether it has a geometry, which is its first column that holds one."""
    engine = Store()
    for row in rows:
        geometry: Any = None
        properties: dict[str, Any] = {}
        for name, term in zip(names, row, strict=True):
            is_geometry = isinstance(term, Literal) and term.datatype.value in {WKT, GEOJSON}
            if geometry is None and is_geometry and (geometry := _geometry(engine, term)) is not None:
                continue
            if term is not None:
                properties[name] = _value(term)
        feature = {"type": "Feature", "geometry": geometry, "properties": properties}
        yield json.dumps(feature, ensure_ascii=False, separators=(",", ":")), geometry is not None


def _geometry(engine: Store, literal: Any) -> Any:
    """Return a literal as a GeoJSON geometry; None where it cannot be read."""
    text = literal.value
    if literal.datatype.value == GEOJSON:
        return _parsed(text)
    given = CRS.match(text)
    crs = given[1] if given else CRS84
    swapped = LATITUDE_FIRST.match(crs) is not None
    if crs != CRS84 and not swapped:
        raise NotAcceptable(
            f"A geometry of the answer is in the coordinate system <{crs}>, and GeoJSON knows CRS84 only "
            "(RFC 7946, section 4); ask for json."
        )
    plain = Literal(text[given.end() :] if given else text, datatype=NamedNode(WKT))
    solutions = engine.query(AS_GEOJSON % plain)
    assert isinstance(solutions, QuerySolutions)
    found = next(solutions)["json"]
    geometry = _parsed(found.value) if isinstance(found, Literal) else None
    return _with_longitude_first(geometry) if swapped and geometry else geometry


def _parsed(text: str) -> Any:
    try:
        geometry = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return geometry if isinstance(geometry, dict) else None


def _finite(text: str) -> float:
    """Return a number; raises ValueError for one that JSON has no sign for (RFC 8259, section 6)."""
    if not isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _with_longitude_first(part: Any) -> Any:
    if isinstance(part, dict):
        return {k: _with_longitude_first(v) if k in {"coordinates", "geometries"} else v for k, v in part.items()}
    if isinstance(part, list) and len(part) > 1 and not isinstance(part[0], list | dict):
        return [part[1], part[0], *part[2:]]
    return [_with_longitude_first(each) for each in part]


def _value(term: Any) -> Any:
    if not isinstance(term, Literal):
        return term.value if isinstance(term, NamedNode) else str(term)
    datatype = term.datatype.value
    try:
        value = read_value(datatype, term.value) if datatype == XSD + "boolean" else read_number(datatype, term.value)
    except (ValueError, ArithmeticError):
        return term.value
    # JSON has no infinity and no NaN.
    return value if abs(value) < float("inf") else term.value
