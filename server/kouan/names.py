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
    "壮族自治区": "Province",
    "回族自治区": "Province",
    "维吾尔自治区": "Province",
    "自治区": "Province",
    "铁路口岸": "RailPort",
    "公路口岸": "RoadPort",
    "航空口岸": "AirPort",
    "水运口岸": "WaterPort",
    "口岸": "Port",
    "自治县": "County",
    "城市群": "CityCluster",
    "省": "Province",
    "市": "City",
    "县": "County",
    "旗": "County",
}
ENGLISH_ENDINGS = {
    "border economic cooperation zone": "BorderEconomicCooperationZone",
    "cross-border economic cooperation zone": "CrossBorderEconomicCooperationZone",
    "pilot zone": "PilotZone",
    "city cluster": "CityCluster",
    "autonomous region": "Province",
    "autonomous county": "County",
    "port of entry": "Port",
    "railway port": "RailPort",
    "rail port": "RailPort",
    "highway port": "RoadPort",
    "road port": "RoadPort",
    "airport": "AirPort",
    "border port": "Port",
    "port": "Port",
    "kouan": "Port",
    "province": "Province",
    "prefecture-level city": "City",
    "county-level city": "City",
    "municipality": "City",
    "city": "City",
    "shi": "City",
    "sheng": "Province",
    "county": "County",
    "xian": "County",
    "banner": "County",
    "qi": "County",
}
NOT_LETTERS = re.compile(r"[\W_]+")
HAN = re.compile(r"[\u3400-\u9fff]")


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
        return Name(text, _letters(text), _letters(stem), KOUAN + CHINESE_ENDINGS[ending] if ending else "")
    plain = re.sub(r"\s+", " ", text.casefold().replace(",", " ").strip())
    ending = next((e for e in ENGLISH_ENDINGS if plain.endswith(" " + e)), "")
    stem = plain.removesuffix(ending).strip() if ending else plain
    return Name(text, latin(plain), latin(stem), KOUAN + ENGLISH_ENDINGS[ending] if ending else "")


def latin(text: str) -> str:
    """Return a name of any script in lower-case Latin letters, without tones, marks and spaces."""
    return NOT_LETTERS.sub("", str(anyascii(text)).casefold())


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", text.casefold())
