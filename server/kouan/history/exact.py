"""A store together with the terms as they were written, which it rewrites. Knows patches; knows nothing of how they come about.

The engine keeps `"01"^^xsd:integer` as `1`. Beside it stands, for each quad that it rewrote, in which forms that was written:
these are few, so that neither reading a graph exactly nor changing one quad walks over the whole data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kouan.history.patch import Patch, graph_of
from kouan.vocabulary import SHAPES_GRAPH, XSD

# Forms that are certainly kept as they are; asking a store about each literal takes twenty times as long.
KEPT = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD + "decimal": re.compile(r"-?[1-9][0-9]{0,12}(\.[0-9]{0,4}[1-9])?"),
    XSD + "date": re.compile(r"[12][0-9]{3}-[01][0-9]-[0-2][0-9]"),
    XSD + "dateTime": re.compile(r"[12][0-9]{3}-[01][0-9]-[0-2][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z"),
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "string": re.compile(r"[\s\S]*"),
}
PLAIN = NamedNode("urn:x")


def folded(quad: Quad) -> Quad:
    """Return a quad as the engine keeps it."""
    value = quad.object
    if isinstance(value, NamedNode):
        return quad
    if isinstance(value, Literal):
        kept = KEPT.get(value.datatype.value)
        if kept is not None and kept.fullmatch(value.value):
            return quad
    elif not isinstance(value, Triple):
        return quad
    return Quad(quad.subject, quad.predicate, _folded(value), quad.graph_name)


@lru_cache(maxsize=100_000)
def _folded(value: Literal | Triple) -> Literal | Triple:
    store = Store()
    store.add(Quad(PLAIN, PLAIN, value))
    kept = next(iter(store)).object
    assert isinstance(kept, Literal | Triple)
    return kept


class ExactStore:
    """A store, and the forms in which the quads that it rewrote were written.

    Where the default graph is the merge of the named ones, it is kept so; it is not written itself then. `grown` counts by how
    many quads each graph grew in the store, "" for the default graph, since it was opened or that was cleared.
    """

    def __init__(self, store: Store, written: Iterable[Quad] = (), *, merged: bool) -> None:
        """Take a store, and of each quad that it rewrote all forms, the engine's own too where it was written."""
        self.store = store
        self.merged = merged
        self.grown: Counter[str] = Counter()
        self._forms: dict[Quad, frozenset[Quad]] = {}
        for quad in written:
            kept = folded(quad)
            self._forms[kept] = self._forms.get(kept, frozenset()) | {quad}

    def forms(self, quad: Quad) -> frozenset[Quad]:
        """Return in which forms a quad was written, whichever of them is given; none where it does not stand."""
        kept = folded(quad)
        known = self._forms.get(kept)
        if known is not None:
            return known
        return frozenset({kept}) if kept in self.store else frozenset()

    def holds(self, quad: Quad) -> bool:
        """Return whether a quad stands in exactly this form."""
        return quad in self.forms(quad)

    def quads(self, graph: str) -> Iterator[Quad]:
        """Yield the quads of a graph as they were written, "" for the default graph."""
        # What names a graph without being an IRI is a blank node.
        name = (NamedNode if ":" in graph else BlankNode)(graph) if graph else DefaultGraph()
        if self.merged and not graph:
            yield from self._merge()
            return
        for quad in self.store.quads_for_pattern(None, None, None, name):
            yield from self._forms.get(quad, (quad,))

    def all_quads(self) -> Iterator[Quad]:
        """Yield every quad as it was written, without the merge of them where there is one."""
        for quad in self.store:
            if not (self.merged and isinstance(quad.graph_name, DefaultGraph)):
                yield from self._forms.get(quad, (quad,))

    def about(self, node: NamedNode | BlankNode, *, is_object: bool = True) -> Iterator[Quad]:
        """Yield the quads of which a node is the subject, or the object too, as they were written, without a merge of them."""
        for pattern in ((node, None), (None, node)) if is_object else ((node, None),):
            for quad in self.store.quads_for_pattern(pattern[0], None, pattern[1], None):
                if not self._is_copy(quad):
                    yield from self._forms.get(quad, (quad,))

    def whole(self) -> Iterator[Quad]:
        """Yield every quad as it was written; of the default graph, where it is a merge, what no other graph has."""
        yield from self.all_quads()
        yield from self._in_no_graph()

    def graphs(self) -> set[str]:
        """Return the names of the graphs that have quads."""
        return {name.value for name in self.store.named_graphs() if not self._is_empty(name)}

    def rewritten(self) -> Iterator[Quad]:
        """Yield what has to be known beside the store: all forms of the quads that it rewrote."""
        return (quad for forms in self._forms.values() for quad in forms)

    def apply(self, patch: Patch) -> None:
        """Change the data as a patch says."""
        for quad in patch.removed:
            self._remove(quad)
        for quad in patch.added:
            self._add(quad)
        for graph in {quad.graph_name for quad in patch.removed if not isinstance(quad.graph_name, DefaultGraph)}:
            # A graph of which nothing is left is no graph.
            if self._is_empty(graph):
                self.store.remove_graph(graph)

    def _remove(self, quad: Quad) -> None:
        left = self.forms(quad) - {quad}
        kept = folded(quad)
        self._remember(kept, left)
        if left or kept not in self.store:
            return
        self.store.remove(kept)
        self.grown[graph_of(kept)] -= 1
        if self._is_merged(kept) and not any(
            self._is_merged(each)
            for each in self.store.quads_for_pattern(kept.subject, kept.predicate, kept.object, None)
        ):
            merged = Quad(kept.subject, kept.predicate, kept.object)
            if merged in self.store:
                self.store.remove(merged)
                self.grown[""] -= 1

    def _add(self, quad: Quad) -> None:
        kept = folded(quad)
        self._remember(kept, self.forms(quad) | {quad})
        merged = [Quad(kept.subject, kept.predicate, kept.object)] if self._is_merged(kept) else []
        for each in (kept, *merged):
            if each not in self.store:
                self.store.add(each)
                self.grown[graph_of(each)] += 1

    def _remember(self, kept: Quad, forms: frozenset[Quad]) -> None:
        if not forms or forms == {kept}:
            self._forms.pop(kept, None)
        else:
            self._forms[kept] = forms

    def _is_merged(self, quad: Quad) -> bool:
        """Return whether a quad stands in the default graph too, because that is the merge of the others."""
        return self.merged and graph_of(quad) not in {"", SHAPES_GRAPH}

    def _is_copy(self, quad: Quad) -> bool:
        """Return whether a quad stands in the default graph because that is the merge of the others, one of which has it."""
        if not (self.merged and isinstance(quad.graph_name, DefaultGraph)):
            return False
        held = self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return any(not isinstance(each.graph_name, DefaultGraph) for each in held)

    def _is_empty(self, graph: NamedNode | BlankNode) -> bool:
        return next(self.store.quads_for_pattern(None, None, None, graph), None) is None

    def _merge(self) -> Iterator[Quad]:
        seen: set[Triple] = set()
        for quad in self.all_quads():
            if self._is_merged(quad) and quad.triple not in seen:
                seen.add(quad.triple)
                yield Quad(quad.subject, quad.predicate, quad.object)
        yield from self._in_no_graph()

    def _in_no_graph(self) -> Iterator[Quad]:
        """Yield the quads of a default graph that is a merge which no other graph has; none where it is no merge."""
        for quad in self.store.quads_for_pattern(None, None, None, DefaultGraph()) if self.merged else ():
            if not self._is_copy(quad):
                yield from self._forms.get(quad, (quad,))
