"""Lead every process that holds a store from one version of the dataset to the next. Knows the log and sockets, no writes.

What is told is only up to which number the log goes; who hears it reads the log for itself, from the number where it is.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from kouan.history.exact import ExactStore
from kouan.processes.channel import Channel, pack, packed
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


def pack_moves(snapshot: Snapshot, since: int) -> bytes:
    """Return a frame that tells of all moves from a number to a snapshot's."""
    said = [str(snapshot.folder), snapshot.journal, since, snapshot.number]
    return packed(MOVES, said)


def unpack_moves(payload: bytes) -> list[Move]:
    """Return the moves that a frame's payload tells of; raises SourceError where the log is damaged."""
    folder, journal, since, last = json.loads(payload)
    return [Move(number, reached(Path(folder), Path(journal), number)) for number in range(since + 1, last + 1)]


def follow(address: str, since: int) -> tuple[socket.socket, list[Move]]:
    """Return a connection on which further moves will come, and those made since a number; raises OSError."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(SECONDS_TO_ANSWER)
        connection.connect(address)
        connection.sendall(pack(FOLLOW, str(since).encode()))
        payload = Channel(connection).receive().head
    except (OSError, EOFError) as error:
        connection.close()
        raise OSError("the writer of the dataset does not answer") from error
    return connection, unpack_moves(payload)


def say_moved(connection: socket.socket, number: int) -> None:
    """Tell the writer up to which number a process has come."""
    connection.sendall(pack(MOVED, str(number).encode()))
