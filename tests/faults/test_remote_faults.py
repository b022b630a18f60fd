"""Whatever the engine behind a server does, who asks hears in time what went wrong, and the next one is answered."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from watched import wait_until

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]
TOKEN = "a-secret-token"
SECONDS = 3
ROWS = b", ".join(b'{"a":{"type":"literal","value":"%d"}}' % number for number in range(20_000))
ANSWER = b'{"head":{"vars":["a"]},"results":{"bindings":[' + ROWS + b"]}}"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(ANSWER)
FOR_EVER, SLOWLY = 1 << 30, 0.2


def whole(body, head=HEAD):
    return head + LENGTH % len(body) + body


# What the engine sends, then what it goes on to send, how often, and after how long each time.
SAYS = {
    "well": (whole(ANSWER), b"", 0, 0),
    "cut by its length": (whole(ANSWER)[:-1000], b"", 0, 0),
    "cut in a chunk": (CHUNKED + ANSWER[:-1000], b"", 0, 0),
    "cut between chunks": (CHUNKED + ANSWER + b"\r\n", b"", 0, 0),
    "cut without a length": (HEAD + b"\r\n" + ANSWER[:-1000], b"", 0, 0),
    "large, cut without a length": (HEAD + b"\r\n" + ANSWER[:-2], b"," + ROWS[:-5], 8, 0),
    "large, cut after a row": (HEAD + b"\r\n" + ANSWER[:-3], b"," + ROWS, 8, 0),
    "large, cut after the rows": (HEAD + b"\r\n" + ANSWER[:-3], b"," + ROWS[:-1] + b"}]}", 8, 0),
    "garbage": (b"\xff\x00garbage" * 500, b"", 0, 0),
    "garbage within": (whole(b"\xff\x00garbage" * 500), b"", 0, 0),
    "deep": (whole(b'{"head":{"vars":["a"]},"results":{"bindings":[]},"x":' + b"[" * 100_000), b"", 0, 0),
    "another type": (whole(b"hello", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"), b"", 0, 0),
    "another form": (whole(b'{"head":{},"boolean":true}'), b"", 0, 0),
    "led elsewhere": (whole(b"", b"HTTP/1.1 302 Found\r\nLocation: /\r\n"), b"", 0, 0),
    "no chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", b"", 0, 0),
    "headers without end": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 1000, FOR_EVER, 0),
    "slow headers": (b"HTTP/1.1 200 OK\r\n", b"A", FOR_EVER, SLOWLY),
    "slow body": (HEAD + LENGTH % 10_000, b" ", FOR_EVER, SLOWLY),
    "trailers without end": (CHUNKED + ANSWER + b"\r\n0\r\n", b"A: b\r\n", FOR_EVER, SLOWLY),
    "always on its way": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", FOR_EVER, SLOWLY),
    "nothing": (b"", b"", 1, 20),
}
CARRIED_OUT = {
    name for name in SAYS if name.startswith(("well", "cut", "large", "garbage w", "deep", "another", "trailers"))
}


class Engine:
    """A server that takes any request and says what it is told to, byte by byte."""

    def __init__(self):
        self.says = "well"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}/sparql"
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=(self.listener.accept()[0],), daemon=True).start()

    def _answer(self, connection):
        first, more, times, pause = SAYS[self.says]
        with connection, contextlib.suppress(OSError):
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += connection.recv(65536)
            head, _, body = asked.partition(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            while len(body) < length:
                body += connection.recv(65536)
            connection.sendall(first)
            for _ in range(times):
                time.sleep(pause)
                connection.sendall(more)


@pytest.fixture(scope="module")
def behind(start, snapshot, settings):
    """An engine, and a client of a server before it."""
    assert snapshot
    engine = Engine()
    environment = {
        "KOUAN_ENGINE": engine.address,
        "KOUAN_ENGINE_FRESH": "0",
        "KOUAN_SNAPSHOTS": str(settings.snapshots),
        "KOUAN_WORKERS": "1",
        "KOUAN_TOKEN": TOKEN,
        "KOUAN_WRITE_TIMEOUT": str(SECONDS),
    }
    with start([], environment) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield engine, client
        engine.listener.close()


def ask(client):
    query = f"SELECT ?a {{ ?a ?b ?c }} # {os.urandom(8).hex()}"
    return client.get("/sparql", params={"query": query, "timeout": str(SECONDS), "format": "json"})


@pytest.mark.parametrize("says", SAYS)
def test_who_asks_is_told_in_time_and_the_next_is_answered(behind, says):
    engine, client = behind
    engine.says = says
    started = time.monotonic()
    answer = ask(client)
    assert time.monotonic() - started < SECONDS + 2
    assert answer.status_code in ({200} if says == "well" else {502, 504})
    assert says == "well" or answer.json()["detail"]
    engine.says = "well"
    assert wait_until(lambda: ask(client).status_code == 200, 40)


def test_rows_are_no_verdict(behind):
    engine, client = behind
    engine.says = "well"
    answer = client.get("/sparql", params={"query": "ASK { ?a ?b ?c }", "format": "json"})
    assert (answer.status_code, "another form of query" in answer.text) == (502, True)
    assert wait_until(lambda: ask(client).status_code == 200, 40)


@pytest.mark.parametrize("says", SAYS)
def test_who_writes_is_told_in_time(behind, says):
    engine, client = behind
    engine.says = says
    started = time.monotonic()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}
    answer = client.post("/update", content="INSERT DATA { <urn:a> <urn:p> 1 }", headers=headers)
    assert time.monotonic() - started < SECONDS + 2
    # What it says of a write that it carried out is for nobody.
    assert answer.status_code in ({200, 502} if says in CARRIED_OUT else {502, 504})


@pytest.fixture
def calling(start, tmp_path):
    """An engine, and a client of a server that calls it as a service, for a second at most."""
    engine = Engine()
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .", encoding="utf-8")
    environment = {
        "KOUAN_SERVICES": engine.address,
        "KOUAN_SERVICES_PRIVATE": "true",
        "KOUAN_SERVICE_TIMEOUT": "1",
        "KOUAN_SERVICE_FRESH": "0",
        "KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"),
        "KOUAN_WORKERS": "1",
    }
    data = [str(tmp_path / "data.ttl")]
    with start(data, environment) as address, httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield engine, client
        engine.listener.close()


@pytest.mark.parametrize("says", ["slow headers", "always on its way", "trailers without end", "slow body"])
def test_service_that_comes_byte_by_byte_is_given_up_in_time_and_the_next_is_called(calling, says):
    engine, client = calling

    def call(_=0):
        query = f"SELECT ?a {{ SERVICE <{engine.address}> {{ ?x ?y ?a }} }} # {os.urandom(8).hex()}"
        return client.get("/sparql", params={"query": query, "timeout": "20"})

    engine.says = says
    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        statuses = [answer.status_code for answer in threads.map(call, range(8))]
    assert time.monotonic() - started < 8
    assert set(statuses) <= {502, 504}
    engine.says = "well"
    assert wait_until(lambda: call().status_code == 200, 40)
