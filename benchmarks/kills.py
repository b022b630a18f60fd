"""Kill processes of a server at random while clients write, and count what is lost, half or late: python benchmarks/kills.py 200"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx

TOKEN = "kill-me-if-you-can"
WRITERS = 4
HALVES = 20
SECONDS_TO_WAIT = 2.0


class Writing(threading.Thread):
    """A client that writes one number after another, each as twenty triples, and tries again with its key until it is told."""

    def __init__(self, address: str, name: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.address, self.number, self.stop = address, name, stop
        self.acknowledged: list[int] = []
        self.slowest = 0.0
        self.late = 0
        self.tries = 0

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            key, started = uuid.uuid4().hex, time.monotonic()
            rows = " ".join(f"<urn:w{self.number}-{number}> <urn:half{i}> {i} ." for i in range(HALVES))
            while True:
                self.tries += 1
                with contextlib.suppress(httpx.HTTPError):
                    answer = httpx.post(
                        f"{self.address}/update",
                        content=f"INSERT DATA {{ {rows} }}",
                        headers={
                            "Content-Type": "application/sparql-update",
                            "Authorization": f"Bearer {TOKEN}",
                            "Idempotency-Key": key,
                        },
                        timeout=30,
                        trust_env=False,
                    )
                    if answer.status_code == 200:
                        break
                time.sleep(0.02)
            took = time.monotonic() - started
            self.slowest = max(self.slowest, took)
            self.late += took > SECONDS_TO_WAIT
            self.acknowledged.append(number)


def family(pid: int) -> list[int]:
    """The processes below one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found = list(children.get(pid, []))
    for each in found:
        found += children.get(each, [])
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("kills", type=int, nargs="?", default=200)
    arguments.add_argument("--seed", type=int, default=random.randrange(10**9))
    arguments.add_argument("--pause", type=float, default=0.5, help="seconds between two kills, on average")
    given = arguments.parse_args()
    some = random.Random(given.seed)
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.nt").write_text("".join(f"<urn:s{i}> <urn:p> <urn:o{i}> .\n" for i in range(10_000)))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        environment = os.environ | {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN}
        command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(folder / "data.nt")]
        with subprocess.Popen(command, env=environment) as server:
            try:
                await_answer(address)
                stop = threading.Event()
                writers = [Writing(address, number, stop) for number in range(WRITERS)]
                for writer in writers:
                    writer.start()
                for _ in range(given.kills):
                    time.sleep(some.expovariate(1 / given.pause))
                    if server.poll() is not None:
                        raise SystemExit("the server itself ended, though only processes below it were killed")
                    with contextlib.suppress(ProcessLookupError, IndexError):
                        os.kill(some.choice(family(server.pid)), signal.SIGKILL)
                stop.set()
                for writer in writers:
                    writer.join(60)
                await_answer(address)
                lost, half = compare(address, writers)
                made = sum(len(writer.acknowledged) for writer in writers)
                slowest = max(writer.slowest for writer in writers)
                late = sum(writer.late for writer in writers)
                print(
                    f"{given.kills} kills, {made} writes told, {sum(w.tries for w in writers)} tries: {lost} lost, "
                    f"{half} half, {late} over {SECONDS_TO_WAIT:g} s, the slowest {slowest:.2f} s"
                )
            finally:
                server.terminate()
                server.wait(20)
    sys.exit(1 if lost or half or late else 0)


def await_answer(address: str) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/ready", timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the server does not answer")


def compare(address: str, writers: list[Writing]) -> tuple[int, int]:
    """How many writes that were told are not there, and how many are there by halves."""
    query = "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?p), 'urn:half')) } GROUP BY ?s"
    for _ in range(50):
        answer = httpx.get(f"{address}/sparql", params={"query": query, "format": "csv"}, timeout=60, trust_env=False)
        if answer.status_code == 200:
            break
        time.sleep(0.2)
    counts = dict(line.split(",") for line in answer.text.split()[1:])
    told = {f"urn:w{writer.number}-{number}" for writer in writers for number in writer.acknowledged}
    return len(told - counts.keys()), sum(count != str(HALVES) for count in counts.values())


if __name__ == "__main__":
    main()
