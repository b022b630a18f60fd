"""Commands are used as people use those of others: with files that are not there, - for standard output, Ctrl-C, any folder."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kouan import settings as kouan_settings

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:Named a sh:NodeShape ; sh:targetClass ex:Place ; sh:property [ sh:path ex:name ; sh:minCount 1 ] .
"""
DATA = "@prefix ex: <http://example.org/> .\n\nex:heihe a ex:Place ; ex:name 'Heihe' .\nex:nowhere a ex:Place .\n"
ASKING = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Asking a sh:NodeShape ; sh:targetClass ex:Place ; sh:sparql [
  sh:prefixes ex: ; sh:select "SELECT $this WHERE { $this a ex:Place FILTER NOT EXISTS { $this ex:name ?n } }" ] .
ex: sh:declare [ sh:prefix "PREFIX" ; sh:namespace NAMESPACE ] .
"""


@pytest.fixture
def environment(settings, snapshot):
    assert snapshot
    return os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}


@pytest.fixture
def kouan(environment, tmp_path):
    def run(*arguments, cwd=tmp_path, **given):
        return subprocess.run(
            [sys.executable, "-m", "kouan", *map(str, arguments)],
            capture_output=True,
            env=environment | given.pop("env", {}),
            cwd=cwd,
            check=False,
            timeout=250,
            **given,
        )

    return run


@pytest.mark.parametrize("words", [["SELECT"], ["ask"], ["SELECT", "?s", "{", "?s", "?p", "?o", "}"]])
def test_query_without_quotes_is_told_of_them(kouan, words):
    answered = kouan("query", *words)
    assert (answered.returncode, b"single quotes" in answered.stderr) == (2, True)


def test_questions_of_the_package_are_found_in_any_folder(kouan):
    answered = kouan("query", "questions/pilot-zones.rq", "--format", "csv")
    assert (answered.returncode, answered.stderr) == (0, b"")
    assert len(answered.stdout.splitlines()) > 3


@pytest.mark.parametrize("name", ["/nope.rq", "nosuch.rq", "queries/all of them.rq", "nosuch"])
def test_query_file_that_is_not_there_is_said_so(kouan, name):
    answered = kouan("query", name)
    assert answered.returncode == 1
    assert answered.stderr.decode() == (
        f"kouan: {name}: there is no such file; give the text of a query, its file, or - for standard input.\n"
    )


def test_folder_in_the_place_of_a_query_file_is_said_to_be_one(kouan, tmp_path):
    answered = kouan("query", str(tmp_path))
    assert (answered.returncode, b": this is a folder; give the text of a query" in answered.stderr) == (1, True)


ORDERED = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
ex:InfoShape a sh:NodeShape ; sh:targetClass ex:Place ;
  sh:property [ sh:path ex:a ; sh:minCount 1 ; sh:severity sh:Info ] .
ex:WarningShape a sh:NodeShape ; sh:targetClass ex:Place ;
  sh:property [ sh:path ex:b ; sh:minCount 1 ; sh:severity sh:Warning ] .
ex:ViolationShape a sh:NodeShape ; sh:targetClass ex:Place ; sh:property [ sh:path ex:c ; sh:minCount 1 ] .
"""


def test_query_at_fault_names_its_file_with_line_and_column(kouan, tmp_path):
    (tmp_path / "mine.rq").write_text("SELECT * {\n  ?port a kouan:Port ; nobody:knows ?x\n}\n", encoding="utf-8")
    ran = kouan("query", "mine.rq")
    assert ran.returncode == 1
    assert ran.stderr.decode().startswith("kouan: mine.rq:2:24: the prefix nobody: is not declared")


def test_query_file_has_a_mark_and_one_that_is_no_utf_8_is_refused(kouan, tmp_path):
    (tmp_path / "a query.rq").write_bytes(b"\xef\xbb\xbfASK { }")
    assert kouan("query", "a query.rq").stdout == b"yes\n"
    (tmp_path / "latin.rq").write_bytes("ASK { FILTER('\xe9' = '\xe9') }".encode("latin-1"))
    answered = kouan("query", "latin.rq")
    assert (answered.returncode, b"is not UTF-8 at byte 14" in answered.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "ASK {}"),
        ("query", "SELECT (1 AS ?x) {}", "--format", "csv"),
        ("history",),
        ("export", "configuration"),
        ("wikidata", "export"),
        ("validate", "--shapes", "shapes.ttl", "data.ttl"),
    ],
)
def test_output_goes_one_way_everywhere(kouan, tmp_path, arguments):
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    plain = kouan(*arguments)
    assert plain.stdout
    assert kouan(*arguments, "-o", "-").stdout == plain.stdout
    for option in ("-o", "--output"):
        written = kouan(*arguments, option, "out.txt")
        assert (written.returncode, written.stdout) == (plain.returncode, b"")
        assert (tmp_path / "out.txt").read_bytes() == plain.stdout
    nowhere = kouan(*arguments, "-o", "no/such/folder/out.txt")
    assert (nowhere.returncode, b"cannot be written: No such file" in nowhere.stderr) == (1, True)


@pytest.mark.parametrize(
    ("name", "options", "head"),
    [
        ("out.csv", (), b"x\n"),
        ("out.TSV", (), b"?x\n"),
        ("out.json", (), b'{"head"'),
        ("out.json", ("--format", "csv"), b"x\n"),
        ("out.txt", (), b"x\n-\n1\n1 row"),
        ("out.text", (), b"x\n-\n1\n1 row"),
        ("out.2016", (), b"x\n-\n1\n1 row"),
        ("out.xml", (), b'<?xml version="1.0"'),
        ("out.html", (), b"<!"),
        ("out.xlsx", (), b"PK"),
        ("out.parquet", (), b"PAR1"),
        ("out.arrow", (), b"ARROW1"),
        ("out.txt", ("--format", "XLSX"), b"PK"),
    ],
)
def test_answer_is_written_as_its_file_is_named(kouan, tmp_path, name, options, head):
    assert kouan("query", "SELECT (1 AS ?x) {}", "-o", name, *options).returncode == 0
    assert (tmp_path / name).read_bytes().replace(b"\r", b"").startswith(head)


@pytest.mark.parametrize(
    ("name", "options", "head"),
    [
        ("out.rdf", (), b'<?xml version="1.0"'),
        ("out.jsonld", (), b"["),
        ("out.nq", (), b"<urn:a> <urn:b> <urn:c> ."),
        ("out.trig", (), b"<urn:a>"),
        ("out.ttl", (), b"<urn:a>"),
        ("out.txt", ("--format", "application/rdf+xml"), b'<?xml version="1.0"'),
        ("out", ("--format", "rj"), b'"urn:a":{'),
    ],
)
def test_triples_are_written_as_their_file_is_named(kouan, tmp_path, name, options, head):
    made = kouan("query", "CONSTRUCT { <urn:a> <urn:b> <urn:c> } {}", "-o", name, *options)
    assert (made.returncode, made.stderr) == (0, b"")
    assert head in (tmp_path / name).read_bytes()[:400]


def test_tables_of_programs_are_whole_behind_a_pipe(kouan):
    answered = kouan("query", "SELECT (1 AS ?x) {}", "--format", "parquet")
    assert answered.stdout.startswith(b"PAR1")
    assert answered.stdout.endswith(b"PAR1")


def test_table_of_a_program_is_not_written_to_a_terminal(environment):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kouan", "query", "SELECT (1 AS ?x) {}", "--format", "xlsx"]
    refused = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False, timeout=250)
    os.close(theirs)
    os.close(ours)
    assert (refused.returncode, b"-o" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("query", "options", "offered"),
    [
        ("SELECT (1 AS ?x) {}", ("-o", "out.ttl"), b"json, xml, csv, tsv, html, geojson, xlsx"),
        ("CONSTRUCT WHERE { ?s a kouan:PortCity }", ("--format", "csv"), b"ttl, nt, rdf, jsonld, trig, nq, rj, html"),
        ("ASK {}", ("--format", "docx"), b"json, xml, csv, tsv, html"),
    ],
)
def test_format_that_the_answer_has_not_is_refused_with_those_that_it_takes(kouan, tmp_path, query, options, offered):
    refused = kouan("query", query, *options)
    assert (refused.returncode, refused.stdout, offered in refused.stderr) == (1, b"", True)
    assert not (tmp_path / "out.ttl").exists()


def test_reconciled_table_goes_to_standard_output(kouan, tmp_path):
    (tmp_path / "places.csv").write_text("place\nHeihe\n", encoding="utf-8")
    answered = kouan("reconcile", "places.csv", "--column", "place", "-o", "-")
    assert answered.stdout.splitlines()[1].startswith(b"Heihe,https://w3id.org/kouan/id/heihe,")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["places.csv"]


@pytest.mark.alone
def test_interrupt_ends_a_long_query_at_once_with_its_status(environment):
    with subprocess.Popen(
        [sys.executable, "-m", "kouan", "query", SLOW],
        env=environment,
        stderr=subprocess.PIPE,
        # Who runs the tests beside other work may have told them, and so their children, to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as asked:
        time.sleep(4)
        begun = time.monotonic()
        asked.send_signal(signal.SIGINT)
        assert asked.wait(timeout=10) == 130
        assert time.monotonic() - begun < 2
        assert asked.stderr.read() == b""


def test_query_has_the_limits_of_the_server(kouan):
    begun = time.monotonic()
    answered = kouan("query", SLOW, env={"KOUAN_TIMEOUT": "1"})
    assert (answered.returncode, b"was ended after 1 second" in answered.stderr) == (1, True)
    # What gives more time here is no parameter of a request.
    assert b"set KOUAN_TIMEOUT to more" in answered.stderr
    assert time.monotonic() - begun < 15


def test_anybodys_shapes_are_held_against_anybodys_files(kouan, tmp_path):
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    answered = kouan("validate", "--shapes", "shapes.ttl", "data.ttl", "--format", "csv")
    assert answered.returncode == 1
    _, finding = answered.stdout.decode().splitlines()
    assert finding.startswith("Violation,http://example.org/nowhere,http://example.org/name,")
    assert finding.endswith("data.ttl,4")
    (tmp_path / "data.ttl").write_text(DATA.replace("ex:nowhere a ex:Place .", ""), encoding="utf-8")
    assert kouan("validate", "--shapes", "shapes.ttl", "data.ttl").returncode == 0
    assert b"Name the files" in kouan("validate", "--shapes", "shapes.ttl").stderr
    swapped = kouan("validate", "--shapes", "data.ttl", "shapes.ttl")
    assert (swapped.returncode, b"the other way round" in swapped.stderr) == (1, True)


def test_shapes_that_are_imported_and_not_given_are_named(kouan, tmp_path):
    (tmp_path / "lib.ttl").write_text(
        "<http://ex.org/lib> a <http://www.w3.org/2002/07/owl#Ontology> .", encoding="utf-8"
    )
    said = "<http://ex.org/mine> <http://www.w3.org/2002/07/owl#imports> <http://ex.org/lib> .\n"
    (tmp_path / "shapes.ttl").write_text(SHAPES + said, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    alone = kouan("validate", "--shapes", "shapes.ttl", "data.ttl")
    assert b"The shapes import <http://ex.org/lib>, which was not read" in alone.stderr
    both = kouan("validate", "--shapes", "shapes.ttl", "--shapes", "lib.ttl", "data.ttl")
    assert (both.returncode, b"import" in both.stderr) == (1, False)


@pytest.mark.parametrize(("severity", "status"), [("Violation", 1), ("Warning", 3), ("Info", 4)])
def test_exit_status_tells_the_worst_severity(kouan, tmp_path, severity, status):
    written = SHAPES.replace("sh:property [", f"sh:property [ sh:severity sh:{severity} ;")
    assert written != SHAPES
    (tmp_path / "shapes.ttl").write_text(written, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    answered = kouan("validate", "--shapes", "shapes.ttl", "data.ttl", "--format", "json")
    assert answered.returncode == status
    assert json.loads(answered.stdout)["conforms"] is False


def test_results_of_anybodys_shapes_are_in_order_the_worst_first(kouan, tmp_path):
    (tmp_path / "shapes.ttl").write_text(ORDERED, encoding="utf-8")
    names = "".join(f"ex:{name} a ex:Place .\n" for name in "dbac")
    (tmp_path / "data.ttl").write_text(f"@prefix ex: <http://example.org/> .\n{names}", encoding="utf-8")
    told = [kouan("validate", "--shapes", "shapes.ttl", "data.ttl", "--format", form) for form in ("csv", "turtle") * 2]
    assert [answer.stdout for answer in told[:2]] == [answer.stdout for answer in told[2:]]
    rows = [line.split(",")[:2] for line in told[0].stdout.decode().splitlines()[1:]]
    assert rows == [[s, f"http://example.org/{n}"] for s in ("Violation", "Warning", "Info") for n in "abcd"]


@pytest.mark.parametrize(
    ("prefix", "namespace", "expected"),
    [
        ("ex", '"http://example.org/"^^xsd:anyURI', ""),
        ("other", '"http://example.org/"^^xsd:anyURI', "the prefix ex: is not declared"),
        ("ex", "ex:", "sh:namespace a text of the type xsd:anyURI"),
    ],
)
def test_prefix_of_shapes_is_at_fault_in_words_with_the_shape(kouan, tmp_path, prefix, namespace, expected):
    written = ASKING.replace("PREFIX", prefix).replace("NAMESPACE", namespace)
    (tmp_path / "shapes.ttl").write_text(written, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    answered = kouan("validate", "--shapes", "shapes.ttl", "data.ttl")
    assert answered.returncode == 1
    assert expected in answered.stderr.decode()
    assert ("<http://example.org/Asking>" in answered.stderr.decode()) == bool(expected)
    assert (b"http://example.org/nowhere" in answered.stdout) == (not expected)


def test_consistency_is_checked_from_the_root_of_the_disk(kouan):
    answered = kouan("reason", "--check", cwd="/")
    assert answered.stdout == b"The facts are consistent with the ontology.\n", answered.stderr


def test_who_has_no_home_and_may_not_write_beside_the_package_has_a_folder(monkeypatch, tmp_path):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(kouan_settings.Path, "home", nobody)
    monkeypatch.setattr(kouan_settings, "can_be_written", lambda folder: folder.is_relative_to(tmp_path))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert kouan_settings.Settings().snapshots == tmp_path / f"kouan-{os.getuid()}" / "snapshots"
    other = tmp_path / f"kouan-{os.getuid()}"
    other.symlink_to(Path("/proc/1"))
    os.chown(other, 12345, 12345, follow_symlinks=False)
    assert not kouan_settings.Settings().snapshots.is_relative_to(tmp_path)
