"""Remember which questions took long lately, by what stays the same when numbers and remarks change. Knows no language.

Who asks the same again and again with another number is so known before any of it is evaluated. To be wrong costs little:
such a question gives way to others from its start, and is forgotten once it was quick.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from kouan.processes.channel import HEADER

# Numbers, and remarks, which begin after white space: a sign of the same kind stands within addresses.
CHANGING = re.compile(rb"\d+|(?<=\s)#[^\n]*")
MOST = 1000
LONGEST = 64 * 1024


class Shapes:
    """The shapes of questions that took long, the last of them."""

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}

    def knows(self, message: bytes) -> bool:
        """Return whether a question like this one took long."""
        return bool(self._known) and _shape(message) in self._known

    def learn(self, message: bytes) -> None:
        """Remember that a question took long."""
        self._known[_shape(message)] = None
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def forget(self, message: bytes) -> None:
        """Remember no more that questions like this one took long: this one did not."""
        self._known.pop(_shape(message), None)


def _shape(message: bytes) -> bytes:
    # Before what is said of it stands how long it is.
    return blake2b(CHANGING.sub(b"", message[HEADER.size : LONGEST]), digest_size=16).digest()
