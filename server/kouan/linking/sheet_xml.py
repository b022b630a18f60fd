"""Add cells to the XML of a sheet, and leave every other byte as it was. Knows ISO/IEC 29500's sheets; knows no tables.

A sheet holds more than any library reads: what its cells are made of, what lies over them, what other programs put into it.
So the XML is not written anew: the parser only tells where the rows stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers.expat import ParserCreate
from xml.sax.saxutils import escape

from kouan.formats.spreadsheets import FORBIDDEN

TAG = re.compile(rb"<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
SPANS = re.compile(rb"\s+spans\s*=\s*(?:\"[^\"]*\"|'[^']*')")
AREA_IN_TAG = re.compile(rb"(\bref\s*=\s*[\"'])([^\"']*)")
VALUE_OF_FORMULA = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]")
ROW, CELL = ["worksheet", "sheetData", "row"], ["worksheet", "sheetData", "row", "c"]
MOST_ROWS = 1_048_576
READ_AT_ONCE = 1 << 20
UTF8 = {"", "utf-8", "utf8", "us-ascii"}
# A cell that is added: its column, from 1, and its value.
Added = tuple[int, str | float]


@dataclass(frozen=True)
class BlankCell:
    """A cell that has a format and no value: its column, where it stands, and its format."""

    column: int
    start: int
    end: int
    style: str


@dataclass
class SheetRow:
    """A row by its number: where its tag and its content stand, and the blank cells behind the last that has a value."""

    number: int
    name: str
    start: int
    content: int
    end: int = 0
    blanks: list[BlankCell] = field(default_factory=list)


class SheetXml:
    """Where the rows of a sheet stand in its XML."""

    def __init__(self, content: bytes) -> None:
        """Read the XML; raises ExpatError where it is none, and ValueError where it is not in UTF-8."""
        self.content = content
        self.rows: list[SheetRow] = []
        # The column of the last cell that holds something, and how many formulas have no value.
        self.width = 0
        self.without_value = 0
        # The first row, the last row and the last column of the cells that are merged into one.
        self.merged: list[tuple[int, int, int]] = []
        self._dimension: tuple[int, int] | None = None
        self._path: list[str] = []
        self._column = self._cell = 0
        self._style, self._is_filled, self._has_formula, self._is_text = "", False, False, False
        self._parser = ParserCreate()
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            self._declared("", "UTF-16", 0)
        # Between the pieces somebody may end it.
        for start in range(0, len(content), READ_AT_ONCE):
            self._parser.Parse(content[start : start + READ_AT_ONCE], False)
        self._parser.Parse(b"", True)

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "").casefold() not in UTF8:
            raise ValueError(f"its sheet is in {encoding}")

    def _begin(self, name: str, said: dict[str, str]) -> None:
        at = self._parser.CurrentByteIndex
        self._path.append(name.rpartition(":")[2])
        if self._path == CELL:
            self._cell, self._style = at, said.get("s", "")
            self._column = _place(said["r"])[1] if "r" in said else self._column + 1
            self._is_filled = self._has_formula = False
            self._is_text = said.get("t") == "str"
        elif len(self._path) == 5 and self._path[:4] == CELL:
            self._is_filled = True
            self._has_formula |= self._path[4] == "f"
        elif self._path == ROW:
            number = int(said["r"]) if "r" in said else (self.rows[-1].number + 1 if self.rows else 1)
            if number > MOST_ROWS:
                raise ValueError(f"its sheet has a row {number}, and {MOST_ROWS} is the last that there can be")
            self.rows.append(SheetRow(number, name, at, self._behind_tag(at)))
            self._column = 0
        elif self._path[1:] == ["dimension"]:
            self._dimension = (at, self._behind_tag(at))
        elif self._path[1:] == ["mergeCells", "mergeCell"]:
            first, _, last = said["ref"].partition(":")
            self.merged.append((_place(first)[0], *_place(last or first)))

    def _end(self, _name: str) -> None:
        at = self._parser.CurrentByteIndex
        if self._path == CELL:
            self._end_cell(at)
        elif self._path == ROW:
            self.rows[-1].end = at
        self._path.pop()

    def _end_cell(self, at: int) -> None:
        row = self.rows[-1]
        if not self._is_filled:
            # An empty tag ends where it begins.
            behind = self._behind_tag(self._cell)
            end = behind if self._is_empty_tag(behind) else self.content.index(b">", at) + 1
            row.blanks.append(BlankCell(self._column, self._cell, end, self._style))
            return
        row.blanks.clear()
        self.width = max(self.width, self._column)
        if self._has_formula and not self._is_text and not VALUE_OF_FORMULA.search(self.content, self._cell, at):
            self.without_value += 1

    def _behind_tag(self, at: int) -> int:
        tag = TAG.match(self.content, at)
        if tag is None:
            raise ValueError(f"its sheet has a tag at {at} that is none")
        return tag.end()

    def _is_empty_tag(self, behind: int) -> bool:
        return self.content[behind - 2 : behind] == b"/>"

    def with_cells(self, added: Mapping[int, Sequence[Added]]) -> bytes:
        """Return the XML with cells added to its rows by their numbers, behind all that hold something."""
        edits: list[tuple[int, int, bytes]] = []
        if self._dimension:
            edits.append(self._wider(max((cell[0] for cells in added.values() for cell in cells), default=0)))
        for row in self.rows:
            if cells := added.get(row.number):
                edits += self._edits(row, cells)
        parts, done = [], 0
        for start, end, new in edits:
            parts += [self.content[done:start], new]
            done = end
        return b"".join([*parts, self.content[done:]])

    def _wider(self, column: int) -> tuple[int, int, bytes]:
        """Return the tag that says how large the sheet is, with a column in it."""
        assert self._dimension is not None
        start, end = self._dimension

        def widen(said: re.Match[bytes]) -> bytes:
            first, _, last = said[2].decode().partition(":")
            try:
                row, most = _place(last or first)
            except ValueError:
                # Whole columns, or nothing at all: readers find out for themselves.
                return said[0]
            return said[1] + f"{first}:{letters(max(most, column))}{row}".encode()

        return start, end, AREA_IN_TAG.sub(widen, self.content[start:end], count=1)

    def _edits(self, row: SheetRow, cells: Sequence[Added]) -> list[tuple[int, int, bytes]]:
        """Return what takes the place of which bytes, in order, so that a row has more cells."""
        prefix = row.name.removesuffix("row")
        # Where its cells begin and end is said for speed only, and is not so any more.
        tag = SPANS.sub(b"", self.content[row.start : row.content])
        if self._is_empty_tag(row.content):
            new = b"".join(_cell(prefix, row.number, cell) for cell in cells)
            return [(row.start, row.content, tag[:-2].rstrip() + b">" + new + f"</{row.name}>".encode())]
        edits = [(row.start, row.content, tag)]
        for cell in cells:
            behind = next((blank for blank in row.blanks if blank.column >= cell[0]), None)
            if behind is None:
                edits.append((row.end, row.end, _cell(prefix, row.number, cell)))
            elif behind.column == cell[0]:
                edits.append((behind.start, behind.end, _cell(prefix, row.number, cell, behind.style)))
            else:
                edits.append((behind.start, behind.start, _cell(prefix, row.number, cell)))
        return edits


def _cell(prefix: str, row: int, added: Added, style: str = "") -> bytes:
    column, value = added
    said = f'<{prefix}c r="{letters(column)}{row}"' + (f' s="{style}"' if style else "")
    if not isinstance(value, str):
        return f"{said}><{prefix}v>{value!r}</{prefix}v></{prefix}c>".encode()
    text = escape(FORBIDDEN.sub("\ufffd", value))
    # A text that begins with = is no formula.
    written = f'<{prefix}is><{prefix}t xml:space="preserve">{text}</{prefix}t></{prefix}is>'
    return f'{said} t="inlineStr">{written}</{prefix}c>'.encode()


def letters(column: int) -> str:
    """Return what a column, from 1, is called in a sheet: A, Z, AA."""
    found = ""
    while column:
        column, place = divmod(column - 1, 26)
        found = chr(ord("A") + place) + found
    return found


def _place(reference: str) -> tuple[int, int]:
    """Return the row and the column of a cell as C7."""
    column = 0
    name = reference.rstrip("0123456789")
    for letter in name:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(name) :]), column
