"""Load a file of N-Quads into a store; its blank nodes keep their labels, which the engine's own loading makes anew.

The log of writes names them, whenever and by whomever the data is opened.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import IO, Any

from pyoxigraph import RdfFormat, Store, parse

# How a label begins; in a text it may stand too.
LABELLED = b"_:"
CHUNK = 1 << 20
Opener = Callable[[], contextlib.AbstractContextManager[IO[bytes]]]


def load(store: Store, opened: Opener) -> None:
    """Load what an opener opens into a store, which is empty; a file that has blank nodes is opened twice."""
    with opened() as content:
        plain = _Lines(content, labelled=False)
        store.bulk_load(plain, format=RdfFormat.N_QUADS)  # type: ignore[arg-type]
    if plain.has_others:
        with opened() as content:
            store.bulk_extend(parse(_Lines(content, labelled=True), format=RdfFormat.N_QUADS))  # type: ignore[arg-type]


class _Lines(io.RawIOBase):
    """The lines of a file that may hold a label, or the others."""

    def __init__(self, content: IO[bytes], *, labelled: bool) -> None:
        super().__init__()
        self.has_others = False
        self._labelled = labelled
        self._content = io.BufferedReader(content, CHUNK)  # type: ignore[type-var]
        self._ready = b""

    def readable(self) -> bool:
        """Return true, for `io` asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Put the next bytes into a buffer and return how many; 0 at the end."""
        while not self._ready and (chunk := self._content.read(CHUNK)):
            self._ready = self._wanted(chunk + self._content.readline())
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _wanted(self, lines: bytes) -> bytes:
        if LABELLED not in lines:
            self.has_others |= self._labelled
            return b"" if self._labelled else lines
        kept = [line for line in lines.splitlines(keepends=True) if (LABELLED in line) == self._labelled]
        self.has_others = True
        return b"".join(kept)
