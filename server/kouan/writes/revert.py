"""Write to a dataset that no server serves: take a write back, from the command line. Knows the journal; knows no processes."""

from __future__ import annotations

from kouan.engine.forker import open_store
from kouan.errors import KouanError
from kouan.history.journal import Commit
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.written import with_journal
from kouan.writes.change import change
from kouan.writes.policy import Author, revisable
from kouan.writes.writer import undo

COMMAND_LINE = "command line"


def take_back(snapshot: Snapshot, number: int, settings: Settings) -> Commit:
    """Return the write that undoes another one.

    Raises SnapshotError where there is no such write or a server holds the journal, Refused where the shapes object.
    """
    writable = revisable(snapshot, settings)
    with writable.journal.held():
        store = open_store(snapshot)
        if not snapshot.is_own:
            snapshot = with_journal(snapshot, writable.journal, store)
        patch = change(store, undo(writable.journal.patch(number)))
        if not patch:
            raise KouanError(f"Nothing of write {number} is left to take back.")
        author = Author(COMMAND_LINE, f"takes back write {number}")
        revision = writable.revise(snapshot, store, patch, author, reason=False)
        return writable.journal.append(revision.name, revision.text)
