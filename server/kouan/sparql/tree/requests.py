"""The nodes of whole queries and updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kouan.sparql.tree.expressions import BuiltInCall
from kouan.sparql.tree.patterns import (
    GroupGraphPattern,
    InlineData,
    SelectClause,
    ServiceGraphPattern,
    SolutionModifier,
    TriplesBlock,
)
from kouan.sparql.tree.terms import Iri, Node, Var


@dataclass(slots=True, eq=False)
class Prologue(Node):
    """What BASE, PREFIX and VERSION declare; what was set before is in there too, and `borrowed` tells what of that is used."""

    base: str
    prefixes: dict[str, str]
    borrowed: set[str]
    version: str = ""


@dataclass(slots=True, eq=False)
class DatasetClause(Node):
    """FROM NAMED? iri, or USING NAMED? iri in an update."""

    graph: Iri
    is_named: bool


@dataclass(slots=True, eq=False)
class Query(Node):
    """A query; `form` is SELECT, ASK, CONSTRUCT or DESCRIBE.

    `text` is what the offsets count in. `variables` are the columns of a SELECT, in their order. `template` is None but for
    CONSTRUCT with a template, `targets` are those of DESCRIBE, none for *. `services` and `volatile` (calls whose value is
    another each time) are all that stand anywhere in the query, in the order of the text. `place` tells the line and the column
    of an offset in the text that was sent. `only_printed` tells that the engine does not read the text, and reads what is printed
    from its tree.
    """

    text: str
    prologue: Prologue
    form: str
    select: SelectClause | None
    template: TriplesBlock | None
    targets: list[Var | Iri]
    dataset: list[DatasetClause]
    where: GroupGraphPattern | None
    modifier: SolutionModifier
    values: InlineData | None
    variables: tuple[str, ...]
    services: list[ServiceGraphPattern]
    volatile: list[BuiltInCall]
    place: Callable[[int], tuple[int, int]]
    only_printed: bool


@dataclass(slots=True, eq=False)
class QuadsNotTriples(Node):
    """GRAPH name { triples } in an update."""

    name: Var | Iri
    block: TriplesBlock | None


@dataclass(slots=True, eq=False)
class Quads(Node):
    """{ … } of an update."""

    parts: list[TriplesBlock | QuadsNotTriples]


@dataclass(slots=True, eq=False)
class InsertData(Node):
    """INSERT DATA quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class DeleteData(Node):
    """DELETE DATA quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class DeleteWhere(Node):
    """DELETE WHERE quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class Modify(Node):
    """WITH iri DELETE quads INSERT quads USING … WHERE group."""

    graph: Iri | None
    delete: Quads | None
    insert: Quads | None
    using: list[DatasetClause]
    where: GroupGraphPattern


@dataclass(slots=True, eq=False)
class Load(Node):
    """LOAD SILENT? source INTO GRAPH graph."""

    source: Iri
    graph: Iri | None
    is_silent: bool


@dataclass(slots=True, eq=False)
class Clear(Node):
    """CLEAR or DROP; `name` says which, `target` is a graph, DEFAULT, NAMED or ALL."""

    name: str
    target: Iri | str
    is_silent: bool


@dataclass(slots=True, eq=False)
class Create(Node):
    """CREATE SILENT? GRAPH graph."""

    graph: Iri
    is_silent: bool


@dataclass(slots=True, eq=False)
class Transfer(Node):
    """ADD, MOVE or COPY, as `name` says; None is the default graph."""

    name: str
    source: Iri | None
    target: Iri | None
    is_silent: bool


@dataclass(slots=True, eq=False)
class Update(Node):
    """An update request; `text`, `services`, `volatile`, `place` and `only_printed` as with Query."""

    text: str
    prologue: Prologue
    operations: list[Operation]
    services: list[ServiceGraphPattern]
    volatile: list[BuiltInCall]
    place: Callable[[int], tuple[int, int]]
    only_printed: bool


Operation = InsertData | DeleteData | DeleteWhere | Modify | Load | Clear | Create | Transfer
