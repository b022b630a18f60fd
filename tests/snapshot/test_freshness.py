"""A snapshot is found by the files that it was built from, and large ones are not read again while they look the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import replace

import pytest

from kouan.snapshot import freshness
from kouan.snapshot.freshness import LARGE, REMEMBERED, current, hash_files
from kouan.snapshot.opening import open_latest


@pytest.fixture
def large(tmp_path):
    """A large file that was written a while ago."""
    path = tmp_path / "large.nt"
    path.write_bytes(b"<urn:a> <urn:b> <urn:c> .\n" * (LARGE // 26 + 1))
    _age(path)
    return path


def _age(path):
    before = time.time() - 100
    os.utime(path, (before, before))


def test_large_file_is_read_once(large, tmp_path):
    first = hash_files({"large": large}, tmp_path)
    assert first == {"large": hashlib.sha256(large.read_bytes()).hexdigest()}
    remembered = json.loads((tmp_path / REMEMBERED).read_text())
    (tmp_path / REMEMBERED).write_text(json.dumps(dict.fromkeys(remembered, "as remembered")))
    assert hash_files({"large": large}, tmp_path) == {"large": "as remembered"}


def test_large_file_that_was_changed_is_read_again_even_where_size_and_time_are_as_before(large, tmp_path):
    first = hash_files({"large": large}, tmp_path)
    with large.open("r+b") as file:
        file.write(b"<urn:x>")
    _age(large)
    assert hash_files({"large": large}, tmp_path) != first


def test_damaged_memory_is_no_reason_to_fail(large, tmp_path):
    (tmp_path / REMEMBERED).write_text("{")
    assert hash_files({"large": large}, tmp_path) == hash_files({"large": large})


def test_packaged_snapshot_serves_where_none_was_built_and_nothing_can_be(settings, snapshot, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for folder in ("ontology", "triples", "shapes", "questions"):
        shutil.copytree(settings.home / folder, home / folder)
    shutil.copytree(snapshot.folder, home / "snapshot" / snapshot.version)
    monkeypatch.setattr(freshness, "PACKAGED", home / "snapshot")
    installed = replace(settings, home=home, snapshots=tmp_path / "none" / "here")
    found = current(installed)
    assert found is not None
    assert (found.version, found.folder.parent) == (snapshot.version, home / "snapshot")
    assert open_latest(found, installed).snapshot.version == snapshot.version
    (home / "triples" / "chen-2018" / "p15.ttl").write_text("# Nothing.\n", encoding="utf-8")
    assert current(installed) is None
