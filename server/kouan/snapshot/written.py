"""Put what was written after a snapshot was built beside it. Knows snapshots and their journals, nothing of how a write comes about."""

from __future__ import annotations

from dataclasses import replace

from pyoxigraph import Store

from kouan.history.journal import Journal, foreign_journal, own_journal
from kouan.history.overlay import apply, chained
from kouan.settings import Settings
from kouan.snapshot.build_files import counts_of
from kouan.snapshot.layout import Snapshot


def journal_of(snapshot: Snapshot, settings: Settings) -> Journal:
    """Return the journal of what was written to a snapshot's data."""
    return own_journal(settings) if snapshot.is_own else foreign_journal(snapshot.files, settings)


def with_journal(snapshot: Snapshot, journal: Journal, store: Store) -> Snapshot:
    """Return a snapshot of other people's data with its journal, after the writes were made in its store too."""
    paths = tuple(path.as_posix() for path in journal.paths().values())
    if not paths:
        return snapshot
    version = snapshot.version
    for patch in journal.patches():
        apply(store, patch)
        version = chained(version, patch)
    return replace(snapshot, version=version, patches=paths, **counts_of(store, snapshot.merged))
