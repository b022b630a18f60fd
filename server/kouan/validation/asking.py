"""Let pySHACL ask its SPARQL constraints of pyoxigraph, which answers them many times as fast as rdflib. Knows no shapes.

Everything else of a validation sees rdflib's graph, whose literals are as they are written; the store rewrites them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import rdflib
from pyoxigraph import (
    BlankNode,
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

from kouan.history.exact import ExactStore
from kouan.history.patch import Patch

Node = rdflib.term.Node
Term = NamedNode | BlankNode | Literal


class AskedDataset(rdflib.Dataset):
    """An rdflib dataset whose default graph is the merge of all, and whose queries pyoxigraph answers.

    Once it was asked it may be changed by `change` only.
    """

    def __init__(self) -> None:
        super().__init__(default_union=True)

    @cached_property
    def _stored(self) -> Store:
        quads = []
        for subject, predicate, value, graph in self.quads((None, None, None, None)):
            terms = (to_oxigraph(subject), to_oxigraph(predicate), to_oxigraph(value))
            quads.append(Quad(*terms))  # type: ignore[arg-type]
            if graph is not None and graph != rdflib.graph.DATASET_DEFAULT_GRAPH_ID:
                quads.append(Quad(*terms, to_oxigraph(graph)))  # type: ignore[arg-type]
        store = Store()
        store.bulk_extend(quads)
        return store

    def settle(self) -> None:
        """Make ready for queries, before processes that ask are forked from this one."""
        assert self._stored is not None

    def change(self, patch: Patch) -> None:
        """Change the data as a patch says."""
        exact = ExactStore(self._stored, merged=True)
        exact.apply(Patch(removed=patch.removed))
        for quad in patch.removed:
            self.graph(to_rdflib(quad.graph_name)).remove(_triple(quad))  # type: ignore[arg-type]
        for quad in patch.added:
            self.graph(to_rdflib(quad.graph_name)).add(_triple(quad))  # type: ignore[arg-type]
        exact.apply(Patch(patch.added))

    def query(self, query_object: Any, *_: Any, **given: Any) -> Result:
        """Return the answer to a SELECT or an ASK, with variables bound beforehand (SHACL, appendix A)."""
        bound: Mapping[str, Node] = given.get("initBindings") or {}
        substitutions: dict[Variable, Term | Triple] = {
            Variable(str(name).lstrip("?$")): to_oxigraph(value) for name, value in bound.items()
        }
        answer = self._stored.query(str(query_object), substitutions=substitutions)
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


def _triple(quad: Quad) -> tuple[Node, Node, Node]:
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


def to_rdflib(term: Term | Triple) -> Node:
    """Return a term of pyoxigraph as rdflib has it, a literal as it is written."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
