"""What the tests of the engine share: a server that answers as it is told, for what no real one does on demand."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

Answer = Callable[["Spoken", str], None]


class Spoken(BaseHTTPRequestHandler):
    """One request to it; `asked` of the server holds the queries and `agents` who asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        query = parse_qs(body)["query"][0]
        self.server.asked.append(query)
        self.server.agents.append(self.headers.get("User-Agent"))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(self, query)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def speaker() -> Iterator[ThreadingHTTPServer]:
    """A server whose `answer` a test sets; `url` is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Spoken)
    server.daemon_threads = True
    server.asked, server.agents = [], []
    server.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
