"""Read CSV and TSV, and write them back with columns added, every byte of theirs as it was. Knows RFC 4180; knows no names."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Mapping, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import Any

from kouan.linking.any_table import AS_FOUND, Layout, Table, TableError
from kouan.linking.text_guessing import CHINESE, decoded, delimiter_of, delimiter_said, shown

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# A line with which Excel is told the delimiter; it names no columns.
SAID = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
BREAKS = re.compile(r"\r\n|\r|\n")
LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# A cell may be as long as its file, which is in memory.
csv.field_size_limit(2**31 - 1)


class TextTable(Table):
    """CSV or TSV: records are kept as they were written, so that only what is added is new."""

    def __init__(self, path: Path, layout: Layout = AS_FOUND) -> None:
        """Read the file; raises TableError where it is no table, or none of that layout."""
        content = path.read_bytes()
        self.mark = next((mark for mark in MARKS if content.startswith(mark)), b"")
        # A mark says the encoding whatever is said of it, and is written once.
        self.path = path
        said = MARKS.get(self.mark) or layout.encoding
        self.encoding, text = decoded(content.removeprefix(self.mark), said, path)
        if not said and self.encoding in CHINESE:
            self.notes = [f"{path.name}: read as {CHINESE[self.encoding]}; --encoding says another."]
        self.head, text, delimiter = _head(text, layout.header_row)
        if layout.delimiter:
            delimiter = delimiter_said(layout.delimiter)
        guessed = "\t" if path.suffix.lower() == ".tsv" else ""
        self.delimiter = delimiter or guessed or delimiter_of(text, path)
        self.records = _records(text, self.delimiter, path, 1 + len(BREAKS.findall(self.head)))
        filled = [record for record in self.records if not _is_blank(record)]
        if not filled:
            raise TableError(f"{path} is empty; its first row must name the columns.")
        self._bytes = _bytes_of([self.head, *self.records], content.removeprefix(self.mark), self.encoding, path)
        self.columns, *self.rows = (self._values(record) for record in filled)
        # The line of the file in which each row begins.
        self.lines = self._lines()[1:]
        for number, row in zip(self.lines, self.rows, strict=True):
            if len(row) > len(self.columns):
                raise TableError(
                    f"{path}: line {number} has more values than there are columns, where {shown(self.delimiter)} parts them; "
                    "--delimiter says another sign, --header-row which row names the columns."
                )
            row += [""] * (len(self.columns) - len(row))

    def _lines(self) -> list[int]:
        """Return the line of the file that each record begins in, empty ones left out."""
        found, line = [], 1 + len(BREAKS.findall(self.head))
        for record in self.records:
            if not _is_blank(record):
                found.append(line)
            line += len(BREAKS.findall(record))
        return found

    def _values(self, record: str) -> list[str]:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=self.delimiter, strict=False))

    def is_cut(self, columns: Set[str]) -> bool:
        """Return whether the last row has no end, and so may lack a part of what it says in one of the columns.

        A value is whole where a delimiter stands behind it.
        """
        if not self.rows or self.records[-1].endswith(("\r", "\n")) or _is_blank(self.records[-1]):
            return False
        return len(self._values(self.records[-1])) < len(self.columns) or self.columns[-1] in columns

    def written(self, text: str) -> str:
        """Return a remark as the file can hold it: a character that its encoding has not is told by its number."""
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the records as they were, each with what is added."""
        more = iter([names, *added])
        head, *records = self._bytes
        lines = [self.mark, head]
        for record, as_it_was in zip(self.records, records, strict=True):
            if _is_blank(record):
                lines.append(as_it_was)
                continue
            end = self._encoded(record[len(record.rstrip("\r\n")) :])
            missing = len(self.columns) - len(self._values(record))
            new = self._encoded(self.delimiter * missing + self.delimiter + self._line(next(more)))
            lines += [as_it_was.removesuffix(end), new, end]
        path.write_bytes(b"".join(lines))

    def append(self, values: Mapping[str, str]) -> None:
        """Add a row to the file itself, each value under its column; a row that finds no room on the disk leaves nothing of it."""
        last, end = self.records[-1], self.records[0][len(self.records[0].rstrip("\r\n")) :] or "\n"
        line = self._line([values.get(column, "") for column in self.columns])
        append_whole(self.path, self._encoded(("" if last.endswith(("\r", "\n")) else end) + line + end))

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode(self.encoding)
        except UnicodeError as error:
            raise TableError(
                f"What is added to {self.path} holds characters that {self.encoding} has not; save the table as UTF-8 first."
            ) from error

    def _line(self, values: Sequence[Any]) -> str:
        line = io.StringIO(newline="")
        # What holds a part of the end of a line is quoted, whatever that of this file is.
        csv.writer(line, delimiter=self.delimiter, lineterminator="\r\n").writerow(values)
        return line.getvalue().removesuffix("\r\n")


def _bytes_of(parts: Sequence[str], content: bytes, encoding: str, path: Path) -> list[bytes]:
    """Return the bytes that each part of a text was read from; TableError where what is read cannot be told from them.

    Some encodings have two ways to write a character, but one to end a line.
    """
    try:
        if "\u53e3".encode(encoding, "backslashreplace") and "".join(parts).encode(encoding) == content:
            return [part.encode(encoding) for part in parts]
        lines = iter(LINES.findall(content))
        found = [b"".join(islice(lines, _lines_in(part))) for part in parts]
        if [each.decode(encoding) for each in found] == [*parts]:
            return found
    except UnicodeError:
        pass
    raise TableError(f"{path} cannot be written back as {encoding}; save the table as UTF-8 first.")


def _lines_in(text: str) -> int:
    return len(BREAKS.findall(text)) + (0 if text.endswith(("\r", "\n")) or not text else 1)


def _head(text: str, header_row: int) -> tuple[str, str, str]:
    """Return the lines before the one that names the columns, the rest, and the delimiter where the first line tells it."""
    said = SAID.match(text)
    begin = said.end() if said else 0
    for number, found in enumerate(BREAKS.finditer(text), 1):
        if number == header_row - 1:
            begin = max(begin, found.end())
    if header_row - 1 > len(BREAKS.findall(text)):
        begin = len(text)
    return text[:begin], text[begin:], said[1] if said else ""


def _is_blank(record: str) -> bool:
    """Return whether a line holds nothing; one of tabs alone holds cells that are empty."""
    return not record.strip(" \r\n")


def _records(text: str, delimiter: str, path: Path, line: int) -> list[str]:
    """Return the records with the ends of their lines (RFC 4180, section 2); a line that ends within quotes goes on in the next.

    Raises TableError with the line of a quotation mark that stands where none can: the rows after it would be swallowed.
    """
    field = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"\r\n{re.escape(delimiter)}]*+)'
    cells = re.compile(rf"{field}(?:{re.escape(delimiter)}{field})*+")
    end = re.compile(r"\r\n|\r|\n|\Z")
    records: list[str] = []
    place = 0
    while place < len(text):
        found = cells.match(text, place)
        assert found is not None
        ended = end.match(text, found.end())
        if ended is None:
            line += len(BREAKS.findall(found[0]))
            raise TableError(
                f"{path}:{line}: a quotation mark stands where none can. A cell that has one is quoted, and each "
                'of its own is doubled: "5"" pipe".'
            )
        records.append(text[place : ended.end()])
        line += len(BREAKS.findall(records[-1]))
        place = ended.end()
    return records


def append_whole(path: Path, content: bytes) -> None:
    """Add bytes to a file, or raise OSError and leave it as it was: a part of a row would be read as another row."""
    with path.open("ab", buffering=0) as file:
        length = file.seek(0, os.SEEK_END)
        try:
            while content:
                content = content[file.write(content) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(length)
            raise
