"""Let pySHACL ask its SPARQL constraints of pyoxigraph, which answers them many times as fast as rdflib. Knows no shapes.

Everything else of a validation sees rdflib's graph, whose literals are as they are written; the store rewrites them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
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
from kouan.sparql.parser import parse_query
from kouan.sparql.tree import Alias, Bind, BuiltInCall, Var, walk

# Their place among what rdflib's own `query` takes.
BINDINGS = 3
BOUND = "urn:kouan:bound:"
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
            if not self.states(quad):
                self.remove(as_triple(quad))
        for quad in patch.added:
            self.add(as_triple(quad))

    def states(self, quad: Quad) -> bool:
        """Return whether some graph, whichever, states the triple of a quad in exactly this form."""
        standing = self.exact.store.quads_for_pattern(quad.subject, quad.predicate, folded(quad).object, None)
        written = (
            Quad(quad.subject, quad.predicate, quad.object, each.graph_name)
            for each in standing
            if not isinstance(each.graph_name, DefaultGraph)
        )
        return any(self.exact.holds(each) for each in written)

    def query(self, query_object: Any, *given: Any, **named: Any) -> Result:
        """Return the answer to a SELECT or an ASK, with variables bound beforehand (SHACL, appendix A)."""
        # Some versions of pySHACL give the bindings by name, others in their place.
        bound: Mapping[str, Node] = named.get("initBindings") or dict(*given[BINDINGS : BINDINGS + 1])
        terms = {str(name).lstrip("?$"): to_oxigraph(value) for name, value in bound.items()}
        text, substituted = beforehand(str(query_object), tuple(sorted(terms)))
        if substituted:
            answer = self.exact.store.query(text, substitutions={Variable(name): terms[name] for name in terms})
        else:
            answer = self.exact.store.query(
                text, custom_functions={NamedNode(BOUND + name): partial(terms.get, name) for name in terms}
            )
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


@lru_cache(maxsize=1000)
def beforehand(text: str, names: tuple[str, ...]) -> tuple[str, bool]:
    """Return a query as the engine is to be asked it with variables bound beforehand, and whether it can substitute them itself.

    The engine substitutes in patterns, and plans with what it knows then; a variable that is not selected, that is bound to
    another, or that is asked whether it is bound, it does not. Those queries are asked within one that binds the variables.
    """
    tree = parse_query(text)
    text = tree.text
    if set(tree.variables).issuperset(names) and not any(_looks_at(node, names) for node in walk(tree)):
        return text, True
    binds = " ".join(f"BIND(<{BOUND}{name}>() AS ?{name})" for name in names)
    if tree.form == "ASK" and tree.where is not None:
        before = text[: tree.where.start]
        return f"{before} {{ {binds} LATERAL {text[tree.where.start : tree.where.end]}\n }}", False
    assert tree.select is not None
    prologue, clause, rest = (
        text[: tree.select.start],
        text[tree.select.start : tree.select.end],
        text[tree.select.end :],
    )
    # What is bound outside is seen by what selects it.
    more = " ".join(f"?{name}" for name in names if tree.select.items and name not in tree.variables)
    return f"{prologue} SELECT * {{ {binds} LATERAL {{ {clause} {more} {rest}\n }} }}", False


def _looks_at(node: object, names: tuple[str, ...]) -> bool:
    looked_at: list[object] = []
    if isinstance(node, Bind | Alias):
        looked_at = [node.expression]
    elif isinstance(node, BuiltInCall) and node.name == "BOUND":
        looked_at = list(node.arguments)
    return any(isinstance(each, Var) and each.name in names for each in looked_at)


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
