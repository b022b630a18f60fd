"""Write a SELECT query anew so that each solution tells what it rests on: its triple patterns, and its variables. Knows no store.

Taken are basic graph patterns with sequences and inverses of paths, OPTIONAL, UNION, FILTER, BIND, VALUES and GRAPH. For the
rest - aggregates, sub-selects, negation, repeated paths - it cannot be said which triples one row rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from kouan.errors import QueryError
from kouan.sparql.printer import print_tree
from kouan.sparql.tree import (
    Aggregate,
    Bind,
    BlankNode,
    BlankNodePropertyList,
    Element,
    Exists,
    Filter,
    GraphGraphPattern,
    GraphNode,
    GroupGraphPattern,
    InlineData,
    Iri,
    Literal,
    Node,
    Optional,
    PathInverse,
    PathSequence,
    Query,
    SubSelect,
    TriplePattern,
    TriplesBlock,
    Union,
    Var,
    Verb,
    walk,
)

OURS = "kouan_"
OTHER = "repeated and alternative paths"


@dataclass(frozen=True)
class MatchedPattern:
    """A triple pattern: its terms as text, the graph that it is asked of, and the variable that is bound where it matched."""

    subject: str
    predicate: str
    object: str
    graph: str = ""
    marker: str = ""


@dataclass
class Basis:
    """The query whose solutions tell every variable of a query, and the patterns of it."""

    solutions: str
    patterns: list[MatchedPattern] = field(default_factory=list)

    @property
    def constants(self) -> list[str]:
        """Return the terms of the patterns that are no variables, each once."""
        terms = (term for p in self.patterns for term in (p.subject, p.predicate, p.object, p.graph))
        return list(dict.fromkeys(term for term in terms if term and not term.startswith("?")))


def basis_of(tree: Query) -> Basis:
    """Return the basis of a SELECT query; raises QueryError, with the place, where it has a form that has none."""
    return _Reader(tree).basis()


class _Reader:
    """Goes through a tree, and writes it anew as it goes."""

    def __init__(self, tree: Query) -> None:
        self.tree = tree
        self.numbers = count()
        self.patterns: list[MatchedPattern] = []
        self.fresh: list[str] = []
        self.blanks: dict[str, str] = {}

    def basis(self) -> Basis:
        tree, select = self.tree, self.tree.select
        if select is None or tree.where is None:
            raise QueryError("Evidence is to be had for SELECT queries only; send this one without evidence.")
        if tree.dataset:
            raise self._refused(tree.dataset[0], "FROM")
        for part in (select, tree.modifier):
            self._check(part)
        if tree.modifier.group or tree.modifier.having:
            raise self._refused(tree.modifier, "GROUP BY and HAVING")
        group = self._group(tree.where, "", "")
        items = " ".join(map(print_tree, select.items))
        shown = set(tree.variables) if select.items else set()
        known = dict.fromkeys([*tree.variables, *tree.where.variables])
        more = [f"?{name}" for name in known if name not in shown] + self.fresh
        values = "" if tree.values is None else print_tree(tree.values)
        # Where nothing has a name, a solution is still one.
        columns = " ".join([items, *more]).strip() or f"(1 AS ?{OURS}none)"
        return Basis(f"SELECT {columns} WHERE {group} {values}", self.patterns)

    def _group(self, node: GroupGraphPattern, graph: str, marker: str, *, binds: bool = True) -> str:
        """Return a group written anew, after its patterns were noted; where it matched, `marker` is bound by it or around it."""
        parts = [self._element(element, graph, marker) for element in node.elements]
        if marker and binds:
            parts.append(f"BIND(1 AS {marker})")
        return "{ " + " ".join(parts) + " }"

    def _element(self, node: Element, graph: str, marker: str) -> str:
        if isinstance(node, TriplesBlock):
            noted = len(self.patterns)
            for each in node.triples:
                self._triples(each, graph, marker)
            return " ".join(f"{p.subject} {p.predicate} {p.object} ." for p in self.patterns[noted:])
        if isinstance(node, GroupGraphPattern):
            return self._group(node, graph, marker, binds=False)
        if isinstance(node, Union):
            return " UNION ".join(self._group(each, graph, self._new("mark_")) for each in node.groups)
        if isinstance(node, Optional):
            return f"OPTIONAL {self._group(node.group, graph, self._new('mark_'))}"
        if isinstance(node, GraphGraphPattern):
            name = self._term(node.name, graph, marker)
            return f"GRAPH {name} {self._group(node.group, name, marker, binds=False)}"
        if isinstance(node, Filter | Bind | InlineData):
            self._check(node)
            return print_tree(node)
        raise self._refused(node, "sub-selects" if isinstance(node, SubSelect) else type(node).__name__.upper())

    def _check(self, part: Node) -> None:
        for node in walk(part):
            if isinstance(node, Exists):
                raise self._refused(node, "EXISTS")
            if isinstance(node, Aggregate):
                raise self._refused(node, "aggregates")

    def _triples(self, node: Node, graph: str, marker: str) -> None:
        if isinstance(node, BlankNodePropertyList):
            self._property_list(node, graph, marker)
        elif isinstance(node, TriplePattern) and not node.annotations:
            subject = self._term(node.subject, graph, marker)
            self._along(node.predicate, subject, self._term(node.object, graph, marker), graph, marker)
        else:
            raise self._refused(node, "lists and terms about triples")

    def _property_list(self, node: BlankNodePropertyList, graph: str, marker: str) -> str:
        # The brackets stand for one node wherever it is named.
        own = f"[{node.start}"
        if own not in self.blanks:
            self.blanks[own] = self._new()
            for each in node.triples:
                self._triples(each, graph, marker)
        return self.blanks[own]

    def _along(self, path: Verb, here: str, there: str, graph: str, marker: str) -> None:
        steps = list(self._steps(path, is_inverse=False))
        for number, (predicate, is_inverse) in enumerate(steps):
            after = there if number == len(steps) - 1 else self._new()
            ends = (after, here) if is_inverse else (here, after)
            self.patterns.append(MatchedPattern(ends[0], predicate, ends[1], graph, marker))
            here = after

    def _steps(self, path: Verb, *, is_inverse: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(path, Var | Iri):
            yield print_tree(path), is_inverse
        elif isinstance(path, PathInverse):
            yield from self._steps(path.path, is_inverse=not is_inverse)
        elif isinstance(path, PathSequence):
            for part in reversed(path.parts) if is_inverse else path.parts:
                yield from self._steps(part, is_inverse=is_inverse)
        else:
            raise self._refused(path, OTHER)

    def _term(self, node: GraphNode, graph: str, marker: str) -> str:
        if isinstance(node, Var | Iri | Literal):
            return print_tree(node)
        if isinstance(node, BlankNode):
            label = node.label or f"[{node.start}"
            if label not in self.blanks:
                self.blanks[label] = self._new()
            return self.blanks[label]
        if isinstance(node, BlankNodePropertyList):
            return self._property_list(node, graph, marker)
        raise self._refused(node, "lists and terms about triples")

    def _new(self, kind: str = "") -> str:
        self.fresh.append(f"?{OURS}{kind}{next(self.numbers)}")
        return self.fresh[-1]

    def _refused(self, node: Node, what: str) -> QueryError:
        return QueryError(
            f"Evidence is not for this form: with {what} it cannot be said which triples a row rests on. It is for triple "
            "patterns with OPTIONAL, UNION and FILTER; send the query without evidence, or ask for less in it.",
            *self.tree.place(node.start),
        )
