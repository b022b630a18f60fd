"""Give each question to an evaluator, hear its answer, and end those that pass a limit. Knows processes and limits, no HTTP.

Any thread may ask an evaluator that rests and wait a moment in place; what takes longer goes on in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from kouan.engine.answer import AGAIN, END, LARGE, MORE, SPOOL, WANTED, WHOLE, Answer, Begun, Gone, Spooled, died
from kouan.engine.evaluator import too_much_memory
from kouan.engine.heard import DONE, answer_of
from kouan.engine.paces import Pace, Paces, pace_after
from kouan.engine.places import Places
from kouan.engine.spool import Spool
from kouan.engine.starting import SECONDS_TO_START, started
from kouan.engine.watching import Watch
from kouan.engine.work import CERTAIN_SECONDS, ClientGone, EvaluatorProcess, TakesLong, Work
from kouan.errors import Busy, EngineFailure, RequestError
from kouan.processes.channel import Message, packed
from kouan.processes.door import Door
from kouan.settings import Settings

# Who gives a query less than this is told that it took too long, not that no evaluator came.
LEAST_SECONDS_TO_START = 1.0
SECONDS_IN_PLACE = 0.003
# In the loop itself a moment is worth as much to others.
SECONDS_IN_LOOP = 0.0005
# What a socket takes at one go.
LONGEST_IN_PLACE = 64 * 1024
# An evaluator that keeps this much of what a query took is replaced.
KEPT_MEMORY = 256 * 1024 * 1024
SECONDS_FOR_ROOM = 3.0
Abroad = Callable[[Any, float], Awaitable[bytes]]
"""What asks the server that holds the data what an evaluator wants of it, until a deadline, and returns the message that tells it."""


class Pool:
    """The evaluators of one HTTP process.

    `resting` of them are kept ready, and as many quick questions are answered at a time. A question that takes longer
    gives its place to the next and goes on beside it, until `most` evaluators work.
    """

    def __init__(
        self, forker: Door, settings: Settings, spool: Spool, *, resting: int, most: int, abroad: Abroad | None = None
    ) -> None:
        """Take what asks the server that holds the data, where that is another."""
        self.forker = forker
        self.settings = settings
        self.spool = spool
        self.abroad = abroad
        self.places = Places(resting=resting, most=most)
        self.paces = Paces()
        self._busy: set[EvaluatorProcess] = set()
        self._watch_limits = Watch(settings, self._busy, self._refuse, self._give_way)
        self._filling: asyncio.Task[None] | None = None
        self._one_by_one = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on, and start the evaluators that are kept ready."""
        self._loop = loop
        self._fill_later()

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, and how many requests wait for one."""
        return self.places.gauges()

    # In whatever thread a question arrives.

    def begin(self, message: bytes, deadline: float, seconds: float = SECONDS_IN_PLACE) -> Answer | Begun | None:
        """Return the answer where an evaluator gives it in some seconds, else what it began, for `ask` to go on with.

        None where nobody rests, or others wait already. Raises RequestError.
        """
        if len(message) > LONGEST_IN_PLACE or self.paces.of(message):
            return None
        evaluator = self.places.take()
        if evaluator is None:
            return None
        started = time.monotonic()
        try:
            evaluator.channel.send(message)
            heard = evaluator.channel.receive_within(min(seconds, deadline - started))
        except (OSError, EOFError):
            # It ended, while it rested or over this: another one is asked.
            self._give_up(evaluator)
            return None
        if heard is None or heard.kind not in DONE:
            evaluator.heard.extend([heard] if heard else ())
            return Begun(evaluator, deadline, started)
        self._put(evaluator)
        return answer_of(heard, evaluator.version, started)

    def _put(self, evaluator: EvaluatorProcess) -> None:
        """Let an evaluator rest, and its place be another's."""
        if self.places.put(evaluator):
            self._in_loop(self.places.admit)

    def _give_up(self, evaluator: EvaluatorProcess) -> None:
        """End an evaluator that nobody listens to in the loop, and let its place be another's."""
        evaluator.end()
        self.places.leave(evaluator.pace)
        self._in_loop(self._replace)

    def _in_loop(self, what: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(what)  # type: ignore[arg-type]

    # In the loop.

    async def ask(
        self, message: bytes, deadline: float, gone: Gone | None = None, begun: Begun | None = None
    ) -> Answer:
        """Return the answer; raises TooSlow, TooMuchMemory, TooLarge, Busy, EngineFailure or what the query is at fault of.

        Nothing is sent before an answer's end: who ended is followed by a new one, once; what takes long is asked anew when there is room.
        """
        has_died, pace = False, Pace.QUICK if begun else self._pace(message)
        while True:
            try:
                return await self._ask(message, deadline, gone, begun, pace, has_died)
            except TakesLong as longer:
                pace = longer.pace
            except EngineFailure:
                if has_died:
                    raise
                has_died, message = True, packed(AGAIN, None) + message
            begun = None

    def _pace(self, message: bytes) -> Pace:
        """Return the pace that a question is known for, among those that have places."""
        pace = self.paces.of(message)
        return pace if self.places.most[pace] else Pace.QUICK

    async def _ask(
        self, message: bytes, deadline: float, gone: Gone | None, begun: Begun | None, pace: Pace, fresh: bool
    ) -> Answer:
        loop = asyncio.get_running_loop()
        while begun is None:
            evaluator = await self._placed(deadline, message, pace, fresh)
            begun = Begun(evaluator, deadline, time.monotonic())
            try:
                evaluator.channel.connection.setblocking(False)
                await loop.sock_sendall(evaluator.channel.connection, message)
            except OSError:
                self._give_up(evaluator)
                begun = None
        evaluator = begun.evaluator
        work = Work(deadline, begun.started, loop.create_future(), message, evaluator.processor_seconds())
        evaluator.work = work
        self._busy.add(evaluator)
        if pace:
            evaluator.yield_to_others(pace)
        if gone is not None:
            work.watch = loop.create_task(self._watch(evaluator, work, gone))
        self._watch_limits.look_later(loop)
        loop.add_reader(evaluator.channel.fileno(), self._receive, evaluator)
        self._receive(evaluator)
        return await work.future

    async def _placed(self, deadline: float, message: bytes, pace: Pace, fresh: bool) -> EvaluatorProcess:
        """Return an evaluator whose place is taken, a new one where it has to be; raises Busy where none is to be had in time."""
        while True:
            await self.places.enter(asyncio.get_running_loop(), deadline, pace)
            if (known := self._pace(message)) > pace:
                # That was learned while it waited.
                self.places.leave(pace)
                self.places.admit()
                raise TakesLong(known)
            # One that rests is left for the quick, and others are started one after another, which leaves room between them.
            evaluator = None if fresh else self.places.resting_one(left=int(pace > Pace.QUICK))
            if evaluator is None:
                try:
                    async with self._one_by_one if pace is Pace.SLOW else contextlib.nullcontext():
                        until = max(deadline, time.monotonic() + LEAST_SECONDS_TO_START)
                        evaluator = await started(self.forker, until, self.places.number)
                except BaseException:
                    self.places.leave(pace)
                    self.places.admit()
                    raise
            evaluator.pace = pace
            if evaluator.number >= self.places.number:
                return evaluator
            self._give_up(evaluator)

    def _replace(self) -> None:
        self.places.admit()
        self._fill_later()

    def _fill_later(self) -> None:
        if self._loop is None or (self._filling is not None and not self._filling.done()):
            return
        if self.places.missing() > 0:
            self._filling = self._loop.create_task(self.fill())

    async def fill(self) -> None:
        """Start evaluators until enough of them rest; what fails here fails again, and is told, when one is needed."""
        with contextlib.suppress(RequestError):
            while self.places.missing() > 0:
                self.places.rest(await started(self.forker, time.monotonic() + SECONDS_TO_START, self.places.number))
                self.places.admit()

    def _receive(self, evaluator: EvaluatorProcess) -> None:
        """Take what an evaluator says."""
        work = evaluator.work
        if work is None:
            return
        try:
            evaluator.channel.read_some()
            while evaluator.work is work and (message := evaluator.next()) is not None:
                self._hear(evaluator, work, message)
        except EOFError:
            if evaluator.work is work:
                lost = work.most_memory > self.settings.memory_limit * 0.6
                self._refuse(evaluator, too_much_memory(self.settings.memory_limit) if lost else died())

    def _hear(self, evaluator: EvaluatorProcess, work: Work, message: Message) -> None:
        if message.kind in DONE:
            self._rest(evaluator)
            try:
                self._tell(work, answer_of(message, evaluator.version, work.started))
            except RequestError as error:
                self._tell(work, error)
        elif message.kind == LARGE:
            work.said = message.said
            try:
                work.file = self.spool.open()
            except Busy as error:
                self._refuse(evaluator, error)
                return
            self._grant(evaluator, work, 1, time.monotonic())
        elif message.kind == WANTED and self.abroad is not None:
            work.reply = asyncio.get_running_loop().create_task(self._reply(evaluator, work, self.abroad, message.said))
        elif message.kind == MORE and work.file >= 0:
            self._grant(evaluator, work, int(message.said["size"]), time.monotonic())
        elif message.kind == END and work.file >= 0:
            file, size = work.file, min(int(message.said["size"]), work.granted)
            self.spool.give_back(work.granted - size)
            work.file = -1
            self._rest(evaluator)
            spooled = Spooled(file, size, lambda: self.spool.give_back(size))
            answer = Answer(
                WHOLE,
                work.said | message.said,
                b"",
                spooled,
                time.monotonic() - work.started,
                version=evaluator.version,
            )
            self._tell(work, answer)
        else:
            raise EOFError("the evaluator says what nobody asked")

    async def _reply(self, evaluator: EvaluatorProcess, work: Work, abroad: Abroad, said: Any) -> None:
        """Tell an evaluator what the server that holds the data answers it."""
        answer = await abroad(said, work.deadline)
        if evaluator.work is work:
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().sock_sendall(evaluator.channel.connection, answer)

    def _grant(self, evaluator: EvaluatorProcess, work: Work, wanted: int, since: float) -> None:
        """Give a large answer room; it waits a while for what others hold."""
        if evaluator.work is not work:
            return
        first = work.granted == 0
        try:
            work.granted = self.spool.grant(work.granted, wanted)
        except RequestError as error:
            if isinstance(error, Busy) and time.monotonic() - since < SECONDS_FOR_ROOM:
                asyncio.get_running_loop().call_later(0.1, self._grant, evaluator, work, wanted, since)
                return
            self._refuse(evaluator, error)
            return
        with contextlib.suppress(OSError):
            evaluator.channel.send(packed(SPOOL, {"room": work.granted}), [work.file] if first else [])

    def _tell(self, work: Work, answer: Answer | RequestError) -> None:
        work.let_go(self.spool)
        if work.future.done():
            if isinstance(answer, Answer) and answer.spooled is not None:
                answer.spooled.close()
        elif isinstance(answer, RequestError):
            work.future.set_exception(answer)
        else:
            work.future.set_result(answer)

    def _refuse(self, evaluator: EvaluatorProcess, error: RequestError) -> None:
        """End an evaluator at once, whatever it does, and say why to who waits for it."""
        work = self._leave(evaluator)
        evaluator.end()
        self._replace()
        if work is not None:
            self._tell(work, error)

    def _rest(self, evaluator: EvaluatorProcess) -> None:
        """Let an evaluator rest after its work, or end it where it is not as good as new."""
        work = self._leave(evaluator)
        if work is not None and evaluator.pace:
            self.paces.learn(work.message, pace_after(evaluator.processor_seconds(work)))
        evaluator.pace, evaluator.yields = Pace.QUICK, False
        if (work is not None and work.most_memory > KEPT_MEMORY) or evaluator.number < self.places.number:
            evaluator.end()
        else:
            self.places.rest(evaluator)
        self._replace()

    def _leave(self, evaluator: EvaluatorProcess) -> Work | None:
        """Return the work of an evaluator after it gave back its place and is listened to no more."""
        work, evaluator.work = evaluator.work, None
        if evaluator.channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(evaluator.channel.fileno())
        if evaluator in self._busy:
            self._busy.discard(evaluator)
            self.places.leave(evaluator.pace)
        return work

    async def _watch(self, evaluator: EvaluatorProcess, work: Work, gone: Gone) -> None:
        await gone()
        if evaluator.work is work:
            work.watch = None
            self._refuse(evaluator, ClientGone("The client went away."))

    def _give_way(self, evaluator: EvaluatorProcess, pace: Pace) -> None:
        """Let an evaluator that works at a pace that is not quick go on among its like, or be asked anew when there is room."""
        assert evaluator.work is not None
        seconds, before = evaluator.processor_seconds(evaluator.work), evaluator.pace
        if (learned := pace_after(seconds)) > self.paces.of(evaluator.work.message):
            self.paces.learn(evaluator.work.message, learned)
        if pace > before:
            evaluator.pace = self.places.slower(before, pace)
            if evaluator.pace is before:
                if seconds > CERTAIN_SECONDS:
                    self._refuse(evaluator, TakesLong(pace))
                return
            self._replace()
        if seconds > CERTAIN_SECONDS or (evaluator.pace is Pace.MODERATE and before is Pace.QUICK):
            evaluator.yield_to_others(evaluator.pace)

    def move(self, number: int, ready: EvaluatorProcess | None) -> None:
        """Ask no evaluator of an earlier version any more, from whatever thread; those at work end with their answers."""
        for evaluator in self.places.move(number, ready):
            evaluator.end()
        self._in_loop(self._fill_later)
