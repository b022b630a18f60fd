"""Functions on geometries give values that an atlas confirms, and nothing where they cannot."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import httpx
import pytest

PREFIXES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> PREFIX fn: <https://w3id.org/kouan/function#>
PREFIX id: <https://w3id.org/kouan/id/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> """
POINT = "'POINT(127.5 50.2)'^^geo:wktLiteral"
# A degree of latitude is 111.2 km long everywhere, one of longitude half of that at 60 degrees north.
EAST = "'POINT(11 60)'^^geo:wktLiteral"
WEST = "'POINT(10 60)'^^geo:wktLiteral"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
NORTH_FIRST = f"'<{EPSG}4326> POINT(50.2 127.5)'^^geo:wktLiteral"
GML = "<gml:{0} xmlns:gml='http://www.opengis.net/gml/3.2' srsName='urn:ogc:def:crs:EPSG::4326'>{1}</gml:{0}>"
SQUARE = "'POLYGON((0 0,1 0,1 1,0 1,0 0))'^^geo:wktLiteral"
LINE = "'LINESTRING(0 0,0 1)'^^geo:wktLiteral"
MANY = "'MULTIPOINT((1 2),(3 4))'^^geo:wktLiteral"


def value(client: httpx.Client, expression: str) -> str:
    query = f"{PREFIXES} SELECT (({expression}) AS ?x) {{}}"
    answer = client.post("/sparql", data={"query": query, "format": "csv"})
    assert answer.status_code == 200, answer.text
    return answer.text.split("\r\n")[1].strip('"')


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"geof:distance({WEST}, {EAST}, uom:metre)", 55_600),
        (f"geof:metricDistance({LINE}, 'POINT(1 0.5)'^^geo:wktLiteral)", 111_195),
        (f"geof:distance({LINE}, {SQUARE}, uom:metre)", 0),
        (f"geof:distance({WEST}, {EAST}, uom:degree)", 1),
        (f"geof:metricLength({LINE})", 111_195),
        (f"geof:metricPerimeter({SQUARE})", 444_780),
        (f"geof:metricArea({SQUARE})", 12_308_778_361),
        (f"geof:area({SQUARE}, uom:squareKilometre)", 12_308.8),
        (f"geof:area({SQUARE}, uom:degree)", 1),
        (f"geof:perimeter({SQUARE}, uom:kilometre)", 443.8),
        (f"geof:length({LINE}, uom:radian)", 0.0174533),
        (f"geof:distance({WEST}, {EAST}, uom:kilometre)", 55.8),
        (f"geof:distance(geof:transform({WEST}, <{EPSG}3857>), {EAST}, uom:metre)", 55_800),
        (f"geof:maxX(geof:transform({POINT}, <{EPSG}32652>))", 392_900),
        (f"geof:metricArea(geof:buffer(geof:transform({POINT}, <{EPSG}3857>), 1, uom:kilometre))", 3_137_000),
        (f"geof:metricArea(geof:buffer({POINT}, 1000, uom:metre))", 3_137_000),
        (f"geof:maxX({SQUARE}) + geof:maxY({SQUARE}) + geof:minX({MANY}) + geof:minY({MANY})", 5),
        (f"geof:numGeometries({MANY})", 2),
    ],
)
def test_measures_are_right_within_a_hundredth(client, expression, expected):
    assert float(value(client, expression)) == pytest.approx(expected, rel=0.01, abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        # Computed with pyproj between points that are dense on every edge. Across the date line,
        ("POINT(170 10)", "POLYGON((-180 0,-170 0,-170 20,-180 20,-180 0))", 1096.48),
        ("POINT(179 10)", "LINESTRING(-179 0,-100 20)", 1126.415),
        ("POLYGON((178 0,179 0,179 1,178 0))", "POLYGON((-179 0,-178 0,-178 1,-179 0))", 222.639),
        ("POINT(-180 10)", "POLYGON((170 0,180 0,180 20,170 20,170 0))", 0),
        # near a pole,
        ("POINT(0 85)", "LINESTRING(100 85,20 70)", 855.154),
        ("MULTIPOINT((0 85),(50 0))", "MULTIPOINT((180 85),(10 70))", 1116.9),
        ("POINT(0 80)", "LINESTRING(180 80,90 0)", 2233.652),
        # and where a degree is not as long in the north as in the south.
        ("POLYGON((3 50,4 50,4 51,3 51,3 50))", "POLYGON((0 50,1 50,1 51,0 51,0 50))", 140.391),
        ("POINT(179 0)", "GEOMETRYCOLLECTION(MULTIPOINT((-179 0)),LINESTRING(0 0,1 1))", 222.639),
    ],
)
def test_distances_are_those_of_the_nearest_places_on_the_globe(client, one, other, kilometres):
    pair = f"'{one}'^^geo:wktLiteral, '{other}'^^geo:wktLiteral"
    assert float(value(client, f"geof:distance({pair}, uom:kilometre)")) == pytest.approx(kilometres, rel=1e-3)
    assert float(value(client, f"geof:metricDistance({pair})")) == pytest.approx(kilometres * 1000, rel=1e-3)


def test_distance_of_long_lines_is_found_among_many_edges(client):
    ring = ",".join(f"{179 + math.cos(turn / 500):.9f} {math.sin(turn / 500):.9f}" for turn in range(3141))
    there = ",".join(f"{-176 + math.cos(turn / 500):.9f} {math.sin(turn / 500):.9f}" for turn in range(3141))
    pair = f"'LINESTRING({ring})'^^geo:wktLiteral, 'LINESTRING({there})'^^geo:wktLiteral"
    assert float(value(client, f"geof:metricDistance({pair})")) == pytest.approx(333_958.5, rel=1e-3)


@pytest.mark.parametrize(
    ("code", "place", "first", "second"),
    [
        # The axes of each system in its own order, as EPSG defines it.
        (4326, "127.5 50.2", 50.2, 127.5),
        (3035, "15 50", 2_999_719, 4_679_201),
        (3857, "127.5 50.2", 14_193_235, 6_480_985),
        # Around the poles both axes lead the same way: here the easting is first,
        (3031, "30 -80", 544_590, 943_257),
        (5041, "10 85", 2_096_454, 1_452_981),
        (5042, "10 -85", 2_096_454, 2_547_019),
        (3413, "10 85", 443_953, -310_859),
        # and here the northing.
        (32661, "10 85", 1_452_981, 2_096_454),
        (32761, "10 -85", 2_547_019, 2_096_454),
        # To the west and to the south.
        (2053, "28 -26", 100_121, 2_877_218),
        (2065, "15 50", 1_058_147, 703_012),
        (5514, "15 50", -703_012, -1_058_147),
    ],
)
def test_coordinates_are_in_the_order_of_the_axes_of_their_system(client, code, place, first, second):
    there = value(client, f"STR(geof:transform('POINT({place})'^^geo:wktLiteral, <{EPSG}{code}>))")
    assert [float(each) for each in there.rpartition("(")[2].rstrip(")").split()] == pytest.approx(
        [first, second], abs=1
    )
    back = value(
        client, f"STR(geof:transform('{there}'^^geo:wktLiteral, <http://www.opengis.net/def/crs/OGC/1.3/CRS84>))"
    )
    assert [float(each) for each in back.rpartition("(")[2].rstrip(")").split()] == pytest.approx(
        [float(each) for each in place.split()], abs=1e-5
    )


@pytest.mark.parametrize(
    ("profile", "shape", "expected"),
    [
        ("", "POINT(1 2)", "<gml:Point xmlns:gml={0}gml{1}><gml:pos>1 2</gml:pos></gml:Point>"),
        (", 'GML 3.1.1'", "POINT(1 2)", "<gml:Point xmlns:gml={0}gml{1}><gml:pos>1 2</gml:pos></gml:Point>"),
        (
            ", 'http://www.opengis.net/def/profile/ogc/2.0/gml-sf0'",
            "LINESTRING(0 0,1 1)",
            "<gml:LineString xmlns:gml={0}gml/3.2{1} gml:id=#g1#><gml:posList>0 0 1 1</gml:posList></gml:LineString>",
        ),
        (
            ", 'GML 3.2.1'",
            "MULTIPOINT((1 2),(3 4))",
            "<gml:MultiPoint xmlns:gml={0}gml/3.2{1} gml:id=#g3#><gml:pointMember><gml:Point gml:id=#g1#><gml:pos>1 2</gml:pos>"
            "</gml:Point></gml:pointMember><gml:pointMember><gml:Point gml:id=#g2#><gml:pos>3 4</gml:pos></gml:Point>"
            "</gml:pointMember></gml:MultiPoint>",
        ),
        (
            ", '2.1.2'",
            "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
            "<gml:MultiPolygon xmlns:gml={0}gml{1}><gml:polygonMember><gml:Polygon><gml:outerBoundaryIs><gml:LinearRing>"
            "<gml:coordinates>0,0 1,0 1,1 0,0</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>"
            "</gml:polygonMember></gml:MultiPolygon>",
        ),
    ],
)
def test_gml_is_of_the_version_that_a_profile_names_and_read_as_the_same(client, profile, shape, expected):
    words = expected.format("#http://www.opengis.net/", "# srsName=#http://www.opengis.net/def/crs/OGC/1.3/CRS84#")
    written = f"geof:asGML('{shape}'^^geo:wktLiteral{profile})"
    found = value(client, f"REPLACE(STR({written}), '\"', '#')")
    assert ElementTree.canonicalize(found.replace("#", '"')) == ElementTree.canonicalize(words.replace("#", '"'))
    assert value(client, f"geof:sfEquals({written}, '{shape}'^^geo:wktLiteral)") == "true"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("geof:isSimple('GEOMETRYCOLLECTION(POINT(1 2))'^^geo:wktLiteral)", "true"),
        ("geof:isSimple(''^^geo:wktLiteral)", "true"),
        ("geof:isSimple('GEOMETRYCOLLECTION(LINESTRING(0 0,1 1,0 1,1 0))'^^geo:wktLiteral)", "false"),
        ("STR(geof:asWKT('TRIANGLE((0 0,1 0,0 1,0 0))'^^geo:wktLiteral))", "POLYGON ((0 0, 1 0, 0 1, 0 0))"),
        ("geof:numGeometries('TIN(((0 0,1 0,0 1,0 0)),((1 0,0 1,1 1,1 0)))'^^geo:wktLiteral)", "2"),
        ("geof:area('PolyhedralSurface Z(((0 0 1,1 0 1,0 1 1,0 0 1)))'^^geo:wktLiteral, uom:degree)", "0.5"),
        (
            f"geof:sfEquals({POINT}, '<http://www.opengis.net/def/crs/OGC/1.3/CRS83> POINT(127.5 50.2)'^^geo:wktLiteral)",
            "true",
        ),
        (f"fn:withinBox({POINT}, 120, 45, 135, 55)", "true"),
        (f"fn:withinBox({POINT}, 120, 45, 125, 55)", "false"),
        ("fn:withinBox('POINT(179.5 60)'^^geo:wktLiteral, 170, 50, -170, 70)", "true"),
        (f"geof:sfContains(geof:buffer({POINT}, 5000, uom:metre), {POINT})", "true"),
        (f"geof:geometryType({SQUARE})", "http://www.opengis.net/ont/sf#Polygon"),
        (f"geof:geometryN({MANY}, 2)", "POINT (3 4)"),
        (f"geof:boundary({LINE})", "MULTIPOINT ((0 0), (0 1))"),
        (f"geof:union({LINE}, {POINT})", "GEOMETRYCOLLECTION (LINESTRING (0 0, 0 1), POINT (127.5 50.2))"),
        (f"geof:intersection({LINE}, {SQUARE})", "LINESTRING (0 0, 0 1)"),
        (f"geof:is3D({SQUARE})", "false"),
        (f"geof:sfEquals({NORTH_FIRST}, {POINT})", "true"),
        (f"geof:getSRID({NORTH_FIRST})", f"{EPSG}4326"),
        (f"geof:centroid({NORTH_FIRST})", f"<{EPSG}4326> POINT (50.2 127.5)"),
        (f"geof:union({NORTH_FIRST}, {POINT})", f"<{EPSG}4326> POINT (50.2 127.5)"),
        (f"geof:transform({NORTH_FIRST}, <http://www.opengis.net/def/crs/OGC/1.3/CRS84>)", "POINT (127.5 50.2)"),
        ("geof:isEmpty(''^^geo:wktLiteral)", "true"),
        ("geof:isEmpty(''^^geo:gmlLiteral)", "true"),
        (f"geof:isEmpty(geof:intersection({LINE}, {POINT}))", "true"),
        (f"geof:isSimple({LINE}) && geof:dimension({SQUARE}) = 2 && geof:spatialDimension({LINE}) = 2", "true"),
        ("geof:maxZ('LINESTRING Z(0 0 5, 1 1 7)'^^geo:wktLiteral)", "7"),
        (f"geof:rcc8ntpp(geof:buffer({POINT}, 1, uom:metre), geof:buffer({POINT}, 9, uom:metre))", "true"),
        (f"geof:relate({SQUARE}, {SQUARE}, '2FFF1FFF2') && !geof:relate({SQUARE}, {SQUARE}, '212101212')", "true"),
        (f"geof:ehInside({POINT}, geof:buffer({POINT}, 9, uom:metre))", "true"),
        ('geof:asWKT(\'{"type":"Point","coordinates":[1,2]}\'^^geo:geoJSONLiteral)', "POINT (1 2)"),
    ],
)
def test_functions_give_geometries_and_truths(client, expression, expected):
    assert value(client, expression) == expected


@pytest.mark.parametrize(
    ("name", "inside", "expected"),
    [
        ("Point", "<gml:pos>50.2 127.5</gml:pos>", "POINT (50.2 127.5)"),
        ("Point", "<gml:coordinates>50.2,127.5</gml:coordinates>", "POINT (50.2 127.5)"),
        ("Point", "<gml:coord><gml:X>50</gml:X><gml:Y>127</gml:Y></gml:coord>", "POINT (50 127)"),
        ("Point", "", "POINT EMPTY"),
        ("LineString", "<gml:posList srsDimension='2'>1 2 3 4</gml:posList>", "LINESTRING (1 2, 3 4)"),
        ("LineString", "<gml:coordinates cs=' ' ts=';'>1 2;3 4</gml:coordinates>", "LINESTRING (1 2, 3 4)"),
        (
            "Curve",
            "<gml:segments><gml:LineStringSegment><gml:posList>1 2 3 4</gml:posList></gml:LineStringSegment>"
            "<gml:LineStringSegment><gml:posList>3 4 5 6</gml:posList></gml:LineStringSegment></gml:segments>",
            "LINESTRING (1 2, 3 4, 5 6)",
        ),
        (
            "Polygon",
            "<gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>0,0 9,0 9,9 0,0</gml:coordinates></gml:LinearRing>"
            "</gml:outerBoundaryIs><gml:innerBoundaryIs><gml:LinearRing><gml:coordinates>4,1 5,1 5,2 4,1"
            "</gml:coordinates></gml:LinearRing></gml:innerBoundaryIs>",
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (4 1, 5 1, 5 2, 4 1))",
        ),
        (
            "Surface",
            "<gml:patches><gml:PolygonPatch><gml:exterior><gml:LinearRing><gml:posList>0 0 9 0 9 9 0 0</gml:posList>"
            "</gml:LinearRing></gml:exterior></gml:PolygonPatch></gml:patches>",
            "POLYGON ((0 0, 9 0, 9 9, 0 0))",
        ),
        (
            "MultiPoint",
            "<gml:pointMembers><gml:Point><gml:pos>1 2</gml:pos></gml:Point>"
            "<gml:Point><gml:pos>3 4</gml:pos></gml:Point></gml:pointMembers>",
            "MULTIPOINT ((1 2), (3 4))",
        ),
        (
            "MultiSurface",
            "<gml:surfaceMember><gml:Polygon srsDimension='3'><gml:exterior><gml:LinearRing><gml:posList>0 0 5 9 0 5 9 9 5 0 0 5"
            "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>",
            "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))",
        ),
        (
            "Envelope",
            "<gml:lowerCorner>0 0</gml:lowerCorner><gml:upperCorner>1 2</gml:upperCorner>",
            "POLYGON ((1 0, 1 2, 0 2, 0 0, 1 0))",
        ),
    ],
)
def test_gml_of_any_version_is_read_in_the_order_of_its_system(client, name, inside, expected):
    literal = f'"{GML.format(name, inside)}"^^geo:gmlLiteral'
    assert value(client, f"geof:sfEquals({literal}, '<{EPSG}4326> {expected}'^^geo:wktLiteral)") == "true"
    assert value(client, f"geof:asWKT({literal})").startswith(f"<{EPSG}4326> {expected.split()[0]}")


@pytest.mark.parametrize("way", ["asGML", "asKML", "asGeoJSON"])
@pytest.mark.parametrize(
    "text",
    [
        *("POINT (1 2)", "LINESTRING (1 2, 3 4)", "POLYGON ((0 0, 9 0, 9 9, 0 0), (4 1, 5 1, 5 2, 4 1))"),
        *("MULTIPOINT ((1 2), (3 4))", "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))", "POINT Z (1 2 3)"),
        *("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))", "GEOMETRYCOLLECTION (POINT (1 2))"),
    ],
)
def test_what_is_written_in_another_way_is_read_as_the_same(client, way, text):
    wkt = f"'{text}'^^geo:wktLiteral"
    assert (
        value(client, f"geof:sfEquals(geof:{way}({wkt}), {wkt}) && geof:is3D(geof:{way}({wkt})) = geof:is3D({wkt})")
        == "true"
    )


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("aggUnion", "MULTIPOINT ((0 0), (4 0), (4 4))"),
        ("aggConvexHull", "POLYGON ((0 0, 4 4, 4 0, 0 0))"),
        ("aggBoundingBox", "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
        ("aggCentroid", "POINT (2.666666667 1.333333333)"),
    ],
)
def test_aggregates_are_of_each_group(client, aggregate, expected):
    query = f"""{PREFIXES} SELECT ?name (geof:{aggregate}(?wkt) AS ?x) {{ VALUES (?name ?wkt) {{
      ('a' 'POINT(0 0)'^^geo:wktLiteral) ('a' 'POINT(4 0)'^^geo:wktLiteral) ('a' 'POINT(4 4)'^^geo:wktLiteral)
      ('a' 'POINT(4 4)'^^geo:wktLiteral) ('b' 'nowhere'^^geo:wktLiteral) }} }} GROUP BY ?name ORDER BY ?name"""
    answer = client.get("/sparql", params={"query": query, "format": "csv"}).text.split("\r\n")
    assert answer[1].partition(",")[2].strip('"') == expected
    assert answer[2] == "b,"


@pytest.mark.parametrize(
    "expression",
    [
        f"geof:buffer({POINT}, 10, uom:foot)",
        f"geof:buffer({POINT}, 'wide')",
        "geof:maxX('POINT(1'^^geo:wktLiteral)",
        "geof:maxX('<http://www.opengis.net/def/crs/EPSG/0/1> POINT(50 127)'^^geo:wktLiteral)",
        "geof:maxX('<http://example.org/a-system> POINT(50 127)'^^geo:wktLiteral)",
        "geof:asWKT('<gml:Point>1 2</gml:Point>'^^geo:gmlLiteral)",
        "geof:asWKT('<Solid/>'^^geo:gmlLiteral)",
        f"geof:transform({POINT}, 'no system')",
        # A system of heights has no places.
        f"geof:transform({POINT}, <{EPSG}5703>)",
        f"geof:asGML({POINT}, 'KML 2.2')",
        f"geof:sfWithin({POINT}, 'somewhere')",
        "geof:maxX('POINT EMPTY'^^geo:wktLiteral)",
        f"geof:geometryN({MANY}, 3)",
        f"geof:metricDistance({POINT})",
    ],
)
def test_what_cannot_be_computed_gives_no_value_and_no_failure(client, expression):
    assert value(client, expression) == ""


@pytest.mark.parametrize(
    ("kind", "before", "inside", "after"),
    [
        ("wkt", "GEOMETRYCOLLECTION(", "POINT(1 2)", ")"),
        ("geoJSON", '{"type":"GeometryCollection","geometries":[', '{"type":"Point","coordinates":[1,2]}', "]}"),
        ("kml", "<MultiGeometry>", "<Point><coordinates>1,2</coordinates></Point>", "</MultiGeometry>"),
    ],
    ids=["wkt", "geojson", "kml"],
)
def test_geometry_that_nests_without_end_gives_no_value_at_once(client, kind, before, inside, after):
    def asked(times):
        return value(client, f"geof:isEmpty('{before * times}{inside}{after * times}'^^geo:{kind}Literal)")

    assert asked(20) == "false"
    assert asked(15_000) == ""


def test_heihe_lies_near_its_neighbour_across_the_river(client):
    query = f"""{PREFIXES} SELECT ?metres {{
      id:heihe geo:hasGeometry/geo:asWKT ?here
      BIND(geof:distance(?here, 'POINT(127.53 50.27)'^^geo:wktLiteral, uom:metre) AS ?metres) }}"""
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
    assert 1 < float(answer.text.split()[1]) < 10_000


def test_every_function_is_listed_in_the_service_description(client):
    from kouan.evaluation.geometry import FUNCTIONS

    description = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    assert all(f"<{name}>" in description for name in FUNCTIONS)
    assert len(FUNCTIONS) > 20
