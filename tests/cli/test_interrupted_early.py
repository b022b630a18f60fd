"""A command that is interrupted while it still loads what it needs ends at once and says nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("place\nHeihe\n")
    return path


@pytest.mark.parametrize("after", [0.15, 0.3, 0.5, 1.0])
def test_command_that_still_loads_is_interrupted_without_a_traceback(settings, snapshot, names, after):
    assert snapshot
    with subprocess.Popen(
        [sys.executable, "-m", "kouan", "reconcile", str(names), "--column", "place", "-o", "-"],
        env=os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    # Before the program itself runs, Python does.
    if "kouan" in said or not said:
        assert process.returncode in {0, 130, -signal.SIGINT}
        assert "Traceback" not in said
