r"""Replace the escapes \uXXXX and \UXXXXXXXX of a text before it is read (SPARQL 1.2 Query, section 19.2). Knows no grammar.

By SPARQL 1.2 they stand in strings and IRIs only, and so it is with the engine; by SPARQL 1.1 they stand anywhere and are
replaced before anything else is looked at. The text that comes out has none left, so that all engines read it alike:
`"a\u0022b"` becomes `"a\"b"`, and one in a comment cannot end it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from kouan.errors import QuerySyntaxError
from kouan.sparql.lexer import COMMENT, LONG_STRING, STRING, place

ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
IN_IRI = re.compile(r'[^<>"{}|^`\\\x00-\x20]')
# What holds escapes in a way of its own, and a single escape elsewhere; \' in a name opens no string.
PARTS = re.compile(
    rf"(?P<string>{LONG_STRING}|{STRING})|(?P<comment>{COMMENT})"
    rf"""|(?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{ESCAPE.pattern})*+>)|(?P<escape>{ESCAPE.pattern})|\\.""",
    re.DOTALL,
)
DIGITS = {r"\u": 4, r"\U": 8}
IN_COMMENT = re.compile(r"\\(?=[uU])")
IN_STRING = re.compile(rf"{ESCAPE.pattern}|\\.", re.DOTALL)
SIGNS = {'"': r"\"", "'": r"\'", "\\": "\\\\", "\n": r"\n", "\r": r"\r"}


class Decoded:
    """A text without escapes, and where each part of it stood before."""

    def __init__(self, text: str) -> None:
        r"""Replace the escapes; raises QuerySyntaxError where one stands outside of strings and IRIs."""
        self.original = text
        pieces: list[str] = []
        # After each replacement, from where on the new text lies how much before the old one.
        self._from: list[int] = [0]
        self._less: list[int] = [0]
        at = length = 0
        for part in PARTS.finditer(text):
            if "\\" not in part.group():
                continue
            for start, end, new in self._replacements(part):
                pieces += (text[at:start], new)
                length += start - at + len(new)
                at = end
                self._from.append(length)
                self._less.append(end - length)
        self.text = "".join(pieces) + text[at:]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of the old text at which an offset of the new one stood, both counted from 1."""
        known = bisect_right(self._from, offset) - 1
        return place(self.original, offset + self._less[known])

    def _replacements(self, part: re.Match[str]) -> Iterator[tuple[int, int, str]]:
        kind = part.lastgroup or ""
        pattern = {"string": IN_STRING, "comment": IN_COMMENT}.get(kind, ESCAPE)
        for escape in pattern.finditer(self.original, part.start(), part.end()):
            new = _character(escape) if escape.lastindex else None
            if kind == "escape":
                raise QuerySyntaxError(
                    f"{escape.group()} stands outside of strings and IRIs, where SPARQL 1.2 allows no escape; write the "
                    "character itself",
                    *place(self.original, escape.start()),
                )
            if kind == "comment":
                new = " "
            elif kind == "string" and new is not None:
                new = SIGNS.get(new, new)
            elif kind == "string" and escape.group() in DIGITS:
                raise QuerySyntaxError(
                    f"{escape.group()} is followed by {DIGITS[escape.group()]} hexadecimal digits",
                    *place(self.original, escape.start()),
                )
            if new is not None and (kind != "iri" or IN_IRI.match(new)):
                yield escape.start(), escape.end(), new


def _character(escape: re.Match[str]) -> str | None:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None
