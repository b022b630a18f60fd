"""Write to a dataset that no server serves: take a write back, from the command line. Knows the log; knows no processes."""

from __future__ import annotations

from kouan.errors import KouanError, error_said
from kouan.history.entry import Commit, Entry
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_latest, why_read_only
from kouan.writes.policy import Author, policy_of
from kouan.writes.request import Request, undo
from kouan.writes.work import DatasetState, outcome

COMMAND_LINE = "command line"


def take_back(snapshot: Snapshot, number: int, settings: Settings) -> Commit:
    """Return the write that undoes another one.

    Raises SnapshotError where there is no such write or a server holds the journal, Refused where the shapes object.
    """
    journal = snapshot.writes
    with journal.held(), journal.writing():
        journal.commit(number)
        opened = open_latest(snapshot, settings)
        if why_read_only(opened) or opened.data is None:
            raise KouanError(why_read_only(opened))
        policy = policy_of(opened.snapshot, opened.data, settings)
        request = Request(undo(number), Author(COMMAND_LINE, f"takes back write {number}"))
        said = outcome(DatasetState(opened.snapshot, opened.data, opened.head, policy), request, settings)
        if isinstance(said, Entry):
            journal.append(said)
            return said.commit
        if "error" in said:
            raise error_said(said["error"])
        raise KouanError(f"Nothing of write {number} is left to take back.")
