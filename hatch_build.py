"""Build the browser's code where it is stale, and put it, the graph's files and its snapshot into the wheel.

An editable install reads the graph's files from the checkout instead.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "web"))

import assets

GRAPH = ("ontology", "triples", "shapes", "questions")


class KouanHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """Builds the browser's code; adds the folders of the graph as kouan/home/, and the snapshot where one was built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs besides: Node, where there is something to build."""
        return [] if assets.is_fresh() else [assets.NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale, and add the folders where a whole wheel is built."""
        if not assets.is_fresh():
            self.app.display_info("Building the browser's code.")
            try:
                assets.build()
            except (subprocess.CalledProcessError, SystemExit) as error:
                # What is published has all of it; a checkout serves its pages, which are complete without scripts.
                if version != "editable":
                    raise
                self.app.display_warning(f"The browser's code was not built, so pages come without scripts: {error}")
        if self.target_name == "sdist":
            return
        if version == "standard":
            build_data["force_include"] |= {folder: f"kouan/home/{folder}" for folder in GRAPH}
            # The answers that were reviewed: the page of each question compares its answer with them.
            reviewed = [f"tests/questions/{each.name}" for each in Path(self.root).glob("tests/questions/*.csv")]
            build_data["force_include"] |= {path: f"kouan/home/{path}" for path in reviewed}
            snapshot = fresh_snapshot(Path(self.root))
            if snapshot is None:
                self.app.display_warning(
                    "No fresh snapshot is there (make build); this wheel makes one when it first runs."
                )
            else:
                build_data["force_include"][str(snapshot)] = f"kouan/home/snapshot/{snapshot.name}"


def fresh_snapshot(root: Path) -> Path | None:
    """Return the folder of the snapshot that was built from the graph's files as they are and from nothing else."""
    # The tables below the questions are asked of a snapshot, and no part of it.
    paths = [*(path for folder in GRAPH for path in (root / folder).rglob("*.ttl")), *(root / "questions").glob("*.rq")]
    hashes = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    for described in (root / "build" / "snapshots").glob("[0-9a-f]*/snapshot.json"):
        said = json.loads(described.read_text(encoding="utf-8"))
        if said.get("files") == hashes and not said.get("built_with"):
            return described.parent
    return None
