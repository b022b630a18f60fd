"""The command line says what it did, exits with the right status and errs in one sentence."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import httpx
import pytest

COMMANDS = [
    "serve",
    "query",
    "validate",
    "build",
    "reason",
    "reconcile",
    "export",
    "token",
    "history",
    "revert",
    "doctor",
    "audit",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(kouan, command):
    answered = kouan(command, "--help")
    assert answered.returncode == 0
    assert "Example: kouan " + command in answered.stdout


def test_query_answers_as_a_table_with_known_prefixes(kouan):
    answered = kouan("query", "SELECT ?city WHERE { ?city a kouan:PortCity } ORDER BY ?city")
    assert answered.stdout.splitlines()[2] == "id:alashankou"
    assert answered.stdout.splitlines()[-1] == "30 rows"


def test_query_answers_from_standard_input_as_json(kouan):
    answered = kouan("query", "-", "--format", "json", text="ASK { id:heihe a kouan:PortCity }")
    assert json.loads(answered.stdout)["boolean"] is True


def test_query_at_fault_exits_1_with_one_sentence(kouan):
    answered = kouan("query", "SELECT * {")
    assert (answered.returncode, answered.stdout) == (1, "")
    assert answered.stderr.startswith("kouan: the query:1:11: expected ")
    assert len(answered.stderr.splitlines()) == 1


def test_unknown_option_exits_2(kouan):
    assert kouan("query", "--nothing").returncode == 2


def test_build_with_a_fresh_snapshot_says_so(kouan):
    assert "is fresh: nothing to build" in kouan("build").stdout


def test_validate_names_the_file_at_fault_and_exits_1(kouan, settings, tmp_path):
    spoilt = tmp_path / "triples" / "chen-2018" / "p33.ttl"
    spoilt.parent.mkdir(parents=True)
    text = (settings.home / "triples/chen-2018/p33.ttl").read_text(encoding="utf-8")
    spoilt.write_text(text.replace("kouan:year 2016", 'kouan:year "2016"'), encoding="utf-8")
    answered = kouan("validate", spoilt, "--format", "json")
    report = json.loads(answered.stdout)
    assert answered.returncode == 1
    assert {finding["file"] for finding in report["findings"]} == {spoilt.as_posix()}


def test_validate_of_a_good_file_exits_0(kouan, settings):
    answered = kouan("validate", settings.home / "triples/chen-2018/p33.ttl")
    assert (answered.returncode, answered.stdout) == (0, "The data conforms to every shape.\n")


def test_reason_says_that_the_facts_are_consistent(kouan):
    assert "consistent" in kouan("reason", "--check").stdout


def test_doctor_finds_all_well(kouan):
    answered = kouan("doctor")
    assert answered.returncode == 0
    assert "Java for HermiT" in answered.stdout


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("TOKEN", "short", "KOUAN_TOKEN is one token"),
        ("PROXIES", "nowhere", "KOUAN_PROXIES has"),
        ("SERVICES", "nowhere", "KOUAN_SERVICES holds"),
        ("TIMEOUT", "400", "KOUAN_TIMEOUT_CAP"),
        ("DRAIN", "0", "KOUAN_DRAIN"),
    ],
)
def test_doctor_says_what_to_mend(kouan, monkeypatch, setting, value, says):
    monkeypatch.setenv(f"KOUAN_{setting}", value)
    answered = kouan("doctor")
    assert answered.returncode == 1
    assert f"TO MEND: {says}" in answered.stdout or says in answered.stdout.partition("TO MEND: ")[2]


def test_doctor_asks_that_secrets_are_read_by_nobody_else(kouan, monkeypatch, tmp_path):
    file = tmp_path / "kouan.toml"
    file.write_text('token = "a-secret-token"\n', encoding="utf-8")
    monkeypatch.setenv("KOUAN_SETTINGS", str(file))
    file.chmod(0o644)
    answered = kouan("doctor")
    assert (answered.returncode, f"chmod 600 {file}" in answered.stdout) == (1, True)
    file.chmod(0o600)
    answered = kouan("doctor")
    assert answered.returncode == 0
    assert "a-secret-token" not in answered.stdout


def test_serve_on_a_taken_port_says_so(kouan):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answered = kouan("serve", "--port", taken.getsockname()[1])
    assert answered.returncode == 1
    assert "choose another with --port" in answered.stderr


def test_reconcile_adds_identifiers_and_keeps_the_columns(kouan, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("n,place\n1,Kiamusze\n2,滿洲里\n3,Atlantis Nova\n", encoding="utf-8")
    answered = kouan("reconcile", table, "--column", "place")
    lines = (tmp_path / "places.reconciled.csv").read_text(encoding="utf-8").splitlines()
    assert "2 sure, 0 doubtful, 1 unmatched" in answered.stderr
    assert lines[0].startswith("n,place,kouan_id")
    assert lines[1].startswith("1,Kiamusze,https://w3id.org/kouan/id/jiamusi")
    assert lines[2].startswith("2,滿洲里,https://w3id.org/kouan/id/manzhouli")


def test_token_prints_a_secret_and_an_entry_that_holds_only_its_hash(kouan):
    answered = kouan("token", "editor", "--scope", "read").stdout
    secret = answered.splitlines()[0].split()[-1]
    name, scope, digest = answered.splitlines()[1].split()[-1].split(":")
    assert (name, scope, digest) == ("editor", "read", hashlib.sha256(secret.encode()).hexdigest())
    assert secret not in answered.splitlines()[1]


def test_token_for_a_strange_name_is_refused(kouan):
    answered = kouan("token", "an editor")
    assert answered.returncode == 1
    assert "letters" in answered.stderr


@pytest.fixture
def home(tmp_path, small_home):
    """The files of a few facts, and what runs a command on them; nothing was written to them yet."""
    environment = {
        "KOUAN_HOME": str(small_home),
        "KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"),
        "KOUAN_TOKEN": "a-token-of-mine",
    }

    def run(*arguments):
        command = [sys.executable, "-m", "kouan", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, env=os.environ | environment, check=False, timeout=250
        )

    return SimpleNamespace(folder=small_home, environment=environment, run=run)


NOTES = """@prefix dct: <http://purl.org/dc/terms/> . @prefix id: <https://w3id.org/kouan/id/> .
@prefix kouan: <https://w3id.org/kouan/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix src: <https://w3id.org/kouan/source/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
src:notes a kouan:Source ; rdfs:label "Notes"@en, "笔记"@zh ; dct:title "Notes"@en ; dct:language "en" ;
  dct:issued "2026-01-01"^^xsd:date ; dct:publisher id:tsinghua-university ; dct:rights "Our own."@en, "自有。"@zh .
"""


def test_what_was_written_is_listed_exported_for_review_and_taken_back(home, start):
    assert home.run("history").stdout == "Nothing was written.\n"
    with start([], home.environment) as address:
        put = httpx.put(
            f"{address}/data?graph=https://w3id.org/kouan/source/notes",
            content=NOTES.encode(),
            headers={
                "Content-Type": "text/turtle",
                "Authorization": "Bearer a-token-of-mine",
                "Kouan-Reason": "first notes",
            },
            trust_env=False,
            timeout=60,
        )
        assert put.status_code == 201, put.text
        held = home.run("revert", 1)
        assert held.returncode == 1
        assert "Another server writes" in held.stderr
    assert "token  +9 -0" in home.run("history").stdout
    assert json.loads(home.run("history", "--format", "json").stdout)[0]["why"] == "first notes"
    written = home.folder / "triples" / "notes" / "source.ttl"
    assert home.run("export", "written").stdout == f"{written}\n"
    assert 'rdfs:label "Notes"@en, "笔记"@zh' in written.read_text(encoding="utf-8")
    # The file states it by now, so nothing changes but who does.
    assert home.run("build").returncode == 0
    count = "SELECT (COUNT(*) AS ?n) { GRAPH src:notes { ?s ?p ?o } }"
    assert home.run("query", count, "--format", "csv").stdout.split() == ["n", "9"]
    written.unlink()
    taken = home.run("revert", 1)
    assert "write 2 takes write 1 back: +0 -9" in taken.stdout
    assert home.run("query", count, "--format", "csv").stdout.split() == ["n", "0"]
    assert home.run("revert", 7).returncode == 1
