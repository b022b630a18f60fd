"""Contradictions that need no search, each on its smallest example."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from kouan.reasoning.clashes import has_clash

PREFIXES = """@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CLASHES = {
    "disjoint classes": ":C owl:disjointWith :D . :a a :C, :D .",
    "all disjoint classes": "[] a owl:AllDisjointClasses ; owl:members ( :C :D :E ) . :a a :C, :E .",
    "irreflexive": ":p a owl:IrreflexiveProperty . :a :p :a .",
    "asymmetric": ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .",
    "functional": ":p a owl:FunctionalProperty . :a :p 1, 2 .",
    "range": ':p rdfs:range xsd:integer . :a :p "1" .',
    "nothing": ":a a owl:Nothing .",
}
FINE = {
    "disjoint classes": ":C owl:disjointWith :D . :a a :C . :b a :D .",
    "irreflexive": ":p a owl:IrreflexiveProperty . :a :p :b .",
    "functional": ":p a owl:FunctionalProperty . :a :p 1 . :b :p 2 .",
    "an integer is a decimal": ":p rdfs:range xsd:decimal . :a :p 1 .",
}


def triples(text):
    return [quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE)]


@pytest.mark.parametrize("name", CLASHES)
def test_clash_is_found(name):
    assert has_clash(triples(CLASHES[name]))


@pytest.mark.parametrize("name", FINE)
def test_what_is_no_clash_is_left_alone(name):
    assert not has_clash(triples(FINE[name]))
