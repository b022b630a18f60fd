"""Questions that take longer than a moment wait among their like, and keep no quick one waiting."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

# Takes the longer the more values there are, and may be asked again and again with another number.
LONGER = "SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {} }} VALUES ?b {{ {} }} VALUES ?c {{ {} }} FILTER(?a + ?b > -1{}) }}"


def longer(seconds_wanted: float, client: httpx.Client) -> tuple[str, float]:
    """A query that takes about so long, and how long it took."""
    size = 20
    while True:
        values = " ".join(map(str, range(size)))
        query = LONGER.format(values, values, values, "")
        started = time.monotonic()
        client.get("/sparql", params={"query": query}).raise_for_status()
        took = time.monotonic() - started
        if took > seconds_wanted:
            return query, took
        size = int(size * 1.2) + 1


@pytest.mark.alone
def test_quick_questions_do_not_wait_for_moderate_ones(start, tmp_path):
    (tmp_path / "a.nt").write_text("<urn:a> <urn:p> <urn:o> .\n")
    environment = {
        "KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"),
        "KOUAN_WORKERS": "1",
        "KOUAN_EVALUATORS": "1",
        "KOUAN_CACHE_SIZE": "0",
        "KOUAN_CLIENT_SECONDS": "0",
    }
    with (
        start([str(tmp_path / "a.nt")], environment) as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        query, took = longer(0.12, client)
        end = time.monotonic() + 5

        def again(first: int) -> int:
            number = 0
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as other:
                while time.monotonic() < end:
                    number += 1
                    asked = query.replace("> -1", f"> -{first * 100_000 + number}")
                    other.get("/sparql", params={"query": asked}).raise_for_status()
            return number

        with ThreadPoolExecutor() as threads:
            answered = [threads.submit(again, first) for first in range(1, 5)]
            time.sleep(1)
            waited = []
            while time.monotonic() < end:
                started = time.monotonic()
                client.get("/sparql", params={"query": "SELECT ?o { <urn:a> ?p ?o }"}).raise_for_status()
                waited.append(time.monotonic() - started)
                time.sleep(0.02)
            assert min(each.result() for each in answered) > 1
    assert statistics.quantiles(waited, n=10)[8] < took / 2
