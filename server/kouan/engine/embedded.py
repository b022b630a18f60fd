"""The engine of this machine: a nursery process with the snapshot, and a pool of its evaluators. Knows no HTTP."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kouan.engine.pool import Pool
from kouan.engine.question import Answer, Question
from kouan.errors import SnapshotError
from kouan.settings import Settings
from kouan.snapshot import Snapshot


class EmbeddedEngine:
    """Answers questions about one snapshot with evaluators of the nursery at an address."""

    def __init__(self, snapshot: Snapshot, address: str, settings: Settings) -> None:
        self.snapshot = snapshot
        self.pool = Pool(address, settings)

    @property
    def version(self) -> str:
        """Return the snapshot's version."""
        return self.snapshot.version

    def answer(self, question: Question, media_type: str, timeout: float) -> Answer:
        """Return the answer; raises RequestError."""
        return self.pool.answer(question, media_type, timeout)


@contextlib.contextmanager
def nursery(snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    """Return the address of a running nursery of the snapshot; it ends with the context, or with this process."""
    with tempfile.TemporaryDirectory(prefix="kouan-") as folder:
        address = str(Path(folder) / "nursery")
        command = [
            sys.executable,
            "-m",
            "kouan.engine.nursery",
            str(snapshot.folder),
            address,
            str(settings.memory_limit),
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                if process.stdout.readline() != b"ready\n":
                    raise SnapshotError(f"{snapshot.folder} could not be opened; delete it and run `kouan build`.")
                yield address
            finally:
                process.stdin.close()
                process.terminate()
                process.wait(timeout=10)
