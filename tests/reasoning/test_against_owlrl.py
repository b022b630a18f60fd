"""What follows from ontologies made by chance is what another program says (owlrl), by the rules of RDFS and of OWL 2 RL."""

from __future__ import annotations

import random

import owlrl
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from kouan.reasoning.clashes import find_clash
from kouan.reasoning.closure import Inference

HERE = "http://example.org/"
PREFIXES = f"""@prefix : <{HERE}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
RESTRICTION = "[ a owl:Restriction ; owl:onProperty {p} ; "
OF_RDFS = (
    "{c} rdfs:subClassOf {d} .",
    "{p} rdfs:subPropertyOf {q} .",
    "{p} rdfs:domain {c} .",
    "{p} rdfs:range {c} .",
)
OF_OWL = (
    "{p} owl:inverseOf {q} .",
    "{p} a owl:SymmetricProperty .",
    "{p} a owl:TransitiveProperty .",
    "{p} a owl:FunctionalProperty .",
    "{p} a owl:InverseFunctionalProperty .",
    "{p} owl:equivalentProperty {q} .",
    "{p} owl:propertyChainAxiom ( {q} {r} ) .",
    "{c} owl:equivalentClass {d} .",
    "{c} owl:intersectionOf ( {d} {e} ) .",
    "{c} owl:unionOf ( {d} {e} ) .",
    "{c} owl:oneOf ( {i} {j} ) .",
    "{c} owl:hasKey ( {p} {q} ) .",
    "{i} owl:sameAs {j} .",
    "{p} owl:sameAs {q} .",
    "{c} owl:sameAs {d} .",
    "{c} owl:equivalentClass " + RESTRICTION + "owl:someValuesFrom {d} ] .",
    "{c} owl:equivalentClass " + RESTRICTION + "owl:someValuesFrom owl:Thing ] .",
    "{c} owl:equivalentClass " + RESTRICTION + "owl:hasValue {i} ] .",
    "{c} rdfs:subClassOf " + RESTRICTION + "owl:allValuesFrom {d} ] .",
    "{c} rdfs:subClassOf " + RESTRICTION + 'owl:maxCardinality "1"^^xsd:nonNegativeInteger ] .',
)
# Of the members of owl:AllDifferent and of owl:AllDisjointProperties the other program leaves the last out.
OF_FALSE = (
    "{c} owl:disjointWith {d} .",
    "{c} owl:complementOf {d} .",
    "{c} rdfs:subClassOf [ owl:complementOf {d} ] .",
    "[] a owl:AllDisjointClasses ; owl:members ( {c} {d} ) .",
    '{c} owl:onProperty {p} ; owl:maxCardinality "0"^^xsd:nonNegativeInteger .',
    '{c} owl:onProperty {p} ; owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onClass {d} .',
    "{p} owl:propertyDisjointWith {q} .",
    "{p} a owl:IrreflexiveProperty .",
    "{p} a owl:AsymmetricProperty .",
    "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual {i} ; owl:assertionProperty {p} ; owl:targetIndividual {j} .",
    "{i} owl:differentFrom {j} .",
)
FACTS = ("{i} a {c} .", "{i} {p} {j} .", "{j} {q} {i} .")


def made_by(chance, axioms, denials=()):
    def line(patterns):
        names = {name: f":C{chance.randrange(4)}" for name in "cde"}
        names |= {name: f":p{chance.randrange(4)}" for name in "pqr"}
        names |= {name: f":i{chance.randrange(5)}" for name in "ij"}
        return chance.choice(patterns).format(**names)

    return "\n".join(
        [line(axioms) for _ in range(4)]
        + [line(FACTS) for _ in range(6)]
        + [line(denials) for _ in range(2) if denials]
    )


def told(triples):
    """Return what is worth telling: nothing of the vocabularies themselves, nothing that is true of everything."""
    ours = {(s, p, o) for s, p, o in triples if s.startswith(HERE) and o.startswith(HERE)}
    return {(s, p, o) for s, p, o in ours if s != o or p.startswith(HERE)}


def without_levels(found, same):
    """Return what was told without equal terms being below each other, which their being equal says."""
    levels = ("subClassOf", "subPropertyOf", "equivalentClass", "equivalentProperty")
    return {(s, p, o) for s, p, o in found if (s, o) not in same or not p.endswith(levels)}


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("rules", ["rdfs", "owl-rl"])
def test_another_program_infers_the_same(seed, rules):
    text = PREFIXES + made_by(random.Random(seed), OF_RDFS if rules == "rdfs" else OF_OWL + OF_RDFS)
    graph = rdflib.Graph().parse(data=text, format="turtle")
    stated = set(graph)
    owlrl.DeductiveClosure(owlrl.RDFS_Semantics if rules == "rdfs" else owlrl.OWLRL_Semantics).expand(graph)
    same = {(str(s), str(o)) for s, o in graph.subject_objects(rdflib.OWL.sameAs)}
    theirs = without_levels(told(map(str, triple) for triple in set(graph) - stated), same)
    inference = Inference(rules)
    for quad in parse(text, format=RdfFormat.TURTLE):
        inference.read(quad)
    ours = without_levels(told([getattr(term, "value", "") for term in triple] for triple in inference.triples()), same)
    assert ours == theirs, text


@pytest.mark.parametrize("seed", range(36))
def test_another_program_finds_the_same_contradictions(seed):
    text = PREFIXES + made_by(random.Random(seed), OF_OWL + OF_RDFS, OF_FALSE)
    graph = rdflib.Graph().parse(data=text, format="turtle")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    is_false = any(str(predicate).endswith("#error") for predicate in graph.predicates())
    assert (find_clash(parse(text, format=RdfFormat.TURTLE)) is not None) == is_false, text


def test_equal_properties_and_classes_take_each_others_place():
    inference = Inference("owl-rl")
    text = ":q owl:sameAs :p . :p a owl:TransitiveProperty . :a :p :b . :b :q :c . :D owl:sameAs :C . :a a :D . :C rdfs:subClassOf :E ."
    for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE):
        inference.read(quad)
    found = [" ".join(term.value.removeprefix(HERE) for term in triple) for triple in inference.triples()]
    types = [line.replace(str(rdflib.RDF.type), "a") for line in found if str(rdflib.OWL) not in line]
    assert sorted(each for each in types if "#" not in each) == ["a a C", "a a E", "a p c", "a q b", "a q c", "b p c"]
