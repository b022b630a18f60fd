"""Run the HTTP processes: Granian's, over sockets that were bound before. Knows Granian, not what is served.

On Linux Granian binds a socket for each of its processes, and what waits at one is lost when its process ends. Here each is
given one that outlives it, in the place of that which its `_init_shared_socket` would have made.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from granian import Granian, loops
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, TaskImpl

from kouan.app.listening import BACKLOG, Listeners, keep_room, leave
from kouan.http.arrival import ArrivalLoop
from kouan.processes.child import call_oneself, end_with_parent
from kouan.processes.memory import collect_seldom
from kouan.processes.supervisor import LEAVE
from kouan.settings import Settings, set_variable

# Connections that one process holds; past them others wait at the socket. A client that says nothing holds one of them for half
# a minute, or until others need it, and costs little memory, so that many such keep nobody out.
MOST_CONNECTIONS, LEAST_CONNECTIONS = 16_384, 16
# The files that a process has open besides, and those that an evaluator costs it: a channel, a handle, a large answer.
OWN_FILES, FILES_AN_EVALUATOR = 32, 3
# Granian ends where one of its processes ends so soon after it was started again, and with it all the others. Those that were
# killed twice are no reason; those that cannot even start are.
GRANIANS_SECONDS_TO_SETTLE, SECONDS_TO_SETTLE = 5.5, 1.0
# The system may give no process for a while.
SECONDS_BETWEEN_TRIES = 0.5
# A thread's stack, in which requests are read; what is not touched of it costs no memory.
STACK_BYTES = 16 * 1024 * 1024


@loops.register("auto")
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop that the HTTP server works in."""
    loop = ArrivalLoop()
    asyncio.set_event_loop(loop)
    return loop


class Interrupt:
    """What wakes Granian's loop, in the place of its `threading.Event`, and may be set by a signal at any moment.

    An Event is set under a lock, for which a handler waits for ever that comes over its own thread as that begins to wait.
    """

    def __init__(self) -> None:
        # Of all queues this one may be put into from a handler that interrupts whoever is at it.
        self._told: SimpleQueue[bool] = SimpleQueue()

    def set(self) -> None:
        """Wake who waits, now or later, until `clear`."""
        self._told.put(True)

    def wait(self) -> None:
        """Wait until it is set."""
        self._told.put(self._told.get())

    def clear(self) -> None:
        """Let whoever waits from now on wait for the next time."""
        with contextlib.suppress(Empty):
            while True:
                self._told.get_nowait()


class _Server(Granian):  # type: ignore[valid-type, misc]
    """Granian over sockets that are there already."""

    bound: Listeners
    # Which of its processes is forked next.
    number = 0

    def _init_shared_socket(self) -> None:
        self._use(self.bound[0])

    def _use(self, listener: socket.socket) -> None:
        self._ssp = None
        self._sfd = listener.fileno()
        self._shd = SocketHolder(self._sfd, listener.family == socket.AF_UNIX, BACKLOG)  # type: ignore[call-arg]
        self._sso = listener

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        self.number = idx
        self._use(self.bound[idx % len(self.bound)])
        return super()._spawn_worker(idx, target, callback_loader)

    def _spawn_workers(self, *args: Any) -> None:
        with _deferred():
            super()._spawn_workers(*args)

    def _respawn_workers(self, workers: list[int], *args: Any, **named: Any) -> None:
        for index in workers:
            before = list(self.wrks)
            while not self.interrupt_signal:
                try:
                    with _deferred():
                        super()._respawn_workers([index], *args, **named)
                    break
                except OSError as error:
                    # The others go on meanwhile, and who waits at its socket waits for the next.
                    self.wrks[:] = before
                    sys.stderr.write(f"no HTTP process could be started ({error.strerror}); it is tried again\n")
                    time.sleep(SECONDS_BETWEEN_TRIES)
            if index in self.respawned_wrks:
                self.respawned_wrks[index] -= GRANIANS_SECONDS_TO_SETTLE - SECONDS_TO_SETTLE
        if self.interrupt_signal:
            # Granian forgets that it was asked to end while it looked at who had ended.
            self.main_loop_interrupt.set()

    def shutdown(self, exit_code: int = 0) -> None:
        # Granian says that it failed where a process that was killed was not replaced yet.
        with contextlib.suppress(SystemExit) if self.interrupt_signal else contextlib.nullcontext():
            super().shutdown(exit_code)


@contextlib.contextmanager
def _deferred() -> Iterator[None]:
    """Let processes be forked that are asked to end from the first moment on: each takes the question up when it can answer it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def listen(settings: Settings, listeners: Listeners, load: Callable[[int], Any]) -> None:
    """Run the HTTP processes, each of which serves what it loads by its number, until a signal ends this one."""
    multiprocessing.set_start_method("fork", force=True)
    parent = os.getpid()
    most = connections(settings)
    for listener in listeners:
        listener.setblocking(False)

    def ready() -> Any:
        end_with_parent(parent)
        # Until it serves, nothing is lost with it; the handler that it was forked with would swallow the signal.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.signal(LEAVE, lambda *_: leave(listeners))
        call_oneself("http")
        _take_turns()
        loaded = load(server.number)
        _settle()
        threading.Thread(target=keep_room, args=(listeners, most), daemon=True).start()
        return loaded

    # The threads of the HTTP server are made by Rust's library, which asks here.
    set_variable("RUST_MIN_STACK", str(STACK_BYTES))
    server = _Server(
        "kouan.app.http_server",
        interface=Interfaces.RSGI,
        workers=settings.workers,
        backpressure=most,
        # Its own tasks are faster, but never let go of a future that was waited for, whatever that holds.
        task_impl=TaskImpl.asyncio,
        http=HTTPModes.auto,
        # It warns at each start that its faster tasks are new.
        log_level="error",
        respawn_failed_workers=True,
        # Between one that ended and the next nobody has to wait.
        respawn_interval=0.05,
        # Before the supervisor's patience is at its end, so that the end is a good one.
        workers_kill_timeout=max(1, int(settings.drain) - 2),
        websockets=False,
    )
    server.bound = listeners
    server.main_loop_interrupt = Interrupt()
    server.serve(target_loader=ready, wrap_loader=False)


def connections(settings: Settings) -> int:
    """Return how many connections one process holds: what the limit of open files leaves beside all else that it opens."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    evaluators = -(-settings.evaluators_most // max(1, settings.workers))
    left = limit - OWN_FILES - FILES_AN_EVALUATOR * evaluators
    return min(MOST_CONNECTIONS, max(LEAST_CONNECTIONS, left))


def _take_turns() -> None:
    """Let no thread that wakes interrupt another of this process: a hand that is full of answers is worth the wait."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _settle() -> None:
    """Let what stands now stand for ever: a request makes little garbage in cycles."""
    gc.collect()
    gc.freeze()
    collect_seldom()
