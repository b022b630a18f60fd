"""Read and write geometries as GML 2, GML 3 (GML 2.1.2, section 4; GML 3.2.1, clauses 10 and 11) and KML (KML 2.3, clause 10).

Knows XML and shapes, and no systems.

Libraries were tried: pygml reads no GML 2, and takes the signs between coordinates for those between tuples.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import shapely

NAMESPACE = "http://www.opengis.net/gml"
KML = "http://www.opengis.net/kml/2.2"
Position = tuple[float, ...]
LINES = {"LineString", "LinearRing", "LineStringSegment", "Curve", "Ring", "CompositeCurve", "OrientableCurve"}
AREAS = {"Polygon", "PolygonPatch", "Triangle", "Rectangle"}
MANY = {
    "MultiPoint": shapely.MultiPoint,
    "MultiLineString": shapely.MultiLineString,
    "MultiCurve": shapely.MultiLineString,
    "MultiPolygon": shapely.MultiPolygon,
    "MultiSurface": shapely.MultiPolygon,
    "CompositeSurface": shapely.MultiPolygon,
    "Surface": shapely.MultiPolygon,
    "PolyhedralSurface": shapely.MultiPolygon,
    "MultiGeometry": shapely.GeometryCollection,
    "GeometricComplex": shapely.GeometryCollection,
}
"""What is made of parts, and what of them."""
OUTER, INNER = {"exterior", "outerBoundaryIs"}, {"interior", "innerBoundaryIs"}


def read_markup(text: str) -> tuple[shapely.Geometry, str]:
    """Return a shape as it is written, and what srsName calls its system, "" where nothing does.

    The namespace is not looked at: documents call it by four names. Raises ValueError for what is no geometry or has arcs.
    """
    if "<!" in text:
        raise ValueError("a document type, a comment or a section")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    systems = {each.get("srsName") for each in root.iter()} - {None}
    if len(systems) > 1:
        raise ValueError("more than one system")
    return _shape(root), next(iter(systems)) or "" if systems else ""


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _shape(element: Element) -> shapely.Geometry:
    name = _name(element)
    if name == "Point":
        found = list(_positions(element))
        return shapely.Point(found[0]) if found else shapely.Point()
    if name in LINES:
        return shapely.LineString(_line(element))
    if name in AREAS:
        return _area(element)
    if name in {"Envelope", "Box"}:
        (west, south, *_), (east, north, *_) = _positions(element)
        return shapely.box(west, south, east, north)
    if name not in MANY:
        raise ValueError(name)
    # In KML the parts stand there themselves; in GML each stands in a member.
    parts = [_shape(each) for member in element for each in ([member] if _name(member)[0].isupper() else member)]
    # A surface of one patch is a polygon.
    return parts[0] if len(parts) == 1 and name.endswith("Surface") and name != "MultiSurface" else MANY[name](parts)


def _area(element: Element) -> shapely.Geometry:
    rings = [(_name(side), _line(ring)) for side in element for ring in side if _name(side) in OUTER | INNER]
    outer = [line for name, line in rings if name in OUTER]
    return shapely.Polygon(outer[0], [line for name, line in rings if name in INNER]) if outer else shapely.Polygon()


def _line(element: Element) -> list[Position]:
    """Return the positions of a line; where it is made of several, where one ends and the next begins comes once."""
    own = list(_positions(element))
    if own or _name(element) in {"LineString", "LinearRing", "LineStringSegment"}:
        return own
    found: list[Position] = []
    for part in (each for member in element for each in member):
        if _name(part) not in LINES:
            raise ValueError(_name(part))
        line = _line(part)
        found += line[1:] if found and line[:1] == found[-1:] else line
    return found


def _positions(element: Element) -> Iterator[Position]:
    for child in element:
        name, text = _name(child), child.text or ""
        if name in {"pos", "posList", "lowerCorner", "upperCorner"}:
            numbers = [float(each) for each in text.split()]
            size = int(child.get("srsDimension") or element.get("srsDimension") or 2) if name == "posList" else 9
            yield from (tuple(numbers[at : at + size]) for at in range(0, len(numbers), size))
        elif name == "coordinates":
            between, tuples = child.get("cs", ","), child.get("ts")
            point = child.get("decimal", ".")
            for each in text.strip().split(tuples if tuples and tuples.strip() else None):
                yield tuple(float(number.replace(point, ".")) for number in each.split(between))
        elif name == "coord":
            yield tuple(float(each.text or "") for each in child)
        elif name in {"pointProperty", "pointRep"}:
            for point_element in child:
                yield from _positions(point_element)


def write_gml(shape: shapely.Geometry, system: str) -> str:
    """Return a shape as GML 3.1, its coordinates as they are; raises ValueError for what has no word there."""
    ElementTree.register_namespace("gml", NAMESPACE)
    root = _element(shape)
    root.set("srsName", system)
    return ElementTree.tostring(root, encoding="unicode")


def _made(name: str, *children: Element, text: str | None = None) -> Element:
    made = Element(f"{{{NAMESPACE}}}{name}")
    made.extend(children)
    made.text = text
    return made


def _element(shape: shapely.Geometry) -> Element:
    kind = shape.geom_type
    if kind == "Polygon":
        sides = [("exterior", shape.exterior), *(("interior", ring) for ring in shape.interiors)]
        return _made(kind, *(_made(side, _element(ring)) for side, ring in sides if not ring.is_empty))
    if kind in {"Point", "LineString", "LinearRing"}:
        numbers = " ".join(
            f"{number:.15g}" for place in shapely.get_coordinates(shape, shape.has_z) for number in place
        )
        place = _made("pos" if kind == "Point" else "posList", text=numbers)
        if shape.has_z:
            place.set("srsDimension", "3")
        return _made(kind, place)
    names = {"MultiPoint": ("MultiPoint", "point"), "MultiLineString": ("MultiCurve", "curve")}
    names |= {"MultiPolygon": ("MultiSurface", "surface")}
    name, member = names.get(kind, ("MultiGeometry", "geometry"))
    return _made(name, *(_made(member + "Member", _element(part)) for part in shape.geoms))


def write_kml(shape: shapely.Geometry) -> str:
    """Return a shape in degrees as KML."""
    kind = shape.geom_type
    if kind == "Polygon":
        sides = [("outer", shape.exterior), *(("inner", ring) for ring in shape.interiors)]
        inside = "".join(
            f"<{side}BoundaryIs>{_kml(ring)}</{side}BoundaryIs>" for side, ring in sides if not ring.is_empty
        )
    elif kind in {"Point", "LineString", "LinearRing"}:
        places = (
            ",".join(f"{number:.15g}" for number in place) for place in shapely.get_coordinates(shape, shape.has_z)
        )
        inside = f"<coordinates>{' '.join(places)}</coordinates>"
    else:
        kind, inside = "MultiGeometry", "".join(map(_kml, shape.geoms))
    return f'<{kind} xmlns="{KML}">{inside}</{kind}>'


def _kml(shape: shapely.Geometry) -> str:
    return write_kml(shape).replace(f' xmlns="{KML}"', "")
