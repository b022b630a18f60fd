"""Read a name in Chinese characters as Korean reads them: 图们 is 도문, 集安 is 집안. Knows characters; knows no names.

`sino_korean.tsv` has the reading of each character in the names of divisions and ports, in simplified form, from the Unihan
database 14.0 (kHangul; Unicode License v3, (c) Unicode, Inc.), the reading of schools first.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "sino_korean.tsv"
# What the South does not say at the beginning of a word: 룡정 is 용정, 락안 is 낙안, 녕안 is 영안.
SOFT = "ᅣᅧᅨᅭᅲᅵ"
SPOKEN = {"ᄅ": ("ᄂ", "ᄋ"), "ᄂ": ("ᄂ", "ᄋ")}


def sino_korean(text: str) -> set[str]:
    """Return the readings of a name in simplified characters, as the North and the South say it; none where one is not known."""
    readings = _readings()
    if not text or any(character not in readings for character in text):
        return set()
    said = "".join(readings[character] for character in text)
    first, rest = unicodedata.normalize("NFD", said[0]), said[1:]
    if first[0] not in SPOKEN:
        return {said}
    begun = SPOKEN[first[0]][first[1] in SOFT] + first[1:]
    return {said, unicodedata.normalize("NFC", begun) + rest}


@lru_cache(maxsize=1)
def _readings() -> dict[str, str]:
    lines = (line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:])
    return {character: reading for reading, characters in lines for character in characters}
