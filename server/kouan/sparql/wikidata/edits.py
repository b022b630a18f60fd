"""Say what of a query is replaced by what. Knows no services."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.sparql.scanning.clauses import Group

Edit = tuple[int, int, str]
"""From where, to where, and what stands there instead."""


@dataclass(frozen=True)
class Scope:
    """A SELECT, the query's own or a subquery's: its pattern, and from where to where it reaches with what stands around that."""

    pattern: Group
    reach: tuple[int, int]


def blank(text: str) -> str:
    """Return as many lines of nothing, so that a later error has its place."""
    return re.sub(r"[^\n]", " ", text)
