"""Score the things that a name may mean, and give each score its reasons. Knows nothing of the services that ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz, process

from kouan.graph.place_names import HAN, Name, latin, read_name
from kouan.linking.gazetteer import AREA, DERIVED, UNSAID, Gazetteer, Thing
from kouan.linking.reading import areas, read_cell
from kouan.vocabulary import KOUAN

COUNTY, COUNTRY = KOUAN + "County", KOUAN + "Country"
EARTH_RADIUS_KM = 6371.0088
# No name is longer; what is would only cost time.
LONGEST = 300
NEAR_KM = 60.0
FAR_KM = 200.0
SURE = 88.0
CLEAR_LEAD = 8.0
ALIKE = 72
# A name with a slip is sure only where it is so long that another place is hardly meant, or something else confirms it.
LONG = 9
# A name that only a romanisation brings near, in Chinese that is written otherwise, may be another place's.
SOUNDS_ALIKE = 76.0
ABBREVIATED = 68.0
DOUBTFUL = 60.0
# A city of which one reads "county" may still be meant, so disagreement of kinds costs, and agreement gains.
KIND_PENALTY, KIND_GAIN = 28.0, 4.0


@dataclass(frozen=True)
class Evidence:
    """What a query knows beside the name: types, areas that hold the thing, codes and coordinates.

    Identifiers speak for a thing or against it; hints, whose property the graph may not have, only for it.
    """

    types: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
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
        self._by_start: dict[str, list[str]] = {}
        for key in self._keys:
            for start in {key[:1], key[:2]}:
                self._by_start.setdefault(start, []).append(key)

    def candidates(self, text: str, evidence: Evidence = Evidence(), limit: int | None = 5) -> list[Candidate]:
        """Return the things that the name may mean, best first; at most one of them is a match."""
        if len(text) > LONGEST:
            return []
        reading = read_cell(text, self.gazetteer)
        if reading.identifier:
            evidence = replace(evidence, identifiers=(*evidence.identifiers, reading.identifier))
        evidence = replace(evidence, within=(*evidence.within, *reading.within))
        held = [areas(area, self.gazetteer) for area in evidence.within]
        found = self._possible(reading.name, evidence)
        scored = [self._score(self.gazetteer.things[iri], reading.name, evidence, held) for iri in found]
        scored = [c for c in scored if c.score >= 40 and (not evidence.types or c.features["type"] or c.score >= 60)]
        scored.sort(key=lambda c: (-c.score, c.thing.iri))
        return self._decide(scored, reading.name)[:limit]

    def suggestions(self, prefix: str, limit: int = 20) -> list[Thing]:
        """Return the things a name of which starts with the prefix, shortest name first, then shortest label."""
        name = read_name(prefix)
        wanted = {key for key in (name.key, latin(prefix)) if key}
        if not wanted:
            return []
        best: dict[str, int] = {}
        for key in self._keys:
            if any(key.startswith(start) for start in wanted):
                for iri in self.gazetteer.keys[key]:
                    best[iri] = min(best.get(iri, 999), len(key))
        things = [self.gazetteer.things[iri] for iri in best]
        return sorted(things, key=lambda thing: (best[thing.iri], len(thing.label), thing.iri))[:limit]

    def _possible(self, name: Name, evidence: Evidence) -> set[str]:
        found: set[str] = set()
        for key in {name.key, name.stem, latin(name.text)}:
            found |= self.gazetteer.keys.get(key, set())
        for wanted in {name.key, name.stem, latin(name.text)} - {""}:
            for key, _, _ in process.extract(wanted, self._keys, scorer=fuzz.ratio, limit=20, score_cutoff=ALIKE):
                found |= self.gazetteer.keys[key]
        found |= {iri for key in self._shortened(name) for iri in self.gazetteer.keys[key]}
        for identifier in evidence.identifiers:
            thing = self.gazetteer.find(identifier)
            found |= {thing.iri} if thing else set()
        return found

    def _shortened(self, name: Name) -> list[str]:
        """Return the keys that the name may be short for."""
        start = name.stem[:1] if name.is_chinese else name.stem[:2]
        return [key for key in self._by_start.get(start, []) if _abbreviates(name.stem, key)]

    def _score(self, thing: Thing, name: Name, evidence: Evidence, held: list[set[str]]) -> Candidate:
        names = self.gazetteer.names[thing.iri]
        likeness = max((_likeness(name, other, weight, evidence.types) for other, weight in names), default=0.0)
        features: dict[str, float | bool] = {"name": round(likeness, 1)}
        features["exact"] = any(_is_exact(name, other) for other, _ in names)
        score = likeness
        if name.kind:
            features["kind"] = self._is_of_kind(thing, name)
            score += KIND_GAIN if features["kind"] else -KIND_PENALTY
        if evidence.types:
            features["type"] = any(kind in thing.types for kind in evidence.types)
            score += KIND_GAIN if features["type"] else -KIND_PENALTY
        score += self._place(thing, evidence, held, features)
        if evidence.identifiers or self._identified(thing, evidence.hints):
            features["identifier"] = self._identified(thing, (*evidence.identifiers, *evidence.hints))
            # What is known by its number needs no name, but a name that is another's makes it doubtful.
            is_bare = not name.key or name.text in evidence.identifiers
            known = max(score + 30, SURE if is_bare else DOUBTFUL)
            score = known if features["identifier"] else score - 20
        return Candidate(thing, max(0.0, min(100.0, round(score, 1))), features)

    def _is_of_kind(self, thing: Thing, name: Name) -> bool:
        """Return whether the thing is of the kind in the name, or is called so, as the county that is called a city is."""
        called = [other for other, _ in self.gazetteer.names[thing.iri] if other.kind == name.kind]
        if name.sort and COUNTY in thing.types:
            return any(other.sort == name.sort for other in called)
        return bool(called) or name.kind in thing.types

    def _place(
        self, thing: Thing, evidence: Evidence, held: list[set[str]], features: dict[str, float | bool]
    ) -> float:
        gain = 0.0
        if evidence.within:
            lies = [self._lies_in(thing, known) for known in held]
            if any(lies) or False in lies:
                features["within"] = False not in lies
                gain += 6 if features["within"] else -25
        if evidence.point and thing.point:
            distance = distance_km(evidence.point, thing.point)
            features["distance_km"] = round(distance, 1)
            gain += 6 if distance <= NEAR_KM else -25 if distance > FAR_KM else 0
        return gain

    def _lies_in(self, thing: Thing, known: set[str]) -> bool | None:
        """Return whether one of the areas holds the thing; None where the graph says no more of it than the country.

        An area that the graph does not know holds none of its things.
        """
        if known & {*thing.within, thing.iri}:
            return True
        countries = {place for area in known for place in self.gazetteer.things[area].within}
        holders = {place for place in thing.within if place in self.gazetteer.things}
        only_country = all(COUNTRY in self.gazetteer.things[place].types for place in holders)
        is_placed = AREA in thing.types or not only_country
        return None if known and not is_placed and holders <= countries else False

    def _identified(self, thing: Thing, identifiers: tuple[str, ...]) -> bool:
        known = {thing.iri, thing.identifier, thing.wikidata, *thing.links}
        values = {value.value for values in thing.values.values() for value in values}
        known |= {value for value in values if len(value) < 40}
        for other in (self.gazetteer.things[value] for value in values if value in self.gazetteer.things):
            known |= {other.identifier, *other.labels.values()}
        return bool({value.casefold() for value in known} & {identifier.casefold() for identifier in identifiers})

    def _decide(self, scored: list[Candidate], name: Name) -> list[Candidate]:
        if not scored:
            return []
        best = scored[0]
        lead = best.score - (scored[1].score if len(scored) > 1 else 0.0)
        contradicted = any(best.features.get(reason) is False for reason in ("kind", "type", "within", "identifier"))
        far = best.features.get("distance_km", 0.0) > FAR_KM
        exact = best.features["exact"] or (best.features["name"] >= SURE and len(name.stem) >= LONG)
        confirmed = exact or any(best.features.get(reason) for reason in ("within", "identifier"))
        sure = best.score >= SURE and lead >= CLEAR_LEAD and confirmed and not contradicted and not far
        return [Candidate(best.thing, best.score, best.features, sure), *scored[1:]]


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance of two (longitude, latitude) points in kilometres."""
    (east1, north1), (east2, north2) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((north2 - north1) / 2) ** 2 + cos(north1) * cos(north2) * sin((east2 - east1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def _likeness(name: Name, other: Name, weight: float, asked: tuple[str, ...]) -> float:
    """Return how alike two names are: `weight` for the very same letters, less for what a slip or a short form makes."""
    if name.key == other.key:
        return weight
    unsaid = UNSAID if other.kind and other.kind not in {name.kind, *asked} else 0.0
    if name.stem == other.stem:
        # The words for kinds differ or one has none; whether the thing is of the kind is scored apart.
        return min(weight, 92.0) - unsaid
    if latin(name.text) == latin(other.text):
        return SOUNDS_ALIKE if name.is_chinese else min(weight, 92.0)
    if weight <= DERIVED:
        return 0.0
    short = min(len(name.stem), len(other.stem))
    if short < 2:
        return 0.0
    likeness = fuzz.ratio(name.stem, other.stem)
    if not (name.kind and other.kind):
        # Two counties are not more alike because both are called county.
        likeness = max(likeness, fuzz.ratio(name.key, other.key))
    if name.is_chinese and other.is_chinese:
        # One wrong character of two is another place; of three or more it may be a slip.
        likeness *= 0.86 if short >= 3 else 0.6
    else:
        likeness *= 0.96 if short >= 5 else 0.8
    if _abbreviates(name.stem, other.stem):
        likeness = max(likeness, ABBREVIATED)
    return likeness - (unsaid if not name.kind else 0.0)


def _is_exact(name: Name, other: Name) -> bool:
    """Return whether two names are one but for script, spelling of sounds, and the word for a kind."""
    same = name.stem == other.stem or name.key == other.key
    return same or (not name.is_chinese and latin(name.text) == latin(other.text))


def _abbreviates(short: str, full: str) -> bool:
    """Return whether a name may stand for a longer one: its beginning, or in Chinese some of its characters in order."""
    if HAN.search(short):
        rest = iter(full)
        return 2 <= len(short) < len(full) and short[0] == full[0] and all(character in rest for character in short)
    return len(short) >= 5 and len(full) > len(short) and full.startswith(short)
