"""What stands below what in GeoSPARQL 1.1 and in Simple Features (ISO 19125-1, figure 2), whatever the data repeats of it."""

from __future__ import annotations

from kouan.vocabulary import GEO, RDFS

SF = "http://www.opengis.net/ont/sf#"
_CLASSES = {
    GEO + "SpatialObject": (GEO + "Feature", GEO + "Geometry"),
    GEO + "Geometry": (SF + "Geometry",),
    SF + "Geometry": tuple(SF + name for name in ("Point", "Curve", "Surface", "GeometryCollection")),
    SF + "Curve": (SF + "LineString",),
    SF + "LineString": (SF + "Line", SF + "LinearRing"),
    SF + "Surface": (SF + "Polygon", SF + "PolyhedralSurface"),
    SF + "Polygon": (SF + "Triangle", SF + "Envelope"),
    SF + "PolyhedralSurface": (SF + "TIN",),
    SF + "GeometryCollection": tuple(SF + name for name in ("MultiPoint", "MultiCurve", "MultiSurface")),
    SF + "MultiCurve": (SF + "MultiLineString",),
    SF + "MultiSurface": (SF + "MultiPolygon",),
}
_PROPERTIES = {
    GEO + "hasGeometry": (GEO + "hasDefaultGeometry",),
    GEO + "hasSerialization": tuple(GEO + name for name in ("asWKT", "asGML", "asGeoJSON", "asKML", "asDGGS")),
}
DIRECTLY_BELOW: dict[str, dict[str, tuple[str, ...]]] = {
    RDFS + "subClassOf": _CLASSES,
    RDFS + "subPropertyOf": _PROPERTIES,
}
"""The terms one step below another, by the property that says so."""
