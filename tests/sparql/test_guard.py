"""The guard reads a query as the standard does, and refuses nothing that the standard allows."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from pyoxigraph import Store

from kouan.errors import QueryError, RequestError, TooLarge
from kouan.sparql.scanning.guard import inspect
from kouan.sparql.scanning.lexer import tokens

SUITES = Path(os.environ.get("KOUAN_SUITES") or Path(__file__).parents[3] / "shared" / "suites") / "w3c-sparql"


def look(text, nesting=200):
    return inspect(text, length=1_000_000, nesting=nesting)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# DESCRIBE\nask {}", "ASK"),
        ("PREFIX select: <http://construct/> CONSTRUCT {} WHERE {}", "CONSTRUCT"),
        ("BASE <http://ask/> DESCRIBE <x>", "DESCRIBE"),
        ('VERSION "1.2" SELECT * {}', "SELECT"),
    ],
)
def test_form_is_the_first_word_outside_the_prologue(text, form):
    assert look(text).form == form


def test_update_is_refused_with_its_place():
    with pytest.raises(QueryError) as refused:
        look("PREFIX ex: <http://e/>\n  INSERT DATA { ex:a ex:b ex:c }")
    assert (refused.value.line, refused.value.column) == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE NOW() RAND()' }",
        'SELECT * { ?s ?p """SERVICE\nRAND()""" }',
        "SELECT * { ?s ?p <http://e/NOW> } # SERVICE",
        "SELECT ?now { ?now ?uuid $rand }",
        "PREFIX NOW: <http://e/> SELECT * { ?s NOW:SERVICE NOW:BNODE }",
        "PREFIX e: <http://e/> SELECT * { ?s ?p e:it\\'s . ?s ?p 'SERVICE' }",
    ],
)
def test_words_in_strings_names_variables_and_comments_mean_nothing(text):
    found = look(text)
    assert (found.is_volatile, found.services) == (False, ())


@pytest.mark.parametrize("word", ["NOW()", "rand()", "UUID()", "StrUUID()", "BNODE()"])
def test_functions_that_differ_each_time_are_noticed(word):
    assert look(f"SELECT ({word} AS ?x) {{}}").is_volatile


def test_blank_nodes_of_a_template_are_noticed():
    assert look("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }").is_volatile
    assert look("CONSTRUCT { _:x ?p ?o } WHERE { ?s ?p ?o }").is_volatile
    assert not look("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . [] ?p ?o }").is_volatile


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {\n SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * {\n service SILENT ?where { ?s ?p ?o } }",
        "SELECT * { ?s ?p true\n.SERVICE <http://e/> {} }",
        "SELECT * { #\n SERV\\u0049CE <http://e/> {} }",
    ],
)
def test_service_is_seen_however_it_is_written(text):
    assert [token.keyword for token in look(text).services] in (["SERVICE"], ["SERVICE", "SERVICE"])


def test_brackets_in_strings_do_not_nest():
    assert look(f"SELECT * {{ ?s ?p '{'(' * 500}' }}").form == "SELECT"


def test_many_brackets_side_by_side_are_not_deep():
    assert look("SELECT * { " + "{ ?s ?p ?o } UNION " * 300 + "{} }").form == "SELECT"


def test_deep_brackets_are_refused_with_the_place_that_is_too_deep():
    with pytest.raises(QueryError) as refused:
        look("SELECT *\n{ FILTER(" + "(" * 300 + "1" + ")" * 300 + ") }")
    assert (refused.value.line, refused.value.column) == (2, 9 + 199)


def test_long_query_is_refused():
    with pytest.raises(TooLarge):
        inspect("SELECT * {}" + " " * 100, length=50, nesting=10)


@pytest.mark.parametrize("part", ["a.", "'", "<", "<a", "(", "\\", "'''", "a:b.", ":", "_:a.", "\\u0041", "#"])
def test_hostile_text_takes_time_in_proportion_to_its_length(part):
    started = time.monotonic()
    with pytest.raises(RequestError):
        look("SERVICE \\ " + part * (400_000 // len(part)))
    assert time.monotonic() - started < 6


def test_terminals_are_those_of_the_standard():
    text = "PREFIX ex:<http://a#b> SELECT ?x{ ?x a.b:c.d ex:it\\'s . <<( ?a )>> 1.5e3 @en-US :x }"
    assert [token.text for token in tokens(text)] == [
        *("PREFIX", "ex:", "<http://a#b>", "SELECT", "?x", "{", "?x", "a.b:c.d", "ex:it\\'s", "."),
        *("<<(", "?a", ")>>", "1.5e3", "@en-US", ":x", "}"),
    ]


@pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C suites are not beside the checkout; set KOUAN_SUITES")
def test_no_query_of_the_w3c_suites_that_the_engine_takes_is_refused():
    refused = []
    for path in sorted(SUITES.rglob("*.rq")):
        text = path.read_bytes().decode("utf-8", "replace")
        try:
            look(text)
        except RequestError as error:
            if _is_taken(text):
                refused.append((path.name, error.message))
    assert refused == []


def _is_taken(text):
    try:
        Store().query(text, base_iri="http://example.org/")
    except SyntaxError:
        return False
    except RuntimeError:
        return True
    return True
