"""Find where a plain SPARQL 1.1 query searches labels, by a property that stands for a ranked search. Knows no labels.

    PREFIX search: <https://w3id.org/kouan/search#>
    ?thing search:label "manzhouli"
    (?thing ?score ?label) search:label ("manzhouli" 10)

Each such pattern is replaced by the VALUES that it stands for before an engine sees the query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kouan.errors import QueryError
from kouan.graph.whole_numbers import whole_number
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import blank, rewritten
from kouan.sparql.telltale import lacks
from kouan.sparql.tree import (
    Collection,
    GraphNode,
    GroupGraphPattern,
    Iri,
    Literal,
    Node,
    Query,
    TriplePattern,
    TriplesBlock,
    Var,
    walk,
)
from kouan.vocabulary import SEARCH, XSD

PROPERTY = SEARCH + "label"
FOUND = 20
MOST_FOUND = 1000
HOW = 'write ?thing search:label "text" or (?thing ?score ?label) search:label ("text" 10)'


@dataclass(frozen=True)
class Search:
    """A search for a text: how many things may be found, and the variables for a thing, its score and its label.

    It stands in a group, and from `start` to `end` in the text, which go when the query is to hold what was found instead.
    """

    wanted: str
    limit: int
    variables: tuple[str, ...]
    group: GroupGraphPattern
    start: int
    end: int

    def replaced(self, tree: Query, rows: Iterable[tuple[str, ...]]) -> Query:
        """Return the query with rows of terms in the place of the search, every line where it was."""
        width = len(self.variables)
        found = " ".join(f"({' '.join(row[:width])})" for row in rows)
        values = f" VALUES ({' '.join(f'?{name}' for name in self.variables)}) {{ {found} }} "
        opening = self.group.start + 1
        gone = Edit(self.start, self.end, blank(tree.text[self.start : self.end]) + " ")
        return rewritten(tree, [Edit(opening, opening, values), gone])


def search_in(tree: Query) -> Search | None:
    """Return the first search of a query; raises QueryError, with the place, where one is amiss."""
    if lacks(tree.text, "search"):
        return None
    at_home = _at_home(tree)
    for node in walk(tree):
        if isinstance(node, TriplePattern) and isinstance(node.predicate, Iri) and node.predicate.value == PROPERTY:
            if id(node) not in at_home:
                raise _amiss(tree, node, "A search stands in a group")
            return _read(tree, node, *at_home[id(node)])
    return None


def _at_home(tree: Query) -> dict[int, tuple[GroupGraphPattern, TriplesBlock, int]]:
    """Return where the triples of groups stand: in which group and block, and at which place in that."""
    return {
        id(node): (group, block, number)
        for group in walk(tree)
        if isinstance(group, GroupGraphPattern)
        for block in group.elements
        if isinstance(block, TriplesBlock)
        for number, node in enumerate(block.triples)
    }


def _read(tree: Query, node: TriplePattern, group: GroupGraphPattern, block: TriplesBlock, number: int) -> Search:
    wanted, limit = _wanted(tree, node)
    variables = tuple(_variables(tree, node))
    before, after = (_of_one_subject(block, at, node.subject) for at in (number - 1, number + 1))
    if any(each is not None and each.predicate is node.predicate for each in (before, after)):
        raise _amiss(tree, node, "One search has one text")
    if (before or after) and isinstance(node.subject, Collection):
        raise _amiss(tree, node, "A search that names its score stands by itself; write a new triple after it")
    if before is not None:
        return Search(wanted, limit, variables, group, before.end, node.end)
    if after is not None:
        return Search(wanted, limit, variables, group, node.predicate.start, after.start)
    rest = block.triples[number + 1 :]
    return Search(wanted, limit, variables, group, node.start, rest[0].start if rest else block.end)


def _of_one_subject(block: TriplesBlock, number: int, subject: GraphNode) -> TriplePattern | None:
    """Return the triple at a place of a block where it was written behind the same subject."""
    node = block.triples[number] if 0 <= number < len(block.triples) else None
    return node if isinstance(node, TriplePattern) and node.subject is subject else None


def _wanted(tree: Query, node: TriplePattern) -> tuple[str, int]:
    """Return the text that is searched for, and how many matches are wanted."""
    told = node.object.items if isinstance(node.object, Collection) else [node.object]
    text = told[0]
    if not isinstance(text, Literal) or not (text.language or text.datatype == XSD + "string"):
        raise _amiss(tree, node, "The text to search for is written out in the query")
    limit = told[1] if len(told) > 1 else None
    most = FOUND if limit is None else _count(limit)
    if len(told) > 2 or not 0 < most <= MOST_FOUND:
        raise _amiss(tree, node, f"After the text stands how many things to find, up to {MOST_FOUND:,}")
    return text.lexical, most


def _count(node: GraphNode) -> int:
    return (isinstance(node, Literal) and node.datatype == XSD + "integer" and whole_number(node.lexical)) or 0


def _variables(tree: Query, node: TriplePattern) -> Iterator[str]:
    """Yield the variables for what is found."""
    named = node.subject.items if isinstance(node.subject, Collection) else [node.subject]
    for each in named:
        if not isinstance(each, Var) or len(named) > 3:
            what = "Before search:label stand a thing, its score and its label"
            raise _amiss(
                tree, node, what if isinstance(node.subject, Collection) else "What is searched for is a variable"
            )
        yield each.name


def _amiss(tree: Query, node: TriplePattern, message: str) -> QueryError:
    place: Node = node.predicate
    return QueryError(f"{message}: {HOW}.", *tree.place(place.start))
