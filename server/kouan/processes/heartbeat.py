"""Let processes show that they work, and find those that have stopped to. Knows times, not what any process does.

Each writes the time now and then into memory that all share: who is stopped, hung or swapped out falls silent.
"""

from __future__ import annotations

import mmap
import os
import struct
import time

from kouan.processes.child import end, started_at

SLOT = struct.Struct("qqd")
SLOTS = 4096
SECONDS_BETWEEN_BEATS = 0.5
SILENT_SECONDS = 5.0


class Heartbeats:
    """The times at which processes were last seen to work; made before they are forked."""

    def __init__(self) -> None:
        # One more than the slots: whether any process has come so far that it serves.
        self._memory = mmap.mmap(-1, (SLOTS + 1) * SLOT.size)
        self._pid = self._started = 0

    @property
    def has_served(self) -> bool:
        """Whether any process ever said that it serves."""
        return bool(self._memory[SLOTS * SLOT.size])

    def serve(self) -> None:
        """Say that this process serves from now on."""
        self._memory[SLOTS * SLOT.size] = 1
        self.beat()

    def beat(self, ahead: float = 0.0) -> None:
        """Say that this process works, and that it will not say so again for some seconds where it has much to do."""
        pid = os.getpid()
        if pid != self._pid:
            self._pid, self._started = pid, started_at(pid)
        SLOT.pack_into(self._memory, pid % SLOTS * SLOT.size, pid, self._started, time.monotonic() + ahead)

    def end_silent(self, since: float = 0.0) -> list[int]:
        """Return the processes that fell silent, after they were ended: whoever started them starts others.

        Silence is counted from a time on at which who asks was awake itself.
        """
        now = time.monotonic()
        ended = []
        for slot in range(SLOTS):
            pid, started, seen = SLOT.unpack_from(self._memory, slot * SLOT.size)
            if not pid or now - max(seen, since) < SILENT_SECONDS:
                continue
            SLOT.pack_into(self._memory, slot * SLOT.size, 0, 0, 0.0)
            if end(pid, started):
                ended.append(pid)
        return ended
