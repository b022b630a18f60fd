"""Ask a server as fast as it answers, over connections that are kept alive. Knows HTTP/1.1 and nothing of SPARQL.

The client is one process that waits for many sockets, and reads no more of an answer than it must to know its end; all
servers are asked by the same one.
"""

from __future__ import annotations

import itertools
import select
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import quote

RECEIVED = 1024 * 1024


@dataclass(frozen=True)
class Measurement:
    """What was measured: the answers, the whole time, what failed, and the seconds that shares of them did not exceed."""

    answers: int
    seconds: float
    failures: int
    latencies: dict[float, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Return the good answers in a second."""
        return (self.answers - self.failures) / self.seconds if self.seconds else 0.0


def percentiles(latencies: list[float]) -> dict[float, float]:
    """Return the seconds that half of the requests, and 99 of 100, did not exceed."""
    ordered = sorted(latencies)
    return {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99) if ordered}


class Connection:
    """A connection and the answer that it waits for."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.started = 0.0
        self._start()

    def _start(self) -> None:
        self.head = b""
        self.left = -1
        self.tail = b""
        self.is_chunked = False
        self.is_good = False

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._start()
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bool:
        """Return whether the answer is whole now."""
        data = self.socket.recv(RECEIVED)
        if not data:
            raise ConnectionError("the server closed the connection")
        if self.left < 0 and not self.is_chunked:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._read_head(self.head[:end].lower())
            data = self.head[end + 4 :]
        if self.is_chunked:
            self.tail = (self.tail + data)[-7:]
            return self.tail.endswith(b"\r\n0\r\n\r\n") or self.tail == b"0\r\n\r\n"
        self.left -= len(data)
        return self.left <= 0

    def _read_head(self, head: bytes) -> None:
        self.is_good = head.startswith((b"http/1.1 200", b"http/1.1 304"))
        self.is_chunked = b"transfer-encoding: chunked" in head
        _, found, after = head.partition(b"content-length:")
        self.left = int(after.partition(b"\r\n")[0]) if found else 0


def requests(host: str, port: int, path: str, queries: tuple[str, ...], accept: str) -> list[bytes]:
    """Return the bytes of the requests for some queries."""
    return [
        f"GET {path}?query={quote(query)} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: {accept}\r\n\r\n".encode()
        for query in queries
    ]


def run(
    host: str, port: int, asked: list[bytes], *, connections: int, seconds: float, most: int = 10**9
) -> Measurement:
    """Return what was measured while so many connections asked, one request after another each."""
    latencies: list[float] = []
    failures = 0
    queue = itertools.cycle(asked)
    poll = select.epoll()
    waiting: dict[int, Connection] = {}
    for _ in range(connections):
        connection = Connection(host, port)
        waiting[connection.socket.fileno()] = connection
        poll.register(connection.socket.fileno(), select.EPOLLIN)
        connection.send(next(queue))
    started = time.perf_counter()
    end = started + seconds
    while waiting:
        for number, _ in poll.poll(60):
            connection = waiting[number]
            if not connection.take():
                continue
            now = time.perf_counter()
            latencies.append(now - connection.started)
            failures += not connection.is_good
            if now < end and len(latencies) < most:
                connection.send(next(queue))
            else:
                poll.unregister(number)
                waiting.pop(number).socket.close()
    poll.close()
    return Measurement(len(latencies), time.perf_counter() - started, failures, percentiles(latencies))
