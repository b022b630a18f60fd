"""Fill the templates of an update with solutions, literals as the update writes them. Knows terms, no data.

The engine fills them, into a store of their own: what it would rewrite there stands for itself as a name meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import BaseDirection, BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kouan.errors import BadRequest
from kouan.graph.faults import WITH_LANGUAGE, lacks_language
from kouan.sparql.editing import edited, replace
from kouan.sparql.tree import Literal as Term
from kouan.sparql.tree import Node, Quads, Var, walk
from kouan.vocabulary import BASE, XSD

LITERAL, BLANK = "urn:kouan:literal:", "urn:kouan:blank:"
ROWS_AT_ONCE = 20_000
# A variable of ours that tells one solution from the next, for each gets blank nodes of its own.
ROW = "kouan_row"

Solution = Sequence[Any]


class Template:
    """A template of quads, `{…}` of an update; what stands in no graph of it stands in `within`."""

    def __init__(self, text: str, quads: Quads | None, prologue: str, within: NamedNode | DefaultGraph) -> None:
        """Take the text of the update and where the template stands in it; None is an empty one."""
        self.prologue = prologue
        self.within = within
        nodes = list(walk(quads)) if quads is not None else []
        self.variables = sorted({node.name for node in nodes if isinstance(node, Var)})
        self.text, self._literals = _named(text, quads, nodes)

    def fill(self, names: Sequence[str], solutions: Iterable[Solution]) -> Iterator[tuple[Quad, bool]]:
        """Yield the quads that solutions make, each with whether its object is a literal that the template writes."""
        if not self.text:
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
    if lacks_language(term):
        # What STRDT makes there is none (SPARQL 1.2 Query, section 17.4.2.11).
        return "UNDEF"
    if isinstance(term, Triple):
        return f"<<( {_written(term.subject)} {term.predicate} {_written(term.object)} )>>"
    return str(term)


def _named(text: str, quads: Quads | None, nodes: list[Node]) -> tuple[str, Mapping[str, Literal]]:
    """Return a template whose literals stand as names, and those by their names."""
    if quads is None:
        return "", {}
    # A node that several triples share is met once for each.
    literals = {node.start: node for node in nodes if isinstance(node, Term) and node.datatype != XSD + "string"}
    names = {start: f"{LITERAL}{number}" for number, start in enumerate(sorted(literals))}
    edits = [replace(node, f" <{names[start]}> ") for start, node in literals.items()]
    whole = edited(text[: quads.end], edits)
    # What stands before the template is as long as it was: no literal of its stands there.
    return whole[quads.start :], {names[start]: _literal(node) for start, node in literals.items()}


def _literal(node: Term) -> Literal:
    if node.datatype in WITH_LANGUAGE:
        raise BadRequest(f'"{node.lexical[:40]}" has the datatype {node.datatype} and no language; write "…"@en.')
    if node.language:
        direction = BaseDirection(node.direction) if node.direction else None
        return Literal(node.lexical, language=node.language, direction=direction)
    return Literal(node.lexical, datatype=NamedNode(node.datatype))
