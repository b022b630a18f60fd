"""A query that names what no data has is answered, and told so with the nearest that the data has."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import unquote

import pytest
import rdflib

import kouan
from kouan.evaluation.language_terms import TERMS
from kouan.vocabulary import OWL, RDF, RDFS, XSD

PREFIX = f"PREFIX k: <https://w3id.org/kouan/ontology#> PREFIX id: <https://w3id.org/kouan/id/> PREFIX rdfs: <{RDFS}> "
KOUAN, ID = "https://w3id.org/kouan/ontology#", "https://w3id.org/kouan/id/"


def warnings(answer):
    assert answer.status_code == 200, answer.text
    return answer.headers.get_list("kouan-warning")


@pytest.mark.parametrize(
    ("pattern", "unknown", "nearest"),
    [
        ("SELECT * { ?zone k:hostZones ?x }", f"{KOUAN}hostZones", f"{KOUAN}hostsZone"),
        ("SELECT * { ?city a k:PortCities }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT (COUNT(*) AS ?n) { ?city k:located_in ?x }", f"{KOUAN}located_in", f"{KOUAN}locatedIn"),
        ("ASK { ?city ^k:hasprots/k:hasPort ?x }", f"{KOUAN}hasprots", f"{KOUAN}hasPort"),
        ("ASK { id:heihee a k:City }", f"{ID}heihee", f"{ID}heihe"),
        ("SELECT * { ?city rdfs:lable ?x }", f"{RDFS}lable", f"{RDFS}label"),
        ("SELECT * { ?city <http://www.w3.org/2002/07/owl#sameas> ?x }", f"{OWL}sameas", f"{OWL}sameAs"),
        ("DESCRIBE id:heihee", f"{ID}heihee", f"{ID}heihe"),
        ("SELECT * { VALUES ?c { k:PortCities } ?s a ?c }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT * { ?s a ?c } VALUES (?c ?x) { (k:PortCities 1) }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT * { ?s a ?c FILTER(?c = k:PortCities) }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT * { ?s a ?c FILTER(?c IN (k:PortCities)) }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT * { ?s a ?c FILTER(sameTerm(k:PortCities, ?c)) }", f"{KOUAN}PortCities", f"{KOUAN}PortCity"),
        ("SELECT * { VALUES ?p { k:hostZones } ?zone ?p ?x }", f"{KOUAN}hostZones", f"{KOUAN}hostsZone"),
        ("SELECT * { VALUES ?s { id:heihee } ?s ?p ?o }", f"{ID}heihee", f"{ID}heihe"),
        (
            "SELECT * FROM <https://w3id.org/kouan/source/chen2018> { ?s ?p ?o }",
            "https://w3id.org/kouan/source/chen2018",
            "https://w3id.org/kouan/source/chen-2018",
        ),
        (
            "CONSTRUCT { ?s a k:X } { ?s a <http://schema.org/Place> }",
            "http://schema.org/Place",
            "https://schema.org/Place",
        ),
        (
            "SELECT * { GRAPH <https://w3id.org/kouan/source/chen2018> { ?s ?p ?o } }",
            "https://w3id.org/kouan/source/chen2018",
            "https://w3id.org/kouan/source/chen-2018",
        ),
    ],
)
def test_header_names_the_term_and_the_nearest(client, pattern, unknown, nearest):
    [said] = warnings(client.get("/sparql", params={"query": PREFIX + pattern}))
    assert said.startswith(f"<{unknown}> stands nowhere in the data")
    assert f"is <{nearest}>" in said


@pytest.mark.parametrize(
    "pattern",
    [
        "SELECT * { VALUES (?s ?unit) { (id:heihe <http://x/km>) } ?s k:nothingOfIt* ?o } LIMIT 0",
        "SELECT * { id:heihe k:hasPort ?o FILTER(DATATYPE(?o) = <http://x/type>) }",
        "SELECT (<http://x/y> AS ?x) { FILTER(?no = <http://x/z>) }",
        "SELECT * { id:heihe a ?c FILTER(?c != <http://x/no>) } LIMIT 0",
    ],
)
def test_what_an_answer_alone_has_is_not_warned_of(client, pattern):
    assert not [
        said for said in warnings(client.get("/sparql", params={"query": PREFIX + pattern})) if "http://x/" in said
    ]


@pytest.mark.parametrize(
    ("call", "name", "pattern"),
    [
        ('REGEX(STR(?city), "[")', "REGEX", "["),
        ('regex(STR(?city), "(?!x)😀")', "REGEX", "(?!x)😀"),
        (r'REGEX(STR(?city), "(a)\\1", "i")', "REGEX", r"(a)\\1"),
        ('REGEX(STR(?city), "a", "g")', "REGEX", "a"),
        ('REPLACE(STR(?city), "*", "") = "x"', "REPLACE", "*"),
    ],
)
def test_header_names_a_regular_expression_that_is_not_read(client, call, name, pattern):
    query = f"{PREFIX} SELECT * {{ ?city a k:PortCity FILTER({call}) }}"
    [said] = warnings(client.get("/sparql", params={"query": query}))
    assert unquote(said).startswith(f'{name} has no value, for "{pattern}" is no regular expression')


GEO = (
    "PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
    "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
GEOF, UOM = "http://www.opengis.net/def/function/geosparql/", "http://www.opengis.net/def/uom/OGC/1.0/"
POINTS = '"POINT(1 2)"^^geo:wktLiteral, "POINT(1 3)"^^geo:wktLiteral'


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            f"geof:distnace({POINTS})",
            f"<{GEOF}distnace> is no function that is known here; the nearest is <{GEOF}distance>",
        ),
        (f"geof:distanse ({POINTS})", f"<{GEOF}distanse> is no function; the nearest is <{GEOF}distance>"),
        ('xsd:intger("1")', f"<{XSD}intger> is no function; the nearest is <{XSD}integer>"),
        ("<http://x/fn>(?o)", "<http://x/fn> is no function that is known here and gives no value"),
        (f"<http://x/distance>({POINTS})", f"<http://x/distance> is no function; the nearest is <{GEOF}distance>"),
        ("k:nothing(?o)", f"<{KOUAN}nothing> is no function that is known here and gives no value"),
        (f"geof:distance({POINTS}, uom:meter)", f"<{UOM}meter> is no unit; the nearest is <{UOM}metre>"),
        (
            "geof:area(?o, uom:sqarekilometre)",
            f"<{UOM}sqarekilometre> is no unit; the nearest is <{UOM}squareKilometre>",
        ),
    ],
)
def test_header_names_a_function_and_a_unit_that_is_not_known(client, call, said):
    begins, _, nearest = said.partition("; ")
    for query in (f"ASK {{ ?s k:hasPort ?o FILTER({call}) }}", f"SELECT ({call} AS ?x) {{}}"):
        [told] = warnings(client.get("/sparql", params={"query": GEO + PREFIX + query}))
        assert told.startswith(begins.removesuffix(" that is known here"))
        assert told.endswith(f"; {nearest}" if nearest else begins)


def test_page_names_a_function_that_is_not_known(client):
    asked = {"query": f"SELECT (<{GEOF}distnace>(1, 2) AS ?x) {{}}"}
    page = client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text
    assert "distnace&gt; is no function" in page


@pytest.mark.parametrize(
    "query",
    [
        r'SELECT * { ?city k:hasPort ?p FILTER(REGEX(STR(?p), "^\\w+ [a-z]{2,}$", "ix") && REGEX(?x, ?y)) }',
        "SELECT * { ?city a k:PortCity ; k:hasPort ?port } LIMIT 1",
        "ASK { ?city a k:PortCity ; k:hasPort id:heihe }",
        "SELECT * { ?s rdf:_3 ?o ; rdf:reifies ?x ; owl:sameAs 'nobody' } LIMIT 1",
        "SELECT * { ?s search:label 'nowhere at all' }",
        'SELECT * { ?s k:hasPort ?o FILTER(xsd:integer("1") = 1 && BOUND(?s) && xsd:gYear("2020") = "2020"^^xsd:gYear) } LIMIT 1',
        'SELECT (geof:distance("POINT(1 2)"^^geo:wktLiteral, "POINT(1 3)"^^geo:wktLiteral, uom:metre) AS ?d) {}',
        'SELECT (geof:area("POINT(1 2)"^^geo:wktLiteral, uom:squareMetre) AS ?d) {}',
        "SELECT (geof:aggUnion(?g) AS ?all) { ?s k:hasPort ?g }",
        "SELECT * { ?s k:hasPort ?o FILTER(?o IN (id:heihe, <https://w3id.org/kouan/id/heihe>)) }",
    ],
)
def test_what_stands_in_the_data_or_the_language_is_not_named(client, query):
    prefixes = (
        "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
        "PREFIX search: <https://w3id.org/kouan/search#> "
    ) + GEO
    assert warnings(client.get("/sparql", params={"query": prefixes + PREFIX + query})) == []


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_header_names_a_graph_of_the_protocol_as_one_of_from(client, parameter):
    source = "https://w3id.org/kouan/source/"
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } LIMIT 1"
    for graph, nearest in ((f"{source}chen2018", f"; the nearest thing is <{source}chen-2018>"), ("urn:nope", "")):
        asked = {"query": query, parameter: graph}
        assert warnings(client.get("/sparql", params=asked)) == [f"<{graph}> stands nowhere in the data{nearest}"]
        page = client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text
        assert f"{graph}&gt; stands nowhere in the data" in page
    assert warnings(client.get("/sparql", params={"query": query, parameter: f"{source}chen-2018"})) == []


def test_header_is_one_though_the_term_is_not_ascii(client):
    [said] = warnings(client.get("/sparql", params={"query": "ASK { ?s <http://例.org/口> ?o }"}))
    assert said.startswith("<http://%E4%BE%8B.org/%E5%8F%A3> stands nowhere")


def test_page_says_it(client):
    asked = {"query": PREFIX + "SELECT * { ?z k:hostZones ?x }"}
    page = client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text
    assert "hostZones&gt; stands nowhere in the data" in page


def test_terms_of_the_languages_are_those_of_their_vocabularies():
    spaces = {space: getattr(rdflib, name) for space, name in ((RDF, "RDF"), (RDFS, "RDFS"), (OWL, "OWL"))}
    theirs = {str(term) for space, names in spaces.items() for term in map(str, dir(names)) if term.startswith(space)}
    # RDF 1.2 has two more.
    assert theirs - {*spaces} | {RDF + "reifies", RDF + "dirLangString"} == TERMS


def test_command_line_says_it_on_standard_error(settings, server):
    for arguments in (["--format", "csv"], ["--source", f"{server}/sparql"]):
        said = subprocess.run(
            [sys.executable, "-m", "kouan", "query", PREFIX + "SELECT * { ?z k:hostZones ?x }", *arguments],
            env=os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert said.returncode == 0
        assert said.stderr.startswith(f"kouan: <{KOUAN}hostZones> stands nowhere in the data; the nearest property is")
        assert "kouan:" not in said.stdout


def test_python_has_it(monkeypatch, settings, snapshot):
    monkeypatch.setenv("KOUAN_SNAPSHOTS", str(settings.snapshots))
    graph = kouan.open()
    with pytest.warns(UserWarning, match="the nearest property is .*hostsZone>"):
        assert len(graph.select("SELECT * { ?z kouan:hostZones ?x }")) == 0
    assert len(graph.warnings) == 1
    assert graph.ask("ASK { ?z kouan:hostsZone ?x }")
    assert graph.warnings == ()


def test_long_word_that_names_nothing_is_passed_over_at_once(client):
    query = "SELECT * { ?s ?p ?o } LIMIT 1 #" + "a" * 500_000
    answer = client.post("/sparql", data={"query": query, "timeout": "10"}, timeout=60)
    assert answer.status_code == 200, answer.text


def test_prefix_that_the_data_has_and_nobody_declared_is_told_with_its_iri(client):
    def told(query):
        return client.get("/sparql", params={"query": query}).json()["detail"]

    assert told("SELECT * { ?s a kouan:Port }").endswith("with PREFIX kouan: <https://w3id.org/kouan/ontology#>")
    assert told("SELECT * { ?s a nobody:Port }").endswith("with PREFIX nobody: <…>")
