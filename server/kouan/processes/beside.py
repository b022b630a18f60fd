"""Do a piece of work in a forked process while this one does another. Knows processes, not what the work is."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator

DONE = b"\n# done"


@contextlib.contextmanager
def beside(work: Callable[[], bytes], instead: Callable[[], bytes]) -> Iterator[Callable[[], bytes]]:
    """Return what waits for the work's result and returns it.

    Where no process can be had, or it ends without a result, `instead` is done in this one, and raises what it raises.
    """
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
    with os.fdopen(reader, "rb") as results:

        def result() -> bytes:
            said = results.read()
            return said.removesuffix(DONE) if said.endswith(DONE) else instead()

        try:
            yield result
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _do(work: Callable[[], bytes], writer: int) -> None:
    """Do the work, say what came of it and end the process."""
    try:
        with os.fdopen(writer, "wb") as results:
            results.write(work() + DONE)
    finally:
        os._exit(0)
