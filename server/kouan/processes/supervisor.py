"""Keep some processes alive, and end with the one that matters. Knows processes and signals, not what any of them does.

One thread, one loop: it forks, so it may have no threads; it reaps whatever ends, also what was left to it as process 1.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kouan.processes.child import Child, start
from kouan.processes.heartbeat import Heartbeats

SECONDS_BETWEEN_LOOKS = 0.25
# One that ends at once again and again is started less and less often.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
SETTLED_SECONDS = 10.0
# A process that says nothing for so long is stopped, hung or swapped out, and is replaced.
SILENT_SECONDS = 3.0


@dataclass
class Role:
    """A process that is to be there: what it becomes, the files it keeps, and how it is seen to answer.

    `answers` returns whether it answered lately; None watches only whether it lives.
    """

    name: str
    become: Callable[[], None]
    keep: tuple[int, ...] = ()
    answers: Callable[[], bool] | None = None
    child: Child | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)
    due: float = field(default=0.0, init=False)
    silent_since: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the process."""
        self.child = start(self.name, self.become, self.keep)
        self.started = time.monotonic()
        self.silent_since = 0.0


class Supervisor:
    """Starts roles, replaces those that end or fall silent, and ends when `server` was asked to end and has."""

    def __init__(self, server: Role, others: list[Role], heartbeats: Heartbeats, *, drain: float) -> None:
        """Take the heartbeats of what the server starts itself, and the seconds that it may take to end once asked to."""
        self.server = server
        self.others = others
        self.heartbeats = heartbeats
        self.drain = drain
        self.ending = 0.0
        self._looked = 0.0
        self._wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> int:
        """Return the status of the server after it ended and every other process with it."""
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, self._pass_on)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for role in [*self.others, self.server]:
            role.start()
        while True:
            with contextlib.suppress(InterruptedError):
                if select.select([self._wake], [], [], SECONDS_BETWEEN_LOOKS)[0]:
                    os.read(self._wake, 512)
            status = self._reap()
            if status is not None:
                self._end_all()
                return status
            self._look()

    def _pass_on(self, number: int, _: object) -> None:
        """Ask the server to end well, or to start its workers anew."""
        if self.server.child is None:
            return
        if number == signal.SIGHUP:
            self.server.child.end(signal.SIGHUP)
            return
        if self.ending:
            # Asked twice: at once.
            self.server.child.end()
        self.ending = self.ending or time.monotonic()
        self.server.child.end(signal.SIGTERM)

    def _reap(self) -> int | None:
        """Return the server's status where it has ended; start anew what else has."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            for role in [self.server, *self.others]:
                if role.child is not None and role.child.pid == pid:
                    role.child.forget()
                    role.child = None
                    if role is self.server and self._is_over():
                        return os.waitstatus_to_exitcode(status)
                    self._start_again(role)

    def _is_over(self) -> bool:
        """Return whether the end of the server is everybody's: it was asked to end, or cannot even start."""
        return bool(self.ending) or not self.heartbeats.has_served

    def _start_again(self, role: Role) -> None:
        now = time.monotonic()
        role.pause = FIRST_PAUSE if now - role.started > SETTLED_SECONDS else min(2 * role.pause, LONGEST_PAUSE)
        role.due = now + role.pause
        sys.stderr.write(f"the {role.name} ended; it is started again\n")

    def _look(self) -> None:
        now = time.monotonic()
        if not self.ending and now - self._looked > 1.0:
            self._looked = now
            for pid in self.heartbeats.end_silent():
                sys.stderr.write(f"the process {pid} does not answer; it is replaced\n")
        if self.ending and now - self.ending > self.drain and self.server.child is not None:
            self.server.child.end()
        for role in [*self.others, self.server]:
            if role.child is None:
                if now >= role.due and not self.ending:
                    role.start()
            elif role.answers is not None and now - role.started > SILENT_SECONDS:
                role.silent_since = 0.0 if role.answers() else role.silent_since or now
                if role.silent_since and now - role.silent_since > SILENT_SECONDS:
                    sys.stderr.write(f"the {role.name} does not answer; it is replaced\n")
                    role.child.end()

    def _end_all(self) -> None:
        for role in self.others:
            if role.child is not None:
                role.child.end()
        for role in self.others:
            if role.child is not None:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(role.child.pid, 0)
