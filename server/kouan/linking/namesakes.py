"""Know the divisions of China that the data lacks and whose names its things share. Knows names and ranks; scores nothing.

`divisions.tsv` has every division down to the counties as of 2024, from github.com/yescallop/areacodes (CC0), which
follows the lists of the Ministry of Civil Affairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kouan.graph.place_names import CHINESE_ENDINGS, Name, county_sort, latin, read_name
from kouan.graph.postal import mixed, postal
from kouan.graph.romanisation import from_wade_giles, palladius, pinyin, wade_giles
from kouan.linking.things import AREA, CODE, Thing
from kouan.vocabulary import KOUAN

DISTRICT, WADE_GILES = "district", "wadegile"
TABLE = Path(__file__).parent / "divisions.tsv"
KINDS = ("Country", "Province", "Prefecture", "City", "County")
COUNTRY, PROVINCE, PREFECTURE, CITY, COUNTY = (KOUAN + kind for kind in KINDS)
# What a division elsewhere may be, too; of a narrower type, such as a city on the border, only things of the graph are.
PLACE = KOUAN + "Place"
OF_ALL = {AREA, PLACE, *(KOUAN + kind for kind in KINDS)}
# 长阳土家族自治县 is called 长阳.
NATIONALITIES = re.compile(r"(?<=..)(?:\w{1,4}族)+$")


class Division(NamedTuple):
    """A division by what it is called without the word for its kind, that kind, and its rank: 4 is a province, 0 a district."""

    code: str
    name: str
    stem: str
    kind: str
    sort: str
    rank: int


class Namesakes:
    """The divisions elsewhere by every spelling in which the things of the graph may be taken for them."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        codes = {value.value for thing in things.values() for value in thing.values.get(CODE, ())}
        self._known: dict[str, list[Division]] = defaultdict(list)
        by_sound: dict[str, list[Division]] = defaultdict(list)
        for division in divisions() if things else ():
            if division.code not in codes:
                self._known[division.stem].append(division)
                by_sound[_sound(division.stem)].append(division)
        for sound, alike in by_sound.items():
            self._known[sound] += alike
        called = {
            sound for thing in things.values() for text, language, _ in thing.names for sound in sounds(text, language)
        }
        for sound in called & by_sound.keys():
            spoken = pinyin(by_sound[sound][0].stem)
            others = {wade_giles(spoken), palladius(spoken), *postal(spoken), *mixed(spoken)}
            for spelled in {latin(each) for each in others} - {"", sound}:
                self._known[spelled] += by_sound[sound]

    def met(self, name: Name, thing: Thing, types: Iterable[str]) -> Division | None:
        """Return the highest division elsewhere that a name may as well mean as the thing, if any.

        To what has the name for its own only its equals are one; to what is also called so, any.
        """
        if PLACE not in thing.types or not OF_ALL.issuperset(types):
            return None
        own, rank = (
            {_sound(NATIONALITIES.sub("", read_name(text).stem)) for text in thing.labels.values()},
            _rank(thing),
        )
        alike = [
            each
            for each in self._known.get(name.stem, ())
            if name.kind in {"", each.kind} and name.sort in {"", each.sort}
            if each.rank >= rank or _sound(each.stem) not in own
        ]
        return max(alike, key=lambda each: each.rank, default=None)


def sounds(text: str, language: str) -> list[str]:
    """Return the pinyin of a name in Chinese, in small letters without spaces: none of a name in another language."""
    if language == "zh":
        return [_sound(read_name(text).stem)]
    if language.startswith("zh-latn"):
        return [from_wade_giles(text) if language.endswith(WADE_GILES) else latin(text)]
    return []


def _sound(stem: str) -> str:
    return latin(pinyin(stem) or stem)


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
        rank = 4 if code.endswith("0000") else 3
    else:
        rank = 2 if kind == CITY else 0 if sort == DISTRICT else 1
    return Division(code, text, stem if len(stem) > 1 else text, kind, sort, rank)


def _rank(thing: Thing) -> int:
    """Return the rank of a thing among the divisions of China; what is none of them is outranked by all."""
    if AREA not in thing.types or not thing.values.get(CODE):
        return -1
    if COUNTY in thing.types:
        is_district = any(read_name(text).sort == DISTRICT for text in thing.labels.values())
        return 2 if CITY in thing.types else 0 if is_district else 1
    return 3 if {PREFECTURE, CITY} & thing.types else 4
