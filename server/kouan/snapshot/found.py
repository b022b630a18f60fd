"""Find the snapshot that is fresh for the files as they are now. Knows hashes of files, never what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kouan.dataset import FORMATS, source_paths
from kouan.errors import SnapshotError, SourceError
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.journal import own_journal
from kouan.snapshot.layout import Snapshot


def current(settings: Settings) -> Snapshot | None:
    """Return the snapshot of the home folder's files as they are now, or None where none is built."""
    return find(settings.snapshots, hash_files(own_paths(settings)))


def current_foreign(paths: Iterable[Path], settings: Settings) -> Snapshot | None:
    """Return the snapshot of other people's files as they are now, or None where none is built."""
    return find(settings.snapshots, hash_files(foreign_paths(paths)), merged=settings.merges_foreign)


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


def hash_files(paths: dict[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each file, by the names given."""
    hashes = {}
    for name, path in paths.items():
        try:
            with path.open("rb") as content:
                hashes[name] = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            raise SourceError(f"it cannot be read: {error.strerror}.", path) from error
    return hashes


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
