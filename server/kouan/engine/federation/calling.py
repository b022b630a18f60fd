"""Ask other servers what an evaluator, which reaches none, wants to know of them. Knows threads and time, no queries."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kouan.engine.federation.client import Services
from kouan.errors import RequestError, TooSlow

# Each keeps a thread while it waits; further ones wait their turn.
AT_ONCE = 8


class Calls:
    """Asks some services at a time."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._threads = ThreadPoolExecutor(AT_ONCE)

    async def answers(self, wanted: Sequence[dict[str, str]], deadline: float) -> tuple[str, ...]:
        """Return what each service answered or met, in order, as JSON; raises TooSlow where the deadline passes first."""
        loop = asyncio.get_running_loop()
        asked = [
            loop.run_in_executor(self._threads, self._answer, each["iri"], each["query"], deadline) for each in wanted
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

    def _answer(self, iri: str, query: str, deadline: float) -> str:
        try:
            fetched = self.services.ask(self.services.remote(iri), query, max(0.01, deadline - time.monotonic()))
        except RequestError as error:
            return json.dumps({"error": error.said()})
        return json.dumps({"type": fetched.media_type, "body": fetched.body})
