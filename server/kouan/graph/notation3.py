"""Hand on a document in Notation3 as long as it is RDF: what it quotes and its rules state nothing. Knows signs, no grammar.

Notation3 (W3C Community Group, 2023), sections 2.6 and 5: a formula is quoted and not asserted, and a variable is no term of RDF.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from typing import IO

from kouan.graph.faults import DocumentRefused

LONGEST_LINE = 1 << 20
SIGN = re.compile(
    rb"""#[^\n]*|<[^<>"\x00-\x20]*>|(?P<long>\"{3}|'{3})|"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+'|\\.|(?P<refused>[{?])""",
    re.DOTALL,
)
# What ends a text of many lines, by what it began with.
ENDS = {
    quotes: re.compile(rb"(?:\\.|(?!%b)[^\\])*+(?P<end>%b)?" % (quotes, quotes), re.DOTALL)
    for quotes in (b'"""', b"'''")
}
REFUSED = {
    b"{": "{ begins a formula of Notation3, which states nothing and is no RDF; write what the data states without it",
    b"?": "? begins a variable of Notation3, which is no term of RDF; rules are not read here",
}


class PlainNotation3(io.RawIOBase):
    """The bytes of a document; raises OSError where it is no RDF, and then has `fault`."""

    def __init__(self, source: IO[bytes]) -> None:
        self.fault: DocumentRefused | None = None
        self._source = source
        self._left = b""
        self._line = 0
        self._within = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most so many."""
        if not self._left:
            line = self._source.readline(LONGEST_LINE)
            self._left = line if self._line else line.removeprefix(BOM_UTF8)
            self._line += 1
            self._look_at(self._left)
        given = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(given) :]
        return given

    def _look_at(self, line: bytes) -> None:
        place = 0
        while place < len(line):
            if self._within:
                found = ENDS[self._within].match(line, place)
                assert found is not None
                place = found.end()
                if found["end"] is None:
                    return
                self._within = b""
            found = SIGN.search(line, place)
            if found is None:
                return
            if found["refused"]:
                self._refuse(found["refused"], len(line[: found.start()].decode(errors="replace")) + 1)
            self._within = found["long"] or b""
            place = found.end()

    def _refuse(self, sign: bytes, column: int) -> None:
        self.fault = DocumentRefused(f"Parser error at line {self._line} column {column}: {REFUSED[sign]}")
        self.fault.lineno, self.fault.offset = self._line, column
        raise OSError(self.fault.msg)
