"""Let the thread that a question arrives in ask one evaluator, before the event loop hears of it. Knows no limits.

Going from thread to thread costs as much as a small answer. What is not answered at once goes on in the loop, with the evaluator.
"""

from __future__ import annotations

import select
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kouan.engine.pool import Evaluator

SECONDS_AT_HAND = 0.0003
# What a socket takes at one go.
LONGEST = 64 * 1024
# select knows no files above.
MOST_FILES = 1024


@dataclass
class Begun:
    """A question that an evaluator works on, what it has said so far, and whether it ended over it."""

    evaluator: Evaluator
    started: float
    heard: list[tuple[bytes, bytes]] = field(default_factory=list)
    is_lost: bool = False


def is_near(evaluator: Evaluator) -> bool:
    """Return whether an evaluator says something at once."""
    file = evaluator.connection.fileno()
    return 0 <= file < MOST_FILES and bool(select.select([file], [], [], SECONDS_AT_HAND)[0])


class Lane:
    """Holds one evaluator, which one thread at a time may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._evaluator: Evaluator | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether there is no evaluator to ask."""
        return self._evaluator is None

    def put(self, evaluator: Evaluator) -> None:
        """Hold an evaluator that nobody else listens to."""
        with self._lock:
            self._evaluator = evaluator

    def take(self) -> Evaluator | None:
        """Return the evaluator and hold it no more; who asks it at this moment is waited for."""
        with self._lock:
            evaluator, self._evaluator = self._evaluator, None
            return evaluator

    def ask(self, frame: bytes, is_whole: bytes) -> Begun | None:
        """Return what the evaluator says to a question at once; None where it was not asked.

        It is held for the next question only where what it said begins with a frame of the kind that is whole.
        """
        if len(frame) > LONGEST or self._evaluator is None or not self._lock.acquire(blocking=False):
            return None
        try:
            evaluator, self._evaluator = self._evaluator, None
            if evaluator is None:
                return None
            begun = Begun(evaluator, time.monotonic())
            try:
                evaluator.connection.sendall(frame)
            except OSError:
                # It ended while it rested, which nobody's question is to blame for.
                evaluator.connection.close()
                return None
            try:
                if is_near(evaluator):
                    begun.heard.extend(evaluator.inbox.read())
            except EOFError:
                begun.is_lost = True
            if begun.heard and begun.heard[0][0] == is_whole:
                self._evaluator = evaluator
            return begun
        finally:
            self._lock.release()
