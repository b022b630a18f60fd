"""Say what is known of data that another server holds: how much it is. Asks that server; builds nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyoxigraph import Quad

from kouan.engine.answer import Spooled
from kouan.engine.circuit import Circuit
from kouan.engine.remote import engine_address, sign_of
from kouan.engine.remote_asking import RemoteAsking
from kouan.engine.spool import Spool
from kouan.errors import NotFound, RequestError
from kouan.evaluation.question import Question
from kouan.formats.table import SOLUTION_FORMATS
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.vocabulary import PREFIXES

# A server starts however long the other one counts.
SECONDS = 3.0
TRIPLES = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
GRAPHS = "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"


COUNTED = ("triples", "graphs", "quads")
Row = dict[str, dict[str, str]]
Rows = Callable[[str], list[Row]]


def _none(query: str) -> list[Row]:
    del query
    return []


@dataclass(frozen=True)
class Abroad(Snapshot):
    """Data that another server holds; nothing of it stands here, and how much it is is asked when somebody wants to know."""

    rows: Rows = field(default=_none, repr=False)

    def __post_init__(self) -> None:
        for name in COUNTED:
            object.__delattr__(self, name)

    def __getattr__(self, name: str) -> Any:
        """Return what is counted, once; of a server that does not answer in time, nothing."""
        if name not in COUNTED:
            raise AttributeError(name)
        rows = self.rows(TRIPLES)
        triples = int(rows[0]["n"]["value"]) if rows else 0
        # Of one that does not answer nothing more is asked.
        counted = self.rows(GRAPHS) if rows else []
        graphs = {row["graph"]["value"]: int(row["n"]["value"]) for row in counted if "graph" in row}
        for each, value in zip(COUNTED, (triples, graphs, sum(graphs.values()) or triples), strict=True):
            object.__setattr__(self, each, value)
        return getattr(self, name)

    @property
    def is_here(self) -> bool:
        """Return that it is not."""
        return False

    def source_quads(self) -> Iterator[Quad]:
        """Raise NotFound: what is made of the whole data is not made of that of others."""
        raise NotFound("The data stands in another engine, and only /sparql asks it; DESCRIBE the thing there.")


def snapshot_abroad(settings: Settings, ask: Callable[[str], bytes] | None = None, version: str = "") -> Abroad:
    """Return what stands for a version of the data of the engine that is set.

    `ask` asks it for results in JSON where this process cannot.
    """
    return Abroad(
        folder=settings.snapshots / "abroad",
        version=version or sign_of(settings),
        quads=0,
        triples=0,
        graphs={},
        prefixes=dict(PREFIXES),
        storage="disk",
        journal=str(settings.journals / "abroad"),
        rows=partial(_rows, ask or partial(_asked, settings)),
    )


def _rows(ask: Callable[[str], bytes], query: str) -> list[Row]:
    try:
        rows: list[Row] = json.loads(ask(query))["results"]["bindings"]
    except (RequestError, ValueError, KeyError):
        return []
    return rows


def _asked(settings: Settings, query: str) -> bytes:
    spool = Spool(settings.spools, settings.spool)
    address = engine_address(settings.engine, "KOUAN_ENGINE")
    asking = RemoteAsking(address, settings, Circuit(), spool, time.monotonic() + SECONDS)
    _, body = asking.ask(Question(query), SOLUTION_FORMATS[0])
    return body.read() if isinstance(body, Spooled) else body
