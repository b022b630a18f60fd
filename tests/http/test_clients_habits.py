"""What clients are known to send, beside what the standard has in mind, means what they mean by it."""

from __future__ import annotations

import base64
import gzip
import socket
import zlib
from urllib.parse import quote, urlsplit

import brotli
import httpx
import pytest
import zstandard

SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 2"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2"
QUERY = {"Content-Type": "application/sparql-query"}


def kind(answer):
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize(
    ("query", "parameters", "accept", "expected"),
    [
        (CONSTRUCT, {"format": "xml", "output": "xml", "results": "xml"}, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, {"output": "json"}, "*/*", "application/ld+json"),
        (CONSTRUCT, {"format": "n-triples"}, "*/*", "application/n-triples"),
        (CONSTRUCT, {"format": "csv"}, "application/n-triples", "application/n-triples"),
        (SELECT, {"results": "csv"}, "*/*", "text/csv"),
        (SELECT, {"format": "application/sparql-results+xml"}, "*/*", "application/sparql-results+xml"),
        (SELECT, {"format": "turtle"}, "text/csv", "text/csv"),
        (SELECT, {"format": "text/plain"}, "text/csv", "text/csv"),
        (CONSTRUCT, {"format": "text/plain"}, "*/*", "application/n-triples"),
        (CONSTRUCT, {"format": "nquads"}, "*/*", "application/n-quads"),
        (SELECT, {"format": "auto"}, "*/*", "application/sparql-results+json"),
        (SELECT, {"format": "auto"}, "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        (SELECT, {"format": "application/x-unheard-of"}, "text/csv", "text/csv"),
        (SELECT, {"output": "text"}, "*/*", "text/csv"),
        (CONSTRUCT, {"output": "text"}, "*/*", "application/n-triples"),
    ],
)
def test_format_by_any_name_means_the_nearest_of_the_form(ports, query, parameters, accept, expected):
    answer = ports.get("/sparql", params={"query": query} | parameters, headers={"Accept": accept})
    assert kind(answer) == expected


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (SELECT, "application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        (SELECT, "text/*", "text/csv"),
        (CONSTRUCT, "application/sparql-results+xml", "application/rdf+xml"),
        (SELECT, "application/rdf+xml", "application/sparql-results+xml"),
        ("ASK {}", "application/ld+json", "application/sparql-results+json"),
        (SELECT, "text/plain", "text/csv"),
        ("ASK {}", "text/plain", "text/csv"),
        # Parameters that no format here has, and what stood after q before RFC 9110.
        (SELECT, "text/csv;header=present", "text/csv"),
        (SELECT, "application/json;odata.metadata=minimal;q=1.0", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+json;version=1.1", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml;q=1;level=1, */*;q=0.1", "application/sparql-results+xml"),
        (CONSTRUCT, "text/turtle;version=1.1, application/n-triples;q=0.5", "text/turtle"),
    ],
)
def test_accept_refuses_ranges_and_falls_near(ports, query, accept, expected):
    assert kind(ports.get("/sparql", params={"query": query}, headers={"Accept": accept})) == expected


def spoken(address, *lines):
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "Host: x", "Connection: close", "", ""]).encode())
        said = b""
        while some := connection.recv(65536):
            said += some
    return said.decode("utf-8", "replace")


def test_header_of_several_lines_is_one(server):
    said = spoken(
        server,
        f"GET /sparql?query={quote(SELECT)} HTTP/1.1",
        "Accept: text/tab-separated-values;q=0.5",
        "Accept: text/csv;q=0.9",
    )
    assert "content-type: text/csv" in said.lower()


def test_reason_that_no_header_can_hold_is_refused_and_not_lost(server):
    said = spoken(server, "POST /update HTTP/1.1", "Kouan-Reason: 公路口岸", "Content-Length: 0")
    assert said.startswith("HTTP/1.1 400")
    assert "percent-encoded" in said


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("identity", bytes),
    ],
)
def test_body_may_be_compressed(ports, coding, coded):
    answer = ports.post("/sparql", content=coded(SELECT.encode()), headers=QUERY | {"Content-Encoding": coding})
    assert len(answer.json()["results"]["bindings"]) == 2


def test_body_in_an_unknown_coding_is_415_and_one_that_lies_400(ports):
    unknown = ports.post("/sparql", content=b"x", headers=QUERY | {"Content-Encoding": "compress"})
    assert (unknown.status_code, "zstd" in unknown.json()["available"]) == (415, True)
    assert ports.post("/sparql", content=b"x", headers=QUERY | {"Content-Encoding": "gzip"}).status_code == 400
    half = gzip.compress(SELECT.encode())[:-9]
    assert ports.post("/sparql", content=half, headers=QUERY | {"Content-Encoding": "gzip"}).status_code == 400


@pytest.mark.parametrize(
    ("coding", "coded"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.ZstdCompressor().compress)],
)
def test_bomb_is_413(ports, coding, coded):
    bomb = coded(bytes(300 * 1024 * 1024))
    assert ports.post("/sparql", content=bomb, headers=QUERY | {"Content-Encoding": coding}).status_code == 413


@pytest.mark.parametrize("charset", ["utf-16", "gb18030", "iso-8859-1", "utf-8"])
def test_form_in_another_charset_is_read(ports, charset):
    value = "é" if charset == "iso-8859-1" else "口岸"
    text = f"query=SELECT ('{value}' AS ?x) {{}}"
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    answer = ports.post("/sparql", content=text.encode(charset), headers=headers)
    assert answer.json()["results"]["bindings"][0]["x"]["value"] == value


def test_query_in_another_charset_than_its_media_types_is_415(ports):
    headers = {"Content-Type": "application/sparql-query; charset=utf-16"}
    answer = ports.post("/sparql", content="ASK {}".encode("utf-16"), headers=headers)
    assert (answer.status_code, answer.json()["available"]) == (415, ["utf-8"])


def test_charset_that_is_none_is_415(ports):
    headers = {"Content-Type": "application/sparql-query; charset=klingon"}
    assert ports.post("/sparql", content=SELECT.encode(), headers=headers).status_code == 415


def test_byte_order_mark_is_passed_over(ports):
    assert kind(ports.get("/sparql", params={"query": "\ufeff" + SELECT})) == "application/sparql-results+json"
    assert kind(ports.post("/sparql", content=("\ufeff" + SELECT).encode(), headers=QUERY))


@pytest.mark.parametrize(
    "parameters",
    [{"default-graph-uri": ""}, {"timeout": "0"}, {"timeout": "30000"}, {"maxrows": "10"}, {"timeout": "5"}],
)
def test_parameters_as_virtuoso_has_them_are_no_error(ports, parameters):
    answer = ports.get("/sparql", params={"query": SELECT} | parameters)
    assert len(answer.json()["results"]["bindings"]) == 2
    assert "kouan-warning" not in answer.headers


@pytest.mark.parametrize("timeout", ["301", "600000", "99999.5"])
def test_timeout_past_the_most_is_cut_and_a_header_says_so(ports, timeout):
    for _ in range(2):
        answer = ports.get("/sparql", params={"query": SELECT, "timeout": timeout})
        assert len(answer.json()["results"]["bindings"]) == 2
        assert answer.headers["kouan-warning"].startswith(f"timeout={timeout} was cut to 300 seconds")
    assert ports.get("/sparql", params={"query": SELECT, "timeout": "inf"}).status_code == 400


@pytest.mark.parametrize(("slip", "meant"), [("foramt", "format"), ("Timeout", "timeout"), ("resluts", "results")])
def test_parameter_that_is_a_slip_is_named_with_the_one_that_is_meant(ports, slip, meant):
    for _ in range(2):
        answer = ports.get("/sparql", params={"query": SELECT, slip: "csv"})
        assert len(answer.json()["results"]["bindings"]) == 2
        assert answer.headers["kouan-warning"] == (
            f"there is no parameter {slip} here, and it changed nothing; {meant} is the nearest"
        )


def test_slip_in_the_name_of_the_query_is_refused_with_the_right_one(ports):
    answer = ports.get("/sparql", params={"qurey": SELECT})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "There is no parameter qurey here; query is meant, it seems."


@pytest.mark.parametrize("name", ["lang", "callback", "explain", "reasoning", "debug", "_", "should-sponge", "x" * 500])
def test_parameters_of_other_servers_are_no_slips(ports, name):
    assert "kouan-warning" not in ports.get("/sparql", params={"query": SELECT, name: "1"}).headers


def test_post_with_the_query_in_the_address_and_no_body_is_answered(ports):
    answer = ports.post("/sparql", params={"query": SELECT}, headers={"Content-Type": "multipart/form-data"})
    assert len(answer.json()["results"]["bindings"]) == 2


def test_page_of_another_origin_may_send_the_headers_that_it_asks_to_send(ports):
    asked = {"Origin": "https://example.org", "Access-Control-Request-Headers": "kouan-reason, traceparent"}
    for path in ("/sparql", "/update", "/id/heihe"):
        answer = ports.options(path, headers=asked | {"Access-Control-Request-Method": "POST"})
        assert answer.headers["access-control-allow-headers"] == "kouan-reason, traceparent"


def test_who_may_not_write_is_told_both_ways_to_say_who_they_are(start, tmp_path):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": "a-secret-token"}
    with start([str(tmp_path / "data.ttl")], environment) as address:
        update = {"update": "INSERT DATA { <urn:a> <urn:p> 2 }"}
        refused = httpx.post(f"{address}/update", data=update, trust_env=False)
        assert refused.status_code == 401
        assert {
            value.partition(" ")[0] for value in refused.headers.get_list("www-authenticate", split_commas=True)
        } >= {
            "Bearer",
            "Basic",
        }
        said = base64.b64encode(b"anybody:a-secret-token").decode()
        done = httpx.post(f"{address}/update", data=update, headers={"Authorization": f"Basic {said}"}, trust_env=False)
        assert done.status_code in {200, 204}
        twice = httpx.post(
            f"{address}/update?version=1.1",
            content="INSERT DATA { <urn:a> <urn:p> 3 }",
            headers={"Content-Type": "application/sparql-update; version=1.2", "Authorization": f"Basic {said}"},
            trust_env=False,
        )
        assert twice.status_code == 400
        counted = httpx.get(f"{address}/sparql", params={"query": "ASK { <urn:a> <urn:p> 3 }"}, trust_env=False)
        assert counted.json()["boolean"] is False


def test_part_of_an_answer_is_to_be_had(ports):
    asked = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"}
    csv = {"Accept": "text/csv", "Accept-Encoding": "identity"}
    head = ports.head("/sparql", params=asked, headers=csv)
    whole = ports.get("/sparql", params=asked, headers=csv)
    assert (head.headers["accept-ranges"], int(head.headers["content-length"])) == ("bytes", len(whole.content))
    for said, expected in {
        "bytes=0-9": whole.content[:10],
        "bytes=-5": whole.content[-5:],
        "bytes=7-": whole.content[7:],
    }.items():
        part = ports.get("/sparql", params=asked, headers=csv | {"Range": said})
        assert (part.status_code, part.content) == (206, expected)
        assert part.headers["content-range"].endswith(f"/{len(whole.content)}")
    beyond = ports.get("/sparql", params=asked, headers=csv | {"Range": f"bytes={len(whole.content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    past = ports.get("/sparql", params=asked, headers=csv | {"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (past.status_code, past.content) == (200, whole.content)
    several = ports.get("/sparql", params=asked, headers=csv | {"Range": "bytes=0-1,4-5"})
    assert several.status_code == 200
    absurd = ports.get("/sparql", params=asked, headers=csv | {"Range": f"bytes=-{'9' * 5000}"})
    assert (absurd.status_code, absurd.content) == (200, whole.content)


def test_accept_that_names_thousands_of_ranges_is_refused_in_words(ports):
    def answer(ranges: int) -> httpx.Response:
        accept = ", ".join(f"a/{number};q=0.5" for number in range(ranges))
        return ports.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": accept})

    assert answer(1000).status_code == 400
    assert "more than 200 media ranges" in answer(1000).text
    # What is longer than all headers may be is not read at all.
    assert answer(5000).status_code == 431
    assert "32,768 characters" in answer(5000).text


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/id/heihe", "*/*", "/doc/heihe.ttl"),
        ("/id/heihe", "text/plain, */*;q=0.01", "/doc/heihe.ttl"),
        ("/id/heihe", "text/plain, */*; q=0.01", "/doc/heihe.ttl"),
        # rdflib's, for N-Triples.
        ("/id/heihe", "text/plain, */*;q=0.1", "/doc/heihe.nt"),
        ("/ontology", "text/plain, */*;q=0.1", "/doc/ontology.nt"),
        ("/source/chen-2018/p32", "text/plain, */*;q=0.1", "/doc/source/chen-2018/p32.nt"),
        ("/id/heihe", "text/plain", "/doc/heihe.nt"),
        ("/id/heihe", "text/plain;q=0, */*", "/doc/heihe.ttl"),
        ("/id/heihe", "text/html,application/xhtml+xml,*/*;q=0.8", "/page/heihe"),
        ("/ontology", None, "/doc/ontology.rdf"),
        ("/ontology", "text/html, image/gif, image/jpeg, */*; q=0.2", "/doc/ontology.rdf"),
        ("/ontology.owl", "*/*", "/doc/ontology.rdf"),
        ("/ontology.ttl", "*/*", "/doc/ontology.ttl"),
        ("/shapes.xml", "*/*", "/doc/shapes.rdf"),
        ("/ontology/PortCity.owl", "*/*", "/doc/ontology.rdf"),
        ("/shapes/City.nt", "*/*", "/doc/shapes.nt"),
        ("/id/heihe.html", "*/*", "/page/heihe"),
        ("/id/heihe", "application/xhtml+xml", "/page/heihe"),
        ("/id/heihe.jsonld", "*/*", "/doc/heihe.jsonld"),
        ("/source/chen-2018/p32", "text/turtle", "/doc/source/chen-2018/p32.ttl"),
    ],
)
def test_address_of_a_thing_leads_each_client_to_what_it_reads(client, path, accept, expected):
    said = "" if accept is None else f"Accept: {accept}\r\n"
    parts = urlsplit(str(client.base_url))
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{said}Connection: close\r\n\r\n".encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 303")
    assert f"location: {expected}\r\n" in answer


def test_documents_in_quads_have_their_triples_in_the_default_graph_too(client):
    from pyoxigraph import DefaultGraph, RdfFormat, parse

    quads = list(parse(client.get("/doc/heihe.nq").content, format=RdfFormat.N_QUADS))
    triples = list(parse(client.get("/doc/heihe.nt").content, format=RdfFormat.N_TRIPLES))
    assert {quad.triple for quad in quads if isinstance(quad.graph_name, DefaultGraph)} == {
        quad.triple for quad in triples
    }


def test_comparison_with_wikidata_comes_in_the_format_that_is_named(client):
    assert kind(client.get("/wikidata", params={"format": "csv"})) == "text/csv"


def test_browser_that_asks_for_a_graph_sees_it(client):
    asked = {"graph": "https://w3id.org/kouan/source/chen-2018/p32"}
    answer = client.get("/data", params=asked, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert kind(answer) == "text/turtle"


def test_writing_tells_who_takes_rdf_only_nothing_that_is_none(start, tmp_path):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": "a-secret-token"}
    headers = {"Authorization": "Bearer a-secret-token", "Content-Type": "text/turtle"}
    with (
        start([str(tmp_path / "data.ttl")], environment) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client,
    ):
        graph = {"params": {"graph": "urn:new"}}
        made = client.put("/data", content="<urn:b> <urn:p> 1 .", headers={"Accept": "text/turtle"}, **graph)
        assert (made.status_code, made.content, made.headers["location"]) == (201, b"", "urn:new")
        # A graph without triples is none, and nothing says that it was made.
        for method in ("PUT", "POST"):
            empty = client.request(method, "/data", content="", params={"graph": "urn:empty"})
            assert (empty.status_code, "location" in empty.headers) == (200, False)
        assert client.get("/data", params={"graph": "urn:empty"}).status_code == 404
        # Jena asks for all graphs where it asks queries, and takes formats with their names only.
        jena = "application/trig,application/n-quads;q=0.9,application/ld+json;q=0.8,*/*;q=0.3"
        whole = client.get("/sparql", headers={"Accept": jena})
        assert (kind(whole), "urn:new" in whole.text) == ("application/trig", True)
        links = "application/n-quads,application/trig;q=0.95,text/turtle;q=0.6"
        assert "sparql-service-description#" in client.get("/sparql", headers={"Accept": links}).text


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ({"headers": {"Accept": "text/x-nquads, */*;q=0.1"}}, "application/n-quads"),
        ({"headers": {"Accept": "application/x-trig"}}, "application/trig"),
        ({"headers": {"Accept": "text/turtle, */*;q=0.1"}}, "application/trig"),
        ({"headers": {"Accept": "application/rdf+xml, text/rdf;q=0.6, */*;q=0.1"}}, "application/trig"),
        (
            {
                "headers": {
                    "Accept": "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1",
                }
            },
            "application/trig",
        ),
        ({"params": {"format": "nq"}}, "application/n-quads"),
        ({"params": {"format": "ttl"}}, ""),
        ({"headers": {"Accept": "text/turtle"}}, ""),
    ],
)
def test_whole_dataset_comes_in_what_holds_names_of_graphs(ports, asked, came):
    answer = ports.head("/data", **asked)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
        (200, came) if came else (400, "application/problem+json")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile/1.0",
        "/reconcile/1.0/suggest/type?prefix=po",
        "/reconcile/1.0/extend/propose?type=Port",
        "/opensearch.xml",
        "/search.json?q=heihe",
    ],
)
def test_what_is_said_by_language_says_so_to_caches(ports, path):
    assert "accept-language" in ports.get(path, headers={"Accept-Language": "zh"}).headers["vary"].lower()


def test_one_address_takes_queries_updates_and_graphs(start, tmp_path):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": "a-secret-token"}
    bearer = {"Authorization": "Bearer a-secret-token"}
    with (
        start([str(tmp_path / "data.ttl")], environment) as address,
        httpx.Client(base_url=address, headers=bearer, trust_env=False, timeout=30) as client,
    ):
        for sent in (
            {"data": {"update": "INSERT DATA { <urn:a> <urn:p> 2 }"}},
            {
                "content": "INSERT DATA { <urn:a> <urn:p> 3 }",
                "headers": bearer | {"Content-Type": "application/sparql-update"},
            },
        ):
            assert client.post("/sparql", **sent).status_code in {200, 204}
        turtle = bearer | {"Content-Type": "text/turtle"}
        graph = {"graph": "urn:g"}
        assert client.put("/sparql", params=graph, content="<urn:b> <urn:p> 4 .", headers=turtle).status_code == 201
        assert "urn:b" in client.get("/sparql", params=graph, headers={"Accept": "text/turtle"}).text
        assert client.get("/sparql?default", headers={"Accept": "application/n-triples"}).text.count("urn:a") == 3
        for media_type in ("application/n-quads", "text/x-nquads"):
            whole = bearer | {"Content-Type": media_type}
            assert client.post(
                "/sparql", content=f"<urn:c> <urn:p> <urn:{media_type}> <urn:h> .", headers=whole
            ).is_success
        assert client.get("/sparql?graph=urn:h", headers={"Accept": "application/n-triples"}).text.count("urn:c") == 2
        # Who names no graph deletes none, whatever type is said of a body that is not there.
        for path, status in (("/sparql", 405), ("/data", 400), ("/data?grph=urn:h", 400)):
            quads = bearer | {"Content-Type": "application/n-quads"}
            assert client.request("DELETE", path, headers=quads).status_code == status
        assert "With ?graph=IRI" in client.delete("/sparql", headers=bearer).json()["detail"]
        preflight = client.options("/sparql", params=graph, headers={"Access-Control-Request-Method": "PUT"})
        assert {"PUT", "DELETE"} <= {*preflight.headers["access-control-allow-methods"].split(", ")}
        assert client.get("/sparql?graph=urn:h", headers={"Accept": "application/n-triples"}).text.count("urn:c") == 2
        # A reason that cannot be kept is not lost without a word.
        reason = bearer | {"Kouan-Reason": "口岸".encode()}
        for path, sent in (
            ("/sparql", {"update": "INSERT DATA { <urn:a> <urn:p> 9 }"}),
            ("/sparql?graph=urn:g", {"a": ""}),
        ):
            assert "percent-encoded" in client.post(path, data=sent, headers=reason).json()["detail"]
        counted = client.post(
            "/sparql", data={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}, headers={"Accept": "text/csv"}
        )
        assert counted.text.split() == ["n", "3"]


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("GET", {"params": {"query": SELECT}}),
        ("POST", {"data": {"query": SELECT}}),
        ("POST", {"content": SELECT, "headers": QUERY}),
    ],
)
def test_address_of_the_server_alone_takes_queries(ports, method, sent):
    answer = ports.request(method, "/", **sent)
    assert answer.json() == ports.get("/sparql", params={"query": SELECT}).json()


def test_root_is_as_it_was_for_who_asks_nothing(ports):
    assert ports.post("/").status_code == 405
    assert ports.get("/", headers={"Accept": "text/turtle"}).headers["location"] == "/doc/void.ttl"
    assert kind(ports.get("/", headers={"Accept": "text/html"})) == "text/html"


@pytest.mark.parametrize("path", ["/sparql", "/update"])
def test_who_sends_rdf_where_queries_go_is_told_where_it_goes(start, tmp_path, path):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": "a-secret-token", "KOUAN_WORKERS": "1"}
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:b> 1 .", encoding="utf-8")
    headers = {"Authorization": "Bearer a-secret-token", "Content-Type": "text/turtle"}
    with start([str(tmp_path / "data.ttl")], environment) as address:
        answer = httpx.post(address + path, content="<urn:c> <urn:d> 2 .", headers=headers, trust_env=False)
    assert answer.status_code == 415
    assert "/data?graph=IRI" in answer.json()["detail"]
