"""Start everything that serves a snapshot: the nursery of evaluators and the HTTP processes. Knows processes, no protocol."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, TaskImpl
from pyoxigraph import Store

from kouan.app import Served
from kouan.engine import EmbeddedEngine, RemoteEngine
from kouan.engine.nursery import Nursery, nursery, open_store
from kouan.errors import SettingsError
from kouan.settings import Settings
from kouan.snapshot import Snapshot

MOST_WORKERS = 4
SECONDS_TO_STOP = 5


def serve(snapshot: Snapshot, settings: Settings) -> None:
    """Serve a snapshot until a signal ends the process; raises SettingsError where the address cannot be had."""
    _try_address(settings.host, settings.port)
    settings = replace(settings, workers=settings.workers or min(MOST_WORKERS, os.cpu_count() or 1))
    # All processes are forks of this one: they share the memory of the store, which none of them changes.
    multiprocessing.set_start_method("fork", force=True)
    if settings.engine:
        _run(settings, snapshot, lambda: Served(RemoteEngine(settings), snapshot, settings))
        return
    store = open_store(snapshot) if snapshot.storage == "memory" else None
    with nursery(snapshot, store, settings) as running:
        _run(settings, snapshot, lambda: _served(snapshot, store, running, settings))


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


def _run(settings: Settings, snapshot: Snapshot, load: Callable[[], Any]) -> None:
    """Run the HTTP processes until a signal ends this one."""
    sys.stdout.write(f"Kouan serves {snapshot.triples:,} triples on http://{settings.host}:{settings.port}\n")
    sys.stdout.flush()
    server = Granian(
        "kouan.serving",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        # The faster tasks of the server work up to Python 3.11.
        task_impl=TaskImpl.rust if sys.version_info < (3, 12) else TaskImpl.asyncio,
        http=HTTPModes.auto,
        # It warns at each start that its faster tasks are new.
        log_level="error",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        websockets=False,
    )
    server.serve(target_loader=load, wrap_loader=False)


def _served(snapshot: Snapshot, store: Store | None, running: Nursery, settings: Settings) -> Any:
    """Return what one HTTP process serves; called in that process."""
    running.let_go()
    # What stands now stands for ever, and a request makes little garbage in cycles.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    engine = EmbeddedEngine(snapshot, running.address, settings, store=store, share=settings.workers)
    return Served(engine, snapshot, settings)
