"""Make the RDF dataset that a request asks for: FROM, the protocol's graph parameters, infer=false. Knows no evaluation.

The engine counts a triple once for each graph that holds it when it is told to take several as one, and the standard
wants the merge of them (SPARQL 1.1 Query, section 13.2), so merges are made here and the last ones are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from kouan.errors import BadRequest
from kouan.evaluation.label_index import LabelIndex
from kouan.evaluation.question import Question
from kouan.evaluation.unknown_terms import StoredTerms
from kouan.sparql.query import dataset
from kouan.sparql.simple_features import DIRECTLY_BELOW
from kouan.sparql.tree import Query
from kouan.vocabulary import INFERRED_GRAPH, RDF, SHAPES_GRAPH

MERGES_KEPT = 4
REIFIES = NamedNode(RDF + "reifies")
GraphName = NamedNode | BlankNode | DefaultGraph


@dataclass(frozen=True)
class View:
    """A store and the graphs of it that a query sees; None is what the store itself says."""

    store: Store
    default_graph: list[GraphName] | None = None
    named_graphs: list[NamedNode | BlankNode] | None = None

    def below(self, relation: str, term: str) -> list[str]:
        """Return the IRIs below one by a transitive property, as the default graph and GeoSPARQL have it.

        There are none where inferences are stated already.
        """
        if self.store.contains_named_graph(NamedNode(INFERRED_GRAPH)):
            return []
        found: dict[str, None] = {term: None}
        waiting = [term]
        while waiting:
            term = waiting.pop()
            known = [each for each in DIRECTLY_BELOW.get(relation, {}).get(term, ()) if each not in found]
            found |= dict.fromkeys(known)
            waiting += known
            below = NamedNode(term)
            for graph in self.default_graph or [DefaultGraph()]:
                for quad in self.store.quads_for_pattern(None, NamedNode(relation), below, graph):
                    if isinstance(quad.subject, NamedNode) and quad.subject.value not in found:
                        found[quad.subject.value] = None
                        waiting.append(quad.subject.value)
        return list(found)[1:]


class Datasets:
    """The datasets that can be asked for of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        # Whether a query is to be sorted by kinds of values first, which the engine survives where it does not otherwise.
        self.by_kind = False
        self._whole = View(store)
        self._merges: OrderedDict[Hashable, Store] = OrderedDict()

    @cached_property
    def labels(self) -> LabelIndex:
        """Return the labels of the default graph, read once."""
        return LabelIndex(self.store)

    @cached_property
    def terms(self) -> StoredTerms:
        """Return the IRIs of the data."""
        return StoredTerms(self.store)

    @property
    def holds_triples(self) -> bool:
        """Return whether the data speaks of triples (RDF 1.2 Concepts, section 1.5)."""
        return next(self.store.quads_for_pattern(None, REIFIES, None, None), None) is not None

    def view(self, question: Question, tree: Query | None) -> View:
        """Return what a question is asked of; raises BadRequest where a graph's name is no IRI.

        Its tree says which graphs the query names itself (section 13.2); a query without one names none.
        """
        default, named = question.default_graphs, question.named_graphs
        if not default and not named and tree is not None:
            default, named = dataset(tree.dataset)
        if not default and not named:
            return self._whole if question.infer else View(self._stated())
        if not question.infer:
            default = tuple(graph for graph in default if graph != INFERRED_GRAPH)
            named = tuple(graph for graph in named if graph != INFERRED_GRAPH)
        default, named = _once(default), _once(named)
        names: list[NamedNode | BlankNode] = [_node(graph) for graph in named]
        if len(default) < 2:
            return View(self.store, [_node(graph) for graph in default], names)
        return View(self._merge(default, named), [DefaultGraph()], names)

    def _merge(self, default: tuple[str, ...], named: tuple[str, ...]) -> Store:
        return self._kept((frozenset(default), frozenset(named)), lambda: self._merged_quads(default, named))

    def _merged_quads(self, default: tuple[str, ...], named: tuple[str, ...]) -> Iterator[Quad]:
        for graph in default:
            yield from _as_default(self.store, _node(graph))
        for graph in named:
            yield from self.store.quads_for_pattern(None, None, None, _node(graph))

    def _stated(self) -> Store:
        """Return all graphs but the inferred one, and what the default graph has that is not inferred."""
        inferred = NamedNode(INFERRED_GRAPH)
        if not self.store.contains_named_graph(inferred):
            return self.store
        return self._kept("stated", lambda: self._stated_quads(inferred))

    def _stated_quads(self, inferred: NamedNode) -> Iterator[Quad]:
        for graph in self.store.named_graphs():
            if graph != inferred:
                yield from self.store.quads_for_pattern(None, None, None, graph)
                if graph != NamedNode(SHAPES_GRAPH):
                    yield from _as_default(self.store, graph)
        for quad in self.store.quads_for_pattern(None, None, None, DefaultGraph()):
            # Others than us state things in no graph.
            if Quad(quad.subject, quad.predicate, quad.object, inferred) not in self.store:
                yield quad

    def _kept(self, key: Hashable, quads: Callable[[], Iterator[Quad]]) -> Store:
        if key in self._merges:
            self._merges.move_to_end(key)
            return self._merges[key]
        merged = Store()
        merged.bulk_extend(quads())
        self._merges[key] = merged
        while len(self._merges) > MERGES_KEPT:
            self._merges.popitem(last=False)
        return merged


def _as_default(store: Store, graph: NamedNode | BlankNode) -> Iterator[Quad]:
    for quad in store.quads_for_pattern(None, None, None, graph):
        yield Quad(quad.subject, quad.predicate, quad.object)


def _once(graphs: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(graphs))


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise BadRequest(f"{iri!r} is not an absolute IRI, and a graph is named by one.") from error
