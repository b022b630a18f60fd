"""Write what was measured as a page of tables, slower rows included. Knows numbers, no servers."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bars import bars, geometric_mean, ratios

INTRODUCTION = """# Benchmarks

Written by `make bench`. Every server was loaded with the same file and asked by the same client on the same machine, in
turns: numbers drift with the machine, the ratios of one run hold. A number is the median of the rounds, in answers a
second, with the spread (lowest to highest) behind it. *Uncached* is Kouan with its cache switched off; *cached* asks
what was asked before. Queries come in 200 variants each, which differ in what they look up; the names of the queries
and their texts stand in `benchmarks/queries.py`. The client is `wrk` where it is installed (Debian: `apt-get install
wrk`), else one in Python, which takes half of two processors for itself and so draws all servers together. Servers that
are not installed are left out: `pip install 'rdflib-endpoint[cli,oxigraph]'` and Debian's `virtuoso-opensource-7-bin`
bring them. `make bench SIZES="5000 1000000"` leaves the largest size out. On disk Kouan puts what it has loaded in order,
which its load includes; `oxigraph load` leaves that to `oxigraph optimize`, which was not run.
"""


def write_report(report: list[dict[str, Any]], path: Path) -> None:
    """Write the page."""
    parts = [INTRODUCTION, _bars(report), *(_run(run) for run in report)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _bars(report: list[dict[str, Any]]) -> str:
    lines = ["## What was promised", "", "| what | promised | on | measured | |", "|---|---|---|---|---|"]
    for bar in bars(report):
        said = "met" if bar.is_met else "**not met**"
        lines.append(f"| {bar.what} | {bar.promised} | {bar.where} | {bar.found} | {said} |")
    return "\n".join([*lines, ""])


def _run(run: dict[str, Any]) -> str:
    names = [server["name"] for server in run["servers"]]
    engine = run.get("engine") or {}
    lines = [
        f"## {run['triples']:,} triples {run['storage']}",
        "",
        f"{run['machine']}; {run['client']}, {run['connections']} connections, {run['rounds']} rounds of "
        f"{run['seconds']:g} s.",
        "",
        "| server | load, s | start to first answer, s |",
        "|---|---|---|",
    ]
    for server in run["servers"]:
        loading = f"{server['load_seconds']:.1f}" if server["load_seconds"] else "-"
        lines.append(f"| {server['name']} | {loading} | {server['start_seconds']:.2f} |")
    lines += [
        "",
        "Answers a second" + ("; *engine* is one thread of it in-process, with no HTTP:" if engine else ":"),
        "",
    ]
    lines += _rates(run, names, engine)
    lines += ["", "99th percentile, ms:", "", "| query | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for query, slowest in run["slowest"].items():
        cells = (f"{statistics.median(slowest[name]) * 1000:.1f}" if slowest.get(name) else "-" for name in names)
        lines.append(f"| {query} | " + " | ".join(cells) + " |")
    lines += ["", *_ratios(run, names)]
    if run.get("hop"):
        hop = {name: seconds * 1e6 for name, seconds in run["hop"].items()}
        lines += [
            "",
            f"One small query at a time takes {hop['at hand']:.0f} µs at hand and {hop['by an evaluator']:.0f} µs by an "
            "evaluator (median).",
        ]
    if run.get("limit"):
        ours, bare = run["limit"]["Kouan, cached"], run["limit"]["the same bytes, no query"]
        lines += [
            "",
            f"One cached lookup: {ours:,.0f} answers a second; the same bytes from the same HTTP server with no query: "
            f"{bare:,.0f}.",
        ]
    return "\n".join([*lines, ""])


def _rates(run: dict[str, Any], names: list[str], engine: dict[str, float]) -> list[str]:
    columns = [*names, "engine"] if engine else names
    lines = ["| query | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for query, rates in run["rates"].items():
        cells = [_cell(rates.get(name, [])) for name in names]
        if engine:
            cells.append(f"{engine[query]:,.0f}" if query in engine else "-")
        lines.append(f"| {query} | " + " | ".join(cells) + " |")
    return lines


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    digits = 0 if statistics.median(values) >= 10 else 2
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def _ratios(run: dict[str, Any], names: list[str]) -> list[str]:
    lines = ["| ratio | geometric mean | lowest | of |", "|---|---|---|---|"]
    for ours in [name for name in names if name.startswith("Kouan")]:
        for theirs in [name for name in names if not name.startswith("Kouan")]:
            found = ratios(run, ours, theirs)
            if found:
                worst = min(found, key=lambda query: found[query])
                lines.append(f"| {ours} / {theirs} | {geometric_mean(found):.2f} | {found[worst]:.2f} | {worst} |")
    return lines
