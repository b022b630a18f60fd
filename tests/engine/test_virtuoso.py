"""The same server serves in front of Virtuoso 7, which speaks the protocol in ways of its own."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from test_remote import SELECT, before, free_port

pytestmark = pytest.mark.skipif(
    shutil.which("virtuoso-t") is None,
    reason="Virtuoso 7 is not installed (Debian: apt-get install virtuoso-opensource-7-bin)",
)

DATA = "".join(f'<urn:s{i}> <urn:p{i % 3}> "{i} 北"@zh .\n' for i in range(500))
SETTINGS = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[Parameters]
ServerPort = 127.0.0.1:{server}
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
[SPARQL]
ResultSetMaxRows = 100000
"""


@contextlib.contextmanager
def virtuoso(folder, port: int) -> Iterator[None]:
    """Run Virtuoso with the data in a named graph until the context ends."""
    server = free_port()
    (folder / "virtuoso.ini").write_text(SETTINGS.format(folder=folder, port=port, server=server), encoding="utf-8")
    (folder / "data.nt").write_text(DATA, encoding="utf-8")
    command = ["virtuoso-t", "-f", "-c", str(folder / "virtuoso.ini")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(f"http://127.0.0.1:{port}/sparql?query=ASK%20%7B%7D")
            load = f"ttlp_mt(file_to_string_output('{folder}/data.nt'), '', 'urn:data', 255); checkpoint;"
            isql = shutil.which("isql-vt") or "isql-v"
            subprocess.run(
                [isql, f"127.0.0.1:{server}", "dba", "dba", f"exec={load}"], check=True, stdout=subprocess.DEVNULL
            )
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(address: str) -> None:
    for _ in range(300):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("Virtuoso does not serve")


@pytest.fixture(scope="module")
def client(start, snapshot, settings, tmp_path_factory) -> Iterator[httpx.Client]:
    assert snapshot
    port = free_port()
    engine = f"http://127.0.0.1:{port}/sparql"
    with (
        virtuoso(tmp_path_factory.mktemp("virtuoso"), port),
        before(start, settings, port, KOUAN_ENGINE=engine) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("accept", "reader"),
    [
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ],
)
def test_rows_come_in_each_format(client, accept, reader):
    answer = client.get("/sparql", params={"query": SELECT}, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(accept)
    rows = [row[0].value for row in parse_query_results(answer.content, format=reader)]
    assert rows == ["urn:s1", "urn:s10", "urn:s100", "urn:s103", "urn:s106"]


@pytest.mark.parametrize(
    ("accept", "reader"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_graphs_come_in_each_format(client, accept, reader):
    query = "CONSTRUCT { ?s <urn:q> ?o } { ?s <urn:p2> ?o }"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 200
    assert len({str(quad) for quad in parse(answer.content, format=reader)}) == 166


def test_yes_and_no_are_told_apart(client):
    for query, said in (("ASK { <urn:s1> ?p ?o }", b"true"), ("ASK { <urn:s1000> ?p ?o }", b"false")):
        answer = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
        assert answer.content.strip() == said
        answer = client.get("/sparql", params={"query": query}, headers={"Accept": "application/json"})
        assert answer.json()["boolean"] == (said == b"true")


def test_graph_parameter_reaches_it(client):
    count = "SELECT (COUNT(*) AS ?n) { ?s <urn:p0> ?o }"
    for graph, rows in (("urn:data", "167"), ("urn:none", "0")):
        asked = {"query": count, "default-graph-uri": graph}
        answer = client.get("/sparql", params=asked, headers={"Accept": "text/csv"})
        assert answer.text.split()[-1].strip('"') == rows


def test_query_that_it_refuses_is_400_without_its_inside(client):
    answer = client.get("/sparql", params={"query": "SELECT ?s { ?s ?p }"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "/usr" not in answer.text


def test_what_it_does_not_hold_is_named(client):
    for pattern, said in (
        ("?s <urn:p11> ?o", ["<urn:p11> stands nowhere in the data; the nearest property is <urn:p1>"]),
        ("<urn:s4> <urn:p2> ?o", []),
    ):
        answer = client.get("/sparql", params={"query": f"SELECT * {{ {pattern} }}"})
        assert answer.headers.get_list("kouan-warning") == said
