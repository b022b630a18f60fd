"""Undo a coding whose bodies are of several members, one after another, as gzip's and zstd's may be. Knows bytes, no requests.

Parallel and blockwise compressors write many (RFC 1952, section 2.2; RFC 8878, section 3). To begin one takes as long as to read
thousands of letters, so that they are counted.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

import zstandard

from kouan.errors import BadRequest

MOST_MEMBERS = 100_000
FIRST_PIECE = 256
# One byte of zstd's may stand for 32,000, and what comes of a piece is held at once; of gzip's no more comes than is asked for.
PIECE_OF_GZIP, PIECE_OF_ZSTD = 64 * 1024, 1024
# Some programs fill up the last block that they write, which gzip(1) passes over.
PADDING = re.compile(rb"\0*")


def from_gzip(body: bytes, limit: int) -> bytes:
    """Return what a body in gzip holds, or more than the limit of it; raises zlib.error, EOFError or BadRequest."""
    return _joined(
        body, limit, lambda: zlib.decompressobj(31), lambda reader, *given: reader.decompress(*given), PIECE_OF_GZIP
    )


def from_zstd(body: bytes, limit: int) -> bytes:
    """Return what a body in zstd holds, or more than the limit of it; raises ZstdError, EOFError or BadRequest."""
    begin = zstandard.ZstdDecompressor().decompressobj
    return _joined(body, limit, begin, lambda reader, piece, _: reader.decompress(piece), PIECE_OF_ZSTD)


def _joined(
    body: bytes,
    limit: int,
    begin: Callable[[], Any],
    decompressed: Callable[[Any, memoryview, int], bytes],
    largest: int,
) -> bytes:
    view, found, at, members = memoryview(body), bytearray(), 0, 0
    while at < len(body):
        reader, size = begin(), FIRST_PIECE
        while not reader.eof:
            piece = view[at : at + size]
            if not piece:
                raise EOFError
            found += decompressed(reader, piece, limit + 1 - len(found))
            if len(found) > limit:
                return bytes(found)
            # What a piece has of the next member is copied, so that pieces begin small.
            at, size = at + len(piece) - len(reader.unused_data), min(2 * size, largest)
        members += 1
        if members > MOST_MEMBERS:
            raise BadRequest(f"The body has more than {MOST_MEMBERS:,} compressed parts; compress more at once.")
        at = PADDING.match(body, at).end() if largest == PIECE_OF_GZIP else at  # type: ignore[union-attr]
    return bytes(found)
