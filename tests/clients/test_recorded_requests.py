"""Requests as clients that run elsewhere are known to send them, byte for byte where that matters, get what they can read."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote, urlencode

import httpx
import pytest

KOUAN = "https://w3id.org/kouan/ontology#"
PORT_CITIES = f"SELECT ?city WHERE {{ ?city a <{KOUAN}PortCity> }} ORDER BY ?city"
PORT_CITY_COUNT = 30
GRAPH = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3"
UPDATE = "INSERT DATA { <urn:recorded> <urn:p> 1 }"
BEARER = {"Authorization": "Bearer a-secret-token"}
FORM = "application/x-www-form-urlencoded"
RDF4J_TUPLES = (
    "application/x-binary-rdf-results-table;q=0.8, application/sparql-results+json, application/json;q=0.9, "
    "application/sparql-results+xml;q=0.8, application/xml;q=0.7, text/csv;q=0.8, text/tab-separated-values;q=0.8"
)
RDF4J_GRAPHS = (
    "application/x-binary-rdf, text/turtle;q=0.9, application/n-quads;q=0.8, application/trig;q=0.8, "
    "application/ld+json;q=0.8, application/n-triples;q=0.7, application/rdf+xml;q=0.7, text/n3;q=0.6"
)
JENA_SELECT = (
    "application/sparql-results+json, application/json;q=0.9, application/sparql-results+thrift;q=0.8, "
    "application/sparql-results+xml;q=0.7, text/tab-separated-values;q=0.6, text/csv;q=0.5, application/x-thrift, */*;q=0.1"
)
RDF4J_VERDICTS = "application/sparql-results+xml;q=0.8, application/sparql-results+json;q=0.8, text/boolean"
JENA_GRAPH = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
JENA_DATASET = "application/trig,application/n-quads;q=0.9,application/ld+json;q=0.8,*/*;q=0.3"
YASGUI = "application/sparql-results+json,*/*;q=0.9"
RANGES = "text/turtle,*/*;q=0.9"


def kind(answer):
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (PORT_CITIES, RDF4J_TUPLES, "application/sparql-results+json"),
        (GRAPH, RDF4J_GRAPHS, "text/turtle"),
        ("ASK {}", RDF4J_VERDICTS, "text/boolean"),
        (PORT_CITIES, JENA_SELECT, "application/sparql-results+json"),
        (GRAPH, JENA_GRAPH, "text/turtle"),
        (GRAPH, JENA_DATASET, "application/trig"),
        (PORT_CITIES, YASGUI, "application/sparql-results+json"),
        (GRAPH, RANGES, "text/turtle"),
        # Java's URLConnection, for whoever asks for nothing: no browser, and what calls it reads no pages.
        (PORT_CITIES, "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/sparql-results+json"),
        (GRAPH, "text/html, image/gif, image/jpeg, */*; q=0.2", "text/turtle"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "form", "body"])
def test_accept_as_they_send_it_is_met(client, query, accept, expected, method):
    headers = {"Accept": accept, "Accept-Encoding": "gzip,deflate"}
    if method == "GET":
        answer = client.get(f"/sparql?query={quote(query, safe='')}", headers=headers)
    elif method == "form":
        answer = client.post("/sparql", content=urlencode({"query": query}), headers=headers | {"Content-Type": FORM})
    else:
        said = {"Content-Type": "application/sparql-query; charset=utf-8"}
        answer = client.post("/sparql", content=query.encode(), headers=headers | said)
    assert kind(answer) == expected


def test_rdf4j_says_infer_and_its_time_in_the_form(client):
    form = {"queryLn": "SPARQL", "query": PORT_CITIES, "infer": "true", "timeout": "20"}
    answer = client.post(
        "/sparql", data=form, headers={"Accept": RDF4J_TUPLES, "Content-Type": f"{FORM}; charset=utf-8"}
    )
    assert len(answer.json()["results"]["bindings"]) == PORT_CITY_COUNT


def test_yasgui_sends_a_form_across_origins(client):
    origin = {"Origin": "https://yasgui.example.org", "Access-Control-Request-Method": "POST"}
    allowed = client.options(
        "/sparql", headers=origin | {"Access-Control-Request-Headers": "content-type,x-requested-with"}
    )
    assert allowed.status_code == 204
    assert {"content-type", "x-requested-with"} <= {
        each.strip().lower() for each in allowed.headers["access-control-allow-headers"].split(",")
    }
    answer = client.post("/sparql", data={"query": PORT_CITIES}, headers=origin | {"Accept": YASGUI})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert len(answer.json()["results"]["bindings"]) == PORT_CITY_COUNT


def test_browsers_fetch_of_another_origin_may_read_and_write(writable):
    origin = {"Origin": "https://example.org"}
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,if-match",
    }
    for path in ("/data?graph=urn:fetched", "/update", "/sparql"):
        allowed = httpx.options(writable + path, headers=origin | asked, trust_env=False)
        assert allowed.status_code == 204
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    methods = httpx.options(f"{writable}/data", headers=origin | asked, trust_env=False).headers[
        "access-control-allow-methods"
    ]
    assert {"PUT", "POST", "DELETE"} <= {each.strip() for each in methods.split(",")}
    refused = httpx.put(f"{writable}/data?graph=urn:f", content="<urn:a> <urn:p> 1 .", headers=origin, trust_env=False)
    # A page that may not read why it was refused cannot tell its user.
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")


def test_openrefine_reconciles_with_a_form_of_queries(client):
    manifest = client.get("/reconcile", headers={"Accept": "application/json"}).json()
    assert manifest["identifierSpace"]
    query = {"query": "Heihe", "type": "City", "type_strict": "should", "limit": 3, "properties": []}
    answer = client.post(
        "/reconcile",
        content=urlencode({"queries": json.dumps({"q0": query, "q1": query | {"query": "满洲里"}})}),
        headers={"Content-Type": f"{FORM}; charset=UTF-8", "User-Agent": "OpenRefine/3.9"},
    )
    found = answer.json()
    assert [found[key]["result"][0]["id"] for key in ("q0", "q1")] == ["heihe", "manzhouli"]
    wanted = {"ids": ["heihe"], "properties": [{"id": "locatedIn"}]}
    extended = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    assert "heihe" in extended["rows"]
    assert client.get("/reconcile", params={"callback": "jQuery1_2"}).text.startswith("jQuery1_2(")


def test_jena_updates_and_reads_graphs_at_one_address(writable):
    with httpx.Client(base_url=writable, headers=BEARER, trust_env=False, timeout=30) as client:
        sent = {"Content-Type": "application/sparql-update; charset=utf-8"}
        assert client.post("/sparql", content=UPDATE, headers=sent).status_code in {200, 204}
        turtle = {"Content-Type": "text/turtle; charset=utf-8"}
        assert client.put("/sparql?graph=urn%3Ajena", content="<urn:j> <urn:p> 1 .", headers=turtle).status_code == 201
        assert kind(client.get("/sparql?graph=urn%3Ajena", headers={"Accept": JENA_GRAPH})) == "text/turtle"
        assert client.head("/sparql?graph=urn%3Ajena", headers={"Accept": JENA_GRAPH}).status_code == 200
        assert client.delete("/sparql?graph=urn%3Ajena").status_code in {200, 204}
        assert kind(client.get("/sparql?default", headers={"Accept": JENA_GRAPH})) == "text/turtle"


def test_rdf4j_updates_with_a_form(writable):
    form = {"update": UPDATE, "infer": "true"}
    answer = httpx.post(f"{writable}/update", data=form, headers=BEARER | {"Accept": "*/*"}, trust_env=False)
    assert answer.status_code in {200, 204}


def test_httr_sends_its_form_with_accept_of_everything(client):
    headers = {
        "Accept": "application/json, text/xml, application/xml, */*",
        "User-Agent": "libcurl/8.5 r-curl/5.2 httr/1.4.7",
    }
    answer = client.post("/sparql", data={"query": PORT_CITIES, "format": "text/csv"}, headers=headers)
    assert kind(answer) == "text/csv"
    encoded = client.post("/sparql", data={"query": PORT_CITIES}, headers=headers)
    assert len(encoded.json()["results"]["bindings"]) == PORT_CITY_COUNT


def test_multipart_form_as_httr_encodes_it_by_default_is_read(client):
    answer = client.post("/sparql", files={"query": (None, PORT_CITIES)}, headers={"Accept": "text/csv"})
    assert len(answer.text.split()) == PORT_CITY_COUNT + 1
    file = client.post("/sparql", files={"query": ("cities.rq", PORT_CITIES)}, headers={"Accept": "text/csv"})
    assert file.text == answer.text
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/sparql", content=b"--y\r\n", headers=broken).status_code == 400
    assert client.post("/sparql", content=b"--y", headers={"Content-Type": "multipart/form-data"}).status_code == 400


def test_update_in_a_multipart_form_is_made(writable):
    parts = {"update": (None, "INSERT DATA { <urn:multipart> <urn:p> 1 }")}
    assert httpx.post(f"{writable}/update", files=parts, headers=BEARER, trust_env=False).status_code in {200, 204}
    asked = {"query": "ASK { <urn:multipart> <urn:p> 1 }"}
    assert httpx.get(f"{writable}/sparql", params=asked, trust_env=False).json()["boolean"] is True


def test_excel_and_power_bi_import_csv(client):
    query = "SELECT ?name ?n { VALUES (?name ?n) { ('黑河, \"口岸\"' 2.5) ('a\\nb' 7) } }"
    answer = client.get("/sparql", params={"query": query, "format": "csv", "bom": "true"})
    assert answer.content.startswith(b"\xef\xbb\xbfname,n\r\n")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [(row["name"], row["n"]) for row in rows] == [('黑河, "口岸"', "2.5"), ("a\nb", "7")]
    # Power BI asks for the same address again, with a HEAD first.
    assert client.head("/ports.csv", headers={"Accept": "*/*"}).status_code == 200


def test_protege_loads_the_ontology(client):
    accept = "application/rdf+xml, application/xml; q=0.5, text/xml; q=0.3, */*; q=0.2"
    answer = client.get("/ontology", headers={"Accept": accept, "Accept-Encoding": "gzip"}, follow_redirects=True)
    assert kind(answer) == "application/rdf+xml"
