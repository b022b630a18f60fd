"""Keep the history and the snapshots from growing for ever. Knows ages and numbers; what is built is built elsewhere."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kouan.errors import SnapshotError
from kouan.history.journal import Journal
from kouan.settings import Settings
from kouan.snapshot.layout import Snapshot, amiss

SECONDS_OF_DAY = 86_400


@dataclass(frozen=True)
class Compacted:
    """What came of making a history smaller."""

    snapshot: Snapshot
    folded: int
    removed: int


@dataclass(frozen=True)
class StandingSnapshots:
    """The snapshots that stand in a folder, the newest first, and the folders that hold none that can be read."""

    snapshots: list[Snapshot]
    damaged: list[str]

    def amiss(self) -> list[str]:
        """Return what is amiss with any of them, after every file was read."""
        return [*self.damaged, *(fault for fault in map(amiss, self.snapshots) if fault)]


def all_snapshots(settings: Settings) -> StandingSnapshots:
    """Return the snapshots that are kept."""
    found: list[tuple[float, Snapshot]] = []
    damaged = []
    for described in settings.snapshots.glob("[0-9a-f]*/snapshot.json"):
        try:
            found.append((described.stat().st_mtime, Snapshot.read(described.parent)))
        except (SnapshotError, OSError) as error:
            damaged.append(str(error))
    return StandingSnapshots([snapshot for _, snapshot in sorted(found, key=lambda each: -each[0])], damaged)


def compact(journal: Journal, build: Callable[[], Snapshot], settings: Settings) -> Compacted:
    """Return what came of building all writes into a new snapshot, and of folding those that need not be kept.

    Raises SnapshotError where a server writes meanwhile, or where the history does not hold.
    """
    with journal.held(), journal.writing():
        chain = journal.check()
        if chain.fault:
            raise SnapshotError(f"The history does not hold, so nothing is removed of it: {chain.fault}")
        snapshot = build()
        oldest = time.time() - settings.history_days * SECONDS_OF_DAY
        old = [
            commit.number
            for commit in journal.commits()
            if commit.number <= chain.number - settings.history_writes and _time_of(commit.when) < oldest
        ]
        if old:
            journal.fold(max(old))
        return Compacted(snapshot, len(old), prune(settings))


def prune(settings: Settings) -> int:
    """Return how many snapshots were removed: of each dataset the newest are kept, and what a server has open."""
    removed = 0
    for snapshots in _by_files(settings):
        for snapshot in snapshots[max(1, settings.snapshots_kept) :]:
            removed += _remove(snapshot.folder)
    return removed


def newest_by_files(settings: Settings) -> list[Snapshot]:
    """Return the newest snapshot of each dataset that is kept."""
    return [snapshots[0] for snapshots in _by_files(settings)]


def _by_files(settings: Settings) -> list[list[Snapshot]]:
    by_files: dict[tuple[str, ...], list[Snapshot]] = defaultdict(list)
    for snapshot in all_snapshots(settings).snapshots:
        by_files[tuple(sorted(snapshot.files)) if not snapshot.is_own else ()].append(snapshot)
    return list(by_files.values())


@contextlib.contextmanager
def in_use(snapshot: Snapshot) -> Iterator[None]:
    """Keep a snapshot from being removed, for this process and all that are forked from it."""
    handle = os.open(snapshot.folder, os.O_RDONLY)
    try:
        # On a file system without locks nothing is removed beside a server anyway.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove(folder: Path) -> bool:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _time_of(when: str) -> float:
    return datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp()
