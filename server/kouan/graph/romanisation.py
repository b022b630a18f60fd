"""Spell a pinyin name as Wade-Giles and as Russian (Palladius) do, and back from Wade-Giles. Knows syllables of Chinese; knows no names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

INITIALS = [
    "zh",
    "ch",
    "sh",
    "b",
    "p",
    "m",
    "f",
    "d",
    "t",
    "n",
    "l",
    "g",
    "k",
    "h",
    "j",
    "q",
    "x",
    "r",
    "z",
    "c",
    "s",
    "y",
    "w",
]
# Characters that sound otherwise in names of places than by themselves, each with one that always sounds so.
IN_PLACES = str.maketrans("长重厦什都藏", "常虫下石督葬")
WADE_GILES = dict(
    zip(
        INITIALS,
        [
            "ch",
            "ch'",
            "sh",
            "p",
            "p'",
            "m",
            "f",
            "t",
            "t'",
            "n",
            "l",
            "k",
            "k'",
            "h",
            "ch",
            "ch'",
            "hs",
            "j",
            "ts",
            "ts'",
            "s",
            "y",
            "w",
        ],
        strict=True,
    )
)
PALLADIUS = dict(
    zip(
        INITIALS,
        [
            "чж",
            "ч",
            "ш",
            "б",
            "п",
            "м",
            "ф",
            "д",
            "т",
            "н",
            "л",
            "г",
            "к",
            "х",
            "цз",
            "ц",
            "с",
            "ж",
            "цз",
            "ц",
            "с",
            "й",
            "в",
        ],
        strict=True,
    )
)
# Longest first, so that iang is not read as ian.
FINALS = sorted(
    [
        "a",
        "o",
        "e",
        "ai",
        "ei",
        "ao",
        "ou",
        "an",
        "en",
        "ang",
        "eng",
        "ong",
        "er",
        "i",
        "ia",
        "ie",
        "iao",
        "iu",
        "ian",
        "in",
        "iang",
        "ing",
        "iong",
        "u",
        "ua",
        "uo",
        "uai",
        "ui",
        "uan",
        "un",
        "uang",
        "ue",
        "ve",
        "v",
    ],
    key=len,
    reverse=True,
)
SYLLABLE = re.compile(rf"({'|'.join(INITIALS)})?({'|'.join(FINALS)})(?=({'|'.join(INITIALS)}|[aeo']|$))")
WADE_GILES_FINALS = {"ian": "ien", "ie": "ieh", "ue": "üeh", "ve": "üeh", "ong": "ung", "iong": "iung", "v": "ü"}
PALLADIUS_FINALS = dict(
    pair.split("=")
    for pair in [
        "a=а",
        "o=о",
        "e=э",
        "ai=ай",
        "ei=эй",
        "ao=ао",
        "ou=оу",
        "an=ань",
        "en=энь",
        "ang=ан",
        "eng=эн",
        "ong=ун",
        "er=эр",
        "i=и",
        "ia=я",
        "ie=е",
        "iao=яо",
        "iu=ю",
        "ian=янь",
        "in=инь",
        "iang=ян",
        "ing=ин",
        "iong=юн",
        "u=у",
        "ua=уа",
        "uo=о",
        "uai=уай",
        "ui=уй",
        "uan=уань",
        "un=унь",
        "uang=уан",
        "ue=юэ",
        "ve=юэ",
        "v=юй",
    ]
)
WADE_GILES_WHOLE = {
    **{"zi": "tzu", "ci": "tz'u", "si": "ssu", "er": "erh", "yi": "i", "you": "yu", "yu": "yü", "yan": "yen"},
    **{"ye": "yeh", "yue": "yüeh", "yuan": "yüan", "yun": "yün", "yong": "yung", "gui": "kuei", "kui": "k'uei"},
}
PALLADIUS_WHOLE = {
    **{"yi": "и", "ya": "я", "ye": "е", "yao": "яо", "you": "ю", "yan": "янь", "yin": "инь", "yang": "ян"},
    **{"ying": "ин", "yong": "юн", "yu": "юй", "yue": "юэ", "yuan": "юань", "yun": "юнь", "wu": "у", "hui": "хуэй"},
}


@lru_cache(maxsize=8192)
def syllables(pinyin: str) -> tuple[str, ...]:
    """Return the syllables of a name in pinyin, without tones; none where it is not pinyin."""
    plain = pinyin.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", plain).replace("u\u0308", "v").replace("u\u0304\u0308", "v")
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    found: list[str] = []
    for word in re.split(r"[\s'’-]+", plain):
        start = 0
        while start < len(word):
            syllable = SYLLABLE.match(word, start)
            if not syllable:
                return ()
            found.append(syllable[0])
            start = syllable.end()
    return tuple(found)


def pinyin(chinese: str) -> str:
    """Return the pinyin of Chinese characters, in the reading that each mostly has in names of places, without tones."""
    return " ".join(re.findall("[A-Z][a-z]*", str(anyascii(chinese.translate(IN_PLACES)))))


@lru_cache(maxsize=8192)
def is_pinyin(text: str) -> bool:
    """Return whether a text is pinyin that there is: jai and gia are no syllables of Chinese."""
    found = [parts(syllable) for syllable in syllables(text)]
    return bool(found) and all(_is_syllable(initial, final) for initial, final in found)


def _is_syllable(initial: str, final: str) -> bool:
    if initial in {"j", "q", "x"}:
        return final[0] in "iuv"
    if initial in {"g", "k", "h"}:
        return final[0] not in "iv"
    if initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        return final == "i" or final[0] not in "iv"
    if initial in {"b", "p", "m", "f"}:
        return final not in {"ong", "iong", "uo", "ua", "uan", "uang", "ui", "un", "iang"}
    return bool(initial) or final[0] in "aoe"


def wade_giles(pinyin: str) -> str:
    """Return a name in pinyin as Wade-Giles spells it, or "" where it is not pinyin."""
    return "-".join(_wade_giles(syllable) for syllable in syllables(pinyin))


def from_wade_giles(text: str) -> str:
    """Return the pinyin of a name as Wade-Giles spells it, or "" where it is not that: Erh-lien is erlian."""
    found = [_read_as().get(each, "") for each in re.split(r"[\s-]+", re.sub("[‘’ʻʼ`]", "'", text.casefold()))]
    return "".join(found) if all(found) else ""


def is_wade_giles(text: str) -> bool:
    """Return whether a name in one word is syllables of Wade-Giles, the apostrophes of which most leave out: Lichiang."""
    return bool(_closed().fullmatch(text.casefold()))


@lru_cache(maxsize=1)
def _closed() -> re.Pattern[str]:
    """Return what matches syllables of Wade-Giles that stand together."""
    spelled = {each.replace("'", "").translate({ord("ü"): "u", ord("ê"): "e"}) for each in _read_as()}
    return re.compile(f"(?:{'|'.join(sorted(spelled, key=lambda each: (-len(each), each)))})+")


@lru_cache(maxsize=1)
def _read_as() -> dict[str, str]:
    """Return each syllable of pinyin by its spelling in Wade-Giles."""
    pairs = [(initial, final) for initial in ("", *INITIALS) for final in FINALS if _is_syllable(initial, final)]
    # ge and he there are, and no go and ho.
    pairs = [pair for pair in pairs if pair not in {("g", "o"), ("k", "o"), ("h", "o")}]
    return {_wade_giles(initial + final): initial + final for initial, final in reversed(pairs)}


def palladius(pinyin: str) -> str:
    """Return a name in pinyin as Russian spells it, or "" where it is not pinyin."""
    return "".join(_palladius(syllable) for syllable in syllables(pinyin)).capitalize()


@lru_cache(maxsize=512)
def parts(syllable: str) -> tuple[str, str]:
    """Return the initial of a syllable, which may be empty, and its final."""
    initial = next((i for i in INITIALS if syllable.startswith(i)), "")
    return initial, syllable.removeprefix(initial)


def _wade_giles(syllable: str) -> str:
    if syllable in WADE_GILES_WHOLE:
        return WADE_GILES_WHOLE[syllable]
    initial, final = parts(syllable)
    if initial in {"j", "q", "x"} and final in {"u", "uan", "un"}:
        return WADE_GILES[initial] + final.replace("u", "ü")
    if final == "i" and initial in {"zh", "ch", "sh", "r"}:
        return WADE_GILES[initial] + "ih"
    if (final == "e" and initial in {"g", "k", "h"}) or (final == "uo" and initial not in {"g", "k", "h", "sh"}):
        return WADE_GILES[initial] + "o"
    return WADE_GILES.get(initial, "") + WADE_GILES_FINALS.get(final, final)


def _palladius(syllable: str) -> str:
    if syllable in PALLADIUS_WHOLE:
        return PALLADIUS_WHOLE[syllable]
    initial, final = parts(syllable)
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        return PALLADIUS[initial] + ("ы" if initial in {"z", "c", "s"} else "и")
    if initial in {"j", "q", "x"} and final in {"u", "uan", "un"}:
        return PALLADIUS[initial] + {"u": "юй", "uan": "юань", "un": "юнь"}[final]
    if final == "uo" and initial in {"g", "k", "h"}:
        return PALLADIUS[initial] + "о"
    return PALLADIUS.get(initial, "") + PALLADIUS_FINALS.get(final, final)
