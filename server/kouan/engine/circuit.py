"""Stop asking an engine that does not answer, and try it again by and by. Knows no engine."""

from __future__ import annotations

import threading
import time

from kouan.errors import BadGateway

FAILURES = 3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class Circuit:
    """Open after some failures in a row; then one question at a time tries whether the engine is back."""

    def __init__(self, who: str = "The engine behind this server") -> None:
        """Take who is asked, for what is said while nobody asks."""
        self.who = who
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._closed_again = 0.0

    def enter(self) -> None:
        """Raise BadGateway while the engine is left alone."""
        with self._lock:
            if self._failures < FAILURES:
                return
            now = time.monotonic()
            if now < self._closed_again:
                raise BadGateway(
                    f"{self.who} does not answer; it is tried again in {self._closed_again - now:.0f} s.",
                    retry_after=round(self._closed_again - now, 1),
                )
            # This one goes through to see; the others wait for what it meets.
            self._closed_again = now + self._pause

    def succeed(self) -> None:
        """Say that the engine answered."""
        with self._lock:
            self._failures = 0
            self._pause = FIRST_PAUSE

    def fail(self, *, surely: bool = False) -> None:
        """Say that the engine did not answer; `surely` where that was looked into already."""
        with self._lock:
            self._failures += FAILURES if surely else 1
            if self._failures >= FAILURES:
                self._closed_again = time.monotonic() + self._pause
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
