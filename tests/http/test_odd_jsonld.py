"""JSON-LD that is odd or hostile: what is none is refused in words, and what is some is read as it is written."""

from __future__ import annotations

import httpx
import pytest

BEARER = {"Authorization": "Bearer a-secret-token"}


@pytest.fixture(scope="module")
def store(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jsonld")
    (folder / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "s"), "KOUAN_TOKEN": "a-secret-token", "KOUAN_WORKERS": "1"}
    with (
        start([str(folder / "data.ttl")], environment) as address,
        httpx.Client(base_url=address, headers=BEARER, timeout=60, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("body", ["null", "true", "12", ' "https://example.org/"'])
def test_json_that_is_no_document_empties_no_graph(store, body):
    headers = {"Content-Type": "application/ld+json"}
    assert store.put("/data?graph=urn:kept", content='{"@id": "urn:a", "urn:p": 1}', headers=headers).is_success
    sent = store.put("/data?graph=urn:kept", content=body, headers=headers)
    assert (sent.status_code, sent.json().get("line")) == (400, 1), sent.text
    assert "an object or an array" in sent.json()["detail"]
    assert "urn:p" in store.get("/data?graph=urn:kept").text


def test_context_that_is_named_among_others_may_be_several(store):
    several = 'data:application/ld+json,{"@context":[{"p":"urn:p"},{"q":"urn:q"}]}'
    body = {"@context": [several, {"r": "urn:r"}], "@id": "urn:a", "p": 1, "q": 2, "r": 3}
    sent = store.put("/data?graph=urn:c", json=body, headers={"Content-Type": "application/ld+json"})
    assert sent.is_success, sent.text
    assert sent.json()["added"] == 3


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity", "1" * 5_000])
def test_number_that_is_none_is_refused_in_words(store, number):
    headers = {"Content-Type": "application/ld+json; processingMode=json-ld-1.0"}
    sent = store.put("/data?graph=urn:n", content=f'{{"@id": "urn:a", "urn:p": {number}}}', headers=headers)
    assert sent.status_code == 400
    assert f"{number[:20]} is no number, or one too large" in sent.json()["detail"]


@pytest.mark.parametrize("word", ["@vocab", "@language", "@direction"])
def test_null_takes_back_what_there_may_not_be(store, word):
    headers = {"Content-Type": "application/ld+json; rdfDirection=i18n-datatype"}
    body = {"@context": {"p": "urn:p", word: None}, "@id": "urn:a", "p": "x"}
    sent = store.put("/data?graph=urn:n", json=body, headers=headers)
    assert sent.is_success, sent.text
    assert '"x" .' in store.get("/data?graph=urn:n", headers={"Accept": "application/n-triples"}).text


def test_direction_stays_under_a_context_that_is_added(store):
    headers = {"Content-Type": "application/ld+json; rdfDirection=i18n-datatype"}
    body = {"@context": [{"@direction": "rtl"}, {"p": "urn:p"}], "@id": "urn:a", "p": "x"}
    assert store.put("/data?graph=urn:n", json=body, headers=headers).is_success
    assert "i18n#_rtl>" in store.get("/data?graph=urn:n", headers={"Accept": "application/n-triples"}).text


@pytest.mark.parametrize("definition", [{"@id": 0}, {"@id": []}, {"@id": "urn:p", "@nest": ""}])
def test_value_of_a_kind_that_is_not_due_is_refused_in_words(store, definition):
    headers = {"Content-Type": "application/ld+json; rdfDirection=i18n-datatype"}
    sent = store.put("/data?graph=urn:n", json={"@context": {"p": definition}, "p": 1}, headers=headers)
    assert sent.status_code == 400, sent.text
    assert "a kind that JSON-LD does not have" in sent.json()["detail"]


def test_many_bases_take_time_in_proportion(store):
    many = ",".join(
        f'{{"@context":{{"@base":"http://x.example/{each}/../a"}},"@id":"#x","urn:p":1}}' for each in range(40_000)
    )
    headers = {"Content-Type": "application/ld+json", "Accept": "application/json"}
    assert store.post("/validate?shapes=", content=f"[{many}]", headers=headers).is_success
