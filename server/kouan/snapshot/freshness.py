"""Find the snapshot that is fresh for the files as they are now. Knows hashes of files, never what they say."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from kouan.errors import SnapshotError, SourceError
from kouan.graph.dataset import FORMATS, source_paths
from kouan.history.journal import own_journal
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.layout import Snapshot

REMEMBERED = ".hashes.json"
LARGE = 16 * 1024 * 1024
# A file that was written within a tick of the clock may be written again without looking another.
SECONDS_TO_SETTLE = 2.0


def current(settings: Settings) -> Snapshot | None:
    """Return the snapshot of the home folder's files as they are now, or None where none is built."""
    return find(settings.snapshots, hash_files(own_paths(settings)))


def current_foreign(paths: Iterable[Path], settings: Settings) -> Snapshot | None:
    """Return the snapshot of other people's files as they are now, or None where none is built."""
    return find(
        settings.snapshots, hash_files(foreign_paths(paths), settings.snapshots), merged=settings.merges_foreign
    )


def own_paths(settings: Settings) -> dict[str, Path]:
    """Return every file that the graph is made of, the writes to it included, by name."""
    written = {f"journal/{path.name}": path for path in own_journal(settings).paths().values()}
    return home_paths(settings.home) | written


def home_paths(home: Path) -> dict[str, Path]:
    """Return every file of a home folder that a snapshot is made of, by name."""
    questions = {path.relative_to(home).as_posix(): path for path in sorted((home / "questions").glob("*.rq"))}
    return source_paths(home) | questions


def find(snapshots: Path, hashes: dict[str, str], *, merged: bool = True) -> Snapshot | None:
    """Return the newest snapshot that this version of Kouan built from files with these hashes, or None."""
    for described in sorted(snapshots.glob("[0-9a-f]*/snapshot.json"), key=lambda p: -p.stat().st_mtime):
        try:
            snapshot = Snapshot.read(described.parent)
        except SnapshotError:
            # A damaged one is no reason not to start: it is passed over and built again.
            continue
        if snapshot.files == hashes and snapshot.kouan == VERSION and snapshot.merged == merged:
            return snapshot
    return None


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
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _looks(path: Path) -> str:
    """Return what tells whether a file has changed; nothing where it is small or was written just now."""
    status = path.stat()
    if status.st_size < LARGE or time.time() - status.st_mtime < SECONDS_TO_SETTLE:
        return ""
    return f"{path.resolve()} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def foreign_paths(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the RDF files among some files and folders, by their full names."""
    found: dict[str, Path] = {}
    for path in paths:
        full = path.expanduser().resolve()
        if full.is_dir():
            inside = [p for p in sorted(full.rglob("*")) if p.is_file() and _is_rdf(p)]
            found |= {p.as_posix(): p for p in inside}
        elif full.is_file():
            found[full.as_posix()] = full
        else:
            raise SourceError("there is no such file or folder.", path)
    if not found:
        raise SourceError(f"no RDF file was found; Kouan reads {', '.join(FORMATS)}, each also .gz.")
    return found


def _is_rdf(path: Path) -> bool:
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    return suffix.lower() in FORMATS
