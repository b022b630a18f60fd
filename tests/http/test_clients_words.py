"""What clients call a format, and in what wrapping they send a query, is understood as they mean it."""

from __future__ import annotations

import httpx
import pytest

SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 2"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2"
AXIOS = "application/json, text/plain, */*"
RDFLIB_2 = "application/rdf+xml,application/xhtml+xml;q=0.5"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("query", ["DESCRIBE <urn:nothing>", "CONSTRUCT WHERE { ?s ?p ?o }"])
@pytest.mark.parametrize(("name", "accept"), [("", "image/png"), ("docx", "*/*")])
def test_refusal_of_a_format_speaks_of_the_query_that_was_sent(client, query, name, accept):
    refused = client.get("/sparql", params={"query": query, "format": name}, headers={"Accept": accept})
    assert (refused.status_code, "CONSTRUCT or DESCRIBE" in refused.text) == (406, True)


def kind(answer):
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        (SELECT, "CSV", "text/csv"),
        (SELECT, "TSV", "text/tab-separated-values"),
        (SELECT, "HTML", "text/html"),
        (CONSTRUCT, "JSONLD", "application/ld+json"),
        (SELECT, "sparql-results+json", "application/sparql-results+json"),
        (SELECT, "sparql-results+xml", "application/sparql-results+xml"),
        (CONSTRUCT, "sparql-results+xml", "application/rdf+xml"),
        (CONSTRUCT, "ld+json", "application/ld+json"),
        (CONSTRUCT, "application/x-json+ld", "application/ld+json"),
        (SELECT, "srj", "application/sparql-results+json"),
        (SELECT, "srx", "application/sparql-results+xml"),
        (SELECT, "tab-separated-values", "text/tab-separated-values"),
        (SELECT, "application/vnd.ms-excel", XLSX),
        (SELECT, "rdf+xml", "application/sparql-results+json"),
    ],
)
def test_format_has_the_names_that_clients_give_it(ports, query, name, expected):
    assert kind(ports.get("/sparql", params={"query": query, "format": name})) == expected


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        # Of what is liked as well, what is named comes before whatever comes; who names general types alone likes the first.
        (CONSTRUCT, AXIOS, "application/ld+json"),
        (CONSTRUCT, "text/plain, application/json, */*", "application/n-triples"),
        (CONSTRUCT, "*/*, application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "application/x-ntriples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json, application/rdf+xml, text/turtle", "text/turtle"),
        (SELECT, "text/csv, application/json", "application/sparql-results+json"),
        (SELECT, AXIOS, "application/sparql-results+json"),
        (SELECT, "application/xhtml+xml", "text/html"),
        (SELECT, "text/html, */*", "text/html"),
        (CONSTRUCT, "text/turtle;q=0.5, */*;q=0.5, application/rdf+xml;q=0.4", "text/turtle"),
    ],
)
def test_accept_is_met_with_what_it_names(ports, query, accept, expected):
    assert kind(ports.get("/sparql", params={"query": query}, headers={"Accept": accept})) == expected


@pytest.mark.parametrize(
    ("query", "name", "is_told"),
    [
        *((CONSTRUCT, name, True) for name in ("rdf", "jsonld", "trig", "rj")),
        *((SELECT, name, True) for name in ("json", "xml")),
        (SELECT, "xlsx", False),
    ],
)
def test_charset_is_told_of_all_that_is_text(ports, query, name, is_told):
    kind_of_content = ports.get("/sparql", params={"query": query, "format": name}).headers["content-type"]
    assert kind_of_content.endswith("; charset=utf-8") is is_told


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (RDFLIB_2, "application/rdf+xml"),
        ("application/ld+json, application/json;q=0.9, text/html;q=0.1", "application/ld+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/turtle"),
    ],
)
def test_graph_comes_as_accept_has_it_though_a_page_would_do(ports, accept, expected):
    assert kind(ports.get("/data?default", headers={"Accept": accept})) == expected


def test_thing_comes_as_json_to_who_takes_json_first(client):
    answer = client.get("/id/heihe", headers={"Accept": AXIOS})
    assert answer.headers["location"] == "/doc/heihe.jsonld"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"query": SELECT}, "application/sparql-results+json"),
        ({"query": SELECT, "format": "csv", "timeout": 5, "infer": False}, "text/csv"),
        ({"query": "SELECT ?s { GRAPH ?g { ?s ?p ?o } }", "named-graph-uri": ["urn:a", "urn:b"]}, None),
    ],
)
def test_query_may_come_as_json(ports, sent, expected):
    for path in ("/sparql", "/"):
        assert kind(ports.post(path, json=sent)) == (expected or "application/sparql-results+json")


@pytest.mark.parametrize(
    "sent", [b"{", b"[]", b'{"query": {}}', b'{"query": null}', b'{"quer": "ASK {}"}', b"[" * 99_999]
)
def test_json_that_holds_no_query_is_refused_in_words(ports, sent):
    answer = ports.post("/sparql", content=sent, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_update_may_come_as_json(start, tmp_path):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": "a-secret-token"}
    with start([str(tmp_path / "data.ttl")], environment) as address:
        for number, path in enumerate(("/update", "/sparql")):
            update = {"update": f"INSERT DATA {{ <urn:json> <urn:p> {number} }}"}
            assert httpx.post(address + path, json=update, trust_env=False).status_code == 401
            said = {"Authorization": "Bearer a-secret-token"}
            assert httpx.post(address + path, json=update, headers=said, trust_env=False).status_code == 200
        asked = {"query": 'SELECT ("update" AS ?x) { <urn:json> <urn:p> 0, 1 }'}
        found = httpx.post(f"{address}/sparql", json=asked, trust_env=False)
        assert [row["x"]["value"] for row in found.json()["results"]["bindings"]] == ["update"]


@pytest.mark.parametrize("path", ["/void", "/dcat", "/conformance"])
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "application/ld+json"),
        (AXIOS, "application/ld+json"),
        ("text/xml", "application/rdf+xml"),
        ("text/n3", "text/turtle"),
        ("text/plain", "application/n-triples"),
    ],
)
def test_descriptions_come_by_all_names_of_their_formats(client, path, accept, expected):
    assert kind(client.get(path, headers={"Accept": accept})) == expected
