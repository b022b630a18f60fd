"""Keep what stands within GRAPH ?g to one graph at a time (SPARQL 1.1 Query, section 18.6: the pattern is evaluated for each).

    GRAPH ?g { { SELECT ?s (MAX(?o) AS ?most) { ?s :p ?o } GROUP BY ?s } }

The engine puts the name of the graph into each triple pattern instead: an inner SELECT that does not select ?g finds what all graphs
have together, MINUS takes ?g for a variable of both sides, and what is found without a triple, such as the rows of VALUES, is found
once and in no graph, even where GRAPH names one that is not there. `GRAPH ?g {}` finds each graph. Knows trees, and no store.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from kouan.errors import QueryError
from kouan.sparql.editing import Edit, replace
from kouan.sparql.rewriting import in_scope, rewritten
from kouan.sparql.tree import (
    Aggregate,
    GraphGraphPattern,
    GroupGraphPattern,
    Minus,
    Node,
    PathAlternative,
    PathInverse,
    PathRepeated,
    PathSequence,
    Query,
    ServiceGraphPattern,
    SubSelect,
    TriplePattern,
    TriplesBlock,
    Union,
    Var,
    walk,
)


def with_each_graph(tree: Query) -> Query:
    """Return a query in which inner SELECTs within GRAPH ?g select ?g too, no MINUS is there that shares nothing, and what asks no
    triple is found in each graph.

    Raises QueryError for an inner SELECT that would have to count, or to be cut, for each graph.
    """
    if "graph" not in tree.text.lower():
        return tree
    edits = dict.fromkeys(_edits(tree))
    gone = [edit for edit in edits if edit.end > edit.start]
    return rewritten(tree, (edit for edit in edits if not any(each.start < edit.start < each.end for each in gone)))


def _edits(tree: Query) -> Iterator[Edit]:
    for graph in walk(tree, ServiceGraphPattern):
        if not isinstance(graph, GraphGraphPattern):
            continue
        if graph.group.elements and not _asks_triples(graph.group):
            yield from _bound(tree.text, graph)
        if not isinstance(graph.name, Var):
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


def _asks_triples(element: Node) -> bool:
    """Return whether each solution of what stands within GRAPH holds a triple, and with it the name of the graph."""
    if isinstance(element, GroupGraphPattern):
        return any(_asks_triples(each) for each in element.elements)
    if isinstance(element, Union):
        return all(_asks_triples(each) for each in element.groups)
    if isinstance(element, SubSelect):
        return _asks_triples(element.where)
    return isinstance(element, TriplesBlock) and any(
        not isinstance(triple, TriplePattern) or not ways_of_no_length(triple.predicate) for triple in element.triples
    )


def ways_of_no_length(path: Node) -> int:
    """Return how many solutions of no length a path has (SPARQL 1.1 Query, section 18.4)."""
    if isinstance(path, PathRepeated):
        return 1 if path.modifier in "*?" else min(1, ways_of_no_length(path.path))
    if isinstance(path, PathInverse):
        return ways_of_no_length(path.path)
    if isinstance(path, PathSequence):
        return prod(map(ways_of_no_length, path.parts))
    return sum(map(ways_of_no_length, path.parts)) if isinstance(path, PathAlternative) else 0


def _bound(text: str, graph: GraphGraphPattern) -> Iterator[Edit]:
    """Yield what finds the graph itself before what stands within GRAPH."""
    group = graph.group
    named = f" GRAPH {text[graph.name.start : graph.name.end]} {{}} "
    if isinstance(group.elements[0], SubSelect):
        yield Edit(group.start + 1, group.start + 1, named + "{ ")
        yield Edit(group.end - 1, group.end - 1, " }")
    else:
        yield Edit(group.start + 1, group.start + 1, named)


def _idle(group: GroupGraphPattern) -> Iterator[Minus]:
    """Yield each MINUS of a group that shares no variable with what stands before it, and so takes nothing away."""
    known: set[str] = set()
    for element in group.elements:
        if isinstance(element, Minus) and not known & {*element.group.variables}:
            yield element
        known |= in_scope(element)


def _selected(tree: Query, node: SubSelect, name: str) -> Iterator[Edit]:
    """Yield what lets an inner SELECT select the name of the graph; a variable of that name that it does not select is another one."""
    if name in node.variables:
        return
    own = (each for each in walk(node, ServiceGraphPattern) if isinstance(each, Var) and each.name == name)
    yield from (replace(each, f"?{name}_within") for each in own)
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
