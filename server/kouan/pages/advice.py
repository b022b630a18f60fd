"""Advise who writes a query: what cannot be read, what the data does not have, and why an answer is empty. Knows SPARQL, no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kouan.errors import QueryError, RequestError
from kouan.evaluation.unknown_terms import Unknown
from kouan.graph.naming import local_name
from kouan.sparql.advice import apart
from kouan.sparql.door import Limits, know, read
from kouan.sparql.editing import edited, replace
from kouan.sparql.parts import Part, asking, parts_of, without
from kouan.sparql.printer import print_tree
from kouan.sparql.tree import Literal, Query, TriplePattern, Var, walk
from kouan.vocabulary import XSD

Answer = Callable[[str, str], bytes]
Unmet = Callable[[Query], tuple[Unknown, ...]]
"""What says which IRIs of a query stand nowhere in the data."""
Json = dict[str, Any]
JSON = "application/sparql-results+json"
MOST_PARTS = 40


def findings_on(query: str, unknown: Unmet, vocabulary: Callable[[], Json], limits: Limits) -> list[Json]:
    """Return what is amiss in a query: an error, or warnings; offsets count characters."""
    try:
        know(query, limits, form=True)
        tree = read(query, limits.nesting)
    except QueryError as error:
        start = _offset(query, error.line or 1, error.column or 1)
        return [{"kind": "error", "start": start, "end": _end_of_word(query, start), "message": error.message}]
    except RequestError as error:
        return [{"kind": "error", "start": 0, "end": 1, "message": error.message}]
    found: list[Json] = [{"kind": "apart", "start": start, "end": end} for start, end in apart(tree)]
    if unmet := unknown(tree):
        prefixes = vocabulary()["prefixes"] | tree.prologue.prefixes
        found += [_warning(tree, each, prefixes) for each in unmet]
    return [each | _as_sent(tree, query, each) for each in found]


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return min(sum(len(each) + 1 for each in lines[: line - 1]) + column - 1, len(text))


def _end_of_word(text: str, start: int) -> int:
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    return max(end, min(start + 1, len(text)))


def _as_sent(tree: Query, query: str, found: Json) -> Json:
    """Return the offsets of a finding in the text as it was sent, which may write characters as escapes."""
    if tree.text == query:
        return {}
    start, end = (_offset(query, *tree.place(found[name])) for name in ("start", "end"))
    return {"start": start, "end": end}


def _warning(tree: Query, found: Unknown, prefixes: dict[str, str]) -> Json:
    node = found.node
    told = {"kind": "unknown", "term": tree.text[node.start : node.end], "start": node.start, "end": node.end}
    return told | ({"nearest": _short(found.nearest, prefixes)} if found.nearest else {})


def _short(iri: str, prefixes: dict[str, str]) -> str:
    local = local_name(iri)
    name = next((name for name, base in prefixes.items() if base + local == iri), None)
    return f"<{iri}>" if name is None else f"{name}:{local}"


def why_empty(answer: Answer, query: str, limits: Limits) -> list[Json]:
    """Return what leaves a query without answers: its parts with where they stand, and the query without each.

    The kind of a part is alone (nothing meets it, whatever the rest), together (nothing meets it and what stands before it),
    filter (without this condition there are answers) or modifier (what stands behind the pattern); unknown where none is found.
    Of a text that is there in a language only, `nearest` is that, and `instead` the query with it.
    """
    know(query, limits, form=True)
    tree = read(query, limits.nesting)
    parts = parts_of(tree)
    if not parts or tree.services or len(parts) > MOST_PARTS:
        return [{"kind": "unknown"}]

    def met(some: list[Part]) -> bool:
        return bool(json.loads(answer(asking(tree, some), JSON))["boolean"])

    finding = [part for part in parts if not part.takes_away]
    lonely = [part for part in finding if not met([part])]
    if lonely:
        return [_told(tree, "alone", part) | _in_a_language(answer, tree, part) for part in lonely]
    for count in range(2, len(finding) + 1):
        ordered = _joined(finding)[:count]
        if not met(ordered):
            return [_told(tree, "together", ordered[-1])]
    held = list(finding)
    for part in parts:
        if part.takes_away:
            held.append(part)
            if not met(held):
                return [_told(tree, "filter", part)]
    return [{"kind": "modifier" if met(parts) else "unknown"}]


def _in_a_language(answer: Answer, tree: Query, part: Part) -> Json:
    """Return the text in a language that the data has where a part names it in none, and the query with that; else nothing."""
    triple = next((each for each in walk(tree) if isinstance(each, TriplePattern) and each.start == part.at), None)
    if triple is None or isinstance(triple.predicate, Var):
        return {}
    said = triple.object
    if not isinstance(said, Literal) or said.datatype != XSD + "string":
        return {}
    text = print_tree(said)
    query = f"SELECT ?said {{ ?thing {print_tree(triple.predicate)} ?said FILTER(LANG(?said) != '' && STR(?said) = {text}) }}"
    found = json.loads(answer(f"{query} ORDER BY LANG(?said) LIMIT 1", JSON))["results"]["bindings"]
    if not found:
        return {}
    nearest = f"{text}@{found[0]['said']['xml:lang']}"
    return {"term": text, "nearest": nearest, "instead": edited(tree.text, [replace(said, nearest)])}


def _joined(parts: list[Part]) -> list[Part]:
    """Return parts in the order of the text, but each after one that it shares a variable with, where there is one."""
    left, ordered = list(parts), []
    seen: frozenset[str] = frozenset()
    while left:
        part = next((each for each in left if not seen or each.variables & seen), left[0])
        left.remove(part)
        ordered.append(part)
        seen |= part.variables
    return ordered


def _told(tree: Query, kind: str, part: Part) -> Json:
    line, _ = tree.place(part.at)
    return {"kind": kind, "text": part.pattern, "line": line, "without": without(tree, part)}
