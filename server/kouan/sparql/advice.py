"""See in a query what its writer can hardly have meant. Knows trees, no store."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.parts import variables_of
from kouan.sparql.tree import (
    GroupGraphPattern,
    InlineData,
    Node,
    Query,
    TriplePattern,
    TriplesBlock,
    children,
)


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
