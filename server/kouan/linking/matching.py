"""Score the things that a name may mean, and give each score its reasons. Knows nothing of the services that ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rapidfuzz import fuzz, process

from kouan.graph.place_names import Name, latin, read_name
from kouan.graph.romanisation import is_pinyin
from kouan.linking.areas import COUNTRY, PROVINCE, Areas, Held
from kouan.linking.candidate import Candidate
from kouan.linking.evidence import NOTHING, Clues, Testimony, alternatives, stems
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.identifiers import canonical
from kouan.linking.likeness import ALIKE, HANGUL, Alike, abbreviates, is_another, is_exact, likeness, written_so
from kouan.linking.namesakes import PLACE, WIDE, Namesakes
from kouan.linking.naming import DERIVED, DISTRICT, MAIN, UNSAID, KnownName
from kouan.linking.reading import read_cell
from kouan.linking.things import AREA, AREAS, PORT, TOWN, Thing
from kouan.vocabulary import KOUAN

COUNTY = KOUAN + "County"
# What a name may say that means a part of an area.
PARTS = {COUNTY, TOWN}
# No name is longer; what is would only cost time.
LONGEST = 300
# How many names are remembered with what is called alike.
KEPT = 2048
SURE, CLEAR_LEAD = 88.0, 8.0
# A name with a slip is sure only where it is so long that another place is hardly meant, or something else confirms it.
# In pinyin another name is the likelier the shorter it is: Jiancheng is not Jiangcheng.
LONG, LONG_PINYIN = 10, 12
DOUBTFUL, LEAST = 60.0, 40.0
# A city of which one reads "county" may still be meant, so disagreement of kinds costs, and agreement gains.
KIND_PENALTY, KIND_GAIN = 28.0, 4.0
# What agrees gains the same for every candidate: a thing that is meant never falls back for what is truly said of it.
GAIN = {"type": 4.0, "within": 6.0, "near": 6.0, "property": 8.0, "identifier": 30.0}
COST = {"type": 28.0, "within": 25.0, "near": 25.0, "property": 6.0, "identifier": 6.0}
# Where somebody wrote a name to the letter, names that are only alike are hardly meant.
NOT_WRITTEN = 20.0
CONTRADICTIONS = ("kind", "type", "within", "identifier", "property")
ELSEWHERE = "also called so: "
CONFIRMATIONS = ("within", "identifier", "property", "near")


class Matcher:
    """Finds candidates among the things of one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.areas = Areas(gazetteer)
        self.namesakes = Namesakes(gazetteer.things if gazetteer.is_own else {})
        self.testimony = Testimony(gazetteer, self.areas, self.namesakes)
        self._keys = sorted(gazetteer.written - {""})
        self._by_start: dict[str, list[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        self._remembered: dict[str, dict[str, Alike]] = {}
        for key in self._keys:
            self._by_length.setdefault(len(key), []).append(key)
            for start in {key[:1], key[:2]}:
                self._by_start.setdefault(start, []).append(key)

    def candidates(self, text: str, evidence: Clues = NOTHING, limit: int | None = 5) -> list[Candidate]:
        """Return the things that the name may mean, best first; at most one of them is a match."""
        if len(text) > LONGEST:
            return []
        reading = read_cell(text, self.areas)
        if reading.identifier:
            evidence = replace(evidence, identifiers=(*evidence.identifiers, reading.identifier))
        evidence = replace(evidence, within=self.areas.with_beside(evidence.within, reading.within))
        # The name again is no more evidence.
        others = {key: text for text in evidence.names if (key := read_name(text).key) != reading.name.key}
        evidence = replace(evidence, names=tuple(others.values()))
        held = self.areas.held(evidence.within)
        likenesses = dict(self._named_alike(reading.name))
        for identifier in (each for said in evidence.identifiers for each in alternatives(said)):
            if (thing := self.gazetteer.find(identifier)) and thing.iri not in likenesses:
                likenesses[thing.iri] = self._likeness(thing.iri, reading.name)
        held = self._of_others(held, likenesses, reading.name, evidence.types)
        is_written = any(alike.exact and alike.likeness >= DERIVED for alike in likenesses.values())
        towns = self._towns_called(reading.name)
        to_letter = written_so(reading.name, likenesses)
        scored = []
        for iri, alike in likenesses.items():
            if is_written and not alike.exact:
                alike = alike._replace(likeness=alike.likeness - NOT_WRITTEN)
            elif towns and iri not in towns:
                alike = alike._replace(likeness=alike.likeness - UNSAID)
            elif to_letter and iri not in to_letter and not self._are_beside(iri, to_letter):
                alike = alike._replace(likeness=alike.likeness - UNSAID, exact=False)
            scored.append(self._score(self.gazetteer.things[iri], reading.name, alike, evidence, held))
        scored = [c for c in scored if self._is_shown(c)]
        if held or evidence.point:
            # Of what lies somewhere no newspaper and no notice is meant, unless it is called so, or nothing else is.
            scored = [c for c in scored if self._lies_somewhere(c.thing, reading.name)] or scored
        scored.sort(key=lambda c: (-c.weight, c.thing.iri))
        return self._decide(scored, reading.name, evidence.types, held)[:limit]

    def candidates_of_any(self, texts: Iterable[str], evidence: Clues = NOTHING) -> list[Candidate]:
        """Return the things that any of several names may mean, best first; a match only where no name leads elsewhere."""
        best: dict[str, Candidate] = {}
        for text in dict.fromkeys(texts):
            others = tuple(each for each in texts if each != text)
            for found in self.candidates(text, replace(evidence, names=(*others, *evidence.names)), None):
                known = best.get(found.thing.iri, found)
                best[found.thing.iri] = max(known, found, key=lambda c: (c.match, c.weight))
        ordered = sorted(best.values(), key=lambda c: (-c.weight, c.thing.iri))
        is_clear = len(ordered) < 2 or ordered[0].weight - ordered[1].weight >= CLEAR_LEAD
        return [replace(c, match=c.match and is_clear and c is ordered[0]) for c in ordered]

    def _of_others(self, held: Held, likenesses: Mapping[str, Alike], name: Name, types: Iterable[str]) -> Held:
        """Return the areas that are said but what the name itself means: 满洲里 in 满洲里市 says no more than 满洲里.

        Who says that Jilin lies in Jilin means the city.
        """
        things, types = self.gazetteer.things, set(types)
        meant = {
            iri
            for iri, alike in likenesses.items()
            if alike.exact and AREA in things[iri].types and self.gazetteer.is_own
            if name.kind in things[iri].types or (not name.kind and PROVINCE not in things[iri].types)
            if not types or types & things[iri].types
            if things[iri].types & {COUNTRY} or not is_another(alike.called, things[iri])
        }
        meant -= {iri for iri in meant if any(iri in things[other].within for other in meant)}
        return [each for each in held if not any(known and known <= meant for known in each)]

    def _are_beside(self, iri: str, others: Iterable[str]) -> bool:
        """Return whether one of some things lies in a country that another lies in: the port of Sinuiju, which is called after it."""
        return any(self.gazetteer.things[iri].within & self.gazetteer.things[other].within for other in others)

    def _towns_called(self, name: Name) -> set[str]:
        """Return the areas that are called so with the word for a kind in it: Alataw Pass is a town before its port is it."""
        found = self.gazetteer.keys.get(name.key, ()) if name.kind else ()
        return {i for i in found if AREA in self.gazetteer.things[i].types and self.gazetteer.is_named(i, name)}

    def suggestions(self, prefix: str, limit: int = 20) -> list[Thing]:
        """Return the thing of an identifier, then those a name of which starts with the prefix: towns before other places and the rest.

        Where none does, those that are called alike.
        """
        name = read_name(prefix)
        wanted = {key for key in (name.key, latin(prefix)) if key}
        identified = self.gazetteer.find(prefix.strip())
        if not wanted:
            return []
        best: dict[str, int] = {}
        for key in self._keys:
            if any(key.startswith(start) for start in wanted):
                for iri in self.gazetteer.keys[key]:
                    best[iri] = min(best.get(iri, 999), len(key))
        things = [self.gazetteer.things[iri] for iri in best]
        # Where the data has places, they are what tables mostly name, and a bare name is rather a town's than a port's.
        order = {thing.iri: (PLACE not in thing.types, PORT in thing.types) for thing in things}
        ordered = sorted(things, key=lambda t: (order[t.iri], best[t.iri], len(t.label), t.iri))
        if not (ordered or identified):
            # Who looks for a match of a cell begins with the whole cell.
            return [each.thing for each in self.candidates(prefix, limit=limit)]
        return ([identified, *(each for each in ordered if each is not identified)] if identified else ordered)[:limit]

    def _named_alike(self, name: Name) -> dict[str, Alike]:
        """Return the things that are called alike, and how alike; remembered, since tables repeat their names."""
        if name.text not in self._remembered:
            if len(self._remembered) >= KEPT:
                self._remembered.clear()
            self._remembered[name.text] = {iri: self._likeness(iri, name) for iri in self._possible(name)}
        return self._remembered[name.text]

    def _possible(self, name: Name) -> set[str]:
        found: set[str] = set()
        for key in {name.key, name.stem, latin(name.text)} - {""}:
            found |= self.gazetteer.keys.get(key, set())
            if key in self.gazetteer.written:
                # Written to the letter: what is only alike is not meant.
                continue
            # Names of other lengths are too far from it to be looked at.
            near_long = range(len(key) * ALIKE // (200 - ALIKE), len(key) * (200 - ALIKE) // ALIKE + 2)
            for keys in (self._by_length.get(length, ()) for length in near_long):
                for near, _, _ in process.extract(key, keys, scorer=fuzz.ratio, limit=20, score_cutoff=ALIKE):
                    found |= self.gazetteer.keys[near]
        return found | {iri for key in self._shortened(name) for iri in self.gazetteer.keys[key]}

    def _shortened(self, name: Name) -> list[str]:
        """Return the keys that the name may be short for."""
        start = name.stem[:1] if name.is_chinese else name.stem[:2]
        return [key for key in self._by_start.get(start, []) if abbreviates(name.stem, key)]

    def _likeness(self, iri: str, name: Name) -> Alike:
        """Return the best likeness of the name to those of a thing."""
        # Only places are named by their sound: the village of Jichang is no 机场.
        is_heard = name.is_chinese or self.testimony.may_be_place(self.gazetteer.things[iri])
        found = [
            Alike(likeness(name, other, weight, unsaid), is_exact(name, other), unsaid, other.text)
            for other, weight, unsaid in self.gazetteer.names[iri]
            if is_heard or not other.is_chinese
        ]
        best = max(found, default=Alike(0.0, False, 0.0, ""))
        called = name.text if any(name.text == each.called for each in found) else best.called
        return best._replace(exact=any(each.exact for each in found), called=called)

    def _score(self, thing: Thing, name: Name, alike: Alike, evidence: Clues, held: Held) -> Candidate:
        features: dict[str, float | bool] = {"name": round(alike.likeness, 1), "exact": alike.exact}
        base = alike.likeness
        # Of other data nobody knows how its types are called in names.
        has_kind = name.kind if self.gazetteer.is_own else ""
        kind = self._is_of_kind(thing, name) if has_kind else None
        if kind is not None:
            features["kind"] = kind
            base += KIND_GAIN if kind else -KIND_PENALTY
        elif has_kind:
            # It was of the kind once; another place may be now.
            features["exact"] = False
        said = self.testimony.said(thing, evidence, held, features)
        if self.areas.is_itself(thing, held) and is_another(alike.called, thing):
            # Hailar in Hulunbuir is its seat, and a part of it.
            said["within"].append(False)
        if True in said["identifier"]:
            # What is known by its number needs no name, but a name that is another's makes it doubtful.
            is_bare = not name.key or {canonical(name.text), name.text} & set(evidence.identifiers)
            base = max(base, (SURE if is_bare else DOUBTFUL) - GAIN["identifier"])
        weight = certainty = base
        for reason, pieces in said.items():
            told = [piece for piece in pieces if piece is not None]
            if told:
                features[reason] = False not in told
                weight += sum(GAIN[reason] if piece else -COST[reason] for piece in told)
                tells = reason != "type" and (reason != "within" or self.areas.tell_apart(thing, held))
                certainty += GAIN[reason] if features[reason] and tells else 0.0
        if features.get("type") and not name.kind and not set(evidence.types) <= WIDE:
            # The type says what the name left out, such as that it is a port's.
            certainty += alike.unsaid
        features |= {f"not compared: {each}": False for each in evidence.unknown}
        return Candidate(thing, weight, certainty, features, alike.called if alike.likeness else "")

    def _lies_somewhere(self, thing: Thing, name: Name) -> bool:
        if PLACE in thing.types or thing.within or thing.point or not self.gazetteer.is_own:
            return True
        return self.gazetteer.is_named(thing.iri, name)

    def _is_shown(self, candidate: Candidate) -> bool:
        least = LEAST if candidate.features.get("type", True) else DOUBTFUL
        return candidate.weight >= least

    def _is_of_kind(self, thing: Thing, name: Name) -> bool | None:
        """Return whether the thing is of the kind in the name, or is called so, as the county that is called a city is.

        None where it is so called no more, and the name is a district's, or not in Chinese: in letters many places have one
        spelling, and districts have few names.
        """
        called = [known for known in self.gazetteer.names[thing.iri] if known.name.kind == name.kind]
        if name.kind in PARTS - thing.types and AREA in thing.types and not self._is_known_as(called, thing):
            # GeoNames calls a city as its seat, too, which is a town or a district in it.
            return False
        if any(known.name.key == name.key and known.weight > DERIVED for known in called):
            # 防城港 is a city, whatever its last character says.
            called, name = [known for known in called if known.name.key == name.key], replace(name, sort="")
        elif AREA in thing.types and name.kind not in AREAS:
            return False
        if name.sort and COUNTY in thing.types:
            called = [known for known in called if known.name.sort == name.sort]
        elif name.kinds & thing.types:
            return True
        was = name.is_chinese and name.sort != DISTRICT
        if any(known.name.text not in thing.former or was for known in called):
            return True
        return None if called else False

    def _is_known_as(self, called: list[KnownName], thing: Thing) -> bool:
        """Return whether one of the names is a label of the thing, or one that it had."""
        return any(known.weight == MAIN or known.name.text in thing.former for known in called)

    def _is_called_after(self, candidate: Candidate, area: Candidate) -> bool:
        """Return whether a name is rather that of an area, after which what lies elsewhere is hardly called.

        The port of Mengla is one there, and not that of Mong La, whose name is written so without its tones.
        """
        if not area.features["exact"] or area.features["name"] < candidate.features["name"]:
            return False
        is_area = AREA in area.thing.types and AREA not in candidate.thing.types
        lies_there = area.thing.iri in candidate.thing.within
        return is_area and not lies_there and not stems(candidate.thing) & stems(area.thing)

    def _decide(self, scored: list[Candidate], name: Name, types: tuple[str, ...], held: Held) -> list[Candidate]:
        if not scored:
            return []
        best, features = scored[0], scored[0].features
        lead = best.weight - (scored[1].weight if len(scored) > 1 else 0.0)
        contradicted = any(features.get(reason) is False for reason in CONTRADICTIONS) or features.get("near") is False
        # A word for a kind that agrees is worth two letters.
        is_long = len(name.stem) + 2 * (features.get("kind") is True) >= (LONG_PINYIN if is_pinyin(name.text) else LONG)
        # Of other data nobody knows how alike its names are: World War I is no World War II with a slip.
        is_long = is_long and self.gazetteer.is_own
        # Nor of names abroad, which end in the word for a kind: Zabaykalsky is no Zabaykalsk.
        is_long = is_long and name.stem[-2:] == read_name(best.called).stem[-2:]
        # What it was called once by its kind is no slip, and another place may be called so now.
        was_so_once = bool(name.kind) and "kind" not in features
        is_long = is_long and not was_so_once
        # Nor is a slip made of a port's name without the word for it: Uliastai is no port called Ulastai.
        is_long = is_long and (PORT not in best.thing.types or bool(name.kind) or not set(types) <= WIDE)
        is_former_self = any(self.areas.is_former_self(best.thing, known) for areas in held for known in areas)
        if name.is_chinese and not self.gazetteer.is_named(best.thing.iri, name):
            # 伊犁地区 was beside today's prefecture of that name, which it became a part of.
            was = frozenset(self.gazetteer.former_areas.named(name.text))
            is_former_self = is_former_self or self.areas.is_former_self(best.thing, was)
        if is_former_self and not features.get("identifier"):
            features, contradicted = {**features, "within": False}, True
        # A county of old is told from others by all that are called so, below; districts have few names.
        was_county = (
            was_so_once and name.kind == COUNTY and name.sort != DISTRICT and self._was_called(best.thing, name)
        )
        exact = features["exact"] or was_county or (features["name"] >= SURE and is_long)
        # An area tells a thing apart from those only that do not lie in it, too.
        is_placed = any(features.get(reason) for reason in CONFIRMATIONS if reason != "within")
        told_apart = is_placed or (bool(features.get("within")) and self.areas.tell_apart(best.thing, held))
        # What is only alike is not meant where another place is called so to the letter, wherever that lies.
        is_letter = features["exact"] or (was_so_once and features["name"] >= DERIVED)
        meant, areas = (name, held) if is_letter else (replace(name, kind="", sort=""), [])
        elsewhere = None if is_placed else self.namesakes.met(meant, best.thing, types, areas)
        if is_long and not elsewhere and not told_apart and not features["exact"]:
            elsewhere = self.namesakes.nearest(name, best.called, types)
        if not elsewhere and not told_apart:
            elsewhere = self.namesakes.abroad(name, best.thing, types) or self.namesakes.river(name, best.thing, types)
        if elsewhere:
            features = {**features, ELSEWHERE + elsewhere.told: True}
        is_doubtful = contradicted or elsewhere
        sure = best.certainty >= SURE and lead >= CLEAR_LEAD and (exact or told_apart) and not is_doubtful
        sure = sure and not any(self._is_rather(other, best, name, told_apart) for other in scored[1:])
        return [replace(best, match=sure, features=features), *scored[1:]]

    def _was_called(self, thing: Thing, name: Name) -> bool:
        """Return whether a thing has the name to the letter, but for the word for its kind."""
        return any(known.name.stem == name.stem for known in self.gazetteer.names[thing.iri])

    def _is_rather(self, other: Candidate, best: Candidate, name: Name, told_apart: bool) -> bool:
        """Return whether a name is rather another candidate's, however far the best leads; `told_apart` is what only that is."""
        if not told_apart and self._is_called_after(best, other):
            return True
        if not name.kind and AREA in other.thing.types - best.thing.types and other.features.get("type") is not False:
            # What a bare name is first a town's, whatever speaks against that, is no port's.
            return bool(other.features["exact"]) and other.features["name"] > best.features["name"]
        if not (told_apart or best.features["exact"]) and other.features["name"] >= best.features["name"]:
            # A slip is made of the name that is nearest, whatever kind that is of.
            return True
        # Koreans mostly read the characters: 동강 is 同江 before it is Donggang.
        is_spelled = bool(HANGUL.match(name.text)) and not HANGUL.match(best.called)
        is_spelled = is_spelled and not stems(best.thing) & stems(other.thing)
        is_of_kind = other.features.get("kind") is not False
        return is_spelled and is_of_kind and bool(other.features["exact"]) and bool(HANGUL.match(other.called))
