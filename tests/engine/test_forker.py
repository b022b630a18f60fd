"""An evaluator that cannot be, of whom nobody wants to hear any more."""

from __future__ import annotations

import os
import subprocess
import sys

FORKER = """
import socket, sys
from pathlib import Path
from kouan.engine.forker import EVALUATOR, Forker
from kouan.processes.door import Door
from kouan.settings import Settings
from kouan.snapshot import Snapshot

class Beats:
    left = 3
    def beat(self):
        self.left -= 1
        if not self.left:
            sys.exit(0)

settings = Settings(snapshots=Path(sys.argv[1]))
door = Door()
who = door.connect()
who.send(EVALUATOR)
# It still waits, and reads no more.
who.shutdown(socket.SHUT_RD)
snapshot = Snapshot(settings.snapshots, "1", 0, 0, {}, {}, "disk")
Forker(snapshot, None, settings, door, Beats()).become()
"""


def test_store_that_cannot_be_opened_is_told_without_a_traceback_where_nobody_listens(tmp_path):
    # The snapshot's folder is empty.
    done = subprocess.run(
        [sys.executable, "-c", FORKER, str(tmp_path)], capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
