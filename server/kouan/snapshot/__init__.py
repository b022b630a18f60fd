"""Immutable, versioned builds of a dataset on disk. Knows how they are made and found; knows nothing of queries."""

from __future__ import annotations

from kouan.snapshot.foreign import build_foreign
from kouan.snapshot.found import current, current_foreign, hash_files
from kouan.snapshot.layout import Snapshot
from kouan.snapshot.own import build_own

__all__ = ["Snapshot", "build_foreign", "build_own", "current", "current_foreign", "hash_files"]
