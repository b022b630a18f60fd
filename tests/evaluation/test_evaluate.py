"""What the engine reads in a way of its own is answered as the standard says."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import Store

from kouan.errors import QueryError
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.question import Question

PROLOGUE = "PREFIX : <http://ex.org/> PREFIX e: <http://ex.org/> "
DATA = """PREFIX : <http://ex.org/> INSERT DATA {
  :s1 :p :o1 ; :n 1 . :s2 :p 'x"y', 'a"b', :o1 ; :n 2 .
  GRAPH :g { :s1 :p :o1, 1, 2 } GRAPH :h { :s1 :p :o1, 1, 2 } }"""


@pytest.fixture(scope="module")
def datasets():
    store = Store()
    store.update(DATA)
    return Datasets(store)


def answer(datasets, query, **more):
    question = Question(PROLOGUE + query, **more)
    form = "application/sparql-results+json"
    return json.loads(evaluate(datasets, question, lambda _: form, {}, None))


def rows(datasets, query, **more):
    document = answer(datasets, query, **more)
    names = document["head"]["vars"]
    return [tuple(row.get(n, {}).get("value") for n in names) for row in document["results"]["bindings"]]


def test_triple_that_two_graphs_hold_is_one_of_their_merge(datasets):
    query = "SELECT (COUNT(*) AS ?n) (EXISTS { ?a ?b ?c } AS ?x) FROM e:g FROM e:h { ?s ?p ?o }"
    assert rows(datasets, query) == [("3", "true")]
    construct = "CONSTRUCT { ?s :all ?o } FROM e:g FROM NAMED e:h WHERE { ?s ?p ?o }"
    triples = evaluate(datasets, Question(PROLOGUE + construct), lambda _: "application/n-triples", {}, None)
    assert triples.count(b"\n") == 3


def test_number_with_a_plus_sign_is_an_object_and_no_path(datasets):
    # A path `:n+` would say the same of these two, but not of what follows it.
    assert rows(datasets, "SELECT ?s { ?s :n +1 }") == [("http://ex.org/s1",)]
    assert rows(datasets, "SELECT ?s { :s1 :p ?o . ?s :n +1 ; :p ?o FILTER(?s = :s1 && +1 > .5) }") == [
        ("http://ex.org/s1",)
    ]


def test_columns_of_all_come_as_they_appear_first(datasets):
    assert answer(datasets, "SELECT * { ?z :p ?a OPTIONAL { ?a :q ?m } BIND(1 AS ?b) }")["head"]["vars"] == [
        *("z", "a", "m", "b")
    ]


def test_group_concat_joins_the_strings_of_whatever_there_is(datasets):
    (found,) = rows(datasets, "SELECT (GROUP_CONCAT(?o ; SEPARATOR='|') AS ?all) FROM e:g { ?s ?p ?o }")
    assert sorted(found[0].split("|")) == ["1", "2", "http://ex.org/o1"]


@pytest.mark.parametrize(
    ("call", "joined"),
    [
        ("GROUP_CONCAT(?x)", "a 1"),
        ("GROUP_CONCAT(DISTINCT ?x; SEPARATOR=', ')", "a, 1"),
        ("GROUP_CONCAT((?x))", "a 1"),
        (r"GROUP_CONCAT(?x; SEPARATOR='\n\"')", 'a\n"1'),
        ("GROUP_CONCAT(?x; SEPARATOR='')", "a1"),
        ("GROUP_CONCAT(CONCAT(STR(?x), '!'))", "a! 1!"),
        ("GROUP_CONCAT((?x) + 1)", "2"),
        ("GROUP_CONCAT(?never)", ""),
    ],
)
def test_group_concat_leaves_out_what_is_unbound(datasets, call, joined):
    assert rows(datasets, f"SELECT ({call} AS ?all) {{ VALUES ?x {{ UNDEF 'a' 1 }} }}") == [(joined,)]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT * { ?s :n 1. ?s :p ?o }", 1),
        ("SELECT * { :s1 :p :o1 }", 1),
        (r'SELECT * { ?s :p ?o FILTER(?o!="a\u0022b") }', 3),
        ("SELECT * { ?s :p ?o FILTER(?s<<http://ex.org/z>||true) }", 4),
    ],
)
def test_evidence_is_told_however_a_query_is_written(datasets, query, count):
    document = answer(datasets, query, evidence=True)
    assert len(document["results"]["bindings"]) == len(document["evidence"]) == count
    assert all(entry["facts"] for entry in document["evidence"])


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE <http://x/service>",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> DESCRIBE <http://x/a>",
        "# service\nDESCRIBE <http://x/a>",
    ],
)
def test_letters_of_a_keyword_in_a_name_mean_nothing(datasets, query):
    assert evaluate(datasets, Question(query), lambda _: "application/n-triples", {}, None) == b""


def test_alias_is_no_label_to_look_up(datasets):
    service = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" }'
    query = f"SELECT ?a (STR(?b) AS ?bLabel) {{ ?a :n ?b {service} }} ORDER BY ?bLabel"
    assert [row[1] for row in rows(datasets, query)] == ["1", "2"]


def test_number_of_a_service_may_end_its_triple(datasets):
    point = '"Point(1 1)"^^geo:wktLiteral'
    told = f"?place wdt:P625 ?at . bd:serviceParam wikibase:radius 100. bd:serviceParam wikibase:center {point} ."
    assert rows(datasets, f"SELECT * {{ SERVICE wikibase:around {{ {told} }} }}") == []


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("SELECT ?x {\n ?x ?p }", 2, 8, "expected an object"),
        ("SELECT ?x { BIND(1 AS ?x) \nBIND(2 AS ?x) }", 2, 11, "?x is bound already"),
        (r"ASK { ?s ?p '\u0061\u0062' .  ?s now ?y }", 1, 34, ""),
    ],
)
def test_rule_that_is_broken_is_named_with_its_place(datasets, query, line, column, says):
    with pytest.raises(QueryError) as refused:
        evaluate(datasets, Question(query), lambda _: "", {}, None)
    assert says in refused.value.message
    assert (refused.value.line, refused.value.column) == (line, column)
