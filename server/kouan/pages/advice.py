"""Advise who writes a query: what cannot be read, what the data does not have, and why an answer is empty. Knows SPARQL, no page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rapidfuzz import fuzz, process

from kouan.errors import QueryError, RequestError
from kouan.sparql.advice import Used, apart, terms_of
from kouan.sparql.door import Limits, know, read
from kouan.sparql.parts import Part, asking, parts_of, without
from kouan.sparql.tree import Query
from kouan.vocabulary import OWL, RDF, RDFS, SEARCH, XSD

Answer = Callable[[str, str], bytes]
Json = dict[str, Any]
JSON = "application/sparql-results+json"
# These say something whether or not the data does.
UNDERSTOOD = (RDF, RDFS, OWL, XSD, SEARCH)
LEAST_LIKENESS = 60.0
MOST_PARTS = 40
EXISTS = "{ { %s } UNION { GRAPH ?g { %s } } }"
HAS = {"property": "?s ?term ?o", "class": "?s a ?term", "thing": "{ ?term ?p ?o } UNION { ?s ?p ?term }"}


def findings_on(answer: Answer, query: str, vocabulary: Callable[[], Json], limits: Limits) -> list[Json]:
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
    found += _unknown(answer, tree, vocabulary())
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


def _unknown(answer: Answer, tree: Query, vocabulary: Json) -> list[Json]:
    known = {kind: [each["iri"] for each in vocabulary[name]] for kind, name in KINDS.items()}
    namespaces = {_namespace(iri) for iris in known.values() for iri in iris} | set(vocabulary["prefixes"].values())
    borrowed = {tree.prologue.prefixes[name] for name in tree.prologue.borrowed}
    wanted = [
        used
        for used in terms_of(tree)
        if used.iri not in known.get(used.kind, ())
        and not used.iri.startswith(UNDERSTOOD)
        and _namespace(used.iri) in namespaces - borrowed
    ]
    missing = _missing(answer, wanted)
    return [_warning(answer, tree, used, known, vocabulary) for used in wanted if (used.iri, used.kind) in missing]


KINDS = {"property": "properties", "class": "classes"}


def _missing(answer: Answer, wanted: list[Used]) -> set[tuple[str, str]]:
    """Return which of some terms the data does not have."""
    missing = {(used.iri, used.kind) for used in wanted}
    for kind, pattern in HAS.items():
        iris = sorted({used.iri for used in wanted if used.kind == kind})
        if iris:
            values = " ".join(f"<{iri}>" for iri in iris)
            there = EXISTS % (pattern, pattern)
            query = f"SELECT ?term {{ VALUES ?term {{ {values} }} FILTER EXISTS {there} }}"
            rows = json.loads(answer(query, JSON))["results"]["bindings"]
            missing -= {(row["term"]["value"], kind) for row in rows}
    return missing


def _warning(answer: Answer, tree: Query, used: Used, known: dict[str, list[str]], vocabulary: Json) -> Json:
    prefixes = vocabulary["prefixes"] | tree.prologue.prefixes
    found = {"kind": "unknown", "term": tree.text[used.start : used.end], "start": used.start, "end": used.end}
    nearest = _nearest_thing(answer, used.iri) if used.kind == "thing" else _nearest(used.iri, known[used.kind])
    return found | ({"nearest": _short(nearest, prefixes)} if nearest else {})


def _nearest(iri: str, known: list[str]) -> str:
    """Return the term whose name is most like another's, of the same namespace before others."""
    base = _namespace(iri)
    names = {each: _local(each) for each in known if _namespace(each) == base}
    best = process.extractOne(_local(iri), names, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS)
    return best[2] if best else ""


def _nearest_thing(answer: Answer, iri: str) -> str:
    text = _local(iri).replace("-", " ").replace('"', "").replace("\\", "")
    query = f'SELECT ?thing {{ (?thing ?score) <{SEARCH}label> ("{text}" 5) }} ORDER BY DESC(?score)'
    try:
        rows = json.loads(answer(query, JSON))["results"]["bindings"]
    except RequestError:
        return ""
    return next((row["thing"]["value"] for row in rows if _namespace(row["thing"]["value"]) == _namespace(iri)), "")


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _local(iri: str) -> str:
    return iri[max(iri.rfind("#"), iri.rfind("/")) + 1 :]


def _short(iri: str, prefixes: dict[str, str]) -> str:
    name = next((name for name, base in prefixes.items() if base == _namespace(iri)), None)
    return f"<{iri}>" if name is None else f"{name}:{_local(iri)}"


def why_empty(answer: Answer, query: str, limits: Limits) -> list[Json]:
    """Return what leaves a query without answers: its parts with where they stand, and the query without each.

    The kind of a part is alone (nothing meets it, whatever the rest), together (nothing meets it and what stands before it),
    filter (without this condition there are answers) or modifier (what stands behind the pattern); unknown where none is found.
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
        return [_told(tree, "alone", part) for part in lonely]
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
    line, _ = tree.place(part.start)
    return {"kind": kind, "text": part.pattern, "line": line, "without": without(tree, part)}
