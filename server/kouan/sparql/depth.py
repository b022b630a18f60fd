"""Room for recursion: brackets are counted as they are read, so that how deep a tree goes is known and need not be guessed."""

from __future__ import annotations

import sys

# No rule of the grammar calls more functions than this between one bracket and the next, to read it or to print it.
CALLS_A_LEVEL = 40


class RoomFor:
    """For as long as it is entered, calls may nest as deep as so many levels of brackets need, beyond what they may anyway."""

    def __init__(self, nesting: int) -> None:
        self._more = CALLS_A_LEVEL * nesting

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        sys.setrecursionlimit(self._before + self._more)

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self._before)
