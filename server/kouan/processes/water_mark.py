"""The highest number that any process has named, in memory that all share. Knows no meaning of it."""

from __future__ import annotations

import mmap


class HighWaterMark:
    """A number that only grows; made before the processes that share it are forked."""

    def __init__(self) -> None:
        # Eight bytes that are written at once: whoever reads them finds the number before or the one after.
        self._cells = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("Q")

    @property
    def number(self) -> int:
        """The highest number so far, 0 where none was named."""
        return self._cells[0]

    def reach(self, number: int) -> None:
        """Name a number; one process at a time does."""
        self._cells[0] = max(number, self.number)

    def fall_back(self, number: int) -> None:
        """Forget everything above a number, which is not true any more."""
        self._cells[0] = min(number, self.number)
