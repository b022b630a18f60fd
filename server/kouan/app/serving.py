"""Start everything that serves a snapshot: the forker, the writer, and the HTTP processes; and begin anew with a newer one.

Knows processes, no protocol.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from kouan.app.http_server import connections, listen
from kouan.app.inside import pages_of
from kouan.app.listening import Listeners, address_of, bound, close, take
from kouan.app.outside import THREADS, RsgiApplication, Shared
from kouan.engine.evaluator import require_memory
from kouan.engine.federation import Services
from kouan.engine.forker import Forker
from kouan.engine.local import LocalEngine
from kouan.engine.remote import RemoteEngine
from kouan.errors import DataGone, DataReadOnly, KouanError
from kouan.graph.whole_numbers import whole_number
from kouan.history.exact import ExactStore
from kouan.history.journal import Place
from kouan.http.counters import Counters
from kouan.http.fair_use import FairUse
from kouan.http.forwarded import Front
from kouan.http.tokens import read_tokens
from kouan.processes.child import allow_many_files, require_processes, uninterrupted
from kouan.processes.door import Door
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import SECONDS_TO_SERVE, Generation, Renewal, Role, Supervisor
from kouan.processes.wall import code, has_wall
from kouan.processes.water_mark import HighWaterMark
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.layout import UNFINISHED, locked, sweep
from kouan.snapshot.opening import open_latest, why_read_only
from kouan.snapshot.pruning import in_use
from kouan.writes.asking import write_here
from kouan.writes.policy import policy_of
from kouan.writes.remote import write_there
from kouan.writes.writer import Writer

MOST_WORKERS = 4
NO_WALL = (
    "This system cannot shut evaluators in (no seccomp): what a query could reach is held back by the parser alone.\n"
)
# Processes and threads at rest: those that there is one of, those of an HTTP process beside the threads that answer, and two of
# each evaluator.
OTHERS, OF_ITS_OWN = 6, 8
# Browsers and proxies keep some connections each.
FEW_CONNECTIONS = 256
FEW = (
    "The limit of open files (ulimit -n) lets each HTTP process hold {most} connections; further ones wait until others end, or "
    "have said nothing for a while.\n"
)
# What came of the last time that a server was asked to begin anew, in its folder.
RENEWED = "renewed"
STANDING = ".server-"


def serve(newest: Callable[[], Snapshot], settings: Settings) -> int:
    """Serve the newest snapshot where `listening` says, until a signal ends the process, and return its status.

    `newest` builds it where it has to, now and after a SIGHUP. Raises SettingsError.
    """
    # What is amiss in these is said here, once, and not by every HTTP process; and before anything is built, which takes minutes.
    read_tokens(settings.token)
    Services(settings)
    Front.of(settings)
    snapshot = newest()
    settings = replace(settings, workers=settings.workers or min(MOST_WORKERS, os.cpu_count() or 1))
    if not has_wall():
        sys.stderr.write(NO_WALL)
    code()
    allow_many_files()
    require_processes(OTHERS + settings.workers * (THREADS + OF_ITS_OWN) + 2 * settings.evaluators)
    if (most := connections(settings)) < FEW_CONNECTIONS:
        sys.stderr.write(FEW.format(most=most))
    shared = Shared(Heartbeats(), Counters(), FairUse(settings))
    with contextlib.ExitStack() as stack:
        listeners = stack.enter_context(bound(settings))
        standing = _standing_folder(stack, settings)
        if settings.engine:
            serving: _Serving = _ServingRemote(settings, shared, listeners)
        else:
            serving = _ServingLocal(settings, shared, listeners, stack)
        first = serving.generation(snapshot)
        require_memory(settings)
        renewal = None if settings.engine else _renewal(serving, newest, standing)
        take(listeners)
        return Supervisor(first, drain=settings.drain, renewal=renewal, ending=partial(close, listeners)).run()


def _renewal(serving: _Serving, newest: Callable[[], Snapshot], folder: Path | None) -> Renewal:
    numbers = count(1)

    def prepare() -> None:
        try:
            serving.require()
            newest()
        except KouanError as error:
            sys.stderr.write(f"{error.message}\n")
            sys.exit(1)

    def told(fault: str) -> None:
        said = fault or f"serves {serving.version}"
        sys.stderr.write(f"begun anew: {said}\n")
        with contextlib.suppress(OSError):
            if folder is None:
                return
            unfinished = folder / f"{RENEWED}.unfinished"
            unfinished.write_text(f"{next(numbers)} {'fault' if fault else 'done'} {said}\n", encoding="utf-8")
            # Who waits for it reads all of it or nothing.
            unfinished.replace(folder / RENEWED)

    return Renewal(prepare, lambda: serving.generation(newest()), told)


@dataclass
class _Serving:
    """What makes generations of processes: each serves one state of the data, and all take requests from the same sockets."""

    settings: Settings
    shared: Shared
    listeners: Listeners
    version: str = ""
    made: int = 0

    def generation(self, snapshot: Snapshot) -> Generation:
        """Return the processes that serve a snapshot, none of them started."""
        raise NotImplementedError

    def require(self) -> None:
        """Raise DataGone where nobody may begin anew."""

    def _server(self, snapshot: Snapshot, load: Callable[[int], Any], *doors: Door) -> Role:
        self.version = snapshot.version
        is_first = self.made == 0
        self.made += 1

        def become() -> None:
            if is_first:
                noun = "triple" if not self.settings.engine and snapshot.triples == 1 else "triples"
                # How much another server holds is asked when somebody wants to know.
                what = self.settings.engine or f"{snapshot.triples:,} {noun}"
                sys.stdout.write(f"Kouan serves {what} on {address_of(self.listeners)}\n")
                sys.stdout.flush()
            listen(self.settings, self.listeners, load)

        return Role(
            "server", become, (*(each.fileno() for each in self.listeners), *(door.outside.fileno() for door in doors))
        )


class _ServingLocal(_Serving):
    """Serves a snapshot of this machine."""

    def __init__(self, settings: Settings, shared: Shared, listeners: Listeners, stack: contextlib.ExitStack) -> None:
        super().__init__(settings, shared, listeners)
        self.stack = stack
        self.held: Place | None = None
        # Of whatever generation the writer is.
        self.told = HighWaterMark()

    def generation(self, snapshot: Snapshot) -> Generation:
        """Return the processes that serve a snapshot, none of them started; raises SnapshotError."""
        settings, shared = self.settings, replace(self.shared, heartbeats=Heartbeats())
        told, known = self.told, self.told.number
        with contextlib.ExitStack() as stack:
            opened = open_latest(snapshot, settings)
            snapshot, data = opened.snapshot, opened.data
            if snapshot.number < known:
                # The log that was found now is shorter than what was told of it, and the operator is told why.
                told.fall_back(snapshot.number)
            stack.enter_context(in_use(snapshot))
            others, why_not, fault = [], why_read_only(opened), opened.chain.fault
            if settings.token and not why_not:
                fault = why_not = self._hold(snapshot)
            if fault:
                sys.stderr.write(f"{why_not}\n")
            forker_door, writer_door, writer = stack.enter_context(contextlib.closing(Door())), None, None
            if settings.token and not why_not:
                assert data is not None
                writer_door = stack.enter_context(contextlib.closing(Door()))
                policy = policy_of(snapshot, data, settings)
                writer = Writer(snapshot, data, opened.head, policy, settings, writer_door, shared.heartbeats, told)
                others.append(Role("writer", writer.become, (writer_door.inside.fileno(),)))
            amiss = partial(_amiss, fault, writer.places if writer else ())
            forker = Forker(
                snapshot, data, settings, forker_door, shared.heartbeats, writer_door, pages_of(settings), told
            )
            kept = (forker_door.inside.fileno(), *([writer_door.outside.fileno()] if writer_door else []))
            others.insert(0, Role("forker", forker.become, kept))

            def load(number: int) -> RsgiApplication:
                # Until it serves, whoever hangs is missed too.
                shared.heartbeats.beat(ahead=SECONDS_TO_SERVE)
                engine = LocalEngine(
                    snapshot,
                    forker_door,
                    settings,
                    share=settings.workers,
                    writer=writer_door,
                    told=told if writer_door else None,
                )
                return RsgiApplication(
                    engine, partial(write_here, writer_door, why_not, settings), settings, shared, number, amiss
                )

            server = self._server(snapshot, load, forker_door, *([writer_door] if writer_door else []))
            return Generation(server, others, shared.heartbeats, stack.pop_all().close)

    def _hold(self, snapshot: Snapshot) -> str:
        """Hold the history for as long as this process lives; whoever follows in it writes to the same.

        Returns why nobody can write to it, "" where somebody can; raises SnapshotError where somebody else does.
        """
        if self.held is None:
            try:
                self.stack.enter_context(snapshot.writes.held())
            except DataReadOnly as error:
                return error.message
            self.held = Place(snapshot.writes.folder)
            # What a restore that was killed left, though nothing is to be built.
            for folder in (self.settings.journals, self.settings.snapshots):
                with contextlib.suppress(OSError):
                    sweep(folder, UNFINISHED)
        return ""

    def require(self) -> None:
        """Raise DataGone where the history that is held is not where it was: another one is not its successor."""
        if self.held is not None:
            self.held.require()


def _amiss(fault: str, places: Iterable[Place]) -> str:
    """Return why nothing can be written: what was at fault at the start, or that a folder is not where it was by now."""
    try:
        for place in places:
            place.require()
    except DataGone as error:
        return error.message
    return fault


class _ServingRemote(_Serving):
    """Serves what another server evaluates."""

    def generation(self, snapshot: Snapshot) -> Generation:
        """Return the processes, none of them started."""
        settings, shared = self.settings, self.shared
        multiprocessing.set_start_method("fork", force=True)
        writes = multiprocessing.Value("Q")
        door = Door()
        # The evaluators hold no data: they read what clients write, and what the other server answers.
        forker = Forker(
            snapshot, ExactStore(Store(), merged=False), settings, door, shared.heartbeats, pages=pages_of(settings)
        )

        def load(number: int) -> RsgiApplication:
            shared.heartbeats.beat(ahead=SECONDS_TO_SERVE)
            engine = RemoteEngine(snapshot, door, settings, writes, share=settings.workers)
            return RsgiApplication(engine, partial(write_there, engine, settings), settings, shared, number)

        others = [Role("forker", forker.become, (door.inside.fileno(),))]
        return Generation(self._server(snapshot, load, door), others, shared.heartbeats, door.close)


def _standing_folder(stack: contextlib.ExitStack, settings: Settings) -> Path | None:
    """Return a folder beside the data that shows that this server runs, None where none can be made."""
    try:
        settings.snapshots.mkdir(parents=True, exist_ok=True)
        sweep(settings.snapshots, STANDING)
        with uninterrupted():
            folder, lock = locked(settings.snapshots, f"{STANDING}{os.getpid()}-")
            stack.callback(os.close, lock)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
    except OSError:
        return None
    return folder


def servers(snapshots: Path) -> dict[int, Path]:
    """Return the folders of the servers that serve from a folder of snapshots, by their process.

    Each is held by its server: the number of one that is gone may be anybody's by now, and of a container's first always is.
    """
    with contextlib.suppress(OSError):
        sweep(snapshots, STANDING)
    named = [(whole_number(folder.name.split("-")[1]), folder) for folder in snapshots.glob(f"{STANDING}*-*")]
    return {pid: folder for pid, folder in named if pid is not None and Path(f"/proc/{pid}").exists()}
