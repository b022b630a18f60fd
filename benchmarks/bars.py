"""Hold what was measured against what was promised. Knows the report's numbers, no servers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

UNCACHED, CACHED = "Kouan, uncached", "Kouan, cached"
OXIGRAPH, RDFLIB, VIRTUOSO = "oxigraph serve", "rdflib-endpoint", "Virtuoso 7"
# Of this size and above there is no memory to hold the data in.
LARGEST = 5_000_000
Run = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """One promise on one run: what was measured, and whether it is kept."""

    what: str
    promised: str
    where: str
    found: str
    is_met: bool


def bars(report: list[Run]) -> list[Bar]:
    """Return every promise that the runs of a report say something about."""
    found = []
    for run in report:
        found += [*_ratios(run), *_others(run)]
    return found


def ratios(run: Run, ours: str, theirs: str) -> dict[str, float]:
    """Return how many times as many answers one server gave as another, by query."""
    found = {}
    for query, rates in run["rates"].items():
        if rates.get(ours) and rates.get(theirs) and statistics.median(rates[theirs]) > 0:
            found[query] = statistics.median(rates[ours]) / statistics.median(rates[theirs])
    return {query: ratio for query, ratio in found.items() if ratio > 0}


def geometric_mean(values: dict[str, float]) -> float:
    """Return the geometric mean of some ratios."""
    return math.exp(statistics.fmean(math.log(value) for value in values.values()))


def _ratios(run: Run) -> Iterator[Bar]:
    small, medium = run["asked"] < 100_000, run["asked"] < LARGEST
    wanted = [(UNCACHED, OXIGRAPH, 0.8, 0.4), (CACHED, OXIGRAPH, 5.0, 1.5)]
    wanted += [(UNCACHED, RDFLIB, 30.0, 0.0), (UNCACHED, VIRTUOSO, 4.0 if small else 1.5, 0.0)]
    for ours, theirs, mean, least in wanted:
        if ours == CACHED and not medium:
            continue
        found = ratios(run, ours, theirs)
        if not found:
            continue
        worst = min(found, key=lambda query: found[query])
        promised = f"at least {mean:g}" + (f", none below {least:g}" if least else "")
        said = f"{geometric_mean(found):.2f}, lowest {found[worst]:.2f} ({worst})"
        is_met = geometric_mean(found) >= mean and found[worst] >= least
        yield Bar(f"answers a second, {ours} / {theirs}", promised, _where(run), said, is_met)


def _others(run: Run) -> Iterator[Bar]:
    where = _where(run)
    if run.get("limit"):
        ratio = run["limit"][CACHED] / run["limit"]["the same bytes, no query"]
        yield Bar("cached answers / the same bytes, no query", "at least 0.7", where, f"{ratio:.2f}", ratio >= 0.7)
    yield from _faults(run, where)
    if run["asked"] >= LARGEST:
        servers = {server["name"]: server for server in run["servers"]}
        start = servers[UNCACHED]["start_seconds"]
        yield Bar("start to first answer", "under 2 s", where, f"{start:.2f} s", start < 2)
        if OXIGRAPH in servers:
            ratio = servers[UNCACHED]["load_seconds"] / servers[OXIGRAPH]["load_seconds"]
            yield Bar("load, against oxigraph load", "at most 1.2 times", where, f"{ratio:.2f}", ratio <= 1.2)


def _faults(run: Run, where: str) -> Iterator[Bar]:
    """Yield the bars of what goes wrong; what should have been measured and was not is told as that."""
    if UNCACHED not in run["rates"].get("lookup", {}):
        return
    expected: list[tuple[str, str, str, Callable[[Any], tuple[str, bool]]]] = []
    if run["storage"] == "in memory":
        expected += [
            ("hop", "latency that the evaluator adds", "under 100 µs", _said_of_hop),
            (
                "disturbance",
                "p99 of 32 small clients beside 4 endless ones",
                "under 5 times, no failure",
                _said_of_disturbance,
            ),
            ("deadline", "deadline to error", "under 1 s", lambda s: (f"{s:.2f} s", s < 1)),
            (
                "replacement",
                "killed evaluator to a ready one",
                "under 300 ms",
                lambda s: (f"{s * 1000:.0f} ms", s < 0.3),
            ),
        ]
    if run["asked"] >= LARGEST:
        what = "HTTP process during a download of everything"
        expected.append(("download", what, "under 150 MB", _said_of_download))
    for name, what, promised, say in expected:
        said, is_met = ("not measured", False) if run.get(name) is None else say(run[name])
        yield Bar(what, promised, where, said, is_met)


def _said_of_hop(hop: dict[str, float]) -> tuple[str, bool]:
    microseconds = (hop["by an evaluator"] - hop["at hand"]) * 1e6
    return f"{microseconds:.0f} µs", microseconds < 100


def _said_of_disturbance(found: dict[str, float]) -> tuple[str, bool]:
    alone, beside, failures = found["alone"], found["beside"], found["failures"]
    said = f"{beside / alone:.1f} times ({alone * 1000:.1f} to {beside * 1000:.1f} ms), {failures:.0f} failures"
    return said, beside < 5 * alone and not failures


def _said_of_download(found: dict[str, float]) -> tuple[str, bool]:
    megabytes = found["bytes"] / 2**20
    said = f"{megabytes:.0f} MB ({found['rows']:,.0f} rows in {found['seconds']:.0f} s)"
    return said, megabytes < 150


def _where(run: Run) -> str:
    return f"{run['triples']:,} triples {run['storage']}"
