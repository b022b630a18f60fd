"""Find the parameter that a request means by a name that none has. Knows names, not what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kouan.errors import BadRequest

# A slip is a letter too many, one too few, another one, or two that changed places.
MOST_SLIPS, LEAST_LETTERS, MOST_LETTERS = 2, 4, 24
MOST_TOLD = 3


def meant(name: str, known: Sequence[str]) -> str:
    """Return the known name that a name is a slip of, "" where it is of none."""
    if not LEAST_LETTERS <= len(name) <= MOST_LETTERS:
        return ""
    most = MOST_SLIPS if len(name) > LEAST_LETTERS else 1
    found = process.extractOne(name.lower(), known, scorer=OSA.distance, score_cutoff=most)
    return found[0] if found else ""


def slips(names: Iterable[str], known: Sequence[str], needed: str) -> str:
    """Return what to tell a client of names that no parameter has and that are near to those of some, "" where there are none.

    Raises BadRequest where the one that is `needed` is meant by one of them: the request cannot be answered without it.
    """
    told = []
    for name in dict.fromkeys(names):
        right = meant(name, known)
        if right and right == needed:
            raise BadRequest(f"There is no parameter {name} here; {right} is meant, it seems.")
        if right:
            told.append(f"there is no parameter {name} here, and it changed nothing; {right} is the nearest")
    return "; ".join(told[:MOST_TOLD])
