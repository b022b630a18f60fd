"""Read a sheet of a workbook, and write the workbook with columns added to it. Knows packages of parts; knows no names.

All other parts, such as pictures, charts, macros and the other sheets, are copied as they are, and of the sheet's own XML
nothing but the new cells is new: so the values that a program worked out for its formulas stay, too.
"""

from __future__ import annotations

import posixpath
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from kouan.linking.any_table import Layout, Table, TableError, library, readable
from kouan.linking.packages import refuse_endless
from kouan.linking.sheet_xml import Added, SheetXml, letters

# A sheet has columns up to XFD.
MOST_COLUMNS = 16_384


class Workbook(Table):
    """One sheet of an XLSX or XLSM file, the first unless another is named."""

    def __init__(self, path: Path, layout: Layout) -> None:
        """Read the sheet; raises TableError where the file is none, or has no such sheet or row."""
        self.path = path
        with readable(path):
            self.parts = _sheets(path)
            if layout.sheet and layout.sheet not in self.parts:
                raise TableError(f"{path.name} has no sheet {layout.sheet!r}; it has {_listed(self.parts)}.")
            self.name = layout.sheet or next(iter(self.parts))
            with ZipFile(path) as package:
                self.sheet = SheetXml(package.read(self.parts[self.name]))
            rows = _rows(path, self.name, self.sheet)
        others = [name for name in self.parts if name != self.name]
        self.called = f"The sheet {self.name!r}"
        self.elsewhere = f" {path.name} also has {_listed(others)}; --sheet names one." if others else ""
        self.header_row = layout.header_row
        # Rows that hold nothing are none of the table's, however many stand before the last.
        self.numbers = [number for number in sorted(rows) if number > layout.header_row]
        header = rows.get(layout.header_row)
        if not header:
            raise TableError(
                f"{path}: row {layout.header_row} of the sheet {self.name!r} is empty; it must name the columns, or "
                f"--header-row the row that does.{self.elsewhere}"
            )
        below = [rows[number] for number in self.numbers]
        width = max(self.sheet.width, len(header), *map(len, below))
        self.rows = [row + [None] * (width - len(row)) for row in below]
        self.columns = ["" if name is None else str(name) for name in [*header, *[None] * (width - len(header))]]
        self.notes = self._notes(others, is_named=bool(layout.sheet))

    def _notes(self, others: Sequence[str], *, is_named: bool) -> list[str]:
        notes = []
        if others and not is_named:
            notes.append(f"{self.path.name}: reading the sheet {self.name!r}.{self.elsewhere}")
        if count := self.sheet.without_value:
            formulas = "1 formula has" if count == 1 else f"{count} formulas have"
            notes.append(
                f"{self.path.name}: {formulas} no value yet and {'is' if count == 1 else 'are'} read as empty; open the "
                "workbook in a spreadsheet program and save it, so that the values are in it."
            )
        return notes

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the workbook, with the columns added to the sheet."""
        last = max([self.header_row, *self.numbers])
        # What is merged into one cell shows nothing but its first, so what is added stands behind it.
        merged = (column for first, end, column in self.sheet.merged if first <= last and end >= self.header_row)
        begin = max(len(self.columns), *merged, 0) + 1
        if begin + len(names) - 1 > MOST_COLUMNS:
            raise TableError(f"{self.called} has no room for {len(names)} columns behind {letters(begin - 1)}.")
        cells: dict[int, list[Added]] = {
            number: [(place, value) for place, value in enumerate(values, begin) if value != ""]
            for number, values in zip([self.header_row, *self.numbers], [names, *added], strict=True)
        }
        with ZipFile(self.path) as package, ZipFile(path, "w") as written:
            for part in package.infolist():
                is_sheet = part.filename == self.parts[self.name]
                written.writestr(part, self.sheet.with_cells(cells) if is_sheet else package.read(part))


def _listed(names: Sequence[str] | dict[str, str]) -> str:
    return ("the sheet " if len(names) == 1 else "the sheets ") + ", ".join(map(repr, names))


def _sheets(path: Path) -> dict[str, str]:
    """Return the sheets with cells of a workbook, in order, each with the part of the package that holds it."""
    with ZipFile(path) as package:
        refuse_endless(package)
        (book,) = (part for _, kind, part in _leads(package, "") if kind == "officeDocument")
        leads = {id: part for id, kind, part in _leads(package, book) if kind == "worksheet"}
        names: dict[str, str] = {}
        for each in ElementTree.fromstring(package.read(book)).iter():
            if _local(each.tag) == "sheet":
                id = next(
                    (value for key, value in each.attrib.items() if key.startswith("{") and _local(key) == "id"), ""
                )
                if id in leads:
                    names[each.attrib["name"]] = leads[id]
    if not names:
        raise TableError(f"{path} has no sheet with cells.")
    return names


def _leads(package: ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Return what a part, or the package itself, leads to: the name of each relation, its kind and the other part."""
    folder, name = posixpath.split(part)
    relations = ElementTree.fromstring(package.read(posixpath.join(folder, "_rels", f"{name}.rels")))
    return [
        (
            each.attrib["Id"],
            each.attrib["Type"].rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, each.attrib["Target"])).lstrip("/"),
        )
        for each in relations
    ]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _rows(path: Path, name: str, sheet: SheetXml) -> dict[int, list[Any]]:
    """Return the rows that hold something by their numbers, with the values of formulas that the program that wrote it has left."""
    numbers = [row.number for row in sheet.rows]
    # What reads row by row leaves out those that stand behind a later one.
    is_in_order = numbers == sorted(numbers)
    with warnings.catch_warnings():
        # It says what would be lost if it wrote the workbook.
        warnings.simplefilter("ignore")
        read = library("openpyxl", path.suffix).load_workbook(path, data_only=True, read_only=is_in_order)
        if is_in_order:
            # Some programs say a size that the sheet has not, and a format alone makes rows and columns without end.
            read[name].reset_dimensions()
        numbered = enumerate(read[name].iter_rows(values_only=True), 1)
        rows = {number: kept for number, row in numbered if (kept := _without_blanks(row))}
        read.close()
    return rows


def _without_blanks(row: Sequence[Any]) -> list[Any]:
    """Return a row up to its last cell that holds something."""
    return list(row[: max((place for place, value in enumerate(row, 1) if value is not None), default=0)])
