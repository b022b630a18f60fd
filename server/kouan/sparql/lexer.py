"""Cut SPARQL text into its terminals (SPARQL 1.2 Query, section 19.8). Knows no grammar above them.

The terminals are three lists of equal length: what each is, where it starts, where it ends. What a terminal is, is its own
text for a sign, its text in capitals for a word (but for `a`, `true` and `false`, which are written small), and one of the
classes below for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

NAME_START = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NAME = NAME_START + "_0-9\\-\u00b7\u0300-\u036f\u203f-\u2040"
VARIABLE = NAME_START + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
LOCAL = rf"(?:[{NAME_START}_:0-9]|{ESCAPED})(?:[{NAME}:]++|{ESCAPED}|\.++(?=[{NAME}:]|{ESCAPED}))*+"
NUMBER = r"(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++"
LONG_STRING = r'"""[^"\\]*+(?:(?:\\.|""?(?!"))[^"\\]*+)*+"""' + "|" + r"'''[^'\\]*+(?:(?:\\.|''?(?!'))[^'\\]*+)*+'''"
STRING = r'"(?:[^"\\\r\n]++|\\.)*+"' + "|" + r"'(?:[^'\\\r\n]++|\\.)*+'"
IRIREF = r'<[^<>"{}|^`\\\x00-\x20]*+>'
COMMENT = r"\#[^\r\n]*+"
SPACE = rf"(?:[\x20\t\r\n]++|{COMMENT})*+"
SIGN = r"[}(\[\];,*/=~?]|\.(?![0-9])|\{\|?|\)(?:>>)?|\^\^?|&&|\|[|}]?|!=?|>[=>]?|[+-](?!\.?[0-9])"

CLASSES = (
    "",
    "var",
    "word",
    "pname",
    "sign",
    "iri",
    "sign",
    "string",
    "number",
    "signed",
    "blank",
    "lang",
    "run",
    "end",
    "bad",
)
ALTERNATIVES = [
    rf"[?$][{VARIABLE}]++",
    rf"[A-Za-z][A-Za-z0-9_]*+(?![{NAME}.:])",
    # A name is taken as far as it goes, dots included: trying each shorter one would take time in the square of a long text.
    rf"(?:[{NAME_START}][{NAME}.]*+(?<!\.))?:(?:{LOCAL})?",
    SIGN,
    IRIREF,
    r"<(?:<\(?|=)?",
    f"{LONG_STRING}|{STRING}",
    NUMBER,
    rf"[+-](?:{NUMBER})",
    rf"_:[{NAME_START}_0-9](?:[{NAME}]++|\.++(?=[{NAME}]))*+",
    r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?",
    rf"[{NAME_START}][{NAME}.]*+",
    r"\Z",
    r".",
]
TERMINALS = re.compile(SPACE + "(?:" + "|".join(f"({each})" for each in ALTERNATIVES) + ")", re.DOTALL)
# What is left of a run of letters, dots and hyphens once no colon makes it a name: `true.` is two terminals.
PIECES = re.compile(rf"([A-Za-z][A-Za-z0-9_]*+)|({NUMBER}|[+-](?:{NUMBER}))|(.)", re.DOTALL)
# `a` is one in small letters only; the others are words, and those are in any letters.
SMALL = {"a": "a"}
SMALL |= {
    "".join(letters): word for word in ("true", "false") for letters in product(*zip(word, word.upper(), strict=True))
}

# Characters that can be no terminal: a text that still has to be unescaped holds some, and one of other data nothing else.
MOST_BAD = 1_000

Terminals = tuple[list[str], list[int], list[int]]


def scan(text: str, at: int = 0, until: frozenset[int] | None = None) -> Terminals:
    """Return the terminals of a text from an offset on; white space and comments lie between them, and "end" is the last.

    With `until` it stops before the first terminal that starts at one of these offsets.
    """
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    small, classes, patience = SMALL, CLASSES, MOST_BAD
    for found in TERMINALS.finditer(text, at):
        number = found.lastindex
        assert number is not None
        start, end = found.span(number)
        if until is not None and start in until:
            break
        if number == 1 or number == 3:
            kinds.append(classes[number])
        elif number == 2:
            word = found[2]
            kinds.append(small.get(word) or word.upper())
        elif number == 4 or number == 6:
            kinds.append(found[number])
        elif number == 12:
            _cut(text, start, end, (kinds, starts, ends))
            continue
        else:
            kinds.append(classes[number])
        starts.append(start)
        ends.append(end)
        if number == 13:
            break
        if number == 14:
            patience -= 1
            if not patience:
                # No text, whatever comes after it; the first of them is the fault that is told.
                kinds.append("end")
                starts.append(len(text))
                ends.append(len(text))
                break
    return kinds, starts, ends


def _cut(text: str, start: int, end: int, terminals: Terminals) -> None:
    """Add the terminals of a run of letters that is no name."""
    kinds, starts, ends = terminals
    for found in PIECES.finditer(text, start, end):
        piece = found.group()
        if found.lastindex == 1:
            kinds.append(SMALL.get(piece) or piece.upper())
        elif found.lastindex == 2:
            kinds.append("signed" if piece[0] in "+-" else "number")
        else:
            kinds.append(piece if piece in ".-" else "bad")
        starts.append(found.start())
        ends.append(found.end())


def comments(text: str) -> Iterator[str]:
    """Yield the comments of a text, each with its sign."""
    _, starts, ends = scan(text)
    for end, start in zip([0, *ends], starts, strict=False):
        for line in text[end:start].replace("\r", "\n").split("\n"):
            _, sign, comment = line.partition("#")
            if sign:
                yield sign + comment


def place(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
