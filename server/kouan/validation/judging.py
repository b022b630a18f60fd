"""Report the values that a constraint finds wrong, one by one, as the validator takes results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import rdflib

Nodes = Mapping[Any, Iterable[rdflib.term.Node]]
"""The values of each focus node."""


def wrong(component: Any, data: Any, nodes: Nodes, is_wrong: Callable[[rdflib.term.Node], bool]) -> list[Any]:
    """Return a result of a component for each value that is wrong."""
    return [
        component.make_v_result(data, focus, value_node=value)
        for focus, values in nodes.items()
        for value in values
        if is_wrong(value)
    ]
