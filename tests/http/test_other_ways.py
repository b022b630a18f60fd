"""Writes that come in forms of parts; what was written, compressed; and requests that name the server in their target."""

from __future__ import annotations

import gzip
import socket
from urllib.parse import urlsplit

import pytest


def holds(client, triple):
    return client.get("/sparql", params={"query": f"ASK {{ {triple} }}", "format": "csv"}).text.strip() == "true"


@pytest.mark.parametrize("path", ["/sparql", "/update", "/sparql?query="])
def test_update_in_a_form_of_parts_is_made(store, path):
    triple = f"<urn:parts> <urn:p> <urn:{path.strip('/').replace('?', '-')}>"
    sent = store.post(path, files={"update": (None, f"INSERT DATA {{ {triple} }}")})
    assert sent.status_code == 200, sent.text
    assert holds(store, triple)


def test_query_in_a_form_of_parts_is_asked(store):
    sent = store.post("/sparql", files={"query": (None, 'ASK { FILTER("name=update;" != "") }')})
    assert sent.json()["boolean"] is True


def test_history_is_compressed_and_each_coding_has_its_tag(store):
    for number in range(12):
        assert store.post("/update", data={"update": f"INSERT DATA {{ <urn:a> <urn:p> {number + 100} }}"}).is_success
    plain = store.get("/history", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with store.stream("GET", "/history", headers={"Accept-Encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert store.get("/history", headers=again).status_code == 304


def test_report_in_csv_has_the_mark_that_is_asked_for(client):
    for mark in ("true", "false"):
        asked = {"format": "csv", "bom": mark}
        report = client.post(
            "/validate", content="<urn:a> <urn:p> 1 .", params=asked, headers={"Content-Type": "text/turtle"}
        )
        assert report.content.startswith(b"\xef\xbb\xbf") == (mark == "true")


def raw(server, text):
    host, port = urlsplit(str(server)).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        with connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    return head.decode(), body


def test_host_of_the_target_goes_before_the_header(server):
    head, body = raw(server, "GET http://other.example/robots.txt HTTP/1.1\nHost: localhost\nConnection: close\n\n")
    assert head.startswith("HTTP/1.1 200")
    assert b"http://other.example/" in body
    assert b"localhost" not in body


def test_server_is_asked_in_general(server):
    head, _ = raw(server, "OPTIONS * HTTP/1.1\nHost: localhost\nConnection: close\n\n")
    assert head.startswith("HTTP/1.1 204")
    assert "get" in head.lower().partition("allow: ")[2].partition("\r")[0]
