"""How a server process and an evaluator talk over a socket: frames of a kind, a length and a payload. Knows no queries."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from array import array
from collections.abc import Callable, Iterator

HEADER = struct.Struct("!cI")
ASKED = b"Q"
READY = b"R"
WHOLE = b"W"
STREAM = b"S"
FLOWING = b"F"
END = b"E"
FAILED = b"X"
RECEIVED = 256 * 1024
ANCILLARY = socket.CMSG_SPACE(3 * array("i").itemsize)
# An answer up to this size is held until it is whole, so that its status can still be an error.
BUFFERED_BYTES = 1024 * 1024
WRITTEN_AT_ONCE = 64 * 1024
# Less than what is buffered, so that a full first write means that somebody reads.
PIPE_BYTES = 512 * 1024


def pack(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    return HEADER.pack(kind, len(payload)) + payload


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the next frame, waiting for it; raises EOFError where the other side is gone.

    The other side sends one frame and waits for what comes back, so what is read never holds a part of the next.
    """
    buffer = connection.recv(RECEIVED)
    while len(buffer) < HEADER.size or len(buffer) < HEADER.size + HEADER.unpack_from(buffer)[1]:
        more = connection.recv(RECEIVED)
        if not more:
            raise EOFError("the other side is gone")
        buffer += more
    return HEADER.unpack_from(buffer)[0], buffer[HEADER.size :]


class Inbox:
    """The frames that arrive at a socket that does not wait, and the files that were sent with them."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self.files: list[int] = []

    def read(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the frames that are whole; raises EOFError where the other side is gone."""
        while True:
            try:
                some, ancillary, _, _ = self._connection.recvmsg(RECEIVED, ANCILLARY)
            except BlockingIOError:
                return
            except OSError as error:
                raise EOFError("the other side is gone") from error
            if not some:
                raise EOFError("the other side is gone")
            for level, kind, data in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    self.files.extend(array("i", data))
            self._buffer += some
            yield from self._whole()
            if len(some) < RECEIVED and not self._buffer:
                return

    def _whole(self) -> Iterator[tuple[bytes, bytes]]:
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield kind, payload


class AnswerWriter:
    """A binary file that holds an answer back while it is small and sends it through a pipe when it is not.

    The pipe's end for reading goes to the server with the first frame, and with it one more for writing: as long as
    the server keeps that open, the end of this process does not look like the end of the answer. What can be kept
    afterwards is copied to a file in memory, which goes there too.
    """

    def __init__(self, connection: socket.socket, limit: int, kept: int, flows: Callable[[], None]) -> None:
        self._connection = connection
        self._limit = limit
        self._kept = kept
        self._copy = -1
        self._flows = flows
        self._buffer = bytearray()
        self._pipe = -1
        self.written = 0

    @property
    def is_streaming(self) -> bool:
        """Return whether the answer is on its way."""
        return self._pipe >= 0

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken, which is all of them; raises OverflowError past the limit."""
        self.written += len(data)
        if self._limit and self.written > self._limit:
            raise OverflowError
        self._buffer += data
        if len(self._buffer) >= (WRITTEN_AT_ONCE if self.is_streaming else BUFFERED_BYTES):
            self._flow()
        return len(data)

    def flush(self) -> None:
        """Do nothing; serialisers call this when they please."""

    def finish(self) -> None:
        """Send the answer whole, or what is left of it and its end."""
        if not self.is_streaming:
            self._connection.sendall(pack(WHOLE, bytes(self._buffer)))
            return
        self._flow()
        self.close()
        self._connection.sendall(pack(END))

    def close(self) -> None:
        """Close the pipe where there is one."""
        if self.is_streaming:
            os.close(self._pipe)
            self._pipe = -1
        if self._copy >= 0:
            os.close(self._copy)
            self._copy = -1

    def _keep(self) -> None:
        """Copy what flows, or forget the copy of what has become too large."""
        if self._copy < 0:
            return
        if self.written <= self._kept:
            os.write(self._copy, self._buffer)
            return
        os.ftruncate(self._copy, 0)
        os.close(self._copy)
        self._copy = -1

    def _flow(self) -> None:
        starts = not self.is_streaming
        if starts:
            self._flows()
            self._open()
        self._keep()
        rest = memoryview(bytes(self._buffer))
        self._buffer.clear()
        while rest:
            rest = rest[os.write(self._pipe, rest) :]
        if starts:
            # More was written than a pipe holds, so somebody reads it.
            self._connection.sendall(pack(FLOWING))

    def _open(self) -> None:
        reader, self._pipe = os.pipe()
        for_server = os.dup(self._pipe)
        try:
            files = [reader, for_server]
            if self._kept > self.written:
                self._copy = os.memfd_create("answer")
                files.append(self._copy)
            socket.send_fds(self._connection, [pack(STREAM)], files)
        finally:
            os.close(reader)
            os.close(for_server)


def widen(pipe: int) -> None:
    """Let a pipe hold more than the kernel's default, where that is allowed."""
    try:
        fcntl.fcntl(pipe, 1031, PIPE_BYTES)  # F_SETPIPE_SZ, which Python names from 3.10 on Linux only
    except OSError:
        return
