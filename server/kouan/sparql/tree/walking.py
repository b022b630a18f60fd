"""Go through a tree, whatever its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from kouan.sparql.tree.terms import Node

_names: dict[type, tuple[str, ...]] = {}
# Most fields hold one of these, which is told sooner than that it is no node.
_VALUES = (str, bool, int, type(None))


def children(node: Node) -> list[Node]:
    """Return the nodes right below one, in the order of its fields; a term that triples share comes once for each."""
    kind = type(node)
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(
            f.name for f in fields(node) if f.name not in {"start", "end", "services", "volatile"}
        )
    found: list[Node] = []
    for name in names:
        value = getattr(node, name)
        if type(value) in _VALUES:
            continue
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, list | tuple):
            for each in value:
                if isinstance(each, Node):
                    found.append(each)
                elif isinstance(each, list):
                    found += each
    return found


def walk(node: Node, *closed: type[Node]) -> Iterator[Node]:
    """Return a node and all below it, each before what it holds, but nothing below nodes of some types.

    A tree of any depth is walked.
    """
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, closed):
            found = children(node)
            if found:
                found.reverse()
                waiting += found
