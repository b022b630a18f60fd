"""Cut SPARQL text into its terminals (SPARQL 1.1 Query, section 19.8). Knows no grammar above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
LONG_STRING = r"""'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''|\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\""""
STRING = r"""'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*\""""
PART = r"[\w:]|%[0-9A-Fa-f]{2}|\\."
LOCAL = rf"(?:(?:{PART})(?:(?:{PART}|[.\-\u00B7])*(?:{PART}|[\-\u00B7]))?)?"
# A name is taken as far as it goes, dots included, and cut afterwards where no colon follows: trying both would take
# time in the square of a long text.
TERMINALS = re.compile(
    r"""
      (?P<space>[\x20\t\r\n]+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<long>LONG_STRING)
    | (?P<string>STRING)
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$][\w\u00B7\u0300-\u036F\u203F-\u2040]+)
    | (?P<blank>_:[\w](?:[\w.\-\u00B7]*[\w\-\u00B7])?)
    | (?P<name>(?>[^\W\d_][\w.\-\u00B7]*))(?P<local>:LOCAL)?
    | (?P<prefixed>:LOCAL)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>\w+)
    | (?P<open><<\(|<<|\{\||[({\[])
    | (?P<close>\)>>|>>|\|\}|[)}\]])
    | (?P<sign>\^\^|&&|\|\||!=|<=|>=|.)
    """.replace("LONG_STRING", LONG_STRING)
    .replace("STRING", STRING)
    .replace("LOCAL", LOCAL),
    re.VERBOSE | re.DOTALL,
)
WORDS = re.compile(r"\w+|[^\w]")


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
        if kind == "name":
            yield from _words(found.group(), found.start())
        elif kind not in {"space", "comment"}:
            yield Token("prefixed" if kind == "local" else kind, found.group(), found.start())


def comments(text: str) -> Iterator[str]:
    """Return the comments of a query or update, each with its sign."""
    return (found.group() for found in TERMINALS.finditer(text) if found.lastgroup == "comment")


def _words(name: str, start: int) -> Iterator[Token]:
    if name.isalnum():
        yield Token("word", name, start)
        return
    for found in WORDS.finditer(name):
        text = found.group()
        yield Token("word" if text[0].isalpha() or text[0] == "_" else "sign", text, start + found.start())


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
