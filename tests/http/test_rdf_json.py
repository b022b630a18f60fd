"""RDF/JSON is read as what it is, whatever its literals say; what says that it is RDF/JSON and is not is refused."""

from __future__ import annotations

import json

import pytest

TERMS = [{"type": "literal", "value": text} for text in ("@foo", "@id", '{"@id": "urn:x"}', "@type: x")]
WRITTEN = json.dumps({"urn:a": {"urn:handle": TERMS, "urn:n": [{"type": "bnode", "value": "_:b"}]}})


@pytest.mark.parametrize("media_type", ["application/rdf+json", "text/rdf+json", "application/json"])
def test_literals_that_look_like_keywords_are_literals(store, media_type):
    assert store.put("/data?graph=urn:rj", content=WRITTEN, headers={"Content-Type": media_type}).is_success
    asked = {"query": "SELECT ?text { GRAPH <urn:rj> { <urn:a> <urn:handle> ?text } }"}
    found = store.get("/sparql", params=asked).json()["results"]["bindings"]
    assert sorted(row["text"]["value"] for row in found) == sorted(term["value"] for term in TERMS)


def test_what_is_written_here_as_rdf_json_comes_back_the_same(store):
    given = {"query": 'CONSTRUCT { <urn:s> <urn:p> "@context", "@graph"@en, <urn:o> } {}', "format": "rj"}
    written = store.get("/sparql", params=given).content
    store.put("/data?graph=urn:back", content=written, headers={"Content-Type": "application/rdf+json"})
    lines = store.get("/data?graph=urn:back", headers={"Accept": "application/n-triples"}).text.splitlines()
    assert sorted(lines) == [
        '<urn:s> <urn:p> "@context" .',
        '<urn:s> <urn:p> "@graph"@en .',
        "<urn:s> <urn:p> <urn:o> .",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"urn:a": {"urn:n": [{"type": "literal", "value": 5}]}}',
        '{"@id": "urn:a", "urn:p": "x"}',
        '[{"@id": "urn:a", "urn:p": [{"@value": "x"}]}]',
        '{"urn:a": ',
        "[" * 100_000,
    ],
)
def test_what_says_that_it_is_rdf_json_and_is_not_is_refused(store, text):
    refused = store.put("/data?graph=urn:no", content=text, headers={"Content-Type": "application/rdf+json"})
    assert (refused.status_code, refused.json()["detail"].startswith("The body cannot be read")) == (400, True)
    files = {"data": ("d.rj", text, "application/rdf+json"), "shapes": ("s.ttl", "", "text/turtle")}
    assert store.post("/validate", files=files).status_code == 400
    assert store.get("/data?graph=urn:no").status_code == 404
    empty = store.put("/data?graph=urn:no", content="{}", headers={"Content-Type": "application/rdf+json"})
    assert empty.is_success
