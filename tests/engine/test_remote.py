"""In front of another engine the same server serves: formats, limits, cache, and honest errors when the other fails."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from kouan.engine.circuit import FAILURES, Circuit
from kouan.engine.http_client import safe
from kouan.errors import BadGateway

DATA = "".join(f'<urn:s{i}> <urn:p{i % 3}> "{i} 北"@zh .\n' for i in range(500))
SELECT = "SELECT ?s { ?s <urn:p1> ?o } ORDER BY ?s LIMIT 5"
ENDLESS = "SELECT (COUNT(*) AS ?n) {" + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(5)) + "}"
# It comes with the packages that the tests need, beside the Python that runs them.
OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def oxigraph(port: int) -> Iterator[None]:
    """Run `oxigraph serve` with the data until the context ends."""
    command = [OXIGRAPH, "serve", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(httpx.TransportError):
                    url = f"http://127.0.0.1:{port}/store?default"
                    httpx.put(url, content=DATA, headers={"Content-Type": "application/n-triples"}, trust_env=False)
                    break
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextlib.contextmanager
def before(start, settings, port: int, **more: str) -> Iterator[httpx.Client]:
    """Run Kouan before the engine at a port; the value is a client of it."""
    environment = {
        "KOUAN_ENGINE": f"http://127.0.0.1:{port}/query",
        "KOUAN_SNAPSHOTS": str(settings.snapshots),
        "KOUAN_WORKERS": "1",
    }
    with (
        start([], environment | more) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client(start, snapshot, settings) -> Iterator[httpx.Client]:
    assert snapshot
    port = free_port()
    with oxigraph(port), before(start, settings, port) as client:
        yield client


@pytest.mark.parametrize(
    ("media_type", "written"),
    [
        ("application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ],
)
def test_solutions_come_in_each_format(client, media_type, written):
    answer = client.get("/sparql", params={"query": SELECT}, headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    assert len(list(parse_query_results(answer.content, format=written))) == 5


@pytest.mark.parametrize("written", [RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD])
def test_graphs_come_in_each_format(client, written):
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": written.media_type})
    assert answer.headers["content-type"].startswith(written.media_type)
    assert len(list(parse(answer.content, format=written))) == 500


def test_relative_iris_are_resolved_here_and_not_at_the_inner_address(client):
    answer = client.get("/sparql", params={"query": "SELECT (<x> AS ?iri) {}"}, headers={"Accept": "text/csv"})
    assert answer.text.split() == ["iri", "https://w3id.org/kouan/x"]
    own = "BASE <http://example.org/> SELECT (<x> AS ?iri) {}"
    assert "http://example.org/x" in client.get("/sparql", params={"query": own}).text

    made = "SELECT (IRI('y') AS ?iri) {}"
    assert "https://w3id.org/kouan/y" in client.get("/sparql", params={"query": made}).text


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("CONSTRUCT { <urn:a> <http://x/123> 1 } {}", "application/rdf+xml"),
        (r'CONSTRUCT { <urn:a> <urn:p> "a\u0001b" } {}', "application/rdf+xml"),
        (r'SELECT ("a\u0001b" AS ?x) {}', "application/sparql-results+xml"),
    ],
)
def test_what_xml_cannot_hold_is_no_answer(client, query, accept):
    assert client.get("/sparql", params={"query": query}, headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (r'CONSTRUCT { <urn:a> <urn:p> "a\rb" } {}', "application/rdf+xml"),
        (r'SELECT ("a\rb" AS ?x) {}', "application/sparql-results+xml"),
        (
            r'SELECT * { BIND("a\rb" AS ?x) ?s ?p ?o . ?s2 ?p2 ?o2 } LIMIT 20000',
            "application/sparql-results+xml",
        ),
    ],
)
def test_carriage_returns_survive_xml(client, query, accept):
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text[:500]
    assert "a&#xD;b" in answer.text


def test_columns_and_joined_strings_are_those_of_our_own_engine(client):
    query = "SELECT * { VALUES (?z ?a) { (1 2) } }"
    assert client.get("/sparql", params={"query": query, "format": "csv"}).text.split() == ["z,a", "1,2"]
    joined = "SELECT (GROUP_CONCAT(?x) AS ?all) { VALUES ?x { <urn:a> UNDEF 1 } }"
    assert client.get("/sparql", params={"query": joined, "format": "csv"}).text.split("\r\n")[1] == "urn:a 1"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("?s <urn:p11> ?o", "<urn:p11> stands nowhere in the data; the nearest property is <urn:p1>"),
        ("<urn:s5000> ?p ?o", "<urn:s5000> stands nowhere in the data; the nearest thing is <urn:s50>"),
        ("?s a <urn:nothing/alike>", "<urn:nothing/alike> stands nowhere in the data"),
    ],
)
def test_header_and_page_name_what_the_engine_does_not_hold_and_the_nearest(client, pattern, said):
    asked = {"query": f"SELECT * {{ {pattern} }}"}
    answer = client.get("/sparql", params=asked | {"format": "csv"})
    assert answer.headers.get_list("kouan-warning") == [said]
    page = client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text
    assert said.replace("<", "&lt;").replace(">", "&gt;") in page
    advice = client.post("/sparql/check", data=asked).json()
    assert [each["kind"] for each in advice["findings"]] == ["unknown"]


def test_what_the_engine_holds_in_any_place_is_not_named(client):
    query = "SELECT * { <urn:s1> <urn:p1> ?o . FILTER(?o != <urn:no/term>) }"
    assert client.get("/sparql", params={"query": query}).headers.get_list("kouan-warning") == []


def test_answers_are_kept_for_a_while(client):
    first = client.get("/sparql", params={"query": SELECT + " # kept"})
    again = client.get("/sparql", params={"query": SELECT + " # kept"})
    assert first.headers["server-timing"].startswith("remote")
    assert "server-timing" not in again.headers
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/sparql", params={"query": SELECT + " # kept"}, headers=known).status_code == 304


def test_large_answer_streams_through(client):
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    assert answer.text.count("\n") == 500 * 500 + 1


@pytest.mark.alone
def test_deadline_is_ours(client):
    started = time.monotonic()
    answer = client.get("/sparql", params={"query": ENDLESS, "timeout": "1"})
    assert (answer.status_code, answer.json()["limit"]) == (504, "timeout")
    assert time.monotonic() - started < 3
    assert client.get("/sparql", params={"query": SELECT + " # after"}).status_code == 200


def test_query_that_the_engine_refuses_is_400_with_its_words(start, snapshot, settings, speaker):
    assert snapshot
    speaker.answer = lambda request, _: request.say(400, b"no such function")
    with before(start, settings, speaker.server_address[1]) as client:
        answer = client.get("/sparql", params={"query": SELECT})
    assert answer.status_code == 400
    assert "refused the query" in answer.json()["detail"]
    assert "no such function" in answer.json()["detail"]


def test_prefixes_that_may_be_left_out_here_are_declared_to_the_engine(start, snapshot, settings, speaker):
    assert snapshot
    speaker.answer = lambda request, _: request.say(400, b"")
    with before(start, settings, speaker.server_address[1]) as client:
        client.get("/sparql", params={"query": "ASK { ?s wdt:P31 ?o }"})
    assert "PREFIX wdt: <http://www.wikidata.org/prop/direct/> ASK" in speaker.asked[0]


def test_query_that_is_none_is_refused_before_the_engine_is_asked(client):
    answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p"})
    assert (answer.status_code, answer.json()["line"]) == (400, 1)
    assert "expected an object" in answer.json()["detail"]


@pytest.mark.parametrize(
    "pattern",
    [
        '?s <urn:p1> ?o SERVICE wikibase:label { bd:serviceParam wikibase:language "en" }',
        'SERVICE wikibase:around { ?s <urn:p1> ?o . bd:serviceParam wikibase:radius 1 ; wikibase:center "POINT(1 1)"^^geo:wktLiteral }',
        "?s <urn:p1> ?o . hint:Prior hint:runFirst true .",
        "FILTER(<https://w3id.org/kouan/function#withinBox>(1, 1, 1, 1, 1))",
    ],
)
def test_what_only_our_own_engine_has_is_refused_in_words(client, pattern):
    refused = client.post("/sparql", data={"query": f"SELECT ?sLabel {{ {pattern} }}"})
    assert refused.status_code == 400
    assert "another engine" in refused.json()["detail"]


@pytest.mark.alone
def test_dead_engine_is_502_at_once_and_is_taken_up_again_when_it_is_back(start, snapshot, settings):
    assert snapshot
    port = free_port()
    with before(start, settings, port, KOUAN_ENGINE_FRESH="0") as client:
        with oxigraph(port):
            assert client.get("/sparql", params={"query": SELECT}).status_code == 200
        for _ in range(FAILURES):
            assert client.get("/sparql", params={"query": SELECT}).status_code == 502
        started = time.monotonic()
        left_alone = client.get("/sparql", params={"query": SELECT})
        assert (left_alone.status_code, "retry_after" in left_alone.json()) == (502, True)
        assert time.monotonic() - started < 0.2
        with oxigraph(port):
            end = time.monotonic() + 10
            while client.get("/sparql", params={"query": SELECT}).status_code != 200:
                assert time.monotonic() < end
                time.sleep(0.2)


@pytest.mark.alone
def test_engine_that_takes_connections_and_says_nothing_is_504_and_then_left_alone(start, snapshot, settings):
    assert snapshot
    with socket.create_server(("127.0.0.1", 0)) as silent, before(start, settings, silent.getsockname()[1]) as client:
        slow = client.get("/sparql", params={"query": SELECT, "timeout": "0.5"})
        assert slow.status_code == 504
        started = time.monotonic()
        assert client.get("/sparql", params={"query": SELECT, "timeout": "5"}).status_code == 502
        assert time.monotonic() - started < 0.5


def test_what_tells_of_the_inside_of_the_engine_is_not_passed_on():
    assert safe(b"<html><b>Syntax error</b> at line 3</html>") == ": Syntax error at line 3."
    assert safe(b"Bad query\n\tat org.engine.Parser.parse(Parser.java:3)") == ": Bad query."
    assert "/srv" not in safe(b"cannot read /srv/data/secret.db now")
    assert "10.0.0.7" not in safe(b"no route to 10.0.0.7")


def test_one_question_at_a_time_tries_an_engine_that_failed():
    circuit = Circuit()
    circuit.fail(surely=True)
    with pytest.raises(BadGateway):
        circuit.enter()
    circuit._closed_again = 0.0
    circuit.enter()
    with pytest.raises(BadGateway):
        circuit.enter()
    circuit.succeed()
    circuit.enter()


@pytest.mark.parametrize("form", ["html", "xlsx", "parquet", "arrow", "csv", "json-1.2"])
def test_table_that_no_other_engine_writes_is_converted(client, form):
    answer = client.get("/sparql", params={"query": SELECT, "format": form})
    assert answer.status_code == 200, answer.text
    if form in {"html", "csv", "json-1.2"}:
        assert "urn:s1" in answer.text
    assert len(answer.content) > 30


def test_geojson_is_converted(client):
    query = 'SELECT ("POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> AS ?wkt) {}'
    features = client.get("/sparql", params={"query": query, "format": "geojson"}).json()["features"]
    assert features[0]["geometry"]["coordinates"] == [1.0, 2.0]


@pytest.mark.parametrize("form", ["jsonld", "html", "ttl-1.2", "nq-1.2", "trig"])
def test_graph_that_no_other_engine_writes_is_converted(client, form):
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3"
    answer = client.get("/sparql", params={"query": query, "format": form})
    assert answer.status_code == 200, answer.text
    assert "北" in answer.text


@pytest.fixture
def writable(start, snapshot, settings) -> Iterator[httpx.Client]:
    """A client that bears a token, of Kouan before an engine of this test's own that takes writes."""
    assert snapshot
    port = free_port()
    more = {"KOUAN_ENGINE_UPDATE": f"http://127.0.0.1:{port}/update", "KOUAN_TOKEN": "a-token-of-mine"}
    with oxigraph(port), before(start, settings, port, **more) as client:
        client.headers["Authorization"] = "Bearer a-token-of-mine"
        yield client


def count(client: httpx.Client, pattern: str) -> int:
    query = {"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", "format": "csv"}
    return int(client.get("/sparql", params=query).text.split()[1])


def test_updates_are_handed_on_and_seen_at_once(writable):
    assert count(writable, "?s ?p ?o") == 500
    update = {"Content-Type": "application/sparql-update"}
    assert writable.post("/update", content="INSERT DATA { <urn:x> <urn:y> 1 }", headers=update).status_code == 200
    assert count(writable, "?s ?p ?o") == 501
    broken = writable.post("/update", content="INSERT DATA { <urn:x>", headers=update)
    assert broken.status_code == 400
    assert writable.post("/update", data={"update": "CLEAR ALL"}, headers={"Authorization": ""}).status_code == 401
    assert count(writable, "?s ?p ?o") == 501


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:e> <urn:rel> <x> }",
        "INSERT { <urn:e> <urn:rel> ?x } WHERE { BIND(IRI('x') AS ?x) }",
        "PREFIX : <urn:> INSERT DATA { GRAPH :g { :e :rel <x> } }",
    ],
)
def test_relative_iris_of_updates_are_resolved_here(writable, update):
    assert writable.post("/update", data={"update": update}).status_code == 200
    assert (
        count(
            writable,
            "{ ?s <urn:rel> <https://w3id.org/kouan/x> } UNION { GRAPH ?g { ?s <urn:rel> <https://w3id.org/kouan/x> } }",
        )
        == 1
    )


def test_whole_dataset_is_not_to_be_had_before_an_engine(client):
    answer = client.get("/data", headers={"Accept": "application/n-quads"})
    assert answer.status_code == 400
    assert "the engine behind this server keeps the graphs" in answer.json()["detail"]


def test_graphs_are_put_read_and_deleted_in_the_engine(writable):
    turtle = {"Content-Type": "text/turtle"}
    assert writable.put("/data?graph=urn:g", content="<urn:s> <urn:p> 1, 2 .", headers=turtle).status_code == 201
    assert writable.post("/data?graph=urn:g", content="<urn:s> <urn:p> 3 .", headers=turtle).status_code == 200
    assert count(writable, "GRAPH <urn:g> { ?s ?p ?o }") == 3
    assert "<urn:p>" in writable.get("/data?graph=urn:g").text
    assert writable.delete("/data?graph=urn:g").status_code == 200
    assert writable.get("/data?graph=urn:g").status_code == 404
    dry = writable.put("/data?graph=urn:g&dry-run", content="<urn:s> <urn:p> 1 .", headers=turtle)
    assert (dry.status_code, dry.json()["title"]) == (400, "Bad request")


def test_nothing_is_built_and_what_the_engine_holds_is_counted(start, tmp_path):
    port = free_port()
    environment = {
        "KOUAN_ENGINE": f"http://127.0.0.1:{port}/query",
        "KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"),
        "KOUAN_WORKERS": "1",
    }
    with (
        oxigraph(port),
        start([], environment) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False) as client,
    ):
        counted = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
        said = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
        count = counted.text.split()[1]
        assert f'<http://rdfs.org/ns/void#triples> "{count}"' in said
        void = client.get("/void", headers={"Accept": "application/n-triples"}).text
        assert f'#dataset> <http://rdfs.org/ns/void#triples> "{count}"' in void
        assert "dataDump" not in void
        # When it was changed the engine alone knows.
        said_so = [client.get(path).text for path in ("/dcat", "/sitemap.xml", "/dump/ro-crate-metadata.json", "/")]
        assert not [word for word in ("modified", "Modified", "lastmod") if word in void + "".join(said_so)]
        # What is not to be had here nothing leads to.
        assert client.get("/fragments").status_code == 404
        leading = ("/dcat", "/openapi.json", "/.well-known/api-catalog")
        assert [path for path in leading if "fragments" in client.get(path).text] == []
        refused = client.get("/dump/kouan.nq").json()
        assert (refused["status"], "another engine" in refused["detail"]) == (404, True)
        refused = client.get("/doc/heihe.ttl").json()
        assert (refused["status"], "another engine" in refused["detail"]) == (404, True)
    assert not list((tmp_path / "snapshots").glob("*/snapshot.json"))


def evaluators(client: httpx.Client) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            is_one = (process / "comm").read_text().strip() == "kouan-evaluator"
            if is_one and f"--port\0{client.base_url.port}\0" in (process / "cmdline").read_text():
                found.append(int(process.name))
    return found


def test_pages_are_made_by_evaluators_and_kept(client):
    page = client.get("/void", headers={"Accept": "text/turtle"})
    assert page.headers["etag"]
    assert (
        client.get("/void", headers={"Accept": "text/turtle", "If-None-Match": page.headers["etag"]}).status_code == 304
    )
    stopped = evaluators(client)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        asked = {"queries": json.dumps({"q": {"query": "no such thing"}})}
        with pytest.raises(httpx.ReadTimeout):
            client.get("/reconcile", params=asked, timeout=1)
        assert client.get("/health").status_code == 200
    finally:
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    assert client.get("/reconcile", params=asked).json() == {"q": {"result": []}}


@pytest.mark.parametrize(
    ("query", "accept", "wanted"),
    [
        ('CONSTRUCT { <urn:c> <http://x/123> "odd" } {}', "application/rdf+xml, text/turtle;q=0.5", "text/turtle"),
        ('CONSTRUCT { <urn:c> <http://x/123> "odd" } {}', "application/rdf+xml, */*;q=0.1", "text/turtle"),
        (
            r'SELECT ("a\u0001b" AS ?x) {}',
            "application/sparql-results+xml, application/sparql-results+json;q=0.5",
            "application/sparql-results+json",
        ),
    ],
)
def test_what_one_format_cannot_say_comes_in_the_next_that_is_accepted(client, query, accept, wanted):
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, wanted)
    known = client.get("/sparql", params={"query": query}, headers={"Accept": wanted})
    assert answer.content == known.content
    assert client.get("/sparql", params={"query": query, "format": "xml"}).status_code == 406


def test_nobody_is_told_where_the_engine_stands(client, writable):
    told = [client.get("/sparql", params={"query": "ASK {}"}), writable.get("/sparql", params={"query": "ASK {}"})]
    told.append(writable.post("/update", data={"update": "INSERT DATA { <urn:q> <urn:b> 5 }"}))
    told.append(client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": "text/html"}))
    for answer in told:
        assert answer.is_success
        said = answer.text if "json" in answer.headers["content-type"] else ""
        assert "127.0.0.1" not in str(answer.headers) + said


def test_page_says_no_time_since_which_the_engine_has_not_changed(client):
    page = client.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/html"})
    assert "last-modified" not in page.headers


def test_graph_that_is_there_is_created_again_without_a_word(writable):
    for _ in range(2):
        assert writable.post("/update", data={"update": "CREATE GRAPH <urn:made>"}).status_code == 200


def test_engine_of_which_nothing_is_kept_is_reconciled_with_as_it_is(start, snapshot, settings):
    assert snapshot
    port = free_port()
    more = {"KOUAN_ENGINE_UPDATE": f"http://127.0.0.1:{port}/update", "KOUAN_ENGINE_FRESH": "0"}
    with oxigraph(port), before(start, settings, port, **more, KOUAN_TOKEN="a-token-of-mine") as client:
        # The same process is asked before and after.
        for name in ("Sone", "Stwo", "Sthree"):
            assert client.get("/reconcile", params={"query": name}).json() == {"result": []}
            named = f'INSERT DATA {{ <http://e/{name}> <http://www.w3.org/2000/01/rdf-schema#label> "{name}" }}'
            credentials = {"Authorization": "Bearer a-token-of-mine"}
            assert client.post("/update", data={"update": named}, headers=credentials).status_code == 200
            found = client.get("/reconcile", params={"query": name}).json()["result"]
            assert found[0]["id"] == f"http://e/{name}"


def test_reconciliation_finds_what_was_written_in_the_engine(writable):
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"

    def found(name: str) -> list[str]:
        return [each["name"] for each in writable.get("/reconcile", params={"query": name}).json()["result"]]

    for name in ("Sone", "Stwo"):
        assert found(name) == []
        text = f'INSERT DATA {{ <http://example.com/{name}> a <http://example.com/type> ; {label} "{name}" }}'
        assert writable.post("/update", data={"update": text}).status_code == 200
        assert name in found(name)


def test_whole_of_an_engine_is_neither_read_nor_written_by_way_of_its_description(writable):
    read = writable.get("/sparql", headers={"Accept": "application/trig,application/n-quads;q=0.9,*/*;q=0.3"})
    sent = writable.post("/data", content="<urn:j> { <urn:a> <urn:p> 1 }", headers={"Content-Type": "application/trig"})
    for answer in (read, sent):
        assert (answer.status_code, "the engine behind this server keeps the graphs" in answer.json()["detail"]) == (
            400,
            True,
        )
