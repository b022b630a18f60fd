"""What a query declares at its start is read as the standard says, wherever it is asked for."""

from __future__ import annotations

import pytest

from kouan.errors import QuerySyntaxError
from kouan.sparql.door import read
from kouan.sparql.parser import parse_query
from kouan.sparql.query import dataset
from kouan.vocabulary import BASE


def named(lines, name, preset=None):
    """Return what a name stands for behind some lines."""
    return parse_query(f"{lines} DESCRIBE {name}", base=BASE, prefixes=preset).targets[0].value


@pytest.mark.parametrize(
    ("lines", "name", "expected"),
    [
        ("PREFIX a: <http://e/>", "a:b", "http://e/b"),
        ("prefix : <http://e/>", ":", "http://e/"),
        ("PREFIX a: <http://e/> PREFIX a: <http://f/>", "a:b", "http://f/b"),
        ("BASE <http://e/x/> PREFIX a: <../y#>", "a:b", "http://e/y#b"),
        ("BASE <http://e/x/> BASE <z/>", "<w>", "http://e/x/z/w"),
        ("PREFIX a: <y#> BASE <http://e/>", "a:b", "https://w3id.org/kouan/y#b"),
        ("BASE <http://e/> # BASE <http://f/>\n", "<#w>", "http://e/#w"),
        ('VERSION "1.2" PREFIX a: <http://e/>', "a:b", "http://e/b"),
        ("PREFIX a: <http://e/>", "a:b\\-c", "http://e/b-c"),
        ("", "p:x", "http://preset/x"),
        ("PREFIX p: <http://e/>", "p:x", "http://e/x"),
        ("", "<urn:x>", "urn:x"),
    ],
)
def test_names_stand_for_what_the_lines_before_them_declare(lines, name, expected):
    assert named(lines, name, {"p": "http://preset/"}) == expected


@pytest.mark.parametrize("name", ["q:x", '"text"'])
def test_what_nothing_declares_is_refused(name):
    with pytest.raises(QuerySyntaxError):
        named("", name, {"p": "http://preset/"})


def test_words_after_the_prologue_declare_nothing():
    text = "PREFIX a: <http://e/> SELECT * { ?s a:p ?o } # PREFIX b: <http://f/>"
    assert parse_query(text).prologue.prefixes == {"a": "http://e/"}


def test_it_is_known_which_preset_prefixes_a_text_uses():
    preset = {"a": "http://e/", "b": "http://f/", "c": "http://g/"}
    tree = parse_query("PREFIX c: <http://h/> ASK { a:s a:p c:o }", prefixes=preset)
    assert tree.prologue.borrowed == {"a"}
    assert tree.prologue.prefixes == preset | {"c": "http://h/"}


def test_prefixes_of_wikidatas_service_may_be_left_out_where_one_of_its_own_is():
    assert read("ASK { ?s wdt:P31 ?o ; rdfs:label ?x }").prologue.borrowed == {"wdt", "rdfs"}
    with pytest.raises(QuerySyntaxError, match="rdfs: is not declared"):
        read("ASK { ?s rdfs:label ?x }")


def test_clauses_of_the_dataset_are_resolved_in_the_same_way():
    text = "BASE <http://e/> PREFIX a: <g/> SELECT * FROM a:one FROM <two> FROM NAMED <http://f/> { ?s ?p ?o }"
    assert dataset(parse_query(text).dataset) == (("http://e/g/one", "http://e/two"), ("http://f/",))


def test_service_may_be_named_by_a_relative_name(client):
    service = 'SERVICE <ontology#label> { bd:serviceParam wikibase:language "zh" }'
    query = f"BASE <http://wikiba.se/> SELECT ?xLabel {{ VALUES ?x {{ wd:Q148 }} {service} }}"
    assert "中华人民共和国" in client.get("/sparql", params={"query": query, "format": "csv"}).text
