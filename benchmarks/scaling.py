"""Measure what each way of running Kouan gives on this machine: processes, replicas behind nginx, before other engines.

Everything runs on one machine, which the servers, the proxy and the client share: what more machines would add cannot
be seen here, and what each part between the client and the engine costs can.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import client
from generate import cities_for, write
from load import requests
from queries import Measured, queries
from servers import HOST, Server, has, kouan, kouan_before, nginx, oxigraph, virtuoso

CONNECTIONS = 16
NEW = 60_000
NAMES = ("lookup", "3-hop join", "group by")
INTRODUCTION = """# Ways of running Kouan, measured

Written by `make bench-scaling`: {triples:,} triples in memory, {machine}; {client}, {connections} connections, {rounds}
rounds of {seconds:g} s, answers a second with the 99th percentile in milliseconds behind it. *New* questions were not
asked before, *repeated* ones were, 200 of each kind. Servers, proxy and client share the machine's processors, so that
two replicas cannot give twice what one does here: what the table shows is what each part costs that stands between the
client and the engine, and what a cache in front of it gives. See [scaling](scaling.md) for when to use which.

"""


@dataclass(frozen=True)
class Way:
    """A way of running Kouan, and where it takes queries."""

    name: str
    server: Server


def main() -> None:
    """Measure every way that the installed servers allow, and write the page."""
    options = _options()
    rows = []
    with tempfile.TemporaryDirectory(prefix="kouan-scaling-") as name:
        folder = Path(name)
        data = folder / "data.nt"
        written = write(data, options.triples)
        kinds = [each for each in queries(cities_for(options.triples)) if each.name in NAMES]
        for way in _ways(data, folder):
            found = _measure(way.server, kinds, options)
            rows.append(f"| {way.name} | {' | '.join(found)} |")
            print(rows[-1], flush=True)
    head = [f"{name}, {state}" for name in NAMES for state in ("new", "repeated")]
    said = INTRODUCTION.format(
        triples=written,
        machine=f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        client=client.NAME,
        connections=CONNECTIONS,
        rounds=options.rounds,
        seconds=options.seconds,
    )
    table = [f"| way | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|", *rows]
    options.out.write_text(said + "\n".join(table) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--out", type=Path, default=Path("docs/scaling-measured.md"))
    return parser.parse_args()


def _ways(data: Path, folder: Path) -> Iterator[Way]:
    """Yield one way after another, each running while it is measured and no longer."""
    memory = {"memory_quads": 2_000_000}
    with kouan(data, folder, name="", workers=1, **memory) as one:
        yield Way("one HTTP process", one)
    with kouan(data, folder, name="", is_built=True, **memory) as each:
        yield Way("one HTTP process for each processor (as it comes)", each)
    if has("nginx"):
        with contextlib.ExitStack() as stack:
            replicas = [
                stack.enter_context(kouan(data, folder, name="", is_built=True, workers=1, **memory)) for _ in range(2)
            ]
            with nginx(replicas, folder) as proxy:
                yield Way("two replicas of one process behind nginx", proxy)
            with nginx(replicas, folder, keeps=True) as proxy:
                yield Way("the same, and nginx keeps answers", proxy)
    for name, run in (("oxigraph", oxigraph), ("virtuoso", virtuoso)):
        if has(name):
            place = folder / name
            place.mkdir()
            with run(data, place) as engine:
                yield Way(f"{engine.name} alone", engine)
                with kouan_before(engine, folder) as before:
                    yield Way(f"Kouan before {engine.name}", before)


def _measure(server: Server, kinds: list[Measured], options: argparse.Namespace) -> list[str]:
    found = []
    for kind in kinds:
        numbers = itertools.count()
        new = [f"{text} # {next(numbers)}" for text in itertools.islice(itertools.cycle(kind.texts), NEW)]
        repeated = list(kind.texts)
        share = NEW // options.rounds
        for texts in ([new[turn * share : (turn + 1) * share] for turn in range(options.rounds)], [repeated] * 3):
            runs = [
                client.run(
                    HOST,
                    server.port,
                    requests(HOST, server.port, server.path, tuple(turn), kind.accept),
                    connections=CONNECTIONS,
                    seconds=options.seconds,
                    is_slow=False,
                )
                for turn in texts[: options.rounds]
            ]
            failures = sum(run.failures for run in runs)
            rate = statistics.median(run.rate for run in runs)
            slowest = statistics.median(run.latencies[0.99] for run in runs) * 1000
            found.append(f"{rate:,.0f} ({slowest:.1f})" + (f", {failures} failed" if failures else ""))
    return found


if __name__ == "__main__":
    main()
