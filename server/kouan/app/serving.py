"""Start everything that serves a snapshot: the forker, the writer, and the HTTP processes. Knows processes, no protocol."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian, loops
from granian.constants import HTTPModes, Interfaces, TaskImpl
from pyoxigraph import Store

from kouan.app.inside import create_inside, pages_of
from kouan.app.outside import Served, Shared
from kouan.engine.federation import Services
from kouan.engine.forker import Forker, answers, listen_at
from kouan.engine.local import LocalEngine
from kouan.engine.remote import RemoteEngine
from kouan.errors import SettingsError
from kouan.history.exact import ExactStore
from kouan.http.arrival import ArrivalLoop
from kouan.http.counters import Counters
from kouan.http.fair_use import FairUse
from kouan.http.forwarded import Front
from kouan.http.tokens import read_tokens
from kouan.processes.child import call_oneself, end_with_parent
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import Role, Supervisor
from kouan.processes.wall import has_wall
from kouan.settings import Settings, set_variable
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_latest, why_read_only
from kouan.snapshot.pruning import in_use
from kouan.writes.policy import policy_of
from kouan.writes.remote import write_there
from kouan.writes.writer import Writer, write_here

MOST_WORKERS = 4
UNIX = "unix:"
# A thread's stack, in which requests are read; what is not touched of it costs no memory.
STACK_BYTES = 16 * 1024 * 1024
NO_WALL = (
    "This system cannot shut evaluators in (no seccomp): what a query could reach is held back by the parser alone.\n"
)


def serve(snapshot: Snapshot, settings: Settings) -> int:
    """Serve a snapshot where `listening` says, until a signal ends the process, and return its status; raises SettingsError."""
    # What is amiss in these is said here, once, and not by every HTTP process.
    read_tokens(settings.token)
    Services(settings)
    Front.of(settings)
    settings = replace(settings, workers=settings.workers or min(MOST_WORKERS, os.cpu_count() or 1))
    if not has_wall():
        sys.stderr.write(NO_WALL)
    if settings.engine:
        return _serve_remote(snapshot, settings)
    shared = Shared(heartbeats := Heartbeats(), Counters(), FairUse(settings))
    with contextlib.ExitStack() as stack:
        folder = _folder_of_sockets(stack, settings)
        at_forker, at_writer = str(folder / "forker"), str(folder / "writer")
        opened = open_latest(snapshot, settings)
        snapshot, data = opened.snapshot, opened.data
        stack.enter_context(in_use(snapshot))
        roles, why_not = [], why_read_only(opened)
        if opened.chain.fault:
            sys.stderr.write(f"{why_not}\n")
        takes_writes = bool(settings.token) and not why_not
        if takes_writes:
            assert data is not None
            stack.enter_context(snapshot.writes.held())
            listener = stack.enter_context(listen_at(at_writer))
            policy = policy_of(snapshot, data, settings)
            writer = Writer(snapshot, data, opened.head, policy, settings, listener, heartbeats)
            roles.append(Role("writer", writer.become, (listener.fileno(),)))
        listener = stack.enter_context(listen_at(at_forker))
        forker = Forker(snapshot, data, settings, listener, at_writer if takes_writes else "", pages_of(settings))
        roles.insert(0, Role("forker", forker.become, (listener.fileno(),), partial(answers, at_forker)))

        def load() -> Served:
            address = at_writer if takes_writes else ""
            engine = LocalEngine(snapshot, at_forker, settings, share=settings.workers, writer=address)
            fault = opened.chain.fault
            return Served(engine, partial(write_here, address, why_not, settings), settings, shared, fault=fault)

        server = Role("server", partial(_listen, settings, snapshot, load))
        return Supervisor(server, roles, heartbeats, drain=settings.drain).run()


def _serve_remote(snapshot: Snapshot, settings: Settings) -> int:
    multiprocessing.set_start_method("fork", force=True)
    writes = multiprocessing.Value("Q")
    shared = Shared(heartbeats := Heartbeats(), Counters(), FairUse(settings))
    with contextlib.ExitStack() as stack:
        at_forker = str(_folder_of_sockets(stack, settings) / "forker")
        listener = stack.enter_context(listen_at(at_forker))
        # The evaluators hold no data: they read what clients write, and what the other server answers.
        forker = Forker(snapshot, ExactStore(Store(), merged=False), settings, listener)

        def load() -> Served:
            engine = RemoteEngine(snapshot, at_forker, settings, writes, share=settings.workers)
            inside = create_inside(engine.answer_question, lambda: engine.snapshot, settings)
            return Served(engine, partial(write_there, engine, settings), settings, shared, inside)

        roles = [Role("forker", forker.become, (listener.fileno(),), partial(answers, at_forker))]
        server = Role("server", partial(_listen, settings, snapshot, load))
        return Supervisor(server, roles, heartbeats, drain=settings.drain).run()


def _folder_of_sockets(stack: contextlib.ExitStack, settings: Settings) -> Path:
    """Return a folder for the sockets of this server beside its data, or elsewhere where that cannot be written."""
    with contextlib.suppress(OSError):
        settings.snapshots.mkdir(parents=True, exist_ok=True)
        _sweep(settings.snapshots)
        folder = Path(tempfile.mkdtemp(prefix=f".sockets-{os.getpid()}-", dir=settings.snapshots))
        # The name of a socket is short (unix(7)).
        if len(str(folder)) < 90:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            return folder
        folder.rmdir()
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kouan-")))


def _sweep(snapshots: Path) -> None:
    """Remove the sockets of servers that are gone."""
    for folder in snapshots.glob(".sockets-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def listening(settings: Settings) -> Settings:
    """Return the settings with the address that their host means; raises SettingsError where nobody could listen there.

    The HTTP processes would share a taken port without a word.
    """
    host, port = settings.host, settings.port
    if host.startswith(UNIX):
        return settings
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = sorted(found, key=lambda each: each[0] != socket.AF_INET)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --port or --host."
        ) from error
    return replace(settings, host=str(address[0]))


def _address(settings: Settings) -> str:
    """Return the address as a browser takes it, or the socket."""
    if settings.host.startswith(UNIX):
        return settings.host
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


@loops.register("auto")
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop that the HTTP server works in."""
    loop = ArrivalLoop()
    asyncio.set_event_loop(loop)
    return loop


def _listen(settings: Settings, snapshot: Snapshot, load: Callable[[], Any]) -> None:
    noun = "triple" if snapshot.triples == 1 else "triples"
    sys.stdout.write(f"Kouan serves {snapshot.triples:,} {noun} on {_address(settings)}\n")
    sys.stdout.flush()
    listen(settings, load)


def listen(settings: Settings, load: Callable[[], Any]) -> None:
    """Run the HTTP processes, each of which serves what it loads, until a signal ends this one."""
    multiprocessing.set_start_method("fork", force=True)
    parent = os.getpid()

    def ready() -> Any:
        end_with_parent(parent)
        call_oneself("http")
        _take_turns()
        loaded = load()
        _settle()
        return loaded

    # The threads of the HTTP server are made by Rust's library, which asks here.
    set_variable("RUST_MIN_STACK", str(STACK_BYTES))
    server = Granian(
        "kouan.app.serving",
        address=settings.host,
        port=settings.port,
        uds=Path(settings.host.removeprefix(UNIX)) if settings.host.startswith(UNIX) else None,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        # Its own tasks are faster, but never let go of a future that was waited for, whatever that holds.
        task_impl=TaskImpl.asyncio,
        http=HTTPModes.auto,
        # It warns at each start that its faster tasks are new.
        log_level="error",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        # Between one that ended and the next nobody has to wait.
        respawn_interval=0.05,
        workers_kill_timeout=max(1, int(settings.drain)),
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
