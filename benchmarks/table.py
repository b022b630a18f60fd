"""Write what was measured as a page of tables, slower rows included. Knows numbers, no servers."""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import Any

INTRODUCTION = """# Benchmarks

Written by `make bench`. Every server was loaded with the same file and asked by the same client on the same machine,
in turns: numbers drift with the machine, the ratios of one run hold. A number is the median of the rounds, in answers a
second; under it stands the spread (lowest to highest). *Uncached* is Kouan with its cache switched off; *cached* asks
what was asked before. The client is one process and gives out where the same bytes without a query do (the last line of
each size): the fastest columns are at its limit, not at the server's. Queries come in 200 variants each, which differ in what they look up.
"""


def write_report(report: list[dict[str, Any]], path: Path) -> None:
    """Write the page."""
    parts = [INTRODUCTION]
    for size in report:
        parts.append(_size(size))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _size(size: dict[str, Any]) -> str:
    names = [server["name"] for server in size["servers"]]
    engine = size.get("engine") or {}
    lines = [
        f"## {size['triples']:,} triples",
        "",
        f"{size['machine']}; {size['connections']} connections, {size['rounds']} rounds of {size['seconds']:g} s.",
        "",
        "| server | load, s | start to first answer, s |",
        "|---|---|---|",
    ]
    for server in size["servers"]:
        load = f"{server['load_seconds']:.1f}" if server["load_seconds"] else "-"
        lines.append(f"| {server['name']} | {load} | {server['start_seconds']:.2f} |")
    lines += ["", "Answers a second; the last column is one thread of the engine in-process, with no HTTP:", ""]
    lines += ["| query | " + " | ".join(names) + " | engine |", "|---" * (len(names) + 2) + "|"]
    for query, rates in size["rates"].items():
        cells = " | ".join(_cell(rates.get(name, [])) for name in names)
        lines.append(f"| {query} | {cells} | {f'{engine[query]:,.0f}' if query in engine else '-'} |")
    lines += ["", "99th percentile, ms:", "", "| query | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for query, slowest in size["slowest"].items():
        cells = (f"{statistics.median(slowest[name]) * 1000:.1f}" if slowest.get(name) else "-" for name in names)
        lines.append(f"| {query} | " + " | ".join(cells) + " |")
    lines += ["", *_ratios(size, names)]
    if size.get("hop"):
        hop = {name: seconds * 1e6 for name, seconds in size["hop"].items()}
        lines += [
            "",
            f"One small query at a time takes {hop['at hand']:.0f} µs at hand and {hop['by an evaluator']:.0f} µs by an "
            f"evaluator (median): the hop adds {hop['by an evaluator'] - hop['at hand']:.0f} µs.",
        ]
    if size.get("limit"):
        ours, bare = size["limit"]["Kouan, cached"], size["limit"]["the same bytes, no query"]
        lines += [
            "",
            f"One cached lookup: {ours:,.0f} answers a second; the same bytes from the same HTTP server with no query: "
            f"{bare:,.0f}; ratio {ours / bare:.2f}.",
        ]
    return "\n".join([*lines, ""])


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    digits = 0 if statistics.median(values) >= 10 else 2
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def _ratios(size: dict[str, Any], names: list[str]) -> list[str]:
    lines = ["| ratio | geometric mean | lowest | of |", "|---|---|---|---|"]
    for ours in [name for name in names if name.startswith("Kouan")]:
        for theirs in [name for name in names if not name.startswith("Kouan")]:
            ratios = {
                query: statistics.median(rates[ours]) / statistics.median(rates[theirs])
                for query, rates in size["rates"].items()
                if rates.get(ours) and rates.get(theirs) and statistics.median(rates[theirs]) > 0
            }
            ratios = {query: ratio for query, ratio in ratios.items() if ratio > 0}
            if ratios:
                mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios.values()))
                worst = min(ratios, key=lambda query: ratios[query])
                lines.append(f"| {ours} / {theirs} | {mean:.2f} | {ratios[worst]:.2f} | {worst} |")
    return lines
