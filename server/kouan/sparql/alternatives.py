"""Ask each alternative of a path by itself, so that a pair that two of them find is two solutions.

    ?port rdfs:label|skos:altLabel ?name

is the union of both (SPARQL 1.1 Query, section 18.5, "evaluation of alternative property path"), which the engine makes a set.
So is what stands in a sequence, whose steps meet in a variable (section 18.2.2.4), or is turned round, and what is neither of some
properties one way nor of others the other way, `!(:p|^:q)`; what is repeated is a set to the standard too. Knows trees, and no store.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kouan.sparql.depth import RoomFor
from kouan.sparql.editing import Edit, replace_lines
from kouan.sparql.flat import Flat, flattened, labels_in
from kouan.sparql.printer import print_tree
from kouan.sparql.rewriting import ROOM, is_set, rewritten, variables_in
from kouan.sparql.telltale import has_bar
from kouan.sparql.tree import (
    GroupGraphPattern,
    PathAlternative,
    PathInverse,
    PathNegatedPropertySet,
    PathSequence,
    Query,
    ServiceGraphPattern,
    SubSelect,
    TriplePattern,
    TriplesBlock,
    Verb,
    walk,
)


def with_alternatives(tree: Query) -> Query:
    """Return a query that finds each pair as often as the alternatives of its paths do.

    It is itself where it has none, or where how often says nothing.
    """
    if not has_bar(tree.text) or tree.form == "DESCRIBE" or _is_set(tree):
        return tree
    with RoomFor(ROOM):
        return rewritten(tree, _edits(tree))


def _is_set(tree: Query) -> bool:
    """Return whether nothing in a query counts solutions or cuts them off."""
    return is_set(tree) and not any(isinstance(node, SubSelect) for node in walk(tree))


def _edits(tree: Query) -> list[Edit]:
    groups = (node for node in walk(tree, ServiceGraphPattern) if isinstance(node, GroupGraphPattern))
    blocks = [each for group in groups for each in group.elements if isinstance(each, TriplesBlock)]
    spread = [block for block in blocks if any(_is_spread(node) for node in walk(block))]
    if not spread or _shows_nothing(tree):
        return []
    edits = []
    names = _fresh_names(tree)
    for block, found in _flat(spread, blocks, names):
        edits.append(replace_lines(tree.text, block, f"{_said(found, names)} "))
    return [*edits, *_columns(tree)] if edits else []


def _flat(
    spread: list[TriplesBlock], blocks: list[TriplesBlock], names: Iterator[str]
) -> Iterator[tuple[TriplesBlock, list[Flat]]]:
    """Yield the blocks to be written anew with their triples: those that are spread, and those that share a blank node with them.

    None of those that share one is yielded where one of them cannot be written so.
    """
    shared = {label for block in spread for label in labels_in(block)}
    sharing: list[TriplesBlock] = []
    while more := [block for block in blocks if block not in sharing and labels_in(block) & shared]:
        sharing += more
        shared |= {label for block in more for label in labels_in(block)}
    found = {id(block): flattened(block, names) for block in (*spread, *sharing)}
    if any(found[id(block)] is None for block in sharing):
        sharing = []
    for block in (*(each for each in spread if not labels_in(each)), *sharing):
        triples = found[id(block)]
        if triples is not None:
            yield block, triples


def _fresh_names(tree: Query) -> Iterator[str]:
    """Yield names of variables that a tree does not have."""
    taken, number = variables_in(tree), 0
    while True:
        number += 1
        if (name := f"kouan_node{number}") not in taken:
            yield name


def _columns(tree: Query) -> Iterator[Edit]:
    """Yield what names the columns of SELECT *, which are no more by the variables for blank nodes."""
    for node in walk(tree):
        if isinstance(node, Query | SubSelect) and node.select is not None and not node.select.items:
            named = " ".join(f"?{name}" for name in node.variables)
            if named:
                yield Edit(node.select.end - 1, node.select.end, named)


def _shows_nothing(tree: Query) -> bool:
    """Return whether a query selects all columns and has none, and so would show the variables for blank nodes."""
    return tree.select is not None and not tree.select.items and not tree.variables


def _is_spread(node: object) -> bool:
    """Return whether a node is a triple that is the union of others."""
    return isinstance(node, TriplePattern) and _has_ways(node.predicate)


def _has_ways(path: Verb) -> bool:
    """Return whether a path has alternatives that count; those of what is repeated do not."""
    if isinstance(path, PathSequence):
        return any(_has_ways(part) for part in path.parts)
    if isinstance(path, PathInverse):
        return _has_ways(path.path)
    return isinstance(path, PathAlternative) or (
        isinstance(path, PathNegatedPropertySet) and len({isinstance(part, PathInverse) for part in path.parts}) > 1
    )


def _said(triples: list[Flat], names: Iterator[str]) -> str:
    """Return the patterns of a block: those of one way, and behind them the others."""
    ordered = sorted(triples, key=lambda each: _has_ways(each[1]))
    return " ".join(_parted(one, verb, other, names) for one, verb, other in ordered)


def _parted(one: str, path: Verb, other: str, names: Iterator[str]) -> str:
    """Return the patterns that a path between two terms is: its steps with a variable between them, its alternatives as a union."""
    if isinstance(path, PathInverse) and _has_ways(path):
        return _parted(other, path.path, one, names)
    if isinstance(path, PathSequence) and _has_ways(path):
        ends = [one, *(f"?{next(names)}" for _ in path.parts[1:]), other]
        steps = zip(pairwise(ends), path.parts, strict=True)
        return " ".join(_parted(start, part, end, names) for (start, end), part in steps)
    if isinstance(path, PathAlternative):
        return " UNION ".join(f"{{ {_parted(one, part, other, names)} }}" for part in path.parts)
    if isinstance(path, PathNegatedPropertySet) and _has_ways(path):
        both = [
            PathNegatedPropertySet(
                path.start, path.end, [part for part in path.parts if isinstance(part, PathInverse) is back]
            )
            for back in (False, True)
        ]
        return " UNION ".join(f"{{ {_parted(one, part, other, names)} }}" for part in both)
    return f"{one} {print_tree(path)} {other} ."
