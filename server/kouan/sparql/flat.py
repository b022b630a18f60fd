"""Write the triples of a block one by one, with a variable for each blank node. Knows trees, and no store.

    [] :p ?x ; :q ( ?y )

is three triples of two nodes that nobody names. In a pattern a blank node stands for anything, as a variable does that is not
selected (SPARQL 1.1 Query, section 4.1.4).
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.printer import print_tree
from kouan.sparql.tree import (
    BlankNode,
    BlankNodePropertyList,
    Collection,
    GraphNode,
    Iri,
    Literal,
    Node,
    TriplePattern,
    TriplesBlock,
    Var,
    Verb,
    walk,
)
from kouan.vocabulary import RDF

Flat = tuple[str, Verb, str]
"""The text of a subject, a predicate and the text of an object."""


class _Unread(Exception):
    """A block says more than triples of plain terms."""


def flattened(block: TriplesBlock, names: Iterator[str]) -> list[Flat] | None:
    """Return the triples of a block, with variables of the names for its blank nodes; None where it says more than that.

    Blank nodes of a label have the same variable in each block: it is named by the label.
    """
    reader = _Flattener(names)
    try:
        for each in block.triples:
            reader.read(each)
    except _Unread:
        return None
    return reader.found


def labels_in(block: TriplesBlock) -> set[str]:
    """Return the labels of blank nodes that a block has."""
    return {node.label for node in walk(block) if isinstance(node, BlankNode)} - {""}


class _Flattener:
    def __init__(self, names: Iterator[str]) -> None:
        self.found: list[Flat] = []
        self._names = names
        # Triples share what stands before ; and a comma.
        self._known: dict[int, str] = {}

    def read(self, node: Node) -> None:
        if not isinstance(node, TriplePattern):
            self._term(node)
        elif node.annotations:
            raise _Unread
        else:
            subject = self._term(node.subject)
            self.found.append((subject, node.predicate, self._term(node.object)))

    def _term(self, node: GraphNode | Node) -> str:
        if isinstance(node, Var | Iri | Literal):
            return print_tree(node)
        if id(node) not in self._known:
            self._known[id(node)] = self._new(node)
        return self._known[id(node)]

    def _new(self, node: GraphNode | Node) -> str:
        if isinstance(node, BlankNode):
            return f"?kouan_label_{node.label.encode().hex()}" if node.label else f"?{next(self._names)}"
        if isinstance(node, BlankNodePropertyList):
            name = self._term(node.triples[0].subject)
            for each in node.triples:
                self.read(each)
            return name
        if isinstance(node, Collection):
            return self._list(node)
        raise _Unread

    def _list(self, node: Collection) -> str:
        rest = f"<{RDF}nil>"
        for item in reversed(node.items):
            name, said = f"?{next(self._names)}", self._term(item)
            self.found.append((name, Iri(node.start, node.end, RDF + "first"), said))
            self.found.append((name, Iri(node.start, node.end, RDF + "rest"), rest))
            rest = name
        return rest
