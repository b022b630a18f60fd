"""The engine of this machine: evaluators for what may take long, the store at hand for what cannot. Knows no HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Coroutine
from typing import Any

from pyoxigraph import Store

from kouan.engine.bound import MOST_STEPS, MOST_STEPS_ON_DISK, Bound
from kouan.engine.lane import Begun
from kouan.engine.pool import Pool
from kouan.engine.question import Answer, Gone, read_all
from kouan.engine.readahead import hold
from kouan.engine.statistics import kept
from kouan.errors import Forbidden, RequestError
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.geometry import names_geometry
from kouan.evaluation.label_search import searches
from kouan.evaluation.question import Question
from kouan.formats.table import BY_MEDIA_TYPE
from kouan.history.exact import ExactStore
from kouan.processes import channel
from kouan.processes.child import SECONDS_BETWEEN_STARTS
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.layout import DISK
from kouan.snapshot.versions import Move, follow, say_moved, unpack_moves
from kouan.sparql.scanning.guard import Inspection
from kouan.writes.request import Request
from kouan.writes.writer import ask_writer

JSON = "application/sparql-results+json"
SECONDS_TO_COUNT = 120.0
# One write seldom comes alone, and counting is for those who ask much.
SECONDS_OF_QUIET = 1.0


class EmbeddedEngine:
    """Answers questions about one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        address: str,
        settings: Settings,
        *,
        store: Store | None = None,
        data: ExactStore | None = None,
        share: int = 1,
        writer: str = "",
        read_only: str = "",
    ) -> None:
        """Take the addresses of the forker and, where writes are taken, of the writer.

        `store` is the snapshot where this process has it open, `data` where it is in memory and follows the writes; `share`
        processes do the same.
        """
        self.snapshot = snapshot
        self.settings = settings
        self.writer = writer
        self.read_only = read_only
        self._data = data
        self._store = store if data is None else data.store
        # A version is not left while something is evaluated on it in this process.
        self._evaluating = threading.Lock()
        self._moves = snapshot.number
        self.pool = Pool(
            address,
            settings,
            resting=max(1, settings.evaluators // share),
            most=max(1, settings.evaluators_most // share),
        )
        self._datasets = Datasets(self._store) if self._store is not None else None
        self._bound: Bound | None = None
        self._counting: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def version(self) -> str:
        """Return the snapshot's version."""
        return self.snapshot.version

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on: start the evaluators that are kept ready, and count what bounds queries."""
        self._loop = loop
        if self.writer:
            self._follow()
        self._opening = loop.create_task(self._open())

    def _follow(self) -> None:
        """Make the moves that were made so far, and those to come."""
        assert self._loop is not None
        try:
            connection, moves = follow(self.writer, self._moves)
        except OSError:
            self._loop.call_later(SECONDS_BETWEEN_STARTS, self._follow)
            return
        self._make(moves)
        connection.setblocking(False)
        self._loop.add_reader(connection.fileno(), self._hear, connection, channel.Inbox(connection))

    def _hear(self, connection: socket.socket, inbox: channel.Inbox) -> None:
        assert self._loop is not None
        try:
            for _, payload in inbox.read():
                self._make(unpack_moves(payload))
                say_moved(connection, self._moves)
        except (EOFError, OSError):
            self._loop.remove_reader(connection.fileno())
            connection.close()
            self._follow()

    def _make(self, moves: list[Move]) -> None:
        """Move to the last of some versions; nothing is evaluated in this process meanwhile."""
        assert self._loop is not None
        with self._evaluating:
            for move in moves:
                if self._data is not None:
                    move.make(self._data)
                self.snapshot, self._moves = move.snapshot, move.number
            if moves:
                self._datasets = Datasets(self._store) if self._store is not None else None
                self._bound = None
        if moves:
            self.pool.move(self._moves)
            if self._counting is not None:
                self._counting.cancel()
            self._counting = self._loop.call_later(SECONDS_OF_QUIET, self._count_later)

    def _count_later(self) -> None:
        assert self._loop is not None
        self._opening = self._loop.create_task(self._open())

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples; the default graph is always there."""
        return not name or name in self.snapshot.graphs

    def write(self, request: Request) -> dict[str, Any]:
        """Return the record of a write, in a thread that is not the loop's; raises RequestError."""
        if not self.writer:
            raise Forbidden(self.read_only or "This dataset takes no writes.")
        return ask_writer(self.writer, request, self.settings.write_timeout * 2)

    async def _open(self) -> None:
        async def select(query: str) -> bytes:
            return (await self.pool.ask(Question(query), JSON, SECONDS_TO_COUNT)).body

        # Without them every query goes to an evaluator, which is slower for the small ones and no worse.
        with contextlib.suppress(RequestError):
            await self.pool.fill()
            if self._datasets is not None:
                version = self.version
                counted = Bound(await kept(self.snapshot.folder.parent, version, select), self._most_steps())
                # A version that came meanwhile has counts of its own.
                self._bound = counted if version == self.version else self._bound

    def _most_steps(self) -> int:
        """Return how many steps a query may take at hand, by how fast a step is."""
        in_memory = self.snapshot.storage == "memory" or hold(self.snapshot.folder / DISK)
        return MOST_STEPS if in_memory else MOST_STEPS_ON_DISK

    def at_hand(self, question: Question, media_type: str, inspection: Inspection) -> Answer | None:
        """Return the answer where it is certainly little work, in whichever thread asks; raises RequestError."""
        bound = self._bound
        if (
            bound is None
            or question.names_dataset
            or question.evidence
            or not bound.is_small(question.text, inspection)
            or searches(question.text)
            or names_geometry(question.text)
            or not BY_MEDIA_TYPE[media_type].is_native
        ):
            return None
        with self._evaluating:
            if self._bound is not bound or self._datasets is None:
                return None
            started = time.monotonic()
            body = evaluate(self._datasets, question, media_type, self.snapshot.prefixes, None)
            return Answer(body, seconds=time.monotonic() - started, where="here", version=self.snapshot.version)

    def begin(self, question: Question, media_type: str, timeout: float) -> Answer | Begun | None:
        """Return the answer where an evaluator gives it at once, in the thread that asks, else what it began, if anything."""
        return self.pool.begin(question, media_type, timeout)

    async def ask(
        self,
        question: Question,
        media_type: str,
        timeout: float,
        gone: Gone | None = None,
        begun: Begun | None = None,
    ) -> Answer:
        """Return the answer, where one was begun of that; raises RequestError."""
        return await self.pool.ask(question, media_type, timeout, gone, begun)

    def answer(self, question: Question, media_type: str, timeout: float) -> bytes:
        """Return the whole answer, in a thread that is not the loop's; raises RequestError."""
        answer = self._in_loop(self.ask(question, media_type, timeout))
        return read_all(answer)

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
