"""Find out in which encoding a text is, and what parts the columns of a table in it. Knows how Chinese is written; no names."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from kouan.graph.place_names import HAN
from kouan.linking.any_table import TableError

DELIMITERS = ",;\t|"
# How a delimiter may be called where a shell takes the sign itself for something else.
CALLED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
NAMED = {"\t": "a tab"}
# Neither is told from the other by its bytes, but the text that is meant has characters that are in use.
CHINESE = {"gb18030": "GB 18030", "cp950": "Big5"}
# What Python begins with a mark wherever it writes something.
MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# How much of a text must look as if it were meant, and what a character speaks for: rare ones stand in names, too.
LEAST, RARE, OTHER = 0.5, 0.6, 0.5
# A word of Cyrillic letters comes about by no mistake.
CYRILLIC = re.compile("[\u0400-\u04ff]{4,}")
# So much of a text is looked at.
ENOUGH = 65_536


def decoded(content: bytes, encoding: str, path: Path) -> tuple[str, str]:
    """Return the encoding of bytes and their text: the encoding that is given, else UTF-8, GB 18030, which holds GBK, or Big5.

    Raises TableError where none of them reads as a text that is meant.
    """
    if encoding:
        try:
            return MARKED.get(codecs.lookup(encoding).name, encoding), content.decode(encoding)
        except LookupError as error:
            raise TableError(
                f"There is no encoding {encoding!r}; there are utf-8, gb18030, big5, utf-16 and others."
            ) from error
        except UnicodeError as error:
            raise TableError(f"{path} is not {encoding}; name its encoding with --encoding.") from error
    # No text has a NUL: it is every other byte of UTF-16 without a mark.
    read = dict(_readings(content)) if b"\0" not in content else {}
    if "utf-8" in read:
        return "utf-8", read["utf-8"]
    meant = {name: _meant(text, name) for name, text in read.items()}
    best = max(meant, key=lambda name: meant[name], default="")
    if not best or meant[best] < LEAST:
        raise TableError(f"{path} is neither UTF-8 nor GB 18030 nor Big5; name its encoding with --encoding.")
    return best, read[best]


def _readings(content: bytes) -> Iterator[tuple[str, str]]:
    for name in ("utf-8", *CHINESE):
        try:
            yield name, content.decode(name)
        except UnicodeError:
            continue
        if name == "utf-8":
            return


def _meant(text: str, encoding: str) -> float:
    """Return how much of a text looks as if it were meant where it is read in an encoding, from 0 to 1."""
    used, rare = _in_use(encoding)
    looked = [*islice((char for char in text if not char.isascii()), ENOUGH)]
    words = sum(len(word) for word in CYRILLIC.findall("".join(looked)))
    told = (
        (1.0 if char in used else RARE if char in rare else 0.0)
        if HAN.match(char)
        else OTHER
        if char.isprintable()
        else 0.0
        for char in looked
    )
    return min(1.0, (sum(told) + words * (1 - OTHER)) / max(1, len(looked)))


@lru_cache
def _in_use(encoding: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters in common use, and the rarer ones that an encoding was made for: the standards list them apart.

    GB 2312 has its level 1 from 0xB0 on and its level 2 from 0xD8 on, Big5 from 0xA4 and from 0xC9 on.
    """
    simplified, traditional = _characters("gb2312", 0xB0, 0xD8), _characters("big5", 0xA4, 0xC7)
    rare = _characters("gb2312", 0xD8, 0xF8) if encoding == "gb18030" else _characters("big5", 0xC9, 0xFA)
    return simplified | traditional, rare


def _characters(encoding: str, first: int, end: int) -> frozenset[str]:
    pairs = (
        bytes((lead, trail)).decode(encoding, "ignore") for lead in range(first, end) for trail in range(0x40, 0xFF)
    )
    return frozenset(char for char in pairs if HAN.fullmatch(char))


def delimiter_said(said: str) -> str:
    """Return the delimiter that a person means; raises TableError where it can be none."""
    delimiter = CALLED.get(said.casefold(), said)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise TableError(f"{said!r} parts no columns; --delimiter is one character such as , or ; or tab.")
    return delimiter


def delimiter_of(text: str, path: Path) -> str:
    """Return what parts the columns: the sign that parts every row into no more values than the first, and most alike.

    Raises TableError where two do so alike; where none parts the first row, there is one column.
    """
    fits = {sign: fit for sign in DELIMITERS if (fit := _fit(_widths(text, sign)))}
    if not fits:
        # One column: what parts a row beneath it is told by its line.
        return DELIMITERS[0]
    best = max(fits.values())
    alike = [sign for sign, fit in fits.items() if fit == best]
    if len(alike) > 1:
        options = " or ".join(f"--delimiter {'tab' if sign == chr(9) else repr(sign)}" for sign in alike)
        raise TableError(
            f"{path}: {' and '.join(map(shown, alike))} part its rows alike; say which is meant with {options}."
        )
    return alike[0]


def shown(delimiter: str) -> str:
    """Return what a delimiter is called in a sentence."""
    return NAMED.get(delimiter, repr(delimiter))


def _widths(text: str, delimiter: str) -> list[int]:
    """Return how many values the first rows have, the last one left out where it may go on."""
    rows = csv.reader(io.StringIO(text[:ENOUGH], newline=""), delimiter=delimiter, strict=False)
    widths = [len(row) for row in rows if len(row) > 1 or any(cell.strip() for cell in row)]
    return widths[:-1] if len(text) > ENOUGH and len(widths) > 1 else widths


def _fit(widths: Sequence[int]) -> tuple[float, float, int] | None:
    """Return how well a delimiter fits: rows that are not too wide, rows as wide as the first, columns; None where it parts none."""
    if not widths or widths[0] == 1:
        return None
    count = len(widths)
    return (
        sum(width <= widths[0] for width in widths) / count,
        sum(width == widths[0] for width in widths) / count,
        widths[0],
    )
