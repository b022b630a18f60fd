"""Tell whether a JSON text that comes in pieces has come to its end. Knows brackets and quotes, nothing of what is said."""

from __future__ import annotations

import re

ESCAPED = re.compile(rb"\\.", re.DOTALL)
KEPT = b'"{}[]'
LEFT_OUT = bytes(set(range(256)) - set(KEPT))


class Nesting:
    """How deep a text stands in its brackets after the pieces that came so far."""

    def __init__(self) -> None:
        self._depth = 0
        self._is_begun = False
        self._carried = b""

    def add(self, piece: bytes) -> None:
        """Take the next piece, wherever the text was cut into pieces."""
        text = ESCAPED.sub(b"", self._carried + piece) if b"\\" in self._carried + piece else self._carried + piece
        # A backslash that is left belongs to what comes next.
        escape = b"\\" if text.endswith(b"\\") else b""
        # Between two quotation marks brackets are text.
        parts = text.translate(None, LEFT_OUT).split(b'"')
        marks = b"".join(parts[::2])
        # What is quoted and has no end yet goes on in what comes next: of it the quotation mark is enough.
        self._carried = (b"" if len(parts) % 2 else b'"') + escape
        opened = marks.count(b"{") + marks.count(b"[")
        self._depth += opened - marks.count(b"}") - marks.count(b"]")
        self._is_begun = self._is_begun or bool(opened)

    @property
    def is_whole(self) -> bool:
        """Return whether the object that the text is was closed, and nothing else was begun."""
        return self._is_begun and self._depth == 0 and not self._carried
