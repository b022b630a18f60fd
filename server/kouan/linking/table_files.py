"""Read a table from a file of any kind that is read. Knows which kind is read how; knows no names.

A CSV or TSV file keeps its bytes: its encoding, mark, delimiter, quotes and ends of lines. A workbook keeps all its parts,
and a Parquet file its types.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kouan.linking.any_table import AS_FOUND, Layout, Table, TableError, library, readable
from kouan.linking.text_tables import TextTable
from kouan.linking.workbooks import Workbook

TEXT_KINDS, WORKBOOKS = {".csv", ".tsv", ".txt"}, {".xlsx", ".xlsm"}


def read_table(path: Path, layout: Layout = AS_FOUND) -> Table:
    """Return the table in a file; TableError where it is missing, empty, of a kind that is not read, or has no such layout."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise TableError(f"{path} is not a file.")
    if kind not in {*TEXT_KINDS, *WORKBOOKS, ".parquet"}:
        raise TableError(f"{path.name} is of no kind that is read; there are .csv, .tsv, .xlsx, .xlsm and .parquet.")
    if layout.sheet and kind not in WORKBOOKS:
        raise TableError(f"{path.name} has no sheets; --sheet is for .xlsx and .xlsm.")
    if (layout.encoding or layout.delimiter) and kind not in TEXT_KINDS:
        raise TableError(f"{path.name} is no text; --encoding and --delimiter are for .csv and .tsv.")
    if kind in TEXT_KINDS:
        return TextTable(path, layout)
    if kind in WORKBOOKS:
        return Workbook(path, layout)
    if layout.header_row != 1:
        raise TableError(f"{path.name} has no row that names its columns; --header-row is for the other kinds.")
    return ParquetTable(path)


class ParquetTable(Table):
    """A Parquet file, with the types of its columns."""

    def __init__(self, path: Path) -> None:
        with readable(path):
            self.table = library("pyarrow.parquet", ".parquet").read_table(path)
            self.rows = [[*row.values()] for row in self.table.to_pylist()]
        self.columns = list(self.table.column_names)

    def write(self, names: Sequence[str], added: Sequence[Sequence[Any]], path: Path) -> None:
        """Write the columns as they were, and the added ones as text and numbers."""
        table = self.table
        for place, name in enumerate(names):
            values = [row[place] if row[place] != "" else None for row in added]
            arrow = library("pyarrow", ".parquet")
            is_number = any(isinstance(value, float) for value in values)
            table = table.append_column(name, arrow.array(values, arrow.float64() if is_number else arrow.string()))
        library("pyarrow.parquet", ".parquet").write_table(table, path)
