"""Find the snapshot that is fresh for the files as they are now. Knows hashes of files, never what they say."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from kouan.errors import KouanError, SnapshotError, SourceError
from kouan.graph.dataset import source_paths
from kouan.graph.documents import paths_of
from kouan.history.entry import checksum_of
from kouan.history.journal import Journal, foreign_journal, own_journal
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.fitting import most_quads
from kouan.snapshot.layout import Snapshot, amiss, size_of

REMEMBERED = ".hashes.json"
PACKAGED = Path(__file__).resolve().parent.parent / "home" / "snapshot"
# So much is read and checked in a tenth of a second.
SMALL = 64 * 1024 * 1024
LARGE = 16 * 1024 * 1024
# A file that was written within a tick of the clock may be written again without looking another.
SECONDS_TO_SETTLE = 2.0


def current(settings: Settings) -> Snapshot | None:
    """Return the snapshot of the home folder's files as they are now, to be opened at its latest version, or None.

    The one that the package carries serves where none was built here.
    """
    return find(own_journal(settings), hash_files(home_paths(settings.home)), settings)


def current_foreign(paths: Iterable[Path], settings: Settings) -> Snapshot | None:
    """Return the snapshot of other people's files as they are now, or None where none is built."""
    inputs = paths_of(paths)
    files = hash_files(inputs, settings.snapshots)
    return find(
        foreign_journal(inputs, settings), files, settings, merged=settings.merges_foreign, infer=settings.infer
    )


def home_paths(home: Path) -> dict[str, Path]:
    """Return every file of a home folder that a snapshot is made of, by name."""
    questions = {path.relative_to(home).as_posix(): path for path in sorted((home / "questions").glob("*.rq"))}
    return source_paths(home) | questions


def find(
    journal: Journal, hashes: dict[str, str], settings: Settings, *, merged: bool = True, infer: str = "none"
) -> Snapshot | None:
    """Return the snapshot, built from files with these hashes by this version of Kouan, that the most writes are built into.

    One whose files are not as they were built is passed over, and so is one that the log of writes does not lead on from.
    """
    found = []
    folders = [settings.snapshots, *([PACKAGED] if merged and PACKAGED.parent == settings.home else [])]
    for described in [path for folder in folders for path in folder.glob("[0-9a-f]*/snapshot.json")]:
        try:
            snapshot = replace(Snapshot.read(described.parent), journal=str(journal.folder))
        except SnapshotError:
            # A damaged one is no reason not to start: it is passed over and built again.
            continue
        is_whole = settings.lenient or not snapshot.faults
        is_asked = (snapshot.merged, snapshot.infer) == (merged, infer)
        if snapshot.files == hashes and snapshot.kouan == VERSION and is_asked and is_whole:
            found.append(snapshot)
    for snapshot in sorted(found, key=lambda each: -each.built_with):
        if _fits(snapshot, settings) and _leads_on(snapshot, journal) and not _is_amiss(snapshot, settings):
            return snapshot
    return None


def _fits(snapshot: Snapshot, settings: Settings) -> bool:
    """Return whether a snapshot is held where the memory or the settings want it."""
    if snapshot.storage == "memory":
        return snapshot.quads <= most_quads(settings)
    return not settings.memory_quads or snapshot.quads > settings.memory_quads


def _leads_on(snapshot: Snapshot, journal: Journal) -> bool:
    """Return whether the writes that came after a snapshot was built were made on its version."""
    number = snapshot.built_with
    try:
        folded = journal.folded()
        if folded and folded.commit.number > number:
            return False
        if journal.path(number).is_file() and checksum_of(journal.text(number), "") != snapshot.head:
            return False
        if not journal.path(number + 1).is_file():
            return True
        first = journal.commit(number + 1)
    except KouanError:
        # What is amiss with the log is told when it is opened.
        return True
    return first.previous == snapshot.head and first.before == snapshot.version


def _is_amiss(snapshot: Snapshot, settings: Settings) -> bool:
    """Return whether the files of a snapshot are not as they were built, as far as that is to be known at the start."""
    if settings.snapshot_check == "start" or size_of(snapshot) <= SMALL:
        fault = amiss(snapshot)
        if fault:
            sys.stderr.write(f"{fault}; another one is built in its place.\n")
        return bool(fault)
    return False


def hash_files(paths: dict[str, Path], remembered_in: Path | None = None) -> dict[str, str]:
    """Return the SHA-256 of each file, by the names given.

    Large files are not read again while they look as they did, by what is remembered in a folder.
    """
    remembered = _remembered(remembered_in)
    hashes, learned = {}, {}
    for name, path in paths.items():
        try:
            looks = _looks(path)
            if looks and remembered.get(looks):
                hashes[name] = learned[looks] = remembered[looks]
                continue
            with path.open("rb") as content:
                hashes[name] = hashlib.file_digest(content, "sha256").hexdigest()
            if looks and looks == _looks(path):
                learned[looks] = hashes[name]
        except OSError as error:
            raise SourceError(f"it cannot be read: {error.strerror}.", path) from error
    if remembered_in is not None and learned.keys() - remembered.keys():
        # Where nothing can be remembered, the files are read at each start.
        with contextlib.suppress(OSError):
            remembered_in.mkdir(parents=True, exist_ok=True)
            unfinished = remembered_in / f"{REMEMBERED}.{os.getpid()}"
            unfinished.write_text(json.dumps(remembered | learned), encoding="utf-8")
            unfinished.rename(remembered_in / REMEMBERED)
    return hashes


def _remembered(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    try:
        said = json.loads((folder / REMEMBERED).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _looks(path: Path) -> str:
    """Return what tells whether a file has changed; nothing where it is small or was written just now."""
    status = path.stat()
    if status.st_size < LARGE or time.time() - status.st_mtime < SECONDS_TO_SETTLE:
        return ""
    return f"{path.resolve()} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
