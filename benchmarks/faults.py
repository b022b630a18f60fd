"""Measure what a server does when something goes wrong: endless queries, a deadline, a killed evaluator, a huge download."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import client
from load import requests
from queries import Measured
from servers import HOST, Server, running_processes

ENDLESS = "SELECT (COUNT(*) AS ?n) {" + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(6)) + "}"
EVERYTHING = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
SMALL = ("lookup", "3-hop join", "path")
CLIENTS, ENDLESS_CLIENTS = 32, 4
SECONDS = 4.0
LISTENS = "0A"


def disturbance(server: Server, measured: list[Measured]) -> dict[str, float]:
    """Return the 99th percentiles of small queries alone and beside endless ones, and how many of them failed."""
    texts = tuple(text for each in measured if each.name in SMALL for text in each.texts)
    asked = requests(HOST, server.port, server.path, texts[:: len(SMALL)] + texts[1 :: len(SMALL)], measured[0].accept)

    def ask() -> client.Measurement:
        return client.run(HOST, server.port, asked, connections=CLIENTS, seconds=SECONDS, is_slow=False)

    alone = ask()
    with contextlib.ExitStack() as stack:
        for number in range(ENDLESS_CLIENTS):
            stack.enter_context(_endless(server, number))
        time.sleep(1)
        beside = ask()
    return {
        "alone": alone.latencies[0.99],
        "beside": beside.latencies[0.99],
        "failures": alone.failures + beside.failures,
    }


@contextlib.contextmanager
def _endless(server: Server, number: int) -> Iterator[None]:
    with socket.create_connection((HOST, server.port)) as connection:
        query = quote(f"{ENDLESS} # {number} {time.monotonic()}")
        line = f"GET {server.path}?query={query}&timeout=60 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
        connection.sendall(line.encode())
        yield


def deadline(server: Server) -> float:
    """Return the seconds from the deadline of a query to its error."""
    asked = urlencode({"query": f"{ENDLESS} # {time.monotonic()}", "timeout": "1"})
    started = time.monotonic()
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://{HOST}:{server.port}{server.path}?{asked}").close()
    return time.monotonic() - started - 1


def replacement(server: Server) -> float:
    """Return the seconds from the killing of every evaluator, one at work among them, until another one answers."""
    with _endless(server, 0):
        time.sleep(0.5)
        parents = {pid: _parent(pid) for pid in running_processes(server.pid)}
        # The server's own processes come from its first one, evaluators from the one that holds the snapshot.
        evaluators = [pid for pid, parent in parents.items() if parent != server.pid and parent in parents]
        for pid in evaluators:
            os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        while not _answers_by_evaluator(server):
            if time.monotonic() - killed > 30:
                raise RuntimeError("no other evaluator came")
        return time.monotonic() - killed


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def _answers_by_evaluator(server: Server) -> bool:
    asked = urlencode({"query": f"ASK {{ GRAPH <urn:none> {{ }} }} # {time.monotonic()}"})
    try:
        with urllib.request.urlopen(f"http://{HOST}:{server.port}{server.path}?{asked}", timeout=30) as answer:
            return str(answer.headers["Server-Timing"]).startswith("evaluator")
    except urllib.error.HTTPError:
        # Asked of one that was just about to end.
        return False


def download(server: Server) -> dict[str, float]:
    """Return the rows of everything as CSV, the seconds it took and the most memory an HTTP process held meanwhile."""
    address = f"http://{HOST}:{server.port}{server.path}?{urlencode({'query': EVERYTHING, 'timeout': '300'})}"
    for pid in _listeners(server):
        # Forget the most that it held before (proc(5), clear_refs).
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    rows, started = -1, time.monotonic()
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/csv"})) as answer:
        while chunk := answer.read1(1 << 20):
            rows += chunk.count(b"\n")
    seconds = time.monotonic() - started
    return {"rows": rows, "seconds": seconds, "bytes": max(map(_peak, _listeners(server)))}


def _listeners(server: Server) -> list[int]:
    """Return the processes of a server that listen on its port."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        columns = line.split()
        if columns[1].endswith(f":{server.port:04X}") and columns[3] == LISTENS:
            sockets.add(f"socket:[{columns[9]}]")
    found = []
    for pid in running_processes(server.pid):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()) in sockets:
                    found.append(pid)
    return found


def _peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0
