"""Wikidata's searches for places run here, and find what a computation of their own finds in the graph's slice of Wikidata."""

from __future__ import annotations

import math

import httpx
import pytest
from test_wikibase import ask, rows

ERENHOT = (111.97, 43.65)
HERE = f'"Point({ERENHOT[0]} {ERENHOT[1]})"^^geo:wktLiteral'
PATTERN = "?place wdt:P625 ?location"
FIVE = "bd:serviceParam wikibase:radius 5"


def around(center=HERE, radius='"700"', distance="", more=""):
    told = f"bd:serviceParam wikibase:center {center} ; wikibase:radius {radius} ."
    far = f"bd:serviceParam wikibase:distance {distance} ." if distance else ""
    return f"SERVICE wikibase:around {{ {PATTERN} . {told} {far} {more} }}"


def box(west, east, names=("West", "East")):
    corners = " ; ".join(
        f'wikibase:corner{name} "Point({x} {y})"^^geo:wktLiteral'
        for name, (x, y) in zip(names, (west, east), strict=True)
    )
    return f"SERVICE wikibase:box {{ {PATTERN} . bd:serviceParam {corners} . }}"


@pytest.fixture(scope="module")
def points(client):
    """Where the slice says that things are: longitude and latitude by item."""
    found = rows(client, "SELECT DISTINCT ?item ?point { ?item wdt:P625 ?point }")
    places = {item: tuple(map(float, text[len("POINT(") : -1].split())) for item, text in found}
    assert len(places) == len(found) > 20
    return places


def kilometres(one, other):
    """Return a distance on the sphere, by the angle between two vectors; the server uses the haversine formula."""
    vectors = []
    for x, y in (one, other):
        east, north = math.radians(x), math.radians(y)
        vectors.append((math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)))
    return 6371.0088 * math.acos(min(1, sum(a * b for a, b in zip(*vectors, strict=True))))


@pytest.mark.parametrize("radius", [0, 200, 500, 1000, 3000])
def test_around_finds_what_lies_within_the_radius_and_how_far_it_is(client, points, radius):
    expected = {item: far for item, point in points.items() if (far := kilometres(ERENHOT, point)) <= radius}
    query = f"SELECT ?place ?dist {{ {around(radius=str(radius), distance='?dist')} }} ORDER BY ?dist"
    found = rows(client, query)
    assert {place: float(far) for place, far in found} == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("radius", ["500", "500.0", '"500"', '"500"^^xsd:decimal', "?far"])
def test_radius_is_a_number_a_string_or_a_variable(client, points, radius):
    expected = {item for item, point in points.items() if kilometres(ERENHOT, point) <= 500}
    given = 'BIND("500" AS ?far)' if radius == "?far" else ""
    assert {place for (place,) in rows(client, f"SELECT ?place {{ {given} {around(radius=radius)} }}")} == expected


@pytest.mark.parametrize("order", ["{center} {service} {size}", "{service} {size} {center}"])
def test_centre_may_be_bound_before_or_after_the_service(client, points, order):
    mongolia = "http://www.wikidata.org/entity/Q711"
    expected = {item: kilometres(points[mongolia], point) for item, point in points.items()}
    near = {item: round(far) for item, far in expected.items() if far <= 900}
    pattern = order.format(
        center="wd:Q711 wdt:P625 ?here .",
        service=around("?here", "900", "?far"),
        size="?place wdt:P31 ?kind .",
    )
    found = rows(client, f"SELECT DISTINCT ?place (ROUND(?far) AS ?km) {{ {pattern} }}")
    assert found
    assert {place: float(km) for place, km in found}.items() <= near.items()


def test_pattern_without_a_full_stop_may_stand_before_the_service(client):
    query = f"SELECT ?place {{ wd:Q711 wdt:P625 ?here {around('?here', '0')} }}"
    assert rows(client, query) == [("http://www.wikidata.org/entity/Q711",)]


@pytest.mark.parametrize(
    ("west", "east", "names"),
    [
        ((100, 40), (120, 50), ("West", "East")),
        ((100, 50), (120, 40), ("West", "East")),
        ((100, 40), (120, 50), ("SouthWest", "NorthEast")),
    ],
)
def test_box_finds_what_lies_between_its_corners(client, points, west, east, names):
    expected = {item for item, (x, y) in points.items() if 100 <= x <= 120 and 40 <= y <= 50}
    assert {place for (place,) in rows(client, f"SELECT ?place {{ {box(west, east, names)} }}")} == expected
    assert expected


def test_box_may_cross_the_date_line(client, points):
    expected = {item for item, (x, y) in points.items() if (x >= 120 or x <= -60) and -10 <= y <= 60}
    assert {place for (place,) in rows(client, f"SELECT ?place {{ {box((120, -10), (-60, 60))} }}")} == expected


def test_corners_may_be_variables_in_either_order(client, points):
    corners = "bd:serviceParam wikibase:cornerWest ?one ; wikibase:cornerEast ?other ."
    given = 'VALUES (?one ?other) { ("Point(100 50)"^^geo:wktLiteral "Point(120 40)"^^geo:wktLiteral) }'
    query = f"SELECT ?place {{ {given} SERVICE wikibase:box {{ {PATTERN} . {corners} }} }}"
    expected = {item for item, (x, y) in points.items() if 100 <= x <= 120 and 40 <= y <= 50}
    assert {place for (place,) in rows(client, query)} == expected


def test_query_with_a_view_labels_and_a_distance_runs_as_it_was_written(client):
    query = f"""#defaultView:Map
    # Places near Erenhot
    SELECT ?place ?placeLabel ?location ?dist WHERE {{
      hint:Query hint:optimizer "None" .
      SERVICE wikibase:around {{
        ?place wdt:P625 ?location .
        bd:serviceParam wikibase:center {HERE} .
        bd:serviceParam wikibase:radius "300" .
        bd:serviceParam wikibase:distance ?dist .
        bd:serviceParam wikibase:globe wd:Q2 .
      }}
      FILTER(?dist > 1)
      SERVICE wikibase:label {{ bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en". }}
    }} ORDER BY ASC(?dist)"""
    found = rows(client, query)
    assert found[0][1] == "Inner Mongolia"
    assert [float(row[3]) for row in found] == sorted(float(row[3]) for row in found)


def test_search_stands_in_subqueries_unions_optional_and_exists(client):
    near = around(radius="200")
    inner = f"{{ SELECT ?place {{ {near} }} }}"
    (everywhere,) = [rows(client, f"SELECT ?place {{ {near} }}")]
    assert rows(client, f"SELECT ?place {{ {inner} }}") == everywhere
    assert rows(client, f"SELECT ?place {{ {{ {near} }} UNION {{ {near} }} }}") == everywhere * 2
    assert rows(client, f"SELECT ?place {{ VALUES ?place {{ wd:Q711 }} OPTIONAL {{ {near} }} }}") == [
        ("http://www.wikidata.org/entity/Q711",)
    ]
    assert rows(client, f"SELECT ?place {{ VALUES ?place {{ wd:Q711 }} FILTER EXISTS {{ {near} }} }}") == []
    assert rows(client, f"SELECT ?place {{ ?place wdt:P625 ?x . FILTER EXISTS {{ {near} }} }}") == everywhere


def test_answer_of_a_search_is_kept_and_shows_its_evidence(client):
    query = f"SELECT ?place {{ {around(radius='200')} }}"
    tag = ask(client, query).headers["etag"]
    accept = {"Accept": "application/sparql-results+json", "If-None-Match": tag}
    assert client.get("/sparql", params={"query": query}, headers=accept).status_code == 304
    evidence = ask(client, query, evidence="true").json()["evidence"]
    assert evidence[0]["passages"] == ["https://w3id.org/kouan/source/wikidata/points"]


def test_what_lies_on_other_globes_is_not_found(start, tmp_path):
    data = """@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    wd:Q1 wdt:P625 "Point(10 10)"^^geo:wktLiteral . wd:Q3 wdt:P625 "nowhere" .
    wd:Q2 wdt:P625 "<http://www.wikidata.org/entity/Q405> Point(10 10)"^^geo:wktLiteral ."""
    (tmp_path / "globes.ttl").write_text(data, encoding="utf-8")
    with (
        start([str(tmp_path / "globes.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as other,
    ):
        earth = [("http://www.wikidata.org/entity/Q1",)]
        near = around('"Point(10 10)"^^geo:wktLiteral', "10")
        assert rows(other, f"SELECT ?place {{ {near} }}") == earth
        assert rows(other, f"SELECT ?place {{ {box((0, 0), (20, 20))} }}") == earth


@pytest.mark.parametrize(
    ("told", "at", "says"),
    [
        ("", "SERVICE", "No pattern says"),
        (PATTERN, "SERVICE", "wikibase:radius is missing"),
        (f"{PATTERN} . bd:serviceParam wikibase:radius 5", "SERVICE", "wikibase:center is missing"),
        (f"{PATTERN} . {FIVE} ; wikibase:center ?c", "?c", "?c has no value in the braces"),
        (f'{PATTERN} . {FIVE} ; wikibase:center "[AUTO_COORDINATES]"', '"[AUTO', "is no point"),
        (
            f'{PATTERN} . {FIVE} ; wikibase:center "Point(50 127)"^^geo:wktLiteral',
            '"Point',
            "the longitude stands first",
        ),
        (f'{PATTERN} . {FIVE} ; wikibase:center "Point(50 12)"', '"Point', "is no point"),
        (f"{PATTERN} . {FIVE} ; wikibase:center {HERE} ; wikibase:distance 4", "4 }", "no variable"),
        (f"{PATTERN} . bd:serviceParam wikibase:center {HERE} ; wikibase:radius -5", "-5", "a number of kilometres"),
        (
            f'{PATTERN} . bd:serviceParam wikibase:center {HERE} ; wikibase:radius "5 km"',
            '"5 km',
            "number of kilometres",
        ),
        (f"?place wdt:P625/wdt:P31 ?location . {FIVE}", "/", "no /"),
        (f"?place ?p ?location . {FIVE}", "?place", "finds no places"),
        (f"{PATTERN} ; wdt:P276 ?x . {FIVE}", "wdt:P276", "one pattern too many"),
        (f"{PATTERN} . bd:serviceParam wikibase:globe wd:Q405", "wd:Q405", "on the Earth only"),
        (f"{PATTERN} . bd:serviceParam wikibase:centre ?c", "wikibase:centre", "wikibase:centre is no parameter"),
        (f"{PATTERN} . bd:serviceParam wikibase:cornerEast ?c", "wikibase:cornerEast", "cornerEast is no parameter"),
    ],
)
def test_search_that_is_told_too_little_or_what_it_does_not_know_says_so_with_the_place(client, told, at, says):
    line = f" SERVICE wikibase:around {{ {told} }} }}"
    refused = ask(client, f"SELECT * {{ ?s ?p ?o .\n{line}")
    problem = refused.json()
    assert (refused.status_code, problem["line"], problem["column"]) == (400, 2, line.index(at) + 1)
    assert says in problem["detail"]
    assert "write" in problem["detail"]


def test_box_says_what_its_corners_lack(client):
    def detail(told):
        refused = ask(client, f"SELECT * {{ SERVICE wikibase:box {{ {PATTERN} . bd:serviceParam {told} }} }}")
        assert refused.status_code == 400
        return refused.json()["detail"]

    assert "wikibase:cornerEast is missing" in detail(f"wikibase:cornerWest {HERE}")
    assert "wikibase:cornerSouthWest is missing" in detail(f"wikibase:cornerNorthEast {HERE}")
    assert "wikibase:cornerSouthWest is missing" in detail("wikibase:globe wd:Q2")
    south = '"Point(100 10)"^^geo:wktLiteral'
    assert "lies north of" in detail(f"wikibase:cornerSouthWest {HERE} ; wikibase:cornerNorthEast {south}")


def test_functions_of_wikidatas_service_measure_as_they_do_there(client):
    ends = '"Point(0 0)"^^geo:wktLiteral, "Point(0 1)"^^geo:wktLiteral'
    point = '"Point(-81.4 -80)"^^geo:wktLiteral'
    query = f"""SELECT ?km ?east ?north {{ VALUES ?x {{ wd:Q1 }} BIND(geof:distance({ends}) AS ?km)
      BIND(geof:longitude({point}) AS ?east) BIND(geof:latitude({point}) AS ?north) }}"""
    assert [tuple(map(float, row)) for row in rows(client, query)] == [(pytest.approx(111.195, rel=1e-4), -81.4, -80.0)]
