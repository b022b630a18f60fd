"""`kouan validate` reads what `kouan serve` does: compressed files, archives and folders, as data and as shapes."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

SHAPES = b"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:S> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ; sh:property [ sh:path <urn:p> ; sh:maxCount 1 ] .
"""
BAD = b"<urn:a> <urn:p> 1, 2 .\n"


def zipped(name, content):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(name, content)
    return whole.getvalue()


def tarred(name, content):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("d.ttl.gz", gzip.compress),
        ("d.ttl", lambda text: text.decode().encode("utf-16")),
        ("d.zip", lambda text: zipped("in/d.ttl", text)),
        ("d.tar.gz", lambda text: tarred("in/d.ttl", text)),
        ("folder/d.ttl", lambda text: text),
    ],
)
def test_files_are_read_as_they_are_to_be_served(kouan, tmp_path, name, pack):
    given = {}
    for role, text in (("data", BAD), ("shapes", SHAPES)):
        path = tmp_path / role / name
        path.parent.mkdir(parents=True)
        path.write_bytes(pack(text))
        given[role] = path.parent if name.startswith("folder") else path
    answered = kouan("validate", "--shapes", given["shapes"], given["data"])
    assert answered.returncode == 1, answered.stderr
    assert "urn:a" in answered.stdout
    assert "Traceback" not in answered.stderr


def test_folder_is_held_against_our_own_shapes(kouan, tmp_path):
    port = """@prefix kouan: <https://w3id.org/kouan/ontology#> . @prefix id: <https://w3id.org/kouan/id/> .
id:nowhere a kouan:Port .
"""
    (tmp_path / "d.ttl").write_text(port)
    answered = kouan("validate", tmp_path)
    assert answered.returncode == 1
    assert "d.ttl" in answered.stdout


def test_what_is_not_read_of_a_folder_is_told(kouan, tmp_path):
    for name, content in (("s.ttl", SHAPES), ("data/d.ttl", BAD), ("data/read.me", b"words")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    answered = kouan("validate", "--shapes", tmp_path / "s.ttl", tmp_path / "data")
    assert "not read, as its name says no RDF format: read.me" in answered.stderr
    assert "data/d.ttl" in answered.stdout


def test_fault_in_an_archive_is_told_with_its_document(kouan, tmp_path):
    (tmp_path / "d.zip").write_bytes(zipped("in/d.ttl", b"<urn:a> .\n"))
    answered = kouan("validate", tmp_path / "d.zip")
    assert answered.returncode == 1
    assert "d.zip:1: in in/d.ttl: " in answered.stderr
