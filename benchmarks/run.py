"""Measure Kouan beside other servers, in turns on one machine, and write what came out. Knows servers and queries."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

import client
import load
from bars import CACHED, UNCACHED
from faults import deadline, disturbance, download, replacement
from generate import cities_for, write
from limits import engine_rates
from load import Measurement, requests
from queries import Measured, mix, queries
from servers import HOST, Server, has, kouan, oxigraph, rdflib_endpoint, same_bytes, virtuoso
from table import write_report

CONNECTIONS = 16
# As many as there are processors ask what is slow, one answer after another.
SLOW_CONNECTIONS = os.cpu_count() or 2
SLOW_SECONDS = 0.03
SLOW_VARIANTS = 20
WARMING_CONNECTIONS = 4
IN_MEMORY = 2_000_000
ON_DISK = 1_000_000
MOST_FOR_RDFLIB = 100_000
# Of the largest size, where a turn takes minutes.
MOST_ROUNDS = 2
MEMORY, DISK = "in memory", "on disk"
Rates = dict[str, dict[str, list[float]]]


def main() -> None:
    """Measure every size that is asked for, in memory and on disk where it is held there."""
    options = _options()
    report: list[dict[str, Any]] = []
    started = time.monotonic()
    for triples in options.sizes:
        with tempfile.TemporaryDirectory(prefix="kouan-bench-") as name:
            folder = Path(name)
            data = folder / "data.nt"
            written = write(data, triples)
            for storage in [MEMORY] * (triples <= IN_MEMORY) + [DISK] * (triples >= ON_DISK):
                _say(f"{written:,} triples {storage}")
                place = folder / storage.replace(" ", "-")
                place.mkdir()
                run = _measure(data, place, triples, storage, options)
                report.append({"asked": triples, "triples": written, "storage": storage} | run)
                options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
                write_report(report, options.out)
    _say(f"measured in {(time.monotonic() - started) / 60:.0f} minutes; {options.out} is written")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 1_000_000, 10_000_000], help="triples")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each server gets")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds of a turn with one query")
    parser.add_argument("--servers", nargs="+", default=["kouan", "oxigraph", "rdflib-endpoint", "virtuoso"])
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
    options = parser.parse_args()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    return options


def _measure(data: Path, folder: Path, triples: int, storage: str, options: argparse.Namespace) -> dict[str, Any]:
    measured = queries(cities_for(triples))
    with contextlib.ExitStack() as stack:
        servers = list(_start(stack, data, folder, triples, storage, options.servers))
        for server in servers:
            _say(
                f"  {server.name}: loaded in {server.load_seconds:.1f} s, first answer after {server.start_seconds:.2f} s"
            )
        rates, slowest = _rounds(servers, measured, triples, options)
        run: dict[str, Any] = {"rates": rates, "slowest": slowest}
        by_name = {server.name: server for server in servers}
        if UNCACHED in by_name:
            run |= _faults(by_name[UNCACHED], measured, triples, storage)
        if CACHED in by_name and storage == MEMORY:
            run["limit"] = _limit(by_name[CACHED], measured, folder, options)
    return run | {
        "servers": [asdict(server) for server in servers],
        "engine": engine_rates(data, measured) if storage == MEMORY else {},
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        "client": client.NAME,
        "connections": CONNECTIONS,
        "rounds": max(len(found) for each in rates.values() for found in each.values()),
        "seconds": options.seconds,
    }


def _start(
    stack: contextlib.ExitStack, data: Path, folder: Path, triples: int, storage: str, names: list[str]
) -> list[Server]:
    started = []
    is_largest = triples > IN_MEMORY
    memory_quads = IN_MEMORY if storage == MEMORY else 0
    if "kouan" in names:
        uncached = kouan(data, folder, name=UNCACHED, cache_size=0, memory_quads=memory_quads)
        started.append(stack.enter_context(uncached))
        if storage == MEMORY:
            cached = kouan(data, folder, name=CACHED, is_built=True, memory_quads=memory_quads)
            started.append(stack.enter_context(cached))
    if "oxigraph" in names and has("oxigraph"):
        started.append(stack.enter_context(oxigraph(data, folder, on_disk=storage == DISK)))
    if "rdflib-endpoint" in names and has("rdflib-endpoint") and triples <= MOST_FOR_RDFLIB:
        started.append(stack.enter_context(rdflib_endpoint(data)))
    if "virtuoso" in names and has("virtuoso") and (storage == MEMORY or is_largest):
        started.append(stack.enter_context(virtuoso(data, folder)))
    return started


def _rounds(
    servers: list[Server], measured: list[Measured], triples: int, options: argparse.Namespace
) -> tuple[Rates, Rates]:
    rates: Rates = defaultdict(lambda: defaultdict(list))
    slowest: Rates = defaultdict(lambda: defaultdict(list))
    kinds = [*measured, mix(measured)]
    slow = {each.name for each in kinds if not each.is_download and _is_slow(servers[0], each)}
    for number in range(options.rounds if triples <= IN_MEMORY else min(options.rounds, MOST_ROUNDS)):
        for each in kinds:
            for server in servers:
                found = _turn(server, each, options.seconds, each.name in slow)
                rates[each.name][server.name].append(found.rate)
                slowest[each.name][server.name].append(found.latencies.get(0.99, 0.0))
            _say(f"  round {number + 1}, {each.name}: " + _short(rates[each.name]))
    return rates, slowest


def _is_slow(server: Server, each: Measured) -> bool:
    asked = requests(HOST, server.port, server.path, each.texts, each.accept)
    return load.run(HOST, server.port, asked, connections=1, seconds=5, most=20).latencies[0.99] > SLOW_SECONDS


def _turn(server: Server, each: Measured, seconds: float, is_slow: bool) -> Measurement:
    asked = requests(HOST, server.port, server.path, each.texts, each.accept)
    connections = 1 if each.is_download else SLOW_CONNECTIONS if is_slow else CONNECTIONS
    if server.name == CACHED:
        # What takes long to evaluate would take minutes to warm in all its variants.
        asked = asked[:SLOW_VARIANTS] if is_slow else asked
        # Warm: each process is asked for each once to keep it and once to find it.
        most = 4 * WARMING_CONNECTIONS * len(set(asked))
        load.run(HOST, server.port, asked, connections=WARMING_CONNECTIONS, seconds=10, most=most)
        is_slow = False
    longer = 2 if each.is_download or is_slow else 1
    return client.run(HOST, server.port, asked, connections=connections, seconds=longer * seconds, is_slow=is_slow)


def _faults(server: Server, measured: list[Measured], triples: int, storage: str) -> dict[str, Any]:
    """Return what is measured of one server alone."""
    _say("  the hop, endless queries, deadlines and deaths")
    measures: dict[str, Callable[[], Any]] = {}
    if storage == MEMORY:
        measures["hop"] = partial(_hop, server)
        measures["disturbance"] = partial(disturbance, server, measured)
        measures["deadline"] = partial(deadline, server)
        measures["replacement"] = partial(replacement, server)
    if triples > IN_MEMORY:
        measures["download"] = partial(download, server)
    found: dict[str, Any] = {}
    for name, measure in measures.items():
        # What fails is missing from the report, and the rest of it is not lost.
        try:
            found[name] = measure()
        except (OSError, HTTPException, RuntimeError) as error:
            _say(f"  {name} could not be measured: {error!r}")
    return found


def _hop(server: Server) -> dict[str, float]:
    """Return the median seconds of one small query at a time, at hand and by an evaluator."""
    texts = {"at hand": "ASK {}", "by an evaluator": "ASK { GRAPH <urn:none> { } }"}
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(5):
        for name, text in texts.items():
            asked = requests(HOST, server.port, server.path, (text,), "text/csv")
            taken[name].append(load.run(HOST, server.port, asked, connections=1, seconds=0.5).latencies[0.5])
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _limit(server: Server, measured: list[Measured], folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Return the answers a second to one lookup, from the cache and from the HTTP server with no query."""
    [asked] = requests(HOST, server.port, server.path, measured[0].texts[:1], measured[0].accept)
    address = f"http://{HOST}:{server.port}/sparql?query={quote(measured[0].texts[0])}"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": measured[0].accept})) as answer:
        body = answer.read()
    rates = defaultdict(list)
    with same_bytes(body, folder, min(4, os.cpu_count() or 1)) as bare:
        for _ in range(options.rounds):
            for each in (server, bare):
                found = client.run(
                    HOST, each.port, [asked], connections=CONNECTIONS, seconds=options.seconds, is_slow=False
                )
                rates[each.name].append(found.rate)
    return {name: statistics.median(values) for name, values in rates.items()}


def _short(rates: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {statistics.median(values):,.0f}/s" for name, values in rates.items())


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
