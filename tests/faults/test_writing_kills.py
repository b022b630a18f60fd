"""Whichever process is killed while clients write: nothing that was told is lost, and nothing is there by halves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parents[2] / "benchmarks" / "kills.py"


@pytest.mark.timeout(300)
def test_kills_lose_nothing_and_leave_no_half():
    run = subprocess.run(
        [sys.executable, KILLS, "20", "--pause", "0.4"], capture_output=True, text=True, check=False, timeout=280
    )
    # Whether any waited too long depends on what else the machine does; the script itself says so.
    found = re.search(r"(\d+) writes told, .*: (\d+) lost, (\d+) half", run.stdout)
    assert found, run.stdout + run.stderr
    assert int(found[1]) > 20, run.stdout
    assert (found[2], found[3]) == ("0", "0"), run.stdout
