"""Read and bound the memory of a process. Knows the system, none of our limits."""

from __future__ import annotations

import gc
import resource
from pathlib import Path

PAGE = resource.getpagesize()


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds now; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def collect_seldom() -> None:
    """Look seldom for garbage in cycles: requests make little of it, and each look at what they build costs as much as building it."""
    gc.set_threshold(50_000, 50, 50)


def room_left() -> tuple[int, str] | None:
    """Return how many bytes more this process and those forked from it may take, and which limit of the system says so, as the
    option of `ulimit` that sets it; None where none does."""
    found = [
        (max(0, most - taken), option)
        for most, taken, option in (
            # The evaluators raise the limit of addresses as far as they may, and that of data not at all.
            (resource.getrlimit(resource.RLIMIT_AS)[1], _addresses(), "-v"),
            (resource.getrlimit(resource.RLIMIT_DATA)[0], _data(), "-d"),
        )
        if most != resource.RLIM_INFINITY
    ]
    return min(found, default=None)


def _addresses() -> int:
    return _statistics()[0]


def _data() -> int:
    return _statistics()[5]


def _statistics() -> list[int]:
    return [int(pages) * PAGE for pages in Path("/proc/self/statm").read_text(encoding="ascii").split()]


def bound(above: int, *, for_good: bool = False) -> tuple[int, int]:
    """Let this process take so many bytes of addresses more and no more than that; return what held before.

    What is bound for good cannot widen the bound again.
    """
    before = resource.getrlimit(resource.RLIMIT_AS)
    ceiling = _addresses() + above
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling if for_good else before[1]))
    return before
