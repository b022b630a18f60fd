"""Add identifiers to a table of names. Knows tables; the service decides, or a person, and nothing is fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

from kouan.graph.whole_numbers import whole_number
from kouan.linking.any_table import Table, TableError
from kouan.linking.asked import Condition
from kouan.linking.candidate import Candidate
from kouan.linking.decisions import Decision, Decisions, Mapped, NameInRow
from kouan.linking.service import Service
from kouan.linking.things import Thing
from kouan.vocabulary import KOUAN

ADDED = ("kouan_id", "kouan_label", "wikidata_id", "kouan_score", "kouan_status", "kouan_reason")
SURE, DOUBTFUL, UNMATCHED, DECIDED, REJECTED = "sure", "doubtful", "unmatched", "decided", "rejected"
# The property whose column holds the class of the thing.
TYPE = "type"
# How many candidates a person may choose from.
MOST = 9


class Reply(Enum):
    """What a person may say of a doubtful name but for a candidate: none is meant, nothing yet, the one before again, no more."""

    NONE = auto()
    LATER = auto()
    BACK = auto()
    STOP = auto()


@dataclass(frozen=True)
class DoubtfulName:
    """A doubtful name with its candidates, which one it is of how many, and what was said of it in this pass."""

    asked: NameInRow
    candidates: Sequence[Candidate]
    number: int
    count: int
    decision: Decision | None = None


Ask = Callable[[DoubtfulName], Candidate | Reply]


@dataclass(frozen=True)
class Columns:
    """The columns that hold names, and those that say more of the things: a column, the property that it holds, and the
    column of names that it speaks of, "" for all of them."""

    names: tuple[str, ...]
    said: tuple[tuple[str, str, str], ...] = ()
    kind: str = ""

    def said_of(self, name: str) -> list[tuple[str, str]]:
        """Return the columns that say more of a column of names, each with its property."""
        return [(column, pid) for column, pid, of in self.said if of in {"", name}]

    def places(self, table: Table) -> dict[str, int]:
        """Return where each column stands; raises TableError where one is not there, or one of those that are added is."""
        taken = [name for name in self.added if name in table.columns]
        if taken:
            raise TableError(
                f"{table.called} already has {', '.join(taken)}; rename or remove what is to be added anew."
            )
        return {column: _place(column, table) for column in (*self.names, *(column for column, _, _ in self.said))}

    @property
    def added(self) -> list[str]:
        """Return the names of the columns that are added: of several columns each has its own."""
        if len(self.names) == 1:
            return list(ADDED)
        return [f"{column}_{name}" for column in self.names for name in ADDED]


@dataclass
class RowMatch:
    """What was found of a name: candidates, and what a person decided."""

    candidates: list[Candidate]
    decision: Decision | None = None

    @property
    def status(self) -> str:
        """Return how sure it is, and who said so."""
        if self.decision is not None:
            return DECIDED if self.decision.is_match else REJECTED
        return UNMATCHED if not self.candidates else SURE if self.candidates[0].match else DOUBTFUL


@dataclass
class Reconciliation:
    """One table, the things that its names mean, and the decisions of those who looked."""

    table: Table
    columns: Columns
    service: Service
    decisions: Decisions
    found: dict[NameInRow, RowMatch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = self.columns.places(self.table)

    def _value(self, row: Sequence[Any], column: str) -> str:
        value = row[self.places[column]]
        return "" if value is None else str(value).strip()

    def asked(self) -> Iterator[tuple[NameInRow, ...]]:
        """Return for each row what its names are asked with."""
        for row in self.table.rows:
            yield tuple(
                NameInRow(
                    self._value(row, name), "; ".join(f"{pid}={value}" for pid, value in self._evidence(row, name))
                )
                for name in self.columns.names
            )

    def match(self, progress: Callable[[int], None]) -> None:
        """Find the things of every name; `progress` is told how many rows were done since it was told last."""
        for row, asked in zip(self.table.rows, self.asked(), strict=True):
            for each, name in zip(asked, self.columns.names, strict=True):
                if each not in self.found:
                    conditions = [Condition(pid, value) for pid, value in self._said(row, name)]
                    self.found[each] = RowMatch(self._candidates(each.name, conditions), self._decided(each))
            progress(1)

    def _decided(self, asked: NameInRow) -> Decision | None:
        """Return what was decided of a name, the thing by its IRI; raises TableError where the data has no such thing."""
        decision = self.decisions.made.get(asked)
        if decision is None or not decision.is_match:
            return decision
        if (thing := self.service.gazetteer.find(decision.id)) is None:
            raise TableError(
                f"{self.decisions.path} says that {asked.name!r} is {decision.id}, which the data does not have; correct it, "
                "or name another file with --decisions."
            )
        return Decision(thing.iri, thing.label, decision.date)

    def _said(self, row: Sequence[Any], name: str) -> list[tuple[str, str]]:
        """Return what a row says of the thing in a column of names: properties with their values."""
        return [(pid, value) for column, pid in self.columns.said_of(name) if (value := self._value(row, column))]

    def _evidence(self, row: Sequence[Any], name: str) -> list[tuple[str, str]]:
        """Return what a name is decided by: what its row says, and the class of all, where no column says one."""
        said = self._said(row, name)
        kind = self.columns.kind.removeprefix(KOUAN)
        return said if not kind or any(pid == TYPE for pid, _ in said) else [*said, (TYPE, kind)]

    def _candidates(self, name: str, conditions: list[Condition]) -> list[Candidate]:
        if not name and not conditions:
            return []
        types = [text for each in conditions if each.pid == TYPE for text in each.texts]
        kind = next((known for text in types if (known := self.service.gazetteer.class_named(text))), self.columns.kind)
        others = [each for each in conditions if each.pid != TYPE]
        return self.service.candidates([name], [kind] if kind else [], others, MOST)

    def ask(self, person: Ask) -> None:
        """Ask a person of each doubtful name, and keep what is said; what was decided before is not asked again."""
        doubtful = [(asked, found) for asked, found in self.found.items() if found.status == DOUBTFUL]
        place = 0
        while place < len(doubtful):
            asked, found = doubtful[place]
            said = person(DoubtfulName(asked, found.candidates, place + 1, len(doubtful), found.decision))
            if said is Reply.STOP:
                return
            if said is Reply.BACK:
                place = max(0, place - 1)
                continue
            if isinstance(said, Candidate):
                found.decision = self.decisions.add(asked, said.thing)
            elif said is Reply.NONE:
                found.decision = self.decisions.add(asked, None)
            elif found.decision is not None:
                self.decisions.withdraw(asked)
                found.decision = None
            place += 1

    def write(self, path: Path) -> Counter[str]:
        """Return how many names have each status, after writing the table with the columns that are added."""
        counts: Counter[str] = Counter({SURE: 0, DOUBTFUL: 0, UNMATCHED: 0})
        added = []
        for row in self.asked():
            cells: list[Any] = []
            for each in row:
                found = self.found[each]
                # Where nothing is named, by an identifier either, nothing is missed.
                if not each.name and found.status == UNMATCHED:
                    cells += [""] * len(ADDED)
                    continue
                counts[found.status] += 1
                cells += self._cells(found)
            added.append(cells)
        self.table.write(self.columns.added, added, path)
        return counts

    def _cells(self, found: RowMatch) -> list[Any]:
        decision = found.decision
        if decision is not None:
            thing = self.service.gazetteer.find(decision.id) if decision.is_match else None
            wikidata = thing.wikidata if thing else ""
            return [
                decision.id,
                decision.label,
                wikidata,
                "",
                found.status,
                f"decided on {decision.date}" if decision.date else "decided",
            ]
        if not found.candidates:
            return ["", "", "", "", found.status, "no name is alike"]
        best = found.candidates[0]
        return [
            best.thing.iri,
            best.thing.label,
            best.thing.wikidata,
            best.score,
            found.status,
            self.table.written(reason(found.candidates)),
        ]

    def mapped(self) -> Iterator[Mapped]:
        """Return what is sure or was decided, as mappings."""
        today = datetime.now(UTC).date().isoformat()
        for asked, found in self.found.items():
            if not asked.name:
                # What a code alone tells is no mapping of a text.
                continue
            if found.decision is not None:
                yield Mapped(
                    asked, found.decision.id, found.decision.label, 1.0, is_manual=True, date=found.decision.date
                )
            elif found.status == SURE:
                thing: Thing = found.candidates[0].thing
                sure = found.candidates[0].score / 100
                yield Mapped(asked, thing.iri, thing.label, sure, is_manual=False, date=today)


def reason(found: Sequence[Candidate]) -> str:
    """Return what speaks for the first candidate, and which others come near where it is no match."""
    best = found[0]
    parts = [f"called={best.thing.met(best.called)}"] if best.called else []
    parts += [f"{name}={value}" for name, value in best.features.items()]
    others = [f"{other.thing.identifier} {other.score:g}" for other in found[1:3] if best.score - other.score < 15]
    return "; ".join(parts) + (f"; also {', '.join(others)}" if others and not best.match else "")


def _place(column: str, table: Table) -> int:
    """Return which column is meant by its name, or by its number as in #2; raises TableError."""
    named = [place for place, name in enumerate(table.columns) if name == column]
    if len(named) > 1:
        numbers = [f"#{place + 1}" for place in named]
        raise TableError(
            f"{table.called} has {len(named)} columns {column!r}; say {' or '.join(numbers)} for the one you mean."
        )
    if named:
        return named[0]
    number = whole_number(column[1:]) if column.startswith("#") else None
    if number and number <= len(table.columns):
        return number - 1
    raise TableError(
        f"{table.called} has no column {column!r}; it has {', '.join(repr(each) for each in table.columns if each)}, by the row "
        f"that names them (--header-row names another).{table.elsewhere}"
    )
