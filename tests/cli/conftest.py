"""What the tests of the command line share: kouan reconcile, with what a person types."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def reconcile(settings, snapshot):
    assert snapshot
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}

    def run(*arguments, keys=""):
        command = [sys.executable, "-m", "kouan", "reconcile", *map(str, arguments)]
        return subprocess.run(
            command, input=keys, capture_output=True, text=True, env=environment, check=False, timeout=250
        )

    return run
