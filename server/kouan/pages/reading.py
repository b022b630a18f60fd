"""Ask the dataset for what pages show: rows, and what the things in them are called. Knows SPARQL; knows no page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from kouan.graph.naming import SHOWN_BY
from kouan.http.languages import in_chinese
from kouan.pages.asking import Asking, Row
from kouan.pages.composed import compose, people
from kouan.pages.dataset import KnownDataset
from kouan.pages.terms import PropertyValues, Statement, Value, ordered, value_of, worded
from kouan.snapshot import Snapshot
from kouan.vocabulary import BASE, DCT, KOUAN, SHAPES_GRAPH, WD, WDT

Named = Callable[[Mapping[str, Any]], Value]

LABELS = " ".join(f"<{iri}>" for iri in SHOWN_BY)
PORTION = 400
# Shapes stand apart: they say nothing of the things.
NOT_SHAPES = f"FILTER(!BOUND(?g) || ?g != <{SHAPES_GRAPH}>)"


@dataclass(frozen=True)
class Passage:
    """A graph that states facts: the passage of a source, or a graph of somebody else's data."""

    value: Value
    source: Value | None = None
    section: tuple[Value, ...] = ()
    grade: str = ""
    facts: int = 0


@dataclass
class Reading:
    """The questions that every page asks of one version of the dataset."""

    dataset: KnownDataset
    kept: dict[str, Any] = field(default_factory=dict)
    """What was asked once and serves every page of this version."""

    @property
    def asking(self) -> Asking:
        """Return what asks the dataset."""
        return self.dataset.asking

    @property
    def snapshot(self) -> Snapshot:
        """Return the version that is read."""
        return self.dataset.snapshot

    @property
    def sizes(self) -> dict[str, int]:
        """Return how many things each class has, the largest first."""
        return self.dataset.kinds.counts

    @property
    def is_own(self) -> bool:
        """Return whether it is Kouan's own graph."""
        return self.snapshot.is_own

    def once(self, key: str, ask: Callable[[], Any]) -> Any:
        """Return what was asked under a key before, else ask it now."""
        if key not in self.kept:
            self.kept[key] = ask()
        return self.kept[key]

    def anywhere(self, pattern: str) -> str:
        """Return a pattern that is looked for wherever a dataset has its facts: in its default graph, and in every named one, ?g.

        Of our graph each fact stands in a named graph, and the default graph is the merge of them.
        """
        named = f"GRAPH ?g {{ {pattern} }}"
        return named if self.is_own else f"{{ {pattern} }} UNION {{ {named} }}"

    def rows(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query, each a SPARQL 1.1 JSON binding."""
        return self.asking.rows(query)

    def number(self, query: str) -> int:
        """Return the one number that a query answers with, as ?n."""
        return self.asking.number(query)

    def named(self, rows: Iterable[Mapping[str, Any]], *more: str) -> Named:
        """Return a function from a term of some rows, or of more IRIs, to a value that carries its names."""
        iris = sorted({t["value"] for row in rows for t in row.values() if t["type"] == "uri"} | set(more))
        names: dict[str, dict[str, str]] = {}
        here: set[str] = set()
        for some in _portions([iri for iri in iris if _is_safe(iri)], PORTION):
            self._look_up(some, names, here)
        return lambda term: value_of(term, names, here)

    def names(self, iris: Iterable[str]) -> dict[str, Value]:
        """Return things by IRI with what they are called."""
        wanted = list(iris)
        named = self.named([], *wanted)
        return {iri: named({"type": "uri", "value": iri}) for iri in wanted}

    def _look_up(self, iris: list[str], names: dict[str, dict[str, str]], here: set[str]) -> None:
        values = " ".join(f"<{iri}>" for iri in iris)
        # A merged view is asked once: reading each graph besides would only repeat it.
        where = "?thing ?p ?label" if self.snapshot.merged else self.anywhere("?thing ?p ?label")
        query = f"SELECT ?thing ?p ?label {{ VALUES ?thing {{ {values} }} VALUES ?p {{ {LABELS} }} {where} }}"
        found = sorted(self.rows(query), key=lambda r: (SHOWN_BY.index(r["p"]["value"]), r["label"]["value"]))
        for row in found:
            called = names.setdefault(row["thing"]["value"], {})
            called.setdefault(row["label"].get("xml:lang", "").casefold(), row["label"]["value"])
        nameless = [iri for iri in iris if iri not in names]
        # Our people have their names whole.
        if nameless and not self.is_own:
            names |= people(nameless, self.rows, str if self.snapshot.merged else self.anywhere)
        if self.is_own:
            here |= {iri for iri in iris if iri.startswith(BASE)}
            names |= self._claims(iri for iri in iris if iri.startswith(WDT) and iri not in names)
            names |= compose((iri for iri in iris if iri not in names), self.rows, self._called)
        else:
            where = "?thing ?any ?what" if self.snapshot.merged else self.anywhere("?thing ?any ?what")
            rows = self.rows(f"SELECT DISTINCT ?thing {{ VALUES ?thing {{ {values} }} {where} }}")
            here |= {row["thing"]["value"] for row in rows}

    def _claims(self, iris: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return what claims of Wikidata are called: as the properties that they claim."""
        claims = {WD + iri.removeprefix(WDT): iri for iri in iris}
        return {
            claims[iri]: {"zh": in_chinese(iri, called.get("en", "")) or called.get("en", "")} | called
            for iri, called in self._called(list(claims)).items()
        }

    def _called(self, iris: list[str]) -> dict[str, dict[str, str]]:
        names: dict[str, dict[str, str]] = {}
        if iris:
            self._look_up(iris, names, set())
        return names

    def passages(self, graphs: Iterable[str]) -> dict[str, Passage]:
        """Return what is known of some graphs as passages, by IRI."""
        wanted = sorted(graph for graph in graphs if _is_safe(graph))
        if not wanted:
            return {}
        values = " ".join(f"<{graph}>" for graph in wanted)
        rows = self.rows(
            f"SELECT ?g ?source ?section ?grade {{ VALUES ?g {{ {values} }} OPTIONAL {{ ?g <{KOUAN}passageOf> ?source"
            f" OPTIONAL {{ ?source <{KOUAN}grade> ?grade }} }} OPTIONAL {{ ?g <{KOUAN}section> ?section }} }}"
        )
        named = self.named(rows)
        known: dict[str, Passage] = {}
        for row in rows:
            graph = row["g"]["value"]
            before = known.get(graph) or Passage(
                named(row["g"]),
                named(row["source"]) if "source" in row else None,
                grade=row["grade"]["value"] if "grade" in row else "",
                facts=self.snapshot.graphs.get(graph, 0),
            )
            section = (*before.section, named(row["section"])) if "section" in row else before.section
            known[graph] = replace(before, section=section)
        return known

    def properties(self, rows: Iterable[Row], named: Named) -> list[PropertyValues]:
        """Return rows of ?p, ?o and ?g as properties with their values, each value once."""
        found = []
        for _, group in groupby(sorted(rows, key=lambda row: row["p"]["value"]), key=lambda row: row["p"]["value"]):
            statements: dict[str, Statement] = {}
            members = list(group)
            for row in members:
                statement = statements.setdefault(ordered(row["o"]), Statement(self._value(row, named)))
                if "g" in row and row["g"]["value"] not in statement.graphs:
                    statement.graphs.append(row["g"]["value"])
            told = sorted(statements.values(), key=lambda each: (each.is_inferred, each.value.in_order))
            found.append(PropertyValues(named(members[0]["p"]), told))
        return found

    def _value(self, row: Row, named: Named) -> Value:
        """Return the value of a row; where a property of ours takes one of a few, in words."""
        value, property_ = named(row["o"]), row["p"]["value"]
        return worded(value) if self.is_own and property_.startswith((KOUAN, DCT + "language")) else value


def _is_safe(iri: str) -> bool:
    return not set('<>"{}|\\^` \n').intersection(iri)


def _portions(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
