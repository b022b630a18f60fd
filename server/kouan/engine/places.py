"""Who of the evaluators rests, how many work, and who waits for a place. Knows no process and no channel.

Each pace has places of its own: a quick question holds one of `resting`, as do the moderate, and the slow have what is left
of `most`. One that turns out to take longer gives its place to the next and goes on among its like, as far as there is room;
those that wait keep no quicker one waiting. The lock guards these numbers, and nobody waits while holding it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque

from kouan.engine.paces import Pace
from kouan.engine.work import EvaluatorProcess
from kouan.errors import Busy, RequestError


class Places:
    """The places of one HTTP process; `number` is the version that evaluators must have opened to be asked."""

    def __init__(self, *, resting: int, most: int) -> None:
        # Where the moderate can have none they are among the quick, but the slow have one at least.
        moderate = max(0, min(resting, most - resting - 1))
        self.most = {Pace.QUICK: resting, Pace.MODERATE: moderate, Pace.SLOW: max(1, most - resting - moderate)}
        self.number = 0
        self._lock = threading.Lock()
        self._idle: list[EvaluatorProcess] = []
        self._taken = dict.fromkeys(Pace, 0)
        self._waiting: dict[Pace, deque[asyncio.Future[None]]] = {pace: deque() for pace in Pace}

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, and how many requests wait for one."""
        return {
            "resting": len(self._idle),
            "working": sum(self._taken.values()),
            "waiting": sum(map(len, self._waiting.values())),
        }

    def missing(self) -> int:
        """Return how many evaluators should be started, so that enough of them are ready."""
        with self._lock:
            return self.most[Pace.QUICK] - len(self._idle) - self._taken[Pace.QUICK]

    def take(self) -> EvaluatorProcess | None:
        """Return an evaluator that rests, its place taken, in whatever thread; None where there is none, or others wait."""
        while True:
            with self._lock:
                if not self._idle or self._waiting[Pace.QUICK] or self._is_full(Pace.QUICK):
                    return None
                evaluator = self._idle.pop()
                if evaluator.number >= self.number:
                    self._taken[Pace.QUICK] += 1
                    return evaluator
            evaluator.end()

    def put(self, evaluator: EvaluatorProcess) -> bool:
        """Let an evaluator rest and give its place among the quick back; return whether others wait for it."""
        with self._lock:
            self._idle.append(evaluator)
            self._taken[Pace.QUICK] -= 1
            return bool(self._waiting[Pace.QUICK])

    def rest(self, evaluator: EvaluatorProcess) -> None:
        """Let an evaluator rest that holds no place."""
        with self._lock:
            self._idle.append(evaluator)

    def resting_one(self, left: int = 0) -> EvaluatorProcess | None:
        """Return an evaluator that rests, for a place that is held already, where so many are left then."""
        with self._lock:
            return self._idle.pop() if len(self._idle) > left else None

    def leave(self, pace: Pace) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[pace] -= 1

    def slower(self, pace: Pace, wanted: Pace) -> Pace:
        """Return the slower pace at which a question may go on, up to the wanted one, its place changed; its own where none has room."""
        with self._lock:
            found = next((each for each in range(wanted, pace, -1) if not self._is_full(Pace(each))), pace)
            self._taken[pace] -= 1
            self._taken[Pace(found)] += 1
            return Pace(found)

    async def enter(self, loop: asyncio.AbstractEventLoop, deadline: float, pace: Pace = Pace.QUICK) -> None:
        """Hold a place of a pace from now on, in turn; raises Busy where none is free before the deadline."""
        waiting = self._waiting[pace]
        turn: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if not waiting and not self._is_full(pace):
                self._taken[pace] += 1
                return
            # Whoever gives a place back from now on sees that somebody waits for it.
            waiting.append(turn)
        waits = max(0.0, deadline - time.monotonic())
        busy = Busy(
            f"Every evaluator was taken for {waits:.0f} seconds; try again, or ask the operator to raise KOUAN_EVALUATORS_MOST."
        )
        timer = loop.call_later(waits, _fail, turn, busy)
        try:
            await turn
        finally:
            timer.cancel()

    def admit(self) -> None:
        """Let those who wait longest in, while there are places; in the loop."""
        for pace, waiting in self._waiting.items():
            while waiting:
                with self._lock:
                    if self._is_full(pace):
                        break
                    turn = waiting.popleft()
                    if turn.done():
                        continue
                    self._taken[pace] += 1
                turn.set_result(None)

    def move(self, number: int, ready: EvaluatorProcess | None) -> list[EvaluatorProcess]:
        """Ask no evaluator of an earlier version any more, but one that is ready, if any; return the others that rested."""
        with self._lock:
            self.number = number
            resting = [*self._idle, *([ready] if ready else [])]
            self._idle = [each for each in resting if each.number >= number]
        return [each for each in resting if each.number < number]

    def _is_full(self, pace: Pace) -> bool:
        return self._taken[pace] >= self.most[pace]


def _fail(turn: asyncio.Future[None], error: RequestError) -> None:
    if not turn.done():
        turn.set_exception(error)
