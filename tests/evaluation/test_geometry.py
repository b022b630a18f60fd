"""Functions on geometries give values that an atlas confirms, and nothing where they cannot."""

from __future__ import annotations

import httpx
import pytest

PREFIXES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> PREFIX fn: <https://w3id.org/kouan/function#>
PREFIX id: <https://w3id.org/kouan/id/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> """
POINT = "'POINT(127.5 50.2)'^^geo:wktLiteral"
# A degree of latitude is 111.2 km long everywhere, one of longitude half of that at 60 degrees north.
EAST = "'POINT(11 60)'^^geo:wktLiteral"
WEST = "'POINT(10 60)'^^geo:wktLiteral"
SQUARE = "'POLYGON((0 0,1 0,1 1,0 1,0 0))'^^geo:wktLiteral"
LINE = "'LINESTRING(0 0,0 1)'^^geo:wktLiteral"
MANY = "'MULTIPOINT((1 2),(3 4))'^^geo:wktLiteral"


def value(client: httpx.Client, expression: str) -> str:
    query = f"{PREFIXES} SELECT (({expression}) AS ?x) {{}}"
    answer = client.get("/sparql", params={"query": query, "format": "csv"})
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
        (f"geof:metricArea({SQUARE})", 12_364_000_000),
        (f"geof:metricArea(geof:buffer({POINT}, 1000, uom:metre))", 3_137_000),
        (f"geof:maxX({SQUARE}) + geof:maxY({SQUARE}) + geof:minX({MANY}) + geof:minY({MANY})", 5),
        (f"geof:numGeometries({MANY})", 2),
    ],
)
def test_measures_are_right_within_a_hundredth(client, expression, expected):
    assert float(value(client, expression)) == pytest.approx(expected, rel=0.01, abs=1e-6)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
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
        ('geof:asWKT(\'{"type":"Point","coordinates":[1,2]}\'^^geo:geoJSONLiteral)', "POINT (1 2)"),
    ],
)
def test_functions_give_geometries_and_truths(client, expression, expected):
    assert value(client, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        f"geof:buffer({POINT}, 10, uom:foot)",
        f"geof:buffer({POINT}, 'wide')",
        "geof:maxX('POINT(1'^^geo:wktLiteral)",
        "geof:maxX('<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(50 127)'^^geo:wktLiteral)",
        f"geof:geometryN({MANY}, 3)",
        f"geof:metricDistance({POINT})",
    ],
)
def test_what_cannot_be_computed_gives_no_value_and_no_failure(client, expression):
    assert value(client, expression) == ""


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
