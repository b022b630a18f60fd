"""An evaluator process as the server sees it, and the question that it is busy with. Knows processes, no limits."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kouan.engine.answer import Answer
from kouan.engine.paces import Pace, pace_after
from kouan.engine.spool import Spool
from kouan.errors import RequestError
from kouan.processes.channel import Channel, Message
from kouan.processes.child import Child, processor_seconds

NICENESS = {Pace.MODERATE: 5, Pace.SLOW: 15}
# After so long a question is a slow one, however little of a processor it had.
LONGEST_PATIENCE_SECONDS = 2.0
# The first question to an evaluator may take longer than it will again; who took so much takes long for certain.
CERTAIN_SECONDS = 0.75


class ClientGone(RequestError):
    """The client went away, so nobody sees this."""

    status = 499
    title = "The client went away"


class TakesLong(RequestError):
    """There is no room yet for a question that takes long; it waits among those of its pace, so nobody sees this."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(self.__doc__ or "")
        self.pace = pace


@dataclass(eq=False)
class Work:
    """A question that an evaluator is busy with, and the room that its answer was given."""

    deadline: float
    started: float
    future: asyncio.Future[Answer]
    message: bytes
    processor_before: float
    watch: asyncio.Task[None] | None = None
    reply: asyncio.Task[None] | None = None
    said: dict[str, Any] = field(default_factory=dict)
    file: int = -1
    granted: int = 0
    most_memory: int = 0

    def let_go(self, spool: Spool) -> None:
        """Stop watching the client and asking for it, and give back the file where nobody took it."""
        for task in (self.watch, self.reply):
            if task is not None:
                task.cancel()
        self.watch = self.reply = None
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
            spool.give_back(self.granted)


@dataclass(eq=False)
class EvaluatorProcess:
    """An evaluator process: the channel to it, and the version that it serves."""

    channel: Channel
    child: Child
    number: int
    version: str
    resting_memory: int = 0
    pace: Pace = Pace.QUICK
    yields: bool = False
    work: Work | None = None
    heard: deque[Message] = field(default_factory=deque)

    def next(self) -> Message | None:
        """Return the next message that was heard, None where none is whole."""
        return self.heard.popleft() if self.heard else self.channel.next()

    def end(self) -> None:
        """End the process at once and forget it."""
        self.child.end()
        self.child.forget()
        self.channel.close()

    def pace_of(self, work: Work, now: float) -> Pace:
        """Return the pace that it works at."""
        # Who waits for a processor among others like him is not slow: to begin yet more beside them would help nobody.
        if now - work.started > LONGEST_PATIENCE_SECONDS:
            return Pace.SLOW
        return pace_after(self.processor_seconds(work))

    def processor_seconds(self, work: Work | None = None) -> float:
        """Return the seconds of a processor that it took for its work, or in all."""
        return processor_seconds(self.child.pid) - (work.processor_before if work else 0.0)

    def yield_to_others(self, pace: Pace) -> None:
        """Let its work go on after that of the quicker; what is slow when hardly anybody else needs a processor."""
        self.yields = pace is Pace.SLOW
        # Threads have priorities of their own: the one that evaluates is replaced afterwards, for its priority cannot
        # be raised again.
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{self.child.pid}/task").iterdir():
                if int(thread.name) != self.child.pid:
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), NICENESS[pace])
