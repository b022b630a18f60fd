"""What a query declares at its start is read as the standard says, wherever it is asked for."""

from __future__ import annotations

import pytest

from kouan.evaluation.dataset_view import read_clauses
from kouan.sparql.scanning.lexer import tokens
from kouan.sparql.scanning.prologue import read_prologue


def named(text, preset=None):
    """Return what the first name after the prologue stands for."""
    found = list(tokens(text))
    prologue = read_prologue(found, preset)
    return prologue.iri(found[prologue.length])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREFIX a: <http://e/> a:b", "http://e/b"),
        ("prefix : <http://e/> :", "http://e/"),
        ("PREFIX a: <http://e/> PREFIX a: <http://f/> a:b", "http://f/b"),
        ("BASE <http://e/x/> PREFIX a: <../y#> a:b", "http://e/y#b"),
        ("BASE <http://e/x/> BASE <z/> <w>", "http://e/x/z/w"),
        ("PREFIX a: <y#> BASE <http://e/> a:b", "https://w3id.org/kouan/y#b"),
        ("BASE <http://e/> # BASE <http://f/>\n <#w>", "http://e/#w"),
        ('VERSION "1.2" PREFIX a: <http://e/> a:b', "http://e/b"),
        ("PREFIX a: <http://e/> a:b\\-c", "http://e/b-c"),
        ("p:x", "http://preset/x"),
        ("PREFIX p: <http://e/> p:x", "http://e/x"),
        ("<urn:x>", "urn:x"),
        ("q:x", ""),
        ('"text"', ""),
    ],
)
def test_names_stand_for_what_the_lines_before_them_declare(text, expected):
    assert named(text, {"p": "http://preset/"}) == expected


def test_words_after_the_prologue_declare_nothing():
    text = "PREFIX a: <http://e/> SELECT * { ?s a:p ?o } # PREFIX b: <http://f/>"
    assert read_prologue(text).prefixes == {"a": "http://e/"}
    assert read_prologue("SELECT * { <urn:s> PREFIX a: <http://e/> }").prefixes == {}


def test_clauses_of_the_dataset_are_resolved_in_the_same_way():
    text = "BASE <http://e/> PREFIX a: <g/> SELECT * FROM a:one FROM <two> FROM NAMED <http://f/> { ?s ?p ?o }"
    assert read_clauses(text) == (("http://e/g/one", "http://e/two"), ("http://f/",))


def test_service_may_be_named_by_a_relative_name(client):
    service = 'SERVICE <ontology#label> { bd:serviceParam wikibase:language "zh" }'
    query = f"BASE <http://wikiba.se/> SELECT ?xLabel {{ VALUES ?x {{ wd:Q148 }} {service} }}"
    assert "中华人民共和国" in client.get("/sparql", params={"query": query, "format": "csv"}).text
