"""What libraries write for themselves means what they mean: truth in capitals, media types with parameters, fields that nobody filled."""

from __future__ import annotations

import pytest

SELECT = "SELECT * { ?s ?p ?o } LIMIT 2"
GRAPH = "CONSTRUCT WHERE { ?s ?p ?o }"


def kind(ports, query: str, **parameters: str) -> str:
    headers = {"Accept": parameters.pop("accept", "*/*")}
    answer = ports.get("/sparql", params={"query": query, **parameters}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize(("name", "said"), [("infer", "True"), ("infer", "FALSE"), ("bom", "True"), ("bom", "False")])
def test_truth_is_true_in_capitals(ports, name, said):
    assert ports.get("/sparql", params={"query": SELECT, name: said, "format": "csv"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "said", "wanted"),
    [
        (SELECT, "text/csv; charset=utf-8", "text/csv"),
        (SELECT, "application/sparql-results+xml;charset=UTF-8", "application/sparql-results+xml"),
        (GRAPH, "application/rdf+xml;charset=utf-8", "application/rdf+xml"),
        (GRAPH, "application/rdf xml; charset=utf-8", "application/rdf+xml"),
        (GRAPH, "RDF/XML", "application/rdf+xml"),
        (GRAPH, "rdf-xml", "application/rdf+xml"),
        (GRAPH, "application/n-triples;version=1.2", "application/n-triples"),
    ],
)
def test_format_that_is_named_is_known_by_its_type_alone(ports, query, said, wanted):
    assert kind(ports, query, format=said) == wanted


@pytest.mark.parametrize("accept", ["text/csv", "text/tab-separated-values"])
def test_graph_for_who_takes_tables_alone_is_turtle(ports, accept):
    assert kind(ports, GRAPH, accept=accept) == "text/turtle"


def test_version_that_nobody_filled_in_is_none(ports):
    assert ports.get("/sparql", params={"query": SELECT, "version": ""}).status_code == 200
    assert ports.get("/sparql", params={"query": SELECT, "version": "2"}).status_code == 400


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "html", "parquet", "arrow"])
def test_name_that_no_data_has_is_told_in_every_format(ports, form):
    asked = {"query": "SELECT * { ?s <http://ex.org/populaton> ?o }", "format": form}
    assert "populaton" in ports.get("/sparql", params=asked).headers["kouan-warning"]


@pytest.mark.parametrize("accept", ["*/*", "text/plain, */*;q=0.01", "*", "application/rdf+xml, */*;q=0.1", ""])
def test_comparison_with_wikidata_is_json_for_programs(client, accept):
    answer = client.get("/wikidata", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/json")


def test_language_of_the_query_that_rdf4j_names_is_no_slip(ports):
    assert "kouan-warning" not in ports.get("/sparql", params={"query": "ASK {}", "queryLn": "SPARQL"}).headers
    assert "kouan-warning" in ports.get("/sparql", params={"query": "ASK {}", "infr": "true"}).headers


@pytest.mark.parametrize("path", ["/wikidata?format=csv&bom=true", "/wikidata.csv?bom=True"])
def test_comparison_in_csv_has_the_mark_that_is_asked_for(client, path):
    assert client.get(path).content.startswith(b"\xef\xbb\xbfthing")
    assert client.get("/wikidata.csv").content.startswith(b"thing")
