"""Measure Kouan beside other servers, in turns on one machine, and write what came out. Knows servers and queries."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from generate import cities_for, write
from limits import engine_rates
from load import Result, requests, run
from queries import Measured, mix, queries
from servers import HOST, Server, has, kouan, oxigraph, rdflib_endpoint, same_bytes, virtuoso

CONNECTIONS = 16
DOWNLOADS = 6
MOST_IN_MEMORY = 2_000_000
Rates = dict[str, dict[str, list[float]]]


def main() -> None:
    """Measure every size that is asked for."""
    options = _options()
    report = []
    for triples in options.triples:
        with tempfile.TemporaryDirectory(prefix="kouan-bench-") as folder:
            report.append(_measure_size(triples, Path(folder), options))
            options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    from table import write_report

    write_report(report, options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=[5_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="turns that each server gets")
    parser.add_argument("--seconds", type=float, default=1.5, help="seconds of a turn with one query")
    parser.add_argument("--servers", nargs="+", default=["kouan", "oxigraph", "rdflib-endpoint", "virtuoso"])
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"))
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
    options = parser.parse_args()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    return options


def _measure_size(triples: int, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    data = folder / "data.nt"
    written = write(data, triples)
    measured = queries(cities_for(triples))
    _say(f"{written:,} triples")
    with contextlib.ExitStack() as stack:
        servers = list(_start(stack, data, folder, triples, options.servers))
        for server in servers:
            _say(
                f"  {server.name}: loaded in {server.load_seconds:.1f} s, first answer after {server.start_seconds:.2f} s"
            )
        rates: Rates = defaultdict(lambda: defaultdict(list))
        slowest: Rates = defaultdict(lambda: defaultdict(list))
        for number in range(options.rounds):
            for each in [*measured, mix(measured)]:
                for server in servers:
                    result = _turn(server, each, options.seconds)
                    rates[each.name][server.name].append(result.rate)
                    slowest[each.name][server.name].append(result.percentile(0.99))
                _say(f"  round {number + 1}, {each.name}: " + _short(rates[each.name]))
        hop = _hop(servers)
        limit = _limit(servers, measured, folder, options)
    engine = engine_rates(data, measured) if triples <= MOST_IN_MEMORY else {}
    return {
        "triples": written,
        "servers": [asdict(server) for server in servers],
        "rates": rates,
        "slowest": slowest,
        "hop": hop,
        "limit": limit,
        "engine": engine,
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        "connections": CONNECTIONS,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }


def _start(stack: contextlib.ExitStack, data: Path, folder: Path, triples: int, names: list[str]) -> list[Server]:
    started = []
    on_disk = triples > MOST_IN_MEMORY
    if "kouan" in names:
        started.append(stack.enter_context(kouan(data, folder, name="Kouan, uncached", cache_size=0)))
        started.append(stack.enter_context(kouan(data, folder, name="Kouan, cached")))
    if "oxigraph" in names and has("oxigraph"):
        if not on_disk:
            started.append(stack.enter_context(oxigraph(data, folder, on_disk=False)))
        else:
            started.append(stack.enter_context(oxigraph(data, folder, on_disk=True)))
    if "rdflib-endpoint" in names and has("rdflib-endpoint") and triples <= 100_000:
        started.append(stack.enter_context(rdflib_endpoint(data)))
    if "virtuoso" in names and has("virtuoso"):
        started.append(stack.enter_context(virtuoso(data, folder)))
    return started


def _turn(server: Server, each: Measured, seconds: float) -> Result:
    asked = requests(HOST, server.port, server.path, each.texts, each.accept)
    if each.is_download:
        return run(HOST, server.port, asked, connections=1, seconds=60, most=DOWNLOADS)
    if server.name == "Kouan, cached":
        # Warm: each is asked twice before, once to be kept and once to be found.
        run(HOST, server.port, asked, connections=4, seconds=20, most=2 * len(set(asked)))
    return run(HOST, server.port, asked, connections=CONNECTIONS, seconds=seconds)


def _hop(servers: list[Server]) -> dict[str, float]:
    """Return the median seconds of one small query at a time: at hand, by an evaluator, and with no query."""
    [server] = [each for each in servers if each.name == "Kouan, uncached"] or [None]
    if server is None:
        return {}
    texts = {"at hand": "ASK {}", "by an evaluator": "ASK { GRAPH <urn:none> { } }"}
    found = {}
    for name, text in texts.items():
        asked = requests(HOST, server.port, server.path, (text,), "text/csv")
        found[name] = run(HOST, server.port, asked, connections=1, seconds=2).percentile(0.5)
    return found


def _limit(
    servers: list[Server], measured: list[Measured], folder: Path, options: argparse.Namespace
) -> dict[str, float]:
    """Return the answers a second to one lookup, from the cache and from the HTTP server with no query."""
    [server] = [each for each in servers if each.name == "Kouan, cached"] or [None]
    if server is None:
        return {}
    [asked] = requests(HOST, server.port, server.path, measured[0].texts[:1], measured[0].accept)
    with urllib.request.urlopen(
        urllib.request.Request(
            f"http://{HOST}:{server.port}/sparql?query={quote(measured[0].texts[0])}",
            headers={"Accept": measured[0].accept},
        )
    ) as answer:
        body = answer.read()
    rates = defaultdict(list)
    with same_bytes(body, folder, min(4, os.cpu_count() or 1)) as bare:
        for _ in range(options.rounds):
            for each in (server, bare):
                result = run(HOST, each.port, [asked], connections=CONNECTIONS, seconds=options.seconds)
                rates[each.name].append(result.rate)
    return {name: statistics.median(values) for name, values in rates.items()}


def _short(rates: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {statistics.median(values):,.0f}/s" for name, values in rates.items())


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def geometric_mean(ratios: list[float]) -> float:
    """Return the geometric mean of ratios."""
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios)) if ratios else 0.0


if __name__ == "__main__":
    main()
