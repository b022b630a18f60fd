"""Let a plain SPARQL 1.1 query search labels, by a property that stands for a ranked search. Knows terminals and labels.

    PREFIX search: <https://w3id.org/kouan/search#>
    ?thing search:label "manzhouli"
    (?thing ?score ?label) search:label ("manzhouli" 10)

Each such pattern is replaced by the VALUES that it stands for before the engine sees the query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import QuerySolutions, Store

from kouan.errors import QueryError
from kouan.evaluation.label_index import LabelIndex, term_of
from kouan.sparql.scanning.lexer import Token, decode_codepoints, place, tokens
from kouan.sparql.scanning.prologue import read_prologue
from kouan.vocabulary import BASE

SEARCH = BASE + "search#"
PROPERTY = SEARCH + "label"
FOUND = 20
MOST_FOUND = 1000
HOW = 'write ?thing search:label "text" or (?thing ?score ?label) search:label ("text" 10)'


def searches(text: str) -> bool:
    """Return whether a query may search labels."""
    return SEARCH in text or ("\\" in text and SEARCH in decode_codepoints(text))


def with_search(text: str, labels: Callable[[], LabelIndex]) -> str:
    """Return a query with every search replaced by what it finds; raises QueryError, with the place, where one is amiss."""
    if not searches(text):
        return text
    text = decode_codepoints(text)
    while True:
        found = list(tokens(text))
        prologue = read_prologue(found)
        places = range(prologue.length, len(found))
        at = next((i for i in places if prologue.iri(found[i]) == PROPERTY), None)
        if at is None:
            return text
        text = _Search(text, found, at).replaced(labels())


@dataclass
class _Search:
    """One search in a query: `at` is the place of its property among the terminals."""

    text: str
    tokens: list[Token]
    at: int

    def replaced(self, labels: LabelIndex) -> str:
        wanted, limit, last = self._wanted()
        start, variables = self._asked()
        rows = [f"({' '.join(term_of(match)[: len(variables)])})" for match in labels.find(wanted, limit)]
        values = f" VALUES ({' '.join(variables)}) {{ {' '.join(rows)} }} "
        begin, end = self._cut(start, last)
        opening = self._opening()
        return self.text[: opening + 1] + values + self.text[opening + 1 : begin] + " " + self.text[end:]

    def _wanted(self) -> tuple[str, int, int]:
        """Return the text that is searched for, how many matches are wanted, and the place of the last terminal."""
        number = self.at + 1
        is_list = self._text(number) == "("
        number += is_list
        if self._kind(number) not in {"string", "long"}:
            raise self._amiss(f"The text to search for is written out in the query: {HOW}.")
        literal = self.tokens[number].text
        if self._kind(number + 1) == "language":
            number += 1
        if not is_list:
            return _value(literal), FOUND, number
        limit = FOUND
        if self._kind(number + 1) == "number":
            number += 1
            said = self.tokens[number].text
            limit = int(said) if said.isdigit() else 0
        if self._text(number + 1) != ")" or not 0 < limit <= MOST_FOUND:
            raise self._amiss(f"After the text stands how many things to find, up to {MOST_FOUND:,}: {HOW}.")
        return _value(literal), limit, number + 1

    def _asked(self) -> tuple[int, list[str]]:
        """Return where the subject starts among the terminals, and the variables that it names."""
        before = self.at - 1
        if self._text(before) == ")":
            start = before
            while start and self._text(start) != "(":
                start -= 1
            inside = self.tokens[start + 1 : before]
            if not 1 <= len(inside) <= 3 or any(token.kind != "variable" for token in inside):
                raise self._amiss(f"Before search:label stand a thing, its score and its label: {HOW}.")
            return start, ["?" + token.text[1:] for token in inside]
        subject = self._block() if self._text(before) == ";" else before
        if self._kind(subject) != "variable":
            raise self._amiss(f"What is searched for is a variable: {HOW}.")
        return subject, ["?" + self._text(subject)[1:]]

    def _block(self) -> int:
        """Return where the triples with one subject start in which the search stands after a semicolon."""
        depth = 0
        for number in range(self.at - 1, -1, -1):
            token = self.tokens[number]
            depth += (token.kind == "close") - (token.kind == "open")
            if depth < 0 or (depth == 0 and token.text in {".", "}"}):
                return number + 1
        return 0

    def _cut(self, start: int, last: int) -> tuple[int, int]:
        """Return the part of the text that goes, so that what stays is a query."""
        end = self.tokens[last].start + len(self._text(last))
        after = self._text(last + 1)
        if after == ",":
            raise self._amiss(f"One search has one text: {HOW}.")
        if self._text(self.at - 1) == ";":
            return self.tokens[self.at - 1].start, end
        if after == ";" and self._text(last + 2) not in {".", "}", ";"}:
            if self._text(start) == "(":
                raise self._amiss("A search that names its score stands by itself; write a new triple after it.")
            return self.tokens[self.at].start, self.tokens[last + 1].start + 1
        while self._text(last + 1) in {";", "."}:
            last += 1
            end = self.tokens[last].start + 1
        return self.tokens[start].start, end

    def _opening(self) -> int:
        """Return the place of the brace that opens the group."""
        depth = 0
        for number in range(self.at - 1, -1, -1):
            token = self.tokens[number]
            depth += (token.kind == "close") - (token.kind == "open")
            if depth < 0 and token.text == "{":
                return token.start
        raise self._amiss(f"A search stands in a group: {HOW}.")

    def _text(self, number: int) -> str:
        return self.tokens[number].text if 0 <= number < len(self.tokens) else ""

    def _kind(self, number: int) -> str:
        return self.tokens[number].kind if 0 <= number < len(self.tokens) else ""

    def _amiss(self, message: str) -> QueryError:
        return QueryError(message, *place(self.text, self.tokens[self.at].start))


def _value(literal: str) -> str:
    """Return what a string of a query says, its escapes resolved by the engine."""
    solutions = Store().query(f"SELECT ({literal} AS ?text) {{}}")
    assert isinstance(solutions, QuerySolutions)
    return str(next(solutions)["text"].value)
