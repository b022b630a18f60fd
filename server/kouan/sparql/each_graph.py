"""Keep what stands within GRAPH ?g to one graph at a time (SPARQL 1.1 Query, section 18.6: the pattern is evaluated for each).

    GRAPH ?g { { SELECT ?s (MAX(?o) AS ?most) { ?s :p ?o } GROUP BY ?s } }

The engine puts the name of the graph into each triple pattern instead: an inner SELECT that does not select ?g finds what all graphs
have together, and MINUS takes ?g for a variable of both sides. Knows trees, and no store.
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.errors import QueryError
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import in_scope, rewritten, variables_in
from kouan.sparql.tree import (
    Aggregate,
    GraphGraphPattern,
    GroupGraphPattern,
    Minus,
    Query,
    ServiceGraphPattern,
    SubSelect,
    Var,
    walk,
)


def with_each_graph(tree: Query) -> Query:
    """Return a query in which inner SELECTs within GRAPH ?g select ?g too, and no MINUS is there that shares nothing.

    Raises QueryError for an inner SELECT that would have to count, or to be cut, for each graph.
    """
    folded = tree.text.lower()
    if "graph" not in folded or ("minus" not in folded and folded.count("select") < 2 - (tree.select is None)):
        return tree
    return rewritten(tree, dict.fromkeys(_edits(tree)))


def _edits(tree: Query) -> Iterator[Edit]:
    for graph in walk(tree, ServiceGraphPattern):
        if not isinstance(graph, GraphGraphPattern) or not isinstance(graph.name, Var):
            continue
        idle = [
            each
            for group in walk(graph.group, GraphGraphPattern, ServiceGraphPattern)
            if isinstance(group, GroupGraphPattern)
            for each in _idle(group)
        ]
        yield from (Edit(each.start, each.end, " ") for each in idle)
        for node in walk(graph.group, GraphGraphPattern, ServiceGraphPattern, Minus):
            if isinstance(node, SubSelect):
                yield from _selected(tree, node, graph.name.name)


def _idle(group: GroupGraphPattern) -> Iterator[Minus]:
    """Yield each MINUS of a group that shares no variable with what stands before it, and so takes nothing away."""
    known: set[str] = set()
    for element in group.elements:
        if isinstance(element, Minus) and not known & {*element.group.variables}:
            yield element
        known |= in_scope(element)


def _selected(tree: Query, node: SubSelect, name: str) -> Iterator[Edit]:
    """Yield what lets an inner SELECT select the name of the graph; one that has a variable of that name keeps its own."""
    if name in variables_in(node):
        return
    counts = any(isinstance(each, Aggregate) for part in (node.select, node.modifier) for each in walk(part))
    is_cut = node.modifier.limit is not None or node.modifier.offset is not None
    if is_cut:
        raise QueryError(
            f"This SELECT would be cut by LIMIT or OFFSET for each graph ?{name}, which is not done here; name one graph.",
            *tree.place(node.start),
        )
    if counts and not node.modifier.group:
        raise QueryError(
            f"This SELECT would count in each graph ?{name}, which is not done here; count outside of GRAPH, in groups by it.",
            *tree.place(node.start),
        )
    if node.select.items:
        yield Edit(node.select.end, node.select.end, f" ?{name} ")
    else:
        named = " ".join(f"?{each}" for each in (*node.variables, name))
        yield Edit(node.select.end - 1, node.select.end, named)
    if node.modifier.group:
        end = node.modifier.group[-1].end
        yield Edit(end, end, f" ?{name} ")
