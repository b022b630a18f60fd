"""What a change concerns is judged again, and nothing that it concerns is left out."""

from __future__ import annotations

import random

import pytest
import rdflib
from pyoxigraph import Quad

from kouan.history.patch import Patch
from kouan.snapshot.opening import open_exact
from kouan.validation.affected import ShapesReading
from kouan.validation.checking import Checker
from kouan.vocabulary import INFERRED_GRAPH

SHAPES = """
@prefix : <urn:> . @prefix sh: <http://www.w3.org/ns/shacl#> .
:A sh:targetClass :T ; sh:property [ sh:path [ sh:inversePath :p ] ; sh:or ([ sh:class :C ] [ sh:property :Q ]) ] .
:Q sh:path :q ; sh:minCount 1 .
:B sh:targetSubjectsOf :p ; sh:property [ sh:path :r ; sh:lessThan :s ] .
:More sh:targetClass :T ; sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:minCount 2 ] .
:Closed sh:targetClass :T ; sh:closed true .
"""
DATA = "@prefix : <urn:> . :x a :T . :y :p :x ; :q 1 ; :r 1 ; :s 2 . :z a :T ."


@pytest.fixture(scope="module")
def checker(dataset, snapshot):
    inferred = [quad.triple for quad in open_exact(snapshot).quads(INFERRED_GRAPH)]
    return Checker(dataset, inferred)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_concerned_has_all_that_is_violated(checker, dataset, seed):
    some = random.Random(seed)
    stated = sorted(dataset.asserted(), key=str)
    removed = some.sample(stated, 12)
    pairs = zip(some.sample(stated, 12), some.sample(stated, 12), strict=True)
    added = {Quad(one.subject, one.predicate, other.object, one.graph_name) for one, other in pairs} - set(stated)
    patch = Patch(tuple(added), tuple(removed))
    checker.apply(patch)
    try:
        with checker.begun() as everything, checker.begun(patch) as concerned:
            violated = everything.violations(dataset)
            assert len(violated) > 3
            assert concerned.violations(dataset) == violated
    finally:
        checker.apply(patch.inverse())


def concerned(text):
    """By shape the nodes that a triple concerns."""
    shapes, data, changed = (rdflib.Graph().parse(data=each, format="turtle") for each in (SHAPES, DATA, text))
    names = [f"urn:{name}" for name in ("A", "B", "More", "Closed")]
    found = ShapesReading(shapes, names).concerned(data, list(changed))
    return found and {name[4:]: {str(node)[4:] for node in nodes} for name, nodes in found.items() if nodes}


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("<urn:y> <urn:q> 2 .", {"A": {"x"}, "B": {"y"}}),
        ("<urn:y> a <urn:C> .", {"A": {"x"}, "B": {"y"}}),
        ("<urn:y> <urn:s> 3 .", {"B": {"y"}}),
        ("<urn:z> <urn:other> <urn:w> .", {"A": {"z"}}),
        ("<urn:w> <urn:q> 2 .", {}),
    ],
)
def test_node_is_found_by_the_paths_that_its_shape_reads(text, nodes):
    assert concerned(text) == nodes


def test_class_with_other_members_concerns_everything():
    assert concerned("<urn:C> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:T> .") is None
