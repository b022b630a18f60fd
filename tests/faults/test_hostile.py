"""What a client sends to wear the server down costs it little, and nobody else anything."""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import httpx
import pytest
from watched import named

pytestmark = pytest.mark.alone
TURTLE = "<urn:a> <urn:p> 1 .\n"


@pytest.fixture(scope="module")
def hostile(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    lines = "".join(f'<urn:s{i}> <urn:p{i % 7}> "text {i} that is to be sent to many" .\n' for i in range(60_000))
    (folder / "data.nt").write_text(lines, encoding="utf-8")
    environment = {
        "KOUAN_SNAPSHOTS": str(folder / "s"),
        "KOUAN_WORKERS": "1",
        "KOUAN_TOKEN": "a-secret-token",
        "KOUAN_SLOWEST_CLIENT": "100000",
    }
    with start([str(folder / "data.nt")], environment) as address:
        yield address


def memory(hostile):
    [pid] = named(hostile, "http")
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def healthy(hostile, seconds):
    """Whether /health answers within so many seconds, now and for a while."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        started = time.monotonic()
        assert httpx.get(f"{hostile}/health", trust_env=False, timeout=10).status_code == 200
        if time.monotonic() - started > seconds:
            return False
    return True


@pytest.mark.parametrize("path", ["/sparql", "/nothing", "/reconcile"])
def test_form_that_unfolds_is_refused_and_keeps_nobody_waiting(hostile, path):
    bomb = gzip.compress(b"query=ASK%7B%7D&timeout=5&a=" + b"%41" * (40 << 20))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    [pid] = named(hostile, "http")
    statuses = []
    sent = [
        threading.Thread(
            target=lambda: statuses.append(
                httpx.post(f"{hostile}{path}", content=bomb, headers=headers, trust_env=False, timeout=60).status_code
            )
        )
        for _ in range(4)
    ]
    for each in sent:
        each.start()
    assert healthy(hostile, 1.5)
    for each in sent:
        each.join(60)
    assert len(statuses) == 4
    assert set(statuses) <= {413, 404, 405, 400, 503}
    assert named(hostile, "http") == [pid]


def test_bombs_of_brotli_keep_nobody_waiting(hostile):
    bomb = brotli.compress(b"\0" * (127 << 20))
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "br"}
    for _ in range(5):
        answer = httpx.post(f"{hostile}/sparql", content=bomb, headers=headers, trust_env=False, timeout=30)
        assert answer.status_code == 413
    assert healthy(hostile, 1.0)


def test_many_who_do_not_read_a_kept_answer_cost_one_copy_of_it(hostile):
    asked = f"{hostile}/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D&format=json"
    whole = httpx.get(asked, headers={"Accept-Encoding": "identity"}, trust_env=False, timeout=60)
    assert len(whole.content) > 5_000_000
    before = memory(hostile)
    parts = urlsplit(asked)
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            connection = stack.enter_context(socket.create_connection((parts.hostname, parts.port)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(2)
        assert healthy(hostile, 1.0)
        # Forty copies would take 240 MB.
        assert memory(hostile) - before < 80_000_000
    again = httpx.get(asked, headers={"Accept-Encoding": "identity"}, trust_env=False, timeout=60)
    assert again.content == whole.content
    assert "hostile-timing" not in again.headers


def test_body_that_does_not_come_is_given_up(hostile):
    parts = urlsplit(hostile)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.settimeout(30)
        head = (
            "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\n"
        )
        connection.sendall(f"{head}SELECT".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")


def test_head_leaves_nothing_that_a_get_would_be_answered_with(client):
    for path in ("/dcat", "/doc/heihe.ttl", "/page/heihe", "/reconcile", "/dump/SHA256SUMS"):
        for _ in range(6):
            assert client.head(path, headers={"Accept": "text/turtle"}).content == b""
        assert client.get(path, headers={"Accept": "text/turtle"}).content


@pytest.mark.parametrize("path", ["/?a=口", "/reconcile/suggest/entity?prefix=口", "/validate?a=口", "/history?a=口"])
def test_address_that_is_not_encoded_is_read_as_utf_8(hostile, path):
    parts = urlsplit(hostile)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = connection.recv(100)
    assert said.startswith(b"HTTP/1.1 200")


LONG = 17 << 20
# One literal could not be so long.
LINES = tuple(each for number in range(17) for each in (number, b"x" * (1 << 20)))


@pytest.mark.parametrize(
    ("path", "media_type", "body", "status"),
    [
        ("/data?graph=urn:long", "text/turtle", b"\0" * LONG, 400),
        ("/data?graph=urn:long", "application/n-triples", b'<urn:a> <urn:p> "%07d%s" .\n' * 17 % LINES, 201),
        ("/sparql", "application/sparql-query", b"\0" * LONG, 413),
        ("/sparql", "multipart/form-data; boundary=x", b"\0" * LONG, 413),
        ("/update", "application/x-www-form-urlencoded", b"\0" * LONG, 413),
        ("/validate", "application/x-www-form-urlencoded", b"\0" * LONG, 413),
    ],
)
def test_long_body_is_answered_and_ends_nobody(hostile, path, media_type, body, status):
    before = [pid for name in ("http", "writer", "forker") for pid in named(hostile, name)]
    headers = {"Content-Type": media_type, "Authorization": "Bearer a-secret-token"}
    method = "PUT" if path.startswith("/data") else "POST"
    answer = httpx.request(method, hostile + path, content=body, headers=headers, trust_env=False, timeout=120)
    assert answer.status_code == status
    assert [pid for name in ("http", "writer", "forker") for pid in named(hostile, name)] == before


@pytest.mark.parametrize("path", ["/update", "/data?graph=urn:long"])
def test_triple_too_long_to_be_read_again_is_refused_and_the_writer_goes_on(hostile, path):
    before = named(hostile, "writer")
    said = f'<urn:long> <urn:p> "{"x" * 17_000_000}"'
    kind, body = (
        ("application/sparql-update", f"INSERT DATA {{ {said} }}")
        if path == "/update"
        else ("text/turtle", said + " .")
    )
    headers = {"Authorization": "Bearer a-secret-token", "Content-Type": kind}
    answer = httpx.post(hostile + path, content=body, headers=headers, trust_env=False, timeout=120)
    assert answer.status_code == 413
    assert "more than 16,000,000 bytes" in answer.text
    assert named(hostile, "writer") == before


def test_writer_that_is_stopped_is_replaced(hostile):
    [stopped] = named(hostile, "writer")
    os.kill(stopped, signal.SIGSTOP)
    bearer = {"Authorization": "Bearer a-secret-token"}
    update = {"update": "INSERT DATA { <urn:after> <urn:p> 1 }"}
    answer = httpx.post(f"{hostile}/update", data=update, headers=bearer, trust_env=False, timeout=60)
    assert answer.status_code == 200
    assert named(hostile, "writer") != [stopped]


def test_part_of_a_large_download_is_to_be_had(client):
    whole = client.get("/dump/kouan.nq", headers={"Accept-Encoding": "identity"}).content
    part = client.get("/dump/kouan.nq", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
