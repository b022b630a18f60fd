"""Keep every write as a patch in a file of its own, in order, so that the dataset can be rebuilt. Knows files; knows no store."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kouan.errors import SnapshotError
from kouan.history.patch import Patch
from kouan.settings import Settings

SUFFIX = ".rdfp"
OWN = "kouan"


@dataclass(frozen=True)
class Commit:
    """One write that was committed: its number, who made it and when, and the versions before and after it."""

    number: int
    who: str
    when: str
    why: str
    before: str
    version: str
    added: int
    removed: int


class Journal:
    """The writes of one dataset, numbered from 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paths(self) -> dict[int, Path]:
        """Return the file of each write, by number, in order."""
        found = {int(path.stem): path for path in self.folder.glob("[0-9]*" + SUFFIX) if path.stem.isdigit()}
        return dict(sorted(found.items()))

    def patches(self) -> Iterator[Patch]:
        """Return the patches in their order; raises SourceError where one is damaged."""
        for path in self.paths().values():
            yield Patch.parse(path.read_text(encoding="utf-8"), str(path))

    def commits(self) -> list[Commit]:
        """Return what is recorded of each write, in order."""
        return [_commit(number, patch) for number, patch in zip(self.paths(), self.patches(), strict=True)]

    def patch(self, number: int) -> Patch:
        """Return the patch of a number; raises SnapshotError where there is none."""
        path = self.paths().get(number)
        if path is None:
            raise SnapshotError(f"There is no write number {number}; `kouan history` lists those that there are.")
        return Patch.parse(path.read_text(encoding="utf-8"), str(path))

    def prepare(self, patch: Patch, *, who: str, why: str, before: str, version: str) -> tuple[str, str]:
        """Return the name and the text of the file that will record a write made now."""
        when = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"who": who, "when": when, "why": why, "before": before, "version": version}
        number = max(self.paths(), default=0) + 1
        return f"{number:06}{SUFFIX}", replace(patch, said=said).text()

    def append(self, name: str, text: str) -> Commit:
        """Return the commit after its file is on disk, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        return _commit(int(path.stem), Patch.parse(text, name))

    @contextlib.contextmanager
    def held(self) -> Iterator[int]:
        """Hold the journal for writing, by the open file that is returned; raises SnapshotError where another process does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SnapshotError(
                    f"Another server writes to {self.folder}; end it, or set KOUAN_JOURNAL to another folder."
                ) from error
            yield lock.fileno()


def _commit(number: int, patch: Patch) -> Commit:
    said = {name: patch.said.get(name, "") for name in ("who", "when", "why", "before", "version")}
    return Commit(number=number, **said, added=len(patch.added), removed=len(patch.removed))


def own_journal(settings: Settings) -> Journal:
    """Return the journal of the graph of the home folder."""
    return Journal(settings.journals / OWN)


def foreign_journal(names: Iterable[str], settings: Settings) -> Journal:
    """Return the journal of other people's files, known by their names."""
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
    return Journal(settings.journals / digest)
