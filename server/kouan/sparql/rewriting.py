"""Change a query by edits of its text, and write the text that goes to an engine. Knows trees, and not what for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from kouan.sparql.editing import Edit, edited, replace
from kouan.sparql.grouping import grouped, is_grouped
from kouan.sparql.parser import parse_query
from kouan.sparql.printer import print_tree
from kouan.sparql.replacements import replaced, sign_between
from kouan.sparql.reuse import reused
from kouan.sparql.telltale import compares_languages
from kouan.sparql.tree import (
    Aggregate,
    Alias,
    Arithmetic,
    Bind,
    BuiltInCall,
    Comparison,
    Element,
    Filter,
    GraphGraphPattern,
    GroupGraphPattern,
    In,
    InlineData,
    Literal,
    Minus,
    Modify,
    Node,
    Prologue,
    Query,
    ReifiedTriple,
    SubSelect,
    TriplesBlock,
    TripleTerm,
    Update,
    Var,
    children,
    walk,
)
from kouan.vocabulary import BASE, XSD

# A name that nothing has.
NOTHING = "urn:uuid:00000000-0000-0000-0000-000000000000"
# Where none of these stands, nothing but languages is read otherwise.
TELLTALE = re.compile(r"\+|<<|group_concat|replace", re.IGNORECASE)
COUNT = re.compile("count", re.IGNORECASE)
# What was rewritten may stand within more brackets than what was sent.
ROOM = 1_000


def rewritten(tree: Query, edits: Iterable[Edit]) -> Query:
    """Return the tree of a query after some edits; itself where there are none."""
    found = list(edits)
    if not found:
        return tree
    query = parse_query(edited(tree.text, found), base=BASE, prefixes=tree.prologue.prefixes, nesting=ROOM)
    if {*query.variables} == {*tree.variables}:
        # What was moved does not move its column.
        query.variables = tree.variables
    return query


def is_set(tree: Query) -> bool:
    """Return whether how often a solution is found says nothing outside of inner SELECTs: in ASK without groups, and in SELECT DISTINCT
    without aggregates."""
    if tree.select is None:
        return tree.form == "ASK" and not is_grouped(tree)
    return tree.select.modifier == "DISTINCT" and not any(isinstance(node, Aggregate) for node in walk(tree))


def declarations(prologue: Prologue, borrowed_only: bool = False) -> str:
    """Return PREFIX lines, in one, for all prefixes that hold, or for those that hold undeclared; with BASE where all do."""
    names = prologue.borrowed if borrowed_only else prologue.prefixes
    said = "".join(f"PREFIX {name}: <{prologue.prefixes[name]}> " for name in sorted(names))
    return said if borrowed_only else f"BASE <{prologue.base}> {said}"


def with_declarations(tree: Query) -> str:
    """Return the text of a query with all prefixes declared."""
    start = tree.prologue.start
    return edited(tree.text, [Edit(start, start, declarations(tree.prologue, borrowed_only=True))])


def sendable(tree: Query, *, is_ours: bool = True) -> str:
    """Return a query as an engine is given it: with all prefixes declared, and what ours reads otherwise put plainly."""
    if tree.only_printed:
        spelled = rewritten(tree, [*grouped(tree), *reused(tree)])
        return print_tree(rewritten(spelled, plain_edits(spelled, is_ours=is_ours)), nesting=ROOM)
    edits = [*plain_edits(tree, is_ours=is_ours)]
    select = tree.select
    if select is not None and not select.items and list(tree.variables) != sorted(tree.variables):
        # The engine gives all columns in the order of the alphabet.
        edits.append(Edit(select.end - 1, select.end, " ".join(f"?{name}" for name in tree.variables)))
    if tree.prologue.borrowed:
        edits.append(Edit(tree.prologue.start, tree.prologue.start, declarations(tree.prologue, borrowed_only=True)))
    return edited(tree.text, edits)


def plain_edits(tree: Query | Update, *, is_ours: bool = True) -> Iterator[Edit]:
    """Yield what puts plainly what the engine reads otherwise than it is meant."""
    found = [*_plain_edits(tree, is_ours=is_ours)]
    if is_ours and COUNT.search(tree.text):
        counts = {id(node): node for node in walk(tree) if isinstance(node, Aggregate) and node.name == "COUNT"}
        # What stands within another comes first.
        for node in reversed(counts.values()):
            found += _counted(tree.text, node, found)
    yield from found


def _plain_edits(tree: Query | Update, *, is_ours: bool) -> Iterator[Edit]:
    text = tree.text
    compares = compares_languages(text)
    if not compares and not TELLTALE.search(text):
        return
    gone: set[int] = set()
    named = _languages(tree) if compares else set()
    # What a template makes of such a subject, which is nothing, the engine knows.
    made = {id(node) for template in _templates(tree) for node in walk(template)} if "<<" in text else set()
    for node in walk(tree):
        if id(node) in gone:
            continue
        # What triples share is walked through once for each.
        gone.add(id(node))
        if _is_of_no_triple(node) and id(node) not in made:
            gone.update(map(id, walk(node.subject)))
            yield replace(node.subject, f"<{NOTHING}>")
        elif isinstance(node, Literal) and text.startswith("+", node.start):
            # The engine reads `:p +1` as the path `:p+` and 1.
            yield Edit(node.start, node.end, f'"{node.lexical}"^^<{node.datatype}>')
        elif isinstance(node, Aggregate) and node.name == "GROUP_CONCAT" and node.argument is not None:
            yield from _joined(node, node.argument)
        elif isinstance(node, BuiltInCall) and node.name == "REPLACE" and is_ours:
            yield from replaced(text, node)
        elif isinstance(node, Comparison | In):
            yield from _in_any_case(node, named)
        elif isinstance(node, Arithmetic) and is_ours:
            yield from _in_order(text, node)


def _in_order(text: str, node: Arithmetic) -> Iterator[Edit]:
    """Yield what takes the opposite away where something is added that may be a duration.

    The engine puts what is added in an order of its own, and knows no sum of a duration and a date, only one of a date and a duration.
    """
    pairs = zip(node.operands, node.operands[1:], node.operators, strict=False)
    for left, right, operator in pairs:
        if operator == "+" and not _is_number(text, left) and not _is_number(text, right):
            at = sign_between(text, left, right, "+")
            # A minus sign may be part of a name, as a plus sign is not.
            yield Edit(at, at + 1, " -(-(")
            yield Edit(right.end, right.end, "))")


def _is_number(text: str, node: Node) -> bool:
    return isinstance(node, Literal) and text[node.start] not in "\"'"


def _languages(tree: Query | Update) -> set[str]:
    """Return the variables that stand for the language of something, and for nothing else anywhere."""
    found: set[str] = set()
    others: set[str] = set()
    for each in walk(tree):
        if isinstance(each, Bind | Alias):
            (found if _is_language(each.expression) else others).add(each.variable.name)
        elif isinstance(each, TriplesBlock):
            others |= variables_in(each)
        elif isinstance(each, InlineData):
            others |= {variable.name for variable in each.variables}
    return found - others


def _is_language(node: Node) -> bool:
    return isinstance(node, BuiltInCall) and node.name == "LANG"


def _in_any_case(node: Comparison | In, named: set[str]) -> Iterator[Edit]:
    """Yield what compares a language whatever its letters (RFC 5646, 2.1.1): of "zh-Hant" the engine remembers zh-hant."""
    if isinstance(node, In):
        sides = [node.operand, *node.choices]
    else:
        sides = [node.left, node.right] if node.operator in ("=", "!=") else []
    if not any(_is_language(side) or (isinstance(side, Var) and side.name in named) for side in sides):
        return
    for side in sides:
        if isinstance(side, Var):
            # What is no string has no letters.
            yield replace(side, f"COALESCE(LCASE(?{side.name}), ?{side.name})")
        elif _is_language(side) or (isinstance(side, Literal) and side.datatype == XSD + "string"):
            yield Edit(side.start, side.start, "LCASE(")
            yield Edit(side.end, side.end, ")")


def _is_of_no_triple(node: Node) -> TypeGuard[TripleTerm | ReifiedTriple]:
    """Return whether a term has a subject that no triple has (RDF 1.2 Concepts, section 3.1): the engine fails at a pattern of it."""
    return isinstance(node, TripleTerm | ReifiedTriple) and isinstance(node.subject, Literal | TripleTerm)


def _templates(tree: Query | Update) -> list[Node]:
    if isinstance(tree, Query):
        return [tree.template] if tree.template is not None else []
    changes = [each for each in tree.operations if isinstance(each, Modify)]
    return [each for change in changes for each in (change.delete, change.insert) if each is not None]


def _joined(node: Aggregate, argument: Node) -> Iterator[Edit]:
    """Yield what joins the strings of whatever there is, and leaves out what is unbound.

    The engine joins strings only, keeps their language, and gives nothing where one of them is unbound. So each string stands
    after a separator of its own, what is unbound is an empty string, and the first separator is cut off.
    """
    separator = " " if node.separator is None else node.separator
    said = json.dumps(separator, ensure_ascii=False)
    distinct = "DISTINCT " if node.is_distinct else ""
    yield Edit(node.start, argument.start, f"SUBSTR(GROUP_CONCAT({distinct}COALESCE(CONCAT({said}, STR(")
    end = f')), ""); SEPARATOR=""), {len(separator) + 1})'
    yield Edit(argument.end, node.end, end)


def _counted(text: str, node: Aggregate, found: list[Edit]) -> Iterator[Edit]:
    """Yield what counts the values that there are (section 18.5.1.2): one row without makes the engine forget them all.

    `found` are the edits of what stands within.
    """
    argument = node.argument
    if argument is None or isinstance(argument, Var):
        return
    if not node.is_distinct:
        yield Edit(node.start, argument.start, "SUM(COALESCE(IF(ISBLANK(")
        yield Edit(argument.end, node.end, "), 1, 1), 0))")
        return
    # Rows without a value have one that nothing has, which is counted off; what is said twice is put plainly twice.
    within = [edit for edit in found if argument.start <= edit.start and edit.end <= argument.end]
    moved = [Edit(edit.start - argument.start, edit.end - argument.start, edit.text) for edit in within]
    said = edited(text[argument.start : argument.end], moved)
    yield Edit(node.start, argument.start, "(COUNT(DISTINCT COALESCE(")
    end = f", <{NOTHING}>)) - COALESCE(MAX(COALESCE(IF(ISBLANK({said}), 0, 0), 1)), 0))"
    yield Edit(argument.end, node.end, end)


def blank(text: str) -> str:
    """Return as many lines of nothing, so that a later error has its place."""
    return "".join("\n" if sign == "\n" else " " for sign in text)


def groups_below(node: Node) -> Iterator[GroupGraphPattern]:
    """Return the groups that stand in a node, but not those within another; that of EXISTS in an expression too."""
    waiting = [node]
    while waiting:
        for child in children(waiting.pop()):
            if isinstance(child, GroupGraphPattern):
                yield child
            else:
                waiting.append(child)


def variables_in(node: Node) -> set[str]:
    """Return the variables that stand anywhere in a node."""
    return {each.name for each in walk(node) if isinstance(each, Var)}


def in_scope(element: Element) -> set[str]:
    """Return the variables that an element of a group may give a value (section 18.2.1)."""
    if isinstance(element, Filter | Minus):
        return set()
    if isinstance(element, Bind):
        return {element.variable.name}
    if isinstance(element, SubSelect | GroupGraphPattern):
        return set(element.variables)
    if isinstance(element, TriplesBlock | InlineData):
        return {each.name for each in walk(element) if isinstance(each, Var)}
    found = {name for group in groups_below(element) for name in group.variables}
    return (
        found | {element.name.name}
        if isinstance(element, GraphGraphPattern) and isinstance(element.name, Var)
        else found
    )
