"""Ask a server with the leanest client there is: wrk where it is installed, else the one in load.py. Knows no SPARQL.

A client in Python takes as much of a processor as a server does, and so hides how far two of them are apart; which
client it was stands in the report, and it is the same for all servers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import load
from load import Measurement, percentiles

REPLAY = Path(__file__).with_name("replay.lua")
WRK = shutil.which("wrk")
NAME = "wrk" if WRK else "a client in Python"


def run(host: str, port: int, asked: list[bytes], *, connections: int, seconds: float, is_slow: bool) -> Measurement:
    """Return what was measured while so many connections asked, one request after another each.

    What is slow is asked by the client that waits for the last answers: wrk counts only those that came in time.
    """
    if not WRK or is_slow:
        return load.run(host, port, asked, connections=connections, seconds=seconds)
    with tempfile.NamedTemporaryFile("wb", suffix=".txt") as file:
        file.write(b"\0".join(asked))
        file.flush()
        command = [WRK, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
        command += ["-s", str(REPLAY), f"http://{host}:{port}", "--", file.name]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(said[said.rindex("{") :])
    latencies = {share: found[name] / 1e6 for share, name in ((0.5, "p50"), (0.99, "p99"))}
    return Measurement(found["answers"], found["microseconds"] / 1e6, found["failures"], latencies)


__all__ = ["NAME", "Measurement", "percentiles", "run"]
