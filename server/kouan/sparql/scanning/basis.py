"""Read a SELECT query down to its triple patterns, and ask it so that each solution tells what it rests on. Knows no store.

Read are basic graph patterns with sequences and inverses of paths, OPTIONAL, UNION, FILTER, BIND, VALUES and GRAPH. For the
rest - aggregates, sub-selects, negation, repeated paths - it cannot be said which triples one row rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn

from kouan.errors import QueryError
from kouan.sparql.scanning.lexer import Token, decode_codepoints, place, tokens
from kouan.vocabulary import RDF

OURS = "kouan_"
AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
STOPS = {"FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS", "SERVICE", "LATERAL"}
MODIFIERS = {"*", "+", "?"}


@dataclass(frozen=True)
class Pattern:
    """A triple pattern: its terms as text, the graph that it is asked of, and the variable that is bound where it matched."""

    subject: str
    predicate: str
    object: str
    graph: str = ""
    marker: str = ""


@dataclass
class Basis:
    """A query, read: the query whose solutions tell every variable of it, and its patterns."""

    prologue: str
    solutions: str = ""
    patterns: list[Pattern] = field(default_factory=list)

    @property
    def constants(self) -> list[str]:
        """Return the terms of the patterns that are no variables, each once."""
        terms = (term for p in self.patterns for term in (p.subject, p.predicate, p.object, p.graph))
        return list(dict.fromkeys(term for term in terms if term and not term.startswith("?")))


def read_basis(text: str) -> Basis:
    """Return the basis of a SELECT query; raises QueryError, with the place, where it has a form that has none."""
    return _Reader(decode_codepoints(text)).query()


class _Reader:
    """Reads terminals from the left to the right, and writes the query anew as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.numbers = count()
        self.patterns: list[Pattern] = []
        self.variables: dict[str, None] = {}
        self.blanks: dict[str, str] = {}

    def query(self) -> Basis:
        start = next(
            (i for i, t in enumerate(self.tokens) if t.keyword in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}), -1
        )
        if start < 0 or self.tokens[start].keyword != "SELECT":
            raise QueryError("Evidence is to be had for SELECT queries only; send this one without evidence.")
        self.at = start
        prologue = self.text[: self._next().start]
        if self._keyword() in {"DISTINCT", "REDUCED"}:
            self._next()
        items, selected = self._items()
        if self._keyword() == "WHERE":
            self._next()
        group = self._group("", "")
        values = self._modifiers()
        basis = Basis(prologue, patterns=self.patterns)
        more = " ".join(name for name in self.variables if name not in selected)
        basis.solutions = f"{prologue} SELECT {items} {more} WHERE {group} {values}"
        return basis

    def _items(self) -> tuple[str, set[str]]:
        """Return what is selected as text, "" for all, and the variables that it gives."""
        start = self._peek().start
        selected: set[str] = set()
        depth = 0
        while depth or (self._peek().text != "{" and self._keyword() not in {"WHERE", "FROM"}):
            token = self._next() if depth else self._seen(self._next())
            depth += (token.kind == "open") - (token.kind == "close")
            if token.keyword in AGGREGATES:
                self._refuse(token, "aggregates")
            if token.kind == "variable" and (not depth or self.tokens[self.at - 2].keyword == "AS"):
                selected.add("?" + token.text[1:])
        if self._keyword() == "FROM":
            self._refuse(self._peek(), "FROM")
        items = self.text[start : self._peek().start].strip()
        return ("" if items == "*" else items), selected

    def _modifiers(self) -> str:
        """Return the VALUES after the group; ORDER BY and LIMIT choose among rows and add nothing to one."""
        while self.at < len(self.tokens):
            token = self._next()
            if token.keyword in {"GROUP", "HAVING"} or token.keyword in AGGREGATES:
                self._refuse(token, "GROUP BY and HAVING")
            if token.keyword == "VALUES":
                return self.text[token.start :]
        return ""

    def _group(self, graph: str, marker: str, *, binds: bool = True) -> str:
        """Return a group written anew, after its patterns were noted; where it matched, `marker` is bound by it or around it."""
        self._expect("{")
        if self._keyword() == "SELECT":
            self._refuse(self._peek(), "sub-selects")
        parts: list[str] = []
        while self._peek().text != "}":
            if self._peek().text == ".":
                self._next()
            elif self._peek().text == "{":
                parts.append(self._union(graph, marker))
            elif self._keyword() in STOPS:
                parts.append(self._clause(graph, marker))
            else:
                parts.extend(f"{p.subject} {p.predicate} {p.object} ." for p in self._note(graph, marker))
        self._next()
        if marker and binds:
            parts.append(f"BIND(1 AS {marker})")
        return "{ " + " ".join(parts) + " }"

    def _union(self, graph: str, marker: str) -> str:
        start = self.at
        noted = len(self.patterns)
        single = self._group(graph, marker, binds=False)
        if self._keyword() != "UNION":
            return single
        # Each branch is marked, so it is read again with a mark of its own.
        del self.patterns[noted:]
        self.at = start
        branches = [self._group(graph, self._mark())]
        while self._keyword() == "UNION":
            self._next()
            branches.append(self._group(graph, self._mark()))
        return " UNION ".join(branches)

    def _clause(self, graph: str, marker: str) -> str:
        token = self._next()
        if token.keyword == "OPTIONAL":
            return f"OPTIONAL {self._group(graph, self._mark())}"
        if token.keyword == "GRAPH":
            name = self._term()
            return f"GRAPH {name} {self._group(name, marker, binds=False)}"
        if token.keyword not in {"FILTER", "BIND", "VALUES"}:
            self._refuse(token, token.keyword)
        if token.keyword == "VALUES":
            while self._peek().text != "{":
                self._seen(self._next())
        elif self._peek().text != "(":
            if self._keyword() in {"EXISTS", "NOT"}:
                self._refuse(self._peek(), "EXISTS")
            self._next()
        end = self._balanced()
        return self.text[token.start : end]

    def _balanced(self) -> int:
        """Return where the bracket that opens here ends, after the variables in it were noted."""
        depth = 0
        while True:
            token = self._seen(self._next())
            if token.keyword == "EXISTS" or token.keyword in AGGREGATES:
                self._refuse(token, token.keyword)
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return token.start + len(token.text)

    def _note(self, graph: str, marker: str) -> list[Pattern]:
        found = list(self._triples(graph, marker))
        self.patterns += found
        return found

    def _triples(self, graph: str, marker: str) -> Iterator[Pattern]:
        if self._peek().text == "[":
            subject = self._fresh()
            yield from self._properties(subject, graph, marker)
            if self._peek().text in {".", "}"}:
                return
        else:
            subject = self._term()
        yield from self._predicates(subject, graph, marker)

    def _predicates(self, subject: str, graph: str, marker: str) -> Iterator[Pattern]:
        while True:
            steps = self._path()
            while True:
                if self._peek().text == "[":
                    value = self._fresh()
                    yield from self._properties(value, graph, marker)
                else:
                    value = self._term()
                yield from self._along(subject, steps, value, graph, marker)
                if self._peek().text != ",":
                    break
                self._next()
            while self._peek().text == ";":
                self._next()
            if self._previous().text != ";" or self._peek().text in {".", "}", "]", "{"} or self._keyword() in STOPS:
                return

    def _properties(self, subject: str, graph: str, marker: str) -> Iterator[Pattern]:
        self._expect("[")
        if self._peek().text != "]":
            yield from self._predicates(subject, graph, marker)
        self._expect("]")

    def _along(
        self, subject: str, steps: list[tuple[str, bool]], value: str, graph: str, marker: str
    ) -> Iterator[Pattern]:
        here = subject
        for number, (predicate, is_inverse) in enumerate(steps):
            there = value if number == len(steps) - 1 else self._fresh()
            ends = (there, here) if is_inverse else (here, there)
            yield Pattern(ends[0], predicate, ends[1], graph, marker)
            here = there

    def _path(self) -> list[tuple[str, bool]]:
        steps = [self._step()]
        while self._peek().text == "/":
            self._next()
            steps.append(self._step())
        if self._peek().text in MODIFIERS | {"|"}:
            self._refuse(self._peek(), "repeated and alternative paths")
        return steps

    def _step(self) -> tuple[str, bool]:
        is_inverse = self._peek().text == "^"
        if is_inverse:
            self._next()
        token = self._seen(self._next())
        if token.text == "a":
            return f"<{RDF}type>", is_inverse
        if token.kind not in {"iri", "prefixed", "variable"}:
            self._refuse(token, "repeated and alternative paths")
        return token.text.replace("$", "?", 1) if token.kind == "variable" else token.text, is_inverse

    def _term(self) -> str:
        token = self._seen(self._next())
        if token.kind == "variable":
            return "?" + token.text[1:]
        if token.kind in {"iri", "prefixed"} or token.text in {"true", "false"}:
            return token.text
        if token.kind == "blank":
            if token.text not in self.blanks:
                self.blanks[token.text] = self._fresh()
            return self.blanks[token.text]
        start, end = token.start, token.start + len(token.text)
        if token.text in {"+", "-"} and self._peek().kind == "number":
            last = self._next()
            return self.text[start : last.start + len(last.text)]
        if token.kind == "number":
            return token.text
        if token.kind not in {"string", "long"}:
            self._refuse(token, "lists and terms about triples")
        if self._peek().kind == "language" or self._peek().text == "^^":
            self.at += self._peek().text == "^^"
            last = self._next()
            end = last.start + len(last.text)
        return self.text[start:end]

    def _fresh(self) -> str:
        return self._seen_name(f"?{OURS}{next(self.numbers)}")

    def _mark(self) -> str:
        return self._seen_name(f"?{OURS}mark_{next(self.numbers)}")

    def _seen_name(self, name: str) -> str:
        self.variables[name] = None
        return name

    def _seen(self, token: Token) -> Token:
        if token.kind == "variable":
            self.variables["?" + token.text[1:]] = None
        return token

    def _refuse(self, token: Token, what: str) -> NoReturn:
        line, column = place(self.text, token.start)
        raise QueryError(
            f"Evidence is not for this form: with {what} it cannot be said which triples a row rests on. It is for triple "
            "patterns with OPTIONAL, UNION and FILTER; send the query without evidence, or ask for less in it.",
            line,
            column,
        )

    def _peek(self) -> Token:
        if self.at >= len(self.tokens):
            line, column = place(self.text, len(self.text))
            raise QueryError("The query ends too early.", line, column)
        return self.tokens[self.at]

    def _keyword(self) -> str:
        return self.tokens[self.at].keyword if self.at < len(self.tokens) else ""

    def _previous(self) -> Token:
        return self.tokens[self.at - 1]

    def _next(self) -> Token:
        token = self._peek()
        self.at += 1
        return token

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            line, column = place(self.text, token.start)
            raise QueryError(f"{text} should stand here, not {token.text[:40]!r}.", line, column)
