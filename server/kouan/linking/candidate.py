"""Hold what a name may mean, with its score and the reasons for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kouan.linking.things import Thing

# Scores above this are drawn together below 100, so that more that agrees still shows.
FULL = 96.0


@dataclass(frozen=True)
class Candidate:
    """A thing that the name may mean; `score` is 0 to 100, `features` are its reasons.

    Candidates go by `weight`, to which every piece of evidence adds; `certainty`, to which each kind of evidence adds but
    once, and a type nothing, says whether the name is the thing's at all. `called` is its name that was met, or "".
    """

    thing: Thing
    weight: float
    certainty: float
    features: Mapping[str, float | bool]
    called: str = ""
    match: bool = False

    @property
    def score(self) -> float:
        """Return the weight as a number from 0 to 100 that goes in the same order."""
        over = self.weight - FULL
        return round(max(0.0, self.weight if over <= 0 else FULL + (100 - FULL) * over / (over + 6)), 1)
