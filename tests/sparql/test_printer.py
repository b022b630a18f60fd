"""A tree is printed as text that is read as the same tree: brackets stand where the reading needs them."""

from __future__ import annotations

import pytest

from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.printer import print_tree

EXPRESSIONS = [
    ("(1-2)-3-(4-5)*(6/(7*8))", "(1 - 2) - 3 - (4 - 5) * (6 / (7 * 8))"),
    ("(?a||?b)&&!(?c&&?d)||(?e||?f)", "(?a || ?b) && ! (?c && ?d) || (?e || ?f)"),
    ("(?a=?b)=(?c<?d)", "(?a = ?b) = (?c < ?d)"),
    ("?a-1*2", "?a - 1 * 2"),
    ("-(-1)+-?x", "- -1 + - ?x"),
    ("!!?a IN(1,(2+3))", "! (! ?a) IN (1, 2 + 3)"),
    ("+1", '"+1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ("'a\\n\"\\\\'@EN-gb--ltr", '"a\\n\\"\\\\"@EN-gb--ltr'),
    ("not exists{}", "NOT EXISTS {  }"),
]


@pytest.mark.parametrize(("written", "printed"), EXPRESSIONS)
def test_expression_is_printed_with_the_brackets_that_it_needs(written, printed):
    text = print_tree(parse_query(f"SELECT ({written} AS ?x) {{}}"))
    assert text == f"SELECT ({printed} AS ?x) WHERE {{  }}"
    assert print_tree(parse_query(text)) == text


@pytest.mark.parametrize("path", ["^(a/^(a|a))*|(a|a)/a?/(a*)+", "!(a|^a)/!a", "^(^a)", "(^a)?", "^(a/a)"])
def test_path_is_printed_with_the_brackets_that_it_needs(path):
    query = parse_query(f"SELECT * {{ ?s {path} ?o }}")
    text = print_tree(query)
    assert print_tree(parse_query(text)) == text
    kept = text.replace("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "a").replace(" ", "").replace("!(a)", "!a")
    assert kept == f"SELECT*WHERE{{?s{path}?o}}"


def test_what_stands_behind_one_bracket_is_printed_behind_it():
    text = print_tree(
        parse_query("SELECT * { [ a ?x ] a ?y , ?z ; ?p (1 [] ) . << ?a a ?b >> . ?s ?p ?o ~ ?r {| ?q 1 |} }")
    )
    assert text.count("[ ") == 1
    assert text.count("<<") == 1
    assert print_tree(parse_query(text)) == text


def test_update_is_printed_with_all_its_clauses():
    text = (
        "WITH <http://g> DELETE { ?s ?p ?o } INSERT { GRAPH ?g { ?s ?p 1 } } USING <http://a> USING NAMED <http://b> "
        "WHERE { ?s ?p ?o . } ; LOAD SILENT <http://x> INTO GRAPH <http://g> ; COPY SILENT DEFAULT TO <http://g> ; DROP ALL"
    )
    assert print_tree(parse_update(text)) == text.replace(" . }", " }")


def test_base_is_kept_for_what_is_resolved_when_it_is_evaluated():
    assert print_tree(parse_query("BASE <http://ex.org/> SELECT (IRI('x') AS ?x) {}")).startswith(
        "BASE <http://ex.org/> SELECT"
    )
