"""What stands within GRAPH ?g is evaluated for each graph by itself (SPARQL 1.1 Query, 18.6); the engine asks all at once."""

from __future__ import annotations

import pytest

from kouan.errors import QueryError
from kouan.library import Graph
from kouan.library import open as open_graph

DATA = """@prefix : <http://ex.org/> .
:g1 { :s :p 1, 2 . :s :q :t } :g2 { :s :p 2, 3 . :t :r :u } :g3 { :z :list :y }"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("graphs")
    (folder / "data.trig").write_text(DATA, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOUAN_SNAPSHOTS", str(folder / "snapshots"))
        return open_graph(folder / "data.trig")


def rows(graph: Graph, query: str) -> list[tuple[str, ...]]:
    found = graph.select(f"PREFIX : <http://ex.org/> {query}")
    return sorted(tuple(str(value).rpartition("/")[2] for value in row.values.values()) for row in found)


FOUR = [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT ?g ?o { GRAPH ?g { { SELECT ?o { :s :p ?o } } } }",
            [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")],
        ),
        (
            "SELECT ?g ?o { GRAPH ?g { { SELECT * { ?s :p ?o } } } }",
            [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")],
        ),
        (
            "SELECT ?g ?n { GRAPH ?g { { SELECT ?s (MAX(?o) AS ?n) { ?s :p ?o } GROUP BY ?s } ?s :p ?n } }",
            [("g1", "2"), ("g2", "3")],
        ),
        (
            "SELECT ?g ?n { GRAPH ?g { { SELECT ?k (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY (STR(?s) AS ?k) } } }",
            [("g1", "2"), ("g2", "2")],
        ),
        (
            "SELECT ?g ?o { GRAPH ?g { { { SELECT ?o { { SELECT ?o { :s :p ?o } } } } } } }",
            [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")],
        ),
        (
            "SELECT ?g ?o { GRAPH ?g { :s :p ?o MINUS { :s :q ?t } } }",
            [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")],
        ),
        ("SELECT ?g ?o { GRAPH ?g { :s :p ?o MINUS { :s :p ?o FILTER(?o < 3) } } }", [("g2", "3")]),
        (
            "SELECT ?g ?o { GRAPH ?g { :s :p ?o OPTIONAL { :s :q ?t MINUS { :t :r ?u } } FILTER(BOUND(?t)) } }",
            [("g1", "1"), ("g1", "2")],
        ),
        ("SELECT ?n { GRAPH :g1 { { SELECT (COUNT(*) AS ?n) { :s :p ?o } } } }", [("2",)]),
        ("SELECT ?x { GRAPH :g1 { :z :list* ?x } }", [("z",)]),
        ("SELECT ?x FROM :g1 { :z :list? ?x }", [("z",)]),
        ("SELECT ?x FROM :g3 { :z :list* ?x }", [("y",), ("z",)]),
        ("SELECT ?x FROM NAMED :g3 { GRAPH :g3 { ?x :list* :y } }", [("y",), ("z",)]),
        ("SELECT ?o { GRAPH ?g { { SELECT ?o { :s :p ?o . ?g ?q 1 } } } }", [("1",), ("2",)]),
    ],
)
def test_each_graph_is_asked_by_itself(graph, query, expected):
    assert rows(graph, query) == expected


EACH = ["g1", "g2", "g3"]


@pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ("VALUES ?v { 1 }", [(each, "1") for each in EACH]),
        ("SELECT ?v { VALUES ?v { 1 } }", [(each, "1") for each in EACH]),
        (":lone :p* ?v", [(each, "lone") for each in EACH]),
        (":z :list* ?v", [("g1", "z"), ("g2", "z"), ("g3", "y"), ("g3", "z")]),
        ("?v :list? :y . BIND(1 AS ?one)", [("g1", "y"), ("g2", "y"), ("g3", "y"), ("g3", "z")]),
        (":lone :p? ?v", [(each, "lone") for each in EACH]),
        ("BIND(1 AS ?v) :lone :p* :lone", [(each, "1") for each in EACH]),
        (
            "VALUES ?v { 2 9 } OPTIONAL { :s :p ?v . ?v ^:p ?w FILTER(?v > 5) }",
            [(each, v) for each in EACH for v in "29"],
        ),
        ("{ VALUES ?v { 9 } } UNION { :s :p ?v }", sorted([*FOUR, *((each, "9") for each in EACH)])),
        ("VALUES ?v { 9 } FILTER EXISTS { :z :list ?y }", [("g3", "9")]),
        ("VALUES ?v { 9 } MINUS { :z :list ?y BIND(9 AS ?v) }", [("g1", "9"), ("g2", "9")]),
        ("VALUES ?v { 9 } MINUS { GRAPH ?g { VALUES ?w { 1 } } }", [(each, "9") for each in EACH]),
        ("{ SELECT ?v { :s :p ?g, ?v FILTER(?g != ?v) } }", [("g1", "1"), ("g1", "2"), ("g2", "2"), ("g2", "3")]),
        ("GRAPH :g1 { :s :q ?v }", [(each, "t") for each in EACH]),
        ("VALUES ?v { 2 9 } :s :p ?v", [("g1", "2"), ("g2", "2")]),
    ],
)
def test_what_asks_no_triple_is_found_in_each_graph(graph, within, expected):
    assert rows(graph, f"SELECT ?g ?v {{ GRAPH ?g {{ {within} }} }}") == expected


@pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
@pytest.mark.parametrize(
    "within",
    ["VALUES ?v { 1 }", ":lone :p* ?v", "{ VALUES ?v { 9 } } UNION { :s :p ?v }", "SELECT ?v { VALUES ?v { 1 } }"],
)
def test_nothing_is_found_in_a_graph_that_is_not_there(graph, within):
    assert rows(graph, f"SELECT ?v {{ GRAPH :nowhere {{ {within} }} }}") == []


@pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
def test_graph_is_no_other_value(graph):
    assert rows(graph, "SELECT ?g ?v { GRAPH ?g { :lone :p* ?v } ?a :p ?g }") == []


@pytest.mark.parametrize(
    "inner",
    [
        "SELECT (COUNT(*) AS ?n) { :s :p ?o }",
        "SELECT ?o { :s :p ?o } ORDER BY ?o LIMIT 1",
        "SELECT ?o { :s :p ?o } OFFSET 1",
    ],
)
def test_what_the_engine_cannot_do_for_each_graph_is_refused(graph, inner):
    with pytest.raises(QueryError, match=r"each graph \?g, which is not done here") as refused:
        rows(graph, f"SELECT * {{ GRAPH ?g {{ {{ {inner} }} }} }}")
    assert refused.value.line == 1
