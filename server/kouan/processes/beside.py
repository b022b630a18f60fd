"""Do a piece of work in a forked process while this one does another. Knows processes, not what the work is."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator

DONE = b"\n# done"
# How long the process is waited for after this one is done: so many seconds, or as long again as it has had.
LEAST_PATIENCE = 60


@contextlib.contextmanager
def beside(work: Callable[[], bytes], instead: Callable[[], bytes]) -> Iterator[Callable[[], bytes]]:
    """Return what waits for the work's result and returns it.

    Where no process can be had, or it ends without a result or stands still, `instead` is done in this one, and raises what it
    raises. (A fork of a process that has threads of others, a Java machine's say, may wait for ever for what one of them held.)
    """
    begun = time.monotonic()
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        yield instead
        return
    if pid == 0:
        _do(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb"):

        def result() -> bytes:
            said = _read(reader, until=max(LEAST_PATIENCE, time.monotonic() - begun) + time.monotonic())
            return said.removesuffix(DONE) if said.endswith(DONE) else instead()

        try:
            yield result
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _read(reader: int, until: float) -> bytes:
    """Return what is written until its end, or until then."""
    said = bytearray()
    while select.select([reader], [], [], max(0.0, until - time.monotonic()))[0] and (more := os.read(reader, 1 << 16)):
        said += more
    return bytes(said)


def _do(work: Callable[[], bytes], writer: int) -> None:
    """Do the work, say what came of it and end the process."""
    try:
        with os.fdopen(writer, "wb") as results:
            results.write(work() + DONE)
    finally:
        os._exit(0)
