"""Let a path of no length begin and end at a term that the data lacks (SPARQL 1.1 Query, section 18.4).

Such a path leads from each term to itself, whether or not it stands in the data, and the engine says so of those that do only.
What is not in the data has no other path, so that what it leads to is known and written in place of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Store

from kouan.sparql import tree as nodes
from kouan.sparql.each_graph import ways_of_no_length
from kouan.sparql.editing import Edit
from kouan.sparql.printer import print_tree
from kouan.sparql.rewriting import rewritten

# Ways of no length through one path, each of which is a solution; more are left to the engine.
MOST_WAYS = 100
End = nodes.Iri | nodes.Literal


def with_lone_ends(tree: nodes.Query, store: Store) -> nodes.Query:
    """Return the tree of a query in which no path of no length has an end that the store lacks; itself where none has."""
    return rewritten(tree, [*_edits(tree, store)])


def _edits(tree: nodes.Query, store: Store) -> Iterator[Edit]:
    """Yield what replaces blocks of triples; what another server is asked stays as it is."""
    default = [NamedNode(clause.graph.value) for clause in tree.dataset if not clause.is_named]
    within = _within_graphs(tree)
    for block in nodes.walk(tree, nodes.ServiceGraphPattern):
        if not isinstance(block, nodes.TriplesBlock):
            continue
        graphs = within.get(id(block), default)
        known = {
            id(triple): said
            for triple in block.triples
            if (said := _solved(triple, store, graphs or []) or (_in_each(triple) if graphs is None else None))
        }
        if known:
            others = [triple for triple in block.triples if id(triple) not in known]
            rest = f"{print_tree(nodes.TriplesBlock(block.start, block.end, others))} . " if others else ""
            yield Edit(block.start, block.end, rest + " ".join(known.values()))


def _within_graphs(tree: nodes.Query) -> dict[int, list[NamedNode] | None]:
    """Return the graph that each node within GRAPH is asked of, by the nodes; None for each graph by itself."""
    found: dict[int, list[NamedNode] | None] = {}
    for graph in nodes.walk(tree, nodes.ServiceGraphPattern):
        if isinstance(graph, nodes.GraphGraphPattern):
            named = [NamedNode(graph.name.value)] if isinstance(graph.name, nodes.Iri) else None
            below = nodes.walk(graph.group, nodes.GraphGraphPattern, nodes.ServiceGraphPattern)
            found |= {id(node): named for node in below}
    return found


def _solved(triple: nodes.Node, store: Store, graphs: list[NamedNode]) -> str | None:
    """Return the solutions of a triple that graphs are asked for, or all, as VALUES; None where it is to be asked."""
    if not isinstance(triple, nodes.TriplePattern) or triple.annotations:
        return None
    ends = [triple.subject, triple.object]
    fixed = [end for end in ends if isinstance(end, End)]
    ways = ways_of_no_length(triple.predicate) if fixed and isinstance(triple.predicate, nodes.Node) else 0
    if not 0 < ways <= MOST_WAYS or not all(_is_lone(end, store, graphs) for end in fixed):
        return None
    said = print_tree(fixed[0])
    other = next((end for end in ends if not isinstance(end, End)), None)
    if isinstance(other, nodes.Var):
        return f"VALUES {print_tree(other)} {{ {f'{said} ' * ways}}}"
    leads_there = (
        print_tree(fixed[1]) == said if other is None else isinstance(other, nodes.BlankNode) and not other.label
    )
    return f"VALUES () {{ {'() ' * ways}}}" if leads_there else None


def _in_each(triple: nodes.Node) -> str | None:
    """Return what finds a term at the end of a path of no length in a graph that lacks it too; None for another pattern."""
    if not isinstance(triple, nodes.TriplePattern) or triple.annotations:
        return None
    ends = [triple.subject, triple.object]
    fixed = [end for end in ends if isinstance(end, End)]
    others = [end for end in ends if isinstance(end, nodes.Var)]
    path = triple.predicate
    if not (len(fixed) == len(others) == 1 and isinstance(path, nodes.PathRepeated) and path.modifier in "*?"):
        return None
    term, variable = print_tree(fixed[0]), print_tree(others[0])
    return (
        f"{{ {print_tree(triple)} FILTER(!sameTerm({variable}, {term})) }} UNION {{ VALUES {variable} {{ {term} }} }}"
    )


def _is_lone(end: End, store: Store, graphs: list[NamedNode]) -> bool:
    """Return whether a term begins and ends no triple of graphs, of all where none is named."""
    if isinstance(end, nodes.Literal):
        literal = (
            Literal(end.lexical, language=end.language)
            if end.language
            else Literal(end.lexical, datatype=NamedNode(end.datatype))
        )
        return not end.direction and _has_none(store, (None, None, literal), graphs)
    node = NamedNode(end.value)
    return _has_none(store, (node, None, None), graphs) and _has_none(store, (None, None, node), graphs)


def _has_none(store: Store, pattern: tuple[Any, Any, Any], graphs: list[NamedNode]) -> bool:
    places: list[NamedNode | None] = [*graphs] or [None]
    return all(next(store.quads_for_pattern(*pattern, graph), None) is None for graph in places)
