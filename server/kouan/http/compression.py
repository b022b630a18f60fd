"""Compress an answer as its client likes best (RFC 9110, section 12.5.3). Knows codings, no answers."""

from __future__ import annotations

import gzip
import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kouan.http.wsgi import header

SMALLEST = 1024
LONGEST_HEADER = 1000
# What is larger is compressed less closely, and in a fraction of the time.
LARGE = 1024 * 1024
# How files begin that somebody compressed, and whether that is undone where a header says it.
COMPRESSED = {
    b"\x1f\x8b": ("gzip", True),
    b"\x28\xb5\x2f\xfd": ("zstd", True),
    b"BZh": ("bzip2", False),
    b"\xfd7zXZ": ("xz", False),
    b"PK\x03\x04": ("zip", False),
}


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _codings() -> dict[str, Callable[[bytes], bytes]]:
    """Return the codings that there are libraries for, the best first."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    zstandard, brotli = _module("zstandard"), _module("brotli")
    if zstandard is not None:
        found["zstd"] = lambda body: bytes(
            zstandard.ZstdCompressor(level=10 if len(body) < LARGE else 3).compress(body)
        )
    if brotli is not None:
        found["br"] = lambda body: bytes(brotli.compress(body, quality=5 if len(body) < LARGE else 4))
    found["gzip"] = lambda body: gzip.compress(body, 6 if len(body) < LARGE else 4, mtime=0)
    return found


CODINGS = _codings()


def codings_asked(scope: Any) -> str:
    """Return what a request says that it likes its answer coded in, "" where it asks for a part: that is one of it as it is."""
    return "" if "range" in scope.headers else header(scope, "accept-encoding")


def choose(accept_encoding: str) -> str:
    """Return the coding that an Accept-Encoding header likes best, "" where it likes none of ours, or is longer than any."""
    return _liked_best(accept_encoding) if len(accept_encoding) <= LONGEST_HEADER else ""


@lru_cache(maxsize=256)
def _liked_best(accept_encoding: str) -> str:
    best = max(CODINGS, key=lambda coding: quality_of(accept_encoding, coding))
    quality = quality_of(accept_encoding, best)
    return best if quality > 0 and quality >= quality_of(accept_encoding, "identity") else ""


def quality_of(accept_encoding: str, coding: str) -> float:
    """Return how well an Accept-Encoding header likes a coding, from 0 to 1."""
    qualities: dict[str, float] = {}
    for part in accept_encoding.split(","):
        name, _, rest = part.partition(";")
        text = rest.strip().lower().removeprefix("q=")
        try:
            qualities[name.strip().lower()] = float(text) if text else 1.0
        except ValueError:
            continue
    return qualities.get(coding, qualities.get("*", 0.0))


def compress(body: bytes, coding: str) -> bytes:
    """Return the body in a coding."""
    return CODINGS[coding](body)


def says_not_compressed(body: bytes, what: str) -> str:
    """Return what to tell who sends a file that is compressed and does not say so, "" where it is none."""
    coding, is_undone = next((known for start, known in COMPRESSED.items() if body.startswith(start)), ("", False))
    if not coding:
        return ""
    if is_undone:
        return f"{what} is compressed with {coding} and does not say so; send the header Content-Encoding: {coding} with it."
    return f"{what} is compressed with {coding}, which is not undone here; send what is in it, as it is or with gzip."
