"""Read and bound the memory of a process. Knows the system, none of our limits."""

from __future__ import annotations

import resource
from pathlib import Path

PAGE = resource.getpagesize()


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds now; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def addresses_left() -> int | None:
    """Return how many bytes of addresses more this process and those forked from it may take (ulimit -v), None for no limit."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    return None if most == resource.RLIM_INFINITY else max(0, most - _addresses())


def _addresses() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * PAGE


def bound(above: int, *, for_good: bool = False) -> tuple[int, int]:
    """Let this process take so many bytes of addresses more and no more than that; return what held before.

    What is bound for good cannot widen the bound again.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = _addresses() + above
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling if for_good else before[1]))
    return before
