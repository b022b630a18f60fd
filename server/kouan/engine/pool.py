"""Keep evaluators ready, give each question to one, and end those that pass a limit. Knows processes and limits, no HTTP.

Everything here but `begin` runs in the one thread of an event loop, so nothing needs a lock and nothing may wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from kouan.engine.forker import too_much_memory
from kouan.engine.lane import Begun, Lane, is_near
from kouan.engine.question import Answer, Gone, Stream
from kouan.errors import Busy, EngineFailure, RequestError, TooSlow, error_said
from kouan.evaluation.question import Question
from kouan.processes import channel
from kouan.processes.memory import resident
from kouan.settings import Settings

SECONDS_BETWEEN_LOOKS = 0.05
NICENESS = 15
# After so much of a processor's time, and in any case after so long, a query gives way to the others.
PATIENCE_SECONDS = 0.25
LONGEST_PATIENCE_SECONDS = 2.0
# A client that takes nothing for so long is given up.
STALLED_SECONDS = 60.0
SECONDS_TO_START = 30.0
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# An evaluator that keeps this much of what a query took is replaced.
KEPT_MEMORY = 256 * 1024 * 1024


@dataclass(eq=False)
class Evaluator:
    """An evaluator process, as the server sees it."""

    connection: socket.socket
    inbox: channel.Inbox
    pid: int = 0
    moves: int = 0
    version: str = ""
    resting_memory: int = 0
    gives_way: bool = False
    work: Work | None = None

    def processor_seconds(self) -> float:
        """Return the seconds of processor time that it has taken in its life."""
        try:
            times = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(times[11]) + int(times[12])) / TICKS_A_SECOND


@dataclass(eq=False)
class Work:
    """A question that an evaluator is busy with."""

    timeout: float
    started: float
    future: asyncio.Future[tuple[bytes, bytes]]
    gone: Gone | None
    watch: asyncio.Task[None] | None = None
    stream: Stream | None = None
    most_memory: int = 0
    processor_first: float = 0.0
    processor_before: float = 0.0
    processor_seen: float = 0.0
    moved: float = field(default_factory=time.monotonic)


class ClientGone(RequestError):
    """The client went away, so nobody sees this."""

    status = 499
    title = "The client went away"


class Pool:
    """The evaluators of one HTTP process.

    `resting` of them are kept ready, and as many quick questions are answered at a time. A question that takes long
    gives its place to the next and goes on beside it, until `most` evaluators work.
    """

    def __init__(self, address: str, settings: Settings, *, resting: int, most: int) -> None:
        self.address = address
        self.settings = settings
        self.resting = resting
        self.most = max(most, resting)
        self.moves = 0
        self._lane = Lane()
        self._idle: list[Evaluator] = []
        self._busy: set[Evaluator] = set()
        self._quick = 0
        self._slow = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._looking = False
        self._starting: set[asyncio.Task[None]] = set()

    def begin(self, question: Question, media_type: str, timeout: float) -> Answer | Begun | None:
        """Return the answer where an evaluator gives it at once, else what it began, for `ask` to go on with.

        For the thread that a question arrives in; None where others are at work, or nothing could be begun. Raises
        RequestError.
        """
        if self._busy:
            return None
        begun = self._lane.ask(_packed(question, media_type, timeout), channel.WHOLE)
        if begun is None or begun.is_lost or not begun.heard:
            return begun
        kind, payload = begun.heard[0]
        if kind != channel.WHOLE:
            return begun
        return Answer(payload, seconds=time.monotonic() - begun.started, version=begun.evaluator.version)

    async def ask(
        self,
        question: Question,
        media_type: str,
        timeout: float,
        gone: Gone | None = None,
        begun: Begun | None = None,
    ) -> Answer:
        """Return the answer; raises TooSlow, TooMuchMemory, TooLarge, Busy, EngineFailure or what the query is at fault of."""
        loop = asyncio.get_running_loop()
        if begun is not None:
            return await self._go_on(loop, begun, timeout, gone)
        started = time.monotonic()
        if self._is_full() or self._waiting:
            await self._queue(loop, timeout)
        else:
            self._quick += 1
        try:
            evaluator = self._idle.pop() if self._idle else await self._start(loop)
        except BaseException:
            self._quick -= 1
            self._admit()
            raise
        return await self._work(loop, evaluator, question, media_type, timeout, started, gone)

    async def _work(
        self,
        loop: asyncio.AbstractEventLoop,
        evaluator: Evaluator,
        question: Question,
        media_type: str,
        timeout: float,
        started: float,
        gone: Gone | None,
    ) -> Answer:
        work = self._begin(loop, evaluator, timeout, started, gone)
        frame = _packed(question, media_type, timeout)
        try:
            sent = evaluator.connection.send(frame)
            if sent < len(frame):
                await loop.sock_sendall(evaluator.connection, frame[sent:])
            # Most answers come sooner than the loop could be asked for them.
            if len(self._busy) == 1 and is_near(evaluator):
                self._receive(evaluator)
        except OSError:
            # It ended while it rested, which nobody's question is to blame for.
            self._end(evaluator)
            return await self.ask(question, media_type, timeout, gone)
        return await self._answered(evaluator, work)

    async def _go_on(self, loop: asyncio.AbstractEventLoop, begun: Begun, timeout: float, gone: Gone | None) -> Answer:
        """Return the answer that an evaluator began to give outside of the loop."""
        evaluator = begun.evaluator
        # It is asked already, so that it waits for no place.
        self._quick += 1
        work = self._begin(loop, evaluator, timeout, begun.started, gone)
        loop.add_reader(evaluator.connection.fileno(), self._receive, evaluator)
        for kind, payload in begun.heard:
            self._hear(evaluator, kind, payload)
        if begun.is_lost:
            self._lose(evaluator)
        # Its place in the lane is another's now.
        self._fill_later()
        return await self._answered(evaluator, work)

    def _begin(
        self,
        loop: asyncio.AbstractEventLoop,
        evaluator: Evaluator,
        timeout: float,
        started: float,
        gone: Gone | None,
    ) -> Work:
        work = Work(timeout, started, loop.create_future(), gone)
        evaluator.work = work
        self._busy.add(evaluator)
        self._look_later(loop)
        return work

    async def _answered(self, evaluator: Evaluator, work: Work) -> Answer:
        kind, payload = await work.future
        seconds = time.monotonic() - work.started
        if kind == channel.WHOLE:
            return Answer(payload, seconds=seconds, version=evaluator.version)
        assert work.stream is not None
        return Answer(stream=work.stream, seconds=seconds, version=evaluator.version)

    async def _queue(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append(place)
        busy = Busy(
            f"Every evaluator was taken for {timeout:g} seconds; try again, or ask the operator to raise "
            "KOUAN_EVALUATORS_MOST."
        )

        def give_up() -> None:
            if not place.done():
                place.set_exception(busy)

        timer = loop.call_later(timeout, give_up)
        try:
            await place
        finally:
            timer.cancel()

    def _is_full(self) -> bool:
        return self._quick >= self.resting or self._quick + self._slow >= self.most

    def _leave(self, evaluator: Evaluator) -> None:
        """Give back the place that an evaluator worked in."""
        if evaluator.gives_way:
            self._slow -= 1
        else:
            self._quick -= 1
        self._admit()

    def _admit(self) -> None:
        """Let those who wait longest in, while there are places."""
        while self._waiting and not self._is_full():
            place = self._waiting.popleft()
            if not place.done():
                self._quick += 1
                place.set_result(None)

    async def _start(self, loop: asyncio.AbstractEventLoop) -> Evaluator:
        """Return a new evaluator, forked by the forker."""
        connection = socket.socket(socket.AF_UNIX)
        failure = EngineFailure("No evaluator could be started; the operator finds the reason in the server's log.")
        try:
            connection.setblocking(False)
            connection.connect(self.address)
        except OSError as error:
            connection.close()
            raise failure from error
        evaluator = Evaluator(connection, channel.Inbox(connection))
        work = Work(SECONDS_TO_START, time.monotonic(), loop.create_future(), None)
        evaluator.work = work
        loop.add_reader(connection.fileno(), self._receive, evaluator)
        timer = loop.call_later(SECONDS_TO_START, self._refuse, evaluator, failure)
        try:
            _, payload = await work.future
        except RequestError as error:
            self._drop(evaluator)
            raise failure from error
        finally:
            timer.cancel()
        evaluator.work = None
        pid, moves, evaluator.version = payload.decode().split(" ")
        evaluator.pid, evaluator.moves = int(pid), int(moves)
        if evaluator.moves < self.moves:
            # It was forked before the forker had moved to the version that is asked by now.
            self._drop(evaluator)
            return await self._start(loop)
        evaluator.resting_memory = resident(evaluator.pid)
        return evaluator

    async def fill(self) -> None:
        """Start evaluators until enough of them rest."""
        loop = asyncio.get_running_loop()
        while len(self._idle) < self.resting:
            started = await self._start(loop)
            # Not before: a move puts another list in this one's place, and an evaluator in the old one is never ended.
            self._idle.append(started)
            self._lend(loop)

    def _lend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let those who are not in the loop ask an evaluator that rests."""
        if self._lane.is_empty and self._idle:
            evaluator = self._idle.pop()
            loop.remove_reader(evaluator.connection.fileno())
            self._lane.put(evaluator)

    def _fill_later(self) -> None:
        async def fill() -> None:
            # What fails here fails again, and is told, when a question needs an evaluator.
            with contextlib.suppress(RequestError):
                await self.fill()

        loop = asyncio.get_running_loop()
        self._lend(loop)
        if len(self._idle) < self.resting and not self._starting:
            task = loop.create_task(fill())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    def _receive(self, evaluator: Evaluator) -> None:
        """Take what an evaluator says."""
        try:
            for kind, payload in evaluator.inbox.read():
                self._hear(evaluator, kind, payload)
        except EOFError:
            self._lose(evaluator)

    def _hear(self, evaluator: Evaluator, kind: bytes, payload: bytes) -> None:
        work = evaluator.work
        if work is None or work.future.cancelled():
            self._end(evaluator)
        elif kind == channel.READY:
            work.future.set_result((kind, payload))
        elif kind == channel.WHOLE:
            self._rest(evaluator)
            work.future.set_result((kind, payload))
        elif kind == channel.STREAM:
            reader, writer, *copies = evaluator.inbox.files
            evaluator.inbox.files.clear()
            channel.widen(reader)
            finished = asyncio.get_running_loop().create_future()
            work.stream = Stream(reader, writer, finished, copies[0] if copies else -1)
            work.processor_before = evaluator.processor_seconds()
            work.future.set_result((kind, payload))
        elif kind == channel.FLOWING and work.stream:
            work.stream.close_reader()
        elif kind == channel.END and work.stream:
            self._rest(evaluator)
            _finish(work.stream, None)
        elif kind == channel.FAILED:
            self._rest(evaluator)
            _tell(work, error_said(json.loads(payload)))

    def _lose(self, evaluator: Evaluator) -> None:
        """An evaluator has ended without being told to."""
        work = evaluator.work
        self._end(evaluator)
        if work is None:
            return
        if work.most_memory > self.settings.memory_limit * 0.6:
            _tell(work, too_much_memory(self.settings.memory_limit))
        else:
            _tell(
                work,
                EngineFailure(
                    "The evaluator died of this query, and of nothing else; the server is well. Write the query in "
                    "another way."
                ),
            )

    def _refuse(self, evaluator: Evaluator, error: RequestError) -> None:
        """End an evaluator and say why to who waits for it."""
        work = evaluator.work
        self._end(evaluator)
        if work is not None:
            _tell(work, error)

    def _rest(self, evaluator: Evaluator) -> None:
        """Let an evaluator rest after its work, or end it where it is not as good as new."""
        work, evaluator.work = evaluator.work, None
        self._busy.discard(evaluator)
        if work is not None and work.watch is not None:
            work.watch.cancel()
        self._leave(evaluator)
        if (work is not None and work.most_memory > KEPT_MEMORY) or (evaluator.moves < self.moves):
            self._drop(evaluator)
        else:
            evaluator.gives_way = False
            self._idle.append(evaluator)
        self._fill_later()

    def _end(self, evaluator: Evaluator) -> None:
        """End an evaluator at once, whatever it does."""
        work, evaluator.work = evaluator.work, None
        self._drop(evaluator)
        if evaluator in self._busy:
            self._busy.discard(evaluator)
            self._leave(evaluator)
        if work is not None and work.watch is not None:
            work.watch.cancel()
        if evaluator in self._idle:
            self._idle.remove(evaluator)
        self._fill_later()

    def _drop(self, evaluator: Evaluator) -> None:
        if evaluator.connection.fileno() < 0:
            return
        asyncio.get_running_loop().remove_reader(evaluator.connection.fileno())
        if evaluator.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(evaluator.pid, signal.SIGKILL)
        evaluator.connection.close()

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._looking:
            self._looking = True
            loop.call_later(SECONDS_BETWEEN_LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at every evaluator at work, and end those past a limit."""
        now = time.monotonic()
        for evaluator in list(self._busy):
            if evaluator.work is not None and now - evaluator.work.started > SECONDS_BETWEEN_LOOKS:
                self._look_at(loop, evaluator, evaluator.work, now)
        self._looking = bool(self._busy)
        if self._looking:
            loop.call_later(SECONDS_BETWEEN_LOOKS, self._look, loop)

    def _look_at(self, loop: asyncio.AbstractEventLoop, evaluator: Evaluator, work: Work, now: float) -> None:
        held = resident(evaluator.pid) - evaluator.resting_memory
        work.most_memory = max(work.most_memory, held)
        if work.watch is None and work.gone is not None:
            work.watch = loop.create_task(self._watch(evaluator, work.gone))
        if not evaluator.gives_way and self._takes_long(evaluator, work, now):
            self._give_way(evaluator)
        if held > self.settings.memory_limit:
            self._refuse(evaluator, too_much_memory(self.settings.memory_limit))
        elif work.stream is not None:
            self._look_at_stream(evaluator, work, now)
        elif now - work.started >= work.timeout:
            self._refuse(evaluator, self._too_slow(work.timeout))

    def _takes_long(self, evaluator: Evaluator, work: Work, now: float) -> bool:
        # Who waits for a processor among others like him is not slow: to begin yet more beside them would help nobody.
        if now - work.started > LONGEST_PATIENCE_SECONDS:
            return True
        seconds = evaluator.processor_seconds()
        if not work.processor_first:
            work.processor_first = seconds
        return seconds - work.processor_first > PATIENCE_SECONDS

    def _give_way(self, evaluator: Evaluator) -> None:
        evaluator.gives_way = True
        self._quick -= 1
        self._slow += 1
        # Threads have priorities of their own: the one that evaluates is replaced afterwards, for its priority cannot
        # be raised again.
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{evaluator.pid}/task").iterdir():
                if thread.name != str(evaluator.pid):
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), NICENESS)
        self._admit()

    def _look_at_stream(self, evaluator: Evaluator, work: Work, now: float) -> None:
        # While an answer streams the client's own slowness is no fault of the query: only work counts.
        seconds = evaluator.processor_seconds()
        if seconds != work.processor_seen:
            work.processor_seen, work.moved = seconds, now
        if seconds - work.processor_before > work.timeout:
            self._refuse(evaluator, self._too_slow(work.timeout))
        elif now - work.moved > STALLED_SECONDS:
            self._refuse(evaluator, ClientGone("The client took nothing for a minute."))

    async def _watch(self, evaluator: Evaluator, gone: Gone) -> None:
        work = evaluator.work
        await gone()
        if work is not None and evaluator.work is work:
            work.watch = None
            self._refuse(evaluator, ClientGone("The client went away."))

    def _too_slow(self, timeout: float) -> TooSlow:
        return TooSlow(
            f"The query was ended after {timeout:g} seconds; ask for less, or for more time with timeout= up to "
            f"{self.settings.timeout_cap:g}.",
            limit="timeout",
            seconds=timeout,
        )

    def move(self, moves: int) -> None:
        """Ask no evaluator of an earlier version any more; those at work end with their answers."""
        self.moves = moves
        lent = self._lane.take()
        past = [each for each in self._idle if each.moves < moves] + ([lent] if lent else [])
        self._idle = [each for each in self._idle if each.moves >= moves]
        for evaluator in past:
            self._drop(evaluator)
        # A process that follows the writes before its loop runs has no evaluators yet.
        if past:
            self._fill_later()

    def state(self) -> dict[str, int]:
        """Return how many evaluators rest and work, and how many questions wait."""
        resting = len(self._idle) + (not self._lane.is_empty)
        return {"resting": resting, "working": len(self._busy), "waiting": len(self._waiting)}

    def close(self) -> None:
        """End all evaluators."""
        lent = self._lane.take()
        for evaluator in [*self._idle, *self._busy, *([lent] if lent else [])]:
            self._drop(evaluator)
        self._idle.clear()
        self._busy.clear()


def _packed(question: Question, media_type: str, timeout: float) -> bytes:
    asked = [timeout, media_type, question.text, question.default_graphs, question.named_graphs, question.infer]
    asked.append(question.evidence)
    return channel.pack(channel.ASKED, json.dumps(asked).encode())


def _finish(stream: Stream, error: RequestError | None) -> None:
    stream.close_reader()
    if not stream.finished.done():
        stream.finished.set_result(error)


def _tell(work: Work, error: RequestError) -> None:
    if work.stream is not None:
        _finish(work.stream, error)
    elif not work.future.done():
        work.future.set_exception(error)
