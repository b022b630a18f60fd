"""Find the SERVICE parts of a query and what is joined with each. Knows grammar (SPARQL 1.1 Query, section 19), no data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kouan.errors import QueryError
from kouan.sparql.scanning.lexer import Token, place, tokens
from kouan.sparql.scanning.prologue import read_prologue

# What a group can hold beside triples starts with one of these words, or with a brace.
STARTS = {"OPTIONAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES"}
JOINED = {"triples", "group", "union", "graph", "values", "bind"}
CUTS = {"optional", "minus"}


@dataclass
class Element:
    """One part of a group, from one offset into the text to another; `groups` are those that it holds."""

    kind: str
    start: int
    end: int
    groups: list[Group] = field(default_factory=list)
    name: Token | None = None
    is_silent: bool = False
    variables: frozenset[str] = frozenset()

    @property
    def services(self) -> Iterator[Element]:
        """Return the SERVICE parts within, those of other servers' own queries left out."""
        if self.kind == "service":
            yield self
        else:
            for group in self.groups:
                yield from group.services


@dataclass
class Group:
    """A group graph pattern, its braces included; a subquery's knows its own tail and nothing of what stands outside."""

    start: int
    end: int
    elements: list[Element] = field(default_factory=list)
    is_subquery: bool = False

    @property
    def services(self) -> Iterator[Element]:
        """Return the SERVICE parts within."""
        for element in self.elements:
            yield from element.services


@dataclass
class ParsedQuery:
    """A query cut into its prologue, the words that name its dataset, and its groups."""

    text: str
    prologue: str
    dataset: str
    pattern: Group

    @property
    def services(self) -> list[Element]:
        """Return the SERVICE parts, in the order of the text."""
        return list(self.pattern.services)

    def joined_with(self, service: Element) -> Joined:
        """Return a pattern whose solutions hold every one that a SERVICE is joined with.

        What is left out (OPTIONAL, MINUS, most FILTERs, what follows an OPTIONAL) can only make it larger, so that nothing
        is lost where the SERVICE is asked about these solutions alone.
        """
        return _joined(self.text, self.pattern, service) or Joined()


@dataclass(frozen=True)
class Joined:
    """A pattern and its variables; it is sealed where nothing outside of its group may be added to it."""

    pattern: str = ""
    variables: frozenset[str] = frozenset()
    is_sealed: bool = False


def read(text: str) -> ParsedQuery:
    """Return a query cut up; its \\u escapes are resolved already. Raises QueryError where it cannot be read."""
    return _Reader(text).query()


def _joined(text: str, group: Group, service: Element) -> Joined | None:
    """Return what is joined within a group that holds the SERVICE; None where it does not."""
    holder = next((i for i, e in enumerate(group.elements) if any(s is service for s in e.services)), None)
    if holder is None:
        return None
    held = group.elements[holder]
    if held.kind in {"filter", "bind"}:
        # EXISTS sees the values of one solution, not what is joined.
        return Joined(is_sealed=True)
    inner = Joined()
    if held is not service:
        inner = next(found for child in held.groups if (found := _joined(text, child, service)) is not None)
    if inner.is_sealed:
        return inner
    used = _used(group, holder)
    certain = _certain(used)
    filters = [e for e in group.elements if e.kind == "filter" and not e.groups and e.variables <= certain]
    parts = [_part(text, element) for element in (*used, *filters)]
    variables = inner.variables.union(*(element.variables for element in used))
    if inner.pattern and held.kind == "graph" and held.name is not None:
        parts.append(f"GRAPH {held.name.text} {{ {inner.pattern}\n}}")
        variables |= {held.name.text[1:]} if held.name.kind == "variable" else frozenset()
    elif inner.pattern:
        parts.append(f"{{ {inner.pattern}\n}}")
    return Joined("\n".join(parts), variables, group.is_subquery)


def _certain(elements: list[Element]) -> frozenset[str]:
    """Return the variables that surely have a value where some elements are joined."""
    triples = (e.variables for e in elements if e.kind == "triples")
    groups = (
        _certain(group.elements) for e in elements if e.kind == "group" for group in e.groups if not group.is_subquery
    )
    return frozenset[str]().union(*triples, *groups)


def _part(text: str, element: Element) -> str:
    part = text[element.start : element.end]
    return part.rstrip(".") + " ." if element.kind == "triples" else part


def _used(group: Group, holder: int) -> list[Element]:
    """Return the elements that certainly join with the one that holds the SERVICE."""
    is_left = group.elements[holder].kind in CUTS
    used = []
    for number, element in enumerate(group.elements):
        if number > holder and (is_left or element.kind in CUTS):
            break
        if number > holder and element.kind == "bind":
            continue
        if element.kind in JOINED and number != holder and not any(True for _ in element.services):
            used.append(element)
    return used


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.place = 0

    def query(self) -> ParsedQuery:
        self.place = read_prologue(self.tokens).length
        prologue = self.text[: self._start()]
        if self._keyword() == "CONSTRUCT" and self._text(1) == "{":
            self._next()
            self._balanced()
        while self._keyword() not in {"FROM", "WHERE"} and self._text() != "{":
            self._balanced()
        begin = self._start()
        while self._keyword() != "WHERE" and self._text() != "{":
            self._next()
        dataset = self.text[begin : self._start()]
        if self._keyword() == "WHERE":
            self._next()
        return ParsedQuery(self.text, prologue, dataset, self._group())

    def _group(self) -> Group:
        group = Group(self._start(), 0)
        self._expect("{")
        if self._keyword() == "SELECT":
            group.is_subquery = True
            while self._text() != "{":
                self._balanced()
            inner = self._group()
            # The subquery's own modifiers, and VALUES, follow its pattern.
            while self._text() != "}":
                self._balanced()
            group.elements = [Element("group", inner.start, inner.end, [inner])]
        while self._text() != "}":
            group.elements.append(self._element())
        group.end = self._next().start + 1
        return group

    def _element(self) -> Element:
        first, start = self.place, self._start()
        keyword = self._keyword()
        element = Element(keyword.lower() if keyword in STARTS else "triples", start, 0)
        if self._text() == "{":
            element.groups = [self._group()]
            while self._keyword() == "UNION":
                self._next()
                element.groups.append(self._group())
            element.kind = "group" if len(element.groups) == 1 else "union"
        elif keyword in {"OPTIONAL", "MINUS", "GRAPH", "SERVICE"}:
            self._next()
            if keyword == "SERVICE" and self._keyword() == "SILENT":
                self._next()
                element.is_silent = True
            if keyword in {"GRAPH", "SERVICE"}:
                element.name = self._next()
            if keyword == "SERVICE":
                body = Group(self._start(), 0)
                self._expect_brace()
                self._balanced()
                body.end = self._end()
                element.groups = [body]
            else:
                element.groups = [self._group()]
        elif keyword == "FILTER" or keyword == "BIND":
            self._next()
            self._constraint(element)
        elif keyword == "VALUES":
            while self._text() != "{":
                self._next()
            self._balanced()
        else:
            self._triples()
        element.end = self._end()
        if self._text() == ".":
            element.end = self._next().start + 1
        element.variables = frozenset(t.text[1:] for t in self.tokens[first : self.place] if t.kind == "variable")
        return element

    def _constraint(self, element: Element) -> None:
        """Read what a FILTER or BIND says; groups within (of EXISTS) become the element's."""
        depth = 0
        while True:
            if self._text() == "{":
                element.groups.append(self._group())
            else:
                token = self._next()
                depth += (token.kind == "open") - (token.kind == "close")
                if depth or token.kind in {"word", "iri", "prefixed"}:
                    continue
            if not depth:
                return

    def _triples(self) -> None:
        self._balanced()
        while self._text() not in {"{", "}", "."} and self._keyword() not in STARTS:
            self._balanced()

    def _balanced(self) -> None:
        """Pass one terminal, or all between a bracket and its partner."""
        depth = 0
        while True:
            token = self._next()
            depth += (token.kind == "open") - (token.kind == "close")
            if depth <= 0:
                return

    def _next(self) -> Token:
        if self.place >= len(self.tokens):
            raise QueryError(
                "The query ends before its brackets are closed.", *place(self.text, len(self.text.rstrip()))
            )
        self.place += 1
        return self.tokens[self.place - 1]

    def _text(self, ahead: int = 0) -> str:
        at = self.place + ahead
        return self.tokens[at].text if at < len(self.tokens) else ("" if ahead else self._next().text)

    def _keyword(self) -> str:
        return self.tokens[self.place].keyword if self.place < len(self.tokens) else ""

    def _start(self) -> int:
        return self.tokens[self.place].start if self.place < len(self.tokens) else len(self.text)

    def _end(self) -> int:
        last = self.tokens[self.place - 1]
        return last.start + len(last.text)

    def _expect(self, text: str) -> None:
        if self._text() != text:
            self._unexpected()
        self._next()

    def _expect_brace(self) -> None:
        if self._text() != "{":
            self._unexpected()

    def _unexpected(self) -> None:
        token = self.tokens[self.place]
        raise QueryError(
            f"The query cannot be read near {token.text!r}; a group in braces stands there.",
            *place(self.text, token.start),
        )
