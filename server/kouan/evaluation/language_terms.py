"""The terms of RDF, RDFS and OWL, which any data may be asked for; so that a slip in one of them is told. Knows no data."""

from __future__ import annotations

import re

from kouan.vocabulary import OWL, RDF, RDFS, XSD

NAMES = {
    # RDF 1.2 Concepts and Schema; what a container has is numbered.
    RDF: """
        Alt Bag CompoundLiteral HTML JSON List PlainLiteral Property Seq Statement XMLLiteral dirLangString direction
        first langString language nil object predicate reifies rest subject type value
    """,
    # RDF Schema 1.2.
    RDFS: """
        Class Container ContainerMembershipProperty Datatype Literal Resource comment domain isDefinedBy label member
        range seeAlso subClassOf subPropertyOf
    """,
    # OWL 2: RDF-Based Semantics, section 3.
    OWL: """
        AllDifferent AllDisjointClasses AllDisjointProperties Annotation AnnotationProperty AsymmetricProperty Axiom
        Class DataRange DatatypeProperty DeprecatedClass DeprecatedProperty FunctionalProperty
        InverseFunctionalProperty IrreflexiveProperty NamedIndividual NegativePropertyAssertion Nothing ObjectProperty
        Ontology OntologyProperty ReflexiveProperty Restriction SymmetricProperty Thing TransitiveProperty
        allValuesFrom annotatedProperty annotatedSource annotatedTarget assertionProperty backwardCompatibleWith
        bottomDataProperty bottomObjectProperty cardinality complementOf datatypeComplementOf deprecated differentFrom
        disjointUnionOf disjointWith distinctMembers equivalentClass equivalentProperty hasKey hasSelf hasValue
        imports incompatibleWith intersectionOf inverseOf maxCardinality maxQualifiedCardinality members
        minCardinality minQualifiedCardinality onClass onDataRange onDatatype onProperties onProperty oneOf
        priorVersion propertyChainAxiom propertyDisjointWith qualifiedCardinality rational real sameAs someValuesFrom
        sourceIndividual targetIndividual targetValue topDataProperty topObjectProperty unionOf versionIRI versionInfo
        withRestrictions
    """,
}
TERMS = frozenset(space + name for space, names in NAMES.items() for name in names.split())
MEMBER = re.compile(re.escape(RDF) + r"_[1-9][0-9]*")


def is_term(iri: str) -> bool:
    """Return whether an IRI is a term of RDF, RDFS or OWL, or may be a datatype of XML Schema."""
    return iri in TERMS or iri.startswith(XSD) or MEMBER.fullmatch(iri) is not None
