"""What a snapshot is on disk, and how one comes to stand there whole or not at all. Knows nothing of what it holds."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal

import zstandard
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from kouan.errors import DataGone, NoSpace, SnapshotError
from kouan.history.disk import FULL, no_space, to_disk
from kouan.history.entry import Commit, now, time_of
from kouan.history.journal import Journal
from kouan.snapshot.reading import quads_of_files
from kouan.vocabulary import ONTOLOGY_GRAPH

DESCRIPTION = "snapshot.json"
SOURCE = "source.nq.zst"
MEMORY = "store.nq.zst"
REWRITTEN = "rewritten.nq.zst"
DISK = "store"
UNFINISHED = ".unfinished-"
LEVEL = 3

Storage = Literal["memory", "disk"]


@dataclass(frozen=True)
class Snapshot:
    """A dataset at one version: what was built once, and the writes that came afterwards; nothing of either changes.

    `merged` says whether the default graph is the merge of the named ones. Of the journal, `built_with` writes are in what
    was built, the last of which has the checksum `head`; `number` is the last write of this version. Where
    the `journal` stands is no part of what was built. `checksums` are those of the files that were built, and `faults` say
    what of the data could not be read and was left out. `infer` names the rules that other people's data was completed by,
    and `unused` says that it has axioms and was not. `dumps` are the size and the SHA-256 of the files for download that were
    made with it. `when` it came to be is a time of ISO 8601 in UTC, "" where another server alone knows.
    """

    folder: Path
    version: str
    quads: int
    triples: int
    graphs: dict[str, int] = field(repr=False)
    prefixes: dict[str, str] = field(repr=False)
    storage: Storage
    kouan: str = ""
    files: dict[str, str] = field(default_factory=dict, repr=False)
    merged: bool = True
    journal: str = ""
    built_with: int = 0
    head: str = ""
    number: int = 0
    checksums: dict[str, str] = field(default_factory=dict, repr=False)
    faults: list[str] = field(default_factory=list, repr=False)
    dumps: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)
    when: str = ""
    infer: str = "none"
    unused: str = ""

    @classmethod
    def read(cls, folder: Path) -> Snapshot:
        """Return the snapshot in a folder; raises SnapshotError where it is missing or its description is damaged."""
        path = folder / DESCRIPTION
        try:
            if path.exists() and not path.is_file():
                raise ValueError("its description is no file")
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            checksum = said.pop("checksum", "")
            if checksum != _checksum(said):
                raise ValueError("its description was altered")
            # Those that were built before it was told.
            said.setdefault("when", time_of((folder / DESCRIPTION).stat().st_mtime))
            snapshot = cls(folder=folder, **said)
        except FileNotFoundError as error:
            raise SnapshotError(f"{folder} holds no snapshot; run `kouan build`.") from error
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise SnapshotError(
                f"{folder} holds a damaged snapshot ({error}); delete it and run `kouan build`."
            ) from error
        if not snapshot.store.exists():
            raise SnapshotError(f"{folder} holds half a snapshot; delete it and run `kouan build`.")
        return snapshot

    def after(self, commit: Commit) -> Snapshot:
        """Return the next version, which a write led to."""
        graphs = self.graphs | {g: self.graphs.get(g, 0) + n for g, n in commit.counts.items() if g}
        triples = self.triples + commit.counts.get("", 0)
        named = {graph: count for graph, count in sorted(graphs.items()) if count}
        quads = sum(named.values()) + (0 if self.merged else triples)
        return replace(
            self,
            version=commit.version,
            graphs=named,
            triples=triples,
            quads=quads,
            number=commit.number,
            when=commit.when,
        )

    @property
    def is_own(self) -> bool:
        """Return whether it is Kouan's own graph, not other people's data."""
        return ONTOLOGY_GRAPH in self.graphs

    @property
    def is_here(self) -> bool:
        """Return whether the data stands here, not in another engine."""
        return True

    @property
    def base(self) -> str:
        """Return what tells the files and the program that it was built by from others."""
        if not self.is_own:
            return base_of(self.files, is_merged=self.merged, infer=self.infer)
        return _checksum({"files": self.files, "kouan": self.kouan})

    @property
    def faults_by_name(self) -> list[str]:
        """Return the faults without the folder that all files stand in, which is of interest to the operator alone."""
        folder = os.path.commonpath([Path(path).parent for path in self.files]) if self.files else ""
        return [fault.removeprefix(f"{folder}/") for fault in self.faults]

    @property
    def writes(self) -> Journal:
        """Return the journal of what was written to the data."""
        return _journal(self.journal, self.folder.parent)

    @property
    def places(self) -> list[Path]:
        """Return what its readers read: its folder's own, and the files that data on disk was made of."""
        files = [] if SOURCE in self.checksums else [Path(path) for path in self.files]
        # A snapshot may be built anew in the place of the one that is served, which is another folder to the kernel.
        return [self.folder.parent, *files]

    def source_quads(self) -> Iterator[Quad]:
        """Return the quads of all graphs as their files and their writers wrote them, our own graph in its canonical form.

        What is on disk is read from the files that it was made of; raises SourceError where these are not as they were, and
        DataGone where the snapshot's own are not.
        """
        if SOURCE not in self.checksums:
            is_lenient = bool(self.faults)
            return quads_of_files(self.files, self.writes.written(self.number), is_lenient=is_lenient)
        written = [self.writes.entry(number) for number in range(self.built_with + 1, self.number + 1)]
        if not written:
            return self._built()
        quads = set(self._built())
        for entry in written:
            for patch in (entry.written, entry.followed):
                quads.difference_update(patch.removed)
                quads.update(patch.added)
        if not self.is_own:
            return iter(quads)
        canonical = Dataset(quads)
        canonical.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
        return iter(canonical)

    def _built(self) -> Iterator[Quad]:
        return parse(self.content(SOURCE), format=RdfFormat.N_QUADS)

    def content(self, name: str) -> IO[bytes]:
        """Return what a compressed file of the snapshot holds; raises DataGone where the file is not as it was built.

        Readers that come after the snapshot was opened do not trust the disk to be what it was then.
        """
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _gone(path, f"cannot be read ({error.strerror})") from error
        if hashlib.sha256(content).hexdigest() != self.checksums[name]:
            raise _gone(path, "was altered after it was built")
        return expanded(io.BytesIO(content))

    @property
    def store(self) -> Path:
        """Return what an evaluator opens: the N-Quads to load into memory, or the folder of the store on disk."""
        if self.storage == "disk":
            return self.folder / DISK
        return self.folder / (MEMORY if MEMORY in self.checksums else SOURCE)


@lru_cache(maxsize=8)
def _journal(folder: str, snapshots: Path) -> Journal:
    """Return a journal, one for each folder, which remembers what it has read."""
    return Journal(Path(folder), snapshots)


@contextlib.contextmanager
def unfinished(snapshots: Path, setting: str = "KOUAN_SNAPSHOTS") -> Iterator[Path]:
    """Return a folder to build in, which is gone afterwards unless `publish` took it; `setting` names where it stands.

    Raises NoSpace where the disk fills up, SnapshotError where the folder cannot be written.
    """
    try:
        snapshots.mkdir(parents=True, exist_ok=True)
        sweep(snapshots, UNFINISHED)
        folder, lock = locked(snapshots, UNFINISHED)
    except OSError as error:
        raise _unwritable(snapshots, error, setting) from error
    try:
        yield folder
    except OSError as error:
        raise _unwritable(snapshots, error, setting) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def publish(folder: Path, snapshots: Path, **said: Any) -> Snapshot:
    """Return the snapshot that stands in the folder, after it was made durable and moved to its version's name."""
    said |= {"checksums": dict(_checksums(folder)), "when": now()}
    said["checksum"] = _checksum({name: said[name] for name in said})
    (folder / DESCRIPTION).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    folder.chmod(0o755)
    for path in [*folder.rglob("*"), folder]:
        to_disk(path)
    final = snapshots / str(said["version"])
    if final.exists():
        # The same graph was built before from files that differ only in comments or spacing, or by another
        # version of Kouan. It may be in use, so it is moved away, which leaves open files readable.
        old = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=snapshots))
        final.rename(old / "old")
        folder.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        folder.rename(final)
    to_disk(snapshots)
    return Snapshot.read(final)


def amiss(snapshot: Snapshot) -> str:
    """Return what of a snapshot's files is not as it was built, "" where all is; reads every one of them."""
    try:
        found = dict(_checksums(snapshot.folder))
    except OSError as error:
        return f"{snapshot.folder} cannot be read ({error.strerror})"
    for name, checksum in snapshot.checksums.items():
        if found.get(name) != checksum:
            return f"{snapshot.folder / name} {'was altered after it was built' if name in found else 'is missing'}"
    return ""


def size_of(snapshot: Snapshot) -> int:
    """Return the bytes of a snapshot's files."""
    return sum(path.stat().st_size for path in snapshot.folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def compressed(path: Path) -> Iterator[IO[bytes]]:
    """Return a file to write to, which is compressed on its way to the disk."""
    with path.open("wb") as file, zstandard.ZstdCompressor(level=LEVEL).stream_writer(file) as writer:
        yield writer


@contextlib.contextmanager
def decompressed(path: Path) -> Iterator[IO[bytes]]:
    """Return what was written to a compressed file."""
    with path.open("rb") as file:
        yield expanded(file)


def expanded(file: IO[bytes] | io.RawIOBase) -> IO[bytes]:
    """Return what a compressed file holds, as it is read."""
    return zstandard.ZstdDecompressor().stream_reader(file)  # type: ignore[arg-type]


def base_of(files: Mapping[str, str], *, is_merged: bool, infer: str = "none") -> str:
    """Return the version of files before anything is written to them, by their checksums."""
    said = "".join(f"{checksum}\n" for checksum in sorted(files.values()))
    said += ("" if is_merged else "not merged\n") + ("" if infer == "none" else f"{infer}\n")
    return hashlib.sha256(said.encode()).hexdigest()


def _checksums(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        # RocksDB keeps a diary and a lock beside the data, which it writes at each opening.
        if path.is_file() and path.name != DESCRIPTION and not path.name.startswith(("LOG", "LOCK")):
            with path.open("rb") as content:
                yield path.relative_to(folder).as_posix(), hashlib.file_digest(content, "sha256").hexdigest()


def _checksum(said: Mapping[str, Any]) -> str:
    plain = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _gone(path: Path, what: str) -> DataGone:
    return DataGone(
        f"{path} {what}, so what is made of it cannot be had; queries are answered on. Put the file back, or start the server "
        "anew.",
        folder=str(path.parent),
    )


def _unwritable(snapshots: Path, error: OSError, setting: str = "KOUAN_SNAPSHOTS") -> NoSpace | SnapshotError:
    if error.errno in FULL or "No space left" in str(error):
        return no_space(snapshots)
    return SnapshotError(
        f"{snapshots} cannot be written ({error.strerror or error}); set {setting} to a folder that can."
    )


def locked(snapshots: Path, begins: str) -> tuple[Path, int]:
    """Return a new folder, and the handle by which others see that it is in use, in whichever container they run."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=begins, dir=snapshots))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        # Somebody who sweeps took it in between.
        os.close(lock)


def sweep(folder: Path, begins: str) -> None:
    """Remove the files and folders of a folder whose names begin so and that no process holds: who made them was killed."""
    for path in [each for each in folder.iterdir() if each.name.startswith(begins)]:
        with contextlib.suppress(OSError):
            lock = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
            finally:
                os.close(lock)
