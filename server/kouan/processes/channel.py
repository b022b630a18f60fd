"""How two processes talk over a socket: messages of a kind, a head of JSON and a body. Knows what is said by nobody.

What comes from the other side is bounded and checked before it is believed: that side may run what a client wrote.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from array import array
from collections.abc import Iterable
from select import POLLIN, POLLRDHUP, poll
from typing import Any, NamedTuple

HEADER = struct.Struct("!cIQ")
RECEIVED = 256 * 1024
LONGEST_HEAD = 16 * 1024 * 1024
LONGEST_BODY = 1 << 34
BUFFER_BYTES = 1024 * 1024
ANCILLARY = socket.CMSG_SPACE(4 * array("i").itemsize)
# json.dumps would make one for every message.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class Message(NamedTuple):
    """What was said: a kind, of one byte, JSON values as bytes, and bytes."""

    kind: bytes
    head: bytes
    body: bytes

    @property
    def said(self) -> Any:
        """Return the values of the head; raises EOFError where it is no JSON."""
        try:
            return json.loads(self.head)
        except ValueError as error:
            raise EOFError("the other side says what cannot be read") from error


def pack(kind: bytes, head: bytes = b"", body: bytes = b"") -> bytes:
    """Return a message as bytes."""
    return HEADER.pack(kind, len(head), len(body)) + head + body


def packed(kind: bytes, said: Any, body: bytes = b"") -> bytes:
    """Return a message whose head says some JSON values."""
    return pack(kind, _encode(said).encode("utf-8", "surrogatepass"), body)


class Channel:
    """One end of a conversation; whoever holds it is the only one who reads from it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.files: list[int] = []
        self._buffer = bytearray()
        self._poll = poll()
        self._poll.register(connection, POLLIN)

    def fileno(self) -> int:
        """Return the number of the socket, -1 once it is closed."""
        return self.connection.fileno()

    def send(self, data: bytes, files: Iterable[int] = ()) -> None:
        """Send a message whole, with open files, in a process that may wait; raises OSError."""
        given = list(files)
        if given:
            sent = socket.send_fds(self.connection, [data], given)
            data = data[sent:]
        if data:
            self.connection.sendall(data)

    def receive(self) -> Message:
        """Return the next message, waiting for it; raises EOFError where the other side is gone."""
        while (message := self.next()) is None:
            self._read()
        return message

    def receive_within(self, seconds: float) -> Message | None:
        """Return the next message, None where none is whole in time; raises EOFError where the other side is gone.

        Works on sockets that wait and on those that do not.
        """
        if (message := self.next()) is not None:
            return message
        if not self._poll.poll(seconds * 1000):
            return None
        self._read()
        end = 0.0
        while (message := self.next()) is None:
            # It has begun to answer: the rest of a message comes as fast as both sides can go.
            now = time.monotonic()
            end = end or now + max(seconds, 0.05)
            if not self._poll.poll(max(0.0, end - now) * 1000):
                return None
            self._read()
        return message

    def read_some(self) -> None:
        """Take what has arrived, without waiting; raises EOFError where the other side is gone."""
        while self._poll.poll(0):
            self._read()
            if len(self._buffer) >= BUFFER_BYTES:
                return

    def next(self) -> Message | None:
        """Return the next message of those that arrived, None where none is whole; raises EOFError where it is too long."""
        buffer = self._buffer
        if len(buffer) < HEADER.size:
            return None
        kind, head, body = HEADER.unpack_from(buffer)
        if head > LONGEST_HEAD or body > LONGEST_BODY:
            raise EOFError("the other side says more than it may")
        start, end = HEADER.size + head, HEADER.size + head + body
        if len(buffer) < end:
            return None
        message = Message(kind, bytes(buffer[HEADER.size : start]), bytes(buffer[start:end]))
        del buffer[:end]
        return message

    def _read(self) -> None:
        try:
            some, ancillary, _, _ = self.connection.recvmsg(RECEIVED, ANCILLARY)
        except BlockingIOError:
            return
        except OSError as error:
            raise EOFError("the other side is gone") from error
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                self.files.extend(array("i", data[: len(data) - len(data) % 4]))
        if not some:
            raise EOFError("the other side is gone")
        self._buffer += some

    def take_file(self) -> int:
        """Return the first of the files that were sent and not taken; raises EOFError where there is none."""
        if not self.files:
            raise EOFError("the other side sent no file")
        return self.files.pop(0)

    def close(self) -> None:
        """Close the socket, and what was sent and not taken."""
        self.connection.close()
        while self.files:
            os.close(self.files.pop())


def is_gone(connection: socket.socket) -> bool:
    """Return whether the other side of a connection waits no more."""
    gone = poll()
    gone.register(connection, POLLRDHUP)
    return bool(gone.poll(0))
