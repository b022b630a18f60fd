"""Bring names to a form in which spellings of one name meet. Knows scripts and the words for kinds of places; knows no things."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

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
    "国际口岸": "Port",
    "陆路口岸": "Port",
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
    "经济走廊": "EconomicCorridor",
    "走廊": "EconomicCorridor",
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
    "economic corridor": "EconomicCorridor",
    "corridor": "EconomicCorridor",
    "autonomous region": "Province",
    "autonomous county": "County",
    "autonomous prefecture": "Prefecture",
    "rail port of entry": "RailPort",
    "railway port of entry": "RailPort",
    "road port of entry": "RoadPort",
    "highway port of entry": "RoadPort",
    "water port of entry": "WaterPort",
    "river port of entry": "WaterPort",
    "railway port": "RailPort",
    "rail port": "RailPort",
    "highway port": "RoadPort",
    "road port": "RoadPort",
    "airport": "AirPort",
    "border port": "Port",
    "land port": "Port",
    "port of entry": "Port",
    "border crossing point": "Port",
    "border crossing": "Port",
    "border checkpoint": "Port",
    "border station": "Port",
    "border gate": "Port",
    "gate": "Port",
    "border post": "Port",
    "crossing": "Port",
    "checkpoint": "Port",
    "customs": "Port",
    "pass": "Port",
    "dry port": "Port",
    "river port": "WaterPort",
    "sea port": "WaterPort",
    "seaport": "WaterPort",
    "боомт": "Port",
    "port": "Port",
    "kouan": "Port",
    "kou'an": "Port",
    "kou an": "Port",
    "province": "Province",
    "prov": "Province",
    "prefecture-level city": "City",
    "county-level city": "City",
    "municipality": "City",
    "city": "City",
    "shi": "City",
    "хот": "City",
    "қаласы": "City",
    "шаары": "City",
    "شەھىرى": "City",
    "sheng": "Province",
    "autonomous banner": "County",
    "prefecture": "Prefecture",
    "pref": "Prefecture",
    "ۋىلايىتى": "Prefecture",
    "diqu": "Prefecture",
    "league": "Prefecture",
    "county": "County",
    "co": "County",
    "district": "County",
    "xian": "County",
    "banner": "County",
    "qi": "County",
    "qu": "County",
    "zizhixian": "County",
    "zizhiqi": "County",
    "zizhizhou": "Prefecture",
    "hsien": "County",
    "shih": "City",
}
# Kinds of counties that one name can tell apart: 河口区 and 河口县 are two places.
SORTS = {
    "district": ("区", "district", "qu"),
    "county": ("县", "自治县", "county", "xian", "hsien", "autonomous county", "zizhixian"),
    "banner": ("旗", "banner", "qi", "autonomous banner", "zizhiqi"),
}
# The word for a kind may come first: Port of Manzhouli, город Хэйхэ, Cửa khẩu Hữu Nghị.
BEGINNINGS = {
    r"port of|border crossing (?:at|of)|checkpoint (?:at|of)|пункт пропуска|мапп|порт|cửa khẩu(?: quốc tế)?": "port",
    r"city of|город|г\.|thành phố|thị xã|tp\.?": "city",
    r"county of|huyện": "county",
    "prefecture of": "prefecture",
    "district of": "district",
    "province of|tỉnh": "province",
}
BEGINNING = {kind: re.compile(rf"(?:{words})\s*(.+)") for words, kind in BEGINNINGS.items()}
# Korean writes the word for a kind without a space.
KOREAN_ENDING = re.compile(r"^([\uac00-\ud7a3]{2,})(시|군|도)$")
KOREAN = {"시": "city", "군": "county", "도": "province"}
# Most names end in none of them, which is seen at once.
SPACED_ENDINGS = tuple(f" {ending}" for ending in ENGLISH_ENDINGS)
NOT_LETTERS = re.compile(r"[\W_]+")
HAN = re.compile(r"[\u3400-\u9fff]")
TONE_NUMBER = re.compile(r"(?<=[a-zü])[1-5](?=[\W_a-z]|$)")


# Characters that Japan writes in a form of its own, and what they are in simplified Chinese.
JAPANESE = str.maketrans(
    "満図黒広鉄竜辺浜県斉児沢亜経関霊営塩恵気総豊検験巌渓蔵", "满图黑广铁龙边滨县齐儿泽亚经关灵营盐惠气总丰检验岩溪藏"
)


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

    @cached_property
    def is_chinese(self) -> bool:
        """Return whether the name is written in Chinese characters."""
        return bool(HAN.search(self.text))


@lru_cache(maxsize=16384)
def read_name(text: str) -> Name:
    """Return a name in comparable form: simplified characters; else Latin letters without case, tones and spaces."""
    text = unicodedata.normalize("NFKC", text).strip()
    if HAN.search(text):
        text = _simplifier().convert(text).translate(JAPANESE)
        ending = next((e for e in CHINESE_ENDINGS if text.endswith(e) and len(text) > len(e)), "")
        stem = text.removesuffix(ending) if ending else text
        # A single character is never a place without its kind: 黎 is not 黎县.
        stem = stem if len(stem) > 1 else text
        ending = ending if stem != text else ""
        return Name(
            text, _letters(text), _letters(stem), KOUAN + CHINESE_ENDINGS[ending] if ending else "", county_sort(ending)
        )
    plain = re.sub(r"\s+", " ", text.casefold().replace(",", " ").replace("’", "'").strip()).rstrip(".")
    plain = TONE_NUMBER.sub("", _kind_last(plain))
    # Pinyin may have its tones: Shì, Dìqū. Taking them off leaves as many characters.
    toneless = (
        plain if plain.isascii() else "".join(unicodedata.normalize("NFD", c)[0] if c < "\u0250" else c for c in plain)
    )
    ending = ""
    if toneless.endswith(SPACED_ENDINGS) or plain.endswith(SPACED_ENDINGS):
        ending = next(e for e in ENGLISH_ENDINGS if toneless.endswith(" " + e) or plain.endswith(" " + e))
    stem = plain[: -len(ending)].strip() if ending else plain
    if ENGLISH_ENDINGS.get(ending) == "Port":
        # Alataw Pass and its port have one name.
        stem = stem.removesuffix(" pass")
    return Name(text, latin(plain), latin(stem), KOUAN + ENGLISH_ENDINGS[ending] if ending else "", county_sort(ending))


def bare_name(text: str) -> Name:
    """Return a name that is a word alone, with no word for a kind, in comparable form: as `read_name`, at less cost."""
    key = latin(text)
    return Name(text, key, key, "")


def _kind_last(plain: str) -> str:
    """Return a name with the word for its kind behind it, in English."""
    if korean := KOREAN_ENDING.match(plain):
        return f"{korean[1]} {KOREAN[korean[2]]}"
    begun = ((kind, pattern.fullmatch(plain)) for kind, pattern in BEGINNING.items())
    return next((f"{found[1]} {kind}" for kind, found in begun if found), plain)


def county_sort(ending: str) -> str:
    """Return which of the kinds of counties an ending means, or ""."""
    return next((sort for sort, endings in SORTS.items() if ending in endings), "")


@lru_cache(maxsize=32768)
def latin(text: str) -> str:
    """Return a name of any script in lower-case Latin letters, without tones, marks and spaces."""
    return NOT_LETTERS.sub("", str(anyascii(text)).casefold())


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", text.casefold())
