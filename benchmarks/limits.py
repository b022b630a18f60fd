"""The two limits: the same bytes from the same HTTP server with no query, and the engine in-process with no HTTP."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store
from queries import Measured

from kouan.app.http_server import listen
from kouan.app.listening import bound, take
from kouan.processes.allocator import tune
from kouan.settings import read_settings

HEADERS = [("content-type", "application/sparql-results+json"), ("vary", "accept, accept-encoding"), ("etag", '"0"')]
SECONDS = 1.0


class SameBytes:
    """Answers every request with the bytes of one file."""

    def __init__(self, file: Path) -> None:
        self.body = file.read_bytes()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing: there is nothing to start."""

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        proto.response_bytes(200, HEADERS, self.body)


def engine_rates(data: Path, measured: list[Measured]) -> dict[str, float]:
    """Return how many answers a second one thread of the engine gives, serialised, with no HTTP."""
    store = Store()
    store.bulk_load(path=data, format=RdfFormat.N_TRIPLES)
    rates = {}
    for each in measured:
        texts = each.texts
        asked, started = 0, time.perf_counter()
        while time.perf_counter() - started < SECONDS:
            results = store.query(texts[asked % len(texts)])
            if isinstance(results, QueryTriples):
                results.serialize(format=RdfFormat.N_TRIPLES)
            else:
                chosen = QueryResultsFormat.from_media_type(each.accept) or QueryResultsFormat.JSON
                results.serialize(format=chosen)
            asked += 1
        rates[each.name] = asked / (time.perf_counter() - started)
    return rates


if __name__ == "__main__":
    tune()
    file, port, workers = sys.argv[1:]
    settings = read_settings(port=int(port), workers=int(workers))
    with bound(settings) as listeners:
        take(listeners)
        listen(settings, listeners, lambda: SameBytes(Path(file)))
