"""What is known of a query or an update at the door, from its tree. Knows no settings: what is allowed is for others to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kouan.sparql.tree import (
    Aggregate,
    BlankNode,
    BlankNodePropertyList,
    Clear,
    Collection,
    Create,
    DatasetClause,
    DeleteData,
    DeleteWhere,
    FunctionCall,
    InsertData,
    Iri,
    Load,
    Modify,
    Query,
    ReifiedTriple,
    Reifier,
    Transfer,
    Update,
    Var,
    walk,
)

MAKERS = BlankNode | BlankNodePropertyList | Collection | ReifiedTriple | Reifier


@dataclass(frozen=True, slots=True)
class Remote:
    """A SERVICE: its address, "" where a variable says it; whether it may fail in silence; where it starts in the text."""

    address: str
    variable: str
    is_silent: bool
    start: int


class Dataset(NamedTuple):
    """The graphs that FROM and FROM NAMED name, each once, in order; both are empty where a query names none."""

    default: tuple[str, ...]
    named: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


def remotes(tree: Query | Update) -> tuple[Remote, ...]:
    """Return the SERVICE parts, in the order of the text; those within another's group too."""
    return tuple(
        Remote("", name.name, each.is_silent, each.start)
        if isinstance(name := each.name, Var)
        else Remote(name.value, "", each.is_silent, each.start)
        for each in tree.services
    )


def dataset(clauses: list[DatasetClause]) -> Dataset:
    """Return the dataset that clauses describe (section 13.2), or that USING does."""
    default = dict.fromkeys(each.graph.value for each in clauses if not each.is_named)
    named = dict.fromkeys(each.graph.value for each in clauses if each.is_named)
    return Dataset(tuple(default), tuple(named))


def is_volatile(query: Query) -> bool:
    """Return whether the answer may be another one the next time, so that it may not be kept.

    It may where NOW, RAND, UUID, STRUUID or BNODE stands anywhere, where another server answers a part, and where the
    template of a CONSTRUCT makes blank nodes, whose labels are new each time.
    """
    if query.volatile or query.services:
        return True
    return query.template is not None and any(isinstance(node, MAKERS) for node in walk(query.template))


def is_ordered(query: Query) -> bool:
    """Return whether the rows come in an order that the query asks for."""
    return bool(query.modifier.order)


def is_cut(query: Query) -> bool:
    """Return whether LIMIT or OFFSET leaves rows out."""
    return query.modifier.limit is not None or bool(query.modifier.offset)


def kinds(update: Update) -> tuple[str, ...]:
    """Return what each operation is, in order: LOAD, CLEAR, INSERT DATA, …; MODIFY for DELETE and INSERT with WHERE."""
    names = {InsertData: "INSERT DATA", DeleteData: "DELETE DATA", DeleteWhere: "DELETE WHERE", Modify: "MODIFY"}
    names |= {Load: "LOAD", Create: "CREATE"}
    return tuple(each.name if isinstance(each, Clear | Transfer) else names[type(each)] for each in update.operations)


def loads(update: Update) -> tuple[Load, ...]:
    """Return the LOAD operations, which would read another address."""
    return tuple(each for each in update.operations if isinstance(each, Load))


def functions(query: Query | Update) -> set[str]:
    """Return the IRIs of the functions and aggregates that stand anywhere in a query or an update."""
    called = {node.name.value for node in walk(query) if isinstance(node, FunctionCall)}
    return called | {node.name for node in walk(query) if isinstance(node, Aggregate) and ":" in node.name}


def described(query: Query) -> tuple[str, ...]:
    """Return the IRIs that a DESCRIBE names itself."""
    return tuple(each.value for each in query.targets if isinstance(each, Iri))
