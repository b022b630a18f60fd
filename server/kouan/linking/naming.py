"""Say by which names things may be called, and how surely each name means its thing. Knows names and kinds; compares none.

A thing has its labels and other names, what it was called before, and spellings of its pinyin that atlases had.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from rapidfuzz import fuzz

from kouan.graph.hangul import hangul
from kouan.graph.place_names import Name, bare_name, latin, read_name
from kouan.graph.postal import mixed, postal
from kouan.graph.romanisation import from_wade_giles, is_pinyin, palladius, pinyin, wade_giles
from kouan.graph.sino_korean import sino_korean
from kouan.linking.provinces import other_names
from kouan.linking.things import AREA, AREAS, CODE, PORT, TOWN, Thing
from kouan.vocabulary import KOUAN

# How near to certain a name of each sort is, when a query is its very letters.
MAIN, ALTERNATIVE_NAME, CALLED_SO, DERIVED = 96.0, 94.0, 93.0, 90.0
# The bare name of a port is rather its town's, however it is spelled; the word for its kind makes it sure.
DERIVED_BARE = 84.5
# Many cities had a district of one name, so where one was has to be said, too.
DISTRICT, FORMER_DISTRICT = "district", 82.0
# What is called by its bare name in atlases of other spellings; a zone and one of several ports are not.
SPELLED = {"", PORT} | {KOUAN + kind for kind in ("City", "County", "Prefecture", "Province")}
# An autonomous area is called by the first word of its name: Bortala Mongol Autonomous Prefecture.
AUTONOMOUS = re.compile(r"(\w+) .*Autonomous (?:Prefecture|County)$")
# What has one name with what faces it across the border is called so after it, by as much as makes a lead clear.
FACING = ALTERNATIVE_NAME - 10.0
FACES = KOUAN + "facesPort"
# A town's other name that is so like that of what its port faces is not the port's.
FACED = 85
# What a thing loses whose name says its kind, such as a port of entry, to a name that does not.
UNSAID = 8.0


class KnownName(NamedTuple):
    """A name of a thing: how near to certain it is to the letter, and what it loses where its kind is not written."""

    name: Name
    weight: float
    unsaid: float


class NameIndex:
    """The names of every thing, weighed against those of the others: `keys` are things by a name, `known` names by a thing."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self.things = things
        self._countries = {iri for iri, thing in things.items() if KOUAN + "Country" in thing.types}
        self.keys, self.known = self._index()

    def _index(self) -> tuple[dict[str, set[str]], dict[str, list[KnownName]]]:
        keys: dict[str, set[str]] = defaultdict(set)
        names: dict[str, list[tuple[Name, float]]] = {}
        labels: dict[str, set[str]] = defaultdict(set)
        for iri, text in ((iri, text) for iri, thing in self.things.items() for text in thing.labels.values()):
            labels[read_name(text).stem].add(iri)
        for iri, thing in self.things.items():
            former = [name for text in sorted(thing.former) if (name := self._once(thing, text, labels))]
            names[iri] = _called(thing, former, self._is_abroad(thing))
            facing = [(read_name(text), FACING) for text in self._without_country(thing)]
            if PORT in thing.types and self._is_abroad(thing):
                names[iri] = _of_towns(names[iri], {latin(name.stem) for name, _ in facing})
            names[iri] += facing
        self._name_seats(names)
        self._name_ports(names)
        for iri, known in names.items():
            for name, _ in known:
                for key in {name.key, name.stem, latin(name.text)}:
                    keys[key].add(iri)
        return dict(keys), self._prefer_plain(names)

    def _once(self, thing: Thing, text: str, labels: Mapping[str, set[str]]) -> Name | None:
        """Return a name that a thing had; None where it is another's today.

        What was merged into a thing may be the namesake of another, as 畹町 is of its port. 哈密县 is today's 伊州区, and 哈密 is not.
        """
        name = read_name(text)
        others = [self.things[iri] for iri in labels.get(name.stem, ()) if iri != thing.iri]
        if not others or thing.iri in labels[name.stem]:
            return name
        is_theirs = any(
            name.key in {read_name(each).key for each, _, _ in other.names}
            or (name.kind in other.types and not name.sort)
            for other in others
        )
        return None if is_theirs or not name.kind else replace(name, stem=name.key)

    def _without_country(self, thing: Thing) -> list[str]:
        """Return the labels of a port without the country that tells it from what faces it: Torugart port of entry, Kyrgyzstan."""
        found = []
        for country in (self.things[iri] for iri in self._countries & thing.within if PORT in thing.types):
            for language, text in thing.labels.items():
                named = country.labels.get(language) or text
                found += [text.removesuffix(f", {named}"), text.removeprefix(named)]
        return [text for text in found if text and text not in thing.labels.values()]

    def _name_seats(self, names: dict[str, list[tuple[Name, float]]]) -> None:
        """Give a city the bare names of the prefecture that is named after it: قەشقەر is Kashgar before its prefecture."""
        seats: dict[str, set[str]] = defaultdict(set)
        for iri, known in names.items():
            for name, weight in known:
                if weight == MAIN and not name.kind and AREA in self.things[iri].types:
                    seats[name.stem].add(iri)
        for area, known in list(names.items()):
            stems = {name.stem for name, weight in known if weight == MAIN and name.kind}
            bare = [(name, ALTERNATIVE_NAME) for name, weight in known if weight == ALTERNATIVE_NAME and not name.kind]
            for seat in (each for stem in stems for each in seats[stem]):
                if area in self.things[seat].within and AREA in self.things[area].types:
                    has = {name.key for name, _ in names[seat]}
                    names[seat] += [(name, weight) for name, weight in bare if name.key not in has]

    def _name_ports(self, names: dict[str, list[tuple[Name, float]]]) -> None:
        """Give a port or a zone the other names of the town that it is called after: Horgos Port is the port of Khorgos."""
        towns: dict[str, set[str]] = defaultdict(set)
        for iri, known in names.items():
            if AREA in self.things[iri].types:
                for name, weight in known:
                    if weight == MAIN and not name.kind:
                        towns[name.stem].add(iri)
        for iri, known in names.items():
            thing = self.things[iri]
            called_after = {
                (name.kind, town)
                for name, weight in known
                if weight >= ALTERNATIVE_NAME and name.kind in thing.types - AREAS
                for town in towns[name.stem]
                if weight == MAIN or town in thing.within
            }
            has = {name.stem for name, _ in known if name.kind}
            for kind, town in called_after:
                ending = kind.removeprefix(KOUAN).casefold()
                known += [
                    (replace(name, key=name.key + ending, kind=kind), DERIVED)
                    for name, weight in names[town]
                    if weight == ALTERNATIVE_NAME and not name.kind and name.stem not in has
                    if not self._is_faced(thing, name)
                ]

    def _is_faced(self, port: Thing, name: Name) -> bool:
        """Return whether a name is rather that of what a port faces: Suifenhe was Pogranichnaya, and its port faces Pogranichny's."""
        faced = [self.things[each.value] for each in port.values.get(FACES, ()) if each.value in self.things]
        own, theirs = (
            {latin(read_name(text).stem) for each in some for text in each.labels.values()} for some in ([port], faced)
        )
        return any(fuzz.ratio(latin(name.stem), stem) >= FACED for stem in theirs - own)

    def _prefer_plain(self, names: dict[str, list[tuple[Name, float]]]) -> dict[str, list[KnownName]]:
        """Return the names with less weight where a bare name is first another thing's: Ruili is the city, not its port."""
        areas: dict[str, set[str]] = defaultdict(set)
        labels: dict[str, set[str]] = defaultdict(set)
        bare: dict[str, set[str]] = defaultdict(set)
        seats: dict[str, set[str]] = defaultdict(set)
        ports: dict[str, set[str]] = defaultdict(set)
        stems = {iri: {name.stem for name, weight in known if weight == MAIN} for iri, known in names.items()}
        for iri, known in names.items():
            for name, weight in known:
                if AREA in self.things[iri].types:
                    areas[latin(name.stem)].add(iri)
                if weight == MAIN and not name.kind:
                    labels[latin(name.text)].add(iri)
                if PORT in self.things[iri].types:
                    ports[name.stem].add(iri)
                if weight > DERIVED and not name.kind:
                    bare[latin(name.text)].add(iri)
                    if any(heavy == MAIN and not each.kind for each, heavy in known) and AREA in self.things[iri].types:
                        seats[latin(name.text)].add(iri)

        def weigh(iri: str, name: Name, weight: float) -> float:
            if weight == DERIVED_BARE and not bare[name.key] - {iri} and self._is_placed(iri):
                # Of a port in China the towns of whose name are known, too.
                weight = DERIVED - UNSAID / 4
            if weight == MAIN or name.kind:
                return weight
            same = areas[latin(name.text)]
            if AREA not in self.things[iri].types:
                holders = same
            else:
                # A prefecture whose label says so has its bare name after the city, a county not before its prefecture.
                says_kind = all(each.kind for each, heavy in names[iri] if heavy == MAIN)
                after = {seat for seat in seats[latin(name.text)] if stems[seat] & stems[iri]}
                holders = after | same & self.things[iri].within if says_kind else labels[latin(name.text)]
            return weight - UNSAID if holders - {iri} else weight

        def unsaid(iri: str, name: Name) -> float:
            stem = latin(name.stem)
            is_alone = not bare[stem] - {iri}
            if AREA in self.things[iri].types:
                return 0.0 if is_alone and not areas[stem] & self.things[iri].within else UNSAID
            if name.kind == PORT:
                # Abroad the graph has ports and few of their towns, which the bare name rather means.
                return UNSAID / 2 if is_alone and self._is_placed(iri) else UNSAID
            if PORT in self.things[iri].types and ports[name.stem] == {iri}:
                # Where there is no other, 密山口岸 is the port by road.
                return UNSAID
            return 2 * UNSAID

        return {
            iri: [KnownName(name, weigh(iri, name, weight), unsaid(iri, name)) for name, weight in known]
            for iri, known in names.items()
        }

    def _is_abroad(self, thing: Thing) -> bool:
        """Return whether the data says that a thing is, or lies in, a country that is not China."""
        countries = self._countries & thing.within | self._countries & {thing.iri}
        return bool(countries) and all(self.things[country].identifier != "china" for country in countries)

    def _is_placed(self, iri: str) -> bool:
        """Return whether the data says more of where a thing lies than its country."""
        holders = [self.things[place] for place in self.things[iri].within if place in self.things]
        return any(AREA in holder.types and KOUAN + "Country" not in holder.types for holder in holders)


def _called(thing: Thing, former: Iterable[Name], is_abroad: bool) -> list[tuple[Name, float]]:
    """Return the names of a thing and how near to certain each is: its own, former ones, and spellings made of them.

    Atlases spell only what lies in China by its Chinese name: Te-ko is not 德国.
    """
    names = [(read_name(text), MAIN if is_main else ALTERNATIVE_NAME) for text, _, is_main in thing.names]
    names += [(name, CALLED_SO if name.sort != DISTRICT else FORMER_DISTRICT) for name in former]
    names += [
        (bare_name(found[1]), ALTERNATIVE_NAME) for text in thing.labels.values() if (found := AUTONOMOUS.match(text))
    ]
    codes = [value.value for value in thing.values.get(CODE, ())]
    called = [(read_name(text), CALLED_SO) for code in codes for text in other_names(code)]
    if KOUAN + "Province" in thing.types:
        names += called
    if is_abroad:
        return names
    spoken = {text for text, language, _ in thing.names if language == "zh-latn"}
    # Xinjing is Jingxi's seat, for which atlases had spellings of its own: those are another city's, too.
    chinese = {latin(pinyin(name.stem)) for name in (*former, *(name for name, _ in names)) if name.is_chinese}
    spoken = {text for text in spoken if not chinese or _sounds_as(text, chinese)}
    plain = [
        name
        for name, weight in names
        if name.kind in SPELLED and _is_spoken(name)
        if weight == MAIN or not chinese or name.is_chinese or name.stem in chinese
    ]
    spoken |= {pinyin(name.stem) if name.is_chinese else name.stem for name in plain}
    derived = {spell(text) for text in spoken for spell in (palladius, hangul)}
    # Burang, as Tibetans say it, is not spelled as if it were Chinese.
    spoken = {text for text in spoken if not chinese or _sounds_as(text, chinese)}
    derived = (derived | {wade_giles(text) for text in spoken}) - {""}
    derived |= {read for name in plain if name.is_chinese for read in sino_korean(name.stem)}
    derived |= {spelled for text in spoken for spelled in postal(text) | mixed(text)}
    written = {text for text, language, _ in thing.names if language.endswith("wadegile")}
    derived |= {from_wade_giles(text) for text in written if read_name(text).kind != TOWN} - {""}
    weight = DERIVED if AREA in thing.types else DERIVED_BARE
    # 克州 is short, and nobody spelled it as Kochow.
    names += called if KOUAN + "Prefecture" in thing.types else []
    return names + [(bare_name(text), weight) for text in sorted(derived)]


def _of_towns(names: Iterable[tuple[Name, float]], facing: set[str]) -> list[tuple[Name, float]]:
    """Return the names of a port abroad: a bare one is its town's, after which the port is called with the word for it.

    One that is the name of the port of China that it faces comes after that port's.
    """
    found = []
    for name, weight in names:
        if not name.kind and weight != MAIN:
            weight = min(weight, ALTERNATIVE_NAME - UNSAID) if latin(name.text) in facing else weight
            name = replace(name, key=name.key + "port", kind=PORT)
        found.append((name, weight))
    return found


def _sounds_as(text: str, spoken: Collection[str]) -> bool:
    """Return whether a text in pinyin, whatever word for a kind it has, is how one of some names sounds."""
    return not {latin(text), read_name(text).stem}.isdisjoint(spoken)


def _is_spoken(name: Name) -> bool:
    """Return whether a name is Chinese, in characters or in pinyin without marks."""
    return name.is_chinese or (name.text.replace(" ", "").isalpha() and name.text.isascii() and is_pinyin(name.stem))
