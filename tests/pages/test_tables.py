"""Each class of what is served is a table at a short address, in every format that tables have."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

MUSEUMS = """@prefix ex: <http://example.org/> . @prefix s: <https://schema.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
ex:a a s:ArtGallery ; rdfs:label "A"@en, "甲"@zh ; wgs:lat 50.25 ; wgs:long 127.5 ; ex:visitors 7 ; ex:city ex:heihe, ex:aihui .
ex:b a s:ArtGallery ; rdfs:label "B"@en ; ex:visitors 12 ; ex:city ex:heihe ; ex:Visitors "x" .
ex:c a s:Person . ex:d a ex:Person . [] a s:ArtGallery .
"""


@pytest.mark.parametrize(
    ("path", "named"), [("/zones.geojson", "ruili-pilot-zone"), ("/questions.geojson", "rail-ports")]
)
def test_what_has_no_place_is_a_feature_without_one(client, path, named):
    found = client.get(path)
    assert found.headers["content-type"] == "application/geo+json; charset=utf-8"
    features = found.json()["features"]
    assert {feature["geometry"] for feature in features} == {None}
    assert any(named in str(feature["properties"]) for feature in features)


def rows(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize(
    ("name", "thing", "column", "value"),
    [
        ("ports", "heihe-port", "label_zh", "黑河口岸"),
        ("cities", "heihe", "label_en", "Heihe"),
        ("zones", "heihe-border-economic-cooperation-zone", "approvedYear", "1992"),
        ("pilot-zones", "ruili-pilot-zone", "approvedYear", "2012"),
        ("counties", "hunchun", "label_en", "Hunchun"),
    ],
)
def test_class_is_a_table_with_a_row_for_each_thing(client, name, thing, column, value):
    table = rows(client.get(f"/{name}.csv"))
    assert len({row["iri"] for row in table}) == len(table) > 5
    [row] = [row for row in table if row["iri"].endswith(f"/id/{thing}")]
    assert row[column] == value
    assert all(each["sources"].startswith("https://w3id.org/kouan/source/") for each in table)


def test_ports_are_all_that_the_graph_has(client):
    asked = "PREFIX k: <https://w3id.org/kouan/ontology#> SELECT (COUNT(DISTINCT ?p) AS ?n) { ?p a k:Port }"
    counted = client.get("/sparql", params={"query": asked, "format": "csv"}).text.split()[1]
    assert len(rows(client.get("/ports.csv"))) == int(counted)


def test_places_are_features(client):
    answer = client.get("/ports.geojson")
    assert answer.headers["content-type"] == "application/geo+json; charset=utf-8"
    features = {each["properties"]["iri"].rpartition("/")[2]: each["geometry"] for each in answer.json()["features"]}
    assert features["heihe-port"]["type"] == "Point"
    longitude, latitude = features["heihe-port"]["coordinates"]
    assert (127 < longitude < 128, 50 < latitude < 51) == (True, True)


def test_questions_are_a_table(client):
    table = rows(client.get("/questions.csv"))
    [row] = [row for row in table if row["name"] == "pilot-zones"]
    assert row["english"].endswith("?")
    assert client.get(row["address"], headers={"Accept": "text/csv"}).status_code == 200


@pytest.mark.parametrize("path", ["/ports.csv", "/questions.csv", "/sparql?query=ASK%7B%7D&format=csv"])
def test_mark_stands_before_csv_for_who_asks_for_it(client, path):
    marked, plain = client.get(path + ("&" if "?" in path else "?") + "bom=true"), client.get(path)
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert marked.headers["content-type"] == plain.headers["content-type"] == "text/csv; charset=utf-8"
    assert marked.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("path", ["/ports", "/port-cities"])
def test_mark_is_kept_where_a_name_leads_to_its_class(client, path):
    asked = {"format": "csv", "bom": "true"}
    assert client.get(path, params=asked, follow_redirects=True).content.startswith(b"\xef\xbb\xbf")


def test_mark_is_for_csv_alone(client):
    asked = {"query": "SELECT (1 AS ?x) {}", "bom": "true"}
    assert client.get("/sparql", params=asked).json()["results"]["bindings"]
    assert client.get("/sparql", params=asked, headers={"Accept": "text/csv"}).content.startswith(b"\xef\xbb\xbfx\r\n")
    assert client.get("/sparql", params=asked, headers={"Accept": "text/html"}).content.startswith(b"\xef\xbb\xbfx\r\n")
    assert client.get("/sparql", params=asked | {"bom": "maybe"}).status_code == 400


def test_name_that_no_class_has_lists_those_that_are(client):
    problem = client.get("/lighthouses.csv").json()
    assert (problem["status"], "ports, " in problem["detail"]) == (404, True)
    assert client.get("/ports.docx").status_code == 404


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/corridors", "/class/Corridor"),
        ("/ports", "/class/Port"),
        ("/cities", "/class/City"),
        ("/Zones", "/class/CooperationZone"),
        ("/policies", "/class/Policy"),
        ("/rail-ports?lang=zh", "/class/RailPort?lang=zh"),
    ],
)
def test_address_of_a_table_without_its_ending_leads_to_the_page_of_its_class(client, path, place):
    led = client.get(path, headers={"Accept": "text/html"})
    assert (led.status_code, led.headers["location"]) == (303, place)
    assert client.get(place).status_code == 200
    assert client.get("/lighthouses", headers={"Accept": "text/html"}).status_code == 404


@pytest.fixture(scope="module")
def museums(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("museums")
    (folder / "data.ttl").write_text(MUSEUMS, encoding="utf-8")
    with (
        start([str(folder / "data.ttl")], {"KOUAN_SNAPSHOTS": str(folder / "s")}) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        yield client


def test_classes_of_anybodys_data_are_tables_too(museums):
    for name in ("art-galleries", "galleries"):
        first, second = rows(museums.get(f"/{name}.csv"))
        assert (first["label_en"], first["label_zh"], first["visitors"]) == ("A", "甲", "7")
        assert set(first["city"].split("; ")) == {"http://example.org/heihe", "http://example.org/aihui"}
        assert (second["label_zh"], second["Visitors_2"]) == ("", "x")
    geometry = museums.get("/galleries.geojson").json()["features"][0]["geometry"]
    assert geometry == {"type": "Point", "coordinates": [127.5, 50.25]}
    assert museums.get("/questions.csv").status_code == 404


def test_pages_of_the_classes_of_anybodys_data_are_found_by_their_names(museums):
    for path in ("/art-galleries", "/galleries"):
        led = museums.get(path)
        assert (led.status_code, led.headers["location"]) == (303, "/class?iri=https%3A%2F%2Fschema.org%2FArtGallery")
    assert ">A</a>" in museums.get("/galleries", follow_redirects=True).text
    assert museums.get("/ports").status_code == 404
    asked = museums.get("/persons")
    assert (asked.status_code, "?class=http://example.org/Person" in asked.text) == (400, True)
    chosen = museums.get("/persons", params={"class": "http://example.org/Person"}, follow_redirects=True)
    assert (chosen.status_code, chosen.url.path) == (200, "/class")


def test_of_two_classes_of_one_name_it_asks_which(museums):
    problem = museums.get("/persons.csv").json()
    assert (problem["status"], "?class=http://example.org/Person" in problem["detail"]) == (400, True)
    [row] = rows(museums.get("/persons.csv", params={"class": "http://example.org/Person"}))
    assert row["iri"] == "http://example.org/d"
    assert museums.get("/persons.csv", params={"class": "http://example.org/x> } #"}).status_code == 404


def test_name_that_is_a_slip_of_a_class_is_told_what_is_near_to_it(museums):
    detail = museums.get("/art-galeries.csv").json()["detail"]
    assert detail == "Nothing stands at /art-galeries; of the classes of the data art-galleries are near to it."
    assert "there are" in museums.get("/zzzzzz.csv").json()["detail"]
