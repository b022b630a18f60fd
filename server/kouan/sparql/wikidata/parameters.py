"""Read what a query tells one of the services that Wikidata's server has inside: triples of simple terms. Knows no service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kouan.errors import QueryError
from kouan.sparql.scanning.clauses import Element
from kouan.sparql.scanning.lexer import Token, place, tokens
from kouan.sparql.scanning.prologue import Prologue
from kouan.sparql.wikidata.names import BIGDATA, WIKIBASE

PARAMETER = BIGDATA + "serviceParam"
SIMPLE = {"iri", "prefixed", "variable", "string", "long", "number", "blank", "word"}
STRINGS = {"string", "long"}
SIGNS = {"+", "-"}
# After each of these so many terms of the triple before stand for the next one too.
KEPT = {".": 0, ";": 1, ",": 2}


@dataclass(frozen=True)
class Term:
    """A term by its terminals, whose offsets are those of the query."""

    tokens: tuple[Token, ...]

    @property
    def first(self) -> Token:
        """Return the terminal that it starts with."""
        return self.tokens[0]

    @property
    def start(self) -> int:
        """Return where it starts."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Return where it ends."""
        return self.tokens[-1].start + len(self.tokens[-1].text)

    @property
    def text(self) -> str:
        """Return how it is written."""
        return "".join(token.text for token in self.tokens)

    @property
    def variable(self) -> str:
        """Return its name where it is a variable, else ""."""
        return self.first.text[1:] if self.first.kind == "variable" else ""

    @property
    def string(self) -> str:
        """Return what stands between the quotation marks of a literal, "" where it has none."""
        marks = {"string": 1, "long": 3}.get(self.first.kind, 0)
        return self.first.text[marks:-marks] if marks else ""

    @property
    def datatype(self) -> Token | None:
        """Return the name of the datatype that a literal has."""
        return self.tokens[2] if len(self.tokens) == 3 else None


Triple = tuple[Term, Term, Term]


def read_triples(text: str, service: Element) -> Iterator[Triple]:
    """Return the triples in a SERVICE, with ; and , between them; raises QueryError where more than simple terms stand there."""
    body = service.groups[0]
    first = body.start + 1
    found = [replace(token, start=token.start + first) for token in tokens(text[first : body.end - 1])]
    terms: list[Term] = []
    while found:
        length = _length(found)
        if not length:
            raise QueryError(
                f"Within this SERVICE stand triples of simple terms, and no {found[0].text}; write the rest outside of it.",
                *place(text, found[0].start),
            )
        term, found = Term(tuple(found[:length])), found[length:]
        if term.text in KEPT:
            terms = terms[: KEPT[term.text]]
            continue
        terms.append(term)
        if len(terms) == 3:
            yield terms[0], terms[1], terms[2]
            terms = terms[:2]


def parameter_of(triple: Triple, prologue: Prologue) -> str:
    """Return the name of the parameter that a triple gives: wikibase:radius is "radius"; "" where it gives none."""
    subject, predicate, _ = triple
    asks = prologue.iri(predicate.first)
    is_parameter = prologue.iri(subject.first) == PARAMETER and asks.startswith(WIKIBASE)
    return asks.removeprefix(WIKIBASE) if is_parameter else ""


def _length(found: list[Token]) -> int:
    """Return how many terminals the next term or mark has, 0 where neither stands there."""
    token, after = found[0], found[1] if len(found) > 1 else None
    if after is not None and token.kind in STRINGS and after.kind == "language":
        return 2
    if after is not None and token.kind in STRINGS and after.text == "^^":
        return 3
    if after is not None and token.text in SIGNS and after.kind == "number":
        return 2
    return int(token.kind in SIMPLE or token.text in KEPT)
