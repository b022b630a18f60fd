"""Who of the evaluators rests, how many work, and who waits for a place. Knows no process and no channel.

A quick question holds one of `resting` places; one that takes long gives it to the next and goes on beside it, as long as no
more than `most` work: those that find no room there wait, and keep no quick one waiting. The lock guards these numbers, and
nobody waits while holding it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque

from kouan.engine.work import EvaluatorProcess
from kouan.errors import Busy, RequestError


class Places:
    """The places of one HTTP process; `number` is the version that evaluators must have opened to be asked."""

    def __init__(self, *, resting: int, most: int) -> None:
        self.resting = resting
        self.most = max(most, resting)
        self.number = 0
        self._lock = threading.Lock()
        self._idle: list[EvaluatorProcess] = []
        self._quick = 0
        self._slow = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waiting_slow: deque[asyncio.Future[None]] = deque()

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, and how many requests wait for one."""
        return {
            "resting": len(self._idle),
            "working": self._quick + self._slow,
            "waiting": len(self._waiting) + len(self._waiting_slow),
        }

    def missing(self) -> int:
        """Return how many evaluators should be started, so that enough of them are ready."""
        with self._lock:
            return self.resting - len(self._idle) - self._quick

    def take(self) -> EvaluatorProcess | None:
        """Return an evaluator that rests, its place taken, in whatever thread; None where there is none, or others wait."""
        while True:
            with self._lock:
                if not self._idle or self._waiting or self._quick >= self.resting:
                    return None
                evaluator = self._idle.pop()
                if evaluator.number >= self.number:
                    self._quick += 1
                    return evaluator
            evaluator.end()

    def put(self, evaluator: EvaluatorProcess) -> bool:
        """Let an evaluator rest and give its place back; return whether others wait for it."""
        with self._lock:
            self._idle.append(evaluator)
            self._quick -= 1
            return bool(self._waiting)

    def rest(self, evaluator: EvaluatorProcess) -> None:
        """Let an evaluator rest that holds no place."""
        with self._lock:
            self._idle.append(evaluator)

    def resting_one(self, left: int = 0) -> EvaluatorProcess | None:
        """Return an evaluator that rests, for a place that is held already, where so many are left then."""
        with self._lock:
            return self._idle.pop() if len(self._idle) > left else None

    def leave(self, *, slow: bool = False) -> None:
        """Give a place back."""
        with self._lock:
            if slow:
                self._slow -= 1
            else:
                self._quick -= 1

    def slow_down(self) -> bool:
        """Return whether a question that takes long may go on beside the quick ones; it gave its place back then."""
        with self._lock:
            if self._is_full(slow=True):
                return False
            self._quick -= 1
            self._slow += 1
            return True

    async def enter(self, loop: asyncio.AbstractEventLoop, deadline: float, *, slow: bool = False) -> None:
        """Hold a place from now on, in turn; raises Busy where none is free before the deadline."""
        waiting = self._waiting_slow if slow else self._waiting
        turn: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if not waiting and not self._is_full(slow):
                self._take(slow)
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
        for waiting, slow in ((self._waiting, False), (self._waiting_slow, True)):
            while waiting:
                with self._lock:
                    if self._is_full(slow):
                        break
                    turn = waiting.popleft()
                    if turn.done():
                        continue
                    self._take(slow)
                turn.set_result(None)

    def move(self, number: int) -> list[EvaluatorProcess]:
        """Ask no evaluator of an earlier version any more; return those that rested."""
        with self._lock:
            self.number = number
            past = [each for each in self._idle if each.number < number]
            self._idle = [each for each in self._idle if each.number >= number]
        return past

    def _take(self, slow: bool) -> None:
        if slow:
            self._slow += 1
        else:
            self._quick += 1

    def _is_full(self, slow: bool) -> bool:
        return self._slow >= max(1, self.most - self.resting) if slow else self._quick >= self.resting


def _fail(turn: asyncio.Future[None], error: RequestError) -> None:
    if not turn.done():
        turn.set_exception(error)
