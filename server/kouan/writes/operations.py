"""What each operation of an update does (SPARQL 1.1 Update, section 3), from its tree. Knows no store."""

from __future__ import annotations

from dataclasses import dataclass

from kouan.sparql.rewriting import declarations
from kouan.sparql.tree import (
    Clear,
    Create,
    DeleteData,
    DeleteWhere,
    InsertData,
    Iri,
    Load,
    Modify,
    Node,
    Quads,
    Transfer,
    Update,
)
from kouan.sparql.tree import Operation as Parsed

CHANGE = "CHANGE"
NOTHING = "{}"


@dataclass(frozen=True)
class Operation:
    """One operation; graphs are IRIs, or DEFAULT, NAMED, ALL.

    `kind` is CHANGE for what takes and gives quads by templates, or the word of what manages graphs. `where` is a piece of the
    text, which the prologue goes before.
    """

    kind: str
    prologue: str = ""
    text: str = ""
    taken: Quads | None = None
    given: Quads | None = None
    where: str = NOTHING
    within: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    is_silent: bool = False
    graph: str = ""
    target: str = ""


def operations(tree: Update) -> list[Operation]:
    """Return the operations of an update in their order; a LOAD that is let go on does nothing, and is none."""
    prologue = declarations(tree.prologue)
    return [_operation(tree, each, prologue) for each in tree.operations if not isinstance(each, Load)]


def _operation(tree: Update, each: Parsed, prologue: str) -> Operation:
    if isinstance(each, InsertData):
        return Operation(CHANGE, prologue, tree.text, given=each.quads)
    if isinstance(each, DeleteData):
        return Operation(CHANGE, prologue, tree.text, taken=each.quads)
    if isinstance(each, DeleteWhere):
        return Operation(CHANGE, prologue, tree.text, taken=each.quads, where=_piece(tree, each.quads))
    if isinstance(each, Modify):
        return Operation(
            CHANGE,
            prologue,
            tree.text,
            each.delete,
            each.insert,
            _piece(tree, each.where),
            each.graph.value if each.graph is not None else "",
            tuple(clause.graph.value for clause in each.using if not clause.is_named),
            tuple(clause.graph.value for clause in each.using if clause.is_named),
        )
    if isinstance(each, Clear):
        graph = each.target.value if isinstance(each.target, Iri) else each.target
        return Operation(each.name, is_silent=each.is_silent, graph=graph)
    if isinstance(each, Create):
        return Operation("CREATE", is_silent=each.is_silent, graph=each.graph.value)
    assert isinstance(each, Transfer)
    return Operation(each.name, is_silent=each.is_silent, graph=_named(each.source), target=_named(each.target))


def _named(graph: Iri | None) -> str:
    return "DEFAULT" if graph is None else graph.value


def _piece(tree: Update, node: Node) -> str:
    return tree.text[node.start : node.end]
