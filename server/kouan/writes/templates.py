"""Fill the templates of an update with solutions, literals as the update writes them. Knows terms, no data.

The engine fills them, into a store of their own: what it would rewrite there stands for itself as a name meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from kouan.sparql.scanning.lexer import Token, tokens
from kouan.vocabulary import BASE

LITERAL, BLANK = "urn:kouan:literal:", "urn:kouan:blank:"
ROWS_AT_ONCE = 20_000
# A variable of ours that tells one solution from the next, for each gets blank nodes of its own.
ROW = "kouan_row"

Solution = Sequence[Any]


class Template:
    """A template of quads, `{…}` of an update; what stands in no graph of it stands in `within`."""

    def __init__(self, text: str, prologue: str, within: NamedNode | DefaultGraph) -> None:
        self.prologue = prologue
        self.within = within
        found = list(tokens(text))
        self.variables = sorted({token.text[1:] for token in found if token.kind == "variable"})
        self.text, self._literals = _named(text, found, prologue)

    def fill(self, names: Sequence[str], solutions: Iterable[Solution]) -> Iterator[tuple[Quad, bool]]:
        """Yield the quads that solutions make, each with whether its object is a literal that the template writes."""
        if not self.text.strip("{} \t\r\n"):
            return
        some: list[str] = []
        for number, solution in enumerate(solutions):
            some.append(f"({number} {' '.join(map(_written, solution))})")
            if len(some) >= ROWS_AT_ONCE:
                yield from self._filled(names, some)
                some = []
        yield from self._filled(names, some)

    def _filled(self, names: Sequence[str], rows: list[str]) -> Iterator[tuple[Quad, bool]]:
        if not rows:
            return
        store = Store()
        variables = " ".join(f"?{name}" for name in (ROW, *names))
        store.update(
            f"{self.prologue}\nINSERT {self.text} WHERE {{ VALUES ({variables}) {{ {' '.join(rows)} }} }}",
            base_iri=BASE,
        )
        for quad in store:
            graph = self.within if isinstance(quad.graph_name, DefaultGraph) else self._term(quad.graph_name)
            is_written = isinstance(quad.object, NamedNode) and quad.object.value in self._literals
            yield Quad(self._term(quad.subject), quad.predicate, self._term(quad.object), graph), is_written

    def _term(self, term: Any) -> Any:
        if isinstance(term, NamedNode):
            if term.value.startswith(BLANK):
                return BlankNode(term.value.removeprefix(BLANK))
            return self._literals.get(term.value, term)
        if isinstance(term, Triple):
            return Triple(self._term(term.subject), term.predicate, self._term(term.object))
        return term


def _written(term: Any) -> str:
    """Return a term as VALUES can hold it."""
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return f"<{BLANK}{term.value}>"
    if isinstance(term, Triple):
        return f"<<( {_written(term.subject)} {term.predicate} {_written(term.object)} )>>"
    return str(term)


def _named(text: str, found: list[Token], prologue: str) -> tuple[str, Mapping[str, Literal]]:
    """Return a template whose literals stand as names, and those by their names."""
    pieces = list(_literals(found))
    lines = [f"<{LITERAL}{number}> <{LITERAL}> {text[start:end]} .\n" for number, (start, end) in enumerate(pieces)]
    try:
        terms = {
            quad.subject.value: quad.object
            for quad in parse(f"{prologue}\n{''.join(lines)}", format=RdfFormat.TURTLE, base_iri=BASE)
        }
    except (SyntaxError, ValueError):
        # What Turtle writes in another way stays as the engine takes it.
        return text, {}
    for number, (start, end) in reversed(list(enumerate(pieces))):
        text = f"{text[:start]} <{LITERAL}{number}> {text[end:]}"
    return text, terms


def _literals(found: list[Token]) -> Iterator[tuple[int, int]]:
    """Yield where the literals stand that the engine may rewrite: numbers, and strings with a datatype or a language."""
    for place, token in enumerate(found):
        end = token.start + len(token.text)
        after = found[place + 1 : place + 3]
        if token.kind == "number":
            signed = place and found[place - 1].text in {"+", "-"} and found[place - 1].start + 1 == token.start
            is_ended = token.text.endswith(".")
            yield token.start - bool(signed), end - is_ended
        elif token.kind in {"string", "long"} and after:
            if after[0].kind == "language":
                yield token.start, after[0].start + len(after[0].text)
            elif after[0].text == "^^" and len(after) > 1:
                yield token.start, after[1].start + len(after[1].text)
