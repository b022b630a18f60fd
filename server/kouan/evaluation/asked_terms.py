"""Say which IRIs a query asks the data for, and the role that each plays there. Knows trees of queries, no data."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.tree import (
    BuiltInCall,
    Comparison,
    GraphGraphPattern,
    In,
    InlineData,
    Iri,
    Node,
    Or,
    Query,
    ServiceGraphPattern,
    TriplePattern,
    Var,
    walk,
)
from kouan.vocabulary import RDF

PROPERTY, CLASS, THING = "property", "class", "thing"
TYPE = RDF + "type"
Asked = Iterator[tuple[Iri, str]]


def asked_terms(tree: Query) -> Asked:
    """Yield the IRIs that a query describes, that its dataset and its patterns name, and that their variables are to be."""
    named = (*tree.targets, *(clause.graph for clause in tree.dataset))
    yield from ((node, THING) for node in named if isinstance(node, Iri))
    nodes = [node for part in (tree.where, tree.values) if part is not None for node in walk(part, ServiceGraphPattern)]
    roles: dict[str, str] = {}
    for node in nodes:
        for place, role in _of_pattern(node):
            if isinstance(place, Iri):
                yield place, role
            elif isinstance(place, Var):
                roles.setdefault(place.name, role)
    # What a variable is to be that no pattern has is an IRI of the answer alone; what it is to be or not, is not meant.
    certain = (node for part in (tree.where, tree.values) if part for node in walk(part, ServiceGraphPattern, Or))
    for node in certain:
        yield from ((iri, roles[variable.name]) for variable, iri in _meant(node) if variable.name in roles)


def _of_pattern(node: Node) -> Iterator[tuple[object, str]]:
    if isinstance(node, GraphGraphPattern):
        yield node.name, THING
    if isinstance(node, TriplePattern):
        if isinstance(node.predicate, Node):
            yield from ((each, PROPERTY) for each in walk(node.predicate))
        yield node.subject, THING
        is_type = isinstance(node.predicate, Iri) and node.predicate.value == TYPE
        yield node.object, CLASS if is_type else THING


def _meant(node: Node) -> Iterator[tuple[Var, Iri]]:
    """Yield what variables are to be by rows of VALUES, or by being compared."""
    if isinstance(node, InlineData):
        # Of several values some are mostly tried in vain, as of several choices.
        rows = node.rows if len(node.rows) == 1 else []
        pairs: list[tuple[object, object]] = [pair for row in rows for pair in zip(node.variables, row, strict=False)]
    elif isinstance(node, Comparison) and node.operator == "=":
        pairs = [(node.left, node.right), (node.right, node.left)]
    elif isinstance(node, In) and not node.is_negated:
        pairs = [(node.operand, choice) for choice in node.choices if len(node.choices) == 1]
    elif isinstance(node, BuiltInCall) and node.name.upper() == "SAMETERM" and len(node.arguments) == 2:
        pairs = [(node.arguments[0], node.arguments[1]), (node.arguments[1], node.arguments[0])]
    else:
        return
    yield from ((one, other) for one, other in pairs if isinstance(one, Var) and isinstance(other, Iri))
