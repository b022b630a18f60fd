"""Divide a query into the parts that its answers must meet, and put some of them together again. Knows no store.

What is asked of the parts says which of them leaves a query without answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from kouan.sparql.editing import Edit, edited
from kouan.sparql.rewriting import declarations
from kouan.sparql.tree import Bind as Binding
from kouan.sparql.tree import (
    BlankNode,
    Element,
    Filter,
    GraphGraphPattern,
    GroupGraphPattern,
    Iri,
    Literal,
    Minus,
    Node,
    Optional,
    Query,
    SubSelect,
    TriplePattern,
    TriplesBlock,
    Var,
    walk,
)

PLAIN = (Var, Iri, Literal)


@dataclass(frozen=True)
class Part:
    """A part of a query: its text, where it begins and ends, and whether it only takes away from what others find.

    `at` is where it is found: what shares a subject stands behind that. `block` is what it stands in and `place` its place there;
    `before` and `after` are written around it where it stands deeper.
    """

    text: str
    start: int
    end: int
    takes_away: bool
    block: Node
    variables: frozenset[str]
    at: int
    wrap: tuple[str, str] = ("", "")

    @property
    def pattern(self) -> str:
        """Return the part as it may stand in a group beside others."""
        return f"{self.wrap[0]}{self.text}{self.wrap[1]}"


def parts_of(tree: Query) -> list[Part]:
    """Return the parts of a query's pattern that can leave it without answers, in the order of the text."""
    return [] if tree.where is None else list(_parts(tree, tree.where, ("", "")))


def _parts(tree: Query, group: GroupGraphPattern, wrap: tuple[str, str]) -> Iterable[Part]:
    for element in group.elements:
        if isinstance(element, TriplesBlock):
            yield from _triples(tree, element, wrap)
        elif isinstance(element, GraphGraphPattern) and not wrap[0]:
            name = tree.text[element.name.start : element.name.end]
            yield from _parts(tree, element.group, (f"GRAPH {name} {{ ", " }"))
        elif isinstance(element, GroupGraphPattern) and not wrap[0]:
            yield from _parts(tree, element, wrap)
        elif not isinstance(element, Optional | Binding):
            yield _part(tree, element, element.start, element.end, element, wrap)


def _triples(tree: Query, block: TriplesBlock, wrap: tuple[str, str]) -> Iterable[Part]:
    """Yield each triple by itself, and those together that share a subject which is written only once."""
    for _, shared in groupby(block.triples, key=lambda each: id(each) if _is_plain(each) else id(_subject(each))):
        nodes = list(shared)
        if len(nodes) == 1 and isinstance(node := nodes[0], TriplePattern) and _is_plain(node):
            yield _part(tree, node, node.subject.start, node.end, block, wrap)
        else:
            yield _part(tree, block, _subject(nodes[0]).start, nodes[-1].end, block, wrap, nodes)


def _subject(node: Node) -> Node:
    return node.subject if isinstance(node, TriplePattern) else node


def _is_plain(node: Node) -> bool:
    return isinstance(node, TriplePattern) and isinstance(node.subject, PLAIN)


def _part(
    tree: Query,
    node: Node,
    start: int,
    end: int,
    block: Node,
    wrap: tuple[str, str],
    nodes: Sequence[Node] = (),
) -> Part:
    names = frozenset(each.name for one in (nodes or [node]) for each in walk(one) if isinstance(each, Var))
    if isinstance(node, TriplePattern):
        ends = ((node.subject, node.subject.end), (node.predicate, node.predicate.end), (node.object, node.end))
        text = " ".join(tree.text[each.start : stop] for each, stop in ends) + " ."
    else:
        text = tree.text[start:end] + (" ." if nodes else "")
    return Part(text, start, end, isinstance(node, Filter | Minus), block, names, node.start, wrap)


def asking(tree: Query, parts: Iterable[Part]) -> str:
    """Return the query whether anything meets these parts together, within the query's own dataset."""
    named = " ".join(tree.text[each.start : each.end] for each in tree.dataset)
    met = sorted(parts, key=lambda part: (part.takes_away, part.start))
    optional = () if tree.where is None else (e for e in tree.where.elements if isinstance(e, Optional | Binding))
    bound = {name for part in met if part.takes_away for name in part.variables}
    # A condition may speak of what an optional part finds.
    helping = [e for e in optional if bound & {v.name for v in walk(e) if isinstance(v, Var)}]
    positive = [part.pattern for part in met if not part.takes_away]
    negative = [part.pattern for part in met if part.takes_away]
    texts = [*positive, *(tree.text[e.start : e.end] for e in helping), *negative]
    values = "" if tree.values is None else " " + tree.text[tree.values.start : tree.values.end]
    return f"{declarations(tree.prologue)} ASK {named} {{ {' '.join(texts)} }}{values}"


def without(tree: Query, part: Part) -> str:
    """Return the text of the query without a part; what stood beside it is kept as it was written where it can be."""
    if not isinstance(part.block, TriplesBlock):
        return edited(tree.text, [Edit(part.start, part.end, "")])
    beside = [each for each in _triples(tree, part.block, ("", "")) if (each.start, each.end) != (part.start, part.end)]
    indent = tree.text[: part.block.start].rpartition("\n")[2]
    glue = "\n" + indent if not indent.strip() else " "
    return edited(tree.text, [Edit(part.block.start, part.block.end, glue.join(each.text for each in beside))])


def variables_of(element: Element | TriplePattern) -> frozenset[str]:
    """Return the names that an element of a group shares with others: its variables and labels of blank nodes."""
    if isinstance(element, SubSelect):
        return frozenset(element.variables)
    named = (each for each in walk(element) if isinstance(each, Var | BlankNode))
    return frozenset(each.name if isinstance(each, Var) else f"_:{each.label or each.start}" for each in named)
