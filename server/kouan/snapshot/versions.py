"""Lead every process that holds a store from one version of the dataset to the next. Knows files and sockets, no writes.

Each move is a file with the next snapshot and a patch of the store; who starts late makes all the moves that there are.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from kouan.history.overlay import apply
from kouan.history.patch import Patch
from kouan.processes.channel import Channel, pack, packed
from kouan.snapshot import Snapshot

FOLLOW = b"L"
MOVES = b"M"
MOVED = b"K"
SECONDS_TO_ANSWER = 20.0


@dataclass(frozen=True)
class Move:
    """The next version: its number since the server started, its snapshot and the file with the change of the store."""

    number: int
    snapshot: Snapshot
    patch: Path

    def packed(self) -> dict[str, object]:
        """Return the move as JSON values."""
        said = self.snapshot.said() | {"folder": str(self.snapshot.folder)}
        return {"number": self.number, "snapshot": said, "patch": str(self.patch)}

    @classmethod
    def unpacked(cls, said: dict[str, object]) -> Move:
        """Return the move that JSON values say."""
        snapshot = dict(said["snapshot"])  # type: ignore[call-overload]
        folder = Path(snapshot.pop("folder"))
        return cls(int(str(said["number"])), Snapshot.of(folder, snapshot), Path(str(said["patch"])))

    def make(self, store: Store) -> None:
        """Lead a store to this version."""
        apply(store, Patch.parse(self.patch.read_text(encoding="utf-8"), str(self.patch)))


def pack_moves(moves: list[Move]) -> bytes:
    """Return a frame with moves."""
    return packed(MOVES, [move.packed() for move in moves])


def unpack_moves(payload: bytes) -> list[Move]:
    """Return the moves of a frame's payload."""
    return [Move.unpacked(said) for said in json.loads(payload)]


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
    """Tell the writer that a move was made."""
    connection.sendall(pack(MOVED, str(number).encode()))
