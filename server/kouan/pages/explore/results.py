"""What a set of things is: its names, the values of some ways from them, who says each, and the query of it all. Knows no page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from kouan.pages.asking import Asking, Named
from kouan.pages.explore.facets import COUNTED, Facets, Making
from kouan.pages.explore.pattern import TYPE
from kouan.pages.explore.state import ROWS
from kouan.pages.maps import SmallMap, marks_of, small_map
from kouan.pages.points import points_of
from kouan.pages.terms import Value, ordered
from kouan.pages.ways import Step, Way
from kouan.vocabulary import GEO

MOST_IN_CELL = 12
MOST_POINTS = 500
DEFAULT_COLUMNS = 3
WKT_WAY = (Step(GEO + "hasGeometry"), Step(GEO + "asWKT"))


@dataclass(frozen=True)
class Said:
    """A graph that states a fact, and of our own the grade of its source."""

    graph: str
    grade: str = ""


@dataclass
class Cell:
    """The values of one way from one thing; `more` is how many are not shown."""

    values: list[tuple[Named, tuple[Said, ...]]] = field(default_factory=list)
    """Each value, and who says it where that was asked."""
    more: int = 0


@dataclass(frozen=True)
class Line:
    """A thing, and a cell for each column."""

    thing: Named
    cells: tuple[Cell, ...] = ()


class Results:
    """The things of one state of exploring, a page of them at a time."""

    def __init__(self, asking: Asking, facets: Facets, making: Making, language: str) -> None:
        self.asking = asking
        self.facets = facets
        self.making = making
        self.state = facets.state
        self.language = language
        self.named_by = facets.named_by()

    @cached_property
    def spoken(self) -> str:
        """The languages of the names that are shown, as a list in SPARQL: the reader's, else the one that most names are in."""
        found: list[str] = []
        if self.named_by and not self.facets.is_cut:
            pattern = self.making(self.state)
            rows = self.asking.rows(
                f"SELECT ?language (COUNT(*) AS ?n) {{ {pattern.set_of()} ?{pattern.variable} <{self.named_by}> ?called "
                "BIND(LANG(?called) AS ?language) } GROUP BY ?language ORDER BY DESC(?n) ?language"
            )
            found = [row["language"]["value"] for row in rows if row.get("language", {}).get("value")]
        own = [each for each in found if each.partition("-")[0] == self.language]
        return ", ".join(f'"{each}"' for each in (*(own or found[:1] or [self.language]), ""))

    def lines(self, columns: tuple[Way, ...]) -> list[Line]:
        """Return a page of things in order, with the values of some ways from them."""
        iris = self._page()
        names = self.asking.names(iris, self.language)
        cells = [self._cells(iris, way) for way in columns] if iris else []
        return [Line(names[iri], tuple(column[iri] for column in cells)) for iri in iris]

    def columns(self, told: Iterable[Way]) -> tuple[Way, ...]:
        """Return the ways that a table shows: those that were asked for, else those that narrow and the most telling ones."""
        if self.state.columns:
            return self.state.columns
        narrowing = [each.way for each in self.state.last.filters if each.how != "none" and each.way != (Step(TYPE),)]
        return tuple(dict.fromkeys([*narrowing, *told]))[: max(DEFAULT_COLUMNS, len(narrowing))]

    def map(self) -> SmallMap | None:
        """Return a map of the things that are somewhere; None where none is."""
        pattern = self.making(self.state)
        points = points_of(self.asking, pattern.set_of(COUNTED), pattern.variable, MOST_POINTS)
        self.asking.names((point.iri for point in points), self.language)
        marks = [
            mark
            for point in points
            for mark in marks_of(
                Value(point.iri, names=self.asking.texts(point.iri)), [f"POINT({point.east} {point.north})"]
            )
        ]
        return small_map(sorted(marks, key=lambda mark: mark.value.name))

    def query(self, columns: tuple[Way, ...], *, is_map: bool = False) -> str:
        """Return the SPARQL query that finds what is shown: all pages of it."""
        pattern = self.making(self.state)
        thing = f"?{pattern.variable}"
        shown = [thing]
        lines = []
        if self.named_by:
            name = f"?{pattern.fresh(pattern.variable + 'Label')}"
            shown.append(name)
            short = pattern.names.short(self.named_by)
            lines.append(f"OPTIONAL {{ {thing} {short} {name} . FILTER(LANG({name}) IN ({self.spoken})) }}")
        for way in (*columns, *([WKT_WAY] if is_map and WKT_WAY not in columns else [])):
            value = f"?{pattern.fresh(way[-1].iri)}"
            shown.append(value)
            lines.append(f"OPTIONAL {{ {thing} {pattern.names.written(way)} {value} }}")
        body = "\n".join([pattern.text, *(f"  {line}" for line in lines)])
        order = shown[1] if self.named_by else thing
        view = "#defaultView:Map\n" if is_map else ""
        query = f"SELECT DISTINCT {' '.join(shown)}\nWHERE {{\n{body}\n}}\nORDER BY {order}"
        return view + pattern.names.declared(query)

    def _page(self) -> list[str]:
        """Return the things of the page; in order of their names, or of a column, unless they are too many to be put in one."""
        pattern = self.making(self.state)
        thing = f"?{pattern.variable}"
        rows = f"LIMIT {ROWS} OFFSET {(self.state.page - 1) * ROWS}"
        if self.facets.is_cut:
            found = self.asking.rows(f"SELECT DISTINCT {thing} WHERE {{\n{pattern.text}\n}} {rows}")
            return [row[pattern.variable]["value"] for row in found]
        key = f"?{pattern.fresh('key')}"
        is_falling = self.state.sort.startswith("-")
        if self.state.sort.lstrip("-"):
            by = pattern.names.written(pattern.names.way(self.state.sort.lstrip("-")))
            looked_up = f"OPTIONAL {{ {thing} {by} {key} }}"
        elif self.named_by:
            looked_up = f"OPTIONAL {{ {thing} <{self.named_by}> {key} FILTER(LANG({key}) IN ({self.spoken})) }}"
        else:
            looked_up = ""
        end = "MAX" if is_falling else "MIN"
        order = f"{'DESC' if is_falling else 'ASC'}(?first)"
        found = self.asking.rows(
            f"SELECT {thing} ({end}({key}) AS ?first) {{ {pattern.set_of()} {looked_up} FILTER(isIRI({thing})) }} "
            f"GROUP BY {thing} ORDER BY (!BOUND(?first)) {order} {thing} {rows}"
        )
        return [row[pattern.variable]["value"] for row in found]

    def _cells(self, iris: list[str], way: Way) -> dict[str, Cell]:
        pattern = self.making(self.state)
        value = f"?{pattern.fresh('value')}"
        things = " ".join(f"<{iri}>" for iri in iris)
        rows = self.asking.rows(
            f"SELECT DISTINCT ?it {value} {{ VALUES ?it {{ {things} }} ?it {pattern.names.written(way)} {value} "
            f"FILTER(!isBlank({value})) }} ORDER BY ?it {value} LIMIT 20000"
        )
        rows = [row for row in rows if _is_read(row[value[1:]], self.language)]
        said = self._said(iris, way) if self.state.said else {}
        by_thing: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            by_thing[row["it"]["value"]].append(row[value[1:]])
        shown = {iri: values[:MOST_IN_CELL] for iri, values in by_thing.items()}
        named = iter(self.asking.named((each for values in shown.values() for each in values), self.language))
        cells: dict[str, Cell] = defaultdict(Cell)
        for iri, values in shown.items():
            told = [(next(named), tuple(said.get((iri, ordered(term)), ()))) for term in values]
            cells[iri] = Cell(told, len(by_thing[iri]) - len(values))
        return cells

    def _said(self, iris: list[str], way: Way) -> dict[tuple[str, str], list[Said]]:
        """Return who says each value, by the thing and the value."""
        pattern = self.making(self.state)
        value, who, graph = (f"?{pattern.fresh(hint)}" for hint in ("value", "who", "passage"))
        things = " ".join(f"<{iri}>" for iri in iris)
        stated = "\n".join(pattern.said("?it", way, value, who, graph))
        rows = self.asking.rows(
            f"SELECT DISTINCT ?it {value} {who} {graph} {{ VALUES ?it {{ {things} }} {stated} }} "
            f"ORDER BY {graph} LIMIT 20000"
        )
        said: dict[tuple[str, str], list[Said]] = defaultdict(list)
        for row in rows:
            grade = row[who[1:]]["value"] if pattern.is_own else ""
            said[row["it"]["value"], ordered(row[value[1:]])].append(Said(row[graph[1:]]["value"], grade))
        return said


def _is_read(term: dict[str, str], language: str) -> bool:
    """Return whether a text is in the reader's language, or in none that another text would be in."""
    spoken = term.get("xml:lang", "")
    return not spoken or spoken.partition("-")[0] == language or term.get("type") == "uri"
