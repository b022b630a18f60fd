r"""What a text cannot hold, told without reading it: the proof by absence.

A word of SPARQL stands in a text by its own letters, capitals or small, one after the other: no white space and no comment
may part them. The one other way to write a letter is the escape \uXXXX or \UXXXXXXXX. So a text that has neither the letters
of a word nor a backslash before a u cannot hold that word, whatever else is true of it, and however an engine cuts it into
terminals. That the letters do stand there proves nothing: they may be part of a name, a string or a comment. Such a text is
to be parsed.

The letters are folded as the engine folds them, in ASCII alone: no other character is a capital of one of them to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# What makes a query need more than the engine and the snapshot, or makes its answer another one each time.
WORDS = ("service", "from", "load", "now", "rand", "uuid", "bnode")
ESCAPE = r"\\u"


class Telltale:
    """Letters that a text must have to hold any of some words."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        """Look for the usual words and for more; UUID is in STRUUID, so that one does for both."""
        words = [word.lower() for word in (*WORDS, *more)]
        if not all(words):
            raise ValueError("an empty word is in every text")
        pattern = "|".join([ESCAPE, *(re.escape(word) for word in words)])
        self._text = re.compile(f"(?ai:{pattern})")
        self._bytes = re.compile(f"(?i:{pattern})".encode())

    def may_hold(self, text: str | bytes) -> bool:
        """Return whether a text may hold one of the words; False is a proof, True is none."""
        found = self._text.search(text) if isinstance(text, str) else self._bytes.search(text)
        return found is not None
