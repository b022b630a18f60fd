"""Add identifiers to a table of names (CSV, TSV, XLSX, Parquet). Knows tables; the matcher decides, and nothing is fetched."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.errors import KouanError
from kouan.linking.matching import Candidate, Evidence, Matcher

ADDED = ("kouan_id", "kouan_label", "wikidata_id", "kouan_score", "kouan_status", "kouan_reason")
SURE, DOUBTFUL, UNMATCHED = "sure", "doubtful", "unmatched"


class TableError(KouanError):
    """A table cannot be read or written."""


@dataclass
class Table:
    """Named columns and rows of values; what was read is never changed, only added to."""

    columns: list[str]
    rows: list[list[Any]]


def reconcile_table(
    table: Table, column: str, matcher: Matcher, evidence_of: Callable[[dict[str, Any]], Evidence]
) -> Counter[str]:
    """Return how many names were sure, doubtful and unmatched, after adding the columns of ADDED to the table.

    Raises TableError where the table has no such column, or already has one of those that are added.
    """
    if column not in table.columns:
        raise TableError(f"The table has no column {column!r}; it has {', '.join(map(repr, table.columns))}.")
    taken = [name for name in ADDED if name in table.columns]
    if taken:
        raise TableError(f"The table already has {', '.join(taken)}; rename or remove what is to be added anew.")
    counts: Counter[str] = Counter({SURE: 0, DOUBTFUL: 0, UNMATCHED: 0})
    place = table.columns.index(column)
    for row in table.rows:
        text = "" if row[place] is None else str(row[place]).strip()
        found = matcher.candidates(text, evidence_of(dict(zip(table.columns, row, strict=True))), 3) if text else []
        status = SURE if found and found[0].match else DOUBTFUL if found else UNMATCHED
        counts[status] += 1
        row += _added(found, status)
    table.columns += ADDED
    return counts


def _added(found: list[Candidate], status: str) -> list[Any]:
    if not found:
        return ["", "", "", "", status, "no name is alike"]
    best = found[0]
    return [best.thing.iri, best.thing.label, best.thing.wikidata, best.score, status, _reason(found)]


def _reason(found: list[Candidate]) -> str:
    best = found[0]
    parts = [f"{name}={value}" for name, value in best.features.items()]
    others = [f"{other.thing.identifier} {other.score:g}" for other in found[1:] if best.score - other.score < 15]
    return "; ".join(parts) + (f"; also {', '.join(others)}" if others and not best.match else "")


def read_table(path: Path) -> Table:
    """Return the table in a file; TableError where it is missing, empty or of a kind that is not read."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise TableError(f"{path} is not a file.")
    if kind in {".csv", ".tsv", ".txt"}:
        rows = _read_text(path, "\t" if kind == ".tsv" else ",")
    elif kind == ".xlsx":
        rows = _read_workbook(path)
    elif kind == ".parquet":
        return _read_parquet(path)
    else:
        raise TableError(f"{path.name} is of no kind that is read; there are .csv, .tsv, .xlsx and .parquet.")
    if not rows:
        raise TableError(f"{path} is empty; its first row must name the columns.")
    width = len(rows[0])
    even = [[*row, *[""] * (width - len(row))] for row in rows[1:]]
    crooked = next((i for i, row in enumerate(even, 2) if len(row) > width), None)
    if crooked:
        raise TableError(f"{path}: row {crooked} has more values than there are columns.")
    return Table([str(name) for name in rows[0]], even)


def write_table(table: Table, path: Path) -> None:
    """Write a table in the kind that the file's name says."""
    kind = path.suffix.lower()
    if kind == ".xlsx":
        _write_workbook(table, path)
    elif kind == ".parquet":
        _write_parquet(table, path)
    elif kind in {".csv", ".tsv", ".txt"}:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t" if kind == ".tsv" else ",", lineterminator="\n")
            writer.writerows([table.columns, *table.rows])
    else:
        raise TableError(f"{path.name} is of no kind that is written; there are .csv, .tsv, .xlsx and .parquet.")


def _read_text(path: Path, delimiter: str) -> list[list[Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [list(row) for row in csv.reader(file, delimiter=delimiter) if row]
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8.") from error


def _read_workbook(path: Path) -> list[list[Any]]:
    openpyxl = _library("openpyxl", ".xlsx")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows: Iterable[Any] = book.worksheets[0].iter_rows(values_only=True)
    return [list(row) for row in rows]


def _write_workbook(table: Table, path: Path) -> None:
    book = _library("openpyxl", ".xlsx").Workbook()
    for row in (table.columns, *table.rows):
        book.active.append(row)
    book.save(path)


def _read_parquet(path: Path) -> Table:
    columns = _library("pyarrow.parquet", ".parquet").read_table(path)
    names = list(columns.column_names)
    return Table(names, [[row[name] for name in names] for row in columns.to_pylist()])


def _write_parquet(table: Table, path: Path) -> None:
    columns = {name: [row[i] if row[i] != "" else None for row in table.rows] for i, name in enumerate(table.columns)}
    arrow = _library("pyarrow", ".parquet").table(columns)
    _library("pyarrow.parquet", ".parquet").write_table(arrow, path)


def _library(name: str, kind: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TableError(f"{kind} needs the package {name.split('.')[0]}; run pip install 'kouan[tables]'.") from error
