"""Cut SPARQL text into its terminals (SPARQL 1.1 Query, section 19.8). Knows no grammar above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
TERMINALS = re.compile(
    r"""
      (?P<space>[\x20\t\r\n]+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<long>'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''|\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\")
    | (?P<string>'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$][\w\u00B7\u0300-\u036F\u203F-\u2040]+)
    | (?P<blank>_:[\w](?:[\w.\-\u00B7]*[\w\-\u00B7])?)
    | (?P<prefixed>(?:[^\W\d_](?:[\w.\-\u00B7]*[\w\-\u00B7])?)?:(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)(?:(?:[\w.:\-\u00B7]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:\-\u00B7]|%[0-9A-Fa-f]{2}|\\.))?)?)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<open><<\(|<<|\{\||[({\[])
    | (?P<close>\)>>|>>|\|\}|[)}\]])
    | (?P<sign>\^\^|&&|\|\||!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal and where it starts, as an offset into the text."""

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """Return the word in capitals, or "" where the terminal is not a word."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """Return the terminals of a query or update but white space and comments."""
    for found in TERMINALS.finditer(text):
        kind = found.lastgroup or "sign"
        if kind not in {"space", "comment"}:
            yield Token(kind, found.group(), found.start())


def decode_codepoints(text: str) -> str:
    r"""Return the text with \uXXXX and \UXXXXXXXX replaced, as is done before parsing (section 19.2)."""
    if "\\" not in text:
        return text
    return CODEPOINT.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else found[0]


def place(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
