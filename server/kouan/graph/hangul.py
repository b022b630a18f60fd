"""Spell a name in pinyin as South Korea writes Chinese names in Hangul: Dandong is 단둥. Knows syllables; knows no names.

Follows the table for Chinese of the rules for writing foreign words (외래어 표기법, 1986).
"""

from __future__ import annotations

import unicodedata

from kouan.graph.romanisation import INITIALS, parts, syllables

# The letter that a syllable begins with, as Unicode has it there; y and w, the last of the initials, are part of what follows.
STARTS = dict(zip(INITIALS[:-2], "ᄌᄎᄉᄇᄑᄆᄑᄃᄐᄂᄅᄀᄏᄒᄌᄎᄉᄅᄍᄎᄊ", strict=True)) | {"": "ᄋ"}
FINALS = {
    "a": "아", "o": "오", "e": "어", "ai": "아이", "ei": "에이", "ao": "아오", "ou": "어우", "an": "안", "en": "언", "ang": "앙",
    "eng": "엉", "ong": "웅", "er": "얼", "i": "이", "ia": "야", "ie": "예", "iao": "야오", "iu": "유", "ian": "옌", "in": "인",
    "iang": "양", "ing": "잉", "iong": "융", "u": "우", "ua": "와", "uo": "워", "uai": "와이", "ui": "우이", "uan": "완",
    "un": "운", "uang": "왕", "ue": "웨", "ve": "웨", "v": "위",
}  # fmt: skip
# With y and w, which are finals alone, and with ü after j, q and x.
WHOLE = {
    "yi": "이", "ya": "야", "ye": "예", "yao": "야오", "you": "유", "yan": "옌", "yin": "인", "yang": "양", "ying": "잉",
    "yong": "융", "yu": "위", "yue": "웨", "yuan": "위안", "yun": "윈", "wu": "우", "wa": "와", "wo": "워", "wai": "와이",
    "wei": "웨이", "wan": "완", "wen": "원", "wang": "왕", "weng": "웡",
}  # fmt: skip
ROUNDED = {"u": "위", "uan": "위안", "un": "윈", "ue": "웨"}
# After ㅈ, ㅉ and ㅊ no y is written.
PLAIN = str.maketrans("ᅣᅧᅨᅭᅲᅤ", "ᅡᅥᅦᅩᅮᅢ")


def hangul(pinyin: str) -> str:
    """Return a name in pinyin as it is written in Hangul, or "" where it is not pinyin."""
    return "".join(_syllable(syllable) for syllable in syllables(pinyin))


def _syllable(syllable: str) -> str:
    if syllable in WHOLE:
        return WHOLE[syllable]
    initial, final = parts(syllable)
    if initial not in STARTS:
        return ""
    spelled = ROUNDED[final] if initial in {"j", "q", "x"} and final in ROUNDED else FINALS[final]
    letters = STARTS[initial] + unicodedata.normalize("NFD", spelled)[1:]
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        letters = letters.replace("ᅵ", "ᅳ")
    if letters[0] in "ᄌᄍᄎ":
        letters = letters.translate(PLAIN)
    return unicodedata.normalize("NFC", letters)
