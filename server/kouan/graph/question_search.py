"""Find the questions that somebody asks in their own words, in either language. Knows their texts, no queries.

Texts are compared by their words, and Chinese ones by pairs of characters; what few questions speak of weighs more.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from kouan.graph.questions import LibraryQuestion

PARTS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
# A text of which a question says less is another question.
LEAST = 0.4
# What no question has says little where it is a number, which is one's own, or Chinese: between words stand pairs that are none.
UNHEARD = 0.25
# Words of one stem speak of one thing: opened and opening, Mongolia and Mongolian.
ENDINGS = ("ing", "ed", "ian", "ia", "ese", "al", "e")
SHORTEST_STEM = 4
LONGEST = 200


def alike(questions: Sequence[LibraryQuestion], sought: str, most: int) -> list[LibraryQuestion]:
    """Return the questions that say most of what is sought, the nearest first."""
    said, common = _index(tuple(questions))
    wanted = _words(sought[:LONGEST])

    def weight(words: set[str]) -> float:
        return sum(
            math.log((1 + len(said)) / (1 + common[word]))
            * (1 if word in common or (word.isalpha() and word.isascii()) else UNHEARD)
            for word in words
        )

    def nearness(question: LibraryQuestion) -> float:
        words = said[question.name]
        # Of two that say the same of it, the one that says less else is nearer.
        return weight(words & wanted) / (weight(wanted) + 0.01 * weight(words))

    whole = weight(wanted)
    found = [each for each in questions if whole and weight(said[each.name] & wanted) >= LEAST * whole]
    return sorted(found, key=nearness, reverse=True)[:most]


@lru_cache(maxsize=1)
def _index(questions: tuple[LibraryQuestion, ...]) -> tuple[dict[str, set[str]], Counter[str]]:
    """Return the words of each question by its name, and how many questions have a word."""
    said = {each.name: _words(each.english) | _words(each.chinese) for each in questions}
    return said, Counter(word for words in said.values() for word in words)


def _words(text: str) -> set[str]:
    parts = PARTS.findall(text.casefold())
    latin = {_stem(_singular(part)) for part in parts if part.isascii()}
    pairs = {part[at : at + 2] for part in parts if not part.isascii() for at in range(max(1, len(part) - 1))}
    return latin | pairs


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _stem(word: str) -> str:
    ending = next((each for each in ENDINGS if word.endswith(each) and len(word) >= len(each) + SHORTEST_STEM), "")
    return word.removesuffix(ending)
