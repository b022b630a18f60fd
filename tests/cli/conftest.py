"""What the tests of the command line share: kouan itself, and kouan reconcile with what a person types."""

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


@pytest.fixture
def kouan(settings, snapshot):
    def run(*arguments, text=None):
        environment = os.environ | {"KOUAN_SNAPSHOTS": str(settings.snapshots)}
        return subprocess.run(
            [sys.executable, "-m", "kouan", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            input=text,
            check=False,
            timeout=250,
        )

    return run
