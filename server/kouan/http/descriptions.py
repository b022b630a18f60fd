"""Keep the descriptions of the dataset: counting every class and property takes seconds. Knows when they hold, not what they say."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from pyoxigraph import Triple

from kouan.http.dcat import dcat_description
from kouan.http.void import void_description
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer

DESCRIPTIONS = {"void": void_description, "dcat": dcat_description}
Described = Callable[[str], list[Triple] | None]
"""What returns a description, void or dcat, for who asks now; None for what is none."""


def kept_descriptions(answer: Answer, snapshot: Callable[[], Snapshot], about: Callable[[], About]) -> Described:
    """Return what describes the present version at the address of the request; of each description only the last is kept."""
    told: dict[str, tuple[tuple[str, str], list[Triple]]] = {}

    def described(name: str) -> list[Triple] | None:
        if name not in DESCRIPTIONS:
            return None
        key = (snapshot().version, request.root_url.rstrip("/"))
        if name not in told or told[name][0] != key:
            told[name] = key, DESCRIPTIONS[name](answer, snapshot(), key[1], about())
        return told[name][1]

    return described
