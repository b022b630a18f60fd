r"""What a text cannot hold, told without reading it: the proof by absence.

A word of SPARQL stands in a text by its own letters, capitals or small, one after the other: no white space and no comment
may part them. The one other way to write a letter is the escape \uXXXX or \UXXXXXXXX. So a text that has neither the letters
of a word nor a backslash before a u cannot hold that word, whatever else is true of it, and however an engine cuts it into
terminals. That the letters do stand there proves nothing: they may be part of a name, a string or a comment. Such a text is
to be parsed.

An IRI may be put together of a prefix and the rest, where / and # stand behind a backslash; so of it only what lies between
two of these is a word, and a text that lacks it has no backslash at all. Letters are folded: what other letters become by that
may add a word, and never takes one away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# What makes a query need more than the engine and the snapshot, or makes its answer another one each time.
WORDS = ("service", "from", "load", "now", "rand", "uuid", "bnode")
# What the engine reads otherwise than the standard does: a number with a plus sign and what is added, all columns, and a path that
# may have no length: a star that counts nothing, or a question mark that begins no variable. Behind an IRI a plus sign is a path's,
# and so it is behind a name with a prefix in a text that has no datatypes.
PLUS = re.compile(r"\+[.0-9]|(?<!>)\+|\^\^<[^<>\s]*>\+")
NAMED_PATH = re.compile(r":[A-Za-z][\w-]*\+(?![.0-9])")
# What makes a template have blank nodes, which are new each time, or groups.
MAKES = re.compile(r"_:|[\[(~]|\{\||group")
# Aggregates may stand one within another for the engine.
AGGREGATES = re.compile(r"count|sum|avg|min|max|sample|group_concat")
# A count of what is neither a variable nor everything: what has no value is not to be counted.
COUNT = re.compile(r"\bcount\b\s*(?:#|\((?!\s*(?:distinct\b\s*)?(?:[?$]\w+\s*\)|\*)))")
# A language is compared with what may be in capitals: a string that has some, or whatever a variable stands for.
LANGUAGE = re.compile(r"""["'][A-Za-z\d-]*[A-Z]|[?$]\w+\s*!?=|=\s*[?$]|\bin\s*\(\s*[?$]""")
# A path of alternatives; what stands twice is a logical or.
BAR = re.compile(r"(?<!\|)\|(?!\|)")
STAR = re.compile(r"(?<!\()\*|\?(?!\w)")


class Telltale:
    """Letters that a text must have to hold any of some words."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        """Look for the usual words and for more; UUID is in STRUUID, so that one does for both."""
        words = [r"\u", *WORDS, *(word.lower() for word in more)]
        if not all(words):
            raise ValueError("an empty word is in every text")
        self._words = tuple(words)
        self._coded = tuple(word.encode() for word in words)

    def may_hold(self, text: str | bytes) -> bool:
        """Return whether a text may hold one of the words; False is a proof, True is none."""
        if isinstance(text, bytes):
            coded = text.lower()
            return any(word in coded for word in self._coded)
        folded = text.lower()
        return any(word in folded for word in self._words)

    def may_differ(self, text: str) -> bool:
        """Return whether a text may hold one of the words, or what the engine reads in a way of its own."""
        folded = text.lower()
        if any(word in folded for word in self._words):
            return True
        if (
            has_bar(text)
            or STAR.search(text) is not None
            or adds(text)
            or compares_languages(text)
            or ("construct" in folded and MAKES.search(folded) is not None)
        ):
            return True
        # What stands in GRAPH ?g is asked of one graph at a time.
        if "graph" in folded and (
            "minus" in folded or "values" in folded or folded.count("select") > 1 or folded.count("graph") > 1
        ):
            return True
        # What a replacement stands for may be said by the data.
        if ("count" in folded and COUNT.search(folded) is not None) or "replace" in folded:
            return True
        return "(" in folded and len(AGGREGATES.findall(folded)) > 1


def adds(text: str) -> bool:
    """Return whether a text may add something, or have a sign before a number."""
    if "+" not in text:
        return False
    return PLUS.search(text if "^^" in text else NAMED_PATH.sub("", text)) is not None


def has_bar(text: str) -> bool:
    """Return whether a text may hold a path of alternatives."""
    return "|" in text and BAR.search(text) is not None


def compares_languages(text: str) -> bool:
    """Return whether a text may compare a language with what may be written in capitals."""
    return "lang" in text.lower() and LANGUAGE.search(text) is not None


def lacks(text: str, *words: str) -> bool:
    """Return whether a text surely names no IRI that has one of some words between two of its / and #."""
    folded = text.lower()
    return "\\" not in folded and not any(word in folded for word in words)
