"""Put the graph's files into the wheel; an editable install reads them from the checkout instead."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GRAPH = ("ontology", "triples", "shapes", "questions")


class GraphHook(BuildHookInterface):  # type: ignore[type-arg, misc, unused-ignore]
    """Adds the folders of the graph as kouan/home/."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders where a whole wheel is built."""
        if version == "standard":
            build_data["force_include"] |= {folder: f"kouan/home/{folder}" for folder in GRAPH}
