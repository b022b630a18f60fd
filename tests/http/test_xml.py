"""What is sent as XML can be read by any parser of it and means what was meant, or is refused in words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse

RDF_XML, RESULTS = "application/rdf+xml", "application/sparql-results+xml"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def asked(client, query, accept):
    return client.post("/sparql", data={"query": query}, headers={"Accept": accept})


@pytest.mark.parametrize(
    ("query", "accept", "told"),
    [
        ("CONSTRUCT { <urn:a> <http://x/123> 1 } {}", RDF_XML, "<http://x/123>"),
        ("CONSTRUCT { <urn:a> <http://x/a/> 1 } {}", RDF_XML, "<http://x/a/>"),
        ("CONSTRUCT { <urn:a> <http://x/p%20> 1 } {}", RDF_XML, "<http://x/p%20>"),
        (f"CONSTRUCT {{ <urn:a> <{RDF}li> 1 }} {{}}", RDF_XML, "#li>"),
        (r'CONSTRUCT { <urn:a> <urn:p> "x\u0001y" } {}', RDF_XML, "U+0001"),
        (r'CONSTRUCT { <urn:a> <urn:p> "\uFFFE" } {}', RDF_XML, "U+FFFE"),
        (r'SELECT ("a\u001Fb" AS ?x) {}', RESULTS, r"a\\x1fb"),
        (r'SELECT ("\uFFFF" AS ?x) {}', RESULTS, "U+FFFF"),
    ],
)
def test_what_xml_cannot_hold_is_refused_with_the_term_and_what_can(ports, query, accept, told):
    answer = asked(ports, query, accept)
    assert answer.status_code == 406
    assert told in answer.text
    assert "JSON" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("CONSTRUCT { <urn:a> <http://x/123> 1 } {}", f"{RDF_XML}, text/turtle;q=0.5", "text/turtle"),
        ("CONSTRUCT { <urn:a> <http://x/123> 1 } {}", f"{RDF_XML}, */*;q=0.1", "text/turtle"),
        (
            "CONSTRUCT { <urn:a> <urn:p> <<( <urn:a> <urn:p> 1 )>> } {}",
            "application/ld+json, text/turtle;q=0.9",
            "text/turtle",
        ),
        (r'SELECT ("a\u001Fb" AS ?x) {}', f"{RESULTS}, text/csv;q=0.2", "text/csv"),
        (
            "SELECT (1 AS ?x) {}",
            "application/geo+json, application/sparql-results+json;q=0.9",
            "application/sparql-results+json",
        ),
    ],
)
def test_who_takes_another_format_gets_what_one_cannot_hold_in_that(ports, query, accept, kind):
    answer = asked(ports, query, accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert asked(ports, query, f"{accept.partition(',')[0]}, image/png;q=0.9").status_code == 406


def test_what_xml_cannot_hold_is_found_in_a_large_answer(ports):
    rows = 'SELECT ?x { VALUES ?n { 0 1 2 3 4 5 6 7 8 9 } ?s ?p ?o BIND(CONCAT(STR(?s), "%s") AS ?x) }'
    large = rows % ("口岸" * 5000)
    assert ElementTree.fromstring(asked(ports, large, RESULTS).content).tag.endswith("sparql")
    assert asked(ports, rows % ("口岸" * 5000 + r"\uFFFF"), RESULTS).status_code == 406


def test_carriage_returns_survive(ports):
    results = asked(ports, r'SELECT ("a\rb\r\nc" AS ?x) {}', RESULTS)
    assert ElementTree.fromstring(results.content).findtext(".//{*}literal") == "a\rb\r\nc"
    graph = asked(ports, r'CONSTRUCT { <urn:a> <urn:p> "a\rb" } {}', RDF_XML)
    assert [quad.object.value for quad in parse(graph.content, format=RdfFormat.RDF_XML)] == ["a\rb"]


@pytest.mark.parametrize(
    "template",
    [
        "<urn:a> a <http://x/123> ; <urn:p> 1",
        "<urn:a> a <http://x/1>, <http://x/2&3>",
        "<urn:a> <urn:p> 1 . <urn:b> a <http://x/> ; <urn:q> <urn:a>",
        "<urn:a> <http://x/口岸> 1 ; <http://x/12a> 2 ; <http://x/a.b-c> 3",
    ],
)
def test_graph_is_read_back_as_it_was(ports, template):
    query = f"CONSTRUCT {{ {template} }} {{}}"
    written = asked(ports, query, RDF_XML)
    ElementTree.fromstring(written.content)
    plain = asked(ports, query, "application/n-triples")
    assert set(parse(written.content, format=RdfFormat.RDF_XML)) == set(
        parse(plain.content, format=RdfFormat.N_TRIPLES)
    )
