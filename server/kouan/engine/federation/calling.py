"""Ask other servers what an evaluator, which reaches none, wants to know of them. Knows threads and time, no queries."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from kouan.engine.federation.client import Services
from kouan.errors import RequestError, TooSlow
from kouan.evaluation.services import JSON

# Each keeps a thread while it waits; further ones wait their turn.
AT_ONCE = 8
Own = Callable[[str, float], str]
"""What asks the engine itself, where that is another server."""


class Calls:
    """Asks some services at a time."""

    def __init__(self, services: Services, own: Own | None = None) -> None:
        """Take what asks the engine itself, where that is another server: its queries have no address."""
        self.services = services
        self._own = own
        self._threads = ThreadPoolExecutor(AT_ONCE)

    async def answers(self, wanted: Sequence[dict[str, str]], deadline: float) -> tuple[str, ...]:
        """Return what each service answered or met, in order, as JSON; raises TooSlow where the deadline passes first."""
        loop = asyncio.get_running_loop()
        asked = [
            loop.run_in_executor(
                self._threads, answered, self.services, each["iri"], each["query"], deadline, self._own
            )
            for each in wanted
        ]
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return tuple(await asyncio.gather(*asked))
        except TimeoutError as error:
            raise TooSlow(
                "The query passed its deadline while it waited for other servers; ask for less, or for more time with "
                "timeout=.",
                limit="timeout",
            ) from error


def answered(services: Services, iri: str, query: str, deadline: float, own: Own | None = None) -> str:
    """Return what a service answered or met, as JSON; `own` answers what has no address."""
    try:
        if not iri and own is not None:
            return json.dumps({"type": JSON, "body": own(query, deadline)})
        fetched = services.ask(services.remote(iri), query, max(0.01, deadline - time.monotonic()))
    except RequestError as error:
        return json.dumps({"error": error.said()})
    return json.dumps({"type": fetched.media_type, "body": fetched.body})
