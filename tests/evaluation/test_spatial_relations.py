"""Spatial relations are found between geometries where they stand as properties, and classes of geometries below a class with it."""

from __future__ import annotations

import httpx
import pytest

PREFIXES = """PREFIX : <http://example.org/> PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX sf: <http://www.opengis.net/ont/sf#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> """
DATA = f"""{PREFIXES}
:land a :Land ; geo:hasDefaultGeometry :land-shape . :town a :Town ; geo:hasGeometry :town-shape . :far geo:hasGeometry :far-shape .
:land-shape a :Parcel ; geo:asWKT "POLYGON((0 0,9 0,9 9,0 9,0 0))"^^geo:wktLiteral .
:town-shape geo:asWKT "POINT(1 2)"^^geo:wktLiteral ; geo:asGML "<Point><pos>1 2</pos></Point>"^^geo:gmlLiteral .
:far-shape geo:asWKT "POINT(1 20)"^^geo:wktLiteral .
:elsewhere geo:sfWithin :land .
:Parcel rdfs:subClassOf sf:Polygon . :seat rdfs:subPropertyOf geo:hasGeometry . :hamlet :seat :hamlet-shape .
"""


@pytest.fixture(scope="module")
def rows(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spatial")
    (folder / "data.ttl").write_text(DATA, encoding="utf-8")
    with start([str(folder / "data.ttl")], {"KOUAN_SNAPSHOTS": str(folder / "snapshots")}) as address:

        def rows(query: str, **parameters: str) -> list[str]:
            parameters = {"format": "csv"} | parameters | {"query": f"{PREFIXES} {query}"}
            answer = httpx.get(f"{address}/sparql", params=parameters, timeout=60)
            assert answer.status_code == 200, answer.text
            return sorted(answer.text.replace("http://example.org/", ":").splitlines()[parameters["format"] == "csv" :])

        yield rows


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x geo:sfWithin :land", [":elsewhere", ":land", ":land-shape", ":town", ":town-shape"]),
        ("?x a :Town ; geo:sfWithin :land", [":town"]),
        ("?x a :Town . ?y a :Land . ?x geo:ehInside ?y", [":town"]),
        (":land geo:sfContains ?x . ?x a :Town", [":town"]),
        ("OPTIONAL { ?x geo:sfDisjoint :land-shape FILTER(?x != :far-shape) }", [":far"]),
        ("?x geo:sfOverlaps :land", []),
        ("GRAPH <http://example.org/none> { ?x geo:sfWithin :land }", []),
    ],
)
def test_relation_holds_where_it_is_stated_and_where_the_geometries_have_it_once_each(rows, pattern, expected):
    assert rows(f"SELECT ?x {{ {pattern} }}") == expected


def test_relation_is_only_what_is_stated_where_nothing_is_to_be_inferred(rows):
    assert rows("SELECT ?x { ?x geo:sfWithin :land }", infer="false") == [":elsewhere"]


def test_relation_stands_in_the_short_form_of_construct_and_between_two_names(rows):
    query = "CONSTRUCT {}WHERE {{ :town geo:sfWithin ?x }}"
    assert rows(query.format(""), format="nt") == rows(query.format("{ :town geo:sfWithin ?x } "), format="nt") != []
    assert rows("SELECT * { :town geo:sfWithin :land . ?x a :Parcel }") == [":land-shape"]
    assert rows("SELECT * { :town geo:sfContains :land . ?x a :Parcel }") == []


def test_relation_counts_each_pair_once(rows):
    assert rows("SELECT (COUNT(*) AS ?n) { ?x geo:sfWithin :land }") == ["5"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT DISTINCT ?x { ?x a sf:Polygon }", [":land-shape"]),
        ("SELECT DISTINCT ?x { ?x a sf:Polygon , :Parcel }", [":land-shape"]),
        ("SELECT DISTINCT ?x { ?x geo:hasGeometry [] }", [":far", ":hamlet", ":land", ":town"]),
        # GeoSPARQL's own hierarchy holds whatever the data repeats of it.
        ("SELECT DISTINCT ?x { ?x a geo:SpatialObject }", [":land-shape"]),
        (
            "SELECT DISTINCT * { ?x a geo:Geometry ; geo:hasSerialization ?y }",
            [':land-shape,"POLYGON((0 0,9 0,9 9,0 9,0 0))"'],
        ),
        ("SELECT DISTINCT ?x { ?x geo:hasSerialization [] }", [":far-shape", ":land-shape", ":town-shape"]),
        ("SELECT DISTINCT ?x { ?x geo:hasGeometry/geo:asWKT ?y . ?z a sf:Surface }", [":far", ":land", ":town"]),
        # A row that is found in two ways would count twice.
        ("SELECT (COUNT(*) AS ?n) { ?x a sf:Polygon }", ["0"]),
    ],
)
def test_classes_and_properties_of_geometries_find_what_is_below_them(rows, query, expected):
    assert rows(query) == expected
    if "DISTINCT" in query:
        assert rows(query, infer="false") != expected
