"""Look at evaluators that work, and say which passes a limit or takes long. Knows limits; ends nobody itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from kouan.engine.evaluator import too_much_memory
from kouan.engine.heard import too_slow
from kouan.engine.paces import Pace
from kouan.engine.work import EvaluatorProcess, Work
from kouan.errors import RequestError
from kouan.processes.memory import resident
from kouan.settings import Settings

SECONDS_BETWEEN_LOOKS = 0.05


class Watch:
    """Looks at the evaluators that are busy for as long as there are any."""

    def __init__(
        self,
        settings: Settings,
        busy: set[EvaluatorProcess],
        refuse: Callable[[EvaluatorProcess, RequestError], None],
        give_way: Callable[[EvaluatorProcess, Pace], None],
    ) -> None:
        """Take who is busy, what ends one with an error, and what lets one that is not quick give way to others."""
        self.settings = settings
        self.busy = busy
        self.refuse = refuse
        self.give_way = give_way
        self._is_looking = False

    def look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look in a moment, and then again and again."""
        if not self._is_looking:
            self._is_looking = True
            loop.call_later(SECONDS_BETWEEN_LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        for evaluator in list(self.busy):
            if evaluator.work is not None:
                self._look_at(evaluator, evaluator.work, now)
        self._is_looking = False
        if self.busy:
            self.look_later(loop)

    def _look_at(self, evaluator: EvaluatorProcess, work: Work, now: float) -> None:
        held = resident(evaluator.child.pid) - evaluator.resting_memory
        work.most_memory = max(work.most_memory, held)
        if not evaluator.yields and (pace := evaluator.pace_of(work, now)):
            self.give_way(evaluator, pace)
        if evaluator.work is not work:
            # It was ended over that: its handle may mean another process by now.
            return
        if held > self.settings.memory_limit:
            self.refuse(evaluator, too_much_memory(self.settings.memory_limit))
        elif now >= work.deadline:
            self.refuse(evaluator, too_slow(self.settings, work.deadline - work.started))
