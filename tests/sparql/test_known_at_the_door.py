"""What is known of a query at the door, and what a text cannot hold."""

from __future__ import annotations

import pytest

from kouan.sparql.door import NOTHING, know
from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.query import (
    Dataset,
    Remote,
    dataset,
    described,
    is_cut,
    is_ordered,
    is_volatile,
    kinds,
    loads,
    remotes,
)
from kouan.sparql.telltale import WORDS, Telltale

PREFIX = "PREFIX e: <http://ex.org/> "


def test_services_are_found_wherever_they_stand():
    query = parse_query(
        PREFIX
        + "SELECT (EXISTS { SERVICE e:a {} } AS ?x) { SERVICE SILENT ?b { SERVICE e:c {} } "
        + "FILTER(NOT EXISTS { { SELECT * { SERVICE <http://ex.org/d> {} } } }) "
        + "BIND('SERVICE e:no {}' AS ?service) } # SERVICE e:no {}"
    )
    found = remotes(query)
    assert [(each.address, each.variable, each.is_silent) for each in found] == [
        ("http://ex.org/a", "", False),
        ("", "b", True),
        ("http://ex.org/c", "", False),
        ("http://ex.org/d", "", False),
    ]
    assert all(query.text.startswith("SERVICE", each.start) for each in found)
    assert isinstance(found[0], Remote)


@pytest.mark.parametrize(
    "text",
    [
        "DESCRIBE <http://x/service>",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> ASK {}",
        "# service\nDESCRIBE <x:y>",
    ],
)
def test_letters_of_service_are_no_service(text):
    assert remotes(parse_query(text)) == ()


def test_services_of_an_update_are_found():
    update = parse_update(PREFIX + "INSERT { ?s ?p ?o } WHERE { SERVICE e:a { ?s ?p ?o } }")
    assert [each.address for each in remotes(update)] == ["http://ex.org/a"]


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("SELECT (COUNT(*) AS ?n) (EXISTS { ?a ?b ?c } AS ?x) FROM e:g FROM e:h FROM e:g { ?s ?p ?o }", "g h", ""),
        ("CONSTRUCT { ?s ?p ?o } FROM NAMED e:g FROM e:h WHERE { ?s ?p ?o }", "h", "g"),
        ("CONSTRUCT FROM <http://ex.org/g> WHERE { ?s ?p ?o }", "g", ""),
        ("BASE <http://ex.org/> DESCRIBE * FROM <g> { ?from e:from 'FROM e:no' }", "g", ""),
        ("ASK { }", "", ""),
    ],
)
def test_dataset_is_that_of_the_clauses(text, default, named):
    found = dataset(parse_query(PREFIX + text).dataset)
    assert found == Dataset(*(tuple(f"http://ex.org/{name}" for name in names.split()) for names in (default, named)))
    assert bool(found) == bool(default or named)


VOLATILE = [
    "SELECT * { ?s ?p ?d FILTER(?d<NOW()&&?d>1) }",
    "SELECT * { ?k ?p ?y FILTER(?k<RAND()&&?y>0) }",
    "SELECT * { ?s ?p ?o } ORDER BY RAND()",
    "SELECT (MAX(1 + rand()) AS ?x) {}",
    "SELECT ?x { } GROUP BY (StrUUID() AS ?x)",
    "SELECT * { } HAVING (UUID() = 1)",
    "ASK { OPTIONAL { { SELECT (BNODE('a') AS ?x) {} } } }",
    "ASK { FILTER NOT EXISTS { BIND(NOW(\t) AS ?x) } }",
    "SELECT * { SERVICE <http://ex.org/> { ?s ?p ?o } }",
    "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p _:a } WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p ( 1 ) } WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p ?o {| ?q 1 |} } WHERE { ?s ?p ?o }",
]


@pytest.mark.parametrize("text", VOLATILE)
def test_answer_that_may_be_another_next_time_is_volatile(text):
    assert is_volatile(parse_query(text))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?now { ?now ?p 'RAND()' . # UUID()\n }",
        "CONSTRUCT { ?s ?p () } WHERE { _:a ?p [] }",
        "CONSTRUCT WHERE { [] ?p ?o }",
    ],
)
def test_answer_that_stays_the_same_is_not_volatile(text):
    assert not is_volatile(parse_query(text))


def test_order_and_cuts_are_known():
    assert is_ordered(parse_query("SELECT * { ?s ?p ?o } ORDER BY ?s"))
    assert not is_ordered(parse_query("SELECT * { { SELECT * {} ORDER BY ?s } }"))
    assert [is_cut(parse_query(f"ASK {{ }} {tail}")) for tail in ("LIMIT 0", "OFFSET 1", "OFFSET 0", "")] == [
        True,
        True,
        False,
        False,
    ]


def test_targets_of_describe_are_known():
    assert described(parse_query(PREFIX + "DESCRIBE e:a ?x <http://ex.org/b> { ?x ?y ?z }")) == (
        "http://ex.org/a",
        "http://ex.org/b",
    )


def test_operations_of_an_update_are_known():
    update = parse_update(
        PREFIX
        + "INSERT DATA { e:a e:b 1 } ; DELETE DATA { e:a e:b 1 } ; DELETE WHERE { ?s ?p ?o } ; WITH e:g DELETE { ?s ?p 1 } "
        "WHERE { ?s ?p 1 } ; LOAD SILENT e:x INTO GRAPH e:g ; CLEAR ALL ; DROP GRAPH e:g ; CREATE GRAPH e:g ; MOVE e:g TO DEFAULT ;"
    )
    names = "INSERT DATA|DELETE DATA|DELETE WHERE|MODIFY|LOAD|CLEAR|DROP|CREATE|MOVE"
    assert kinds(update) == tuple(names.split("|"))
    assert [(load.source.value, load.is_silent) for load in loads(update)] == [("http://ex.org/x", True)]


# ---- the proof by absence


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", ["{}", "x{}y", "1{}<", "?{}", "'{}'", "é{}"])
def test_text_with_the_letters_of_a_word_may_hold_it(word, shape):
    for written in (word, word.upper(), word.title(), word[:-1] + word[-1].upper()):
        text = shape.format(written)
        assert Telltale().may_hold(text)
        assert Telltale().may_hold(text.encode())


@pytest.mark.parametrize("text", ["\\u0053ERVICE", "\\U00000053ERVICE", "STRUUID()", "\\\\u"])
def test_text_with_an_escape_may_hold_any_word(text):
    assert Telltale().may_hold(text)
    assert Telltale().may_hold(text.encode())


@pytest.mark.parametrize("text", ["", "SELECT * { ?s ?p ?o }", "SERV ICE", "SERV#\nICE", "f rom", "\\n \\t", "ſervice"])
def test_text_without_the_letters_holds_no_word(text):
    assert not Telltale().may_hold(text)
    assert not Telltale().may_hold(text.encode())


def test_more_words_are_looked_for_as_letters():
    told = Telltale(["https://w3id.org/kouan/search#", "a.b"])
    assert told.may_hold("<HTTPS://w3id.org/kouan/search#label>")
    assert not told.may_hold("axb")
    assert not Telltale().may_hold("a.b")
    with pytest.raises(ValueError, match="an empty word"):
        Telltale([""])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { e:s e:p+ ?x }",
        "SELECT ?x { e:s e:p+/<http://ex.org/q>+ ?x }",
        "CONSTRUCT { ?s e:p ?o } WHERE { ?s e:p ?o } ORDER BY ?o LIMIT 3",
    ],
)
def test_path_that_has_a_length_and_a_template_of_variables_need_no_reading(text):
    assert know(PREFIX + text) is NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { e:s e:p +1 ; e:q ?x }",
        "SELECT ?x { e:s e:p+1 ; e:q ?x }",
        "SELECT ?x { ?s e:p ?y BIND(?y +?s AS ?x) }",
        "SELECT ?x { ?s e:p+ ?y BIND(?y+?s AS ?x) }",
        "SELECT ?x { ?s e:p ?y BIND(e:f(?s)+?s AS ?x) }",
        'SELECT ?x { ?s e:p ?y BIND("P1D"^^ e:duration+ ?y AS ?x) }',
        "CONSTRUCT { ?s e:p [] } WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:p _:b } WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:p (?o) } WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:p ?o ~ } WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:p ?o {| e:q ?o |} } WHERE { ?s e:p ?o }",
        "CONSTRUCT { ?s e:p ?o } WHERE { ?s e:p ?o } GROUP BY ?s ?o",
    ],
)
def test_what_is_added_and_a_template_that_makes_nodes_or_groups_are_read(text):
    assert know(PREFIX + text).tree is not None
    if "CONSTRUCT" in text and "GROUP" not in text:
        assert know(PREFIX + text).is_volatile
