"""See what each request came to: give it an id, count it, and log it in one line. Knows Granian's protocol, no queries.

Nothing that could be private is logged: no token, no query but a hash of it, and no client's address unless asked.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from hashlib import blake2b
from itertools import count
from typing import Any

from kouan.http.cache import Headers
from kouan.http.counters import Counters
from kouan.http.forwarded import address_of_client
from kouan.settings import Settings

# Who sends an id of its own finds it in the log (no standard has the name, but proxies and clients share it).
ID_HEADER = "x-request-id"
# What stands in a line of text as it is; all else is escaped, so that no client writes a line, or a sign of a terminal, of its own.
PLAIN = re.compile(r"[!#-~]*")
ID_OF_CLIENT = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Observer:
    """Sees the requests of one HTTP process."""

    def __init__(self, counters: Counters, settings: Settings) -> None:
        self.counters = counters
        self.log = settings.log
        self.shows_address = settings.log_address
        self._numbers = count(1)
        self._process = f"{os.getpid():x}-{int(time.time()):x}"

    def exchange(self, scope: Any, proto: Any) -> Exchange:
        """Return a request's protocol, which is seen from now on."""
        return Exchange(self, scope, proto)

    def id_of(self, scope: Any) -> str:
        """Return the id that the client gave the request, or one of our own."""
        given = scope.headers.get(ID_HEADER)
        if given and ID_OF_CLIENT.fullmatch(given):
            return str(given)
        return f"{self._process}-{next(self._numbers):x}"

    def seen(self, exchange: Exchange, status: int, size: int) -> None:
        """Count a request that is answered, and log it where that is wanted."""
        seconds = time.perf_counter() - exchange.started
        self.counters.count(exchange.place, exchange.form, status, seconds)
        if self.log != "none":
            sys.stderr.write(self._line(exchange, status, size, seconds))

    def _line(self, exchange: Exchange, status: int, size: int, seconds: float) -> str:
        scope = exchange.scope
        said: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "id": exchange.id,
            "method": scope.method,
            "path": scope.path,
            "status": status,
            "ms": round(seconds * 1000, 3),
            "bytes": size,
            "rows": exchange.rows,
            "form": exchange.form,
            "version": exchange.version,
            "cache": "hit" if exchange.was_kept else "miss",
            "query": exchange.query_hash(),
        }
        if self.shows_address:
            said["client"] = exchange.client
        if self.log == "json":
            return json.dumps(said, ensure_ascii=True) + "\n"
        return (
            " ".join(
                f"{name}={value if PLAIN.fullmatch(str(value)) else json.dumps(value)}" for name, value in said.items()
            )
            + "\n"
        )


class Exchange:
    """One request and its answer: Granian's protocol, whose answers are seen."""

    __slots__ = (
        "client",
        "form",
        "id",
        "observer",
        "place",
        "proto",
        "query",
        "rows",
        "scope",
        "started",
        "version",
        "was_kept",
    )

    def __init__(self, observer: Observer, scope: Any, proto: Any) -> None:
        self.started = time.perf_counter()
        self.observer = observer
        self.scope = scope
        self.proto = proto
        self.id = observer.id_of(scope)
        self.place = scope.path[1:].partition("/")[0]
        self.form = self.version = self.query = ""
        self.client = address_of_client(scope)
        self.was_kept = False
        self.rows: int | None = None

    def kept(self, form: str, version: str, rows: int | None = None) -> None:
        """Say that the answer was made before."""
        self.form, self.version, self.rows, self.was_kept = form, version, rows, True

    def query_hash(self) -> str:
        """Return a hash of the query, by which equal ones are found and none can be read; "" where there is none."""
        return blake2b(self.query.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if self.query else ""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with bytes."""
        self.observer.seen(self, status, len(body))
        answer = [*headers, (ID_HEADER, self.id)]
        if self.scope.method == "HEAD" and self.scope.http_version.startswith("2"):
            # The server leaves the body of HTTP/1 out itself; here a client ends the stream (RFC 9113, section 8.1.1).
            # Flask has left it out already, and then nobody knows how long it would be.
            said = not body or any(name == "content-length" for name, _ in headers)
            self.proto.response_empty(status, answer if said else [*answer, ("content-length", str(len(body)))])
        else:
            self.proto.response_bytes(status, answer, body)

    def response_empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""
        self.observer.seen(self, status, 0)
        self.proto.response_empty(status, [*headers, (ID_HEADER, self.id)])

    def response_file(self, status: int, headers: Headers, path: str) -> None:
        """Answer with a file; the time until then is what counts, for the rest is the client's."""
        size = next((int(value) for name, value in headers if name == "content-length"), 0)
        self.observer.seen(self, status, size)
        self.proto.response_file(status, [*headers, (ID_HEADER, self.id)], path)

    def __aiter__(self) -> Any:
        return self.proto.__aiter__()

    def client_disconnect(self) -> Any:
        """Return what waits until the client has gone."""
        return self.proto.client_disconnect()
