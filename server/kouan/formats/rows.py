"""Count the rows of a table while its bytes pass by, for the log. Knows what begins a row in each format, and no terms."""

from __future__ import annotations

import re

# What no term can hold, for a quote within a text is escaped in JSON and < is in XML. In CSV what stands in quotes is passed
# over; its line of names is one row too many, and so it is in TSV.
ROWS = {
    "application/sparql-results+json": (re.compile(rb'[\[,]\{"[^"\\]+":\{"type"'), 0),
    "application/sparql-results+xml": (re.compile(rb"<result>"), 0),
    "text/tab-separated-values": (re.compile(rb"\n"), 1),
    "text/csv": (re.compile(rb'"(?:[^"]|"")*(?:"|\Z)|\n'), 1),
}
# A name, or a text in quotes, that was cut where a piece of the answer ends is read on up to this length.
LONGEST = 1 << 16
QUOTE = ord('"')


class RowCount:
    """The rows of an answer of a media type, as far as it was seen."""

    def __init__(self, media_type: str) -> None:
        known = ROWS.get(media_type)
        self._pattern = known[0] if known else None
        self._names = known[1] if known else 0
        self._found = 0
        self._rest = b""

    def see(self, data: bytes) -> None:
        """Take the next piece of the answer."""
        if self._pattern is None:
            return
        data = self._rest + data
        end = 0
        for found in self._pattern.finditer(data):
            is_quoted = data[found.start()] == QUOTE
            if is_quoted and found.end() == len(data):
                # It may go on in the next piece.
                break
            end = found.end()
            self._found += not is_quoted
        self._rest = data[max(end, len(data) - LONGEST) :]

    @property
    def rows(self) -> int | None:
        """Return how many rows there are, None in a format in which they are not counted."""
        return None if self._pattern is None else max(0, self._found - self._names)
