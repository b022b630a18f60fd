"""Keep what a person decided about names in a table of its own, and tell it to others as SSSOM. Knows no matcher."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from kouan.errors import KouanError
from kouan.linking.text_tables import TextTable, append_whole
from kouan.linking.things import Thing
from kouan.vocabulary import ID, SKOS

MATCH, NO_MATCH = "match", "no match"
COLUMNS = ("name", "evidence", "decision", "id", "label", "date")
# What would say something else if it were shorter.
DECIDING = frozenset(COLUMNS[:4])
SSSOM = (
    "subject_label", "subject_type", "predicate_id", "object_id", "object_label", "mapping_justification", "confidence",
    "mapping_date", "mapping_tool", "comment",
)  # fmt: skip
# What SSSOM puts where nothing is meant (https://mapping-commons.github.io/sssom/spec-model/).
NOTHING = "sssom:NoTermFound"
UNSPECIFIED = "https://w3id.org/sssom/license/unspecified"


@dataclass(frozen=True)
class NameInRow:
    """A name and what a row says beside it, in one line: the same is decided once for every row that has it."""

    name: str
    evidence: str = ""


@dataclass(frozen=True)
class Decision:
    """What a person said of a name: the thing that it means, or that it means none that there is."""

    id: str
    label: str = ""
    date: str = ""

    @property
    def is_match(self) -> bool:
        """Return whether a thing was chosen."""
        return bool(self.id)


class Decisions:
    """The decisions in a file, which each new one is added to at once."""

    def __init__(self, path: Path | None) -> None:
        """Read the file where there is one, however a spreadsheet has saved it; raises KouanError where it holds anything else."""
        self.path = path
        self.made: dict[NameInRow, Decision] = {}
        if path is None or not _is_begun(path):
            return
        table = TextTable(path)
        if not set(COLUMNS) <= set(table.columns):
            raise KouanError(f"{path} holds no decisions; its first line must be {','.join(COLUMNS)}.")
        if table.is_cut(DECIDING):
            raise KouanError(
                f"{path}: line {table.lines[-1]} has no end and may be cut short; complete it and end it with a line break, or "
                "remove it."
            )
        for number, row in enumerate(table.rows, 2):
            said = {column: value.strip() for column, value in zip(table.columns, row, strict=True)}
            decision = said["decision"].casefold()
            if decision not in {MATCH, NO_MATCH, ""} or (decision == MATCH and not said["id"]):
                raise KouanError(
                    f"{path}: row {number} must have {MATCH!r} and the id of a thing, or {NO_MATCH!r}, or nothing."
                )
            asked = NameInRow(said["name"], said["evidence"])
            # The last that was said of a name holds; nothing takes back what was said before.
            self.made.pop(asked, None)
            if decision:
                chosen = said["id"] if decision == MATCH else ""
                self.made[asked] = Decision(chosen, said["label"], _day(said["date"]))

    def add(self, asked: NameInRow, thing: Thing | None) -> Decision:
        """Return the decision for a thing, or for none, after it was kept."""
        today = datetime.now(UTC).date().isoformat()
        decision = Decision(thing.iri, thing.label, today) if thing else Decision("", "", today)
        self.made[asked] = decision
        said = MATCH if decision.is_match else NO_MATCH
        self._keep(asked, said, decision)
        return decision

    def withdraw(self, asked: NameInRow) -> None:
        """Take back what was decided of a name."""
        self.made.pop(asked, None)
        self._keep(asked, "", Decision(""))

    def _keep(self, asked: NameInRow, said: str, decision: Decision) -> None:
        if self.path is None:
            return
        row = (asked.name, asked.evidence, said, decision.id, decision.label, decision.date)
        try:
            if not _is_begun(self.path):
                append_whole(self.path, f"{','.join(COLUMNS)}\n".encode())
            TextTable(self.path).append(dict(zip(COLUMNS, row, strict=True)))
        except OSError as error:
            raise KouanError(f"{self.path} cannot be written: {error.strerror}.") from error


def _is_begun(path: Path) -> bool:
    """Return whether a file of decisions is there; a disk that was full leaves one with nothing in it, which is none."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        # A name that is too long for any file is none's.
        return False


def _day(text: str) -> str:
    """Return a date as it was written here, "" for one that a spreadsheet wrote in its way, which may mean either of two days."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


@dataclass(frozen=True)
class Mapped:
    """A name, the thing that it was found to mean, how sure that is from 0 to 1, and whether a person said so."""

    asked: NameInRow
    id: str
    label: str
    confidence: float
    is_manual: bool
    date: str


def write_sssom(mapped: Iterable[Mapped], title: str) -> str:
    """Return mappings of the texts of a table as SSSOM in tab-separated values; a name that means nothing is said so."""
    text = io.StringIO()
    ordered = sorted(set(mapped), key=lambda each: (each.asked.name, each.asked.evidence))
    # The same mappings of the same table have one name; under which licence they are is their maker's to say.
    named = (
        f"mapping_set_id: {uuid5(NAMESPACE_URL, repr((title, ordered))).urn}",
        f"mapping_set_title: {json.dumps(title, ensure_ascii=False)}",
    )
    head = ("curie_map:", f"  id: {ID}", f"  skos: {SKOS}", *PREFIXES, *named, f"license: {UNSPECIFIED}")
    text.writelines(f"#{line}\n" for line in head)
    rows = csv.writer(text, delimiter="\t", lineterminator="\n")
    rows.writerow(SSSOM)
    for each in ordered:
        object = f"id:{each.id.removeprefix(ID)}" if each.id.startswith(ID) else each.id or NOTHING
        justification = "semapv:ManualMappingCuration" if each.is_manual else "semapv:LexicalMatching"
        said = (each.asked.name, "rdfs literal", "skos:exactMatch", object, each.label, justification)
        rows.writerow([*said, f"{each.confidence:.3f}", each.date, "Kouan", each.asked.evidence])
    return text.getvalue()


PREFIXES = ("  semapv: https://w3id.org/semapv/vocab/", "  sssom: https://w3id.org/sssom/")
