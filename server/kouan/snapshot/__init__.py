"""Immutable, versioned builds of a dataset on disk. Knows how they are made and found; knows nothing of queries."""

from __future__ import annotations

from kouan.snapshot.build import build_own
from kouan.snapshot.build_files import build_foreign
from kouan.snapshot.freshness import current, current_foreign, hash_files
from kouan.snapshot.layout import Snapshot

__all__ = ["Snapshot", "build_foreign", "build_own", "current", "current_foreign", "hash_files"]
