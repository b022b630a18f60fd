"""A server of anybody's data reconciles by its labels, types and hierarchy, under its own name."""

from __future__ import annotations

import json

import httpx
import pytest

DATA = """
@prefix ex: <http://example.org/v/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .

<http://example.org/data> a void:Dataset ; dct:title "Towns and teas"@en .
ex:Town a rdfs:Class ; rdfs:label "town"@en .
<http://example.org/c/drink> a skos:Concept ; skos:prefLabel "Drink"@en .
<http://example.org/c/tea> a skos:Concept ; skos:prefLabel "Tea"@en, "茶"@zh ; skos:altLabel "Chai"@en ;
    skos:broader <http://example.org/c/drink> .
<http://example.org/c/green> a skos:Concept ; skos:prefLabel "Green tea"@en ; skos:broader <http://example.org/c/tea> .
<http://example.org/p/land> rdfs:label "Landia" .
<http://example.org/p/north> rdfs:label "North" ; ex:country <http://example.org/p/land> .
<http://example.org/p/south> rdfs:label "South" ; ex:country <http://example.org/p/land> .
<http://example.org/p/one> a ex:Town ; rdfs:label "Springfield" ; ex:inRegion <http://example.org/p/north> ; ex:mayor "Ann" ;
    geo:hasGeometry [ geo:asWKT "POINT(10 20)"^^geo:wktLiteral ] .
<http://example.org/p/two> a ex:Town ; rdfs:label "Springfield" ; ex:lies <http://example.org/p/south> .
"""


@pytest.fixture(scope="module")
def other(start, tmp_path_factory):
    """A client of a server of a small folder, whose one holder is named in the settings."""
    folder = tmp_path_factory.mktemp("towns")
    (folder / "towns.ttl").write_text(DATA, encoding="utf-8")
    settings = {
        "KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("snapshots")),
        "KOUAN_RECONCILE_HOLDERS": "http://example.org/v/lies",
    }
    with (
        start([str(folder)], settings) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


def best(client, **query):
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    return [(candidate["id"].rpartition("/")[2], candidate["match"]) for candidate in found]


def test_manifest_has_the_name_of_the_data_and_its_types(other):
    manifest = other.get("/reconcile").json()
    assert manifest["name"] == "Towns and teas"
    assert {kind["name"] for kind in manifest["defaultTypes"]} == {"town", "Concept", "Dataset"}


def test_labels_in_any_language_and_other_names_are_matched(other):
    assert best(other, query="tea")[0] == ("tea", True)
    assert best(other, query="茶")[0] == ("tea", True)
    assert best(other, query="chai")[0] == ("tea", True)


def test_one_name_of_two_things_is_doubtful_until_something_tells_them_apart(other):
    assert not any(match for _, match in best(other, query="Springfield"))
    for pid, value, meant in [("inRegion", "North", "one"), ("mayor", "Ann", "one"), ("lies", "South", "two")]:
        found = best(other, query="Springfield", properties=[{"pid": pid, "v": value}])
        assert found[0] == (meant, True), pid


def test_hierarchy_is_followed_to_its_top(other):
    assert best(other, query="Green tea", properties=[{"pid": "broader", "v": "Drink"}])[0] == ("green", True)
    assert best(other, query="Springfield", properties=[{"pid": "country", "v": "Landia"}])[0][0] in {"one", "two"}


@pytest.mark.parametrize("kind", ["http://example.org/v/Town", "town", "Town"])
def test_type_may_be_named_by_its_address_or_label(other, kind):
    assert [name for name, _ in best(other, query="Springfield", type=kind)] == ["one", "two"]


def test_columns_and_properties_are_had(other):
    proposed = [each["id"] for each in other.get("/reconcile/properties").json()["properties"]]
    assert {"wkt", "labelEn", "http://example.org/v/mayor"} <= set(proposed)
    query = {
        "ids": ["http://example.org/p/one"],
        "properties": [{"id": "wkt"}, {"id": "http://example.org/v/inRegion"}],
    }
    row = other.post("/reconcile", data={"extend": json.dumps(query)}).json()["rows"]["http://example.org/p/one"]
    assert row == {
        "wkt": [{"str": "POINT(10 20)"}],
        "http://example.org/v/inRegion": [{"id": "http://example.org/p/north", "name": "North"}],
    }


def test_preview_and_page_of_a_thing_are_there(other):
    assert "Tea" in other.get("/reconcile/preview", params={"id": "http://example.org/c/tea"}).text
    view = other.get("/reconcile").json()["view"]["url"].replace("{{id}}", "http://example.org/c/tea")
    assert other.get(view, headers={"Accept": "text/html"}).status_code == 200
