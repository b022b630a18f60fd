"""Count what bounds a query's work: how often each predicate stands, and with how many subjects and objects. Knows no queries."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from kouan.errors import TooMuchMemory, TooSlow

SECONDS_BETWEEN_LOOKS = 0.5

PREDICATES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
# Of so many triples at a time, so that the groups find room in an evaluator's memory.
COUNTED_AT_ONCE = 2_000_000
OBJECTS = "SELECT ?p (MAX(?c) AS ?n) (COUNT(*) AS ?m) { SELECT ?p ?s (COUNT(*) AS ?c) { %s ?s ?p ?o } GROUP BY ?p ?s } GROUP BY ?p"
SUBJECTS = "SELECT ?p (MAX(?c) AS ?n) (COUNT(*) AS ?m) { SELECT ?p ?o (COUNT(*) AS ?c) { %s ?s ?p ?o } GROUP BY ?p ?o } GROUP BY ?p"
OF_SUBJECT = "SELECT (MAX(?c) AS ?n) { SELECT ?s (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?s }"
OF_OBJECT = "SELECT (MAX(?c) AS ?n) { SELECT ?o (COUNT(*) AS ?c) { ?s ?p ?o } GROUP BY ?o }"


@dataclass(frozen=True)
class Predicate:
    """How many triples a predicate has, at most for one subject and for one object, and how many of these there are."""

    triples: int
    of_subject: int
    of_object: int
    subjects: int
    objects: int


@dataclass(frozen=True)
class Statistics:
    """The counts of the default graph."""

    triples: int
    of_subject: int
    of_object: int
    predicates: dict[str, Predicate]

    @property
    def any_predicate(self) -> Predicate:
        """Return the counts of all triples together."""
        return Predicate(self.triples, self.of_subject, self.of_object, self.triples, self.triples)


async def kept(folder: Path, version: str, select: Callable[[str], Awaitable[bytes]]) -> Statistics:
    """Return the counts of a version, counted once by whichever process comes first and kept in a folder."""
    path = folder / f".statistics-{version}.json"
    while True:
        found = _read(path)
        if found is not None:
            return found
        with _turn(path.with_suffix(".lock")) as is_ours:
            if is_ours:
                counted = await count(select)
                _write(path, counted)
                return counted
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _read(path: Path) -> Statistics | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        predicates = {iri: Predicate(*counts) for iri, counts in said.pop("predicates").items()}
        return Statistics(predicates=predicates, **said)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, counted: Statistics) -> None:
    said = asdict(counted) | {"predicates": {iri: [*astuple(each)] for iri, each in counted.predicates.items()}}
    unfinished = path.with_suffix(f".{os.getpid()}")
    # Where nothing can be kept, everything is counted again at the next start.
    with contextlib.suppress(OSError):
        unfinished.write_text(json.dumps(said), encoding="utf-8")
        unfinished.rename(path)


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Return whether it is this process that counts; the lock goes with the process that holds it."""
    try:
        lock = path.open("w", encoding="utf-8")
    except OSError:
        yield True
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


async def count(select: Callable[[str], Awaitable[bytes]]) -> Statistics:
    """Return the counts, asked in SPARQL; `select` returns an answer as JSON.

    What has too many groups to be counted is taken to be as many as it can be at most.
    """
    triples = {row["p"]["value"]: int(row["n"]["value"]) for row in await _rows(select, PREDICATES)}
    predicates: dict[str, Predicate] = {}
    for batch in _batches(triples):
        of_subject, subjects = await _by_predicate(select, OBJECTS, batch)
        of_object, objects = await _by_predicate(select, SUBJECTS, batch)
        for p in batch:
            counted = (each.get(p, triples[p]) for each in (of_subject, of_object, subjects, objects))
            predicates[p] = Predicate(triples[p], *counted)
    together = sum(triples.values())
    is_small = together <= COUNTED_AT_ONCE
    return Statistics(
        triples=together,
        of_subject=(await _single(select, OF_SUBJECT) if is_small else 0)
        or sum(predicate.of_subject for predicate in predicates.values()),
        of_object=(await _single(select, OF_OBJECT) if is_small else 0)
        or sum(predicate.of_object for predicate in predicates.values()),
        predicates=predicates,
    )


def _batches(triples: dict[str, int]) -> Iterator[list[str]]:
    """Return the predicates in groups that are counted together."""
    batch: list[str] = []
    size = 0
    for predicate, count in sorted(triples.items(), key=lambda item: item[1]):
        if batch and size + count > COUNTED_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(predicate)
        size += count
    if batch:
        yield batch


async def _rows(select: Callable[[str], Awaitable[bytes]], query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(await select(query))["results"]["bindings"]
    return rows


async def _by_predicate(
    select: Callable[[str], Awaitable[bytes]], query: str, predicates: list[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the most triples of one thing, and how many things there are, by predicate; nothing where they are too many."""
    values = f"VALUES ?p {{ {' '.join(f'<{p}>' for p in predicates)} }}"
    try:
        rows = {row["p"]["value"]: row for row in await _rows(select, query % values)}
    except (TooMuchMemory, TooSlow):
        return {}, {}
    return (
        {predicate: int(row["n"]["value"]) for predicate, row in rows.items()},
        {predicate: int(row["m"]["value"]) for predicate, row in rows.items()},
    )


async def _single(select: Callable[[str], Awaitable[bytes]], query: str) -> int:
    try:
        rows = await _rows(select, query)
    except (TooMuchMemory, TooSlow):
        return 0
    return int(rows[0]["n"]["value"]) if rows and "n" in rows[0] else 0
