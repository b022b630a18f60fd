"""What is kept of a graph between writes is what would be found out anew, whatever comes and goes."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kouan.history.patch import Patch
from kouan.snapshot.canonical import Canonical, canonical_quads, version_of
from kouan.snapshot.self_description import TYPE, Partitions, is_classing
from kouan.vocabulary import KOUAN

CLASSES = [NamedNode(KOUAN + name) for name in ("City", "Port", "City/x", "City:x")]
THINGS = [NamedNode(f"urn:{name}") for name in "abc"] + [BlankNode("x"), BlankNode("y")]
PREDICATES = [TYPE, NamedNode("urn:p:q"), NamedNode("urn:p_q")]
OBJECTS = [*CLASSES, *THINGS, Literal("1"), Literal(1), Literal("1", language="en")]
GRAPHS = [NamedNode("urn:g"), NamedNode("urn:h")]
quads = st.builds(Quad, *map(st.sampled_from, (THINGS, PREDICATES, OBJECTS, GRAPHS)))


@given(st.lists(st.sets(quads, max_size=8), min_size=2, max_size=5))
@settings(max_examples=150, deadline=None)
def test_version_is_that_of_all_quads(states):
    kept = Canonical(states[0])
    for before, after in pairwise(states):
        kept.change(Patch(tuple(after - before), tuple(before - after)))
        assert kept.version() == version_of(canonical_quads(after))


@given(st.lists(st.sets(quads, max_size=12), min_size=2, max_size=5))
@settings(max_examples=150, deadline=None)
def test_description_is_that_of_all_triples(states):
    stages = [{quad.triple for quad in state} for state in states]
    kept = Partitions(stages[0])
    told = set(kept.said())
    for before, after in pairwise(stages):
        changed = before ^ after
        things = {triple.subject for triple in changed if is_classing(triple)}
        added, removed = kept.change(around(before, changed, things), around(after, changed, things))
        told = (told - removed) | added
        assert told == set(kept.said()) == set(Partitions(after).said())


def around(triples, changed, things):
    return {each for each in triples if each in changed or each.subject in things or each.object in things}


def test_what_stands_already_is_taken_once():
    quad = Quad(THINGS[0], PREDICATES[1], THINGS[1], GRAPHS[0])
    other = Quad(THINGS[0], PREDICATES[1], THINGS[2], GRAPHS[0])
    kept = Canonical([quad])
    for patch in (Patch(added=(quad,)), Patch(removed=(other,))):
        kept.change(patch)
        assert kept.version() == version_of([quad])


def test_what_has_no_blank_nodes_changes_no_name_of_one():
    some = random.Random(7)
    blank = [Quad(BlankNode(f"b{i}"), PREDICATES[1], BlankNode(f"b{some.randrange(9)}"), GRAPHS[0]) for i in range(9)]
    nested = [Quad(THINGS[0], PREDICATES[1], Triple(BlankNode("b1"), PREDICATES[1], Literal("x")), GRAPHS[0])]
    plain = [Quad(THINGS[0], PREDICATES[1], Literal(str(i)), GRAPHS[1]) for i in range(50)]
    assert Canonical([*blank, *nested, *plain]).version() == version_of(canonical_quads([*plain, *nested, *blank]))
