"""Say which IRIs of a query stand nowhere in the data, and which may have been meant. Knows one store and trees of queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Store
from rapidfuzz import fuzz, process

from kouan.sparql.search import PROPERTY as SEARCH
from kouan.sparql.tree import Graph, Iri, Node, Query, Service, TriplePattern, walk
from kouan.vocabulary import OWL, RDF, RDFS, XSD

MOST_TOLD = 5
# The terms of more are not looked through for a likeness.
MOST_QUADS = 500_000
LEAST_LIKENESS, LEAST_ELSEWHERE = 60.0, 85.0
TYPE = NamedNode(RDF + "type")
# Terms of the languages themselves may be asked for of any data.
SPOKEN = (RDF, RDFS, OWL, XSD)
PROPERTY, CLASS, THING = "property", "class", "thing"
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z_]+|\d+")
LOCAL = re.compile(r"[^#/:]*\Z")


class Terms:
    """The IRIs of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def unknown_in(self, tree: Query) -> tuple[str, ...]:
        """Return a sentence for each IRI of a query that stands nowhere in the data, five at most."""
        found: dict[str, str] = {}
        for iri, role in _asked(tree):
            if iri not in found and not iri.startswith(SPOKEN) and iri != SEARCH and not self._stands(iri):
                found[iri] = role
        return tuple(self._said(iri, role) for iri, role in list(found.items())[:MOST_TOLD])

    def _said(self, iri: str, role: str) -> str:
        nearest = self._nearest(iri, role)
        return f"<{iri}> stands nowhere in the data" + (f"; the nearest {role} is <{nearest}>" if nearest else "")

    def _stands(self, iri: str) -> bool:
        node = NamedNode(iri)
        places = (
            (node, None, None, None),
            (None, node, None, None),
            (None, None, node, None),
            (None, None, None, node),
        )
        return any(next(self.store.quads_for_pattern(*place), None) is not None for place in places)

    def _nearest(self, iri: str, role: str) -> str:
        """Return the IRI of the data that is most like another and plays its role, "" where none is alike."""
        known = self._known.get(role, {})
        whole = process.extractOne(iri, list(known), scorer=fuzz.ratio, score_cutoff=90)
        if whole is not None:
            return str(whole[0])
        space = iri.removesuffix(_local(iri))
        near = {each: words for each, words in known.items() if each.startswith(space)}
        for some, least in ((near, LEAST_LIKENESS), (known, LEAST_ELSEWHERE)):
            alike = process.extractOne(_words(iri), some, scorer=fuzz.token_sort_ratio, score_cutoff=least)
            if alike is not None:
                return str(alike[2])
        return ""

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        """Return the words of the IRIs of the data, by their role; none of data that is too large for that."""
        found: dict[str, dict[str, str]] = {PROPERTY: {}, CLASS: {}, THING: {}}
        if len(self.store) > MOST_QUADS:
            return found
        for quad in self.store.quads_for_pattern(None, None, None, DefaultGraph()):
            found[PROPERTY].setdefault(quad.predicate.value, "")
            if isinstance(quad.subject, NamedNode):
                found[THING].setdefault(quad.subject.value, "")
            if isinstance(quad.object, NamedNode):
                found[CLASS if quad.predicate == TYPE else THING].setdefault(quad.object.value, "")
        return {role: {iri: _words(iri) for iri in sorted(iris)} for role, iris in found.items()}


def _asked(tree: Query) -> Iterator[tuple[str, str]]:
    """Yield the IRIs that the patterns of a query name, each with the role that it plays there."""
    within = {id(node) for service in walk(tree) if isinstance(service, Service) for node in walk(service)}
    for node in walk(tree.where) if tree.where is not None else ():
        if id(node) in within:
            continue
        if isinstance(node, Graph) and isinstance(node.name, Iri):
            yield node.name.value, THING
        if isinstance(node, TriplePattern):
            yield from _of_triple(node)


def _of_triple(triple: TriplePattern) -> Iterator[tuple[str, str]]:
    if isinstance(triple.predicate, Node):
        yield from ((node.value, PROPERTY) for node in walk(triple.predicate) if isinstance(node, Iri))
    if isinstance(triple.subject, Iri):
        yield triple.subject.value, THING
    if isinstance(triple.object, Iri):
        is_type = isinstance(triple.predicate, Iri) and triple.predicate.value == TYPE.value
        yield triple.object.value, CLASS if is_type else THING


def _words(iri: str) -> str:
    """Return the words of an IRI's local name: `kindOfZone` and `kind-of-zone` are alike."""
    return " ".join(WORD.findall(_local(iri))).lower()


def _local(iri: str) -> str:
    found = LOCAL.search(iri)
    return found[0] if found else ""
