"""CONSTRUCT, ASK and DESCRIBE make groups as SELECT does (SPARQL 1.1 Query, section 19.8, rules 10 to 12 and 18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kouan.library import Graph

DATA = "@prefix : <http://ex.org/> . :a :p :x ; :q :x . :b :p :x . :c :p :y . :x :r 1 . :y :r 2 ."


@pytest.fixture(scope="module")
def graph(graph_of: Callable[[str], Graph]) -> Graph:
    return graph_of(DATA)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("CONSTRUCT { ?x :n :n } WHERE { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 1)", {"x"}),
        ("CONSTRUCT { ?x :n ?s } WHERE { ?s :p ?x } GROUP BY ?x", set()),
        (
            "CONSTRUCT { ?x :n ?k } WHERE { ?s :p ?x } GROUP BY ?x (STR(?x) AS ?k) ORDER BY DESC(COUNT(?s)) LIMIT 1",
            {"x"},
        ),
        ("CONSTRUCT { ?x :n :n } { ?s :p ?x } GROUP BY ?x ORDER BY COUNT(?s) # last\n OFFSET 1", {"x"}),
        ("CONSTRUCT { :a :n :n } WHERE { ?s :p ?x } HAVING (COUNT(*) = 3)", {"a"}),
        ("CONSTRUCT { :a :n :n } WHERE { ?s :p ?x } GROUP BY STR(?x) HAVING (COUNT(*) = 3)", set()),
        ("CONSTRUCT { ?x :n :n } WHERE { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 0) VALUES ?x { :y }", {"y"}),
        ("DESCRIBE ?x { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 1)", {"x"}),
        ("DESCRIBE ?x { ?s :p ?x } GROUP BY ?x HAVING (COUNT(?s) < 2)", {"y"}),
    ],
)
def test_graph_is_made_of_groups(graph, query, answer):
    found = graph.construct(query)
    assert {str(triple.subject).removeprefix("<http://ex.org/").removesuffix(">") for triple in found} == answer


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ASK { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 1)", True),
        ("ASK { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 2)", False),
        ("ASK { ?s :p|:q ?x } GROUP BY ?x HAVING (COUNT(*) > 2)", True),
        ("ASK { ?s :r :a } HAVING (COUNT(*) = 0)", True),
        ("ASK { ?s :r :a } GROUP BY ?s", False),
    ],
)
def test_groups_are_asked_for(graph, query, answer):
    assert graph.ask(query) is answer
