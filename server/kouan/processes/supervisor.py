"""Keep some processes alive, lead over to others that serve newer data, and end with the one that matters.

One thread, one loop: it forks, so it may have no threads; it reaps whatever ends, also what was left to it as process 1. Knows
processes and signals, not what any of them does.
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
from itertools import chain

from kouan.processes.child import Child, adopt, children_of, end, is_stopped, start, started_at
from kouan.processes.heartbeat import Heartbeats

SECONDS_BETWEEN_LOOKS = 0.25
# One that ends at once again and again is started less and less often.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0
SETTLED_SECONDS = 1.0
# A process that was stopped is replaced after so long; one that hangs falls silent (see the heartbeats).
STOPPED_SECONDS = 1.0
# Whoever did not look for so long was stopped itself, and so may all others have been.
SECONDS_AWAY = 2.0
# What begins anew may take so long to serve, and what it follows may work so long beside it.
SECONDS_TO_SERVE = 60.0
SECONDS_BESIDE = 3.0
# With this a process ends that cannot go on with the data as it stands by now: everybody begins anew with that.
AMISS = 3
# What asks the processes that a server started to take nobody new; who was taken by then has so long to say what it wants.
LEAVE = signal.SIGUSR1
SECONDS_TO_ASK = 0.5


@dataclass
class Role:
    """A process that is to be there: what it becomes, and the files it keeps."""

    name: str
    become: Callable[[], None]
    keep: tuple[int, ...] = ()
    child: Child | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)
    due: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start the process; where the system gives none, it is due again in a moment."""
        self.started = time.monotonic()
        try:
            self.child = start(self.name, self.become, self.keep)
        except OSError as error:
            self.put_off(self.started)
            sys.stderr.write(f"the {self.name} could not be started ({error.strerror}); it is tried again\n")

    def put_off(self, now: float) -> None:
        """Let the process be due after a pause, a longer one each time that it ended at once."""
        self.pause = FIRST_PAUSE if now - self.started > SETTLED_SECONDS else min(2 * self.pause, LONGEST_PAUSE)
        self.due = now + self.pause

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send the process a signal; nothing where there is none."""
        if self.child is not None:
            self.child.end(how)

    def end_children(self, how: signal.Signals) -> None:
        """Send what the process started a signal."""
        if self.child is not None:
            for pid in children_of(self.child.pid):
                with contextlib.suppress(OSError):
                    handle = os.pidfd_open(pid)
                    signal.pidfd_send_signal(handle, how)
                    os.close(handle)


@dataclass(eq=False)
class Generation:
    """The processes that serve one state of the data: the server, the others, and the heartbeats of what the server starts.

    `close` lets go of what is held for them.
    """

    server: Role
    others: list[Role]
    heartbeats: Heartbeats
    close: Callable[[], None] = field(default=lambda: None)
    since: float = field(default=0.0, init=False)
    is_asked: bool = field(default=False, init=False)

    @property
    def roles(self) -> list[Role]:
        """Return every process of it."""
        return [*self.others, self.server]

    def start(self) -> None:
        """Start every process."""
        self.since = time.monotonic()
        for role in self.roles:
            role.start()


@dataclass(frozen=True)
class Renewal:
    """How to begin anew with newer data: what a process of its own does first, and what returns the next generation after it.

    `told` hears what came of it.
    """

    prepare: Callable[[], None]
    renew: Callable[[], Generation]
    told: Callable[[str], None]


class Supervisor:
    """Starts a generation, replaces its processes that end or fall silent, and ends when its server was asked to and has."""

    def __init__(
        self,
        first: Generation,
        *,
        drain: float,
        renewal: Renewal | None = None,
        ending: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the seconds that the server may take to end once asked to, and what is called when it is asked."""
        self.current = first
        self.coming: Generation | None = None
        self.leaving: list[Generation] = []
        self.drain = drain
        self.renewal = renewal
        self.when_ending = ending
        self.ending = 0.0
        # How often this process was asked to end, which the signal's handler alone counts, and how often it did something about it.
        self._asked = self._answered = 0
        self._preparing: Child | None = None
        self._wants_renewal = False
        self._looked = 0.0
        self._stopped: dict[tuple[int, int], float] = {}
        self._seen = self._awake = time.monotonic()
        self._pid = os.getpid()
        self._wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    @property
    def _generations(self) -> list[Generation]:
        return [self.current, *([self.coming] if self.coming else []), *self.leaving]

    def run(self) -> int:
        """Return the status of the server after it ended and every other process with it."""
        adopt()
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._ask_to_end)
        signal.signal(signal.SIGHUP, self._ask_for_renewal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.current.start()
        while True:
            with contextlib.suppress(InterruptedError):
                if select.select([self._wake], [], [], SECONDS_BETWEEN_LOOKS)[0]:
                    os.read(self._wake, 512)
            while self._answered < self._asked:
                self._answered += 1
                self._end_well()
            status = self._reap()
            if status is None and self.ending and self.current.server.child is None:
                # It had ended before it was asked to, and is not started again.
                status = 0
            if status is not None:
                self._end_all()
                return status
            self._look()

    def _ask_to_end(self, number: int, _: object) -> None:
        """Note that this process was asked to end: whoever it is just about to start is asked too, once it is there."""
        del number
        self._asked += 1

    def _end_well(self) -> None:
        """Ask the server to end well; asked twice, at once."""
        self._wants_renewal = False
        self.when_ending()
        for generation in self._generations:
            if self.ending:
                generation.server.end()
            generation.server.end(signal.SIGTERM)
        self.ending = self.ending or time.monotonic()

    def _ask_for_renewal(self, number: int, _: object) -> None:
        del number
        self._wants_renewal = self.renewal is not None and not self.ending

    def _reap(self) -> int | None:
        """Return the current server's status where it has ended; start anew what else has."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if self._preparing is not None and self._preparing.pid == pid:
                self._preparing.forget()
                self._preparing = None
                self._prepared(os.waitstatus_to_exitcode(status))
            for generation in self._generations:
                for role in generation.roles:
                    if role.child is not None and role.child.pid == pid:
                        role.child.forget()
                        role.child = None
                        code = os.waitstatus_to_exitcode(status)
                        if generation is self.current and role is generation.server and self._is_over(code):
                            # Who was ended past the limit, or before it had begun, was to end.
                            return 0 if self.ending and -code in {signal.SIGKILL, signal.SIGTERM} else code
                        self._ended(generation, role, code)

    def _is_over(self, code: int) -> bool:
        """Return whether the end of the server is everybody's: it was asked to end, or says that it cannot even start."""
        return bool(self.ending) or (code >= 0 and not self.current.heartbeats.has_served)

    def _ended(self, generation: Generation, role: Role, status: int) -> None:
        if generation in self.leaving:
            if role is generation.server:
                self._let_go(generation)
                self.leaving.remove(generation)
            return
        if generation is self.coming and role is generation.server:
            self._give_up("what was begun anew ended before it served")
            return
        if status == AMISS and self.renewal and self.coming is None and self._preparing is None:
            self._wants_renewal = True
        role.put_off(time.monotonic())
        sys.stderr.write(f"the {role.name} ended; it is started again\n")

    def _look(self) -> None:
        now = time.monotonic()
        self._awake = now if now - self._seen > SECONDS_AWAY else self._awake
        self._seen = now
        if now - self._looked > 1.0:
            self._looked = now
            silent = [] if self.ending else [g.heartbeats.end_silent(self._awake) for g in self._generations]
            for pid in chain(self._end_stopped(now), *silent):
                sys.stderr.write(f"the process {pid} does not answer; it is replaced\n")
        if self.ending and now - self.ending > self.drain:
            for generation in self._generations:
                generation.server.end()
        self._renew(now)
        for generation in self._generations:
            for role in generation.roles:
                if role.child is None and now >= role.due and not self.ending and generation not in self.leaving:
                    role.start()

    def _end_stopped(self, now: float) -> list[int]:
        """Return the processes that were stopped for a while, after they were ended: our children, and those that they started."""
        ours = children_of(self._pid)
        all_of_them = [*ours, *chain.from_iterable(map(children_of, ours))]
        stopped = [(pid, started_at(pid)) for pid in all_of_them if is_stopped(pid)]
        self._stopped = {each: self._stopped.get(each, now) for each in stopped}
        found = [each for each, since in self._stopped.items() if now - max(since, self._awake) > STOPPED_SECONDS]
        # Who goes on again by now is left alone: it may be at a request already.
        return [pid for pid, started in found if is_stopped(pid) and end(pid, started)]

    def _renew(self, now: float) -> None:
        """Go a step from what serves to what is to follow it."""
        if self._wants_renewal and self._preparing is None and self.coming is None:
            assert self.renewal is not None
            self._wants_renewal = False
            try:
                self._preparing = start("builder", self.renewal.prepare)
            except OSError as error:
                self.renewal.told(
                    f"no process could be started ({error.strerror}); what was served before is served on"
                )
        if self.coming is not None and self.coming.heartbeats.has_served:
            before, self.current, self.coming = self.current, self.coming, None
            self.leaving.append(before)
            before.since = now
            before.server.end_children(LEAVE)
            assert self.renewal is not None
            self.renewal.told("")
        elif self.coming is not None and now - self.coming.since > SECONDS_TO_SERVE:
            self._give_up(f"what was begun anew did not serve within {SECONDS_TO_SERVE:.0f} seconds")
        for generation in self.leaving:
            if now - generation.since > SECONDS_TO_ASK and not generation.is_asked:
                generation.is_asked = True
                generation.server.end(signal.SIGTERM)
            if now - generation.since > SECONDS_BESIDE:
                # Whoever writes gives way to the next; who reads may go on to the end of its answer.
                for role in generation.others:
                    if role.name == "writer":
                        role.end()
            if now - generation.since > self.drain:
                generation.server.end()

    def _prepared(self, status: int) -> None:
        assert self.renewal is not None
        if self.ending:
            return
        if status:
            self.renewal.told("the newer data could not be made ready; what was served before is served on")
            return
        try:
            self.coming = self.renewal.renew()
        except Exception as error:
            self.renewal.told(f"{error}; what was served before is served on")
            return
        self.coming.start()

    def _give_up(self, why: str) -> None:
        assert self.coming is not None
        assert self.renewal is not None
        self.coming.server.end()
        self._let_go(self.coming)
        self.coming = None
        self.renewal.told(f"{why}; what was served before is served on")

    def _let_go(self, generation: Generation) -> None:
        for role in generation.others:
            role.end()
        generation.close()

    def _end_all(self) -> None:
        for generation in self._generations:
            for role in generation.roles:
                role.end()
        for generation in self._generations:
            for role in generation.roles:
                if role.child is not None:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(role.child.pid, 0)
