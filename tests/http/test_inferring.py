"""What follows from anybody's data is asked over HTTP, by the rules that whoever serves it named."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

INFERRED = "https://w3id.org/kouan/source/kouan/inferred"
ONTOLOGY = """@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Professor rdfs:subClassOf :Person . :Dean rdfs:subClassOf :Professor .
:Student owl:equivalentClass [ owl:intersectionOf ( :Person [
  a owl:Restriction ; owl:onProperty :takes ; owl:someValuesFrom :Course ] ) ] .
:partOf a owl:TransitiveProperty ; owl:inverseOf :hasPart .
:heads rdfs:subPropertyOf :worksFor ; rdfs:domain :Professor .
"""
FACTS = """<http://example.org/ann> <http://example.org/heads> <http://example.org/physics> .
<http://example.org/physics> <http://example.org/partOf> <http://example.org/sciences> .
<http://example.org/university> <http://example.org/hasPart> <http://example.org/sciences> .
<http://example.org/bo> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://example.org/Person> .
<http://example.org/bo> <http://example.org/takes> <http://example.org/logic> .
<http://example.org/logic> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://example.org/Course> .
"""
# How many rows each has when nothing, RDFS and OWL 2 RL is inferred.
ASKED = {
    "?x a :Person": (1, 2, 2),
    "?x :worksFor :physics": (0, 1, 1),
    "?x a :Student": (0, 0, 1),
    ":physics :partOf ?x": (1, 1, 2),
    "?x :hasPart :sciences": (1, 1, 1),
    "?x :partOf :university": (0, 0, 2),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("university")
    (folder / "ontology.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (folder / "facts.nt").write_text(FACTS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["none", "rdfs", "owl-rl"])
def asked(request, start, folder, tmp_path_factory):
    """The rules, and what answers a query by them."""
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("snapshots")), "KOUAN_TOKEN": "secret-of-tests"}
    with (
        start(["--infer", request.param, str(folder)], environment) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield request.param, client


def rows(client, query, **given):
    text = f"PREFIX : <http://example.org/> SELECT * {{ {query} }}"
    answer = client.get("/sparql", params={"query": text, "format": "json", **given})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]["bindings"]


@pytest.mark.parametrize("query", ASKED)
def test_what_follows_is_answered_as_if_it_were_stated(asked, query):
    rules, client = asked
    assert len(rows(client, query)) == ASKED[query][("none", "rdfs", "owl-rl").index(rules)]


@pytest.mark.parametrize("query", ASKED)
def test_what_follows_can_be_left_out(asked, query):
    assert len(rows(asked[1], query, infer="false")) == ASKED[query][0]


def test_what_follows_has_a_graph_of_its_own(asked):
    rules, client = asked
    named = {row["g"]["value"] for row in rows(client, "GRAPH ?g { ?s ?p ?o }")}
    assert named == (set() if rules == "none" else {INFERRED})
    count = len(rows(client, "?s ?p ?o")) - len(rows(client, "?s ?p ?o", infer="false"))
    assert count == len(rows(client, f"GRAPH <{INFERRED}> {{ ?s ?p ?o }}"))


def test_what_is_completed_when_it_is_loaded_takes_no_writes_and_says_so(asked):
    rules, client = asked
    answer = client.post(
        "/update",
        content="INSERT DATA { <http://example.org/a> <http://example.org/b> 1 }",
        headers={"Content-Type": "application/sparql-update", "Authorization": "Bearer secret-of-tests"},
    )
    if rules != "none":
        assert answer.status_code >= 400
        assert "KOUAN_INFER" in answer.text


def command(folder, *arguments):
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(folder / ".snapshots")}
    return subprocess.run(
        [sys.executable, "-m", "kouan", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=100,
    )


def test_axioms_from_which_nothing_is_inferred_are_told_at_each_start(start, folder, tmp_path, capfd):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}
    for _ in range(2):
        with start([str(folder)], environment):
            pass
        assert "nothing is inferred from them: --infer rdfs" in capfd.readouterr().err
    with start([str(folder), "--infer", "rdfs"], environment):
        pass
    assert "nothing is inferred" not in capfd.readouterr().err


def test_reason_writes_what_follows_from_files(folder, tmp_path):
    done = command(tmp_path, "reason", folder, "--format", "nt", "-o", tmp_path / "inferred.nt")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "inferred.nt").read_text(encoding="utf-8").splitlines()
    base, a = "http://example.org/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    assert f"<{base}bo> <{a}> <{base}Student> ." in lines
    assert not set(lines) & set(FACTS.splitlines())
    by_rdfs = command(tmp_path, "reason", folder, "--infer", "rdfs").stdout
    assert ":Person" in by_rdfs
    assert ":Student" not in by_rdfs


def test_reason_says_where_files_contradict_themselves(folder, tmp_path):
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text(ONTOLOGY + ":Person owl:disjointWith :Course . :logic a :Dean, :Course .", encoding="utf-8")
    assert command(tmp_path, "reason", "--check", folder).returncode == 0
    done = command(tmp_path, "reason", "--check", wrong)
    assert done.returncode == 1
    assert "contradict" in done.stdout
