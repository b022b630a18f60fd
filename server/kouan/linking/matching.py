"""Score the things that a name may mean, and give each score its reasons. Knows nothing of the services that ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz, process

from kouan.linking.gazetteer import Gazetteer, Thing
from kouan.names import Name, latin, read_name
from kouan.vocabulary import KOUAN

EARTH_RADIUS_KM = 6371.0088
NEAR_KM = 60.0
FAR_KM = 200.0
SURE = 88.0
CLEAR_LEAD = 8.0
ALIKE = 72
# What a thing loses whose name says its kind, such as a port of entry, to a name that does not.
UNSAID = 8.0
# A city of which one reads "county" may still be meant, so disagreement of kinds costs, and agreement gains.
KIND_PENALTY, KIND_GAIN = 28.0, 4.0


@dataclass(frozen=True)
class Evidence:
    """What a query knows beside the name: types, an area that holds the thing, codes and coordinates."""

    type: str = ""
    within: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class Candidate:
    """A thing that the name may mean; `score` is 0 to 100, `features` are its reasons."""

    thing: Thing
    score: float
    features: Mapping[str, float | bool]
    match: bool = False


class Matcher:
    """Finds candidates among the things of one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._keys = list(gazetteer.keys)

    def candidates(self, text: str, evidence: Evidence = Evidence(), limit: int = 5) -> list[Candidate]:
        """Return the things that the name may mean, best first; at most one of them is a match."""
        name = read_name(text)
        found = self._possible(name, evidence)
        scored = [self._score(self.gazetteer.things[iri], name, evidence) for iri in found]
        scored = [c for c in scored if c.score >= 40 and (not evidence.type or c.features["type"] or c.score >= 60)]
        scored.sort(key=lambda c: (-c.score, c.thing.iri))
        return self._decide(scored)[:limit]

    def suggestions(self, prefix: str, limit: int = 20) -> list[Thing]:
        """Return the things a name of which starts with the prefix, shortest name first."""
        name = read_name(prefix)
        wanted = {key for key in (name.key, latin(prefix)) if key}
        if not wanted:
            return []
        best: dict[str, int] = {}
        for key in self._keys:
            if any(key.startswith(start) for start in wanted):
                for iri in self.gazetteer.keys[key]:
                    best[iri] = min(best.get(iri, 999), len(key))
        return [self.gazetteer.things[iri] for iri in sorted(best, key=lambda iri: (best[iri], iri))[:limit]]

    def _possible(self, name: Name, evidence: Evidence) -> set[str]:
        found: set[str] = set()
        for key in {name.key, name.stem, latin(name.text)}:
            found |= self.gazetteer.keys.get(key, set())
        for wanted in {name.key, name.stem, latin(name.text)} - {""}:
            for key, _, _ in process.extract(wanted, self._keys, scorer=fuzz.ratio, limit=20, score_cutoff=ALIKE):
                found |= self.gazetteer.keys[key]
        for identifier in evidence.identifiers:
            thing = self.gazetteer.find(identifier)
            found |= {thing.iri} if thing else set()
        return found

    def _score(self, thing: Thing, name: Name, evidence: Evidence) -> Candidate:
        likeness = max(
            (_likeness(name, other, is_main) for other, is_main in self.gazetteer.names[thing.iri]), default=0.0
        )
        features: dict[str, float | bool] = {"name": round(likeness, 1)}
        score = likeness
        if name.kind:
            features["kind"] = _is_of(thing, name.kind)
            score += KIND_GAIN if features["kind"] else -KIND_PENALTY
        if evidence.type:
            features["type"] = _is_of(thing, evidence.type)
            score += KIND_GAIN if features["type"] else -KIND_PENALTY
        score += self._place(thing, evidence, features)
        if evidence.identifiers:
            features["identifier"] = self._identified(thing, evidence.identifiers)
            score += 30 if features["identifier"] else -20
        return Candidate(thing, max(0.0, min(100.0, round(score, 1))), features)

    def _place(self, thing: Thing, evidence: Evidence, features: dict[str, float | bool]) -> float:
        gain = 0.0
        if evidence.within:
            held = {iri for text in evidence.within for iri in self._areas(text)}
            if held and thing.within:
                features["within"] = bool(held & thing.within)
                gain += 6 if features["within"] else -25
        if evidence.point and thing.point:
            distance = distance_km(evidence.point, thing.point)
            features["distance_km"] = round(distance, 1)
            gain += 6 if distance <= NEAR_KM else -25 if distance > FAR_KM else 0
        return gain

    def _areas(self, text: str) -> Iterable[str]:
        thing = self.gazetteer.find(text)
        if thing:
            return [thing.iri]
        name = read_name(text)
        found = self.gazetteer.keys.get(name.key, set()) | self.gazetteer.keys.get(name.stem, set())
        return [iri for iri in found if _is_of(self.gazetteer.things[iri], KOUAN + "AdministrativeArea")]

    def _identified(self, thing: Thing, identifiers: tuple[str, ...]) -> bool:
        known = {thing.iri, thing.identifier, thing.wikidata, *thing.links}
        known |= {value.value for values in thing.values.values() for value in values if len(value.value) < 40}
        return bool(known & set(identifiers))

    def _decide(self, scored: list[Candidate]) -> list[Candidate]:
        if not scored:
            return []
        best = scored[0]
        lead = best.score - (scored[1].score if len(scored) > 1 else 0.0)
        contradicted = any(best.features.get(reason) is False for reason in ("kind", "type", "within", "identifier"))
        sure = best.score >= SURE and lead >= CLEAR_LEAD and not contradicted
        return [Candidate(best.thing, best.score, best.features, sure), *scored[1:]]


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two (longitude, latitude) points in kilometres."""
    (east1, north1), (east2, north2) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((north2 - north1) / 2) ** 2 + cos(north1) * cos(north2) * sin((east2 - east1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def _likeness(name: Name, other: Name, is_main: bool) -> float:
    """Return how alike two names are, 0 to 96, or 100 for the very same letters of the main label."""
    if name.key == other.key:
        return 96.0 if is_main else 94.0
    if name.stem == other.stem:
        # The words for kinds differ or one has none; whether they agree is scored apart.
        return 92.0 - UNSAID if other.kind and not name.kind else 92.0
    romanised, spelled = latin(name.text), latin(other.text)
    if romanised == spelled:
        return 92.0 if not name.is_chinese else 84.0
    short = min(len(name.stem), len(other.stem))
    if short < 2:
        return 0.0
    likeness = max(fuzz.ratio(name.stem, other.stem), fuzz.ratio(name.key, other.key))
    if name.is_chinese and other.is_chinese:
        # One wrong character of two is another place; of three or more it may be a slip.
        likeness *= 0.86 if short >= 3 else 0.6
    else:
        likeness *= 0.96 if short >= 5 else 0.8
    return likeness - UNSAID if other.kind and not name.kind else likeness


def _is_of(thing: Thing, kind: str) -> bool:
    kind = kind if kind.startswith("http") else KOUAN + kind
    return kind in thing.types
