"""Make the lines of N-Triples and N-Quads that announce a version of RDF comments, which the engine reads (RDF 1.2 N-Triples, section 2.2).

Knows lines; knows nothing of statements. No place is moved.
"""

from __future__ import annotations

import io
import re
from typing import IO

WORD = "VERSION"
PATTERN = r'(\A|(?<=[\r\n]))([ \t]*)V(?=ERSION[ \t]*"(?:[^"\\\r\n]|\\[^\r\n])*"[ \t]*(?:#|[\r\n]|\Z))'
IN_TEXT, IN_BYTES = re.compile(PATTERN), re.compile(PATTERN.encode())
READ_AT_ONCE = 64 * 1024
# No announcement is in a line so long, whose end is not waited for.
LONGEST_LINE = 1 << 20


def as_comments(text: str) -> str:
    """Return a document whose announcements are comments."""
    return IN_TEXT.sub(r"\1\2#", text) if WORD in text else text


class Announced(io.RawIOBase):
    """A document whose announcements are comments, read as it comes."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._ready = self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most so many."""
        while not self._ready:
            part = self._source.read(READ_AT_ONCE)
            lines = self._rest + part
            # A line that has not come to its end may yet be one of them.
            is_line = part and len(lines) < LONGEST_LINE
            end = max(lines.rfind(b"\n"), lines.rfind(b"\r")) + 1 if is_line else len(lines)
            self._ready, self._rest = lines[:end], lines[end:]
            if WORD.encode() in self._ready:
                self._ready = IN_BYTES.sub(rb"\1\2#", self._ready)
            if not part:
                break
        given = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(given) :]
        return given
