"""A server of anybody's data reconciles by its labels, types and hierarchy, under its own name."""

from __future__ import annotations

import csv
import json

import httpx
import pytest

DATA = """
@prefix ex: <http://example.org/v/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> .
@prefix void: <http://rdfs.org/ns/void#> .

<http://example.org/data> a void:Dataset ; dct:title "Towns and teas"@en .
ex:Town a rdfs:Class ; rdfs:label "town"@en .
<http://example.org/c/drink> a skos:Concept ; skos:prefLabel "Drink"@en .
<http://example.org/c/tea> a skos:Concept ; skos:prefLabel "Tea"@en, "茶"@zh ; skos:altLabel "Chai"@en ;
    skos:broader <http://example.org/c/drink> .
<http://example.org/c/green> a skos:Concept ; skos:prefLabel "Green tea"@en ; skos:notation "T-01" ;
    skos:broader <http://example.org/c/tea> .
<http://example.org/b/1> a schema:Book ; schema:name "Le Petit Prince"@fr ; schema:isbn "9782070612758" ;
    schema:about <http://example.org/c/tea> .
<http://example.org/p/land> rdfs:label "Landia" .
<http://example.org/p/north> rdfs:label "North" ; ex:country <http://example.org/p/land> .
<http://example.org/p/south> rdfs:label "South" ; ex:country <http://example.org/p/land> .
<http://example.org/p/one> a ex:Town ; rdfs:label "Springfield" ; ex:inRegion <http://example.org/p/north> ; ex:mayor "Ann" ;
    geo:hasGeometry [ geo:asWKT "POINT(10 20)"^^geo:wktLiteral ] .
<http://example.org/c/ware> a skos:Concept ; skos:prefLabel "Ware"@en ; skos:narrower <http://example.org/c/china> .
<http://example.org/c/china> a skos:Concept ; skos:prefLabel "China"@en .
<http://example.org/c/country> a skos:Concept ; skos:prefLabel "Countries"@en ; skos:narrower <http://example.org/c/land> .
<http://example.org/c/land> a skos:Concept ; skos:prefLabel "China"@en .
<http://example.org/s/1> a schema:Museum ; schema:name "Tea museum" ; schema:geo [ schema:latitude 30.2 ; schema:longitude "120.1" ] .
<http://example.org/s/2> a schema:Museum ; schema:name "Tea museum" ; schema:latitude 25 ; schema:longitude 102.5 .
<http://example.org/s/1> schema:identifier [ a schema:PropertyValue ; schema:propertyID "GeoNames" ; schema:value 1810821 ] ,
    [ a schema:PropertyValue ; schema:propertyID "inventory" ; schema:value "M-77" ] .
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
    assert {kind["name"] for kind in manifest["defaultTypes"]} == {"Book", "Concept", "Dataset", "Museum", "town"}


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


def test_hierarchy_is_followed_from_above_as_well(other):
    assert best(other, query="China", properties=[{"pid": "broader", "v": "Ware"}])[0] == ("china", True)
    assert best(other, query="China", properties=[{"pid": "broader", "v": "Countries"}])[0] == ("land", True)


@pytest.mark.parametrize(("point", "thing"), [("POINT(120.1 30.2)", "1"), ("25, 102.5", "2")])
def test_degrees_of_a_thing_and_of_a_node_without_a_name_are_its_point(other, point, thing):
    found = best(other, query="Tea museum", properties=[{"pid": "coordinates", "v": point}])
    assert found[0] == (thing, True)
    query = {"ids": [f"http://example.org/s/{thing}"], "properties": [{"id": "latitude"}]}
    row = other.post("/reconcile", data={"extend": json.dumps(query)}).json()["rows"][query["ids"][0]]
    assert row["latitude"] == [{"float": {"1": 30.2, "2": 25.0}[thing]}]


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


@pytest.mark.parametrize(
    ("text", "thing"),
    [("http://example.org/c/tea", "tea"), ("T-01", "green"), (" t-01 ", "green"), ("9782070612758", "1")],
)
def test_address_or_number_of_the_data_is_its_thing(other, text, thing):
    assert best(other, query=text)[0] == (thing, True)
    assert best(other, query="Anything", properties=[{"pid": "id", "v": text}])[0][0] == thing


def test_property_that_is_proposed_has_its_values(other):
    book = "http://example.org/b/1"
    proposed = [each["id"] for each in other.get("/reconcile/properties", params={"type": "Book"}).json()["properties"]]
    query = {"ids": [book], "properties": [{"id": each} for each in proposed if each not in {"labelEn", "labelZh"}]}
    answer = other.post("/reconcile", data={"extend": json.dumps(query)}).json()
    assert all(answer["rows"][book].values())
    assert answer["rows"][book]["about"] == [{"id": "http://example.org/c/tea", "name": "Tea"}]


def test_preview_and_page_of_a_thing_are_there(other):
    assert "Tea" in other.get("/reconcile/preview", params={"id": "http://example.org/c/tea"}).text
    view = other.get("/reconcile").json()["view"]["url"].replace("{{id}}", "http://example.org/c/tea")
    assert other.get(view, headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(("pid", "number"), [("identifier", "M-77"), ("id", "m-77"), ("geonames", "1810821")])
def test_number_that_is_a_node_of_its_own_is_an_identifier(other, pid, number):
    assert ("1", True) not in best(other, query="Tea museum")
    assert best(other, query="Tea museum", properties=[{"pid": pid, "v": number}])[0] == ("1", True)


def test_number_alone_finds_its_thing(other):
    assert best(other, query="M-77")[0] == ("1", True)


VOCABULARY = """
@prefix ex: <http://example.org/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex: a owl:Ontology ; rdfs:label "Terms of health"@en .
ex:Hospital a rdfs:Class ; rdfs:label "Hospital" ; rdfs:subClassOf ex:Place ; rdfs:comment "Where the sick are healed." .
ex:Place a rdfs:Class ; rdfs:label "Place" .
ex:Weekday a rdfs:Class ; rdfs:label "Weekday" .
ex:beds a rdf:Property ; rdfs:label "number of beds" .
ex:Friday a ex:Weekday ; rdfs:label "Friday" .
"""


def test_terms_are_what_a_vocabulary_is_reconciled_with(start, tmp_path):
    (tmp_path / "vocabulary.ttl").write_text(VOCABULARY, encoding="utf-8")
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    asked = {
        "class": {"query": "hospital"},
        "property": {"query": "Number of Beds", "type": "http://www.w3.org/1999/02/22-rdf-syntax-ns#Property"},
        "member": {"query": "friday"},
        "vocabulary": {"query": "Terms of health"},
    }
    with (
        start([str(tmp_path / "vocabulary.ttl")], settings) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        told = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()
    matched = {key: [each["id"] for each in answer["result"] if each["match"]] for key, answer in told.items()}
    ends = {key: [each.rpartition("/")[2] for each in found] for key, found in matched.items()}
    assert ends == {"class": ["Hospital"], "property": ["beds"], "member": ["Friday"], "vocabulary": []}
    assert told["class"]["result"][0]["type"][0]["name"] == "Class"


@pytest.mark.parametrize("name", ["World War I", "Christian Petersen", "intercellular transport"])
def test_name_that_is_only_alike_is_doubtful_though_it_is_long(start, tmp_path, name):
    (tmp_path / "data.ttl").write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .\n"
        'ex:a a skos:Concept ; skos:prefLabel "World War II"@en . ex:b a skos:Concept ; skos:prefLabel "Christine Petersen"@en .\n'
        'ex:c a skos:Concept ; skos:prefLabel "intracellular transport"@en .\n'
    )
    with (
        start([str(tmp_path / "data.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
    ):
        assert [is_match for _, is_match in best(client, query=name)][:1] == [False]


SAME = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix schema: <https://schema.org/> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix ex: <https://example.org/p/> .
ex:heihe rdfs:label "Heihe"@en ; schema:sameAs wd:Q1 . wd:Q1 rdfs:label "Heihe City"@en, "Heihe", "黑河市"@zh .
ex:mohe rdfs:label "Mohe" ; owl:sameAs wd:Q2 . wd:Q2 rdfs:label "Mohe" ; owl:sameAs ex:mohe .
ex:ruili rdfs:label "Ruili" ; ex:locatedIn wd:Q3 . ex:yunnan rdfs:label "Yunnan" ; schema:sameAs wd:Q3 . wd:Q3 rdfs:label "云南省"@zh .
ex:elsewhere rdfs:label "Ruili" ; ex:locatedIn ex:north . ex:north rdfs:label "North" .
ex:city rdfs:label "Khorgos" ; schema:sameAs wd:Q4 . ex:port rdfs:label "Khorgos Port" ; schema:sameAs wd:Q4 . wd:Q4 rdfs:label "Khorgos" .
ex:one rdfs:label "Yichun" ; owl:sameAs wd:Q5, wd:Q6 . wd:Q5 rdfs:label "Yichun" . wd:Q6 rdfs:label "Yichun" .
"""


def test_item_that_a_thing_is_said_to_be_is_no_namesake_of_it(kouan, tmp_path):
    (tmp_path / "same.ttl").write_text(SAME, encoding="utf-8")
    names = ["Heihe,", "黑河市,", "Mohe,", "Ruili,Yunnan", "Ruili,云南", "Khorgos,", "Yichun,"]
    (tmp_path / "n.csv").write_text("\n".join(["name,prov", *names]) + "\n", encoding="utf-8")
    told = ["--column", "name", "--column", "prov=locatedIn", "--against", tmp_path / "same.ttl", "-o", "-"]
    answered = kouan("reconcile", tmp_path / "n.csv", *told)
    rows = list(csv.DictReader(answered.stdout.splitlines()))
    sure = [(row["kouan_id"].rpartition("/")[2], row["kouan_label"], row["wikidata_id"]) for row in rows[:5]]
    heihe, mohe, ruili = ("heihe", "Heihe", "Q1"), ("mohe", "Mohe", "Q2"), ("ruili", "Ruili", "")
    assert sure == [heihe, heihe, mohe, ruili, ruili], answered.stderr
    # What two things are said to be, and one of two that a thing is said to be, tells no one which is meant.
    assert [row["kouan_status"] for row in rows] == ["sure"] * 5 + ["doubtful"] * 2
