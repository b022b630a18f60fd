"""Let the system hold the files of a store on disk in memory that nobody else needs. Knows files, no store."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

MEMORY = Path("/proc/meminfo")
# What may be held of the memory that is free now; the rest is for evaluators and for others.
SHARE = 0.25


def hold(folder: Path) -> bool:
    """Return whether the files of a folder find room in free memory, where they are then read to without waiting."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if sum(path.stat().st_size for path in files) > _free() * SHARE:
        return False
    for path in files:
        with contextlib.suppress(OSError), path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
    return True


def _free() -> int:
    """Return the bytes of memory that could be had without taking them from anybody; 0 where that is not known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
