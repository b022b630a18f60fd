"""Read tables from files and write them back with columns added, all else as it was. Knows CSV, TSV, XLSX and Parquet; no names.

A CSV or TSV file keeps its bytes: its encoding, mark, delimiter, quotes and ends of lines. A workbook keeps its other
sheets, formulas and formats, and a Parquet file its types.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kouan.errors import KouanError
from kouan.formats.spreadsheets import FORBIDDEN

DELIMITERS = ",;\t|"
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
TEXT_KINDS = {".csv", ".tsv", ".txt"}
BREAKS = re.compile(r"\r\n|\r|\n")
# A cell may be as long as its file, which is in memory.
csv.field_size_limit(2**31 - 1)


class TableError(KouanError):
    """A table cannot be read or written."""


class Table(ABC):
    """Named columns, rows of values, and the file that they came from."""

    columns: list[str]
    rows: list[list[Any]]

    @abstractmethod
    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the table with the added columns after its own; `added` has a row for each of the table's."""


def read_table(path: Path, encoding: str = "") -> Table:
    """Return the table in a file; TableError where it is missing, empty or of a kind that is not read."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise TableError(f"{path} is not a file.")
    if kind in TEXT_KINDS:
        return TextTable(path, encoding)
    if kind == ".xlsx":
        return Workbook(path)
    if kind == ".parquet":
        return ParquetTable(path)
    raise TableError(f"{path.name} is of no kind that is read; there are .csv, .tsv, .xlsx and .parquet.")


class TextTable(Table):
    """CSV or TSV: records are kept as they were written, so that only what is added is new."""

    def __init__(self, path: Path, encoding: str) -> None:
        content = path.read_bytes()
        self.mark = next((mark for mark in MARKS if content.startswith(mark)), b"")
        # A mark says the encoding whatever is said of it, and is written once.
        self.path = path
        self.encoding, text = _decode(content.removeprefix(self.mark), MARKS.get(self.mark) or encoding, path)
        self.delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text.lstrip())
        self.records = _records(text, self.delimiter, path)
        filled = [record for record in self.records if not _is_blank(record)]
        if not filled:
            raise TableError(f"{path} is empty; its first row must name the columns.")
        self.columns, *self.rows = (self._values(record) for record in filled)
        for number, row in enumerate(self.rows, 2):
            if len(row) > len(self.columns):
                raise TableError(f"{path}: row {number} has more values than there are columns.")
            row += [""] * (len(self.columns) - len(row))

    def _values(self, record: str) -> list[str]:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=self.delimiter, strict=False))

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the records as they were, each with what is added."""
        more = iter([names, *added])
        lines = []
        for record in self.records:
            if _is_blank(record):
                lines.append(record)
                continue
            body = record.rstrip("\r\n")
            missing = len(self.columns) - len(self._values(record))
            lines.append(
                body + self.delimiter * missing + self.delimiter + self._line(next(more)) + record[len(body) :]
            )
        path.write_bytes(self.mark + self._encoded("".join(lines)))

    def append(self, values: Mapping[str, str]) -> None:
        """Add a row to the file itself, each value under its column."""
        last, end = self.records[-1], self.records[0][len(self.records[0].rstrip("\r\n")) :] or "\n"
        line = self._line([values.get(column, "") for column in self.columns])
        with self.path.open("ab") as file:
            file.write(self._encoded(("" if last.endswith(("\r", "\n")) else end) + line + end))

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode(self.encoding)
        except UnicodeError as error:
            raise TableError(
                f"What is added to {self.path} holds characters that {self.encoding} has not; save the table as UTF-8 first."
            ) from error

    def _line(self, values: Sequence[Any]) -> str:
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=self.delimiter, lineterminator="").writerow(values)
        return line.getvalue()


def _is_blank(record: str) -> bool:
    """Return whether a line holds nothing; one of tabs alone holds cells that are empty."""
    return not record.strip(" \r\n")


def _decode(content: bytes, encoding: str, path: Path) -> tuple[str, str]:
    """Return the encoding and the text: the one that is given or marked, else UTF-8, else GB 18030, which holds GBK."""
    # No text has a NUL: it is every other byte of UTF-16 without a mark.
    guessed = [] if b"\0" in content else ["utf-8", "gb18030"]
    for tried in [encoding] if encoding else guessed:
        try:
            return tried, content.decode(tried)
        except LookupError as error:
            raise TableError(
                f"There is no encoding {encoding!r}; there are utf-8, gb18030, utf-16 and others."
            ) from error
        except UnicodeError:
            continue
    raise TableError(f"{path} is not {encoding or 'UTF-8 or GB 18030'}; name its encoding with --encoding.")


def _records(text: str, delimiter: str, path: Path) -> list[str]:
    """Return the records with the ends of their lines (RFC 4180, section 2); a line that ends within quotes goes on in the next.

    Raises TableError with the line of a quotation mark that stands where none can: the rows after it would be swallowed.
    """
    field = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"\r\n{re.escape(delimiter)}]*+)'
    cells = re.compile(rf"{field}(?:{re.escape(delimiter)}{field})*+")
    end = re.compile(r"\r\n|\r|\n|\Z")
    records: list[str] = []
    place, line = 0, 1
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


def _delimiter(text: str) -> str:
    """Return the delimiter of a table, by its first row."""
    header = re.match(r'(?:[^"\r\n]|"[^"]*")*', text)
    outside = "".join((header[0] if header else "").split('"')[::2])
    return max(DELIMITERS, key=outside.count)


class Workbook(Table):
    """The first sheet of an XLSX file."""

    def __init__(self, path: Path) -> None:
        openpyxl = _library("openpyxl", ".xlsx")
        with _readable(path):
            self.book = openpyxl.load_workbook(path)
            # A formula stays a formula in what is written; its value is what is read, where the program that wrote it has left one.
            rows, written = (_rows(openpyxl, path, values=values) for values in (True, False))
        filled = rows[: max((number for number, row in enumerate(rows, 1) if row), default=0)]
        if not filled or not filled[0]:
            raise TableError(f"{path} is empty; its first row must name the columns.")
        width = max(map(len, filled + written))
        header, *self.rows = [row + [None] * (width - len(row)) for row in filled]
        self.columns = ["" if name is None else str(name) for name in header]

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the workbook, with the columns added to the first sheet."""
        sheet = self.book.worksheets[0]
        for number, values in enumerate([names, *added], 1):
            for place, value in enumerate(values, len(self.columns) + 1):
                cell = sheet.cell(number, place, FORBIDDEN.sub("\ufffd", value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    # A name that begins with = is no formula.
                    cell.data_type = "s"
        self.book.save(path)


def _rows(openpyxl: Any, path: Path, *, values: bool) -> list[list[Any]]:
    """Return the rows of the first sheet, with the values of formulas or the formulas."""
    read = openpyxl.load_workbook(path, data_only=values, read_only=True)
    # Some programs say a size that the sheet has not, and a format alone makes rows and columns without end.
    read.worksheets[0].reset_dimensions()
    rows = [_without_blanks(row) for row in read.worksheets[0].iter_rows(values_only=True)]
    read.close()
    return rows


def _without_blanks(row: Sequence[Any]) -> list[Any]:
    """Return a row up to its last cell that holds something."""
    return list(row[: max((place for place, value in enumerate(row, 1) if value is not None), default=0)])


class ParquetTable(Table):
    """A Parquet file, with the types of its columns."""

    def __init__(self, path: Path) -> None:
        with _readable(path):
            self.table = _library("pyarrow.parquet", ".parquet").read_table(path)
            self.rows = [[*row.values()] for row in self.table.to_pylist()]
        self.columns = list(self.table.column_names)

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the columns as they were, and the added ones as text and numbers."""
        table = self.table
        for place, name in enumerate(names):
            values = [row[place] if row[place] != "" else None for row in added]
            arrow = _library("pyarrow", ".parquet")
            is_number = any(isinstance(value, float) for value in values)
            table = table.append_column(name, arrow.array(values, arrow.float64() if is_number else arrow.string()))
        _library("pyarrow.parquet", ".parquet").write_table(table, path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what the libraries raise over a file that is damaged, or is none of its kind, into a TableError."""
    try:
        yield
    except TableError:
        raise
    except Exception as error:
        raise TableError(
            f"{path} cannot be read as {path.suffix}; save it anew in the program that made it ({error})."
        ) from error


def _library(name: str, kind: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TableError(f"{kind} needs the package {name.split('.')[0]}; run pip install 'kouan[tables]'.") from error
