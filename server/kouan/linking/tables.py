"""Add identifiers to a table of names. Knows tables; the matcher decides, and nothing is fetched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.linking.matching import Candidate, Evidence, Matcher
from kouan.linking.service import COORDINATES
from kouan.linking.table_files import Table, TableError

ADDED = ("kouan_id", "kouan_label", "wikidata_id", "kouan_score", "kouan_status", "kouan_reason")
SURE, DOUBTFUL, UNMATCHED = "sure", "doubtful", "unmatched"


@dataclass(frozen=True)
class Columns:
    """The columns of a table that say which thing is meant: its name, and what else is known of it."""

    name: str
    kind: str = ""
    within: str = ""
    code: str = ""
    point: str = ""

    @property
    def named(self) -> list[str]:
        """Return the columns that the table must have."""
        return [column for column in (self.name, self.kind, self.within, self.code, self.point) if column]


def reconcile_table(table: Table, columns: Columns, kind: str, matcher: Matcher, path: Path) -> Counter[str]:
    """Return how many names were sure, doubtful and unmatched, after writing the table with the columns of ADDED.

    `kind` is the class of them all, or "". Raises TableError where the table has no such column or several, or already has one
    of those that are added.
    """
    places = {column: _place(column, table.columns) for column in columns.named}
    taken = [name for name in ADDED if name in table.columns]
    if taken:
        raise TableError(f"The table already has {', '.join(taken)}; rename or remove what is to be added anew.")
    counts: Counter[str] = Counter({SURE: 0, DOUBTFUL: 0, UNMATCHED: 0})
    added = []
    for row in table.rows:
        values = {name: "" if row[place] is None else str(row[place]) for name, place in places.items()}
        text = values[columns.name].strip()
        found = matcher.candidates(text, _evidence(values, columns, kind, matcher), 3) if text else []
        status = SURE if found and found[0].match else DOUBTFUL if found else UNMATCHED
        counts[status] += 1
        added.append(_added(found, status))
    table.write(ADDED, added, path)
    return counts


def _place(column: str, columns: list[str]) -> int:
    """Return which column is meant by its name, or by its number as in #2; raises TableError."""
    named = [place for place, name in enumerate(columns) if name == column]
    if len(named) > 1:
        numbers = [f"#{place + 1}" for place in named]
        raise TableError(
            f"The table has {len(named)} columns {column!r}; say {' or '.join(numbers)} for the one you mean."
        )
    if named:
        return named[0]
    number = column.removeprefix("#")
    if number != column and number.isascii() and number.isdigit() and 0 < int(number) <= len(columns):
        return int(number) - 1
    raise TableError(f"The table has no column {column!r}; it has {', '.join(map(repr, columns))}.")


def _evidence(values: dict[str, str], columns: Columns, kind: str, matcher: Matcher) -> Evidence:
    def given(column: str) -> tuple[str, ...]:
        text = values[column].strip() if column else ""
        return (text,) if text else ()

    # A class that the graph has not is no evidence against a thing.
    written = next((matcher.gazetteer.class_named(text) for text in given(columns.kind)), "")
    found = [COORDINATES.match(text) for text in given(columns.point)]
    point = next(((float(m[1]), float(m[2])) for m in found if m), None)
    types = (written or kind,) if written or kind else ()
    return Evidence(types, given(columns.within), given(columns.code), point=point)


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
