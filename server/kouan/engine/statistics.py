"""Count what bounds a query's work: how often each predicate stands, and with how many subjects and objects. Knows no queries."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

PREDICATES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
OBJECTS = "SELECT ?p (MAX(?c) AS ?n) { SELECT ?p ?s (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?p ?s } GROUP BY ?p"
SUBJECTS = "SELECT ?p (MAX(?c) AS ?n) { SELECT ?p ?o (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?p ?o } GROUP BY ?p"
OF_SUBJECT = "SELECT (MAX(?c) AS ?n) { SELECT ?s (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?s }"
OF_OBJECT = "SELECT (MAX(?c) AS ?n) { SELECT ?o (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?o }"


@dataclass(frozen=True)
class Predicate:
    """How many triples a predicate has, and at most for one subject and for one object."""

    triples: int
    of_subject: int
    of_object: int


@dataclass(frozen=True)
class Statistics:
    """The counts of the default graph."""

    triples: int
    of_subject: int
    of_object: int
    predicates: dict[str, Predicate]


async def count(select: Callable[[str], Awaitable[bytes]]) -> Statistics:
    """Return the counts, asked in SPARQL; `select` returns an answer as JSON."""
    triples = await _by_predicate(select, PREDICATES)
    objects = await _by_predicate(select, OBJECTS)
    subjects = await _by_predicate(select, SUBJECTS)
    return Statistics(
        triples=sum(triples.values()),
        of_subject=await _single(select, OF_SUBJECT),
        of_object=await _single(select, OF_OBJECT),
        predicates={p: Predicate(n, objects[p], subjects[p]) for p, n in triples.items()},
    )


async def _rows(select: Callable[[str], Awaitable[bytes]], query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(await select(query))["results"]["bindings"]
    return rows


async def _by_predicate(select: Callable[[str], Awaitable[bytes]], query: str) -> dict[str, int]:
    return {row["p"]["value"]: int(row["n"]["value"]) for row in await _rows(select, query)}


async def _single(select: Callable[[str], Awaitable[bytes]], query: str) -> int:
    rows = await _rows(select, query)
    return int(rows[0]["n"]["value"]) if rows and "n" in rows[0] else 0
