"""The processes of a server under test, seen from outside: which there are, what each is, and waiting until something is so."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def family(address: str) -> list[int]:
    """Return the processes of the server at an address that have not ended."""
    port = address.rpartition(":")[2]
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and f"--port\0{port}\0" in (entry / "cmdline").read_text():
                found.append(int(entry.name))
    return found


def named(address: str, name: str) -> list[int]:
    """Return those of a role: http, server, writer, forker or evaluator."""
    found = []
    for pid in family(address):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == f"kouan-{name}"[:15]:
                found.append(pid)
    return found


def states(pid: int) -> set[str]:
    """Return the states in which the threads of a process are: R, S, T …; none where it has ended."""
    found = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found.add((task / "stat").read_text().rpartition(")")[2].split()[0])
    return found


def is_evaluating(address: str) -> bool:
    """Return whether an evaluator has worked for a tenth of a second, which is more than starting takes it."""
    for pid in named(address, "evaluator"):
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if int(said[11]) + int(said[12]) >= os.sysconf("SC_CLK_TCK") / 10:
                return True
    return False


def wait_until(is_so: Callable[[], object], seconds: float = 5.0) -> bool:
    """Return whether something came to be so within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False
