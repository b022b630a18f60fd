"""Clients that people use get right answers from a running server."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

KOUAN = "https://w3id.org/kouan/ontology#"
PORT_CITIES = f"SELECT ?city WHERE {{ ?city a <{KOUAN}PortCity> }} ORDER BY ?city"
# Those that the ontology infers from the ports of the graph.
PORT_CITY_COUNT = 30
HEIHE = "https://w3id.org/kouan/id/heihe"
CURL = shutil.which("curl")
NODE = shutil.which("comunica-sparql")
OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_store_selects_asks_and_constructs(server, method):
    graph = rdflib.Graph(SPARQLStore(f"{server}/sparql", method=method))
    cities = [str(row.city) for row in graph.query(PORT_CITIES)]
    assert len(cities) == PORT_CITY_COUNT
    assert HEIHE in cities
    assert bool(graph.query(f"ASK {{ <{HEIHE}> a <{KOUAN}PortCity> }}"))
    built = graph.query(f"CONSTRUCT {{ ?s a ?c }} WHERE {{ VALUES ?s {{ <{HEIHE}> }} ?s a ?c }}").graph
    assert (rdflib.URIRef(HEIHE), rdflib.RDF.type, rdflib.URIRef(KOUAN + "PortCity")) in built


def test_rdflib_service_clause_asks_us(server):
    found = list(
        rdflib.Graph().query(f"SELECT ?city WHERE {{ SERVICE <{server}/sparql> {{ ?city a <{KOUAN}PortCity> }} }}")
    )
    assert len(found) == PORT_CITY_COUNT


def test_sparqlwrapper_returns_each_format(server):
    wrapper = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed")
    client = wrapper.SPARQLWrapper(f"{server}/sparql")
    client.setQuery(PORT_CITIES)
    client.setReturnFormat(wrapper.JSON)
    assert len(client.queryAndConvert()["results"]["bindings"]) == PORT_CITY_COUNT
    client.setReturnFormat(wrapper.CSV)
    assert len(client.queryAndConvert().decode().splitlines()) == PORT_CITY_COUNT + 1


@pytest.mark.parametrize("name", ["TURTLE", "N3", "JSONLD", "RDFXML"])
def test_sparqlwrapper_constructs_in_each_format_that_it_names(server, name):
    wrapper = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed")
    client = wrapper.SPARQLWrapper(f"{server}/sparql")
    client.setQuery(f"CONSTRUCT {{ ?s a <{KOUAN}PortCity> }} WHERE {{ ?s a <{KOUAN}PortCity> }}")
    client.setReturnFormat(getattr(wrapper, name))
    body = client.query().response.read().decode()
    assert "heihe" in body


def test_pandas_reads_csv_and_parquet_from_the_address(client):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    body = client.get("/sparql", params={"query": PORT_CITIES, "format": "csv"}).content
    assert list(pandas.read_csv(io.BytesIO(body)).columns) == ["city"]
    pytest.importorskip("pyarrow")
    body = client.get("/sparql", params={"query": PORT_CITIES, "format": "parquet"}).content
    assert len(pandas.read_parquet(io.BytesIO(body))) == PORT_CITY_COUNT


@pytest.mark.skipif(CURL is None, reason="curl is not on this machine")
def test_curl_as_the_readme_calls_it(server):
    command = [CURL, "-sS", "--noproxy", "*", f"{server}/sparql", "-H", "Accept: text/csv"]
    command += ["--data-urlencode", f"query={PORT_CITIES}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(list(csv.reader(io.StringIO(said)))) == PORT_CITY_COUNT + 1


@pytest.mark.skipif(CURL is None, reason="curl is not on this machine")
@pytest.mark.parametrize(
    ("path", "status"), [("/sparql?query=ASK%7B%7D", 200), ("/", 200), ("/ports.csv", 200), ("/x", 404)]
)
def test_curl_asks_for_the_head_over_http_2(client, server, path, status):
    command = [CURL, "-sS", "--noproxy", "*", "--http2-prior-knowledge", "--head", f"{server}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0].split() == ["HTTP/2", str(status)]
    assert f"content-length: {len(client.get(path, headers={'Accept-Encoding': 'identity'}).content)}" in said


@pytest.mark.skipif(CURL is None, reason="curl is not on this machine")
def test_head_over_http_2_says_no_length_that_is_untrue(server):
    command = [CURL, "-sS", "--noproxy", "*", "--http2-prior-knowledge", "--head", f"{server}/health"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0].split() == ["HTTP/2", "200"]
    assert not any(line.startswith("content-length") for line in said)


@pytest.mark.skipif(OXIGRAPH is None, reason="oxigraph is not on this machine")
def test_service_clause_of_oxigraph_asks_us(server, tmp_path):
    query = f"SELECT ?city WHERE {{ SERVICE <{server}/sparql> {{ ?city a <{KOUAN}PortCity> }} }}"
    location = str(tmp_path / "store")
    data = tmp_path / "one.nt"
    data.write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    subprocess.run([OXIGRAPH, "load", "--location", location, "--file", str(data)], check=True, capture_output=True)
    command = [OXIGRAPH, "query", "--location", location, "--query", query, "--results-format", "csv"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.count("https://w3id.org/kouan/id/") == PORT_CITY_COUNT


@pytest.mark.skipif(
    NODE is None, reason="comunica-sparql is not on this machine (npm install -g @comunica/query-sparql@4)"
)
@pytest.mark.parametrize("source", ["sparql@{}/sparql", "{}/"])
def test_comunica_selects(server, source):
    said = subprocess.run([NODE, source.format(server), PORT_CITIES], capture_output=True, text=True, check=True)
    assert said.stdout.count("https://w3id.org/kouan/id/") == PORT_CITY_COUNT


# The client is no longer kept up, and uses what pandas will drop; it is asked where somebody has it.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_reconciler_matches_a_data_frame_column_with_its_province(server):
    client = pytest.importorskip("reconciler", reason="reconciler is not installed")
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.DataFrame(
        {"place": ["Kiamusze", "滿洲里", "Pingxiang"], "province": ["Heilongjiang", "Inner Mongolia", "Guangxi"]}
    )
    found = client.reconcile(
        table["place"],
        type_id="City",
        property_mapping={"locatedIn": table["province"]},
        reconciliation_endpoint=f"{server}/reconcile",
    )
    assert list(found["id"]) == ["jiamusi", "manzhouli", "pingxiang"]
    assert all(found["match"])
