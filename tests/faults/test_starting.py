"""A server that cannot start says why in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"


def test_taken_port_is_named_and_nothing_is_served(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(PORTS)],
            env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode in {1, 2}
    assert str(port) in run.stderr
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr
