"""What a SERVICE is joined with is told to it, and nothing that could change the answer."""

from __future__ import annotations

import pytest

from kouan.errors import Forbidden
from kouan.sparql.door import know
from kouan.sparql.services import bindings_query, first_service, joined_with, service_query, shared_with, with_answer

HERE = "?s <urn:p> ?o ."
THERE = "SERVICE <urn:r> { ?o <urn:q> ?x }"


def told(pattern, head="SELECT *"):
    """Return the variables that the SERVICE of a pattern is told, and the query that gives their values."""
    tree = know(f"{head} {{ {pattern} }}").tree
    service = first_service(tree)
    joined = joined_with(tree, service)
    shared = shared_with(service, joined)
    return shared, bindings_query(tree, joined, shared, 10)


@pytest.mark.parametrize(
    "pattern",
    [
        f"{HERE} {THERE}",
        f"{THERE} {HERE}",
        f"{HERE} OPTIONAL {{ {THERE} }}",
        f"{HERE} MINUS {{ {THERE} }}",
        f"{HERE} {{ {THERE} }} UNION {{ ?o <urn:z> 1 }}",
        f"{HERE} GRAPH ?g {{ {THERE} }}",
        f"{{ SELECT ?o {{ {HERE} {THERE} }} }}",
        f"{HERE} {THERE} OPTIONAL {{ ?s <urn:z> ?z }}",
        f"{THERE} FILTER(?o > 1) {HERE}",
        f"{HERE} LATERAL {{ {THERE} }}",
    ],
)
def test_service_is_told_what_it_is_joined_with(pattern):
    shared, query = told(pattern)
    assert shared == ["o"]
    assert HERE.rstrip(" .") in query
    assert know(query).services is False


@pytest.mark.parametrize(
    "pattern",
    [
        f"OPTIONAL {{ {THERE} }} {HERE}",
        f"MINUS {{ {THERE} }} {HERE}",
        f"{HERE} {{ ?s ?q 1 OPTIONAL {{ {THERE} }} }}",
        f"{HERE} {{ ?s ?q 1 MINUS {{ {THERE} }} }}",
        f"{HERE} {{ SELECT ?o {{ {THERE} }} }}",
        f"{HERE} FILTER EXISTS {{ {THERE} }}",
        f"{HERE} SERVICE <urn:r> {{ ?a <urn:q> ?x FILTER(?x > ?o) }}",
        f"{HERE} SERVICE <urn:r> {{ {{ SELECT ?a {{ ?a <urn:q> ?o }} }} }}",
        f"OPTIONAL {{ {HERE} }} {{}} OPTIONAL {{ {THERE} }}",
    ],
)
def test_service_is_not_told_what_could_change_the_answer(pattern):
    assert told(pattern)[0] == []


def test_filter_is_told_where_its_variables_surely_have_values_and_it_is_not_chance():
    assert "FILTER(?o > 1)" in told(f"{HERE} FILTER(?o > 1) {THERE}")[1]
    assert "FILTER" not in told(f"{HERE} FILTER(?x > 1) {THERE}")[1]
    assert "FILTER" not in told(f"{HERE} FILTER(?o > RAND()) {THERE}")[1]


def test_service_is_asked_with_the_declarations_of_the_query_and_its_own_group():
    tree = know("PREFIX a: <urn:a> SELECT * { SERVICE a:r { ?s a:p 'SERVICE' } }").tree
    query = service_query(tree, first_service(tree), "VALUES ?s { 1 }", 5)
    assert "PREFIX a: <urn:a>" in query
    assert query.endswith("SELECT * WHERE { VALUES ?s { 1 } { ?s a:p 'SERVICE' \n} } LIMIT 5")


def test_answer_takes_the_place_of_its_service_and_of_its_lines():
    tree = know("SELECT * {\n SERVICE <urn:r> {\n ?s ?p 1\n} ?s ?p ?o }").tree
    changed = with_answer(tree, first_service(tree), "VALUES ?s { 1 }")
    assert changed.text == "SELECT * {\n VALUES ?s { 1 }\n\n ?s ?p ?o }"
    assert first_service(changed) is None


@pytest.mark.parametrize(
    "query", ["SELECT (EXISTS {{ {} }} AS ?x) {{}}", "SELECT * {{ ?s ?p ?c }} ORDER BY EXISTS {{ {} }}"]
)
def test_service_outside_of_patterns_is_forbidden(query):
    with pytest.raises(Forbidden):
        first_service(know(query.format(THERE)).tree)
