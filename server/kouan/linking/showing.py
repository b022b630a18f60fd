"""Say things, their kinds and their values as JSON, in the language of who asks. Knows things; knows no version of a protocol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any

from pyoxigraph import Literal, NamedNode

from kouan.linking.asked import SAME_AS, Json, full_name, short_name
from kouan.linking.columns import COLUMNS, Cell, Column
from kouan.linking.gazetteer import Gazetteer, folded
from kouan.linking.things import Term, Thing
from kouan.vocabulary import KOUAN, XSD

PLACE = KOUAN + "Place"
# What a dialog offers first of our own kinds.
USEFUL = ("Place", "City", "County", "Province", "Country", "Port", "CooperationZone", "Policy", "CooperationPlatform")
# How many kinds of other data are offered first.
MOST_TYPES = 9

# Of the areas that hold a thing so many are told, the widest among them.
MOST_PLACES = 8


@dataclass(frozen=True)
class Shown:
    """One gazetteer as it is shown in one language."""

    gazetteer: Gazetteer
    language: str = "en"
    _depths: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def name(self, thing: Thing) -> str:
        """Return the label of a thing in the language, else in English, else in any."""
        return thing.labels.get(self.language) or thing.label

    def describe(self, thing: Thing) -> str:
        """Return one line that tells the thing from others: its kinds and where it lies."""
        kinds = sorted(self.name_of(kind) for kind in thing.types if self.is_leaf(kind, thing))
        known = self.gazetteer.things
        holders = [known[place] for place in sorted(thing.within - {thing.iri}) if place in known]
        # The nearest first: what lies in more areas is the smaller.
        nearest = sorted(holders, key=lambda holder: -len(holder.within))
        # Other data may have thousands, one in the other.
        shown = nearest if len(nearest) <= MOST_PLACES else [*nearest[: MOST_PLACES - 1], nearest[-1]]
        places = [self.name(holder) for holder in shown]
        within, comma = ("，位于", "、") if self.language == "zh" else (" in ", ", ")
        return comma.join(kinds) + (within + comma.join(places) if places else "")

    def types(self, thing: Thing) -> list[Json]:
        """Return the types of a thing, the widest first, so that a dialog proposes one that its neighbours have too."""
        known = [kind for kind in thing.types if kind in self.gazetteer.terms]
        ordered = sorted(known, key=lambda kind: (kind != PLACE, self._depth(kind), kind))
        return [{"id": short_name(kind), "name": self.name_of(kind)} for kind in ordered]

    def widest(self, thing: Thing) -> list[Json]:
        """Return the two widest of the types that a dialog offers first; of other data, all."""
        types = self.types(thing)
        useful = [kind for kind in types if KOUAN + kind["id"] in self.gazetteer.terms and kind["id"] in USEFUL]
        return sorted(useful, key=lambda kind: USEFUL.index(kind["id"]))[:2] or types

    def suggested(self, thing: Thing) -> Json:
        """Return a thing as a list of suggestions has it."""
        notable = [
            {"id": short_name(kind), "name": self.name_of(kind)}
            for kind in sorted(thing.types)
            if self.is_leaf(kind, thing)
        ]
        return {
            "id": thing.identifier,
            "name": self.name(thing),
            "description": self.describe(thing),
            "notable": notable,
        }

    def is_leaf(self, kind: str, thing: Thing) -> bool:
        """Return whether a thing has no narrower type than one that is known."""
        terms = self.gazetteer.terms
        return kind in terms and not any(kind in terms[other].broader for other in thing.types if other in terms)

    def _depth(self, kind: str) -> int:
        """Return how many classes stand above a class, remembered."""
        if kind not in self._depths:
            above: set[str] = set()
            open_ = [kind]
            while open_:
                term = self.gazetteer.terms.get(open_.pop())
                wider = set(term.broader if term else ()) - above
                above |= wider
                open_ += wider
            self._depths[kind] = len(above)
        return self._depths[kind]

    def name_of(self, term: str) -> str:
        """Return the label of a class or a property, else the end of its IRI."""
        known = self.gazetteer.terms.get(term)
        return (known.labels.get(self.language) or known.label if known else "") or short_name(term)

    def default_types(self) -> list[Json]:
        """Return the types that a dialog offers first: ours, or the most used ones of other data."""
        useful = [KOUAN + kind for kind in USEFUL if KOUAN + kind in self.gazetteer.terms]
        counts: dict[str, int] = {}
        for thing in self.gazetteer.things.values() if not useful else ():
            for kind in thing.types & set(self.gazetteer.terms):
                counts[kind] = counts.get(kind, 0) + 1
        chosen = useful or sorted(counts, key=lambda kind: (-counts[kind], kind))[:MOST_TYPES]
        return [{"id": short_name(kind), "name": self.name_of(kind)} for kind in chosen]

    def terms(self, kind: str) -> list[Json]:
        """Return every type or property that can be asked for; of properties the columns come first."""
        things = self.gazetteer.things.values()
        used = {each for thing in things for each in (thing.types if kind == "type" else thing.values)}
        known = sorted(
            (self._term(self.gazetteer.terms[iri]) for iri in used if iri in self.gazetteer.terms), key=_by_name
        )
        if kind == "type":
            return known
        columns = [self._column(column) for column in COLUMNS.values() if self._is_used(column, "")]
        return columns + [each for each in known if each["id"] not in COLUMNS]

    def matching(self, kind: str, text: str) -> list[Json]:
        """Return the types or properties that a text may mean, by a part of their names, their ids or words for them."""
        wanted, columns = folded(text), {c.id for c in COLUMNS.values() if kind == "property" and c.is_found_by(text)}
        return [
            t
            for t in self.terms(kind)
            if t["id"] in columns
            or any(wanted in folded(each) for each in (t["id"], t["name"], *self._labels(t["id"])))
        ]

    def _labels(self, identifier: str) -> Iterable[str]:
        """Return what a type or a property is called in any language."""
        term = self.gazetteer.terms.get(full_name(identifier))
        return term.labels.values() if term else ()

    def _term(self, term: Term) -> Json:
        return {"id": short_name(term.iri), "name": self.name_of(term.iri), "description": term.description}

    def _column(self, column: Column) -> Json:
        return {"id": column.id, "name": self._called(column), "description": column.description}

    def _called(self, column: Column) -> str:
        return column.chinese if self.language == "zh" else column.name

    def _is_used(self, column: Column, kind: str) -> bool:
        """Return whether a thing of a kind, or of any where it is "", has a value in the column."""
        things = (thing for thing in self.gazetteer.things.values() if not kind or kind in thing.types)
        return any(column.read(thing, self.gazetteer) is not None for thing in things)

    def proposed(self, kind: str) -> list[Json]:
        """Return the columns and properties that things of a type have, the columns first, then the most used."""
        iri = full_name(kind) if kind else ""
        columns = [{"id": c.id, "name": self._called(c)} for c in COLUMNS.values() if self._is_used(c, iri)]
        counts: dict[str, int] = {}
        for thing in self.gazetteer.things.values():
            if not iri or iri in thing.types:
                for predicate in (each for each, values in thing.values.items() if values):
                    if predicate in self.gazetteer.terms or predicate == SAME_AS:
                        counts[predicate] = counts.get(predicate, 0) + 1
        ordered = sorted(counts, key=lambda predicate: (-counts[predicate], predicate))
        properties = [{"id": short_name(predicate), "name": self.name_of(predicate)} for predicate in ordered]
        # A column reads the property of its name.
        return columns + [each for each in properties if each["id"] not in COLUMNS]

    def values(self, identifier: str, pid: str, most: int) -> list[Json]:
        """Return the values of a column or a property that a thing has, `most` at most where it is not 0; the nearest area first."""
        thing = self.gazetteer.find(identifier)
        if thing is None:
            return []
        if pid in COLUMNS:
            cell = COLUMNS[pid].read(thing, self.gazetteer)
            return [] if cell is None else [self._cell(cell)]
        values = thing.values.get(self.gazetteer.predicate_named(pid), [])
        nearest = sorted(values, key=lambda value: -len(self._areas_of(value)))
        return [self._value(value) for value in nearest[: most or None]]

    def _areas_of(self, value: NamedNode | Literal) -> set[str]:
        thing = self.gazetteer.things.get(value.value)
        return thing.within if thing else set()

    def meta(self, pid: str) -> Json:
        """Return what a column or a property is called, and the type of the things in it."""
        column = COLUMNS.get(pid)
        if column is None:
            return {"id": pid, "name": self.name_of(self.gazetteer.predicate_named(pid) or full_name(pid))}
        kind = {"type": {"id": column.kind, "name": self.name_of(KOUAN + column.kind)}} if column.kind else {}
        return {"id": pid, "name": self._called(column), **kind}

    def _cell(self, cell: Cell) -> Json:
        if isinstance(cell, Thing):
            return {"id": cell.identifier, "name": self.name(cell)}
        return {"float": cell} if isinstance(cell, float) else {"str": cell}

    def _value(self, value: NamedNode | Literal) -> Json:
        if isinstance(value, NamedNode):
            thing = self.gazetteer.things.get(value.value)
            return {"id": thing.identifier, "name": self.name(thing)} if thing else {"str": value.value}
        kind, text = value.datatype.value, value.value
        try:
            if kind == XSD + "integer":
                return {"int": int(text)}
            # JSON has no word for what is infinite, or no number (RFC 8259, section 6).
            if kind in {XSD + "decimal", XSD + "double"} and isfinite(number := float(text)):
                return {"float": number}
            if kind == XSD + "date":
                return {"date": f"{date.fromisoformat(text)}T00:00:00Z"}
        except ValueError:
            # Said of a type that it is not of, as other data may have it.
            pass
        return {"str": text}


def _by_name(term: dict[str, Any]) -> str:
    return str(term["name"])
