"""Bring names to a form in which spellings of one name meet. Knows scripts and the words for kinds of places; knows no things."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

import opencc
from anyascii import anyascii

from kouan.graph.place_words import BEFORE, CHINESE_ENDINGS, KOREAN, LETTER_ENDINGS, OTHERS, PORTS, ZONES, county_sort
from kouan.graph.romanisation import IN_PLACES
from kouan.vocabulary import KOUAN

# What is read as an area, or as nothing, whose name says no other kind before.
OF_AREAS = {"", "Province", "Prefecture", "City", "County", "CityCluster"}
# The word for a kind may come first: Port of Manzhouli, город Хэйхэ, Cửa khẩu Hữu Nghị. A dot needs no space behind it.
BEGINNING = {
    kind: re.compile(rf"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?:\s+|(?<=\.)\s*)(.+)")
    for kind, words in (
        (kind, [*others.split("|"), *filter(None, BEFORE.get(kind, "").split("|"))]) for kind, others in OTHERS.items()
    )
}
# Two countries in the name of a zone between them: 中国老挝磨憨—磨丁经济合作区, 满洲里中俄互市贸易区, China-Laos Mohan-Boten.
PAIR = re.compile(
    r"^中国?(?:老挝|蒙古|俄罗斯|哈萨克斯坦|越南|缅甸|[朝俄蒙哈吉塔巴尼印缅老越])(?=..)|(?<=..)中[朝俄蒙哈吉塔巴尼印缅老越]$"
    r"|^(?:china|sino)\s?[-–—]\s?\w+\s+(?=\S)"
)
# An area of a free trade zone is called after its city, with its zone or without: 中国(云南)自由贸易试验区德宏片区.
ZONE_BEFORE = re.compile(r"^.{0,12}自(?:由贸易试验|由贸易|贸试验|贸)区(?=..)")
ZONE_BEHIND, ZONE_IN_FRONT = " area of the ", "free trade zone "
# What ports are called beside their kind; Alataw Pass and its port have one name.
SAID_OF_PORTS = (" international", " national", " bilateral", " border", " land", " main", " city", " pass")
KOREAN_ENDING = re.compile(rf"^([\uac00-\ud7a3]{{2,}})\s?({'|'.join(KOREAN)})$")
# Most names end in none of them, which is seen at once.
SPACED_ENDINGS = tuple(f" {ending}" for ending in LETTER_ENDINGS)
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
        kind = CHINESE_ENDINGS.get(ending, "")
        stem = _without_countries(text.removesuffix(ending), kind)
        if kind == "FreeTradeZone":
            stem = ZONE_BEFORE.sub("", stem)
        if kind not in OF_AREAS and len(stem) > 3:
            # 满洲里市口岸 is the port of the city.
            stem = stem.removesuffix("市")
        # A single character is never a place without its kind: 黎 is not 黎县.
        stem, ending, kind = (stem, ending, kind) if len(stem) > 1 else (text, "", "")
        return Name(text, _letters(text), _letters(stem), KOUAN + kind if kind else "", county_sort(ending))
    plain = re.sub(r"\s+", " ", text.casefold().replace(",", " ").replace("’", "'").strip()).rstrip(".")
    plain = TONE_NUMBER.sub("", _kind_last(plain))
    # Pinyin may have its tones: Shì, Dìqū. Taking them off leaves as many characters.
    toneless = (
        plain if plain.isascii() else "".join(unicodedata.normalize("NFD", c)[0] if c < "\u0250" else c for c in plain)
    )
    ending = ""
    if toneless.endswith(SPACED_ENDINGS) or plain.endswith(SPACED_ENDINGS):
        ending = next(e for e in LETTER_ENDINGS if toneless.endswith(" " + e) or plain.endswith(" " + e))
    kind = LETTER_ENDINGS.get(ending, "")
    stem = _without_countries(plain[: -len(ending)].strip() if ending else plain, kind)
    if kind == "FreeTradeZone":
        stem = stem.partition(ZONE_BEHIND)[0]
    while kind in PORTS and (said := next((each for each in SAID_OF_PORTS if stem.endswith(each)), "")):
        stem = stem.removesuffix(said)
    return Name(text, latin(plain), latin(stem), KOUAN + kind if kind else "", county_sort(ending))


def _without_countries(stem: str, kind: str) -> str:
    return PAIR.sub("", stem) if kind in ZONES else stem


def bare_name(text: str) -> Name:
    """Return a name that is a word alone, with no word for a kind, in comparable form: as `read_name`, at less cost."""
    key = latin(text)
    return Name(text, key, key, "")


def _kind_last(plain: str) -> str:
    """Return a name with the word for its kind behind it, in English."""
    if korean := KOREAN_ENDING.match(plain):
        return f"{korean[1]} {KOREAN[korean[2]]}"
    if ZONE_IN_FRONT in plain and plain.endswith(" area"):
        return f"{plain.removesuffix(' area').rpartition(ZONE_IN_FRONT)[2]} {ZONE_IN_FRONT.strip()}"
    begun = ((kind, pattern.fullmatch(plain)) for kind, pattern in BEGINNING.items())
    return next((f"{found[1]} {kind}" for kind, found in begun if found), plain)


@lru_cache(maxsize=32768)
def latin(text: str) -> str:
    """Return a name of any script in lower-case Latin letters, without tones, marks and spaces."""
    return NOT_LETTERS.sub("", str(anyascii(text)).casefold())


def alphabetical(text: str) -> tuple[str, str]:
    """Return what lists of names are put in order by: their letters, and how Chinese ones sound."""
    return text.casefold() if text.isascii() else latin(text.translate(IN_PLACES)), text


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", text.casefold())
