"""Spell a pinyin name as atlases and the post office did before pinyin. Knows the syllables of Chinese; knows no names.

Such spellings are Wade-Giles without its marks, with k, ts, s and h where the older pronunciation had them: Tungkiang,
Tsingsi, Hokow. No one spelling was kept to, so a name has several.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod

from kouan.graph.romanisation import is_pinyin, parts, syllables

# More spellings of one name than these are not made.
MOST = 32
INITIALS = {
    "j": ("k", "ts", "ch"),
    "q": ("k", "ts", "ch"),
    "x": ("s", "h", "hs"),
    "zh": ("ch",),
    "z": ("ts",),
    "c": ("ts",),
    "r": ("j",),
    "b": ("p",),
    "d": ("t",),
    "g": ("k",),
}
FINALS = {
    "ian": ("ien",),
    "ie": ("ieh",),
    "ue": ("ueh",),
    "ve": ("ueh",),
    "ou": ("ow", "ou"),
    "ong": ("ung",),
    "iong": ("iung",),
    "ui": ("ui", "wei"),
    "uan": ("uan", "wan"),
    "uang": ("wang", "uang"),
    "ua": ("wa", "ua"),
    "uo": ("o",),
    "er": ("erh",),
    "v": ("u",),
}
WHOLE = {
    "yi": ("i", "yi"),
    "you": ("yu",),
    "yan": ("yen",),
    "ye": ("yeh",),
    "yong": ("yung",),
    "yue": ("yueh",),
    "er": ("erh", "ul"),
    "e": ("o",),
    "si": ("sze", "ssu", "szu"),
    "zi": ("tze", "tzu"),
    "ci": ("tze", "tzu"),
    "ge": ("ko",),
    "ke": ("ko",),
    "he": ("ho",),
}


def postal(pinyin: str) -> set[str]:
    """Return the spellings of a name in pinyin, in small letters; none where it is not pinyin or has too many."""
    each = [_spellings(syllable) for syllable in syllables(pinyin)]
    return set() if not each else _joined(each) - {"".join(syllables(pinyin))}


def mixed(pinyin: str) -> set[str]:
    """Return the spellings of a name in pinyin some syllables of which are in pinyin, and some as they were before.

    Jinghung and Chongtso are read by all who know both; what is other pinyin, as Luopei is, is left out.
    """
    spoken = syllables(pinyin)
    each = [tuple({syllable, *_spellings(syllable)}) for syllable in spoken]
    return {text for text in _joined(each) if not is_pinyin(text)} if len(spoken) > 1 else set()


def _joined(each: list[tuple[str, ...]]) -> set[str]:
    return {"".join(chosen) for chosen in product(*each)} if prod(map(len, each)) <= MOST else set()


@lru_cache(maxsize=512)
def _spellings(syllable: str) -> tuple[str, ...]:
    if syllable in WHOLE:
        return WHOLE[syllable]
    initial, final = parts(syllable)
    if final == "i" and initial in {"zh", "ch", "sh", "r"}:
        return tuple(start + "ih" for start in INITIALS.get(initial, (initial,)))
    return tuple(a + b for a in INITIALS.get(initial, (initial,)) for b in FINALS.get(final, (final,)))
