"""A backup that somebody else made is refused in words, and nothing of it stays."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import replace

import pytest

from kouan.errors import SnapshotError
from kouan.settings import read_settings
from kouan.snapshot.backup import restore

FOLDER = "snapshots/" + "a" * 64
NOTHING = hashlib.sha256(b"").hexdigest()
DEEP = b'{"a":' * 100_000


def member(name, content=b"", **more):
    found = tarfile.TarInfo(name)
    found.size = len(content)
    for each, value in more.items():
        setattr(found, each, value)
    return found, content


def contents(*names, digest=NOTHING):
    return member("contents.json", json.dumps({"files": dict.fromkeys(names, digest)}).encode())


def with_file(name, content):
    return contents(name, digest=hashlib.sha256(content).hexdigest()), member(name, content)


def with_holes(size):
    """A file of so many bytes of which none stands in the archive (GNU tar, sparse format 1.0)."""
    said = {"major": "1", "minor": "0", "name": f"{FOLDER}/store.nq", "realsize": str(size)}
    headers = {f"GNU.sparse.{name}": value for name, value in said.items()}
    return member("GNUSparseFile.0/store.nq", b"1\n%d\n0\n".ljust(512, b"\0") % size, pax_headers=headers)


ENTRY = b"H number " + DEEP + b"1" + b"}" * 100_000 + b" .\nTX .\nTC .\n"
SEALED = ENTRY + b"# sha256 " + hashlib.sha256(ENTRY).hexdigest().encode() + b"\n"
HOSTILE = {
    "first a link": ([member("contents.json", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "does not begin with"),
    "first a hard link": ([member("contents.json", type=tarfile.LNKTYPE, linkname="nothing")], "does not begin with"),
    "deep contents": ([member("contents.json", DEEP)], "cannot be read"),
    "nothing": ([contents()], "nothing to bring back"),
    "a link": (
        [contents(f"{FOLDER}/x"), member(f"{FOLDER}/x", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        "was altered",
    ),
    "a device": ([contents(f"{FOLDER}/x"), member(f"{FOLDER}/x", type=tarfile.CHRTYPE)], "was altered"),
    "holes": ([contents(f"{FOLDER}/store.nq"), with_holes(256 << 20)], "was altered: .*store.nq is missing"),
    "another folder": (with_file("snapshots/journal/x", b""), "names a file"),
    "no text": ([contents(f"{FOLDER}/\ud800")], "names a file"),
    "deep description": (with_file(f"{FOLDER}/snapshot.json", DEEP), "no description that can be read"),
    "deep entry": (with_file("journal/a/000001.rdfp", SEALED), "has a header that cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_backup_of_somebody_else_is_refused_in_words_and_nothing_of_it_stays(tmp_path, name):
    members, said = HOSTILE[name]
    with tarfile.open(tmp_path / "hostile.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        for header, content in members:
            archive.addfile(header, io.BytesIO(content))
    settings = replace(read_settings({}), snapshots=tmp_path / "snapshots")
    with pytest.raises(SnapshotError, match=said):
        restore(settings, tmp_path / "hostile.tar")
    assert not [path for path in settings.snapshots.rglob("*") if path.is_file()]
