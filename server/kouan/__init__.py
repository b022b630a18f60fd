"""Kouan: a knowledge graph of China's border cities, ports and corridors, and the server that publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kouan.release import VERSION

if TYPE_CHECKING:
    from kouan.library import Graph, open

__version__ = VERSION

__all__ = ["Graph", "__version__", "open"]


def __getattr__(name: str) -> Any:
    # The server's own processes import kouan too, and need nothing of the library.
    if name in {"Graph", "open"}:
        from kouan import library

        return getattr(library, name)
    raise AttributeError(f"module 'kouan' has no attribute {name!r}")
