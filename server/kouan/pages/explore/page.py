"""Say what one state of exploring shows, in words and with the links that lead on. Knows words and addresses, no HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from zlib import crc32

from kouan.http.languages import say
from kouan.pages.asking import Named
from kouan.pages.dataset import KnownDataset
from kouan.pages.explore.facets import VALUES, VALUES_ASKED, Facet, Facets, OpenedWay
from kouan.pages.explore.pattern import TYPE, Pattern, read_term, write_term
from kouan.pages.explore.results import Results
from kouan.pages.explore.state import Narrowing, Stage, State, address, parts
from kouan.pages.ways import Step, Way

KIND_WAY = (Step(TYPE),)
# How a filter is said, by how it narrows.
TOLD = {
    "any": "{name}: any",
    "none": "{name}: none",
    "is": "{name}: {value}",
    "kind": "{name}: {value}",
    "many": "{name}: at least {value}",
    "kinds": "{name}: at least {value} kinds",
    "from": "{name}: from {value}",
    "to": "{name}: up to {value}",
    "text": "{name}: contains “{value}”",
    "said": "{name}: said by {value}",
}
TOLD_OF_TWO = {("many", "2"): "{name}: more than one", ("kinds", "2"): "{name}: more than one kind"}
# The grades of sources that our own graph has, which have names in every language.
GRADES = ("official text", "official list", "maintained data set", "encyclopaedia", "press", "other")


@dataclass(frozen=True)
class Link:
    """A way on: what it says, where it leads, and how many things it leaves."""

    text: Named
    address: str
    things: int = 0


@dataclass(frozen=True)
class ShownFacet:
    """A property, in words, with the address that opens it and, where it is open, all that it leads to."""

    name: str
    anchor: str
    facet: Facet
    open_address: str
    way: str
    opened: OpenedWay | None = None
    is_cut: bool = False
    values: list[Link] = field(default_factory=list)
    kinds: list[Link] = field(default_factory=list)
    further: list[Link] = field(default_factory=list)
    said: list[Link] = field(default_factory=list)
    kind: Named | None = None


class Page:
    """One state of exploring, as a page shows it to a reader of a language."""

    def __init__(self, dataset: KnownDataset, state: State, language: str) -> None:
        self.dataset = dataset
        self.state = state
        self.language = language
        self.names = dataset.names
        self.facets = Facets(dataset.asking, dataset.kinds, state, self.making)
        self.results = Results(dataset.asking, self.facets, self.making, language)

    def making(self, state: State) -> Pattern:
        """Return the pattern of a state."""
        known = self.dataset
        return Pattern(self.names, known.is_own, known.inverses, known.kinds.with_unnamed).of(state)

    def to(self, state: State) -> str:
        """Return the address of a state."""
        return address(state, self.names)

    def fields(self, *left_out: str) -> list[tuple[str, str]]:
        """Return the fields of a form that keep the state, but for some."""
        return [(name, value) for name, value in parts(self.state, self.names) if name not in {"page", *left_out}]

    def called(self, iri: str) -> Named:
        """Return what a term is called."""
        return self.dataset.asking.names([iri], self.language)[iri]

    def way_name(self, way: Way) -> str:
        """Return a way in words."""
        return " › ".join(self._step_name(step) for step in way)

    def stage_name(self, stage: Stage) -> str:
        """Return what a set of things is called."""
        return self.called(stage.kind).text if stage.kind else self.way_name(stage.way)

    def filter_name(self, filtered: Narrowing) -> str:
        """Return a filter in words."""
        value = filtered.value
        if filtered.way == KIND_WAY:
            return self._value_name(value)
        name = self.way_name(filtered.way)
        told = TOLD_OF_TWO.get((filtered.how, value), TOLD[filtered.how])
        shown = self._value_name(value) if filtered.how in {"is", "kind", "said"} else value
        return _worded(told, name=name, value=shown)

    @cached_property
    def trail(self) -> list[Link]:
        """Return the sets that led here, the present one last."""
        stages = self.state.stages
        return [
            Link(Named(self.stage_name(stage)), self.to(self.state.back_to(place)))
            for place, stage in enumerate(stages)
        ]

    @cached_property
    def conditions(self) -> list[Link]:
        """Return what narrows, each with the address without it."""
        return [
            Link(Named(self.filter_name(each)), self.to(self.state.without(place, number)))
            for place, stage in enumerate(self.state.stages)
            for number, each in enumerate(stage.filters)
        ]

    @cached_property
    def kinds(self) -> list[Link]:
        """Return the kinds that tell some of the things from others."""
        counts = self.facets.kinds()
        names = self.dataset.asking.names(counts, self.language)
        return [
            Link(names[kind], self.to(self.state.narrowed(Narrowing(KIND_WAY, "is", self.names.short(kind)))), things)
            for kind, things in list(counts.items())[:20]
        ]

    @cached_property
    def _all_facets(self) -> list[Facet]:
        return self.facets.facets()

    @cached_property
    def shown_facets(self) -> list[ShownFacet]:
        """Return the properties; those that are opened, or so telling that they are open unasked, with what they lead to."""
        found = self._all_facets
        self.dataset.asking.names((step.iri for facet in found for step in facet.way), self.language)
        if not self.state.opened:
            opened = {each.facet.way: each for each in self.facets.opened_unasked(found)}
            return [self._shown(facet, opened.get(facet.way)) for facet in found]
        asked = self.facets.opened_asked(found)
        others = [self._shown(facet, None) for facet in found if facet.way != asked.facet.way]
        return [self._shown(asked.facet, asked), *others]

    @cached_property
    def columns(self) -> tuple[Way, ...]:
        """Return the ways that the table shows."""
        return self.results.columns(
            f.way for f in self._all_facets if not (f.way[0].is_back or f.is_blank) and (f.is_known or f.has_order)
        )

    @cached_property
    def choosable(self) -> list[tuple[str, str, bool]]:
        """Return the ways that may be columns: how an address writes each, its name, and whether it is one."""
        ways = dict.fromkeys([*self.columns, *(facet.way for facet in self._all_facets)])
        return [(self.names.written(way), self.way_name(way), way in self.columns) for way in list(ways)[:24]]

    def is_known_grade(self, text: str) -> bool:
        """Return whether a text is a grade of a source of ours, which has a name in every language."""
        return self.dataset.is_own and text in GRADES

    def _step_name(self, step: Step) -> str:
        name = self.called(step.iri).text
        return _worded("{name}, from the other side", name=name) if step.is_back else name

    def _value_name(self, text: str) -> str:
        term = read_term(text, self.names)
        if hasattr(term, "datatype"):
            return str(say(term.value)) if self.is_known_grade(term.value) else term.value
        return self.called(term.value).text

    def _shown(self, facet: Facet, opened: OpenedWay | None) -> ShownFacet:
        way = self.names.written(facet.way)
        opening = State(self.state.stages, self.state.view, self.state.columns, facet.way, said=self.state.said)
        shown = ShownFacet(self.way_name(facet.way), f"way-{crc32(way.encode()):x}", facet, self.to(opening), way)
        if opened is None:
            return shown
        return replace(
            shown,
            opened=opened,
            is_cut=len(opened.values) > (VALUES_ASKED if self.state.opened else VALUES),
            values=self._values(facet.way, opened),
            kinds=self._kinds_of(facet.way, opened, opening),
            further=self._further(opened, opening),
            said=self._said(facet.way, opened),
            kind=self.called(opened.kind) if opened.kind else None,
        )

    def narrowed(self, facet: ShownFacet, how: str, value: str = "") -> str:
        """Return the address with one more filter."""
        return self.to(self.state.narrowed(Narrowing(facet.facet.way, how, value)))

    def viewed(self, view: str) -> str:
        """Return the address of the same things in another view."""
        return self.to(replace(self.state, view=view, page=1))

    def with_column(self, facet: ShownFacet) -> str:
        """Return the address of the same table with one more column."""
        columns = tuple(dict.fromkeys([*self.columns, facet.facet.way]))
        return self.to(replace(self.state, columns=columns))

    def gone(self, facet: ShownFacet) -> str:
        """Return the address of what a way leads to."""
        return self.to(self.state.gone(facet.facet.way, facet.opened.kind if facet.opened else ""))

    def _values(self, way: Way, opened: OpenedWay) -> list[Link]:
        terms = [term for term, _ in opened.values]
        named = self.dataset.asking.named(terms, self.language)
        return [
            Link(name, self.to(self.state.narrowed(Narrowing(way, "is", write_term(term, self.names)))), things)
            for name, (term, things) in list(zip(named, opened.values, strict=True))[
                : VALUES_ASKED if self.state.opened else VALUES
            ]
        ]

    def _kinds_of(self, way: Way, opened: OpenedWay, opening: State) -> list[Link]:
        names = self.dataset.asking.names(opened.kinds, self.language)
        return [
            Link(names[kind], self.to(replace(opening, opened=way, opened_kind=kind)), things)
            for kind, things in list(opened.kinds.items())[:10]
        ]

    def _further(self, opened: OpenedWay, opening: State) -> list[Link]:
        return [
            Link(
                Named(self._step_name(facet.way[-1])),
                self.to(replace(opening, opened=facet.way)),
                facet.things,
            )
            for facet in opened.further[:20]
            if len(facet.way) <= 4
        ]

    def _said(self, way: Way, opened: OpenedWay) -> list[Link]:
        named = self._graders([term for term, _ in opened.said])
        return [
            Link(name, self.to(self.state.narrowed(Narrowing(way, "said", write_term(term, self.names)))), things)
            for name, (term, things) in zip(named, opened.said, strict=True)
        ]

    def _graders(self, terms: Iterable[dict[str, str]]) -> list[Named]:
        named = self.dataset.asking.named(terms, self.language)
        return [Named(str(say(name.text))) if self.is_known_grade(name.text) else name for name in named]


def _worded(text: str, **values: str) -> str:
    """Return a text in the reader's language, plain as its values are: what shows it escapes it."""
    return str(say(text)).format(**values)
