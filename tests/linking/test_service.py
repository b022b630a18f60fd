"""The reconciliation service speaks both versions of its API, by the specification's own schemas where they are at hand."""

from __future__ import annotations

import json
import os
import statistics
from collections import defaultdict
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SUITES = Path(os.environ.get("KOUAN_SUITES", Path(__file__).parents[3] / "shared" / "suites"))
BATCH = {
    "q0": {"query": "Kiamusze"},
    "q1": {"query": "黑河", "type": "City", "limit": 1},
    "q2": {"query": "no such thing"},
}


def check(version, name, document):
    folder = SUITES / "recon" / version / "schemas"
    if not folder.is_dir():
        pytest.skip("the specification's schemas are not here; KOUAN_SUITES names the folder that holds them")
    schemas = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    registry = Registry()
    for file, schema in schemas.items():
        # The schemas say http://json-schema.org/schema#, which is draft-07 to every validator.
        schema["$schema"] = "http://json-schema.org/draft-07/schema#"
        resource = Resource(contents=schema, specification=DRAFT7)
        places = {
            file,
            schema.get("$id", file),
            f"https://reconciliation-api.github.io/specs/{version}/schemas/{file}",
            f"https://reconciliation-api.github.io/specs/draft/schemas/{file}",
        }
        registry = registry.with_resources(
            [(place.rstrip("#"), resource) for place in places] + [(p, resource) for p in places]
        )
    jsonschema.Draft7Validator(schemas[f"{name}.json"], registry=registry).validate(document)


def test_manifest_names_every_service(client):
    manifest = client.get("/reconcile").json()
    check("0.2", "manifest", manifest)
    assert set(manifest["suggest"]) == {"entity", "type", "property"}


def test_batch_is_answered_by_form_and_by_address(client):
    by_form = client.post("/reconcile", data={"queries": json.dumps(BATCH)}).json()
    by_address = client.get("/reconcile", params={"queries": json.dumps(BATCH)}).json()
    check("0.2", "reconciliation-result-batch", by_form)
    assert by_form == by_address
    assert by_form["q0"]["result"][0]["id"] == "jiamusi"
    assert by_form["q0"]["result"][0]["match"] is True
    assert [c["id"] for c in by_form["q1"]["result"]] == ["heihe"]
    assert by_form["q2"]["result"] == []


def test_callback_wraps_the_answer_and_must_be_a_name(client):
    assert client.get("/reconcile", params={"callback": "cb"}).text.startswith("cb(")
    assert client.get("/reconcile", params={"callback": "alert(1)//"}).status_code == 400


def test_limit_that_is_written_as_text_is_a_number(client):
    asked = {"q0": {"query": "Heihe", "limit": "2"}}
    found = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()["q0"]["result"]
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize("queries", ["{", "[]", '{"q0": 5}', '{"q0": {"query": "a", "limit": -1}}'])
def test_batch_that_is_none_is_refused(client, queries):
    answer = client.post("/reconcile", data={"queries": queries})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("kind", "prefix", "schema", "first"),
    [
        ("entity", "Heih", "suggest-entities-response", "heihe"),
        ("type", "port of", "suggest-types-response", "Port"),
        ("property", "located", "suggest-properties-response", "locatedIn"),
    ],
)
def test_suggest_and_flyout(client, kind, prefix, schema, first):
    suggested = client.get(f"/reconcile/suggest/{kind}", params={"prefix": prefix}).json()
    check("0.2", schema, suggested)
    assert suggested["result"][0]["id"] == first
    flyout = client.get(f"/reconcile/flyout/{kind}", params={"id": first}).json()
    assert flyout["id"] == first
    assert "<p>" in flyout["html"]


def test_preview_is_a_page(client):
    preview = client.get("/reconcile/preview", params={"id": "heihe"})
    assert preview.headers["content-type"].startswith("text/html")
    assert "黑河" in preview.text
    assert "Heilongjiang, China" in preview.text


def test_preview_may_be_framed_by_other_sites_and_runs_nothing(client):
    policy = client.get("/reconcile/preview", params={"id": "heihe"}).headers["content-security-policy"]
    assert "frame-ancestors" not in policy
    assert "default-src 'none'" in policy


# Ten names of one kind each, the ports and zones of which are candidates too.
COLUMNS_OF_ONE_KIND = {
    "border cities": "Heihe Hunchun Manzhouli Erenhot Ruili Pingxiang Dongxing Suifenhe Khorgos Tacheng",
    "counties": "Raohe Hulin Mishan Longzhou Yadong Huma Jiayin Changbai Burang Jeminay",
    "ports": "黑河口岸 珲春口岸 满洲里口岸 二连浩特口岸 瑞丽口岸 东兴口岸 霍尔果斯口岸 吉木乃口岸 红其拉甫口岸 吐尔尕特口岸",
    "provinces": "Yunnan Guangxi Tibet Xinjiang Gansu Jilin Liaoning Heilongjiang 内蒙古 新疆",
}


@pytest.mark.parametrize("names", COLUMNS_OF_ONE_KIND.values(), ids=COLUMNS_OF_ONE_KIND)
def test_openrefine_proposes_places_whatever_kind_of_places_a_column_holds(client, names):
    asked = {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(names.split())}
    answers = client.post("/reconcile", data={"queries": json.dumps(asked)}).json()
    scores = defaultdict(list)
    # As its command guess-types-of-column reckons.
    for answer in answers.values():
        for rank, candidate in enumerate(answer["result"]):
            kinds = candidate["type"]
            for place, kind in enumerate(kinds):
                scores[kind["id"]].append((len(kinds) - place) / len(kinds) / (1 + rank))
    best = max(scores, key=lambda kind: (min(10, len(scores[kind])), statistics.mean(scores[kind])))
    assert best == "Place"


def test_widest_type_of_a_candidate_comes_first(client):
    answer = client.post("/reconcile", data={"queries": json.dumps({"q": {"query": "Kiamusze"}})}).json()
    kinds = [kind["id"] for kind in answer["q"]["result"][0]["type"]]
    assert kinds[0] == "Place"
    assert kinds.index("City") < kinds.index("PortCity")


def test_properties_are_proposed_and_extend_a_table(client):
    proposed = client.get("/reconcile/properties", params={"type": "City", "limit": 3}).json()
    check("0.2", "data-extension-property-proposal", proposed)
    assert len(proposed["properties"]) == 3
    query = {"ids": ["heihe", "erenhot"], "properties": [{"id": "locatedIn"}, {"id": "inSector"}]}
    extended = client.post("/reconcile", data={"extend": json.dumps(query)}).json()
    check("0.2", "data-extension-response", extended)
    assert {"id": "heilongjiang", "name": "Heilongjiang"} in extended["rows"]["heihe"]["locatedIn"]


def test_draft_has_its_own_root(client):
    manifest = client.get("/reconcile/1.0").json()
    check("1.0-draft", "manifest", manifest)
    queries = [{"type": "City", "conditions": [{"matchType": "name", "propertyValue": "Tsitsihar"}]}]
    answer = client.post("/reconcile/1.0/match", json={"queries": queries}).json()
    check("1.0-draft", "reconciliation-result-batch", answer)
    assert answer["results"][0]["candidates"][0]["id"] == "qiqihar"
    extended = client.post("/reconcile/1.0/extend", json={"ids": ["heihe"], "properties": [{"id": "locatedIn"}]}).json()
    check("1.0-draft", "data-extension-response", extended)


@pytest.mark.parametrize(
    ("pid", "value", "is_match"),
    [
        ("bordersCountry", "Russia", True),
        ("bordersCountry", "Mongolia", False),
        ("population", "1286000", True),
        ("P442", "231100", True),
        ("administrativeCode", "150781", False),
        ("geonames", "2036973", True),
        ("P1566", "2036653", False),
    ],
)
def test_property_speaks_for_or_against_where_the_graph_has_it(client, pid, value, is_match):
    query = {"query": "Heihe", "properties": [{"pid": pid, "v": value}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert (found[0]["id"], found[0]["match"]) == ("heihe", is_match)


@pytest.mark.parametrize("strict", ["maybe", [], 5])
def test_strictness_that_is_none_is_refused(client, strict):
    query = {"query": "Heihe", "type": "City", "type_strict": strict}
    assert client.post("/reconcile", data={"queries": json.dumps({"q": query})}).status_code == 400


@pytest.mark.parametrize("query", ["Heihe", '{"query": "Heihe"}'])
def test_one_query_by_itself_is_answered(client, query):
    found = client.get("/reconcile", params={"query": query}).json()["result"]
    assert found[0]["id"] == "heihe"


@pytest.mark.parametrize("body", [{"queries": BATCH}, BATCH])
def test_batch_may_come_as_json(client, body):
    assert (
        client.post("/reconcile", json=body).json()
        == client.post("/reconcile", data={"queries": json.dumps(BATCH)}).json()
    )


def test_form_without_what_it_asks_is_refused(client):
    assert client.post("/reconcile", data={"quaries": "{}"}).status_code == 400


@pytest.mark.parametrize(
    ("pid", "value"),
    [
        ("prefecture", "Heilongjiang"),
        ("located in", "Heilongjiang"),
        ("https://w3id.org/kouan/ontology#locatedIn", "https://w3id.org/kouan/id/heilongjiang"),
        ("borders country", "Russia"),
        ("Borders Country", "https://w3id.org/kouan/id/russia"),
        ("has port", "Heihe port of entry"),
        ("labelZh", "黑河"),
        ("colour", "red"),
        ("wikidata", "N/A"),
    ],
)
def test_property_that_is_true_or_unknown_undoes_no_match(client, pid, value):
    query = {"query": "Heihe", "properties": [{"pid": pid, "v": value}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert (found[0]["id"], found[0]["match"]) == ("heihe", True)


def test_property_may_be_named_in_chinese(client):
    query = {"query": "Heihe", "properties": [{"pid": "位于", "v": "黑龙江"}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert {"id": "within", "value": True} in found[0]["features"]


def test_property_that_nothing_can_be_compared_with_is_named_in_the_features(client):
    query = {"query": "Heihe", "properties": [{"pid": "colour", "v": "red"}]}
    found = client.post("/reconcile", data={"queries": json.dumps({"q": query})}).json()["q"]["result"]
    assert {"id": "not compared: colour", "value": False} in found[0]["features"]
