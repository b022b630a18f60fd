"""The bound on a query's work is never below the work, and reads only forms that it knows."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time

import pytest
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, Store

from kouan.engine import statistics
from kouan.engine.bound import MOST_STEPS, Bound
from kouan.engine.statistics import Predicate, count, kept
from kouan.errors import TooMuchMemory
from kouan.sparql.scanning.guard import inspect
from kouan.sparql.scanning.patterns import NotSimple, read

E = "http://e/"


@pytest.fixture(scope="module")
def store():
    chance = random.Random(7)
    store = Store()
    things = [NamedNode(f"{E}s{i}") for i in range(40)]
    for predicate, triples in (("p", 200), ("q", 60), ("r", 20)):
        for _ in range(triples):
            store.add(Quad(chance.choice(things), NamedNode(E + predicate), chance.choice(things[:15])))
    return store


@pytest.fixture(scope="module")
def bound(store):
    async def select(query):
        return store.query(query).serialize(format=QueryResultsFormat.JSON)

    return Bound(asyncio.run(count(select)))


PARTS = [
    "e:s3 e:r+ ?b",
    "?a e:q* ?c",
    "?a e:p ?b",
    "?b e:q ?c",
    "?a e:r ?c",
    "?c ?x ?d",
    "e:s3 e:p ?b",
    "?b e:p/e:q ?d",
    "?d ^e:r ?a",
    "?a e:p e:s4",
]


@pytest.mark.parametrize("parts", [*itertools.combinations(PARTS, 2), *itertools.combinations(PARTS[:8], 3)])
def test_no_join_has_more_solutions_than_its_bound(store, bound, parts):
    text = f"PREFIX e: <{E}> SELECT * {{ {' . '.join(parts)} }}"
    solutions = sum(1 for _ in store.query(text))
    group, _ = read(text)
    assert solutions <= bound.steps(group)


@pytest.mark.parametrize(
    "pattern",
    [
        "?a e:p ?b OPTIONAL { ?b e:q ?c }",
        "?a e:r ?b OPTIONAL { ?b e:p ?c } OPTIONAL { ?c e:p ?d } OPTIONAL { ?d e:p ?e } OPTIONAL { ?e e:p ?f }",
        "{ ?a e:p ?b } UNION { ?a e:q ?b }",
        "VALUES ?a { e:s1 e:s2 e:s3 } ?a e:p ?b",
        "?a e:p ?b FILTER(?b != e:s1) BIND(STR(?b) AS ?n)",
    ],
)
def test_no_other_pattern_has_more_solutions_than_its_bound(store, bound, pattern):
    text = f"PREFIX e: <{E}> SELECT * {{ {pattern} }}"
    assert sum(1 for _ in store.query(text)) <= bound.steps(read(text)[0])


def test_each_optional_multiplies_what_the_next_must_do(bound):
    one = f"PREFIX e: <{E}> SELECT * {{ ?a e:r ?b OPTIONAL {{ ?b e:p ?c }} }}"
    three = one[:-1] + "OPTIONAL { ?c e:p ?d } OPTIONAL { ?d e:p ?e } }"
    assert bound.steps(read(three)[0]) > 100 * bound.steps(read(one)[0])


def small(bound, text):
    return bound.is_small(text, inspect(text, length=10_000, nesting=100))


def test_lookup_is_small_and_a_cross_product_is_not(bound):
    assert small(bound, f"SELECT * {{ <{E}s1> ?p ?o }}")
    assert not small(bound, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert not small(bound, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")


def test_queries_of_one_skeleton_with_other_predicates_are_told_apart(bound):
    rare = f"SELECT * {{ ?a <{E}r> ?b . ?c <{E}r> ?d }}"
    common = f"SELECT * {{ ?a <{E}p> ?b . ?c <{E}p> ?d }}"
    assert bound.steps(read(rare)[0]) < MOST_STEPS < bound.steps(read(common)[0])
    assert small(bound, rare)
    assert not small(bound, common)
    assert small(bound, rare)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?a (<http://e/p>/<http://e/q>)* ?b }",
        "SELECT * { ?a <http://e/p>|<http://e/q> ?b }",
        "SELECT * { ?a ?p ?b FILTER EXISTS { ?b ?q ?c } }",
        "SELECT * { ?a ?p ?b FILTER NOT EXISTS { ?b ?q ?c } }",
        "SELECT * { ?a ?p ?b FILTER(EXISTS { ?b ?q ?c }) }",
        "SELECT * { { SELECT * { ?a ?b ?c } } }",
        "SELECT * { GRAPH ?g { ?a ?b ?c } }",
        "SELECT * { ?a ?b ?c MINUS { ?a ?d ?e } }",
        "SELECT * { ?a ?b ?c } VALUES ?a { 1 2 }",
        "SELECT * FROM <http://e/g> { ?a ?b ?c }",
        "SELECT (EXISTS { ?x ?y ?z } AS ?e) { ?a ?b ?c }",
        "SELECT ?a { ?a ?b ?c } GROUP BY ?a HAVING(EXISTS { ?a ?y ?z })",
        "DESCRIBE ?a { ?a ?b ?c }",
        "SELECT * { ?a ?b ( 1 2 ) }",
        "SELECT * { ?a ?b [ ?c ?d ] }",
        "SELECT * { ?a ?b ?c {| ?d ?e |} }",
        "SELECT * { ?a ?b",
    ],
)
def test_forms_whose_work_is_not_known_are_not_read(text):
    with pytest.raises((NotSimple, IndexError)):
        read(text)


def test_counts_in_parts_are_those_of_the_whole(store, monkeypatch):
    async def select(query):
        return store.query(query).serialize(format=QueryResultsFormat.JSON)

    whole = asyncio.run(count(select))
    monkeypatch.setattr(statistics, "COUNTED_AT_ONCE", 100)
    parts = asyncio.run(count(select))
    assert (parts.triples, parts.predicates) == (whole.triples, whole.predicates)
    assert parts.of_subject >= whole.of_subject
    assert parts.of_object >= whole.of_object


def test_what_is_too_much_to_count_is_taken_at_its_most(store):
    async def select(query):
        if "MAX" in query:
            raise TooMuchMemory("Too many groups.")
        return store.query(query).serialize(format=QueryResultsFormat.JSON)

    found = asyncio.run(count(select))
    assert found.predicates[E + "r"] == Predicate(20, 20, 20, 20, 20)
    assert found.any_predicate.of_subject == found.triples


def test_counts_are_made_once_and_kept(store, tmp_path):
    asked = []

    async def select(query):
        asked.append(query)
        return store.query(query).serialize(format=QueryResultsFormat.JSON)

    first = asyncio.run(kept(tmp_path, "v1", select))
    again = asyncio.run(kept(tmp_path, "v1", select))
    assert again == first
    assert len(asked) == 5
    asyncio.run(kept(tmp_path, "v2", select))
    assert len(asked) == 10


def test_longest_query_at_hand_does_not_end_the_process(store):
    chain = "SELECT * { FILTER(" + "!" * 1900 + "true) }"
    assert len(list(store.query(chain))) in {0, 1}


@pytest.fixture(scope="module")
def large():
    """A store of 150,000 triples in which a wrong order of joining takes long, and its bound."""
    chance = random.Random(11)
    things = [NamedNode(f"{E}t{i}") for i in range(30_000)]
    places = [NamedNode(f"{E}place{i}") for i in range(300)]
    quads = []
    for number, thing in enumerate(things):
        quads += [
            Quad(thing, NamedNode(E + "kind"), NamedNode(f"{E}K{number % 3}")),
            Quad(thing, NamedNode(E + "in"), chance.choice(places)),
            Quad(thing, NamedNode(E + "name"), NamedNode(f"{E}name{number}")),
            Quad(thing, NamedNode(E + "near"), things[(number * 7) % 30_000]),
        ]
    quads += [Quad(place, NamedNode(E + "in"), places[number // 10]) for number, place in enumerate(places)]
    quads += [Quad(things[i], NamedNode(E + "rare"), things[i + 1]) for i in range(20)]
    large = Store()
    large.bulk_extend(quads)

    async def select(query):
        return large.query(query).serialize(format=QueryResultsFormat.JSON)

    return large, Bound(asyncio.run(count(select)))


PIECES = [
    "?a e:in e:place7",
    "?a e:name ?n",
    "?a e:kind ?k",
    "?b e:kind e:K1",
    "?a e:near ?b",
    "?b e:in ?p",
    "?a e:rare ?b",
    "e:t5 e:near ?a",
    "e:t5 e:in+ ?p",
    "?a e:in* ?p",
    "?a e:in/e:in ?q",
    "?a ?x ?b",
    "OPTIONAL { ?a e:near ?b }",
    "OPTIONAL { ?a e:near ?d . ?d e:name ?m }",
    "OPTIONAL { ?a e:kind ?k1 . ?a e:near ?d1 }",
    "OPTIONAL { ?d e:kind e:K2 . ?d e:name ?m2 }",
    "OPTIONAL { ?b e:kind ?z . FILTER(?z != ?n) }",
    "OPTIONAL { ?a e:near ?y BIND(?y AS ?w) }",
    "{ ?a e:rare ?b } UNION { ?a e:name e:name9 }",
    "{ ?a e:kind ?k } UNION { ?a e:rare ?b }",
    "VALUES ?a { e:t1 e:t2 }",
    "VALUES ?k { e:K1 }",
    "BIND(?n AS ?o)",
    "FILTER(?a != ?b)",
]


def test_no_query_that_is_called_small_takes_long_whatever_order_the_engine_takes(large):
    store, bound = large
    chance = random.Random(3)
    slowest, asked = (0.0, ""), 0
    for _ in range(3000):
        text = f"PREFIX e: <{E}> SELECT * {{ {' '.join(_dotted(chance.sample(PIECES, chance.randint(1, 5))))} }}"
        with contextlib.suppress(SyntaxError):
            if small(bound, text):
                asked += 1
                started = time.process_time()
                store.query(text).serialize(format=QueryResultsFormat.JSON)
                slowest = max(slowest, (time.process_time() - started, text))
    assert asked > 100
    assert slowest[0] < 0.1, slowest


def _dotted(pieces):
    return [piece if "{" in piece or "(" in piece else piece + " ." for piece in pieces]


@pytest.mark.parametrize(
    "pattern",
    [
        "?a e:name ?n . ?a e:in e:place7 . ?a e:kind ?k",
        "?a e:near ?b . e:t5 e:near ?a OPTIONAL { ?b e:near ?d . ?d e:name ?m }",
        "e:t5 e:in+ ?p",
    ],
)
def test_query_that_starts_at_what_is_given_is_small_beside_much_else(large, pattern):
    assert small(large[1], f"PREFIX e: <{E}> SELECT * {{ {pattern} }}")
