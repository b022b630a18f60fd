"""What a snapshot is on disk, and how one comes to stand there whole or not at all. Knows nothing of what it holds."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from pyoxigraph import Quad, RdfFormat, parse

from kouan.errors import SnapshotError
from kouan.history.patch import Patch, patched
from kouan.vocabulary import ONTOLOGY_GRAPH

DESCRIPTION = "snapshot.json"
SOURCE = "source.nq"
MEMORY = "store.nq"
DISK = "store"
UNFINISHED = ".unfinished-"

Storage = Literal["memory", "disk"]


@dataclass(frozen=True)
class Snapshot:
    """A dataset as it was built once; nothing in its folder changes afterwards.

    `merged` says whether the default graph is the merge of the named ones. `patches` are the files of writes that came
    after it was built, where they are not built into it.
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
    patches: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Snapshot:
        """Return the snapshot in a folder; raises SnapshotError where it is missing or damaged."""
        try:
            said: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            snapshot = cls.of(folder, said)
        except FileNotFoundError as error:
            raise SnapshotError(f"{folder} holds no snapshot; run `kouan build`.") from error
        except (OSError, ValueError, TypeError) as error:
            raise SnapshotError(
                f"{folder} holds a damaged snapshot ({error}); delete it and run `kouan build`."
            ) from error
        if not snapshot.source.is_file() or not snapshot.store.exists():
            raise SnapshotError(f"{folder} holds half a snapshot; delete it and run `kouan build`.")
        return snapshot

    @classmethod
    def of(cls, folder: Path, said: dict[str, Any]) -> Snapshot:
        """Return a snapshot from what is said of it, as `said` gives it back."""
        return cls(folder=folder, **(said | {"patches": tuple(said.get("patches", ()))}))

    def said(self) -> dict[str, Any]:
        """Return what the snapshot says of itself, as JSON values."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "folder"}

    @property
    def is_own(self) -> bool:
        """Return whether it is Kouan's own graph, not other people's data."""
        return ONTOLOGY_GRAPH in self.graphs

    @property
    def source(self) -> Path:
        """Return the file of all graphs as they were built, literals exactly as their files write them."""
        return self.folder / SOURCE

    @property
    def store(self) -> Path:
        """Return what an evaluator opens: the N-Quads to load into memory, or the folder of the store on disk."""
        return self.folder / (MEMORY if self.storage == "memory" else DISK)

    def source_quads(self) -> Iterator[Quad]:
        """Return the quads of all graphs, writes included, literals exactly as their files and their writers write them."""
        quads = parse(path=self.source, format=RdfFormat.N_QUADS)
        if not self.patches:
            return iter(quads)
        return iter(
            patched(quads, (Patch.parse(Path(path).read_text(encoding="utf-8"), path) for path in self.patches))
        )


@contextlib.contextmanager
def unfinished(snapshots: Path) -> Iterator[Path]:
    """Return a folder to build in, which is gone afterwards unless `publish` took it."""
    try:
        snapshots.mkdir(parents=True, exist_ok=True)
        _sweep(snapshots)
        folder = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{os.getpid()}-", dir=snapshots))
    except OSError as error:
        raise SnapshotError(
            f"{snapshots} cannot be written ({error.strerror}); set KOUAN_SNAPSHOTS to a folder that can."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, snapshots: Path, **said: Any) -> Snapshot:
    """Return the snapshot that stands in the folder, after it was made durable and moved to its version's name."""
    (folder / DESCRIPTION).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    folder.chmod(0o755)
    for path in [*folder.rglob("*"), folder]:
        _to_disk(path)
    final = snapshots / str(said["version"])
    if final.exists():
        # The same graph was built before from files that differ only in comments or spacing, or by another
        # version of Kouan. It may be in use, so it is moved away, which leaves open files readable.
        old = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{os.getpid()}-", dir=snapshots))
        final.rename(old / "old")
        folder.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        folder.rename(final)
    _to_disk(snapshots)
    return Snapshot.read(final)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(snapshots: Path) -> None:
    """Remove what builds that were killed left behind."""
    for folder in snapshots.glob(UNFINISHED + "*"):
        process = folder.name.removeprefix(UNFINISHED).split("-")[0]
        if process.isdigit() and not _alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
