"""Load a server with all that wears one down, and see that nothing grows and light queries stay quick: python benchmarks/soak.py 600

One client writes each second, 64 ask for cross products, some hang up after the first bytes, some read slowly, and one asks light
queries all the while, from a process of its own: in one with the others it would measure how they wait for each other.
The status is 1 where memory, descriptors, processes or files grew, or a light query failed or waited.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import os
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import httpx
from kills import TOKEN, family
from writing import served

HEAVY_CLIENTS, SLOW_READERS, HANGERS = 64, 8, 4
LIGHT = "SELECT ?o {{ <urn:s{}> <urn:p> ?o }}"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LARGE = "SELECT * { ?s ?p ?o . ?t ?q ?u } LIMIT 300000"
# What a query that takes too much may be answered with.
EXPECTED = {200, 429, 503, 504, 507}
# After the warm-up memory may grow by a tenth, and by what a process takes at one go.
GROWTH, SLACK_MB = 1.10, 8.0
TIMES_UNDISTURBED = 5.0
STANDING = ("kouan-http", "kouan-forker", "kouan-writer", "kouan-server")


class Load:
    """Clients of a server, each in a thread of its own until they are to stop."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.stop = threading.Event()
        self.statuses: Counter[tuple[str, object]] = Counter()
        self.written = 0
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for do, number in (
            *((self.write, 1), (self.heavy, HEAVY_CLIENTS)),
            *((self.hang_up, HANGERS), (self.read_slowly, SLOW_READERS)),
        ):
            self.threads += [threading.Thread(target=self._again, args=(do,), daemon=True) for _ in range(number)]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def _again(self, do: Callable[[], None]) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(httpx.HTTPError, OSError):
                do()

    def heavy(self) -> None:
        asked = {"query": f"{HEAVY} # {random.random()}", "timeout": "5"}
        try:
            answer = httpx.get(f"{self.address}/sparql", params=asked, timeout=30, trust_env=False)
        except httpx.HTTPError as error:
            self.statuses["heavy", type(error).__name__] += 1
            raise
        self.statuses["heavy", answer.status_code] += 1
        self.stop.wait(0.1)

    def write(self) -> None:
        self.written += 1
        answer = httpx.post(
            f"{self.address}/update",
            content=f"INSERT DATA {{ <urn:w{self.written % 50}> <urn:p> {self.written} }}",
            headers={"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"},
            timeout=30,
            trust_env=False,
        )
        self.statuses["write", answer.status_code] += 1
        self.stop.wait(1.0)

    def hang_up(self) -> None:
        with self._asked(LARGE) as connection:
            connection.recv(64)
        self.stop.wait(0.3)

    def read_slowly(self) -> None:
        with self._asked(LARGE) as connection:
            while not self.stop.wait(0.5) and connection.recv(8192):
                pass

    def _asked(self, query: str) -> socket.socket:
        host, port = self.address.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=30)
        said = httpx.QueryParams(query=query)
        connection.sendall(f"GET /sparql?{said} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
        return connection


def standing(pid: int, folder: Path) -> dict[str, float]:
    """What the server holds: the memory and the descriptors of its largest process of each kind, processes and files."""
    held: Counter[str] = Counter()
    found: dict[str, float] = {}
    for each in (pid, *family(pid)):
        with contextlib.suppress(OSError, IndexError):
            name = "kouan" if each == pid else Path(f"/proc/{each}/comm").read_text().strip()
            held[name] += 1
            if name in (*STANDING, "kouan"):
                memory = int(Path(f"/proc/{each}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
                files = len(list(Path(f"/proc/{each}/fd").iterdir()))
                found[f"MB of {name}"] = max(memory, found.get(f"MB of {name}", 0))
                found[f"descriptors of {name}"] = max(files, found.get(f"descriptors of {name}", 0))
    found["processes"] = sum(held.values())
    kept = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".rdfp"]
    found["files beside the writes"] = len(kept)
    return found


def grown(before: dict[str, float], after: dict[str, float]) -> list[str]:
    """What is more than it may be."""
    faults = []
    for name, value in after.items():
        first = before.get(name, value)
        most = first * GROWTH + SLACK_MB if name.startswith("MB") else first + 4
        if value > most:
            faults.append(f"{name} went from {first:.0f} to {value:.0f}")
    return faults


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] if len(seconds) > 1 else 0.0


def ask_light(host: str, seconds: float, told: Connection) -> None:
    """Ask light queries for some time, and tell how long each took and what came of it."""
    taken: list[float] = []
    statuses: Counter[object] = Counter()
    until = time.monotonic() + seconds
    while (started := time.monotonic()) < until:
        connection = http.client.HTTPConnection(host, timeout=30)
        asked = urlencode({"query": LIGHT.format(random.randrange(5000)), "timeout": "5"})
        try:
            connection.request("GET", f"/sparql?{asked}")
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
        except (OSError, http.client.HTTPException) as error:
            statuses[type(error).__name__] += 1
        finally:
            connection.close()
        taken.append(time.monotonic() - started)
        time.sleep(0.05)
    told.send((taken, statuses))


def light(address: str, seconds: float) -> tuple[list[float], Counter[object]]:
    """How long light queries take for some time, and what comes of them."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=ask_light, args=(address.removeprefix("http://"), seconds, theirs)
    )
    process.start()
    taken, statuses = ours.recv()
    process.join()
    return taken, statuses


def soak(address: str, pid: int, folder: Path, seconds: float) -> list[str]:
    """What is amiss after a warm-up of a fifth of the time and the rest of it, printed on the way."""
    alone = p99(light(address, 15)[0])
    load = Load(address)
    load.start()
    time.sleep(seconds / 5)
    before = standing(pid, folder)
    taken, statuses = light(address, seconds * 4 / 5)
    load.statuses.update({("light", status): count for status, count in statuses.items()})
    load.end()
    # What was cut off is replaced, and what is kept ready is made ready.
    time.sleep(6)
    after = standing(pid, folder)
    print(f"light queries: {len(taken)}, 99 % under {p99(taken) * 1000:.0f} ms, {alone * 1000:.0f} ms undisturbed")
    print(f"answers: {dict(load.statuses)}")
    for name, value in after.items():
        print(f"{name}: {before.get(name, 0):.0f} -> {value:.0f}")
    faults = grown(before, after)
    faults += [
        f"{count} light queries came to {what}"
        for (kind, what), count in load.statuses.items()
        if kind == "light" and what != 200
    ]
    faults += [
        f"{count} heavy queries came to {what}"
        for (kind, what), count in load.statuses.items()
        if kind == "heavy" and what not in EXPECTED
    ]
    if p99(taken) > TIMES_UNDISTURBED * alone:
        faults.append(f"light queries waited: 99 % under {p99(taken) / alone:.1f} times the undisturbed")
    return faults


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("seconds", type=float, nargs="?", default=600)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as probe:
        folder, port = Path(name), probe.getsockname()[1]
        probe.close()
        (folder / "data.nt").write_text("".join(f"<urn:s{i}> <urn:p> <urn:o{i % 97}> .\n" for i in range(5_000)))
        with served([str(folder / "data.nt")], folder / "snapshots", port) as (address, pid):
            faults = soak(address, pid, folder, given.seconds)
    print("nothing grew" if not faults else "\n".join(f"AMISS: {fault}" for fault in faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
