"""People see pages and tools get RDF at the same IRIs."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import RdfFormat, parse

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
FORMATS = {
    "text/turtle": (RdfFormat.TURTLE, "ttl"),
    "application/n-triples": (RdfFormat.N_TRIPLES, "nt"),
    "application/rdf+xml": (RdfFormat.RDF_XML, "rdf"),
    "application/ld+json": (RdfFormat.JSON_LD, "jsonld"),
    "application/trig": (RdfFormat.TRIG, "trig"),
    "application/n-quads": (RdfFormat.N_QUADS, "nq"),
}
HEIHE = "https://w3id.org/kouan/id/heihe"


def test_front_page_says_what_is_here_and_which_version(client, snapshot):
    page = client.get("/", headers=HTML).text
    assert "every fact shows its source" in page
    assert snapshot.version in page
    assert "Which cities host the seven pilot zones" in page


def test_thing_redirects_a_browser_to_its_page(client):
    answer = client.get("/id/heihe", headers=HTML)
    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (303, "/page/heihe", "Accept")


@pytest.mark.parametrize("media_type", FORMATS)
def test_thing_redirects_a_tool_to_the_format_it_asks_for(client, media_type):
    rdf_format, extension = FORMATS[media_type]
    redirect = client.get("/id/heihe", headers={"Accept": media_type})
    assert redirect.headers["location"] == f"/doc/heihe.{extension}"
    document = client.get(redirect.headers["location"])
    assert document.headers["content-type"].startswith(media_type)
    assert HEIHE in {getattr(quad.subject, "value", "") for quad in parse(document.content, format=rdf_format)}


def test_format_is_named_in_the_address_too(client):
    asked = client.get("/id/heihe?format=jsonld", headers=HTML)
    assert asked.headers["location"] == "/doc/heihe.jsonld"
    assert client.get("/id/heihe?format=docx", headers=HTML).status_code == 406


NAMES = {
    "rdf": ("application/rdf+xml", "application/rdf xml", "rdf+xml", "xml", "RDF"),
    "nt": ("ntriples", "n-triples", "application/n-triples", "text/plain"),
    "jsonld": ("json-ld", "json", "application/ld+json", "JSONLD"),
    "ttl": ("TTL", "turtle", "text/turtle", "n3"),
    "nq": ("nquads", "application/n-quads"),
}


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/id/heihe", "/doc/heihe"),
        ("/ontology", "/doc/ontology"),
        ("/ontology/PortCity", "/doc/ontology"),
        ("/shapes", "/doc/shapes"),
        ("/source/chen-2018/p32", "/doc/source/chen-2018/p32"),
    ],
)
def test_format_is_named_by_all_names_that_queries_take(client, path, document, accept):
    for extension, names in NAMES.items():
        for name in names:
            led = client.get(path, params={"format": name}, headers={"Accept": accept})
            assert (led.status_code, led.headers.get("location")) == (303, f"{document}.{extension}"), name
    for name in ("docx", "csv", "image/png"):
        refused = client.get(path, params={"format": name}, headers={"Accept": accept})
        assert refused.status_code == 406, name
        assert "ttl, nt, rdf, jsonld, trig, nq" in refused.text


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
@pytest.mark.parametrize("path", ["/void", "/dcat"])
def test_format_that_a_description_has_not_is_refused_with_those_that_it_has(client, path, accept):
    refused = client.get(path, params={"format": "docx"}, headers={"Accept": accept})
    assert (refused.status_code, "ttl, nt, rdf, jsonld, trig, nq" in refused.text) == (406, True)
    assert client.get(path, params={"format": "JSONLD"}, headers={"Accept": accept}).status_code == 200
    assert client.get(path, params={"format": "auto"}, headers={"Accept": "text/turtle"}).status_code == 200


def test_comparison_is_had_by_the_name_of_its_format_however_it_is_written(client):
    assert client.get("/wikidata", params={"format": "CSV"}).headers["content-type"].startswith("text/csv")


def test_ontology_is_had_in_the_syntaxes_of_owl_by_a_browser_too(client):
    for name, extension in (("owx", "owx"), ("application/owl+xml", "owx"), ("ofn", "ofn"), ("owl", "rdf")):
        led = client.get("/ontology", params={"format": name}, headers=HTML)
        assert (led.status_code, led.headers.get("location")) == (303, f"/doc/ontology.{extension}"), name


def test_documents_keep_the_literals_of_the_files(client):
    assert '"2018-03-29"^^<http://www.w3.org/2001/XMLSchema#date>' in client.get("/doc/source/chen-2018.nt").text
    assert '"Hēihé"@zh-Latn' in client.get("/doc/heihe.ttl").text


def test_page_shows_both_names_each_fact_and_its_passage(client):
    page = client.get("/page/manzhouli", headers=HTML).text
    assert re.search(r"<h1>Manzhouli\s+<span lang=\"zh\">满洲里</span>", page)
    assert 'href="/source/chen-2018/p32"' in page
    assert "Manzhouli placed in Heilongjiang" in page


def test_page_names_its_sources_and_what_each_allows(client):
    page = client.get("/page/manzhouli", headers=HTML).text
    sources = page.partition("Sources and their licences")[2]
    assert re.search(r'href="/source/geonames"[^\n]*creativecommons.org/licenses/by/4.0/"[^>]*>CC-BY-4.0<', sources)
    assert "Copyrighted by its publisher" in sources
    assert "Public domain." in client.get("/page/china", headers=HTML).text


def test_properties_and_licences_of_others_have_names_that_can_be_read(client):
    assert ">was derived from</a>" in client.get("/page/source/gb-t-2260", headers=HTML).text
    page = client.get("/page/source/geonames", headers=HTML).text
    assert "What it states, passage by passage" in page
    assert re.search(r'<a href="https://creativecommons.org/licenses/by/4.0/"[^>]*>CC-BY-4.0</a>', page)


def test_passage_page_shows_what_the_passage_states(client):
    page = client.get("/page/source/chen-2018/p32", headers=HTML).text
    assert "What this passage states" in page
    assert "Suifenhe" in page


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/source/chen-2018", "/source/chen-2018/p11"])
def test_ontology_shapes_and_sources_have_a_page_and_rdf(client, path):
    page = client.get(path, headers=HTML, follow_redirects=True)
    turtle = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")
    assert len(list(parse(turtle.content, format=RdfFormat.TURTLE))) > 5


def test_unknown_thing_is_404_with_words_for_tools_and_people(client):
    problem = client.get("/doc/atlantis.ttl")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    assert client.get("/page/atlantis", headers=HTML).status_code == 404


def test_name_that_would_break_out_of_a_query_is_not_found(client):
    assert client.get("/page/x%3E%20%3Fp%20%3Fo%20%7D%20%23", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("SELECT * { ?s ?p ?o", 400, "cannot be read"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }", 403, "does not call"),
        ("SELECT * { SERVICE wikibase:around { ?x wdt:P625 ?y } }", 400, "wikibase:radius is missing"),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT x", 400, "cannot be read"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", 504, "0.5 seconds"),
        (f"SELECT * {{ {'(' * 300} }} #{'x' * 21_000}", 400, "nested"),
    ],
)
@pytest.mark.parametrize("form", [{}, {"format": "csv"}], ids=["page", "download"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_browser_sees_a_page_about_what_is_wrong_wherever_it_was_found(client, query, status, says, method, form):
    # The others may have to wait until what was ended before them is begun anew.
    limit = {"timeout": "0.5"} if status == 504 else {}
    sent = {"data" if method == "POST" else "params": {"query": query} | limit | form}
    page = client.request(method, "/sparql", headers=HTML, timeout=60, **sent)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in page.text


PLACES = "SELECT ?item ?point { ?item wdt:P625 ?point } LIMIT 3"


def shown(client, query):
    page = client.get("/sparql", params={"query": query}, headers=HTML)
    assert page.status_code == 200
    said = re.findall(r'<p class="view">(.*?)</p>', page.text)
    assert "3 rows" in page.text
    return re.sub(r"<[^>]*>", "", said[0]) if said else ""


@pytest.mark.parametrize(
    ("name", "title"),
    [("Map", "map"), ("BarChart", "bar chart"), ("ImageGrid", "image grid"), ("Timeline", "timeline")],
)
def test_view_that_the_page_does_not_have_is_named_and_the_table_shown(client, name, title):
    said = shown(client, f"#defaultView:{name}\n{PLACES}")
    assert said.startswith(f"The query asks to be shown as {title} (#defaultView:{name})")
    assert "here is the table" in said


def test_map_that_is_asked_for_leads_to_the_points(client):
    page = client.get("/sparql", params={"query": f'#defaultView:Map{{"hide":"?point"}}\n{PLACES}'}, headers=HTML)
    (address,) = re.findall(r'<p class="view">.*<a href="([^"]*)">', page.text)
    answer = client.get(address.replace("&amp;", "&"))
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert len(answer.json()["features"]) == 3


def test_table_that_is_asked_for_is_shown_without_a_word(client):
    assert shown(client, PLACES) == ""
    assert shown(client, f"#defaultView:Table\n{PLACES}") == ""
    assert shown(client, f"#defaultView:Map\n#defaultView:Table\n{PLACES}") == ""
    assert shown(client, f"#defaultView:Table\n#defaultView:Cloud\n{PLACES}") == ""


def test_only_a_comment_asks_for_a_view_and_an_unknown_one_is_named(client):
    places = "SELECT ?item ('#defaultView:Map' AS ?x) (<urn:x#defaultView:Map> AS ?y) { ?item wdt:P625 ?point } LIMIT 3"
    assert shown(client, places) == ""
    assert shown(client, f"#defaultView:Cloud\n{PLACES}").startswith("The query asks for the view Cloud")


def test_pages_have_a_strict_policy_and_load_nothing_from_elsewhere(client):
    for path in ("/", "/page/heihe", "/sparql"):
        answer = client.get(path, headers=HTML)
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        for address in re.findall(r'<link rel="(?:icon|stylesheet)" href="([^"]*)"', answer.text):
            assert client.get(address).status_code == 200
        assert re.findall(r"(?:src|href)=\"(https?://[^\"]+\.(?:js|css|png|woff2?))\"", answer.text) == []
