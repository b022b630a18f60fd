"""Write a SELECT query anew so that each solution tells what it rests on: its triple patterns, and its variables. Knows no store.

A row of groups rests on what each solution of its group rests on, and a solution with a sub-select on what the sub-select's does.
That there is no such triple is stated by none, so MINUS and NOT EXISTS add nothing. Of paths that repeat, each step on a way from
one end to the other counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from kouan.errors import NoEvidence
from kouan.sparql.cursor import NESTING
from kouan.sparql.depth import RoomFor
from kouan.sparql.grouping import is_grouped
from kouan.sparql.printer import print_tree
from kouan.sparql.tree import (
    Alias,
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
    Minus,
    Node,
    Optional,
    PathAlternative,
    PathInverse,
    PathNegatedPropertySet,
    PathRepeated,
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
    """The query whose solutions tell every variable of a query, and the patterns of it.

    A row rests on the solutions that have its values of `keys`; those that are `hidden` are no columns of the query itself.
    """

    solutions: str
    keys: list[str]
    hidden: list[str] = field(default_factory=list)
    patterns: list[MatchedPattern] = field(default_factory=list)

    @property
    def constants(self) -> list[str]:
        """Return the terms of the patterns that are no variables, each once."""
        terms = (term for p in self.patterns for term in (p.subject, p.predicate, p.object, p.graph))
        return list(dict.fromkeys(term for term in terms if term and not term.startswith("?")))


def basis_of(tree: Query) -> Basis:
    """Return the basis of a SELECT query; raises NoEvidence, with the place, where it has a form that has none."""
    with RoomFor(NESTING):
        return _Reader(tree).basis()


class _Reader:
    """Goes through a tree, and writes it anew as it goes."""

    def __init__(self, tree: Query) -> None:
        self.tree = tree
        self.numbers = count()
        self.patterns: list[MatchedPattern] = []
        self.fresh: list[str] = []
        self.blanks: dict[str, str] = {}
        # What is looked for once a solution was found.
        self.asides: list[str] = []

    def basis(self) -> Basis:
        tree, select = self.tree, self.tree.select
        if select is None or tree.where is None:
            raise NoEvidence("Evidence is to be had for SELECT queries only; send this one without evidence.")
        if tree.dataset:
            raise self._refused(tree.dataset[0], "FROM")
        hidden: list[str] = []
        if is_grouped(tree):
            items: list[Node] = self._keys(tree)
            keys = [_name(each) for each in items]
            # What is made one has no columns besides.
            hidden = [] if select.modifier else [name for name in keys if name not in tree.variables]
            keys = [name for name in keys if name in {*tree.variables, *hidden}]
            shown = {_name(each) for each in items}
            known: Iterable[str] = tree.where.variables
        else:
            items, keys = [*select.items], [*tree.variables]
            shown = set(keys) if items else set()
            known = dict.fromkeys([*keys, *tree.where.variables])
        group = f"{{ {self._group(tree.where, '', '', items)} {self._beside()} }}"
        more = [f"?{name}" for name in known if name not in shown] + self.fresh
        values = "" if tree.values is None else print_tree(tree.values)
        # Where nothing has a name, a solution is still one.
        columns = " ".join([*map(print_tree, items), *more]) or f"(1 AS ?{OURS}none)"
        return Basis(f"SELECT {columns} WHERE {group} {values}", keys, hidden, self.patterns)

    def _keys(self, node: Query | SubSelect) -> list[Node]:
        """Return what a query groups by: variables, and expressions with names."""
        for each in node.modifier.group:
            if not isinstance(each, Var | Alias):
                raise self._refused(each, "GROUP BY of an expression without a name")
        return list({_name(each): each for each in node.modifier.group}.values())

    def _group(
        self, node: GroupGraphPattern, graph: str, marker: str, more: Iterable[Node] = (), *, binds: bool = True
    ) -> str:
        """Return a group written anew, after its patterns were noted; where it matched, `marker` is bound by it or around it.

        `more` are expressions that are evaluated where it matched.
        """
        parts = [self._element(element, graph, marker) for element in node.elements]
        for each in (*(e for e in node.elements if isinstance(e, Filter | Bind)), *more):
            self._conditions(each, graph, marker)
        if marker and binds:
            parts.append(f"BIND(1 AS {marker})")
        return "{ " + " ".join(parts) + " }"

    def _element(self, node: Element, graph: str, marker: str) -> str:
        if isinstance(node, TriplesBlock):
            return " ".join([self._triples(each, graph, marker) for each in node.triples])
        if isinstance(node, GroupGraphPattern):
            return self._group(node, graph, marker, binds=False)
        if isinstance(node, Union):
            return " UNION ".join(self._group(each, graph, self._new("mark_")) for each in node.groups)
        if isinstance(node, Optional):
            return f"OPTIONAL {self._group(node.group, graph, self._new('mark_'))}"
        if isinstance(node, GraphGraphPattern):
            name = self._term(node.name)
            return f"GRAPH {name} {self._group(node.group, name, marker, binds=False)}"
        if isinstance(node, SubSelect):
            return self._sub_select(node, graph, marker)
        if isinstance(node, Filter | Bind | InlineData | Minus):
            return print_tree(node)
        raise self._refused(node, type(node).__name__.upper())

    def _sub_select(self, node: SubSelect, graph: str, marker: str) -> str:
        """Return the pattern of a sub-select, its own variables under names of ours, beside what it finds where that is less or more."""
        has_groups = is_grouped(node)
        items = self._keys(node) if has_groups else [*node.select.items]
        asked = f"{{ {print_tree(node)} }}"
        shown = {_name(each) for each in items} if items or has_groups else set(node.variables)
        where, items, given = deepcopy((node.where, items, [] if node.values is None else [node.values]))
        self._rename(where, [*items, *given], shown.intersection(node.variables))
        values = " ".join(map(print_tree, given))
        if has_groups:
            self._aside(
                graph,
                marker,
                lambda marker: f"{self._group(where, graph, marker, binds=False)} {self._met(items)} {values}",
            )
            return asked
        ends = " ".join(f"BIND{print_tree(each)}" for each in items if isinstance(each, Alias))
        inner = f"{{ {self._group(where, graph, marker, items, binds=False)} {ends} {values} }}"
        is_cut = node.modifier.limit is not None or node.modifier.offset is not None
        return f"{asked} {inner}" if is_cut else inner

    def _met(self, keys: Iterable[Node]) -> str:
        """Return what lets those solutions through whose keys with an expression have the value that they have outside."""
        found = []
        for each in keys:
            if isinstance(each, Alias):
                own, outer = self._new(), print_tree(each.variable)
                found.append(f"BIND({print_tree(each.expression)} AS {own})")
                found.append(f"FILTER(SAMETERM({own}, {outer}) || !BOUND({own}) && !BOUND({outer}))")
        return " ".join(found)

    def _conditions(self, part: Node, graph: str, around: str) -> None:
        """Have looked for what is stated by what EXISTS has found."""
        for node in walk(part, Exists):
            if isinstance(node, Exists) and not node.is_negated:
                group = deepcopy(node.group)
                self._rename(group, [], {*self.tree.where.variables} if self.tree.where else set())
                self._aside(graph, around, partial(self._group, group, graph, binds=False))

    def _rename(self, group: GroupGraphPattern, more: Iterable[Node], kept: set[str]) -> None:
        """Give all variables of a group names of ours that are seen nowhere else, but those that are kept."""
        names: dict[str, str] = {}
        done: set[int] = set()

        def renamed(name: str) -> str:
            if name in kept or name.startswith(OURS):
                return name
            if name not in names:
                names[name] = self._new()[1:]
            return names[name]

        for node in (each for part in (group, *more) for each in walk(part)):
            if id(node) in done:
                continue
            done.add(id(node))
            if isinstance(node, Var):
                node.name = renamed(node.name)
            elif isinstance(node, GroupGraphPattern | SubSelect):
                node.variables = tuple(map(renamed, node.variables))

    def _aside(self, graph: str, around: str, write: Callable[[str], str]) -> None:
        """Have looked for a pattern beside each solution in which `around` is bound, in a graph."""
        marker = self._new("mark_")
        outer, self.asides = self.asides, []
        text = f"{write(marker)} BIND(1 AS {marker}) {self._beside()}"
        if graph:
            text = f"GRAPH {graph} {{ {text} }}"
        if around:
            text = f"{{ FILTER(BOUND({around})) }} LATERAL {{ {text} }}"
        self.asides = [*outer, f"{{ {text} }}"]

    def _beside(self) -> str:
        """Return the pattern that adds solutions for each aside, and takes none away.

        What a row rests on is told by all its solutions together, so that they need not be multiplied by each other.
        """
        return f"LATERAL {{ {' UNION '.join(['{}', *self.asides])} }}" if self.asides else ""

    def _triples(self, node: Node, graph: str, marker: str) -> str:
        """Return triples written anew, those of brackets in them first."""
        if isinstance(node, BlankNodePropertyList):
            return self._opened(node, graph, marker)
        if isinstance(node, TriplePattern) and not node.annotations:
            opened = [self._opened(end, graph, marker) for end in (node.subject, node.object)]
            subject, value = self._term(node.subject), self._term(node.object)
            return " ".join([*opened, self._along(node.predicate, subject, value, graph, marker)])
        raise self._refused(node, "lists and terms about triples")

    def _opened(self, node: Node, graph: str, marker: str) -> str:
        """Return the triples of a bracket where it is named first: it stands for one node wherever it is named."""
        if not isinstance(node, BlankNodePropertyList) or f"[{node.start}" in self.blanks:
            return ""
        self.blanks[f"[{node.start}"] = self._new()
        return " ".join([self._triples(each, graph, marker) for each in node.triples])

    def _along(self, path: Verb, here: str, there: str, graph: str, marker: str) -> str:
        """Return the triples of a path, and of its steps."""

        def step(path: Verb, here: str, there: str, marker: str = marker) -> str:
            return self._along(path, here, there, graph, marker)

        if isinstance(path, Var | Iri):
            return self._noted(MatchedPattern(here, print_tree(path), there, graph, marker))
        if isinstance(path, PathInverse):
            return step(path.path, there, here)
        if isinstance(path, PathSequence):
            stops = [here, *(self._new() for _ in path.parts[1:]), there]
            return " ".join([step(*each) for each in zip(path.parts, stops, stops[1:], strict=False)])
        if isinstance(path, PathAlternative):
            for part in path.parts:
                self._aside(graph, marker, partial(step, part, here, there))
        elif isinstance(path, PathRepeated) and path.modifier == "?":
            self._aside(graph, marker, partial(step, path.path, here, there))
        elif isinstance(path, PathRepeated):
            before, after, more = self._new(), self._new(), f"({print_tree(path.path)})*"
            self._aside(
                graph,
                marker,
                lambda marker: (
                    f"{here} {more} {before} . {step(path.path, before, after, marker)} {after} {more} {there} ."
                ),
            )
        else:
            self._others(path, here, there, graph, marker)
        return f"{here} {print_tree(path)} {there} ."

    def _others(self, path: PathNegatedPropertySet, here: str, there: str, graph: str, around: str) -> None:
        """Have looked for the triples by all properties but some."""
        backwards = [each.path for each in path.parts if isinstance(each, PathInverse)]
        forwards = [each for each in path.parts if isinstance(each, Iri)]
        for parts, ends in ((forwards, (here, there)), (backwards, (there, here))):
            if parts or not path.parts:
                name = self._new()
                apart = f"FILTER({name} NOT IN ({', '.join(map(print_tree, parts))}))"

                def found(marker: str, name: str = name, ends: tuple[str, str] = ends, apart: str = apart) -> str:
                    return f"{self._noted(MatchedPattern(ends[0], name, ends[1], graph, marker))} {apart}"

                self._aside(graph, around, found)

    def _noted(self, pattern: MatchedPattern) -> str:
        self.patterns.append(pattern)
        return f"{pattern.subject} {pattern.predicate} {pattern.object} ."

    def _term(self, node: GraphNode) -> str:
        if isinstance(node, Var | Iri | Literal):
            return print_tree(node)
        if isinstance(node, BlankNode | BlankNodePropertyList):
            # The brackets stand for one node wherever they are named.
            label = (node.label if isinstance(node, BlankNode) else "") or f"[{node.start}"
            if label not in self.blanks:
                self.blanks[label] = self._new()
            return self.blanks[label]
        raise self._refused(node, "lists and terms about triples")

    def _new(self, kind: str = "") -> str:
        self.fresh.append(f"?{OURS}{kind}{next(self.numbers)}")
        return self.fresh[-1]

    def _refused(self, node: Node, what: str) -> NoEvidence:
        return NoEvidence(
            f"Evidence is not for this form: with {what} it cannot be said which triples a row rests on. Send the query "
            "without evidence, or ask for less in it.",
            *self.tree.place(node.start),
        )


def _name(node: Node) -> str:
    """Return the name of a column."""
    assert isinstance(node, Var | Alias)
    return node.name if isinstance(node, Var) else node.variable.name
