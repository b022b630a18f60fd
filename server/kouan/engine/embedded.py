"""The engine of this machine: evaluators for what may take long, the store at hand for what cannot. Knows no HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any

from pyoxigraph import Store

from kouan.engine.bound import Bound
from kouan.engine.datasets import Datasets
from kouan.engine.evaluation import evaluate
from kouan.engine.formats import BY_MEDIA_TYPE
from kouan.engine.pool import Pool
from kouan.engine.question import Answer, Gone, Question, read_all
from kouan.engine.statistics import kept
from kouan.errors import RequestError
from kouan.settings import Settings
from kouan.snapshot import Snapshot

JSON = "application/sparql-results+json"
SECONDS_TO_COUNT = 120.0


class EmbeddedEngine:
    """Answers questions about one snapshot."""

    def __init__(
        self, snapshot: Snapshot, address: str, settings: Settings, *, store: Store | None = None, share: int = 1
    ) -> None:
        """Take the address of the nursery, and the store where this process has it; `share` processes do the same."""
        self.snapshot = snapshot
        self.pool = Pool(
            address,
            settings,
            resting=max(1, settings.evaluators // share),
            most=max(1, settings.evaluators_most // share),
        )
        self._datasets = Datasets(store) if store is not None else None
        self._bound: Bound | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def version(self) -> str:
        """Return the snapshot's version."""
        return self.snapshot.version

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on: start the evaluators that are kept ready, and count what bounds queries."""
        self._loop = loop
        self._opening = loop.create_task(self._open())

    async def _open(self) -> None:
        async def select(query: str) -> bytes:
            return (await self.pool.ask(Question(query), JSON, SECONDS_TO_COUNT)).body

        # Without them every query goes to an evaluator, which is slower for the small ones and no worse.
        with contextlib.suppress(RequestError):
            await self.pool.fill()
            if self._datasets is not None:
                self._bound = Bound(await kept(self.snapshot.folder.parent, self.version, select))

    async def ask(
        self, question: Question, media_type: str, timeout: float, gone: Gone | None = None, skeleton: str = ""
    ) -> Answer:
        """Return the answer; raises RequestError."""
        if (
            skeleton
            and self._bound is not None
            and self._datasets is not None
            and not question.names_dataset
            and BY_MEDIA_TYPE[media_type].is_native
            and self._bound.is_small(question.text, skeleton)
        ):
            started = time.monotonic()
            body = evaluate(self._datasets, question, media_type, self.snapshot.prefixes, None)
            return Answer(body, seconds=time.monotonic() - started, where="here")
        return await self.pool.ask(question, media_type, timeout, gone)

    def answer(self, question: Question, media_type: str, timeout: float) -> bytes:
        """Return the whole answer, in a thread that is not the loop's; raises RequestError."""
        answer = self._in_loop(self.ask(question, media_type, timeout))
        return read_all(answer)

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
