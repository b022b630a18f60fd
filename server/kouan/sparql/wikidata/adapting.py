"""Rewrite a query that was written for Wikidata's own service in plain SPARQL: its services, and its hints left out.

Knows where a SERVICE stands and which are known; each is rewritten by its own module.
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import blank, groups_below, rewritten
from kouan.sparql.telltale import lacks
from kouan.sparql.tree import (
    GroupGraphPattern,
    Iri,
    Node,
    Query,
    ServiceGraphPattern,
    SubSelect,
    TriplePattern,
    TriplesBlock,
)
from kouan.sparql.wikidata.geosearch import GEOSEARCHES, geosearch_edits
from kouan.sparql.wikidata.labels import LABEL_SERVICE, label_edits
from kouan.sparql.wikidata.names import HINT


def adapt(tree: Query) -> Query:
    """Return a query in plain SPARQL, every line where it was; itself where it is plain.

    Raises QueryError, with the place, where a service is asked for what it does not have.
    """
    if tree.where is None or (not tree.services and lacks(tree.text, "queryhints", "hint:")):
        return tree
    return rewritten(tree, _within(tree, tree.where, tree))


def _within(tree: Query, group: GroupGraphPattern, select: Query | SubSelect) -> Iterator[Edit]:
    for element in group.elements:
        if isinstance(element, ServiceGraphPattern):
            yield from _service(tree, element, group, select)
        elif isinstance(element, TriplesBlock):
            yield from _hints(tree.text, element)
        elif isinstance(element, SubSelect):
            yield from _within(tree, element.where, element)
        else:
            for inner in [element] if isinstance(element, GroupGraphPattern) else groups_below(element):
                yield from _within(tree, inner, select)


def _service(
    tree: Query, service: ServiceGraphPattern, group: GroupGraphPattern, select: Query | SubSelect
) -> Iterator[Edit]:
    name = service.name.value if isinstance(service.name, Iri) else ""
    if name == LABEL_SERVICE:
        yield from label_edits(tree, service, group, select)
    elif name in GEOSEARCHES:
        yield from geosearch_edits(tree, service, group)


def _hints(text: str, block: TriplesBlock) -> Iterator[Edit]:
    for number, node in enumerate(block.triples):
        if _is_hint(node):
            after = block.triples[number + 1 :]
            end = after[0].start if after else block.end
            yield Edit(node.start, end, blank(text[node.start : end]))


def _is_hint(node: Node) -> bool:
    return isinstance(node, TriplePattern) and isinstance(node.subject, Iri) and node.subject.value.startswith(HINT)
