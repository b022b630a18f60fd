"""Contradictions are found and explained in words that name the facts, their files and the axioms."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from watched import states, wait_until

from kouan.errors import SourceError
from kouan.graph.dataset import read_files, read_home
from kouan.reasoning import check_consistency
from kouan.validation import with_files

# An explanation asks the reasoner some dozens of times.
pytestmark = pytest.mark.timeout(300)

CONTRADICTIONS = {
    "a city that is a policy": ("id:heihe a kouan:Policy .", ["Heihe is a policy", "no city is a policy"]),
    "a city that is issued": (
        "id:heihe kouan:issuedBy id:state-council .",
        ["Heihe issued by State Council of China", "policy"],
    ),
    "a country that borders itself": ("id:mongolia kouan:borders id:mongolia .", ["nothing borders itself"]),
    "a plan that starts twice": (
        "id:thirteenth-five-year-plan kouan:periodStart 2015 .",
        ["has one value at most", "p22.ttl"],
    ),
    "a year that is text": ('id:border-areas-opinion kouan:issuedYear "2016" .', ["issued in year", "integer"]),
    "a province that is a country": ("id:yunnan a kouan:Country .", ["Yunnan is a country"]),
    "a port that is a person": ("id:heihe-port a kouan:Person .", ["port of entry", "person"]),
}


CLASSES = """@prefix kouan: <https://w3id.org/kouan/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
kouan:Place a owl:Class ; rdfs:label "place"@en .
kouan:Port a owl:Class ; rdfs:label "port of entry"@en ; rdfs:subClassOf kouan:Place .
kouan:Province a owl:Class ; rdfs:label "province"@en ; rdfs:subClassOf kouan:Place .
kouan:Policy a owl:Class ; rdfs:label "policy"@en ; owl:disjointWith kouan:Place .
kouan:AirPort a owl:Class ; rdfs:label "air port of entry"@en ; rdfs:subClassOf kouan:Port .
"""
ADDED = """@prefix kouan: <https://w3id.org/kouan/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

kouan:AirPort rdfs:subClassOf kouan:Policy .
"""

# What no rule of OWL 2 RL finds.
ONE_OF_TWO = """@prefix kouan: <https://w3id.org/kouan/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
kouan:AirPort a owl:Class ; owl:disjointWith kouan:River .
kouan:RoadPort a owl:Class ; owl:disjointWith kouan:River .
kouan:River a owl:Class .
kouan:Port a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:unionOf ( kouan:AirPort kouan:RoadPort ) ] .
"""


@pytest.fixture(scope="module")
def few(dataset):
    """The ontology, and the facts of the article alone: an explanation takes the time of all that it is looked for in."""
    kept = ("ontology/", "shapes/", "triples/chen-2018/", "triples/kouan/")
    return replace(dataset, files=tuple(file for file in dataset.files if file.name.startswith(kept)))


@pytest.fixture
def with_facts(few, tmp_path):
    def add(text):
        file = tmp_path / "triples" / "kouan" / "added.ttl"
        file.parent.mkdir(parents=True)
        file.write_text(
            "@prefix id: <https://w3id.org/kouan/id/> .\n@prefix kouan: <https://w3id.org/kouan/ontology#> .\n" + text,
            encoding="utf-8",
        )
        return with_files(few, read_files([file]))

    return add


def test_the_graph_is_consistent(dataset):
    assert check_consistency(dataset) is None


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradiction_is_explained(name, with_facts):
    text, expected = CONTRADICTIONS[name]
    explanation = str(check_consistency(with_facts(text)))
    assert "added.ttl" in explanation
    assert [words for words in expected if words not in explanation] == []


def test_class_that_nothing_can_be_is_found_by_hermit_alone_and_explained(tmp_path):
    # Of few axioms: each that is tried without another starts a Java machine.
    for file, text in (("ontology/kouan.ttl", CLASSES), ("triples/kouan/added.ttl", ADDED)):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    explanation = str(check_consistency(read_home(tmp_path)))
    assert "air port of entry" in explanation
    assert "policy" in explanation
    assert "added.ttl" in explanation
    assert "province" not in explanation


def test_contradiction_that_hermit_alone_finds_is_explained_and_leaves_no_file(tmp_path, monkeypatch):
    (tmp_path / "passing").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    port = "@prefix kouan: <https://w3id.org/kouan/ontology#> . <https://w3id.org/kouan/id/a> a kouan:Port, kouan:River .\n"
    for file, text in (("ontology/kouan.ttl", ONE_OF_TWO), ("triples/kouan/added.ttl", port)):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert "added.ttl" in str(check_consistency(read_home(tmp_path)))
    assert list((tmp_path / "passing").iterdir()) == []


def test_java_that_is_killed_without_a_word_is_told(small_home, tmp_path, monkeypatch):
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\nkill -9 $$\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SourceError, match="Java ended with status -9"):
        check_consistency(read_home(small_home))


def test_java_does_not_outlive_who_waits_for_its_verdict_and_neither_does_a_file(small_home, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "passing").mkdir()
    # It never comes to one.
    java = tmp_path / "bin" / "java"
    java.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid.part\nmv {tmp_path}/pid.part {tmp_path}/pid\nexec sleep 120\n"
    )
    java.chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from kouan.graph.dataset import read_home\n"
        "from kouan.reasoning import check_consistency; check_consistency(read_home(Path(sys.argv[1])))"
    )
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "passing")}
    with subprocess.Popen([sys.executable, "-c", program, str(small_home)], env=environment) as process:
        assert wait_until((tmp_path / "pid").exists, 120)
        process.kill()
    pid = int((tmp_path / "pid").read_text())
    try:
        assert wait_until(lambda: states(pid) <= {"Z"}, 10)
    finally:
        if Path(f"/proc/{pid}/comm").exists() and states(pid) - {"Z"}:
            os.kill(pid, 9)
    assert list((tmp_path / "passing").iterdir()) == []
