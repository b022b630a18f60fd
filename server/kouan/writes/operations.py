"""Cut an update into its operations (SPARQL 1.1 Update, section 3). Knows the text, no store.

What is cut here was accepted by the engine's parser as a whole; what cannot be cut is carried out as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kouan.sparql.scanning.lexer import Token, tokens

MANAGING = {"CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD"}
GROUPS = {"DEFAULT", "NAMED", "ALL"}


class Uncut(Exception):
    """The text is not cut into operations here."""


@dataclass(frozen=True)
class Operation:
    """One operation; its parts are pieces of the text, graphs as they are named there or DEFAULT, NAMED, ALL.

    `kind` is CHANGE for what takes and gives quads by templates, or the word of what manages graphs.
    """

    kind: str
    prologue: str
    taken: str = ""
    given: str = ""
    where: str = "{}"
    within: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    is_silent: bool = False
    graph: str = ""
    target: str = ""


def operations(text: str) -> list[Operation]:
    """Return the operations of an update in their order; raises Uncut."""
    return _Reader(text).all()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found = list(tokens(text))
        self.place = 0
        self.prologue = ""

    def all(self) -> list[Operation]:
        made: list[Operation] = []
        while True:
            self._declare()
            if self._is_past():
                return made
            made.append(self._operation())
            if not self._is_past():
                self._take(";")

    def _declare(self) -> None:
        while self._word() in {"PREFIX", "BASE", "VERSION"}:
            start, count = self._next().start, 3 if self._word() == "PREFIX" else 2
            self.place += count
            self.prologue += self.text[start : self._end(self.place - 1)] + "\n"

    def _operation(self) -> Operation:
        word = self._word()
        plain = Operation("CHANGE", self.prologue)
        if word in MANAGING:
            return self._managing(word)
        within = ""
        if self._skip("WITH"):
            within = self._iri()
        taken = given = ""
        if self._skip("DELETE"):
            if self._skip("DATA"):
                return replace(plain, taken=self._group())
            if self._word() == "WHERE":
                self.place += 1
                pattern = self._group()
                return replace(plain, taken=pattern, where=pattern, within=within)
            taken = self._group()
        if self._skip("INSERT"):
            if not within and not taken and self._skip("DATA"):
                return replace(plain, given=self._group())
            given = self._group()
        using: list[str] = []
        named: list[str] = []
        while self._skip("USING"):
            (named if self._skip("NAMED") else using).append(self._iri())
        self._take("WHERE")
        made = replace(plain, taken=taken, given=given, where=self._group(), within=within)
        return replace(made, using=tuple(using), using_named=tuple(named))

    def _managing(self, word: str) -> Operation:
        self.place += 1
        is_silent = self._skip("SILENT")
        graph, target = self._graph(), ""
        if word in {"COPY", "MOVE", "ADD"}:
            self._take("TO")
            target = self._graph()
        return Operation(word, self.prologue, is_silent=is_silent, graph=graph, target=target)

    def _graph(self) -> str:
        if self._word() in GROUPS:
            self.place += 1
            return self.found[self.place - 1].keyword
        self._skip("GRAPH")
        return self._iri()

    def _iri(self) -> str:
        token = self._next()
        if token.kind not in {"iri", "prefixed"}:
            raise Uncut
        self.place += 1
        return token.text

    def _group(self) -> str:
        first, depth = self._next(), 0
        if first.text != "{":
            raise Uncut
        while True:
            token = self._next()
            if token.text == "\\":
                raise Uncut
            depth += (token.kind == "open") - (token.kind == "close")
            self.place += 1
            if depth == 0:
                return self.text[first.start : token.start + len(token.text)]

    def _next(self) -> Token:
        if self._is_past():
            raise Uncut
        return self.found[self.place]

    def _is_past(self) -> bool:
        return self.place >= len(self.found)

    def _word(self) -> str:
        return "" if self._is_past() else self.found[self.place].keyword

    def _skip(self, word: str) -> bool:
        is_there = self._word() == word
        self.place += is_there
        return is_there

    def _take(self, text: str) -> None:
        token = self._next()
        if text not in {token.text, token.keyword}:
            raise Uncut
        self.place += 1

    def _end(self, place: int) -> int:
        if place >= len(self.found):
            raise Uncut
        return self.found[place].start + len(self.found[place].text)
