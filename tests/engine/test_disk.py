"""A dataset above the stated size is served from disk, as one in memory is."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture(scope="module")
def client(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("disk")
    lines = [f"<urn:s{i}> <urn:p{i % 7}> <urn:o{i % 31}> <urn:g{i % 2}> ." for i in range(3000)]
    (folder / "data.nq").write_text("\n".join(lines), encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_MEMORY_QUADS": "2000"}
    with (
        start([str(folder / "data.nq")], environment) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False) as client,
    ):
        assert list((folder / "snapshots").glob("*/store/CURRENT"))
        yield client


@pytest.mark.parametrize(("where", "count"), [("", 3000), ("default", 3000), ("graph=urn:g1", 1500)])
def test_graph_is_read_from_the_files_that_it_was_made_of(client, where, count):
    wanted = "application/n-triples" if where else "application/n-quads"
    answer = client.get(f"/data?{where}", headers={"Accept": wanted})
    assert (answer.status_code, len(answer.text.splitlines())) == (200, count)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT ?o { <urn:s5> <urn:p5> ?o }", "o\r\nurn:o5\r\n"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "n\r\n3000\r\n"),
        ("SELECT (COUNT(*) AS ?n) { GRAPH <urn:g1> { ?s ?p ?o } }", "n\r\n1500\r\n"),
        ("SELECT (COUNT(*) AS ?n) FROM <urn:g0> FROM <urn:g1> { ?s ?p ?o }", "n\r\n3000\r\n"),
    ],
)
def test_answers_are_those_of_memory(client, query, answer):
    for number in range(4):
        said = client.get("/sparql", params={"query": f"{query} # {number}"}, headers={"Accept": "text/csv"})
        assert (said.status_code, said.text) == (200, answer)


def test_data_whose_files_were_changed_is_the_servers_own_fault(start, tmp_path):
    file = tmp_path / "data.ttl"
    file.write_text('<urn:s> <urn:p> "1", "2" .\n', encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_MEMORY_QUADS": "1"}
    with start([str(file)], environment) as address:
        assert httpx.get(f"{address}/data", trust_env=False).status_code == 200
        file.write_text('<urn:s> <urn:p> "3" .\n', encoding="utf-8")
        answer = httpx.get(f"{address}/data?default", trust_env=False)
    assert (answer.status_code, answer.json()["title"]) == (500, "Something went wrong here")
