"""Put quads in their canonical form (RDFC-1.0) and name the version that they are. Knows nothing of what they say."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, Triple

from kouan.history.patch import Patch


def canonical_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Return quads, each once, with the names that RDFC-1.0 gives to their blank nodes."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return list(dataset)


def version_of(canonical: Iterable[Quad]) -> str:
    """Return the version of canonical quads: the hash of their sorted lines."""
    return _hash(sorted(map(_line, canonical)))


class Canonical:
    """The canonical lines of quads, kept while some of them come and go.

    What names a blank node are the quads that have one, and no others, so that only these are put in canonical form anew.
    """

    def __init__(self, quads: Iterable[Quad]) -> None:
        plain: set[Quad] = set()
        self._blank: set[Quad] = set()
        for quad in quads:
            (self._blank if _has_blank(quad) else plain).add(quad)
        self._lines = sorted(map(_line, plain))

    def change(self, patch: Patch) -> None:
        """Take quads and leave others out, as a patch says; what stands, or does not, already is left as it is."""
        for quad in patch.removed:
            self._put(quad, stands=False)
        for quad in patch.added:
            self._put(quad, stands=True)

    def _put(self, quad: Quad, *, stands: bool) -> None:
        if _has_blank(quad):
            (self._blank.add if stands else self._blank.discard)(quad)
            return
        line = _line(quad)
        place = bisect_left(self._lines, line)
        stood = self._lines[place : place + 1] == [line]
        if stands and not stood:
            self._lines.insert(place, line)
        elif stood and not stands:
            del self._lines[place]

    def version(self) -> str:
        """Return the version of the quads as they are."""
        return _hash(sorted([*self._lines, *map(_line, canonical_quads(self._blank))]))


def _line(quad: Quad) -> str:
    return f"{quad} .\n"


def _hash(lines: list[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _has_blank(quad: Quad | Triple) -> bool:
    if isinstance(quad.object, Triple):
        return isinstance(quad.subject, BlankNode) or _has_blank(quad.object)
    return (
        isinstance(quad.subject, BlankNode)
        or isinstance(quad.object, BlankNode)
        or isinstance(getattr(quad, "graph_name", None), BlankNode)
    )
