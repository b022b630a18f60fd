"""Decide whether a dataset is held in memory or stays on disk. Knows the machine's memory, nothing of what is held."""

from __future__ import annotations

from pathlib import Path

from kouan.settings import Settings

# What the engine takes for each quad, measured on 1 to 5 million of BSBM's.
BYTES_OF_QUAD = 700
# The rest is for the answers, the evaluators and the system.
SHARE = 0.6
GROUPS = Path("/sys/fs/cgroup")


def most_quads(settings: Settings) -> int:
    """Return up to how many quads are held in memory: what the settings say, else what fits in the memory that is free."""
    return settings.memory_quads or int(free_memory() * SHARE / BYTES_OF_QUAD)


def free_memory() -> int:
    """Return the bytes of memory that this process and its children may still take, by the system and by its control group."""
    found = [_available(), *_left_to_group()]
    return max(0, min(found))


def told(quads: int, settings: Settings) -> str:
    """Return where so many quads are held and why, in words."""
    most = most_quads(settings)
    why = "KOUAN_MEMORY_QUADS says so" if settings.memory_quads else f"{free_memory() / 1024**3:.1f} GiB are free"
    place = "in memory" if quads <= most else "on disk"
    counted = "1 quad is" if quads == 1 else f"{quads:,} quads are"
    return f"{place}, for {counted} {'no ' if quads <= most else ''}more than {most:,} ({why})"


def _available() -> int:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 4 * 1024**3


def _left_to_group() -> list[int]:
    """Return what the limits of this process's control groups leave, for each that sets one (cgroup version 2)."""
    path = next((line.split("::", 1)[1] for line in _lines(Path("/proc/self/cgroup")) if line.startswith("0::")), "/")
    left = []
    folder = GROUPS / path.lstrip("/")
    for each in (folder, *folder.parents):
        limit, used = ("".join(_lines(each / name)) for name in ("memory.max", "memory.current"))
        if limit.isdigit() and used.isdigit():
            left.append(int(limit) - int(used))
        if each == GROUPS:
            break
    return left


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []
