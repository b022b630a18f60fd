"""Lead every process that holds a store from one version of the dataset to the next. Knows the log and sockets, no writes.

What is told is only up to which number the log goes; who hears it reads the log for itself, from the number where it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kouan.history.exact import ExactStore
from kouan.processes.channel import Channel, pack, packed
from kouan.processes.door import Door
from kouan.snapshot.layout import Snapshot
from kouan.snapshot.opening import advance, reached

FOLLOW = b"L"
MOVES = b"M"
MOVED = b"K"
SECONDS_TO_ANSWER = 20.0


@dataclass(frozen=True)
class Move:
    """The next version: the number of the write that led to it, and its snapshot."""

    number: int
    snapshot: Snapshot

    def make(self, data: ExactStore) -> None:
        """Lead a store from the version before to this one; raises SourceError where the log is damaged."""
        advance(data, self.snapshot.writes, self.number)


def pack_moves(snapshot: Snapshot) -> bytes:
    """Return a frame that tells how far the log goes by now, as far as a snapshot."""
    return packed(MOVES, [str(snapshot.folder), snapshot.journal, snapshot.number])


def unpack_moves(payload: bytes, since: int) -> list[Move]:
    """Return the moves from a number to where a frame's payload says that the log goes, none left out whichever frames came.

    Raises SourceError where the log is damaged.
    """
    folder, journal, last = json.loads(payload)
    return moves(Path(folder), Path(journal), since, last)


def moves(folder: Path, journal: Path, since: int, last: int) -> list[Move]:
    """Return the moves from one number to another as the log of a snapshot has them; raises SourceError where it is damaged."""
    return [Move(number, reached(folder, journal, number)) for number in range(since + 1, last + 1)]


def follow(writer: Door, *, first: bool = False) -> Channel:
    """Return a channel on which the writer will tell how far the log goes, now and after each write; raises OSError.

    Whom the others need to move on is told first. Who follows has others to see to, so nothing of this waits for the writer.
    """
    connection = writer.connect()
    connection.setblocking(False)
    connection.sendall(packed(FOLLOW, {"first": first}))
    return Channel(connection)


def say_moved(channel: Channel, number: int) -> None:
    """Tell the writer up to which number a process has come; raises OSError."""
    channel.send(pack(MOVED, str(number).encode()))
