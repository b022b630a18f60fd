"""HTTP manners at every address: the protocol probe, HEAD and OPTIONS on kept-alive connections, announced versions."""

from __future__ import annotations

import gzip
import re
import socket
from types import SimpleNamespace
from urllib.parse import quote, urlsplit

import pytest

from kouan.app.inside import create_inside
from kouan.app.outside import create_outside

ASK = "/sparql?query=" + quote("ASK {}")
TABLE = "/sparql?query=" + quote("SELECT (1 AS ?n) {}")
GRAPH = "/sparql?query=" + quote("CONSTRUCT WHERE { ?s ?p ?o }")
QUERY_TYPE = {"Content-Type": "application/sparql-query"}
EXAMPLES = {"name": "heihe", "number": "1", "extension": "ttl", "filename": "kouan.css", "kind": "entity"}


def media_type(answer):
    return answer.headers.get("content-type", "").partition(";")[0]


# Each check of the probe takes a client and says whether the server keeps the protocol.
PROBE = {
    "GET with a query": lambda c: c.get(ASK).status_code == 200,
    "POST of a form": lambda c: c.post("/sparql", data={"query": "ASK {}"}).json()["boolean"] is True,
    "POST of a query": lambda c: c.post("/sparql", content="ASK {}", headers=QUERY_TYPE).json()["boolean"] is True,
    "QUERY": lambda c: c.request("QUERY", "/sparql", content="ASK {}", headers=QUERY_TYPE).json()["boolean"] is True,
    "two queries refused": lambda c: c.get(ASK + "&query=ASK%7B%7D").status_code == 400,
    "wrong media type refused": lambda c: (
        c.post("/sparql", content="ASK {}", headers={"Content-Type": "text/plain"}).status_code == 415
    ),
    "no media type refused": lambda c: c.post("/sparql", content="ASK {}").status_code == 415,
    "update by GET refused": lambda c: c.get("/sparql?update=CLEAR%20ALL").status_code == 400,
    "syntax error is 400": lambda c: c.get("/sparql?query=SELECT").status_code == 400,
    "default-graph-uri is heeded": lambda c: b"false" in c.get(
        "/sparql", params={"query": "ASK { ?s ?p ?o }", "default-graph-uri": "urn:none", "format": "csv"}
    ).content,
    "named-graph-uri is heeded": lambda c: b"false" in c.get(
        "/sparql", params={"query": "ASK { GRAPH ?g { ?s ?p ?o } }", "named-graph-uri": "urn:none", "format": "csv"}
    ).content,
    "SELECT as JSON": lambda c: media_type(c.get(TABLE)) == "application/sparql-results+json",
    "SELECT as XML": lambda c: "xml" in media_type(c.get(TABLE, headers={"Accept": "application/sparql-results+xml"})),
    "SELECT as CSV": lambda c: media_type(c.get(TABLE, headers={"Accept": "text/csv"})) == "text/csv",
    "SELECT as TSV": lambda c: c.get(TABLE, headers={"Accept": "text/tab-separated-values"}).text.startswith("?n"),
    "quality values": lambda c: media_type(c.get(TABLE, headers={"Accept": "text/csv;q=.1, application/json;q=.2"}))
    == "application/sparql-results+json",
    "wildcard": lambda c: c.get(TABLE, headers={"Accept": "*/*"}).status_code == 200,
    "406": lambda c: c.get(TABLE, headers={"Accept": "image/png"}).status_code == 406,
    "CONSTRUCT as Turtle": lambda c: media_type(c.get(GRAPH, headers={"Accept": "text/turtle"})) == "text/turtle",
    "CONSTRUCT as N-Quads": lambda c: c.get(GRAPH, headers={"Accept": "application/n-quads"}).status_code == 200,
    "DESCRIBE in an RDF format": lambda c: (
        media_type(c.get("/sparql", params={"query": "DESCRIBE <urn:a>"}, headers={"Accept": "application/rdf+xml"}))
        == "application/rdf+xml"
    ),
    "a form is decoded once": lambda c: (
        "100%25" in c.post("/sparql", data={"query": "SELECT ('100%25' AS ?x) {}", "format": "csv"}).text
    ),
    "HEAD": lambda c: c.head(ASK).status_code == 200,
    "OPTIONS": lambda c: c.options("/sparql").status_code == 204,
    "CORS": lambda c: c.get(ASK, headers={"Origin": "https://a.example"}).headers["access-control-allow-origin"] == "*",
    "service description": lambda c: "sd:Service" in c.get("/sparql", headers={"Accept": "text/turtle, */*;q=.1"}).text,
    "Vary": lambda c: "accept" in c.get(TABLE).headers["vary"].lower(),
    "ETag": lambda c: (
        c.get(ASK, headers={"If-None-Match": c.get(ASK).headers["etag"]}).status_code == 304
    ),
    "compression": lambda c: any(
        gzipped(c, GRAPH) for _ in range(3)
    ),
    "errors are structured": lambda c: media_type(c.get("/sparql?query=x")) == "application/problem+json",
    "errors have CORS": lambda c: c.get("/sparql?query=x").headers["access-control-allow-origin"] == "*",
    "/.well-known/void": lambda c: c.get("/.well-known/void", headers={"Accept": "text/turtle"}).status_code == 200,
    "charset": lambda c: c.get(TABLE, headers={"Accept": "text/csv"}).headers["content-type"].endswith("utf-8"),
}  # fmt: skip


def gzipped(client, path):
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        body = b"".join(answer.iter_raw())
    return answer.headers.get("content-encoding") == "gzip" and bool(gzip.decompress(body))


@pytest.mark.parametrize("check", PROBE)
def test_probe(client, check):
    assert PROBE[check](client)


def addresses(snapshot, settings):
    """Return an address for each route of the application, and some that lead to errors."""
    engine = SimpleNamespace(snapshot=snapshot)
    apps = (
        create_inside(None, lambda: snapshot, settings),
        create_outside(engine, None, settings, SimpleNamespace(counters=None, fair_use=None)),
    )
    rules = [rule for app in apps for rule in app.url_map.iter_rules()]
    paths = {re.sub(r"<(?:\w+:)?(\w+)>", lambda m: EXAMPLES.get(m[1], m[1]), rule.rule) for rule in rules}
    return sorted(paths | {ASK, GRAPH, "/sparql?query=x", "/nothing", "/dump/kouan.nq", "/dump/nothing"})


class Connection:
    """A kept-alive connection, read as strictly as a proxy reads it."""

    def __init__(self, address):
        parts = urlsplit(address)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=30)
        self.file = self.socket.makefile("rb")

    def ask(self, method, path, **headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: kouan.example", *(f"{n}: {v}" for n, v in headers.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status = self.file.readline().decode()
        assert status.startswith("HTTP/1.1 "), status
        said = {}
        while line := self.file.readline().strip().decode():
            name, _, value = line.partition(":")
            said[name.lower()] = value.strip()
        code = int(status.split()[1])
        has_body = method != "HEAD" and code not in {204, 304}
        return code, said, self.file.read(int(said.get("content-length", 0))) if has_body else b""

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def connection(server):
    opened = Connection(server)
    yield opened
    opened.close()


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_head_has_no_body_at_any_address_so_that_the_next_request_works(connection, snapshot, settings, accept):
    for path in addresses(snapshot, settings):
        status, _, _ = connection.ask("HEAD", path, Accept=accept)
        assert 200 <= status < 500, path
        assert connection.ask("GET", "/health")[2] == b"ok\n", path


def test_options_is_answered_with_cors_at_every_address(connection, snapshot, settings):
    for path in addresses(snapshot, settings):
        status, said, body = connection.ask(
            "OPTIONS", path, Origin="https://a.example", **{"Access-Control-Request-Method": "GET"}
        )
        assert status in ({404} if path == "/nothing" else {204}), path
        assert said["access-control-allow-origin"] == "*", path
        assert "OPTIONS" in said["access-control-allow-methods"], path
        assert body == b"" or status == 404, path


def test_method_that_is_not_taken_is_405_with_those_that_are(connection, snapshot, settings):
    for path in addresses(snapshot, settings):
        for accept in ("*/*", "text/html"):
            status, said, _ = connection.ask("PROPFIND", path, Accept=accept)
            assert status == (404 if path == "/nothing" else 405), path
            assert path == "/nothing" or "OPTIONS" in said["allow"], path
            assert said["access-control-allow-origin"] == "*", path


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.2-basic"])
def test_version_is_announced_as_a_parameter_of_the_request_or_of_its_media_type(ports, version):
    body = {"Content-Type": f'application/sparql-query; version="{version}"; charset=UTF-8'}
    assert ports.get(f"{ASK}&version={version}").status_code == 200
    assert ports.post("/sparql", data={"query": "ASK {}", "version": version}).status_code == 200
    assert ports.post("/sparql", content="ASK {}", headers=body).status_code == 200
    assert ports.request("QUERY", "/sparql", content="ASK {}", headers=body).status_code == 200


def test_get_with_a_body_is_refused(ports):
    assert ports.request("GET", ASK, content="query=ASK {}").status_code == 400
    assert ports.request("GET", ASK, content="").status_code == 200


def test_unknown_or_repeated_version_is_refused(ports):
    body = {"Content-Type": "application/sparql-query; version=7"}
    assert ports.post("/sparql", content="ASK {}", headers=body).status_code == 400
    twice = {"Content-Type": "application/sparql-query; version=1.2"}
    assert ports.post("/sparql?version=1.2", content="ASK {}", headers=twice).status_code == 400
    assert ports.get(ASK + "&version=1.2&version=1.2").status_code == 400


def test_body_in_a_charset_that_is_not_known_is_refused(ports):
    body = {"Content-Type": "application/sparql-query; charset=rot13"}
    answer = ports.post("/sparql", content="ASK {}", headers=body)
    assert (answer.status_code, answer.json()["available"]) == (415, ["utf-8"])


def test_version_in_the_query_itself_is_taken(ports):
    answer = ports.post(
        "/sparql", content='VERSION "1.2" ASK { FILTER(isTRIPLE(<<(<urn:a> <urn:b> 1)>>)) }', headers=QUERY_TYPE
    )
    assert answer.json()["boolean"] is True
