"""How a server process and an evaluator talk over a socket: frames of a kind, a length and a payload. Knows no queries."""

from __future__ import annotations

import socket
import struct

HEADER = struct.Struct("!cI")
ASKED = b"Q"
CHUNK = b"D"
END = b"E"
FAILED = b"X"
READY = b"R"
CHUNK_SIZE = 256 * 1024


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame; raises OSError where the other side is gone."""
    connection.sendall(HEADER.pack(kind, len(payload)) + payload)


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the next frame's kind and payload; raises EOFError where the other side is gone, TimeoutError where it is late."""
    kind, length = HEADER.unpack(_exactly(connection, HEADER.size))
    return kind, _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    first = connection.recv(length) if length else b""
    if len(first) == length:
        return first
    if not first:
        raise EOFError("the other side is gone")
    buffer = bytearray(first)
    while len(buffer) < length:
        more = connection.recv(min(length - len(buffer), CHUNK_SIZE))
        if not more:
            raise EOFError("the other side is gone")
        buffer += more
    return bytes(buffer)


class FrameWriter:
    """A binary file that sends what is written to it as chunks."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken, which is all of them."""
        self._buffer += data
        if len(self._buffer) >= CHUNK_SIZE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Send what is held back."""
        if self._buffer:
            send(self._connection, CHUNK, bytes(self._buffer))
            self._buffer.clear()
