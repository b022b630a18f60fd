"""See in a query what its writer can hardly have meant. Knows trees, no store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kouan.sparql.parts import variables_of
from kouan.sparql.tree import (
    GroupGraphPattern,
    InlineData,
    Iri,
    Node,
    PathNegatedPropertySet,
    Query,
    Service,
    TriplePattern,
    TriplesBlock,
    children,
)
from kouan.vocabulary import RDF

TYPE = RDF + "type"


@dataclass(frozen=True)
class Used:
    """A term that a pattern asks for, where, and as what: property, class or thing."""

    iri: str
    kind: str
    start: int
    end: int


def terms_of(tree: Query) -> list[Used]:
    """Return the terms that the triples of a query ask for here, each place of each."""
    return [] if tree.where is None else [used for node in _own(tree.where) for used in _terms(node)]


def _own(node: Node) -> Iterator[TriplePattern]:
    """Yield the triples below a node but for those that another service is asked for."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, TriplePattern):
            yield node
        if not isinstance(node, Service):
            waiting += reversed(children(node))


def _terms(node: TriplePattern) -> Iterator[Used]:
    is_typed = isinstance(node.predicate, Iri) and node.predicate.value == TYPE
    if isinstance(node.subject, Iri):
        yield Used(node.subject.value, "thing", node.subject.start, node.subject.end)
    for each in _path(node.predicate):
        yield Used(each.value, "property", each.start, each.end)
    if isinstance(node.object, Iri):
        yield Used(node.object.value, "class" if is_typed else "thing", node.object.start, node.object.end)


def _path(node: Node) -> Iterator[Iri]:
    if isinstance(node, Iri):
        yield node
    elif not isinstance(node, PathNegatedPropertySet):
        for each in children(node):
            yield from _path(each)


def apart(tree: Query) -> list[tuple[int, int]]:
    """Return where triples stand that share no variable with those before them in their group, each stretch once."""
    return [] if tree.where is None else [place for group in _groups(tree.where) for place in _islands(group)]


def _groups(node: Node) -> Iterator[GroupGraphPattern]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, GroupGraphPattern):
            yield node
        waiting += reversed(children(node))


def _islands(group: GroupGraphPattern) -> Iterator[tuple[int, int]]:
    """Yield the triples of a group that neither another pattern nor a condition joins to the first of them."""
    triples, joins = [], []
    for element in group.elements:
        if isinstance(element, TriplesBlock):
            triples += [(variables_of(each), each) for each in element.triples if isinstance(each, TriplePattern)]
        elif not isinstance(element, InlineData):
            joins.append(variables_of(element))
    named = [(names, each) for names, each in triples if names]
    islands: list[set[str]] = []
    for names in [*(names for names, _ in named), *joins]:
        met = [island for island in islands if island & names]
        islands = [island for island in islands if not island & names] + [set(names).union(*met)]
    if not named:
        return
    mainland = next(island for island in islands if island & named[0][0])
    told: list[set[str]] = []
    for names, each in named:
        island = next(island for island in islands if island & names)
        if island is not mainland and island not in told:
            told.append(island)
            yield each.start, each.end
