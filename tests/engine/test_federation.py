"""SERVICE asks other servers about what it is joined with, within bounds, and only those that the operator allows."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

import kouan

WIKIDATA = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
wd:Q148 wdt:P1082 1400 ; rdfs:label "China"@en . wd:Q159 wdt:P1082 146 ; wdt:P36 wd:Q649 .
wd:Q999 wdt:P1082 9 . [] wdt:P1082 5 ; wdt:P36 [] .
"""
PROLOGUE = """
PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX schema: <https://schema.org/>
PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
"""
COUNTRIES = "?country a kouan:Country ; schema:sameAs ?item ."


@pytest.fixture(scope="module")
def remote(start, tmp_path_factory):
    """The address of another server, with some statements."""
    folder = tmp_path_factory.mktemp("remote")
    (folder / "wikidata.ttl").write_text(WIKIDATA, encoding="utf-8")
    with start([str(folder / "wikidata.ttl")], {"KOUAN_SNAPSHOTS": str(folder / "snapshots")}) as address:
        yield address + "/sparql"


BOUNDS = {
    "KOUAN_SERVICES": "http://127.0.0.1:* http://localhost:*",
    "KOUAN_SERVICES_PRIVATE": "true",
    "KOUAN_SERVICE_TIMEOUT": "1.5",
    "KOUAN_SERVICE_ROWS": "1000",
    "KOUAN_SERVICE_BYTES": "200000",
    "KOUAN_CONTACT": "mailto:operator@example.org",
    "KOUAN_WORKERS": "1",
}


@pytest.fixture(scope="module")
def calling(start, snapshot, settings):
    """A client of a server of the graph that may call this machine."""
    assert snapshot
    with (
        start([], BOUNDS | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def careful(start, snapshot, settings):
    """A client of a server of the graph that may call anybody, but no private address."""
    assert snapshot
    with (
        start([], {"KOUAN_SERVICES": "http://*", "KOUAN_SNAPSHOTS": str(settings.snapshots)}) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


def ask(client, pattern, head="SELECT *", tail="", **parameters):
    query = f"{PROLOGUE}{head} {{ {pattern} }} {tail}"
    headers = {"Accept": "application/sparql-results+json"}
    return client.get("/sparql", params={"query": query} | parameters, headers=headers)


def rows(answer):
    assert answer.status_code == 200, answer.text
    document = answer.json()
    return [
        tuple(row.get(v, {}).get("value") for v in document["head"]["vars"]) for row in document["results"]["bindings"]
    ]


def item(number):
    return f"http://www.wikidata.org/entity/Q{number}"


def country(name):
    return f"https://w3id.org/kouan/id/{name}"


def solutions(*names, count=0):
    """The answer to a query as JSON: some rows of one variable."""
    bindings = [{"x": {"type": "literal", "value": name}} for name in names or map(str, range(count))]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": bindings}}).encode()


JSON = {"Content_Type": "application/sparql-results+json"}


def test_service_is_joined_with_the_graph(calling, remote):
    found = rows(
        ask(calling, f"{COUNTRIES} SERVICE <{remote}> {{ ?item wdt:P1082 ?people }}", "SELECT ?country ?people")
    )
    assert sorted(found) == [(country("china"), "1400"), (country("russia"), "146")]


def test_comparison_without_spaces_beside_a_service_is_no_iri(calling, remote):
    pattern = f"VALUES (?item ?a ?d) {{ (wd:Q148 1 1) }} SERVICE <{remote}> {{ ?item wdt:P1082 ?b }}"
    assert rows(ask(calling, f"{pattern} BIND(2 AS ?c) FILTER(?a<?b&&?c>?d)", "SELECT ?b")) == [("1400",)]


def test_service_is_not_told_of_what_only_its_filter_names(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    patterns = f"{COUNTRIES} SERVICE <{speaker.url}> {{ ?s wdt:P1082 ?x FILTER(?x != ?item) }}"
    ask(calling, patterns)
    assert "Q159" not in speaker.asked[0]


def test_service_is_told_what_it_is_joined_with_and_no_more(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    patterns = f"{COUNTRIES} FILTER(?item = wd:Q148) SERVICE <{speaker.url}> {{ ?item wdt:P1082 ?x }}"
    assert len(rows(ask(calling, patterns))) == 1
    assert "Q148" in speaker.asked[0]
    assert "Q159" not in speaker.asked[0]
    assert speaker.agents == [f"Kouan/{kouan.__version__} (mailto:operator@example.org)"]


def test_what_follows_a_service_narrows_it_too(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    ask(
        calling,
        f"SERVICE <{speaker.url}> {{ ?item wdt:P1082 ?x }} {COUNTRIES} OPTIONAL {{ ?country kouan:none ?item }}",
    )
    assert "Q159" in speaker.asked[0]


def test_prefixes_of_wikidatas_kind_may_be_left_out_though_only_a_service_uses_its_own(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    query = f'SELECT * {{ ?item rdfs:label "Mongolia"@en . SERVICE <{speaker.url}> {{ ?item wdt:P1082 ?x }} }}'
    answer = calling.get("/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"})
    assert {row[1] for row in rows(answer)} == {"1"}
    assert "Q711>" in speaker.asked[0]


def test_search_for_places_narrows_what_a_service_is_told(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    near = """SERVICE wikibase:around { ?item wdt:P625 ?point . bd:serviceParam wikibase:radius 100 ;
      wikibase:center "Point(105 46)"^^geo:wktLiteral ; wikibase:distance ?far }"""
    patterns = f"{near} SERVICE <{speaker.url}> {{ ?item wdt:P1082 ?x }}"
    assert len(rows(ask(calling, patterns, "SELECT ?x ?far"))) == 1
    assert "Q711>" in speaker.asked[0]
    assert "Q159>" not in speaker.asked[0]


def test_many_bindings_are_told_in_parts(calling, remote):
    pattern = f"?s ?p ?item SERVICE <{remote}> {{ ?item wdt:P1082 ?people }}"
    here = "?s ?p ?item . VALUES (?item ?people) { (wd:Q148 1400) (wd:Q159 146) (wd:Q999 9) }"
    assert rows(ask(calling, pattern, "SELECT (COUNT(*) AS ?n)")) == rows(ask(calling, here, "SELECT (COUNT(*) AS ?n)"))


def test_optional_service_keeps_what_it_knows_nothing_of(calling, remote):
    pattern = (
        f"{COUNTRIES} FILTER(?item IN (wd:Q148, wd:Q711)) OPTIONAL {{ SERVICE <{remote}> {{ ?item wdt:P1082 ?n }} }}"
    )
    assert sorted(rows(ask(calling, pattern, "SELECT ?country ?n")), key=str) == [
        (country("china"), "1400"),
        (country("mongolia"), None),
    ]


def test_what_follows_an_optional_service_does_not_narrow_it(calling, remote):
    pattern = f"VALUES ?item {{ wd:Q148 wd:Q711 }} OPTIONAL {{ SERVICE <{remote}> {{ ?item wdt:P1082 ?n }} }} VALUES ?n {{ 146 }}"
    assert rows(ask(calling, pattern, "SELECT ?item")) == [(item(711),)]


def test_service_within_union_minus_subquery_and_exists_means_what_the_standard_says(calling, remote):
    service = f"SERVICE <{remote}> {{ ?item wdt:P1082 ?n }}"
    two = "VALUES ?item { wd:Q148 wd:Q711 }"
    assert rows(ask(calling, f"{two} MINUS {{ {service} }}", "SELECT ?item")) == [(item(711),)]
    assert rows(ask(calling, f"{two} {{ {service} }} UNION {{ ?item wdt:none ?n }}", "SELECT ?item")) == [(item(148),)]
    assert rows(ask(calling, f"{two} FILTER NOT EXISTS {{ {service} }}", "SELECT ?item")) == [(item(711),)]
    # Within EXISTS no value of ?item is given here, so that any will do.
    assert rows(
        ask(calling, f"VALUES ?item {{ wd:Q711 }} {{ VALUES ?z {{ 1 }} FILTER EXISTS {{ {service} }} }}", "SELECT ?z")
    ) == [("1",)]
    wikidata = 'FILTER(STRSTARTS(STR(?item), "http://www.wikidata.org/"))'
    least = f"{{ SELECT ?item {{ {service} {wikidata} }} ORDER BY ?n LIMIT 1 }}"
    assert rows(ask(calling, least)) == [(item(999),)]
    assert rows(ask(calling, f"VALUES ?item {{ wd:Q148 }} {least}")) == []


def test_variable_names_the_services(calling, remote):
    pattern = f"VALUES ?where {{ <{remote}> }} SERVICE ?where {{ wd:Q159 wdt:P36 ?capital }}"
    assert rows(ask(calling, pattern, "SELECT ?where ?capital")) == [(remote, item(649))]
    refused = ask(calling, "SERVICE ?where { ?s ?p ?o }")
    assert (refused.status_code, refused.json()["line"]) == (400, 4)
    assert "?where" in refused.json()["detail"]


def test_one_service_tells_the_next(calling, remote, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    ask(calling, f"SERVICE <{remote}> {{ wd:Q159 wdt:P36 ?capital }} SERVICE <{speaker.url}> {{ ?capital wdt:P31 ?x }}")
    assert "Q649" in speaker.asked[0]


def test_blank_nodes_of_a_service_get_names(calling, remote):
    (found,) = rows(ask(calling, f"SERVICE <{remote}> {{ ?item wdt:P1082 5 }}"))
    assert found[0].startswith("https://w3id.org/kouan/.well-known/genid/")


def test_answer_that_others_had_a_part_in_is_not_kept(calling, remote):
    answer = ask(calling, f"SERVICE <{remote}> {{ ?item wdt:P1082 ?n }}")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_service_is_asked_the_same_once(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    pattern = f"SERVICE <{speaker.url}> {{ ?x wdt:P31 ?y }}"
    assert rows(ask(calling, pattern)) == rows(ask(calling, pattern + " # again\n")) == [("1",)]
    assert len(speaker.asked) == 1


def test_dataset_parameters_hold_for_what_a_service_is_told(calling, speaker):
    speaker.answer = lambda request, _: request.say(200, solutions("1"), **JSON)
    graph = "https://w3id.org/kouan/source/chen-2018/p11"
    pattern = f"?item a kouan:Province . SERVICE <{speaker.url}> {{ ?item wdt:P31 ?x }}"
    ask(calling, pattern, **{"default-graph-uri": graph})
    assert "liaoning" in speaker.asked[0]
    assert "beijing" not in speaker.asked[0]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (lambda r, _: r.say(200, b"<html>", Content_Type="text/html"), 502, "text/html"),
        (lambda r, _: r.say(200, b'{"head": {"vars"', **JSON), 502, "cannot be read"),
        (lambda r, _: r.say(200, b'{"head": {}, "boolean": true}', **JSON), 502, "true or false"),
        (lambda r, _: r.say(500, b"Oops at com.example.Main(Main.java:1)"), 502, "status 500: Oops."),
        (lambda r, _: r.say(400, b"no such function"), 502, "no such function"),
        (lambda r, _: r.say(429, b"", Retry_After="7"), 503, "busy"),
        (
            lambda r, _: r.say(302, b"", Location="http://169.254.169.254/"),
            502,
            "redirects to <http://169.254.169.254/>",
        ),
        (lambda r, _: r.say(307, b"", Location="/sparql"), 502, "more than 3 times"),
        (lambda r, _: r.say(302, b"", Location="http://[x"), 502, "leads to what is no address"),
        (lambda r, _: r.say(302, b"", Location="http://127.0.0.1:x/"), 502, "leads to what is no address"),
        (lambda *_: time.sleep(2), 504, "1.5 seconds"),
        (lambda r, _: r.say(200, solutions(count=1001), **JSON), 413, "1,000 rows"),
        (lambda r, _: r.say(200, b" " * 200_001, **JSON), 413, "200,000 bytes"),
    ],
)
def test_failing_service_is_named_and_silence_passes_over_it(calling, speaker, answer, status, says):
    speaker.answer = answer
    refused = ask(calling, f"SERVICE <{speaker.url}> {{ ?s ?p ?x }}")
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert says in refused.json()["detail"]
    assert speaker.url in refused.json()["detail"]
    assert "com.example" not in refused.text
    assert rows(ask(calling, f"VALUES ?y {{ 1 }} SERVICE SILENT <{speaker.url}> {{ ?s ?p ?x }}", "SELECT ?y")) == [
        ("1",)
    ]


def test_answer_that_breaks_off_is_none(calling, speaker):
    def break_off(request, _):
        request.send_response(200)
        request.send_header("Content-Type", "application/sparql-results+json")
        request.send_header("Content-Length", "100000")
        request.end_headers()
        request.wfile.write(solutions("1"))

    speaker.answer = break_off
    assert ask(calling, f"SERVICE <{speaker.url}> {{ ?s ?p ?x }}").status_code == 502


def test_service_whose_address_has_letters_beyond_ascii_is_called(calling, speaker):
    speaker.answer = lambda r, _: r.say(200, solutions(r.path), **JSON)
    assert rows(ask(calling, f"SERVICE <{speaker.url}/é?中=%20> {{ ?s ?p ?x }}", "SELECT ?x")) == [
        ("/sparql/%C3%A9?%E4%B8%AD=%20",)
    ]


def test_answer_of_a_service_may_be_as_long_as_its_limit(start, speaker, snapshot, settings):
    assert snapshot
    bounds = BOUNDS | {"KOUAN_SERVICE_BYTES": "33554432", "KOUAN_SERVICE_TIMEOUT": "20"}
    speaker.answer = lambda r, _: r.say(200, b" " * 17_000_000 + solutions("1"), **JSON)
    with (
        start([], bounds | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}) as address,
        httpx.Client(base_url=address, timeout=40, trust_env=False) as client,
    ):
        assert rows(ask(client, f"SERVICE <{speaker.url}> {{ ?s ?p ?x }}", "SELECT ?x")) == [("1",)]


def test_dead_service_is_left_alone_after_a_while(calling):
    dead = "http://127.0.0.1:9/sparql"
    details = [ask(calling, f"SERVICE <{dead}> {{ ?s ?p {n} }}").json()["detail"] for n in range(5)]
    assert "cannot be reached" in details[0]
    assert "is tried again in" in details[4]
    assert dead in details[4]


@pytest.mark.alone
def test_deadline_of_the_query_holds_for_its_services(calling, speaker):
    speaker.answer = lambda *_: time.sleep(2)
    started = time.monotonic()
    assert ask(calling, f"SERVICE <{speaker.url}> {{ ?s ?p ?x }}", timeout="0.3").status_code == 504
    assert time.monotonic() - started < 1.3


def test_service_that_nobody_allowed_is_refused_with_its_place(client):
    refused = ask(client, "?s ?p ?o .\n SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }")
    problem = refused.json()
    assert (refused.status_code, problem["line"], problem["column"]) == (403, 5, 2)
    assert "https://query.wikidata.org/sparql" in problem["detail"]
    assert "KOUAN_SERVICES" in problem["detail"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "2130706433",
        "0x7f.1",
    ],
)
def test_private_address_is_refused_after_its_name_is_resolved(careful, host):
    refused = ask(careful, f"SERVICE <http://{host}:9/sparql> {{ ?s ?p ?o }}")
    assert refused.status_code == 403, refused.text
    assert "private address" in refused.json()["detail"]


@pytest.mark.parametrize("address", ["http://[1/sparql", "http://127.0.0.1:x/sparql", "http:///sparql"])
def test_what_is_no_address_is_refused(careful, address):
    refused = ask(careful, f"SERVICE <{address}> {{ ?s ?p ?o }}")
    assert refused.status_code in {400, 403}
    assert "Something went wrong" not in refused.text


@pytest.mark.parametrize("name", ["wikibase:label", "wikibase:around", "<http://127.0.0.1:9/sparql>"])
@pytest.mark.parametrize(
    "form", ["SELECT (EXISTS {{ {} }} AS ?x) {{}}", "SELECT * {{ ?s a ?c }} ORDER BY EXISTS {{ {} }}"]
)
def test_service_outside_of_the_pattern_is_refused_and_never_called(calling, name, form):
    service = f"SERVICE {name} {{ ?a wdt:P625 ?b }}"
    answer = calling.get("/sparql", params={"query": PROLOGUE + form.format(service)})
    assert answer.status_code in {400, 403}


def test_service_can_be_switched_off(start, snapshot, settings):
    assert snapshot
    environment = {"KOUAN_FEDERATION": "false", "KOUAN_SNAPSHOTS": str(settings.snapshots)}
    with start([], environment) as address, httpx.Client(base_url=address, trust_env=False) as client:
        refused = ask(client, "SERVICE <https://query.wikidata.org/sparql> { ?s ?p ?o }")
        assert (refused.status_code, refused.json()["line"]) == (403, 4)
        assert "switched off" in refused.json()["detail"]
        assert "BasicFederatedQuery" not in client.get("/sparql", headers={"Accept": "text/turtle"}).text


def test_service_description_says_that_others_are_called(client):
    assert "sd:BasicFederatedQuery" in client.get("/sparql", headers={"Accept": "text/turtle"}).text


def test_mistake_beside_a_service_has_its_own_place(calling, remote):
    refused = ask(calling, f"?c a kouan:Country ;\n a . SERVICE <{remote}> {{ ?c wdt:P1082 ?n }}")
    assert (refused.status_code, refused.json()["line"]) == (400, 5)


def test_lines_after_a_service_keep_their_numbers(calling, remote):
    service = f"SERVICE <{remote}> {{\n\n?item wdt:P36 ?capital\n}}"
    refused = ask(calling, f"{service}\n BIND(1 AS ?capital)")
    assert (refused.status_code, refused.json().get("line", 8)) == (400, 8)
    refused = ask(calling, service, tail="\nORDER BY")
    assert (refused.status_code, refused.json()["line"]) == (400, 8)


def test_query_page_shows_what_was_sent_and_what_came(calling, remote):
    query = f"SELECT * {{ SERVICE <{remote}> {{ ?item <http://www.wikidata.org/prop/direct/P36> ?capital }} }}"
    page = calling.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "Q649" in page.text
    assert "VALUES" not in page.text


def test_python_calls_services_too(remote, tmp_path, monkeypatch):
    (tmp_path / "own.ttl").write_text(f"<urn:a> <urn:b> <{item(148)}> .", encoding="utf-8")
    monkeypatch.setenv("KOUAN_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("KOUAN_SERVICES", remote)
    monkeypatch.setenv("KOUAN_SERVICES_PRIVATE", "true")
    found = kouan.open(tmp_path / "own.ttl").select(
        f"SELECT ?n {{ ?a ?b ?item SERVICE <{remote}> {{ ?item <http://www.wikidata.org/prop/direct/P1082> ?n }} }}"
    )
    assert [row.n for row in found] == [1400]


ROW = '<result><binding name="x"><literal>one</literal></binding></result>'
RESULTS = '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f"{RESULTS}{ROW}</results></sparql>\n<!-- made in 3 ms -->\n", 200),
        (f"{RESULTS}{ROW}", 502),
        (f"{RESULTS}{ROW}</results>", 502),
        (f"{RESULTS}{ROW}<result><binding", 502),
    ],
)
def test_results_in_xml_that_are_cut_off_are_no_answer(calling, body, status):
    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        pattern = f"SERVICE <http://127.0.0.1:{service.server_port}/sparql> {{ ?s ?p ?x }}"
        answer = ask(calling, pattern, "SELECT ?x")
        service.shutdown()
    assert answer.status_code == status, answer.text
    if status == 200:
        assert "one" in answer.text
