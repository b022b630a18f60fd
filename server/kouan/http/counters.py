"""Count what every HTTP process of a server does, in memory that all share, and tell it as Prometheus reads it.

Each process adds to a part of its own, so that nobody waits for a lock; who is asked for the sum reads all parts.
"""

from __future__ import annotations

import mmap
import os
import time
from bisect import bisect_left
from collections.abc import Iterator

PLACES = ("sparql", "update", "data", "reconcile", "other")
FORMS = ("", "SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
STATUSES = 600
# Prometheus, exposition formats, text-based format.
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Upper ends in seconds, as Prometheus's histograms have them.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
GAUGES = ("resting", "working", "waiting", "cache_bytes", "cache_hits", "spool_bytes", "memory_bytes", "seen")
PARTS = 32
_KINDS = len(PLACES) * len(FORMS)
_COUNTS = _KINDS * STATUSES
_TIMES = _KINDS * (len(BUCKETS) + 2)
_PART = _COUNTS + _TIMES + len(GAUGES)
_PLACE = {name: number for number, name in enumerate(PLACES)}
_FORM = {name: number for number, name in enumerate(FORMS)}
# A process that told nothing for so long is gone.
GONE_SECONDS = 3.0


class Counters:
    """The counts of one server; made before its processes are forked."""

    def __init__(self) -> None:
        self._memory = memoryview(mmap.mmap(-1, PARTS * _PART * 8))
        self._integers = self._memory.cast("Q")
        self._floats = self._memory.cast("d")

    def count(self, place: str, form: str, status: int, seconds: float) -> None:
        """Count one answer of this process."""
        part = os.getpid() % PARTS * _PART
        kind = _PLACE.get(place, len(PLACES) - 1) * len(FORMS) + _FORM.get(form, 0)
        self._integers[part + kind * STATUSES + status % STATUSES] += 1
        times = part + _COUNTS + kind * (len(BUCKETS) + 2)
        self._integers[times + bisect_left(BUCKETS, seconds)] += 1
        self._floats[times + len(BUCKETS) + 1] += seconds

    def tell(self, **gauges: float) -> None:
        """Tell how this process is now: numbers by the names of GAUGES."""
        start = os.getpid() % PARTS * _PART + _COUNTS + _TIMES
        for number, name in enumerate(GAUGES):
            self._floats[start + number] = time.monotonic() if name == "seen" else gauges[name]

    def page(self, version: str, triples: int) -> str:
        """Return everything in Prometheus's text format, 0.0.4."""
        return "".join(f"{line}\n" for line in self._lines(version, triples))

    def _lines(self, version: str, triples: int) -> Iterator[str]:
        yield from _head(
            "kouan_requests_total", "counter", "Requests that were answered, by address, form of query and status."
        )
        for kind, labels in _kinds():
            for status in range(STATUSES):
                if number := self._sum(kind * STATUSES + status):
                    yield f'kouan_requests_total{{{labels},status="{status}"}} {number}'
        yield from _head("kouan_request_seconds", "histogram", "Seconds from a request to the start of its answer.")
        for kind, labels in _kinds():
            yield from self._histogram(_COUNTS + kind * (len(BUCKETS) + 2), labels)
        yield from self._gauges()
        yield from _head("kouan_triples", "gauge", "Triples that are served.")
        yield f'kouan_triples{{version="{version}"}} {triples}'

    def _histogram(self, start: int, labels: str) -> Iterator[str]:
        numbers = [self._sum(start + bucket) for bucket in range(len(BUCKETS) + 1)]
        if not any(numbers):
            return
        total = 0
        for end, number in zip((*BUCKETS, "+Inf"), numbers, strict=True):
            total += number
            yield f'kouan_request_seconds_bucket{{{labels},le="{end}"}} {total}'
        seconds = sum(self._floats[part * _PART + start + len(BUCKETS) + 1] for part in range(PARTS))
        yield f"kouan_request_seconds_sum{{{labels}}} {seconds:.6f}"
        yield f"kouan_request_seconds_count{{{labels}}} {total}"

    def _gauges(self) -> Iterator[str]:
        told = [self._told(part) for part in range(PARTS)]
        now = time.monotonic()
        alive = [each for each in told if each["seen"] and now - each["seen"] < GONE_SECONDS]
        yield from _head("kouan_http_processes", "gauge", "HTTP processes that work.")
        yield f"kouan_http_processes {len(alive)}"
        yield from _head("kouan_evaluators", "gauge", "Evaluators that rest or work, and requests that wait for one.")
        for state in ("resting", "working", "waiting"):
            yield f'kouan_evaluators{{state="{state}"}} {sum(each[state] for each in alive):.0f}'
        for name, kind, says in (
            ("cache_bytes", "gauge", "Bytes of answers that are kept."),
            ("cache_hits", "counter", "Requests that were answered from what is kept."),
            ("spool_bytes", "gauge", "Bytes of large answers that are being made or read."),
            ("memory_bytes", "gauge", "Resident bytes of the HTTP processes."),
        ):
            full = f"kouan_{name}_total" if kind == "counter" else f"kouan_{name}"
            yield from _head(full, kind, says)
            counted = told if kind == "counter" else alive
            yield f"{full} {sum(each[name] for each in counted):.0f}"

    def _told(self, part: int) -> dict[str, float]:
        start = part * _PART + _COUNTS + _TIMES
        return {name: self._floats[start + number] for number, name in enumerate(GAUGES)}

    def _sum(self, place: int) -> int:
        return sum(self._integers[part * _PART + place] for part in range(PARTS))


def _kinds() -> Iterator[tuple[int, str]]:
    for place in PLACES:
        for form in FORMS:
            yield _PLACE[place] * len(FORMS) + _FORM[form], f'place="{place}",form="{form}"'


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"
