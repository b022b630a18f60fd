"""A write that another server refuses, does not answer or takes too long over is told as what it is."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from kouan.errors import BadGateway, QueryError, TooSlow, UpdateFailed
from kouan.settings import read_settings
from kouan.writes.change import UPDATE, Write
from kouan.writes.policy import Author
from kouan.writes.remote import send_write
from kouan.writes.request import Request

REQUEST = Request(Write(UPDATE, "CLEAR ALL"), Author("me"))


@pytest.fixture
def engine():
    """A server that answers every update with its `status`, after `seconds`."""

    class Spoken(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.heard = self.rfile.read(int(self.headers["Content-Length"])).decode()
            time.sleep(self.server.seconds)
            self.send_response(self.server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Spoken)
    server.status, server.seconds = 200, 0.0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def send(port: int, request: Request = REQUEST, **more):
    return send_write(urlsplit(f"http://127.0.0.1:{port}/update"), replace(read_settings({}), **more), request)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, QueryError),
        (401, BadGateway),
        (403, BadGateway),
        (404, BadGateway),
        (405, BadGateway),
        (500, UpdateFailed),
        (502, BadGateway),
        (503, BadGateway),
        (302, BadGateway),
    ],
)
def test_refusal_is_told_as_what_it_is(engine, status, error):
    engine.status = status
    with pytest.raises(error):
        send(engine.server_address[1])


def test_write_that_is_taken_is_told(engine):
    assert send(engine.server_address[1]) == {}


def test_update_is_handed_on_as_the_standard_means_it(engine):
    text = 'INSERT { ?s <urn:p> ?n } WHERE { ?s <urn:q> ?o BIND(REPLACE(?o, "(a)", "$1 b") + ?s AS ?n) }'
    send(engine.server_address[1], Request(Write(UPDATE, text), Author("me")))
    assert parse_qs(engine.heard)["update"] == [text]


def test_nobody_there_is_a_bad_gateway():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(BadGateway) as raised:
        send(port)
    assert raised.value.status == 502


def test_silence_is_a_timeout(engine):
    engine.seconds = 2.0
    with pytest.raises(TooSlow) as raised:
        send(engine.server_address[1], write_timeout=0.5)
    assert raised.value.status == 504
