"""The engine of this machine: evaluators of one snapshot, and the writes that lead them to the next. Knows no HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from kouan.engine.answer import SERVICES, Answer, Asked, Begun, Gone, PageAsked
from kouan.engine.federation import Services
from kouan.engine.federation.calling import Calls
from kouan.engine.pool import SECONDS_IN_LOOP, SECONDS_IN_PLACE, Pool
from kouan.engine.spool import Spool
from kouan.engine.starting import prepared
from kouan.engine.work import EvaluatorProcess
from kouan.errors import KouanError, RequestError, TooMuchMemory, TooSlow, damaged
from kouan.evaluation.question import Question
from kouan.processes.channel import Channel, Message
from kouan.processes.door import Door
from kouan.processes.water_mark import HighWaterMark
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.versions import Move, follow, moves, say_moved, unpack_moves

SECONDS_BETWEEN_TRIES = 0.2


class LocalEngine:
    """Answers questions about one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        forker: Door,
        settings: Settings,
        *,
        share: int = 1,
        writer: Door | None = None,
        told: HighWaterMark | None = None,
    ) -> None:
        """Take the door of the forker and, where writes are taken, the writer's and the last write that it told anybody of.

        `share` processes do the same.
        """
        self.snapshot = snapshot
        self.settings = settings
        self.writer = writer
        self.told = told
        self._number = snapshot.number
        self._moving = threading.Lock()
        self._stamps = _stamps(snapshot)
        self.spool = Spool(settings.spools, settings.spool // share)
        self.pool = Pool(
            forker,
            settings,
            self.spool,
            resting=max(1, settings.evaluators // share),
            most=max(1, settings.evaluators_most // share),
        )
        self.calls = Calls(Services(settings))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def version(self) -> str:
        """Return the snapshot's version."""
        return self.snapshot.version

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, how many requests wait for one, and the bytes that are spooled."""
        return self.pool.gauges() | {"spool_bytes": self.spool.taken}

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on: start the evaluators that are kept ready, and follow the writes."""
        self._loop = loop
        self.pool.open(loop)
        if self.writer:
            self._follow()

    def _follow(self) -> None:
        """Find the writer, again and again until it is there, and hear what it tells."""
        assert self._loop is not None
        assert self.writer is not None
        try:
            channel = follow(self.writer)
        except OSError:
            self._loop.call_later(SECONDS_BETWEEN_TRIES, self._follow)
            return
        self._loop.add_reader(channel.fileno(), self._hear, channel)

    def _hear(self, channel: Channel) -> None:
        assert self._loop is not None
        try:
            channel.read_some()
            while (message := channel.next()) is not None:
                following = self._loop.create_task(self._move_on(channel, message))
                self._tasks.add(following)
                following.add_done_callback(self._tasks.discard)
        except (EOFError, OSError) as error:
            self._lose(channel, error)

    async def _move_on(self, channel: Channel, message: Message) -> None:
        """Go on to the version that the writer tells of, once there is an evaluator of it, which who reads next waits for no more."""
        try:
            with self._moving:
                found = unpack_moves(message.head, self._number)
            ready = await prepared(self.pool.forker, found[-1].number) if found else None
            with self._moving:
                self._move([move for move in found if move.number > self._number], ready)
            say_moved(channel, self._number)
        except (OSError, KouanError) as error:
            self._lose(channel, error)

    def _lose(self, channel: Channel, error: Exception) -> None:
        """Follow the writer anew: it ended; or the log cannot be read for now, and is followed from where this is until it can."""
        assert self._loop is not None
        if channel.fileno() < 0:
            return
        self._loop.remove_reader(channel.fileno())
        channel.close()
        self._loop.call_later(SECONDS_BETWEEN_TRIES if isinstance(error, KouanError) else 0.0, self._follow)

    def keep_up(self) -> None:
        """Come to the last write that anybody was told of, in whatever thread; raises RequestError where the log cannot be read.

        The writer waits for those who follow it. This process may be new, or have been stopped, or the writer may be: whoever
        was told of a write by any process reads it in every one.
        """
        if self.told is None or self.told.number <= self._number:
            return
        try:
            with self._moving:
                self._move(moves(self.snapshot.folder, self.snapshot.writes.folder, self._number, self.told.number))
        except RequestError:
            raise
        except KouanError as error:
            raise damaged() from error

    def _move(self, found: list[Move], ready: EvaluatorProcess | None = None) -> None:
        """Go on to the last of some moves, if any: nobody sees its version before whoever is asked serves it."""
        if found:
            self.pool.move(found[-1].number, ready)
            self.snapshot, self._number = found[-1].snapshot, found[-1].number
        elif ready is not None:
            ready.end()

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples; the default graph is always there."""
        return not name or name in self.snapshot.graphs

    def begin(self, asked: Asked | PageAsked, *, is_in_loop: bool) -> Answer | Begun | None:
        """Return the answer where an evaluator gives it at once, in the thread that asks, else what it began, if anything."""
        seconds = SECONDS_IN_LOOP if is_in_loop else SECONDS_IN_PLACE
        begun = self.pool.begin(asked.packed(), time.monotonic() + asked.timeout, seconds)
        # What other servers are to be asked first cannot wait in place.
        return None if isinstance(begun, Answer) and begun.kind == SERVICES else begun

    async def ask(self, asked: Asked | PageAsked, gone: Gone | None = None, begun: Begun | None = None) -> Answer:
        """Return the answer, after the other servers that it wants were asked; raises RequestError."""
        deadline = begun.deadline if begun else time.monotonic() + asked.timeout
        answers: tuple[str, ...] = ()
        while True:
            try:
                answer = await self.pool.ask(asked.packed(), deadline, gone, begun)
            except (TooSlow, TooMuchMemory) as error:
                # The engine counts without end what it cannot read.
                if _stamps(self.snapshot) != self._stamps:
                    raise damaged() from error
                raise
            if answer.kind != SERVICES:
                return answer
            begun = None
            answers += await self.calls.answers(answer.said["wanted"], deadline)
            asked = asked.with_services(answers)

    def answer(self, query: str, media_type: str, timeout: float) -> bytes:
        """Return the whole answer, in a thread that is not the loop's; raises RequestError."""
        assert self._loop is not None
        asked = Asked(Question(query), timeout, format=media_type)
        answer: Any = asyncio.run_coroutine_threadsafe(self.ask(asked), self._loop).result()
        body: bytes = answer.whole()
        return body


def _stamps(snapshot: Snapshot) -> dict[str, tuple[int, int]]:
    """Return the sizes and times of the files of a store on disk, by which it is seen that somebody changed them."""
    if snapshot.storage != "disk":
        return {}
    try:
        stats = {path.name: path.stat() for path in snapshot.store.iterdir()}
    except OSError:
        return {}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}
