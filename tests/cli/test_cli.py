"""The command line says what it did, exits with the right status and errs in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

COMMANDS = ["serve", "query", "validate", "build", "reason", "reconcile", "export", "doctor"]


@pytest.fixture
def kouan(settings, snapshot):
    def run(*arguments, text=None):
        environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
        return subprocess.run(
            [sys.executable, "-m", "kouan", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            input=text,
            check=False,
            timeout=100,
        )

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(kouan, command):
    answered = kouan(command, "--help")
    assert answered.returncode == 0
    assert "Example: kouan " + command in answered.stdout


def test_query_answers_as_a_table_with_known_prefixes(kouan):
    answered = kouan("query", "SELECT ?city WHERE { ?city a kouan:PortCity } ORDER BY ?city")
    assert answered.stdout.splitlines()[2] == "id:erenhot"
    assert answered.stdout.splitlines()[-1] == "6 rows"


def test_query_answers_from_standard_input_as_json(kouan):
    answered = kouan("query", "-", "--format", "json", text="ASK { id:heihe a kouan:PortCity }")
    assert json.loads(answered.stdout)["boolean"] is True


def test_query_at_fault_exits_1_with_one_sentence(kouan):
    answered = kouan("query", "SELECT * {")
    assert (answered.returncode, answered.stdout) == (1, "")
    assert answered.stderr.startswith("kouan: The query cannot be read")
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
    assert "2 sure, 0 doubtful, 1 unmatched" in answered.stdout
    assert lines[0].startswith("n,place,kouan_id")
    assert lines[1].startswith("1,Kiamusze,https://w3id.org/kouan/id/jiamusi")
    assert lines[2].startswith("2,滿洲里,https://w3id.org/kouan/id/manzhouli")
