"""SPARQL 1.1 Protocol: how a query is asked, how its answer is chosen, and what is refused."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

EX = "PREFIX ex: <https://example.org/>\n"
P1, P2 = "https://example.org/p1", "https://example.org/p2"
INFERRED = "https://w3id.org/kouan/source/kouan/inferred"
SELECT = EX + "SELECT ?city WHERE { ?city a ex:City } ORDER BY ?city"
CONSTRUCT = EX + "CONSTRUCT { ?s a ?type } WHERE { ?s a ?type ; ex:label ?label }"
QUERY_TYPE = {"Content-Type": "application/sparql-query"}
JSON = {"Accept": "application/sparql-results+json"}
SOLUTIONS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}


def values(answer):
    assert answer.status_code == 200, answer.text
    rows = answer.json()["results"]["bindings"]
    return [next(iter(row.values()))["value"] for row in rows]


CITIES = ["https://example.org/heihe", "https://example.org/manzhouli"]


def test_get_post_form_post_direct_and_query_answer_the_same(ports):
    answers = [
        ports.get("/sparql", params={"query": SELECT}),
        ports.post("/sparql", data={"query": SELECT}),
        ports.post("/sparql", content=SELECT, headers=QUERY_TYPE),
        ports.post("/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query; charset=utf-8"}),
        ports.request("QUERY", "/sparql", content=SELECT, headers=QUERY_TYPE),
    ]
    assert [values(answer) for answer in answers] == [CITIES] * 5


@pytest.mark.parametrize("iri", ["https://example.org/北京", "https://example.org/%E5%8C%97", "urn:a%25b", "urn:a+b"])
def test_form_and_address_are_decoded_once(ports, iri):
    query = f"SELECT (STR(<{iri}>) AS ?iri) {{}}"
    form = ports.post("/sparql", data={"query": query})
    address = ports.get("/sparql", params={"query": query})
    assert (values(form), values(address)) == ([iri], [iri])


@pytest.mark.parametrize("media_type", SOLUTIONS)
def test_solutions_come_in_each_format(ports, media_type):
    answer = ports.get("/sparql", params={"query": SELECT}, headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    rows = parse_query_results(answer.content, format=SOLUTIONS[media_type])
    assert [row["city"].value for row in rows] == CITIES


def test_solutions_come_as_csv_with_its_charset(ports):
    answer = ports.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.split() == ["city", *CITIES]


@pytest.mark.parametrize("media_type", [*SOLUTIONS, "text/csv"])
def test_ask_comes_in_each_format(ports, media_type):
    answer = ports.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    assert "true" in answer.text


@pytest.mark.parametrize("media_type", GRAPHS)
def test_graphs_come_in_each_format_with_no_triple_twice(ports, media_type):
    answer = ports.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    triples = list(parse(answer.content, format=GRAPHS[media_type]))
    assert len(triples) == len(set(triples)) == 3


def test_turtle_is_written_with_the_prefixes_of_the_data(ports):
    text = ports.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": "text/turtle"}).text
    assert "ex:heihe a ex:City" in text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/sparql-results+json"),
        ("text/*", "text/csv"),
        ("application/*;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.3", "application/sparql-results+xml"),
        ("text/turtle, text/csv;q=0.1", "text/csv"),
        ("text/csv;q=0, */*;q=0.1", "application/sparql-results+json"),
        ("application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
    ],
)
def test_quality_values_and_wildcards_choose(ports, accept, expected):
    answer = ports.get("/sparql", params={"query": SELECT}, headers={"Accept": accept})
    got = answer.headers["content-type"].partition(";")[0]
    assert got == {"text/xml": "application/sparql-results+xml"}.get(expected, expected)


def test_no_acceptable_format_is_406_and_lists_what_there_is(ports):
    answer = ports.get("/sparql", params={"query": SELECT}, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/csv" in answer.json()["available"]


def test_format_parameter_outdoes_the_accept_header(ports):
    answer = ports.get("/sparql", params={"query": SELECT, "format": "tsv"}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    # One that no answer to this form has leaves the choice to the header.
    answer = ports.get("/sparql", params={"query": SELECT, "format": "ttl"}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert ports.get("/sparql", params={"query": SELECT, "format": "docx"}).status_code == 406


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 12),
        ({"default-graph-uri": P1}, 8),
        ({"default-graph-uri": [P1, P2]}, 11),
        ({"default-graph-uri": [P1, P1]}, 8),
        ({"default-graph-uri": [P1, P2, INFERRED], "infer": "false"}, 11),
        ({"named-graph-uri": P1}, 0),
        ({"default-graph-uri": "https://example.org/nothing"}, 0),
        ({"infer": "false"}, 11),
        ({"infer": "true"}, 12),
    ],
)
def test_dataset_parameters_give_a_merge_that_counts_each_triple_once(ports, parameters, count):
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    assert values(ports.get("/sparql", params={"query": query} | parameters)) == [str(count)]


@pytest.mark.parametrize(
    ("clauses", "count"),
    [
        ("FROM ex:p1 FROM ex:p2", 11),
        ("FROM <p1> FROM <https://example.org/p2>", 4),
        ("FROM NAMED ex:p1", 0),
        ("from ex:p2", 4),
    ],
)
def test_from_gives_a_merge_too(ports, clauses, count):
    query = f"{EX}SELECT (COUNT(*) AS ?n) {clauses} WHERE {{ ?s ?p ?o }}"
    assert values(ports.get("/sparql", params={"query": query})) == [str(count)]


def test_from_of_a_construct_stands_after_its_template(ports):
    query = EX + "CONSTRUCT { ?s ?p ?o } FROM ex:p1 FROM ex:p2 WHERE { ?s ?p ?o }"
    answer = ports.get("/sparql", params={"query": query, "format": "nt"})
    assert len(answer.text.splitlines()) == 11


def test_named_graphs_are_those_that_are_asked_for(ports):
    query = EX + "SELECT DISTINCT ?g FROM ex:p2 FROM ex:p1 FROM NAMED ex:p1 WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert values(ports.get("/sparql", params={"query": query})) == [P1]


def test_protocol_outdoes_the_query_about_the_dataset(ports):
    query = EX + "SELECT (COUNT(*) AS ?n) FROM ex:p2 WHERE { ?s ?p ?o }"
    assert values(ports.get("/sparql", params={"query": query, "default-graph-uri": P1})) == ["8"]


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        ("GET", {"params": {"query": "SELECT * {"}}, 400),
        ("GET", {"params": [("query", "ASK {}"), ("query", "ASK {}")]}, 400),
        ("GET", {"params": {"query": ""}}, 400),
        ("GET", {"params": {"query": "ASK {}", "update": "CLEAR ALL"}}, 400),
        ("GET", {"params": {"query": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "timeout": "soon"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "timeout": "inf"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "timeout": "٣"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "infer": "maybe"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "version": "9"}}, 400),
        ("GET", {"params": {"query": "ASK {}", "default-graph-uri": "no iri"}}, 400),
        ("GET", {"params": {"query": "ASK {}"}, "headers": {"Accept": "text/csv;q=much"}}, 400),
        ("POST", {"content": "ASK {}"}, 415),
        ("POST", {"content": "ASK {}", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", {"content": b"ASK { ?s ?p '\xff' }", "headers": QUERY_TYPE}, 400),
        ("POST", {"data": {"q": "ASK {}"}}, 400),
        ("POST", {"content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}, 400),
        ("POST", {"params": {"query": "ASK {}"}, "content": "ASK {}", "headers": QUERY_TYPE}, 400),
        ("PUT", {"content": "ASK {}"}, 405),
        ("DELETE", {}, 405),
    ],
)
def test_what_breaks_the_protocol_is_refused_as_a_problem(ports, method, arguments, status):
    answer = ports.request(method, "/sparql", **arguments)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["status"] == status
    assert len(answer.json()["detail"]) > 20


def test_address_that_is_not_utf8_is_refused(ports):
    assert ports.get("/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20'%FF'%20%7D").status_code == 400


def test_query_error_has_its_place_and_says_what_could_stand_there(ports):
    problem = ports.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"}).json()
    assert problem["line"] == 2
    assert problem["column"] in {15, 16}
    undeclared = ports.get("/sparql", params={"query": "ASK { ?s ex:a 1 }"}).json()
    assert "the prefix ex: is not declared" in undeclared["detail"]
    assert (undeclared["line"], undeclared["column"]) == (1, 10)


def test_service_is_refused_and_calls_nobody(ports):
    problem = ports.get("/sparql", params={"query": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"})
    assert (problem.status_code, problem.json()["line"], problem.json()["column"]) == (403, 1, 7)


def test_unknown_function_is_an_error_of_its_expression_only(ports):
    answer = ports.get("/sparql", params={"query": "SELECT (<urn:f>(1) AS ?x) (2 AS ?y) {}"})
    assert answer.json()["results"]["bindings"][0]["y"]["value"] == "2"
    assert "x" not in answer.json()["results"]["bindings"][0]


def test_problem_is_a_page_for_a_browser(ports):
    answer = ports.get("/sparql", params={"query": "SELECT * {"}, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "SELECT * {" in answer.text


@pytest.mark.parametrize("path", ["/sparql", "/health", "/", "/nothing"])
def test_options_and_errors_carry_cors(ports, path):
    preflight = ports.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert ports.get(path).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/sparql?query=ASK%20%7B%7D", "/sparql", "/nothing", "/sparql?query=ASK", "/health"])
def test_head_has_the_headers_of_get_and_no_body_that_would_break_the_connection(ports, path):
    head = ports.head(path)
    get = ports.get(path)
    assert (head.status_code, head.headers["content-type"]) == (get.status_code, get.headers["content-type"])
    assert head.content == b""


def test_tools_get_the_service_description_and_browsers_a_form(ports):
    for media_type, rdf_format in GRAPHS.items():
        answer = ports.get("/sparql", headers={"Accept": media_type})
        predicates = {quad.predicate.value.rpartition("#")[2] for quad in parse(answer.content, format=rdf_format)}
        assert {"endpoint", "supportedLanguage", "resultFormat", "defaultDataset"} <= predicates
    assert "are one term in SPARQL" in ports.get("/sparql", headers={"Accept": "text/turtle"}).text
    page = ports.get("/sparql", headers={"Accept": "text/html"})
    assert "<textarea" in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_graph_that_a_blank_node_names_is_left_out_of_the_service_description(start, tmp_path):
    data = tmp_path / "data.trig"
    data.write_text("_:g { <urn:s> <urn:p> 1 } <urn:g> { <urn:s> <urn:p> 2 }", "utf-8")
    with start([str(data)], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_WORKERS": "1"}) as address:
        answer = httpx.get(f"{address}/sparql", headers={"Accept": "application/n-triples"}, trust_env=False)
    named = [
        quad for quad in parse(answer.content, format=RdfFormat.N_TRIPLES) if quad.predicate.value.endswith("#name")
    ]
    assert [str(quad.object) for quad in named] == ["<urn:g>"]


def test_browser_gets_the_answer_as_a_table(ports):
    page = ports.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/html"})
    assert page.text.count("https://example.org/heihe") >= 1
    assert "<table" in page.text
    posted = ports.post("/sparql", data={"query": SELECT}, headers={"Accept": "text/html"})
    assert "<table" in posted.text


def test_markup_in_the_data_stays_text_on_the_page(ports):
    query = "SELECT ('<script>alert(1)</script>' AS ?x) {}"
    page = ports.get("/sparql", params={"query": query}, headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page


def test_form_with_unescaped_utf8_is_read(ports):
    body = ("query=" + quote("SELECT ('北' AS ?x) {}", safe="北 ?(){}'")).replace(" ", "+").encode()
    answer = ports.post("/sparql", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert values(answer) == ["北"]


def test_problem_document_is_json_that_names_its_type(ports):
    problem = json.loads(ports.get("/sparql", params={"query": "x"}).content)
    assert problem["type"] == "https://w3id.org/kouan/problem/query-error"
