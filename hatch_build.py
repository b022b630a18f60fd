"""Put the graph's files and its snapshot into the wheel; an editable install reads them from the checkout instead."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GRAPH = ("ontology", "triples", "shapes", "questions")


class GraphHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """Adds the folders of the graph as kouan/home/, and the snapshot of them where one was built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders where a whole wheel is built."""
        if version == "standard":
            build_data["force_include"] |= {folder: f"kouan/home/{folder}" for folder in GRAPH}
            snapshot = fresh_snapshot(Path(self.root))
            if snapshot is None:
                self.app.display_warning(
                    "No fresh snapshot is there (make build); this wheel makes one when it first runs."
                )
            else:
                build_data["force_include"][str(snapshot)] = f"kouan/home/snapshot/{snapshot.name}"


def fresh_snapshot(root: Path) -> Path | None:
    """Return the folder of the snapshot that was built from the graph's files as they are and from nothing else."""
    paths = [path for folder in GRAPH for path in (root / folder).rglob("*.rq" if folder == "questions" else "*.ttl")]
    hashes = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    for described in (root / "build" / "snapshots").glob("[0-9a-f]*/snapshot.json"):
        said = json.loads(described.read_text(encoding="utf-8"))
        if said.get("files") == hashes and not said.get("built_with"):
            return described.parent
    return None
