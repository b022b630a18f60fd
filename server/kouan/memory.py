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


def bound(above: int) -> tuple[int, int]:
    """Let this process take so many bytes of addresses more and no more than that; return what held before."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    addresses = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * PAGE
    resource.setrlimit(resource.RLIMIT_AS, (addresses + above, before[1]))
    return before


def bound_for_good(above: int) -> None:
    """Bound this process so that it cannot widen the bound again."""
    bound(above)
    ceiling = resource.getrlimit(resource.RLIMIT_AS)[0]
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
