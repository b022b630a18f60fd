"""Read what a query tells one of the services that Wikidata's server has inside: triples of simple terms. Knows no service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kouan.errors import QueryError
from kouan.sparql.tree import (
    BlankNode,
    Iri,
    Literal,
    Node,
    PathAlternative,
    PathSequence,
    Query,
    ServiceGraphPattern,
    TriplePattern,
    TriplesBlock,
    Var,
)
from kouan.sparql.wikidata.names import BIGDATA, WIKIBASE

PARAMETER = BIGDATA + "serviceParam"
Simple = Var | Iri | Literal | BlankNode
LONGEST_SHOWN = 40


class Triple(NamedTuple):
    """A triple that a service is told."""

    subject: Simple
    predicate: Simple
    object: Simple


def read_triples(tree: Query, service: ServiceGraphPattern) -> Iterator[Triple]:
    """Return the triples in a SERVICE; raises QueryError where more than simple terms stand there."""
    for element in service.group.elements:
        if not isinstance(element, TriplesBlock):
            raise _not_simple(tree, element)
        for node in element.triples:
            if not isinstance(node, TriplePattern):
                raise _not_simple(tree, node)
            subject, predicate, value = node.subject, node.predicate, node.object
            if not isinstance(subject, Simple):
                raise _not_simple(tree, subject)
            if not isinstance(predicate, Simple):
                raise _not_simple(tree, predicate)
            if not isinstance(value, Simple) or node.annotations:
                raise _not_simple(tree, value)
            yield Triple(subject, predicate, value)


def _not_simple(tree: Query, node: Node) -> QueryError:
    start, shown = node.start, tree.text[node.start : node.end][:LONGEST_SHOWN]
    if isinstance(node, PathSequence | PathAlternative):
        shown = "/" if isinstance(node, PathSequence) else "|"
        start = tree.text.index(shown, node.parts[0].end)
    return QueryError(
        f"Within this SERVICE stand triples of simple terms, and no {shown}; write the rest outside of it.",
        *tree.place(start),
    )


def parameter_of(triple: Triple) -> str:
    """Return the name of the parameter that a triple gives: wikibase:radius is "radius"; "" where it gives none."""
    asks = iri_of(triple.predicate)
    is_parameter = iri_of(triple.subject) == PARAMETER and asks.startswith(WIKIBASE)
    return asks.removeprefix(WIKIBASE) if is_parameter else ""


def iri_of(term: Simple) -> str:
    """Return an IRI, "" where a term is none."""
    return term.value if isinstance(term, Iri) else ""


def variable_of(term: Simple) -> str:
    """Return the name of a variable, "" where a term is none."""
    return term.name if isinstance(term, Var) else ""
