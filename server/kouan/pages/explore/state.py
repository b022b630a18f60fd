"""What is explored, as an address says it: a kind of thing, what narrows it, and the ways gone from it. Knows no data.

    kind=kouan:BorderCity & f=kouan:hostsZone kinds 2 & go=kouan:hostsZone & kind=kouan:PilotZone & view=map

A way is one property, or several with / between them; ^ before one goes against it (as SPARQL 1.1 Query, section 9, writes
paths). Names are written with the prefixes of what is served, or as <IRIs>.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from kouan.errors import BadRequest
from kouan.graph.whole_numbers import whole_number
from kouan.pages.ways import Names, Way

VIEWS = ("table", "list", "map")
MOST_STEPS, MOST_FILTERS, MOST_COLUMNS = 5, 12, 8
LARGEST_ASKED = 9_999
ROWS = 50
# How a property can narrow, and whether it needs a value.
HOWS = {
    "any": False,
    "none": False,
    "is": True,
    "kind": True,
    "many": True,
    "kinds": True,
    "from": True,
    "to": True,
    "text": True,
    "said": True,
}
NUMBERED = {"many", "kinds"}


@dataclass(frozen=True)
class Narrowing:
    """What narrows a set of things: a way from them, how it narrows, and the value that it needs, a term of SPARQL or a text."""

    way: Way
    how: str
    value: str = ""


@dataclass(frozen=True)
class Stage:
    """A set of things: those of a kind, or those that a way leads to from the set before, narrowed by filters."""

    way: Way = ()
    kind: str = ""
    filters: tuple[Narrowing, ...] = ()


@dataclass(frozen=True)
class State:
    """All that an address of /explore says."""

    stages: tuple[Stage, ...] = ()
    view: str = "table"
    columns: tuple[Way, ...] = ()
    opened: Way = ()
    opened_kind: str = ""
    page: int = 1
    said: bool = False
    sort: str = ""

    @property
    def last(self) -> Stage:
        """Return the set that is shown."""
        return self.stages[-1]

    def narrowed(self, added: Narrowing) -> State:
        """Return the state with one more filter."""
        kept = tuple(each for each in self.last.filters if each != added)
        return self._with_last(replace(self.last, filters=(*kept, added)))

    def without(self, place: int, number: int) -> State:
        """Return the state without one filter of one stage."""
        stage = self.stages[place]
        left = tuple(each for at, each in enumerate(stage.filters) if at != number)
        changed = (*self.stages[:place], replace(stage, filters=left), *self.stages[place + 1 :])
        return replace(self, stages=changed, page=1)

    def gone(self, way: Way, kind: str = "") -> State:
        """Return the state after going along a way to what it leads to."""
        return State((*self.stages, Stage(way, kind)), self.view)

    def back_to(self, place: int) -> State:
        """Return the state as it was at one stage."""
        return State(self.stages[: place + 1], self.view)

    def _with_last(self, stage: Stage) -> State:
        return replace(self, stages=(*self.stages[:-1], stage), page=1)


@dataclass
class Reader:
    """Reads a state from an address and writes it back."""

    names: Names
    stages: list[Stage] = field(default_factory=list)

    def read(self, given: Iterable[tuple[str, str]]) -> State:
        """Return the state that the parts of an address say, in their order; raises BadRequest where it is none."""
        state = State()
        columns: list[Way] = []
        pending: dict[str, str] = {}
        for name, value in given:
            if name == "kind" and value:
                self._kind(self.names.iri(value))
            elif name == "go" and value:
                self.stages.append(Stage(self.names.way(value)))
            elif name == "f" and value:
                self._filter(self.read_filter(value))
            elif name == "col" and value:
                columns.append(self.names.way(value))
            elif name in {"way", "how", "value"}:
                pending[name] = value.strip()
            elif name == "open" and value:
                way, _, kind = value.partition(" ")
                state = replace(state, opened=self.names.way(way), opened_kind=self.names.iri(kind) if kind else "")
            elif name == "page":
                state = replace(state, page=whole_number(value) or 1)
            elif name == "view" and value in VIEWS:
                state = replace(state, view=value)
            elif name == "said":
                state = replace(state, said=bool(value))
            elif name == "sort":
                state = replace(state, sort=value)
        if pending.get("way") and pending.get("value"):
            self._filter(self.read_filter(f"{pending['way']} {pending.get('how', 'is')} {pending['value']}"))
        if len(self.stages) > MOST_STEPS or sum(len(stage.filters) for stage in self.stages) > MOST_FILTERS:
            raise BadRequest(f"So far one can go {MOST_STEPS} steps with {MOST_FILTERS} conditions; take one away.")
        if self.stages and not self.stages[0].kind:
            raise BadRequest("Exploring begins with a kind of thing; choose one at /explore.")
        return replace(state, stages=tuple(self.stages), columns=tuple(dict.fromkeys(columns))[:MOST_COLUMNS])

    def read_filter(self, text: str) -> Narrowing:
        """Return the filter that a text says; raises BadRequest where it says none."""
        way, _, rest = text.partition(" ")
        how, _, value = rest.strip().partition(" ")
        value = value.strip()
        if how not in HOWS or bool(value) != HOWS[how] or len(value) > 1000:
            raise BadRequest(
                f"{text!r} narrows nothing; after a property stands one of {', '.join(HOWS)}, and its value."
            )
        number = whole_number(value)
        if how in NUMBERED and (number is None or number > LARGEST_ASKED):
            raise BadRequest(f"{how} needs a whole number, not {value!r}.")
        if how == "kind":
            value = f"<{self.names.iri(value)}>"
        return Narrowing(self.names.way(way), how, value)

    def _kind(self, kind: str) -> None:
        if self.stages:
            self.stages[-1] = replace(self.stages[-1], kind=kind)
        else:
            self.stages.append(Stage((), kind))

    def _filter(self, added: Narrowing) -> None:
        if not self.stages:
            raise BadRequest("Exploring begins with a kind of thing; choose one at /explore.")
        stage = self.stages[-1]
        self.stages[-1] = replace(stage, filters=(*(each for each in stage.filters if each != added), added))


def parts(state: State, names: Names) -> Iterator[tuple[str, str]]:
    """Yield the parts of the address of a state, in their order."""
    for stage in state.stages:
        if stage.way:
            yield "go", names.written(stage.way)
        if stage.kind:
            yield "kind", names.short(stage.kind)
        for each in stage.filters:
            value = names.short(each.value[1:-1]) if each.how == "kind" else each.value
            yield "f", " ".join(part for part in (names.written(each.way), each.how, value) if part)
    for way in state.columns:
        yield "col", names.written(way)
    if state.opened:
        yield (
            "open",
            " ".join([names.written(state.opened), *([names.short(state.opened_kind)] if state.opened_kind else [])]),
        )
    if state.view != "table":
        yield "view", state.view
    if state.sort:
        yield "sort", state.sort
    if state.said:
        yield "said", "1"
    if state.page > 1:
        yield "page", str(state.page)


def address(state: State, names: Names) -> str:
    """Return the address of a state."""
    query = urlencode(list(parts(state, names)), safe=":/^")
    return f"/explore?{query}" if query else "/explore"
