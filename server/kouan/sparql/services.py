"""Read what a SERVICE of a query is joined with, and put what it answered in its place. Knows grammar, no data and no HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kouan.errors import Forbidden
from kouan.sparql.editing import replace_lines
from kouan.sparql.functions import VOLATILE
from kouan.sparql.rewriting import declarations, groups_below, in_scope, rewritten, variables_in
from kouan.sparql.tree import (
    Bind,
    BuiltInCall,
    Element,
    Exists,
    Filter,
    GraphGraphPattern,
    GroupGraphPattern,
    InlineData,
    Lateral,
    Minus,
    Node,
    Optional,
    Query,
    ServiceGraphPattern,
    SubSelect,
    TriplesBlock,
    Union,
    Var,
    walk,
)

JOINED = TriplesBlock | GroupGraphPattern | Union | GraphGraphPattern | InlineData | Bind
CUTS = Optional | Minus | Lateral


@dataclass(frozen=True)
class Joined:
    """A pattern and its variables; it is sealed where nothing outside of its group may be added to it."""

    pattern: str = ""
    variables: frozenset[str] = frozenset()
    is_sealed: bool = False


def first_service(tree: Query) -> ServiceGraphPattern | None:
    """Return the SERVICE that is to be asked first, None where there is none.

    Raises Forbidden, with the place, where one stands in no pattern: an engine would call it by itself.
    """
    if not tree.services:
        return None
    found = next(_services(tree.where), None) if tree.where is not None else None
    if found is None:
        line, column = tree.place(tree.services[0].start)
        raise Forbidden(
            "A SERVICE stands where this server cannot ask it; put it into the pattern of the query.",
            line=line,
            column=column,
        )
    return found


def joined_with(tree: Query, service: ServiceGraphPattern) -> Joined:
    """Return a pattern whose solutions hold every one that a SERVICE is joined with.

    What is left out (OPTIONAL, MINUS, most FILTERs, what follows an OPTIONAL) can only make it larger, so that nothing is
    lost where the SERVICE is asked about these solutions alone.
    """
    assert tree.where is not None
    return _joined(tree.text, tree.where, service) or Joined()


def shared_with(service: ServiceGraphPattern, joined: Joined) -> list[str]:
    """Return the variables that a SERVICE may be told values of."""
    named = {service.name.name} if isinstance(service.name, Var) else set()
    return sorted(joined.variables & named.union(service.group.variables))


def bindings_query(tree: Query, joined: Joined, variables: list[str], limit: int) -> str:
    """Return the query for the different values that some variables have where a SERVICE is joined."""
    dataset = " ".join(tree.text[each.start : each.end] for each in tree.dataset)
    names = " ".join(f"?{name}" for name in variables)
    head = f"{declarations(tree.prologue)}SELECT DISTINCT {names} {dataset}"
    return f"{head} WHERE {{ {joined.pattern}\n}} LIMIT {limit}"


def service_query(tree: Query, service: ServiceGraphPattern, values: str, limit: int) -> str:
    """Return what a SERVICE is asked, with VALUES of what it is joined with."""
    group = tree.text[service.group.start : service.group.end - 1] + "\n}"
    return f"{declarations(tree.prologue)}SELECT * WHERE {{ {values} {group} }} LIMIT {limit}"


def with_answer(tree: Query, service: ServiceGraphPattern, instead: str) -> Query:
    """Return the query with a pattern in the place of a SERVICE, every line where it was."""
    return rewritten(tree, [replace_lines(tree.text, service, instead)])


def _services(node: Node) -> Iterator[ServiceGraphPattern]:
    """Yield the SERVICE parts in the order of the text, those of other servers' own queries left out."""
    if isinstance(node, ServiceGraphPattern):
        yield node
    elif isinstance(node, SubSelect):
        # In the columns and the order of an inner SELECT none can be asked.
        yield from _services(node.where)
    elif isinstance(node, GroupGraphPattern):
        for element in node.elements:
            yield from _services(element)
    else:
        for group in sorted(groups_below(node), key=lambda each: each.start):
            yield from _services(group)


def _holds(element: Element, service: ServiceGraphPattern) -> bool:
    return element.start <= service.start < element.end


def _joined(text: str, group: GroupGraphPattern, service: ServiceGraphPattern) -> Joined | None:
    """Return what is joined within a group that holds the SERVICE; None where it does not."""
    holder = next((i for i, each in enumerate(group.elements) if _holds(each, service)), None)
    if holder is None:
        return None
    held = group.elements[holder]
    if isinstance(held, Filter | Bind):
        # EXISTS sees the values of one solution, not what is joined.
        return Joined(is_sealed=True)
    if isinstance(held, SubSelect):
        inner = _joined(text, held.where, service) or Joined()
        return Joined(inner.pattern, inner.variables, is_sealed=True)
    inner = Joined()
    if held is not service:
        below = [held] if isinstance(held, GroupGraphPattern) else groups_below(held)
        inner = next(found for child in below if (found := _joined(text, child, service)) is not None)
    if inner.is_sealed:
        return inner
    used = _used(group, holder)
    certain = _certain(used)
    filters = [each for each in group.elements if isinstance(each, Filter) and _is_plain(each, certain)]
    parts = [_part(text, element) for element in (*used, *filters)]
    variables = inner.variables.union(*(in_scope(element) for element in used))
    if inner.pattern and isinstance(held, GraphGraphPattern):
        parts.append(f"GRAPH {text[held.name.start : held.name.end]} {{ {inner.pattern}\n}}")
        variables |= {held.name.name} if isinstance(held.name, Var) else frozenset()
    elif inner.pattern:
        parts.append(f"{{ {inner.pattern}\n}}")
    # Told of less, OPTIONAL and MINUS would keep what they would have changed: only what stands before them may narrow them.
    return Joined("\n".join(parts), variables, isinstance(held, CUTS))


def _certain(elements: list[Element]) -> frozenset[str]:
    """Return the variables that surely have a value where some elements are joined."""
    found: set[str] = set()
    for element in elements:
        if isinstance(element, TriplesBlock):
            found |= in_scope(element)
        elif isinstance(element, GroupGraphPattern):
            found |= _certain(element.elements)
    return frozenset(found)


def _is_plain(part: Filter, certain: frozenset[str]) -> bool:
    """Return whether a FILTER says the same wherever the certain variables have their values."""
    return variables_in(part) <= certain and not any(
        isinstance(node, Exists) or (isinstance(node, BuiltInCall) and node.name in VOLATILE) for node in walk(part)
    )


def _part(text: str, element: Element) -> str:
    part = text[element.start : element.end]
    return part.rstrip(".") + " ." if isinstance(element, TriplesBlock) else part


def _used(group: GroupGraphPattern, holder: int) -> list[Element]:
    """Return the elements that certainly join with the one that holds the SERVICE."""
    is_left = isinstance(group.elements[holder], CUTS)
    used: list[Element] = []
    for number, element in enumerate(group.elements):
        if number > holder and (is_left or isinstance(element, CUTS)):
            break
        if number > holder and isinstance(element, Bind):
            continue
        if isinstance(element, JOINED) and number != holder and next(_services(element), None) is None:
            used.append(element)
    return used
