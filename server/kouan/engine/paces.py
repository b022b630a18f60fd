"""Say how much of a processor questions take, and remember it by what stays the same when numbers and remarks change.

Who asks the same again and again with another number is so known before any of it is evaluated. To be wrong costs little:
such a question is asked beside its like, and is known as what it was then. Knows no language.
"""

from __future__ import annotations

import re
from enum import IntEnum
from hashlib import blake2b

from kouan.processes.channel import HEADER

# Numbers, and remarks, which begin after white space: a sign of the same kind stands within addresses.
CHANGING = re.compile(rb"\d+|(?<=\s)#[^\n]*")
MOST = 1000
LONGEST = 64 * 1024


class Pace(IntEnum):
    """How long a question keeps a processor; those of each pace wait for none but their like."""

    QUICK = 0
    MODERATE = 1
    SLOW = 2


# After so many seconds of a processor a question is of the next pace.
MODERATE_SECONDS = 0.05
SLOW_SECONDS = 0.25


def pace_after(seconds: float) -> Pace:
    """Return the pace of a question that took so many seconds of a processor."""
    return Pace((seconds > MODERATE_SECONDS) + (seconds > SLOW_SECONDS))


class Paces:
    """The shapes of questions that were not quick when they were asked last."""

    def __init__(self) -> None:
        self._known: dict[bytes, Pace] = {}

    def of(self, message: bytes) -> Pace:
        """Return the pace of a question, as far as one like it was asked."""
        return self._known.get(_shape(message), Pace.QUICK) if self._known else Pace.QUICK

    def learn(self, message: bytes, pace: Pace) -> None:
        """Remember the pace of a question, or that it is quick after all."""
        shape = _shape(message)
        self._known.pop(shape, None)
        if pace:
            self._known[shape] = pace
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]


def _shape(message: bytes) -> bytes:
    # Before what is said of it stands how long it is.
    return blake2b(CHANGING.sub(b"", message[HEADER.size : LONGEST]), digest_size=16).digest()
