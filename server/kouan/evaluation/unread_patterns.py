"""Say which regular expressions of a query the engine does not read, and so gives no value. Knows no data."""

from __future__ import annotations

import json
from functools import lru_cache

from pyoxigraph import QuerySolutions, Store

from kouan.errors import RequestError
from kouan.sparql.door import read
from kouan.sparql.tree import BuiltInCall, Expression, Literal, ServiceGraphPattern, walk

# Where the pattern stands among the arguments, and where its flags do.
PLACES = {"REGEX": (1, 2), "REPLACE": (1, 3)}
# Of a longer one the beginning is told, for a header has to hold it.
LONGEST = 200


def unread_patterns(text: str) -> tuple[str, ...]:
    """Return a sentence for each pattern of a query, as long as it is written out, that cannot be read."""
    folded = text.lower()
    if not any(name.lower() in folded for name in PLACES):
        return ()
    try:
        tree = read(text)
    except RequestError:
        # What the engine takes and our grammar does not was answered all the same.
        return ()
    calls = (node for node in walk(tree, ServiceGraphPattern) if isinstance(node, BuiltInCall) and node.name in PLACES)
    found = dict.fromkeys((node.name, *_pattern(node.arguments, *PLACES[node.name])) for node in calls)
    return tuple(
        f"{name} has no value, for {json.dumps(pattern[:LONGEST], ensure_ascii=False)} is no regular expression that is read "
        "here; what looks ahead or behind and what repeats a group is not, nor is any flag but s, m, i, x and q"
        for name, pattern, flags in found
        if not _is_read(pattern, flags)
    )


def _pattern(arguments: list[Expression], at: int, flags_at: int) -> tuple[str, str]:
    """Return the pattern and the flags of a call, or what is read always where they are not written out."""
    pattern, flags = arguments[at], arguments[flags_at] if len(arguments) > flags_at else None
    if not isinstance(pattern, Literal) or not (flags is None or isinstance(flags, Literal)):
        return "", ""
    return pattern.lexical, flags.lexical if flags is not None else ""


@lru_cache(maxsize=1_000)
def _is_read(pattern: str, flags: str) -> bool:
    said = (json.dumps(each, ensure_ascii=False) for each in (pattern, flags))
    rows = Store().query(f'SELECT (REGEX("", {", ".join(said)}) AS ?read) {{}}')
    assert isinstance(rows, QuerySolutions)
    return all(row["read"] is not None for row in rows)
