"""Let requests for the same thing go one after another, so that what it takes is read by one evaluator and not by each. Knows no page.

Every evaluator reads the names of all things for itself, which takes seconds. The one that has read them rests, and is asked
next; so who waits a moment is answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from kouan.errors import Busy

# Longer than what is quick takes; nobody waits longer for what is slow.
SECONDS_OF_PATIENCE = 1.0


class Turns:
    """Whose turn it is in one HTTP process."""

    def __init__(self) -> None:
        # The version at which somebody was answered, so that an evaluator has read what it takes.
        self.ready: str | None = None
        self._first = asyncio.Lock()
        self._one = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def turn(self, version: str, deadline: float) -> AsyncIterator[None]:
        """Wait for the first at a version, then a moment for any other; raises Busy where the first takes until the deadline."""
        if self.ready != version:
            if not await _acquired(self._first, deadline - time.monotonic()):
                raise Busy("Others wait for the same, and have waited too long for it; try again in a moment.")
            try:
                if self.ready != version:
                    yield
                    return
            finally:
                self._first.release()
        is_alone = await _acquired(self._one, SECONDS_OF_PATIENCE)
        try:
            yield
        finally:
            if is_alone:
                self._one.release()


async def _acquired(lock: asyncio.Lock, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            return await lock.acquire()
    except TimeoutError:
        return False
