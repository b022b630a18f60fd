"""Let pySHACL ask its SPARQL constraints of pyoxigraph, which answers them many times as fast as rdflib. Knows no shapes.

Everything else of a validation sees rdflib's graph, whose literals are as they are written; the store rewrites them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import rdflib
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    Store,
    Triple,
    Variable,
)
from rdflib.query import Result

from kouan.history.exact import ExactStore, folded
from kouan.history.patch import Patch

# Their place among what rdflib's own `query` takes.
BINDINGS = 3
Node = rdflib.term.Node
Term = NamedNode | BlankNode | Literal


class AskedDataset(rdflib.Graph):
    """The merge of named graphs as rdflib has it, whose queries pyoxigraph answers, with the graphs that it is the merge of."""

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        super().__init__()
        self.exact = ExactStore(Store(), merged=True)
        self.change(Patch(tuple(quads)))

    def change(self, patch: Patch) -> None:
        """Change the data as a patch says."""
        self.exact.apply(patch)
        for quad in patch.removed:
            if next(self._stating(quad), None) is None:
                self.remove(as_triple(quad))
        for quad in patch.added:
            self.add(as_triple(quad))

    def _stating(self, quad: Quad) -> Iterator[Quad]:
        """Yield a triple in each graph that states it in exactly this form."""
        standing = self.exact.store.quads_for_pattern(quad.subject, quad.predicate, folded(quad).object, None)
        for each in standing:
            written = Quad(quad.subject, quad.predicate, quad.object, each.graph_name)
            if not isinstance(each.graph_name, DefaultGraph) and self.exact.holds(written):
                yield written

    def query(self, query_object: Any, *given: Any, **named: Any) -> Result:
        """Return the answer to a SELECT or an ASK, with variables bound beforehand (SHACL, appendix A)."""
        # Some versions of pySHACL give the bindings by name, others in their place.
        bound: Mapping[str, Node] = named.get("initBindings") or dict(*given[BINDINGS : BINDINGS + 1])
        substitutions: dict[Variable, Term | Triple] = {
            Variable(str(name).lstrip("?$")): to_oxigraph(value) for name, value in bound.items()
        }
        answer = self.exact.store.query(str(query_object), substitutions=substitutions)
        if isinstance(answer, QueryBoolean):
            asked = Result("ASK")
            asked.askAnswer = bool(answer)
            return asked
        assert isinstance(answer, QuerySolutions)
        names = [variable.value for variable in answer.variables]
        rows: list[Mapping[rdflib.Variable, Any]] = []
        for solution in answer:
            values = ((name, solution[name]) for name in names)
            rows.append({rdflib.Variable(name): to_rdflib(value) for name, value in values if value is not None})
        selected = Result("SELECT")
        selected.vars = [rdflib.Variable(name) for name in names]
        selected.bindings = rows
        return selected


def as_triple(quad: Quad) -> tuple[Node, Node, Node]:
    """Return a quad as rdflib has its triple."""
    return to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)


def to_oxigraph(node: Node) -> Term:
    """Return a term of rdflib as pyoxigraph has it."""
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    assert isinstance(node, rdflib.Literal)
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))


@lru_cache(maxsize=100_000)
def to_rdflib(term: Term | Triple) -> Node:
    """Return a term of pyoxigraph as rdflib has it, a literal as it is written."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
