"""Compute the OWL 2 RL closure of quads (OWL 2 Profiles, section 4.3). Knows rules; knows no files and no graphs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import rdflib
import reasonable
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kouan.validation.asking import to_rdflib
from kouan.vocabulary import OWL, RDF, RDFS

TYPE = NamedNode(RDF + "type")
CHAIN = NamedNode(OWL + "propertyChainAxiom")
FIRST, REST, NIL = NamedNode(RDF + "first"), NamedNode(RDF + "rest"), NamedNode(RDF + "nil")
# True of everything, so that they tell nobody anything.
TRIVIAL_CLASSES = {OWL + "Thing", RDFS + "Resource", OWL + "NamedIndividual", RDF + "Statement"}
REFLEXIVE = {
    OWL + "sameAs",
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
}
BUILT_IN = (OWL, RDF, RDFS, "http://www.w3.org/2001/XMLSchema#")


def closure(quads: Iterable[Quad], known: Iterable[Triple] = ()) -> list[Triple]:
    """Return the triples that the quads imply and do not state, sorted; nothing about blank nodes, nothing trivial.

    `known` are some of them that are known beforehand.
    """
    stated = {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}
    inferred = set(known) - stated
    while True:
        inferred |= _rules(stated | inferred) - stated
        closed = stated | inferred
        more = (_chains(closed) | _literals(closed)) - closed
        if not more:
            return sorted((triple for triple in inferred if _tells(triple)), key=str)
        inferred |= more


def _rules(triples: set[Triple]) -> set[Triple]:
    """Return what the reasoner infers: every rule of the profile but that of property chains."""
    reasoner = reasonable.PyReasoner()
    reasoner.from_graph(
        [
            (to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object))
            for triple in triples
            if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple)
        ]
    )
    # Blank nodes change their labels on the way, and literals their form; neither is inferred about here.
    return {
        Triple(_name(s), _name(p), _name(o))
        for s, p, o in reasoner.reason()
        if isinstance(s, rdflib.URIRef) and isinstance(o, rdflib.URIRef)
    }


@lru_cache(maxsize=100_000)
def _name(node: str) -> NamedNode:
    return NamedNode(str(node))


def _literals(triples: set[Triple]) -> set[Triple]:
    """Return what sub-properties say of literals (rule prp-spo1), with the literals exactly as they are written."""
    above = defaultdict(set)
    for triple in triples:
        if triple.predicate.value == RDFS + "subPropertyOf" and isinstance(triple.object, NamedNode):
            above[triple.subject].add(triple.object)
    return {
        Triple(triple.subject, parent, triple.object)
        for triple in triples
        if isinstance(triple.object, Literal)
        for parent in above.get(triple.predicate, ())
    }


def _chains(triples: set[Triple]) -> set[Triple]:
    """Return what property chains say (rule prp-spo2)."""
    found = set()
    by_predicate: dict[NamedNode, dict[NamedNode | BlankNode, set[NamedNode | BlankNode]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for triple in triples:
        if not isinstance(triple.object, Literal | Triple) and not isinstance(triple.subject, Triple):
            by_predicate[triple.predicate][triple.subject].add(triple.object)
    for axiom in triples:
        if axiom.predicate != CHAIN or not isinstance(axiom.subject, NamedNode):
            continue
        links = _members(axiom.object, by_predicate)
        pairs = {(s, o) for s, objects in by_predicate[links[0]].items() for o in objects}
        for link in links[1:]:
            pairs = {(s, o) for s, middle in pairs for o in by_predicate[link].get(middle, ())}
        found |= {Triple(s, axiom.subject, o) for s, o in pairs}
    return found


def _members(
    node: object, by_predicate: dict[NamedNode, dict[NamedNode | BlankNode, set[NamedNode | BlankNode]]]
) -> list[NamedNode]:
    members = []
    while isinstance(node, BlankNode) and node != NIL:
        members += [member for member in by_predicate[FIRST][node] if isinstance(member, NamedNode)]
        node = next(iter(by_predicate[REST][node]), NIL)
    return members


def _tells(triple: Triple) -> bool:
    subject, predicate, value = triple.subject, triple.predicate.value, triple.object
    if not isinstance(subject, NamedNode) or isinstance(value, BlankNode) or subject.value.startswith(BUILT_IN):
        return False
    if predicate in REFLEXIVE:
        return subject != value and not (isinstance(value, NamedNode) and value.value.startswith(BUILT_IN))
    return not (triple.predicate == TYPE and isinstance(value, NamedNode) and value.value in TRIVIAL_CLASSES)
