"""Bring names to a form in which spellings of one name meet. Knows scripts and the words for kinds of places; knows no things."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

import opencc
from anyascii import anyascii

from kouan.graph.place_words import (
    BEFORE,
    CHINESE_ENDINGS,
    ENGLISH_WAYS,
    KOREAN,
    LETTER_ENDINGS,
    OF_LONGER_NAMES,
    OTHERS,
    PORTS,
    SAID_OF_PORTS,
    TIBETAN,
    WIDER,
    ZONES,
    county_sort,
)
from kouan.graph.romanisation import IN_PLACES, syllables
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
_ABROAD = (
    "老挝|蒙古国?|俄罗斯|哈萨克斯坦|越南|缅甸|朝鲜|尼泊尔|巴基斯坦|吉尔吉斯斯坦|塔吉克斯坦|印度",
    "laos?|mongolia|russia|kazakhstan|vietnam|myanmar|north korea|nepal|pakistan|kyrgyzstan|tajikistan|india",
)
PAIR = re.compile(
    r"^中国?(?:老挝|蒙古|俄罗斯|哈萨克斯坦|越南|缅甸|[朝俄蒙哈吉塔巴尼印缅老越])(?=..)|(?<=..)中[朝俄蒙哈吉塔巴尼印缅老越]$"
    r"|^(?:中国|国家级)(?=..)|^(?:china|sino)\s?[-–—]\s?\w+\s+(?=\S)|^china\s+(?=\S)"
    # Each of them may stand before its own town: 中国东兴-越南芒街.
    rf"|(?<=[-–—])(?:{_ABROAD[0]})(?=..)|(?<=[-–—])\s*(?:{_ABROAD[1]})\s+(?=\S)"
)
# An area of a free trade zone is called after its city, with its zone or without: 中国(云南)自由贸易试验区德宏片区.
ZONE_BEFORE = re.compile(r"^.{0,12}自(?:由贸易试验|由贸易|贸试验|贸)区(?=..)")
ZONE_BEHIND, ZONE_IN_FRONT = " area of the ", "free trade zone "
# What stands before the word for a port, which itself may come first: the railway border port of Khorgos.
_SAID = "|".join((*ENGLISH_WAYS, *SAID_OF_PORTS))
BEFORE_PORT = re.compile(rf" ({_SAID})$")
PORT_OF = re.compile(
    rf"(?:the )?((?:(?:{_SAID}) )*)"
    r"(?:port of entry(?: (?:of|at|in))?|(?:port|border crossing|border crossing point|checkpoint) (?:of|at|in)(?! entry\b)) (.+)"
)
# 满洲里市口岸 is the port of the city; a county that has 自治 before its word is called otherwise.
AREA_BEHIND = re.compile(r"(?<=..)(?<!自治)[市县]$")
# A zone that is only proposed is called as it will be.
PROPOSED = re.compile(r"\s*\((?:拟设|拟建|proposed)\)$", re.IGNORECASE)
KOREAN_ENDING = re.compile(rf"^([\uac00-\ud7a3]{{2,}})\s?({'|'.join(KOREAN)})$")
TIBETAN_ENDING = re.compile(rf"^(.+?)་({'|'.join(TIBETAN)})[་།\s]*$")
# Wade-Giles joins the word for a town to its name: Hei-ho-chen.
TOWN_BEHIND = re.compile(r"^(.+-.+)-(?:ch'?en|chieh)$")
# Most names end in none of them, which is seen at once.
SPACED_ENDINGS = tuple(f" {ending}" for ending in LETTER_ENDINGS)
NOT_LETTERS = re.compile(r"[\W_]+")
HAN = re.compile(r"[\u3400-\u9fff]")
APOSTROPHES = re.compile("[‘’ʻʼ`´]")
# Sounds are told apart by letters, or marks, that are lost in Latin letters.
OF_SOUNDS = re.compile("['\u0400-\u04ff\uac00-\ud7a3]")
BETWEEN_WORDS, LATIN = re.compile(r"[\s,.-]+"), re.compile("[a-z\u00df-\u024f]")
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
    def kinds(self) -> set[str]:
        """Return the classes of what the word for a kind says, of which a thing is one: a land port is one by rail or by road."""
        return {KOUAN + each for each in WIDER.get(self.kind.removeprefix(KOUAN), ())} or {self.kind} - {""}

    @cached_property
    def is_chinese(self) -> bool:
        """Return whether the name is written in Chinese characters."""
        return bool(HAN.search(self.text))


# What is written in two ways: the Va of Cangyuan are the Wa of most, 综合 is comprehensive or integrated, 试验 pilot or experimental.
TWO_SPELLINGS = (
    (re.compile(r"\bwa (?=autonomous\b)"), "va "),
    (re.compile(r"\burad\b"), "urat"),
    (re.compile(r"\bintegrated (?=(?:free trade|bonded)\b)"), "comprehensive "),
    (re.compile(r"\bexperimental (?=(?:zone|area)s?\b)"), "pilot "),
    (re.compile(r"\bco-operation\b"), "cooperation"),
    # Words for kinds are cut short in tables; no name of a place is.
    (re.compile(r"\bdist$"), "district"),
    (re.compile(r"\b(?:cnty|cty)$"), "county"),
    (re.compile(r"\becon\.? (?=coop)"), "economic "),
    (re.compile(r"\bcoop\.? (?=zone\b)"), "cooperation "),
    (re.compile(r"\bauto?n?\.? (?=(?:pref|prefecture|county|co|reg|region|banner)$)"), "autonomous "),
    (re.compile(r"\ba\.p$"), "autonomous prefecture"),
    (
        re.compile(r"\b(hui|zhuang|uy?gh?ur|mongolia|tibet|xizang|xinjiang|ningxia|guangxi) a\.?r$"),
        r"\1 autonomous region",
    ),
    # Of what sort a place is says nothing of which it is: пгт Забайкальск, станция Маньчжурия.
    (re.compile(r"^(?:пгт\.?|пос\.|пос[её]лок|село|с\.|п\.|(?:ж/?д )?(?:ст\.|станция))\s*(?=[а-яё]{3})"), ""),
)


@lru_cache(maxsize=16384)
def read_name(text: str) -> Name:
    """Return a name in comparable form: simplified characters; else Latin letters without case, tones and spaces."""
    text = unicodedata.normalize("NFKC", text).strip()
    if HAN.search(text):
        text = _simplifier().convert(text).translate(JAPANESE)
        written = PROPOSED.sub("", text)
        ending = next((e for e in CHINESE_ENDINGS if written.endswith(e) and len(written) > len(e)), "")
        kind = CHINESE_ENDINGS.get(ending, "")
        stem = _without_countries(written.removesuffix(ending), kind)
        if kind == "FreeTradeZone":
            stem = ZONE_BEFORE.sub("", stem)
        if kind not in OF_AREAS:
            stem = AREA_BEHIND.sub("", stem)
        # A single character is never a place without its kind: 黎 is not 黎县.
        stem, ending, kind = (stem, ending, kind) if len(stem) > 1 else (written, "", "")
        return Name(text, _letters(written), _letters(stem), KOUAN + kind if kind else "", county_sort(ending))
    plain = re.sub(r"\s+", " ", text.casefold().replace(",", " ").replace("’", "'").strip()).rstrip(".")
    plain = TONE_NUMBER.sub("", _kind_last(PROPOSED.sub("", plain)))
    for rarer, usual in TWO_SPELLINGS:
        plain = rarer.sub(usual, plain)
    # Pinyin may have its tones: Shì, Dìqū. Taking them off leaves as many characters.
    toneless = (
        plain if plain.isascii() else "".join(unicodedata.normalize("NFD", c)[0] if c < "\u0250" else c for c in plain)
    )
    ending = ""
    if toneless.endswith(SPACED_ENDINGS) or plain.endswith(SPACED_ENDINGS):
        ending = next(e for e in LETTER_ENDINGS if toneless.endswith(" " + e) or plain.endswith(" " + e))
        if ending in OF_LONGER_NAMES and len(syllables(toneless[: -len(ending)])) == 1:
            ending = ""
    kind = LETTER_ENDINGS.get(ending, "")
    stem = _without_countries(plain[: -len(ending)].strip() if ending else plain, kind)
    if kind == "FreeTradeZone":
        stem = stem.partition(ZONE_BEHIND)[0]
    while kind in PORTS and (said := BEFORE_PORT.search(stem)):
        stem, kind = stem[: said.start()], ENGLISH_WAYS.get(said[1], kind) if kind == "Port" else kind
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
    if tibetan := TIBETAN_ENDING.match(plain):
        return f"{tibetan[1]} {TIBETAN[tibetan[2]]}"
    if town := TOWN_BEHIND.match(plain):
        return f"{town[1]} town"
    if ZONE_IN_FRONT in plain and plain.endswith(" area"):
        return f"{plain.removesuffix(' area').rpartition(ZONE_IN_FRONT)[2]} {ZONE_IN_FRONT.strip()}"
    if port := PORT_OF.fullmatch(plain):
        return f"{port[2]} {port[1]}port"
    begun = ((kind, pattern.fullmatch(plain)) for kind, pattern in BEGINNING.items())
    return next((f"{found[1]} {kind}" for kind, found in begun if found), plain)


@lru_cache(maxsize=32768)
def latin(text: str) -> str:
    """Return a name of any script in lower-case Latin letters, without tones, marks and spaces."""
    return NOT_LETTERS.sub("", str(anyascii(text)).casefold())


def script_of(text: str) -> str:
    """Return the script of a text by its first letter, as Unicode calls it."""
    return unicodedata.name(next(filter(str.isalpha, text), "A"), "").partition(" ")[0]


def own_letters(name: Name) -> str:
    """Return a name without the word for its kind and with the marks that `latin` drops: the ь of Лунлинь, the ' of Ch'i-tung."""
    text = APOSTROPHES.sub("'", name.text.casefold())
    if not OF_SOUNDS.search(text):
        return name.stem
    words = BETWEEN_WORDS.split(text)
    parts = ("".join(words[a:b]) for a in range(len(words)) for b in range(len(words), a, -1))
    # In Hangul the word for a kind may be part of the word.
    begun = (part[:end] for part in parts for end in range(len(part), 0, -1))
    found = next((part for part in begun if latin(part) == name.stem), name.stem)
    return "'".join(map(latin, found.split("'"))) if "'" in found and LATIN.match(found) else found


def alphabetical(text: str) -> tuple[str, str]:
    """Return what lists of names are put in order by: their letters, and how Chinese ones sound."""
    return text.casefold() if text.isascii() else latin(text.translate(IN_PLACES)), text


def _letters(text: str) -> str:
    return NOT_LETTERS.sub("", text.casefold())
