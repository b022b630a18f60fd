"""A process that asks the engine: a line of JSON with a text comes in, a line of JSON with what became of it goes out.

It cannot reach any address, so that a SERVICE or a LOAD that gets here does nothing; the first line says whether that is so.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
from collections.abc import Iterable
from typing import Any

NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000
MOST_ROWS = 3_000
BLANK = re.compile(r"_:[0-9A-Za-z.]+|(?<=<BlankNode value=)[0-9a-f]+")


def is_walled() -> bool:
    """Go where there is no network but this process's own; return whether that came to pass."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (OSError, AttributeError):
        return False
    return unshare(NEW_NETWORK) == 0 or unshare(NEW_USER | NEW_NETWORK) == 0


def lines(found: Iterable[Any], names: list[str]) -> list[str] | None:
    """Return rows or triples as sorted text in which all blank nodes look alike; None where they are too many."""
    rows = []
    for row in found:
        shown = [f"{name}={row[name]}" for name in names] if names else [str(row)]
        rows.append(BLANK.sub("_:", " ".join(shown)))
        if len(rows) > MOST_ROWS:
            return None
    return sorted(rows)


def asked(text: str, data: str, *, is_update: bool, is_judged_only: bool) -> dict[str, Any]:
    """Return whether the engine reads a text, and what comes out of it."""
    from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat, Store

    store = Store()
    if not is_judged_only:
        store.load(data.encode(), format=RdfFormat.TRIG)
    try:
        if is_update:
            store.update(text)
            return {"valid": True, "answer": lines(iter(store), [])}
        found = store.query(text)
        if isinstance(found, QueryBoolean):
            return {"valid": True, "answer": [str(bool(found))]}
        names = sorted(v.value for v in found.variables) if isinstance(found, QuerySolutions) else []
        return {"valid": True, "answer": lines([] if is_judged_only else found, names)}
    except SyntaxError as error:
        return {"valid": False, "why": str(error)}
    except (RuntimeError, OSError, ValueError) as error:
        return {"valid": True, "answer": ["error"], "why": str(error)}


def main() -> None:
    print(json.dumps({"walled": is_walled()}), flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        answer = asked(
            wanted["text"], wanted["data"], is_update=wanted["is_update"], is_judged_only=wanted["is_judged_only"]
        )
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    os.nice(5)
    main()
