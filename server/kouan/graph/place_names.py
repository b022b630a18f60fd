"""Bring names to a form in which spellings of one name meet. Knows scripts and the words for kinds of places; knows no things."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import opencc
from anyascii import anyascii

from kouan.vocabulary import KOUAN

# What a name's ending says of the kind of thing it means. Longer endings first, so that 自治区 is not read as 区.
CHINESE_ENDINGS = {
    "边境经济合作区": "BorderEconomicCooperationZone",
    "跨境经济合作区": "CrossBorderEconomicCooperationZone",
    "重点开发开放试验区": "PilotZone",
    "经济合作区": "CooperationZone",
    "试验区": "PilotZone",
    "壮族自治区": "Province",
    "回族自治区": "Province",
    "维吾尔自治区": "Province",
    "自治区": "Province",
    "铁路口岸": "RailPort",
    "公路口岸": "RoadPort",
    "航空口岸": "AirPort",
    "水运口岸": "WaterPort",
    "口岸": "Port",
    "边合区": "BorderEconomicCooperationZone",
    "自治州": "Prefecture",
    "自治县": "County",
    "地区": "Prefecture",
    "城市群": "CityCluster",
    "省": "Province",
    "市": "City",
    "县": "County",
    "旗": "County",
    "盟": "Prefecture",
    "区": "County",
    "州": "Prefecture",
    "港": "Port",
}
ENGLISH_ENDINGS = {
    "border economic cooperation zone": "BorderEconomicCooperationZone",
    "cross-border economic cooperation zone": "CrossBorderEconomicCooperationZone",
    "becz": "BorderEconomicCooperationZone",
    "pilot zone": "PilotZone",
    "city cluster": "CityCluster",
    "autonomous region": "Province",
    "autonomous county": "County",
    "autonomous prefecture": "Prefecture",
    "port of entry": "Port",
    "railway port": "RailPort",
    "rail port": "RailPort",
    "highway port": "RoadPort",
    "road port": "RoadPort",
    "airport": "AirPort",
    "border port": "Port",
    "land port": "Port",
    "border crossing": "Port",
    "checkpoint": "Port",
    "port": "Port",
    "kouan": "Port",
    "province": "Province",
    "prefecture-level city": "City",
    "county-level city": "City",
    "municipality": "City",
    "city": "City",
    "shi": "City",
    "sheng": "Province",
    "autonomous banner": "County",
    "prefecture": "Prefecture",
    "diqu": "Prefecture",
    "league": "Prefecture",
    "county": "County",
    "district": "County",
    "xian": "County",
    "banner": "County",
    "qi": "County",
    "qu": "County",
}
# Kinds of counties that one name can tell apart: 河口区 and 河口县 are two places.
SORTS = {
    "district": ("区", "district", "qu"),
    "county": ("县", "自治县", "county", "xian", "autonomous county"),
    "banner": ("旗", "banner", "qi", "autonomous banner"),
}
ENGLISH_BEGINNING = re.compile(r"^(port|city|county|prefecture|district|province) of (.+)$")
NOT_LETTERS = re.compile(r"[\W_]+")
HAN = re.compile(r"[\u3400-\u9fff]")
TONE_NUMBER = re.compile(r"(?<=[a-zü])[1-5](?=[\W_a-z]|$)")


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@dataclass(frozen=True)
class Name:
    """A name as it can be compared: its key, the key without the word for its kind, and the kind that word says."""

    text: str
    key: str
    stem: str
    kind: str
    sort: str = ""

    @property
    def is_chinese(self) -> bool:
        """Return whether the name is written in Chinese characters."""
        return bool(HAN.search(self.text))


def read_name(text: str) -> Name:
    """Return a name in comparable form: simplified characters; else Latin letters without case, tones and spaces."""
    text = unicodedata.normalize("NFKC", text).strip()
    if HAN.search(text):
        text = _simplifier().convert(text)
        ending = next((e for e in CHINESE_ENDINGS if text.endswith(e) and len(text) > len(e)), "")
        stem = text.removesuffix(ending) if ending else text
        # A single character is never a place without its kind: 黎 is not 黎县.
        stem = stem if len(stem) > 1 else text
        ending = ending if stem != text else ""
        return Name(
            text, _letters(text), _letters(stem), KOUAN + CHINESE_ENDINGS[ending] if ending else "", _sort(ending)
        )
    plain = re.sub(r"\s+", " ", text.casefold().replace(",", " ").strip())
    plain = TONE_NUMBER.sub("", ENGLISH_BEGINNING.sub(r"\2 \1", plain))
    ending = next((e for e in ENGLISH_ENDINGS if plain.endswith(" " + e)), "")
    stem = plain.removesuffix(ending).strip() if ending else plain
    return Name(text, latin(plain), latin(stem), KOUAN + ENGLISH_ENDINGS[ending] if ending else "", _sort(ending))


def _sort(ending: str) -> str:
    return next((sort for sort, endings in SORTS.items() if ending in endings), "")


def latin(text: str) -> str:
    """Return a name of any script in lower-case Latin letters, without tones, marks and spaces."""
    return NOT_LETTERS.sub("", str(anyascii(text)).casefold())


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", text.casefold())
