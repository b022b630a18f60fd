"""Find all that holds a thing, from what holds it directly. Knows addresses; knows no vocabulary and no scores."""

from __future__ import annotations

from collections.abc import Mapping, Set


def all_above(direct: Mapping[str, Set[str]]) -> dict[str, set[str]]:
    """Return for each thing what holds it, what holds that, and so on.

    Each step is taken once: things that hold one another in a ring, which have all the same above them, share one set with
    themselves in it.
    """
    above: dict[str, set[str]] = {}
    for ring in _rings(direct):
        holders = {holder for iri in ring for holder in direct.get(iri, ())}
        found = holders.union(*(above[holder] for holder in holders if holder in above))
        above.update(dict.fromkeys(ring, found - set(ring) if len(ring) == 1 else found))
    return above


def _rings(direct: Mapping[str, Set[str]]) -> list[list[str]]:
    """Return the things in rings, each with those that hold it and that it holds, what holds them first (Tarjan's algorithm)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    done: set[str] = set()
    rings: list[list[str]] = []
    for start in direct:
        path = [] if start in number else [(start, iter(direct[start]))]
        while path:
            iri, holders = path[-1]
            if iri not in number:
                number[iri] = lowest[iri] = len(number)
                waiting.append(iri)
            if (holder := next(holders, None)) is not None:
                if holder not in number:
                    path.append((holder, iter(direct.get(holder, ()))))
                elif holder not in done:
                    lowest[iri] = min(lowest[iri], number[holder])
                continue
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[iri])
            if lowest[iri] == number[iri]:
                ring = [waiting.pop()]
                while ring[-1] != iri:
                    ring.append(waiting.pop())
                rings.append(ring)
                done.update(ring)
    return rings
