"""What is known of a query at the door is what the standard says of it, and nothing is refused that the standard allows."""

from __future__ import annotations

import time

import pytest
from pyoxigraph import Store
from test_w3c_syntax import NEGATIVE, SUITES, syntax_tests

from kouan.errors import QueryError, QuerySyntaxError, RequestError, TooLarge
from kouan.sparql.door import Limits, know


def look(text, nesting=200):
    return know(text, Limits(1_000_000, nesting, 1000), form=True)


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
    assert (found.is_volatile, found.services) == (False, False)


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
        "SELECT * {SERVICE<http://e/>{}}",
        "PREFIX x: <http://e/> SELECT * {SERVICE x:{}}",
        "SELECT * { ?a ?b 1SERVICE<http://127.0.0.1:9/>{ ?a ?b ?c } }",
    ],
)
def test_service_is_seen_however_it_is_written(text):
    assert look(text).services
    assert know(text).services


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX x: <http://127.0.0.1:9/x> SELECT * { SERVICEx:{?a ?b ?c} }",
        "SELECT * { SERVICESILENT<http://127.0.0.1:9/>{ ?a ?b ?c } }",
        "SELECT * { #\n SERV\\u0049CE <http://e/> {} }",
        "SELECT * { ?s ?p ?o } ORDER BYRAND()",
    ],
)
def test_words_that_run_together_are_refused(text):
    with pytest.raises(QuerySyntaxError):
        know(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s ?p ?d FILTER(?d<NOW()&&?d>"2000-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>) }',
        "SELECT * { ?s ?k ?y FILTER(?k<RAND()&&?y>0) }",
        "SELECT * { ?s ?p ?o } ORDER BY RAND()",
    ],
)
def test_volatile_call_is_noticed_however_it_is_written(text):
    assert know(text).is_volatile


@pytest.mark.parametrize(
    "text", ["SELECT ?s { ?s ?p 1 }", "ASK {}", "SELECT (COUNT(*) AS ?n) { ?x <http://e/p>+ ?y } # all of it"]
)
def test_text_that_can_hold_nothing_special_is_not_parsed(text):
    assert know(text).tree is None
    assert know(text, form=True).tree is not None


@pytest.mark.parametrize(
    "text", ["SELECT * { ?s ?p ?o }", "SELECT ?s { ?s <http://e/p> +1 }", "SELECT DISTINCT #\n* {}", "# now\nASK {}"]
)
def test_text_that_an_engine_reads_in_its_own_way_is_parsed(text):
    assert know(text).tree is not None


def test_brackets_in_strings_do_not_nest():
    assert look(f"SELECT * {{ ?s ?p '{'(' * 500}' }}").form == "SELECT"


def test_many_brackets_side_by_side_are_not_deep():
    assert look("SELECT * { " + "{ ?s ?p ?o } UNION " * 300 + "{} }").form == "SELECT"


@pytest.mark.parametrize(
    ("start", "each", "end"),
    [
        ("ASK { FILTER(", "1||", "1) }"),
        ("ASK { FILTER(", "1+", "1) }"),
        ("ASK { ", "{}UNION", "{} }"),
        ("ASK { ", "OPTIONAL{}", "}"),
        ("ASK { ", "FILTER(1)", "}"),
        ("ASK { ?s ", "<urn:p>/", "<urn:p> ?o }"),
        ("ASK { ?s <urn:p> ", "1,", "1 }"),
        ("SELECT * {} ORDER BY ", "?s", "?s"),
    ],
)
def test_too_many_things_side_by_side_are_refused_with_the_place_of_the_first_that_is_too_many(start, each, end):
    look(start + each * 990 + end)
    with pytest.raises(QueryError) as refused:
        look(start + each * 10_000 + end)
    assert refused.value.extra["limit"] == "query_siblings"
    assert refused.value.column == len(start) + 1000 * len(each) + 1
    assert "KOUAN_QUERY_SIBLINGS" in refused.value.message


def test_values_are_no_siblings():
    look("ASK { VALUES ?x {" + "1 " * 20_000 + "} FILTER(?x IN (" + "1," * 20_000 + "1)) }")


def test_deep_brackets_are_refused_with_the_place_that_is_too_deep():
    with pytest.raises(QueryError) as refused:
        look("SELECT *\n{ FILTER(" + "(" * 300 + "1" + ")" * 300 + ") }")
    assert (refused.value.line, refused.value.column) == (2, 9 + 199)


def test_long_query_is_refused():
    with pytest.raises(TooLarge):
        know("SELECT * {}" + " " * 100, Limits(50, 10))


@pytest.mark.alone
@pytest.mark.parametrize("part", ["a.", "'", "<", "<a", "(", "\\", "'''", "a:b.", ":", "_:a.", "\\u0041", "#"])
def test_hostile_text_takes_time_in_proportion_to_its_length(part):
    started = time.process_time()
    with pytest.raises(RequestError):
        look("SERVICE \\ " + part * (400_000 // len(part)))
    assert time.process_time() - started < 6


@pytest.mark.skipif(not SUITES.is_dir(), reason="the W3C suites are not beside the checkout; set KOUAN_SUITES")
def test_no_query_of_the_w3c_suites_that_the_engine_takes_is_refused():
    refused, wrong = [], {path for path, kind in syntax_tests().items() if NEGATIVE.search(kind)}
    for path in sorted({*SUITES.rglob("*.rq")} - wrong):
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
