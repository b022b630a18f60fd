"""Change a text at the offsets of nodes. Knows no grammar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kouan.sparql.tree import Node


class Edit(NamedTuple):
    """What stands from one offset to another, and what stands there afterwards."""

    start: int
    end: int
    text: str


def replace(node: Node, text: str) -> Edit:
    """Return the edit that puts a text in the place of a node."""
    return Edit(node.start, node.end, text)


def replace_lines(text: str, node: Node, instead: str) -> Edit:
    """Return the edit that puts another text in the place of a node of a text, with as many lines: all after it stays where it is."""
    lines = "\n" * text.count("\n", node.start, node.end)
    return replace(node, f"{instead}{lines}")


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with all edits made; raises ValueError where two of them overlap.

    Edits that only insert, at one offset, come in the order in which they are given.
    """
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start < at:
            raise ValueError(f"two edits of one text overlap at offset {edit.start}")
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join(pieces) + text[at:]
