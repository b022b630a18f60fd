"""Read what zstd has compressed to its end; the library's own reader takes a file that breaks off for a whole one. Knows bytes.

A file may be of several frames, one after another (RFC 8878, section 3), as gzip's may be of several members.
"""

from __future__ import annotations

import io
from typing import IO, Any

import zstandard

# One byte may stand for 32,000: what comes of a piece is held at once.
PIECE = 1024


def zstd_reader(source: IO[bytes]) -> IO[bytes]:
    """Return what a file holds, as it is read; that raises EOFError where it breaks off, and ZstdError where it is none."""
    return io.BufferedReader(_Frames(source))


class _Frames(io.RawIOBase):
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        # One for all frames: to make another takes longer than to read an empty frame, of which there may be millions.
        self._decompressor = zstandard.ZstdDecompressor()
        self._frame: Any = None
        self._waiting = b""
        # What is left of it is not copied at each read.
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return true, for `io` asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Return how many of the next bytes were put into a buffer."""
        while not self._ready:
            piece = self._waiting or self._source.read(PIECE)
            if not piece and self._frame is not None:
                raise EOFError("Compressed file ended before the end of its last frame")
            if not piece:
                return 0
            found, self._waiting = self._decompressed(piece)
            self._ready = memoryview(found)
        given = self._ready[: len(buffer)]
        buffer[: len(given)] = given
        self._ready = self._ready[len(given) :]
        return len(given)

    def _decompressed(self, piece: bytes) -> tuple[bytes, bytes]:
        """Return what a piece holds, and what of it is of the next frame."""
        self._frame = self._frame or self._decompressor.decompressobj()
        found = self._frame.decompress(piece)
        if not self._frame.eof:
            return found, b""
        rest: bytes = self._frame.unused_data
        self._frame = None
        return found, rest
