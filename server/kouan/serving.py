"""Start everything that serves a snapshot: the nursery of evaluators and the HTTP processes. Knows processes, no protocol."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces

from kouan.app import create_app
from kouan.engine import EmbeddedEngine
from kouan.engine.embedded import nursery
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot

# How the HTTP processes, which start afresh, learn what they serve.
HANDED_ON = "KOUAN_SERVED"
MOST_WORKERS = 4
THREADS = 32


def serve(snapshot: Snapshot, settings: Settings) -> None:
    """Serve a snapshot until a signal ends the process."""
    workers = settings.workers or min(MOST_WORKERS, os.cpu_count() or 1)
    with nursery(snapshot, settings) as address:
        given = {name: str(value) for name, value in asdict(settings).items()}
        os.environ[HANDED_ON] = json.dumps({"folder": str(snapshot.folder), "address": address, "settings": given})
        sys.stdout.write(f"Kouan serves {snapshot.triples:,} triples on http://{settings.host}:{settings.port}\n")
        sys.stdout.flush()
        Granian(
            "kouan.serving:application",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            log_level="warning",  # type: ignore[arg-type]
            respawn_failed_workers=True,
            websockets=False,
        ).serve()


def application() -> Any:
    """Return the WSGI application of one HTTP process."""
    handed = json.loads(os.environ[HANDED_ON])
    settings = read_settings({f"KOUAN_{name.upper()}": value for name, value in handed["settings"].items()})
    snapshot = Snapshot.read(Path(handed["folder"]))
    engine = EmbeddedEngine(snapshot, handed["address"], settings)
    return create_app(engine, snapshot, settings)
