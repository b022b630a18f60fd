"""Read the graph patterns of simple queries: the forms whose work can be bounded. Knows grammar, no data.

What is not read here is no error: such a query is evaluated like any other, only not at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from kouan.sparql.scanning.lexer import Token, tokens
from kouan.sparql.scanning.prologue import read_prologue
from kouan.vocabulary import RDF

TYPE = RDF + "type"
REPEATED = {"*", "+", "?"}
Step = tuple[str | None, bool, bool]
"""A predicate of a path, whether it is walked backwards, and whether it is repeated."""
VALUES_OF_TERMS = {"iri", "prefixed", "string", "long", "number"}


class NotSimple(Exception):
    """The query has a form that is not read here."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern: variables by name, "" for a constant; the predicate is an IRI, or None for a variable."""

    subject: str
    predicate: str | None
    object: str
    is_closure: bool = False

    @property
    def variables(self) -> frozenset[str]:
        """Return the variables that it binds and that its work depends on."""
        return frozenset(name for name in (self.subject, self.object) if name)


@dataclass
class Group:
    """A group graph pattern: what is joined, what is optional, and how many rows VALUES adds.

    It is plain where it has triple patterns only, and split where some follow after something else that was joined or bound.
    """

    patterns: list[Pattern] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    optionals: list[Group] = field(default_factory=list)
    values: int = 1
    is_plain: bool = True
    is_split: bool = False

    @property
    def certain(self) -> frozenset[str]:
        """Return the variables that have a value in every solution."""
        bound = frozenset[str]().union(*(pattern.variables for pattern in self.patterns))
        return bound.union(*(frozenset.intersection(*(b.certain for b in branches)) for branches in self.unions))


def read(text: str) -> tuple[Group, list[int]]:
    """Return the pattern of a query, and which of the IRIs it writes out say how much work it is.

    Raises NotSimple where it has subqueries, paths of paths without an end, GRAPH, MINUS, EXISTS or anything else not known here.
    """
    return _Reader(text).query()


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.place = 0
        self.fresh = (f" {number}" for number in count())
        order = (i for i in count())
        self.iri_places = {i: next(order) for i, token in enumerate(self.tokens) if token.kind == "iri"}
        self.decisive: list[int] = []

    def query(self) -> tuple[Group, list[int]]:
        self._prologue()
        form = self._next().keyword
        if form == "SELECT":
            self._skip_to_group()
        elif form == "CONSTRUCT" and self._peek() == "{":
            self._skip_balanced()
            self._skip_to_group()
        elif form == "ASK":
            self._skip_to_group()
        else:
            raise NotSimple
        group = self._group()
        for token in self.tokens[self.place :]:
            if token.text == "{" or token.keyword in {"VALUES", "FROM"}:
                raise NotSimple
        return group, self.decisive

    def _prologue(self) -> None:
        self.prologue = read_prologue(self.tokens)
        self.place = self.prologue.length
        if any(token.keyword in {"BASE", "VERSION"} for token in self.tokens[: self.place]):
            raise NotSimple
        self.decisive += [self.iri_places[i] for i in range(self.place) if i in self.iri_places]

    def _skip_to_group(self) -> None:
        while self._peek() != "{":
            if self._keyword() == "FROM":
                raise NotSimple
            if self._peek() == "(":
                self._skip_balanced()
            else:
                self._next()

    def _group(self) -> Group:
        self._expect("{")
        group = Group()
        is_bound = False
        while self._peek() != "}":
            keyword = self._keyword()
            group.is_plain &= keyword not in {"OPTIONAL", "FILTER", "BIND", "VALUES"} and self._peek() != "{"
            is_bound |= keyword == "BIND"
            if self._peek() == ".":
                self._next()
            elif self._peek() == "{":
                group.unions.append(self._union())
            elif keyword == "OPTIONAL":
                self._next()
                group.optionals.append(self._group())
            elif keyword == "FILTER":
                self._next()
                self._filter()
            elif keyword == "BIND":
                self._next()
                self._skip_balanced()
            elif keyword == "VALUES":
                self._next()
                group.values *= self._values()
            else:
                group.patterns.extend(self._triples())
                group.is_split |= is_bound
            if (
                group.optionals
                and keyword not in {"OPTIONAL", "FILTER", "BIND"}
                and self.tokens[self.place - 1].text != "."
            ):
                # What is joined afterwards does not narrow what was looked up before.
                raise NotSimple
        self._next()
        return group

    def _union(self) -> list[Group]:
        branches = [self._group()]
        while self._keyword() == "UNION":
            self._next()
            branches.append(self._group())
        return branches

    def _filter(self) -> None:
        if self._peek() != "(":
            if self._keyword() in {"EXISTS", "NOT"}:
                raise NotSimple
            self._next()
        self._skip_balanced()

    def _values(self) -> int:
        while self._peek() != "{":
            self._next()
        before = self.place
        self._skip_balanced(braces=True)
        return max(1, sum(token.kind != "close" for token in self.tokens[before : self.place]))

    def _triples(self) -> Iterator[Pattern]:
        subject = self._term()
        while True:
            steps = self._path()
            while True:
                yield from self._along(subject, steps, self._term())
                if self._peek() != ",":
                    break
                self._next()
            while self._peek() == ";":
                self._next()
            if self._peek() in {".", "}"} or self._keyword() in {"FILTER", "OPTIONAL", "BIND", "VALUES"}:
                return
            if self._peek() == "{" or self.tokens[self.place - 1].text != ";":
                return

    def _along(self, subject: str, steps: list[Step], end: str) -> Iterator[Pattern]:
        start = subject
        for number, (predicate, is_inverse, is_closure) in enumerate(steps):
            stop = end if number == len(steps) - 1 else next(self.fresh)
            ends = (stop, start) if is_inverse else (start, stop)
            yield Pattern(ends[0], predicate, ends[1], is_closure)
            start = stop

    def _path(self) -> list[Step]:
        steps = [self._step()]
        while self._peek() == "/":
            self._next()
            steps.append(self._step())
        if (
            self._peek() in REPEATED
            or self._peek() == "|"
            or (len(steps) > 1 and any(step[0] is None for step in steps))
        ):
            raise NotSimple
        return steps

    def _step(self) -> Step:
        is_inverse = self._peek() == "^"
        if is_inverse:
            self._next()
        token = self._next()
        if token.kind == "variable":
            return None, is_inverse, False
        if token.text == "a":
            step: str = TYPE
        elif token.kind in {"iri", "prefixed"}:
            step = self._iri(token)
        else:
            raise NotSimple
        is_closure = self._peek() in REPEATED
        if is_closure:
            self._next()
        return step, is_inverse, is_closure

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            self.decisive.append(self.iri_places[self.place - 1])
        elif "\\" in token.text or token.text.partition(":")[0] not in self.prologue.prefixes:
            raise NotSimple
        return self.prologue.iri(token)

    def _term(self) -> str:
        """Return a variable's name, "" for a constant."""
        token = self._next()
        if token.text in {"-", "+"} and self.tokens[self.place].kind == "number":
            token = self._next()
        if token.kind == "variable":
            return token.text[1:]
        if token.kind == "blank":
            return token.text
        if token.kind in VALUES_OF_TERMS:
            if self._kind() == "language":
                self._next()
            elif self._peek() == "^^":
                self._next()
                self._next()
            return ""
        if token.text in {"true", "false"}:
            return ""
        raise NotSimple

    def _skip_balanced(self, braces: bool = False) -> None:
        depth = 0
        while True:
            token = self._next()
            if token.text == "{" and not braces and self.tokens[self.place - 2].keyword != "CONSTRUCT":
                raise NotSimple
            depth += (token.kind == "open") - (token.kind == "close")
            if depth <= 0:
                return

    def _next(self) -> Token:
        if self.place >= len(self.tokens):
            raise NotSimple
        self.place += 1
        return self.tokens[self.place - 1]

    def _peek(self) -> str:
        return self.tokens[self.place].text if self.place < len(self.tokens) else ""

    def _kind(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""

    def _keyword(self) -> str:
        return self.tokens[self.place].keyword if self.place < len(self.tokens) else ""

    def _expect(self, text: str) -> None:
        if self._next().text != text:
            raise NotSimple
