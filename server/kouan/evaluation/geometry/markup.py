"""Read and write geometries as GML 2, GML 3 (GML 2.1.2, section 4; GML 3.2.1, clauses 10 and 11) and KML (KML 2.3, clause 10).

Knows XML and shapes, and no systems.

Libraries were tried: pygml reads no GML 2, and takes the signs between coordinates for those between tuples.
"""

from __future__ import annotations

import re
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
# Members by what they make, in GML 3 and in GML 2.
MEMBERS = {
    "MultiPoint": ("MultiPoint", "point"),
    "MultiLineString": ("MultiCurve", "curve"),
    "MultiPolygon": ("MultiSurface", "surface"),
}
OLD_MEMBERS = {
    "MultiPoint": ("MultiPoint", "point"),
    "MultiLineString": ("MultiLineString", "lineString"),
    "MultiPolygon": ("MultiPolygon", "polygon"),
}
# What each version is called: by its number, or by the profile of simple features that is of it.
PROFILES = {
    "3.2": re.compile(r"(?<![\d.])3\.[23]|/ogc/2\.0/gml-sf"),
    "3.1": re.compile(r"(?<![\d.])3(?:\.[01]|(?![\d.]))|^$|^GML$|opengis\.net/gml/?$", re.I),
    "2": re.compile(r"(?<![\d.])2(?:\.[01]|(?![\d.]))"),
}
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
    for outer in root.iter():
        # How many numbers a position has is said of the whole, or of a part (GML 3.2.1, clause 10.1.3.2).
        for inner in outer if "srsDimension" in outer.attrib else ():
            inner.attrib.setdefault("srsDimension", outer.attrib["srsDimension"])
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
            size = int(child.get("srsDimension") or 2) if name == "posList" else 9
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


def gml_version(profile: str) -> str:
    """Return the version of GML that a profile is of, by its number or address; raises ValueError for one that is none of these."""
    for version, named in PROFILES.items():
        if named.search(profile):
            return version
    raise ValueError(profile)


def write_gml(shape: shapely.Geometry, system: str, version: str) -> str:
    """Return a shape as GML 2, 3.1 or 3.2, its coordinates as they are."""
    root = _Gml(version).element(shape)
    root.set("srsName", system)
    return ElementTree.tostring(root, encoding="unicode")


class _Gml:
    """The elements of one version: 3.2 has a namespace of its own and names each geometry, 2 has other words."""

    def __init__(self, version: str) -> None:
        self._is_old, self._is_named = version == "2", version == "3.2"
        self._space = NAMESPACE + ("/3.2" if self._is_named else "")
        self._made = 0
        ElementTree.register_namespace("gml", self._space)

    def element(self, shape: shapely.Geometry) -> Element:
        """Return the element of a shape."""
        kind = shape.geom_type
        own: list[Element]
        if kind == "Polygon":
            outer, inner = ("outerBoundaryIs", "innerBoundaryIs") if self._is_old else ("exterior", "interior")
            sides = [(outer, shape.exterior), *((inner, ring) for ring in shape.interiors)]
            own = [self._element(side, self.element(ring)) for side, ring in sides if not ring.is_empty]
        elif kind in {"Point", "LineString", "LinearRing"}:
            own = [self._places(shape)]
        else:
            names = OLD_MEMBERS if self._is_old else MEMBERS
            kind, member = names.get(kind, ("MultiGeometry", "geometry"))
            own = [self._element(member + "Member", self.element(part)) for part in shape.geoms]
        element = self._element(kind, *own)
        if self._is_named and kind != "LinearRing":
            self._made += 1
            element.set(f"{{{self._space}}}id", f"g{self._made}")
        return element

    def _places(self, shape: shapely.Geometry) -> Element:
        places = shapely.get_coordinates(shape, shape.has_z)
        within, between = (",", " ") if self._is_old else (" ", " ")
        text = between.join(within.join(f"{number:.15g}" for number in place) for place in places)
        name = "coordinates" if self._is_old else "pos" if shape.geom_type == "Point" else "posList"
        found = self._element(name, text=text)
        if shape.has_z and not self._is_old:
            found.set("srsDimension", "3")
        return found

    def _element(self, name: str, *children: Element, text: str | None = None) -> Element:
        made = Element(f"{{{self._space}}}{name}")
        made.extend(children)
        made.text = text
        return made


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
