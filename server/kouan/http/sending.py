"""Send an answer that is there: from memory, or from its file as fast as the client takes it. Knows Granian, no queries.

Granian reads a file of ours by its path and sends it as the client takes it, but says nothing of how far it is; a pipe between
the two tells. Who takes less than a least rate is cut off, so that nobody holds a file for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
import time
from typing import Any

from kouan.engine.answer import Spooled
from kouan.http.cache import NO_HEADERS, Headers, Variant
from kouan.http.connection import break_off

PIPE_BYTES = 512 * 1024
F_SETPIPE_SZ = 1031
MOVED_AT_ONCE = 1024 * 1024
# What a client takes is looked at over so long: a pause is no stop.
SECONDS_LOOKED_AT = 20.0
SECONDS_BETWEEN_LOOKS = 0.5


async def send_spooled(scope: Any, proto: Any, variant: Variant, slowest: int, more: Headers = NO_HEADERS) -> None:
    """Send the answer in a file to a client that takes so many bytes a second at least; returns when it has it or is gone."""
    spooled = variant.spooled
    assert spooled is not None
    headers = [*variant.headers, *more, ("content-length", str(spooled.size))]
    if scope.method == "HEAD":
        proto.response_empty(variant.status, headers)
        return
    reader, writer = os.pipe2(os.O_CLOEXEC)
    pump = _Pump(spooled, reader, writer, slowest)
    try:
        with contextlib.suppress(OSError):
            fcntl.fcntl(writer, F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(writer, False)
        # Granian opens it once more, and says that nothing is there where it may not.
        os.close(os.dup(reader))
        # Our end for reading stays open until everything was taken: its number cannot come to mean another file before.
        proto.response_file(variant.status, headers, f"/proc/self/fd/{reader}")
        gone = asyncio.ensure_future(_gone(proto))
        try:
            if not await pump.run(gone):
                break_off(scope.client)
        finally:
            gone.cancel()
    finally:
        if pump.reader >= 0:
            os.close(pump.reader)


async def _gone(proto: Any) -> None:
    await proto.client_disconnect()


def _settle(waits: asyncio.Future[None]) -> None:
    if not waits.done():
        waits.set_result(None)


class _Pump:
    def __init__(self, spooled: Spooled, reader: int, writer: int, slowest: int) -> None:
        self.spooled, self.reader, self.writer, self.slowest = spooled, reader, writer, slowest
        self.moved = 0

    async def run(self, gone: asyncio.Future[None]) -> bool:
        """Return whether the client took all of it, or went away by itself."""
        loop = asyncio.get_running_loop()
        looked, taken_before = time.monotonic(), 0
        try:
            while not gone.done():
                if not self._move():
                    # Nobody reads any more: the client went away.
                    return True
                if self.moved == self.spooled.size and self.writer >= 0:
                    os.close(self.writer)
                    self.writer = -1
                waits = self._waiting()
                if self.reader >= 0 and self.writer >= 0 and waits < self.moved:
                    # Granian has opened the pipe by now; without ours, its end is seen when the client goes.
                    os.close(self.reader)
                    self.reader = -1
                if self.writer < 0 and not waits:
                    return True
                now = time.monotonic()
                if now - looked > SECONDS_LOOKED_AT:
                    taken = self.moved - waits
                    if taken - taken_before < self.slowest * SECONDS_LOOKED_AT:
                        return False
                    looked, taken_before = now, taken
                await self._writable(loop, gone)
            return True
        finally:
            if self.writer >= 0:
                os.close(self.writer)

    def _move(self) -> bool:
        """Return whether somebody may read, after what the pipe takes at once was moved."""
        left = self.spooled.size - self.moved
        while left:
            try:
                moved = os.splice(
                    self.spooled.file,
                    self.writer,
                    min(left, MOVED_AT_ONCE),
                    offset_src=self.spooled.start + self.moved,
                    flags=os.SPLICE_F_NONBLOCK,
                )
            except BlockingIOError:
                return True
            except BrokenPipeError:
                return False
            self.moved += moved
            left -= moved
        return True

    def _waiting(self) -> int:
        """Return the bytes in the pipe that nobody has taken."""
        end = self.writer if self.writer >= 0 else self.reader
        answer = fcntl.ioctl(end, termios.FIONREAD, struct.pack("i", 0)) if end >= 0 else bytes(4)
        waiting: int = struct.unpack("i", answer)[0]
        return waiting

    async def _writable(self, loop: asyncio.AbstractEventLoop, gone: asyncio.Future[None]) -> None:
        """Wait until the pipe takes more, or a look is due."""
        ready = loop.create_future()
        if self.writer >= 0:
            loop.add_writer(self.writer, _settle, ready)
        try:
            seconds = SECONDS_BETWEEN_LOOKS if self.writer >= 0 else 0.02
            await asyncio.wait({ready, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self.writer >= 0:
                loop.remove_writer(self.writer)
            ready.cancel()
