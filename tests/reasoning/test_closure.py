"""What follows: the rules of OWL 2 RL that the ontology uses, each on its smallest example."""

from __future__ import annotations

import time

import pytest
from pyoxigraph import RdfFormat, parse

from kouan.reasoning import closure

PREFIXES = """@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
RULES = {
    "prp-dom": (":p rdfs:domain :C . :a :p :b .", ":a a :C ."),
    "prp-rng": (":p rdfs:range :C . :a :p :b .", ":b a :C ."),
    "prp-symp": (":p a owl:SymmetricProperty . :a :p :b .", ":b :p :a ."),
    "prp-fp beside a literal": (":p a owl:FunctionalProperty . :a :p :b , 'x' , :c .", ":b owl:sameAs :c ."),
    "prp-trp": (":p a owl:TransitiveProperty . :a :p :b . :b :p :c .", ":a :p :c ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :a :p :b .", ":a :q :b ."),
    "prp-spo1 of literals": (
        ':p rdfs:subPropertyOf :q . :a :p "01"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        None,
    ),
    "prp-spo2": (":r owl:propertyChainAxiom ( :p :q ) . :a :p :b . :b :q :c .", ":a :r :c ."),
    "prp-spo2 of three": (":r owl:propertyChainAxiom ( :p :q :p ) . :a :p :b . :b :q :c . :c :p :d .", ":a :r :d ."),
    "prp-inv1": (":p owl:inverseOf :q . :a :p :b .", ":b :q :a ."),
    "prp-inv2": (":p owl:inverseOf :q . :a :q :b .", ":b :p :a ."),
    "cax-sco": (":C rdfs:subClassOf :D . :a a :C .", ":a a :D ."),
    "cls-svf1 as a definition": (
        ":D owl:equivalentClass [ owl:intersectionOf ( :C [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :E ] ) ] ."
        " :a a :C ; :p :b . :b a :E .",
        ":a a :D .",
    ),
    "cls-uni in a domain": (
        ":p rdfs:domain [ owl:unionOf ( :C :D ) ] . :C rdfs:subClassOf :E . :D rdfs:subClassOf :E . :a :p :b .",
        None,
    ),
    "chain after inverse": (
        ":r owl:propertyChainAxiom ( :p :q ) . :p owl:inverseOf :s . :b :s :a . :b :q :c .",
        ":a :r :c .",
    ),
}


def quads(text):
    return list(parse(PREFIXES + text, format=RdfFormat.TURTLE))


@pytest.mark.parametrize("rule", [name for name, (_, expected) in RULES.items() if expected])
def test_rule_infers(rule):
    stated, expected = RULES[rule]
    inferred = closure(quads(stated))
    assert {q.triple for q in quads(expected)} <= set(inferred)
    assert len(set(inferred)) == len(inferred)


@pytest.mark.alone
def test_time_grows_with_the_number_of_restrictions_and_not_with_its_square():
    def took(number: int) -> float:
        restricted = ":C{0} rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :D{0} ] ."
        stated = quads("\n".join(map(restricted.format, range(number))))
        begun = time.process_time()
        assert closure(stated) == []
        return time.process_time() - begun

    assert took(8_000) < 40 * took(500) + 0.5


def test_literals_keep_the_form_they_are_written_in():
    inferred = closure(quads(RULES["prp-spo1 of literals"][0]))
    assert [str(t.object) for t in inferred] == ['"01"^^<http://www.w3.org/2001/XMLSchema#integer>']


def test_nothing_stated_and_nothing_trivial_is_inferred():
    stated = quads(":C a owl:Class . :a a :C ; :p :b .")
    assert closure(stated) == []


def test_nothing_of_the_graph_is_said_of_itself(dataset):
    assert [t for t in closure(dataset.asserted()) if t.subject == t.object] == []


def test_corridor_crosses_the_country_of_its_cities(dataset):
    inferred = {str(triple) for triple in closure(dataset.asserted())}
    base = "https://w3id.org/kouan/"
    corridor = f"<{base}id/china-pakistan-economic-corridor> <{base}ontology#crosses>"
    assert f"{corridor} <{base}id/xinjiang>" in inferred
    assert f"{corridor} <{base}id/china>" in inferred
