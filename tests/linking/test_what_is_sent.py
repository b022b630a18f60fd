"""A request of reconciliation is read in whatever form it has, or refused: nothing of it is lost without a word, and none is endless."""

from __future__ import annotations

import json

import pytest

BATCH = {"q0": {"query": "黑河"}}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
IN_PARTS = {"Content-Type": "multipart/form-data; boundary=b"}


def batch(client, queries):
    return client.post("/reconcile", data={"queries": json.dumps(queries)}, timeout=60)


def first(answer):
    return answer.json()["q0"]["result"][0]["id"]


def test_file_in_a_form_is_a_field(client):
    file = ("q.json", b"\xef\xbb\xbf" + json.dumps(BATCH).encode(), "application/json")
    assert first(client.post("/reconcile", files={"queries": file})) == "heihe"
    assert first(client.post("/reconcile", files={"queries": (None, json.dumps(BATCH))})) == "heihe"


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/reconcile", JSON, json.dumps(BATCH, ensure_ascii=False).encode("gb18030")),
        ("/reconcile", FORM, ("queries=" + json.dumps(BATCH, ensure_ascii=False)).encode("gb18030")),
        ("/reconcile", FORM, b"queries=%7B%22q0%22%3A%7B%22query%22%3A%22%BA%DA%BA%D3%22%7D%7D"),
        ("/reconcile", FORM, b"query=%BA%DA%BA%D3"),
        ("/reconcile", IN_PARTS, b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n\xba\xda\r\n--b--\r\n'),
        ("/reconcile/1.0/match", JSON, '{"queries": [{"conditions": [{"propertyValue": "黑河"}]}]}'.encode("gb18030")),
        ("/reconcile/1.0/extend", JSON, b'{"ids": ["\xba\xda"], "properties": []}'),
    ],
)
def test_body_that_is_not_utf8_is_refused(client, path, headers, body):
    refused = client.post(path, content=body, headers=headers)
    assert (refused.status_code, "is not UTF-8" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize("path", ["/reconcile?query=%BA%DA%BA%D3", "/reconcile/suggest/entity?prefix=%BA%DA%BA%D3"])
def test_address_that_is_not_utf8_is_refused(client, path):
    refused = client.get(path)
    assert (refused.status_code, "is not UTF-8" in refused.json()["detail"]) == (400, True)


def test_charset_that_is_announced_is_read(client):
    body = json.dumps(BATCH, ensure_ascii=False).encode("gb18030")
    headers = {"Content-Type": "application/json; charset=gb18030"}
    assert first(client.post("/reconcile", content=body, headers=headers)) == "heihe"


def test_form_that_is_broken_is_refused(client):
    refused = client.post("/reconcile", content=b"--b\r\nfoo", headers=IN_PARTS)
    assert (refused.status_code, "The form cannot be read" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize("given", [None, "", [], {}])
def test_property_without_a_name_is_refused(client, given):
    extension = {"ids": ["heihe"], "properties": [{"id": given}]}
    for answer in (
        client.get("/reconcile", params={"extend": json.dumps(extension)}),
        client.post("/reconcile/1.0/extend", json=extension),
        batch(client, {"q0": {"query": "Heihe", "properties": [{"pid": given, "v": "x"}]}}),
    ):
        assert (answer.status_code, "A property" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("kind", ["city", "City", "CITY", "kouan:City", "https://w3id.org/kouan/ontology#City"])
def test_type_is_known_by_its_name_in_any_case(client, kind):
    found = batch(client, {"q0": {"query": "Heihe", "type": kind}}).json()["q0"]["result"][0]
    assert (found["id"], found["match"]) == ("heihe", True)
    assert {"id": "type", "value": True} in found["features"]


@pytest.mark.parametrize("kind", ["border town of mine", "Q515", "NoSuchClass"])
def test_type_that_is_none_is_no_things(client, kind):
    found = batch(client, {"q0": {"query": "Heihe", "type": kind}}).json()["q0"]["result"][0]
    assert (found["id"], found["match"]) == ("heihe", False)
    assert {"id": "type", "value": False} in found["features"]


@pytest.mark.parametrize("kind", ["border town of mine", "Q515"])
def test_type_that_is_none_counts_nothing_beside_one_that_is_and_is_told(client, kind):
    found = batch(client, {"q0": {"query": "Heihe", "type": ["City", kind]}}).json()["q0"]["result"][0]
    assert (found["id"], found["match"]) == ("heihe", True)
    assert {"id": f"not compared: type {kind}", "value": False} in found["features"]


def test_every_type_that_is_suggested_is_known(client):
    suggested = client.get("/reconcile/suggest/type", params={"prefix": "", "limit": 500}).json()["result"]
    queries = {each["id"]: {"query": "Heihe", "type": each["id"]} for each in suggested}
    answers = batch(client, queries).json()
    told = {
        name
        for name, answer in answers.items()
        for feature in answer["result"][0]["features"]
        if feature["id"].startswith("not compared")
    }
    assert told == set()


@pytest.mark.parametrize(
    ("name", "kind"), [("逊克口岸", "County"), ("Ruili key pilot zone for development and opening up", "Port")]
)
def test_best_of_a_type_that_is_required_is_found_though_others_are_better(client, name, kind):
    query = {"query": name, "type": kind, "type_strict": "any"}
    answers = batch(client, {"one": query | {"limit": 1}, "many": query | {"limit": 50}}).json()
    assert answers["many"]["result"]
    assert answers["one"]["result"] == answers["many"]["result"][:1]


def test_batch_that_would_take_longer_than_a_request_may_is_refused_at_once(client):
    names = [{"matchType": "name", "propertyValue": f"Suifenhr{number}"} for number in range(100)]
    quadratic = client.post("/reconcile/1.0/match", json={"queries": [{"conditions": names}] * 10}, timeout=10)
    assert (quadratic.status_code, "Each name of a query" in quadratic.json()["detail"]) == (413, True)
    told = [{"pid": "name", "v": [f"Suifenhr{number}" for number in range(100)]}]
    nameless = batch(client, {f"q{number}": {"properties": told} for number in range(10)})
    assert (nameless.status_code, "Each name of a query" in nameless.json()["detail"]) == (413, True)
    areas = [{"pid": "locatedIn", "v": ["黑龙江省佳木斯市" * 30] * 100}]
    long = batch(client, {f"q{number}": {"query": "Heihe", "properties": areas} for number in range(50)})
    assert (long.status_code, "characters together" in long.json()["detail"]) == (413, True)


def test_batch_of_ordinary_queries_with_descriptions_is_answered(client):
    properties = [{"pid": "locatedIn", "v": "Heilongjiang Province"}, {"pid": "note", "v": "long " * 1000}]
    answer = batch(client, {f"q{number}": {"query": "Heihe", "properties": properties} for number in range(100)})
    assert answer.status_code == 200
