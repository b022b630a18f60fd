"""What comes from the open net reaches nothing that it should not, is shown as text, and keeps nobody waiting."""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import socket
import threading
import time
from urllib.parse import quote, urlsplit

import httpx
import pytest

pytestmark = pytest.mark.alone
TOKEN = "open-sesame-open"
MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE = f"""
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/id/hostile> a <https://example.org/Thing> ; rdfs:label "{MARKUP}"@en , "\\u202Egnp.exe"@en ;
  rdfs:seeAlso <javascript:alert(1)> , <data:text/html,%3Cscript%3E> ; <https://example.org/formula> "=cmd|' /C calc'!A0" .
"""
SECRET = "root:"


@pytest.fixture(scope="module")
def listener():
    """A server that must hear nothing; `heard` holds what it heard."""

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def silent(listener):
    """The address of the listener, which has heard nothing when the test is over."""
    listener.heard.clear()
    yield f"http://127.0.0.1:{listener.server_address[1]}"
    time.sleep(0.2)
    assert listener.heard == []


@pytest.fixture(scope="module")
def attacked(start, tmp_path_factory):
    """A server of hostile data that takes writes."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "data.ttl").write_text(HOSTILE, encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "2"}
    with start([str(folder / "data.ttl")], environment) as address:
        yield address


@pytest.fixture
def client(attacked):
    with httpx.Client(base_url=attacked, trust_env=False, timeout=30) as client:
        yield client


def as_writer(**headers):
    return {"Authorization": f"Bearer {TOKEN}"} | headers


def light(client):
    started = time.monotonic()
    assert client.get("/sparql", params={"query": f"ASK {{ ?s ?p ?o }} # {started}"}).status_code == 200
    return time.monotonic() - started


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{0}/x> {{ ?s ?p ?o }} }}",
        "SELECT * FROM <{0}/x> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{0}/x> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * FROM <file:///etc/passwd> {{ ?s ?p ?o }}",
        "SELECT * {{ GRAPH <file:///etc/passwd> {{ ?s ?p ?o }} }}",
        "DESCRIBE <{0}/x>",
        "SELECT * {{ SERVICE SILENT <http://localhost.localdomain/x> {{ ?s ?p ?o }} }}",
    ],
)
def test_query_reaches_no_address_and_no_file(client, silent, query):
    answer = client.get("/sparql", params={"query": query.format(silent)})
    assert SECRET not in answer.text
    assert answer.status_code in {200, 400, 403}


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_dataset_parameters_reach_no_address(client, silent, parameter):
    for place in (f"{silent}/x", "file:///etc/passwd"):
        answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", parameter: place})
        assert SECRET not in answer.text


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <{0}/x>",
        "LOAD SILENT <{0}/x> INTO GRAPH <urn:g>",
        "LOAD <file:///etc/passwd>",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{0}/x> {{ ?s ?p ?o }} }}",
        "INSERT {{ ?s ?p ?o }} USING <{0}/x> WHERE {{ ?s ?p ?o }}",
    ],
)
def test_update_reaches_no_address_though_its_writer_may_write(client, silent, update):
    answer = client.post("/update", data={"update": update.format(silent)}, headers=as_writer())
    assert SECRET not in answer.text
    assert answer.status_code in {200, 400, 403}


DOCUMENTS = {
    "entity of a file": (
        "application/rdf+xml",
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'
        '<rdf:Description rdf:about="urn:a"><e:p>&e;</e:p></rdf:Description></rdf:RDF>',
    ),
    "entity of an address": (
        "application/rdf+xml",
        '<?xml version="1.0"?><!DOCTYPE r SYSTEM "{0}/dtd" [<!ENTITY e SYSTEM "{0}/e">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'
        '<rdf:Description rdf:about="urn:a"><e:p>&e;</e:p></rdf:Description></rdf:RDF>',
    ),
    "context": ("application/ld+json", '{{"@context": "{0}/context.jsonld", "@id": "urn:a", "name": "b"}}'),
    "imported context": (
        "application/ld+json",
        '{{"@context": {{"@version": 1.1, "@import": "{0}/c"}}, "@id": "urn:a", "name": "b"}}',
    ),
    "imports": (
        "text/turtle",
        "<urn:a> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <{0}/o> .",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("place", ["/data?graph=urn:doc", "/validate"])
def test_document_reaches_no_address_and_no_file(client, silent, name, place):
    media_type, text = DOCUMENTS[name]
    body = text.format(silent) if "{0}" in text else text
    method = "PUT" if place.startswith("/data") else "POST"
    answer = client.request(method, place, content=body, headers=as_writer(**{"Content-Type": media_type}))
    assert answer.status_code < 500
    assert SECRET not in answer.text
    assert SECRET not in client.get("/data?graph=urn:doc", headers={"Accept": "text/turtle"}).text


def test_entities_that_grow_are_refused_or_bounded(client):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "lol">{entities}]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'
        '<rdf:Description rdf:about="urn:a"><e:p>&e11;</e:p></rdf:Description></rdf:RDF>'
    )
    started = time.monotonic()
    headers = as_writer(**{"Content-Type": "application/rdf+xml"})
    answer = client.put("/data?graph=urn:doc", content=body, headers=headers)
    assert 400 <= answer.status_code < 500 or answer.status_code == 507
    assert time.monotonic() - started < 20
    light(client)


UPDATE = "INSERT DATA { <urn:hack> <urn:p> 1 }"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", f"/update?update={quote(UPDATE)}", b"", as_writer()),
        ("GET", f"/sparql?update={quote(UPDATE)}", b"", as_writer()),
        ("POST", f"/update?update={quote(UPDATE)}", b"", {}),
        (
            "POST",
            "/update",
            f"update={quote(UPDATE)}".encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"},
        ),
        (
            "POST",
            "/update",
            UPDATE.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": "Bearer wrong"},
        ),
        ("POST", "/update", UPDATE.encode(), {"Content-Type": "application/sparql-update", "Authorization": "Bearer"}),
        (
            "POST",
            "/update",
            UPDATE.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN[:-1]}"},
        ),
        (
            "POST",
            "/update",
            UPDATE.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}x"},
        ),
        (
            "POST",
            "/update",
            UPDATE.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": "Bearer " + "x" * 6000},
        ),
        (
            "POST",
            "/update",
            UPDATE.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": "Basic ====="},
        ),
        ("POST", "/sparql", UPDATE.encode(), {"Content-Type": "application/sparql-update"}),
        ("PUT", "/data?graph=urn:hack", b"<urn:hack> <urn:p> 1 .", {"Content-Type": "text/turtle"}),
        ("DELETE", "/data?default", b"", {}),
    ],
)
def test_nobody_writes_without_the_token(client, method, path, body, headers):
    answer = client.request(method, path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    asked = {"query": "ASK { { <urn:hack> ?p ?o } UNION { GRAPH ?g { <urn:hack> ?p ?o } } }"}
    assert client.get("/sparql", params=asked, headers={"Accept": "text/csv"}).text.strip().endswith("false")
    assert (
        client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}, headers={"Accept": "text/csv"})
        .text.strip()
        .endswith("true")
    )


@pytest.mark.parametrize(
    "root", ["/id/", "/dump/", "/static/", "/doc/", "/page/", "/source/", "/ontology/", "/questions/", "/assets/"]
)
@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd",
        "..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "..%5c..%5cetc%5cpasswd",
        "%00",
        "....//....//etc/passwd",
    ],
)
def test_no_path_leads_out(attacked, root, path):
    parts = urlsplit(attacked)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"GET {root}{path} HTTP/1.1\r\nHost: kouan\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")
    assert SECRET not in answer
    assert int(answer.split()[1]) in {303, 308, 400, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page/hostile",
        "/search?q=script",
        f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}",
        f"/sparql?query={quote(MARKUP)}",
        f"/{quote(MARKUP)}",
        f"/search?q={quote(MARKUP)}",
        "/explore",
    ],
)
def test_markup_in_data_and_requests_is_shown_as_text(client, path):
    answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert 'href="data:' not in page
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    for block in re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.S):
        json.loads(block)


def test_number_that_no_write_has_is_404_however_long(client):
    # The first write of all is none in the digits of other scripts.
    headers = as_writer(**{"Content-Type": "application/sparql-update"})
    assert client.post("/update", content="INSERT DATA { <urn:n> <urn:p> 1 }", headers=headers).status_code == 200
    for number in ("0", "\u0661", "\uff11", "9" * 18, "9" * 400, "9" * 5000):
        assert client.get(f"/history/{number}").status_code == 404
        assert client.post(f"/history/{number}/revert", headers=as_writer()).status_code == 404


@pytest.mark.parametrize("number", ["²", "٣", "1e309", "-0", "NaN", "0x1", "9" * 5000])
def test_number_that_is_none_is_told_or_passed_over(client, number):
    said = quote(number)
    for path in (
        f"/sparql?query=ASK%7B%7D&timeout={said}",
        f"/fragments?page={said}",
        f"/timeline?month={said}",
        f"/timeline?year={said}",
        f"/classes?page={said}",
        f"/thing?iri=urn:a&page={said}",
        f"/sitemap-{said}.xml",
        f"/ontology/{said}.0.0",
        f"/reconcile/properties?type=x&limit={said}",
        f"/history/{said}",
    ):
        assert client.get(path).status_code < 500


def test_another_protocol_that_is_offered_is_not_taken_up(client):
    for upgrade in ("websocket", "h2c", "TLS/1.3, HTTP/3"):
        answer = client.get("/health", headers={"Connection": "Upgrade", "Upgrade": upgrade})
        assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=1", "\x00", "\u202e", "日本" * 100])
def test_what_is_sent_back_in_headers_makes_no_other_header(client, value):
    for path in (
        f"/sparql?query={quote(value)}",
        f"/id/{quote(value)}",
        f"/doc/{quote(value)}.ttl",
        f"/search?q={quote(value)}",
        f"/examples/{quote(value)}",
    ):
        answer = client.get(path)
        assert answer.status_code < 500
        assert "set-cookie" not in answer.headers


def raw(address, data, wait=5.0):
    parts = urlsplit(address)
    with (
        socket.create_connection((parts.hostname, parts.port), timeout=wait) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(data)
        return connection.recv(65536)
    return b""


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 10_000,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5_000 + b"\r\n",
        b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + b"\xff\xfe garbage" * 1000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 10_000,
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
    ],
    ids=[
        "zeros",
        "many headers",
        "long path",
        "two lengths",
        "length twice",
        "negative",
        "bad chunk",
        "pipelined",
        "http 2",
        "connect",
        "absolute",
    ],
)
def test_garbage_is_refused_and_others_are_answered(attacked, client, data):
    with contextlib.suppress(TimeoutError):
        raw(attacked, data)
    assert light(client) < 5


LINE = b"<urn:cut> <urn:p> <urn:o> .\n"
CHUNK = b"%x\r\n%s\r\n" % (len(LINE), LINE)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: 500\r\n", LINE),
        (b"Transfer-Encoding: chunked\r\n", CHUNK),
        (b"Transfer-Encoding: chunked\r\n", CHUNK + b"zz\r\n"),
    ],
    ids=["length", "chunks", "no chunk"],
)
def test_body_that_breaks_off_is_not_written(attacked, client, headers, body):
    head = f"PUT /data?graph=urn:cut HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
    parts = urlsplit(attacked)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(head + b"Content-Type: application/n-triples\r\n" + headers + b"\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536).split(b"\r\n")[0] in {b"HTTP/1.1 400 Bad Request", b""}
    assert client.get("/data?graph=urn:cut").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: x\r\nHost: y\r\n",
        b"",
        b"Host: x\r\nContent-Type: text/plain\r\n",
        b"Host: <script>alert(1)</script>\r\n",
        b"Host: someone:secret@x\r\n",
        b"Host: x:99999999\r\n",
        b"Host: " + b"x" * 20_000 + b"\r\n",
        b"Host: a..b\r\n",
        b"Host: .\r\n",
        b"Host: " + b"x" * 64 + b".org\r\n",
        b"Host: [:::]:80\r\n",
        b"Host: x\r\nTransfer-Encoding: gzip, chunked\r\n",
    ],
    ids=[
        "two hosts",
        "no host",
        "two types",
        "markup",
        "a name before it",
        "no port",
        "long",
        *("empty label", "dot", "long label", "no address"),
        "another coding",
    ],
)
def test_headers_that_contradict_each_other_are_refused_in_words(attacked, headers):
    sent = b"5\r\nASK{}\r\n0\r\n\r\n" if b"chunked" in headers else b"ASK{}"
    length = b"" if b"chunked" in headers else b"Content-Length: 5\r\n"
    head = b"POST /sparql HTTP/1.1\r\nContent-Type: application/sparql-query\r\n"
    answer = raw(attacked, head + headers + length + b"\r\n" + sent, 30.0)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"detail"' in answer


DOUBLED = " ".join(f"(?a{n} + ?a{n} AS ?a{n + 1})" for n in range(20))
COUNTED = f"SELECT (COUNT(*) AS ?a0) {DOUBLED} {{ ?s ?p ?o }}"


@pytest.mark.parametrize("after", ["", " HAVING (?a9 > 0)"])
def test_columns_that_double_are_refused_with_their_place(client, after):
    started = time.monotonic()
    update = f"INSERT {{ <urn:s> <urn:p> ?a20 }} WHERE {{ {COUNTED}{after} }}"
    answers = [
        client.post("/update", data={"update": update}, headers=as_writer()),
        client.get("/sparql", params={"query": COUNTED + after}),
    ]
    for answer in answers:
        assert answer.status_code == 400
        assert "use each other so often" in answer.json()["detail"]
        assert answer.json()["column"] > 1
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("host", ["xn--fa-hia.de", "xn--a", "kouan_web:8080", "[::1]:8080", "a.org."])
@pytest.mark.parametrize("path", ["/", "/health", "/data", "/openapi.json", "/reconcile"])
def test_whatever_names_a_host_may_be_asked_for(client, host, path):
    for accept in ("text/html", "application/json"):
        answer = client.get(path, headers={"Host": host, "Accept": accept})
        assert answer.status_code < 500, answer.text
    assert client.get("/reconcile", headers={"Host": host}).json()["view"]["url"].startswith(f"http://{host}/")


def test_link_is_read_in_one_pass(client):
    started = time.monotonic()
    for _ in range(3):
        client.post(
            "/data?graph=urn:g", json={}, headers=as_writer(Link="<" * 30_000, **{"Content-Type": "application/json"})
        )
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "body",
    [
        b"query=\xff\xfe",
        b"query=%FF%FE",
        b"query=SELECT%00",
        "query=SELECT * { ?s ?p '\ud800' }".encode("utf-8", "surrogatepass"),
    ],
)
def test_bytes_that_are_no_text_are_refused_in_words(client, body):
    answer = client.post("/sparql", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_two_thousand_connections_leave_the_server_answering(attacked, client):
    parts = urlsplit(attacked)
    held = []
    try:
        for _ in range(2000):
            held.append(socket.create_connection((parts.hostname, parts.port), timeout=10))
        for connection in held[::2]:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        assert max(light(client) for _ in range(5)) < 5
    finally:
        for connection in held:
            connection.close()
    assert light(client) < 5


def test_a_hundred_that_send_a_byte_a_second_keep_nobody_waiting(attacked, client):
    parts = urlsplit(attacked)
    request = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 5000\r\n\r\nSELECT"
    held = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(100)]
    try:
        for index, connection in enumerate(held):
            if index % 2:
                connection.sendall(request)
        took = []
        for step in range(4):
            for index, connection in enumerate(held):
                with contextlib.suppress(OSError):
                    connection.sendall(request[step : step + 1] if not index % 2 else b" ")
            took.append(light(client))
            time.sleep(1)
        assert max(took) < 5
    finally:
        for connection in held:
            connection.close()


REGEX = "SELECT * { BIND(REGEX('" + "a" * 5000 + "!', '(a+)+$') AS ?x) }"
HEAVY = {
    "parentheses": "SELECT (" + "(" * 100_000 + "1" + ")" * 100_000 + " AS ?x) {}",
    "braces": "SELECT * " + "{" * 100_000 + "}" * 100_000,
    "paths": "SELECT * { ?s " + "(" * 100_000 + "<urn:p>" + ")*" * 100_000 + " ?o }",
    "optionals": "SELECT * { " + "OPTIONAL { ?s ?p ?o " * 50_000 + "}" * 50_000 + " }",
    "values": "SELECT * { VALUES ?x { " + "1 " * 100_000 + "} }",
    "regular expression": REGEX,
    "concatenation": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?b), STR(?c))) AS ?x) { ?a ?p ?o . ?b ?q ?r . ?c ?t ?u . ?d ?v ?w }",
    "literal": "SELECT * { ?s ?p '" + "x" * 900_000 + "' }",
    "iri": "SELECT * { <urn:" + "x" * 900_000 + "> ?p ?o }",
    "ten megabytes": "SELECT * { ?s ?p ?o } #" + "x" * 10_000_000,
    "union": "SELECT * { " + "{ ?s ?p ?o } UNION " * 20_000 + "{} }",
    "filter": "SELECT * { FILTER(" + "1 = 1 && " * 50_000 + "true) }",
}


@pytest.mark.parametrize("name", HEAVY)
def test_hostile_query_has_the_right_status_in_bounded_time(client, name):
    started = time.monotonic()
    answer = client.post(
        "/sparql", params={"timeout": "5"}, content=HEAVY[name], headers={"Content-Type": "application/sparql-query"}
    )
    assert time.monotonic() - started < 12
    assert answer.status_code in {200, 400, 413, 504, 507}
    if answer.status_code != 200:
        assert answer.json()["detail"]
    assert light(client) < 5
