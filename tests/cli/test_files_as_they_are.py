"""Files as they are: compressed or not so named, folders, names that are as long as names can be, workbooks that unpack without end."""

from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import sys
import time
import zipfile

import pytest

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetClass <urn:C> ; sh:property [ sh:path <urn:p> ; sh:minCount 1 ] .
"""
DATA = "<urn:a> a <urn:C> ."


@pytest.fixture
def command(settings, snapshot, tmp_path):
    """What runs a command of the command line in a folder of the test's own."""
    assert snapshot

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "kouan", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)},
            check=False,
            timeout=250,
        )

    return run


def test_files_are_validated_compressed_in_archives_and_in_folders(command, tmp_path):
    (tmp_path / "sh.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "sh.ttl.gz").write_bytes(gzip.compress(SHAPES.encode()))
    (tmp_path / "d.ttl.gz").write_bytes(gzip.compress(DATA.encode()))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d.ttl").write_text(DATA, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("inner/d.ttl", DATA)
    for data, shapes in (("d.ttl.gz", "sh.ttl"), ("folder", "sh.ttl.gz"), ("d.zip", "sh.ttl")):
        told = command("validate", "--shapes", shapes, data)
        assert (told.returncode, "urn:a" in told.stdout) == (1, True), (data, told.stderr)


@pytest.mark.parametrize("lenient", [(), ("--lenient",)])
def test_compressed_file_that_does_not_say_so_is_told_in_one_sentence(command, tmp_path, lenient):
    (tmp_path / "w.ttl").write_bytes(gzip.compress(DATA.encode()))
    told = command("validate", "--shapes", "w.ttl", "w.ttl") if not lenient else command("reason", "w.ttl")
    assert (told.returncode, told.stderr.count("compressed with gzip; call it w.ttl.gz")) == (1, 1)
    assert "\x1f" not in told.stderr


def test_answer_is_compressed_where_the_name_of_its_file_says_so(command, tmp_path):
    assert command("query", "SELECT (1 AS ?x) {}", "-o", "x.csv.gz").returncode == 0
    assert list(csv.reader(io.StringIO(gzip.decompress((tmp_path / "x.csv.gz").read_bytes()).decode()))) == [
        ["x"],
        ["1"],
    ]
    refused = command("query", "SELECT (1 AS ?x) {}", "-o", "x.csv.xz")
    assert (refused.returncode, "only read here" in refused.stderr) == (2, True)


def test_long_names_of_files_are_names(command, tmp_path):
    long = "x" * 240 + ".csv"
    (tmp_path / long).write_text("place\nHeihe\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("place\nHeihe\n", encoding="utf-8")
    told = command("reconcile", long, "--column", "place", "-o", "out.csv")
    assert (told.returncode, "1 sure" in told.stderr) == (0, True), told.stderr
    longest = "口岸" * 41 + ".csv"
    told = command("reconcile", "a.csv", "--column", "place", "-o", longest)
    assert (told.returncode, (tmp_path / longest).exists()) == (0, True), told.stderr
    told = command("reconcile", "a.csv", "--column", "place", "-o", "z" * 296 + ".csv")
    assert (told.returncode, "Traceback" in told.stderr, "File name too long" in told.stderr) == (1, False, True)


def comment(size: int) -> bytes:
    return b"<!--" + b" " * size + b"-->"


@pytest.mark.parametrize(
    ("part", "inside"),
    [
        ("xl/worksheets/sheet1.xml", comment(10_000_000)),
        ("xl/worksheets/sheet1.xml", comment(600_000_000)),
        ("xl/workbook.xml", b"<?x " + b"<" * 10_000_000 + b"?>"),
        ("xl/worksheets/sheet1.xml", b'<row r="9" x="' + b">" * 10_000_000 + b'"/>'),
    ],
    ids=["comment", "bomb", "instruction", "attribute"],
)
def test_workbook_that_no_parser_reads_in_time_is_refused(command, tmp_path, part, inside):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["place"])
    book.active.append(["Heihe"])
    book.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "odd.xlsx", "w", zipfile.ZIP_DEFLATED) as odd,
    ):
        for each in plain.infolist():
            content = plain.read(each)
            if each.filename == part:
                place = content.index(b"<sheetData>") + 11 if b"<sheetData>" in content else content.index(b"<sheets>")
                content = content[:place] + inside + content[place:]
            odd.writestr(each.filename, content)
    started = time.monotonic()
    told = command("reconcile", "odd.xlsx", "--column", "place")
    assert (told.returncode, "odd.xlsx cannot be read" in told.stderr) == (1, True), told.stderr
    assert time.monotonic() - started < 45


def test_names_are_matched_though_nobody_hears_of_it(settings, snapshot, tmp_path):
    assert snapshot
    (tmp_path / "n.csv").write_text("place\nHeihe\n", encoding="utf-8")
    command = f"exec {sys.executable} -m kouan reconcile n.csv --column place -o out.csv 2>&-"
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, check=False, timeout=250)
    assert (done.returncode, (tmp_path / "out.csv").is_file()) == (0, True)
