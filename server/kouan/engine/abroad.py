"""Say what is known beforehand of data that another server holds: how much it is. Asks that server; builds nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Quad

from kouan.engine.answer import Spooled
from kouan.engine.circuit import Circuit
from kouan.engine.remote import engine_address
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


@dataclass(frozen=True)
class Abroad(Snapshot):
    """Data that another server holds; nothing of it stands here."""

    def source_quads(self) -> Iterator[Quad]:
        """Raise NotFound: what is made of the whole data is not made of that of others."""
        raise NotFound("The data stands in another engine, and only /sparql asks it; DESCRIBE the thing there.")


def snapshot_abroad(settings: Settings) -> Abroad:
    """Return what is known of the data of the engine that is set; of one that does not answer in time, that it is there."""
    triples = [int(row["n"]["value"]) for row in _rows(settings, TRIPLES)]
    # Of one that does not answer nothing more is asked.
    counted = _rows(settings, GRAPHS) if triples else []
    graphs = {row["graph"]["value"]: int(row["n"]["value"]) for row in counted if "graph" in row}
    count = triples[0] if triples else 0
    return Abroad(
        folder=settings.snapshots / "abroad",
        version=settings.engine,
        quads=sum(graphs.values()) or count,
        triples=count,
        graphs=graphs,
        prefixes=dict(PREFIXES),
        storage="disk",
        journal=str(settings.journals / "abroad"),
    )


def _rows(settings: Settings, query: str) -> list[dict[str, dict[str, str]]]:
    spool = Spool(settings.spools, settings.spool)
    address = engine_address(settings.engine, "KOUAN_ENGINE")
    asking = RemoteAsking(address, settings, Circuit(), spool, time.monotonic() + SECONDS)
    try:
        _, body = asking.ask(Question(query), SOLUTION_FORMATS[0])
        text = body.read() if isinstance(body, Spooled) else body
        rows: list[dict[str, dict[str, str]]] = json.loads(text)["results"]["bindings"]
    except (RequestError, ValueError, KeyError):
        return []
    return rows
