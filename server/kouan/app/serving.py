"""Start everything that serves a snapshot: the forker of evaluators and the HTTP processes. Knows processes, no protocol."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from granian import Granian, loops
from granian.constants import HTTPModes, Interfaces, TaskImpl

from kouan.app.factory import Served
from kouan.engine.federation import Services
from kouan.engine.forker import Forker
from kouan.engine.local import EmbeddedEngine
from kouan.engine.remote import RemoteEngine
from kouan.errors import SettingsError
from kouan.http.arrival import ArrivalLoop
from kouan.http.tokens import read_tokens
from kouan.processes.child import ChildProcess, Lifeline
from kouan.settings import Settings, set_variable
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_latest, open_store, why_read_only
from kouan.snapshot.pruning import in_use
from kouan.writes.policy import policy_of
from kouan.writes.writer import Writer

MOST_WORKERS = 4
# A thread's stack, in which a query at hand is parsed and evaluated; what is not touched of it costs no memory.
STACK_BYTES = 16 * 1024 * 1024
SECONDS_TO_STOP = 5


def serve(snapshot: Snapshot, settings: Settings) -> None:
    """Serve a snapshot until a signal ends the process; raises SettingsError where the address cannot be had."""
    _try_address(settings.host, settings.port)
    # What is amiss in these is said here, once, and not by every HTTP process.
    read_tokens(settings.token)
    Services(settings)
    settings = replace(settings, workers=settings.workers or min(MOST_WORKERS, os.cpu_count() or 1))
    # All processes are forks of this one: they share the memory of the store, which none of them changes.
    multiprocessing.set_start_method("fork", force=True)
    if settings.engine:
        writes = multiprocessing.Value("Q")
        _run(settings, snapshot, lambda: Served(RemoteEngine(snapshot, settings, writes), settings))
        return
    opened = open_latest(snapshot, settings)
    snapshot, data = opened.snapshot, opened.data
    lifeline = Lifeline()
    with contextlib.ExitStack() as stack:
        stack.enter_context(in_use(snapshot))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kouan-")))
        writer, read_only = "", why_read_only(opened)
        if opened.chain.fault:
            sys.stderr.write(f"{read_only}\n")
        if settings.token and not read_only:
            assert data is not None
            writer = str(folder / "writer")
            stack.enter_context(snapshot.writes.held())
            policy = policy_of(snapshot, data, settings)
            _run_beside(stack, Writer(snapshot, data, opened.head, policy, settings, writer, lifeline))
        forker = str(folder / "forker")
        _run_beside(stack, Forker(snapshot, data, settings, forker, lifeline, writer))

        def load() -> Served:
            lifeline.let_go()
            _settle()
            # Threads of a store on disk do not survive a fork, so each process opens it for itself.
            here = data.store if data is not None else open_store(snapshot)
            engine = EmbeddedEngine(
                snapshot,
                forker,
                settings,
                store=here,
                data=data,
                share=settings.workers,
                writer=writer,
                read_only=read_only,
            )
            return Served(engine, settings)

        _run(settings, snapshot, load)


def _run_beside(stack: contextlib.ExitStack, process: ChildProcess) -> None:
    process.start()
    stack.callback(process.end)


def _try_address(host: str, port: int) -> None:
    """Raise SettingsError where nobody could listen; the HTTP processes would share a taken port without a word."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --port or --host."
        ) from error


@loops.register("auto")
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop that the HTTP server works in."""
    loop = ArrivalLoop()
    asyncio.set_event_loop(loop)
    return loop


def _run(settings: Settings, snapshot: Snapshot, load: Callable[[], Any]) -> None:
    sys.stdout.write(f"Kouan serves {snapshot.triples:,} triples on http://{settings.host}:{settings.port}\n")
    sys.stdout.flush()
    listen(settings, load)


def listen(settings: Settings, load: Callable[[], Any]) -> None:
    """Run the HTTP processes, each of which serves what it loads, until a signal ends this one."""

    def ready() -> Any:
        _take_turns()
        return load()

    # The threads of the HTTP server are made by Rust's library, which asks here.
    set_variable("RUST_MIN_STACK", str(STACK_BYTES))
    server = Granian(
        "kouan.app.serving",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        # Its own tasks are faster, but never let go of a future that was waited for, whatever that holds.
        task_impl=TaskImpl.asyncio,
        http=HTTPModes.auto,
        # It warns at each start that its faster tasks are new.
        log_level="error",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        websockets=False,
    )
    server.serve(target_loader=ready, wrap_loader=False)


def _take_turns() -> None:
    """Let no thread that wakes interrupt another of this process: a hand that is full of answers is worth the wait."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _settle() -> None:
    """Let what stands now stand for ever: a request makes little garbage in cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
