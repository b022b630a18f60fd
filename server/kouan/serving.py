"""Start everything that serves a snapshot: the nursery of evaluators and the HTTP processes. Knows processes, no protocol."""

from __future__ import annotations

import multiprocessing
import os
import sys
from dataclasses import replace
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, TaskImpl
from pyoxigraph import Store

from kouan.app import Served
from kouan.engine import EmbeddedEngine
from kouan.engine.nursery import Nursery, nursery, open_store
from kouan.settings import Settings
from kouan.snapshot import Snapshot

MOST_WORKERS = 4
SECONDS_TO_STOP = 5


def serve(snapshot: Snapshot, settings: Settings) -> None:
    """Serve a snapshot until a signal ends the process."""
    settings = replace(settings, workers=settings.workers or min(MOST_WORKERS, os.cpu_count() or 1))
    # All processes are forks of this one: they share the memory of the store, which none of them changes.
    multiprocessing.set_start_method("fork", force=True)
    store = open_store(snapshot) if snapshot.storage == "memory" else None
    with nursery(snapshot, store, settings) as running:
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
            log_level="warning",  # type: ignore[arg-type]
            respawn_failed_workers=True,
            workers_kill_timeout=SECONDS_TO_STOP,
            websockets=False,
        )
        server.serve(target_loader=lambda: _served(snapshot, store, running, settings), wrap_loader=False)


def _served(snapshot: Snapshot, store: Store | None, running: Nursery, settings: Settings) -> Any:
    """Return what one HTTP process serves; called in that process."""
    running.let_go()
    engine = EmbeddedEngine(snapshot, running.address, settings, store=store, share=settings.workers)
    return Served(engine, snapshot, settings)
