"""A snapshot is found by the files that it was built from, and large ones are not read again while they look the same."""

from __future__ import annotations

import hashlib
import json
import os
import time

import pytest

from kouan.snapshot.freshness import LARGE, REMEMBERED, hash_files


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
