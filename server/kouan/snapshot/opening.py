"""Open a snapshot: its store, the terms as they were written, and the writes that came after it was built. Knows no queries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from kouan.errors import SnapshotError
from kouan.history.exact import ExactStore
from kouan.history.journal import Chain, Journal
from kouan.settings import Settings
from kouan.snapshot.layout import REWRITTEN, Snapshot, decompressed
from kouan.snapshot.loading import load

# The last version that this process came to, by the folder of the snapshot.
_reached: dict[Path, Snapshot] = {}


@dataclass(frozen=True)
class Opened:
    """The latest version of a dataset: its data, where it is in memory, and the log of its versions as it was found."""

    snapshot: Snapshot
    data: ExactStore | None
    chain: Chain

    @property
    def head(self) -> str:
        """Return the checksum of the last write, which the next one has to name."""
        return self.chain.checksum


def open_store(snapshot: Snapshot) -> Store:
    """Return the store of a snapshot at its version; raises SnapshotError."""
    if snapshot.storage == "disk":
        with _told(snapshot):
            return Store.read_only(str(snapshot.store))
    return open_exact(snapshot).store


def open_exact(snapshot: Snapshot) -> ExactStore:
    """Return what a snapshot in memory holds at its version, terms as they were written beside it; raises SnapshotError."""
    store = Store()
    with _told(snapshot):
        load(store, lambda: decompressed(snapshot.store))
        data = ExactStore(store, _rewritten(snapshot), merged=snapshot.merged)
    for number in range(snapshot.built_with + 1, snapshot.number + 1):
        advance(data, snapshot.writes, number)
    return data


def advance(data: ExactStore, journal: Journal, number: int) -> None:
    """Lead what a store holds from one version to the next; raises SourceError where the write is damaged."""
    entry = journal.entry(number)
    data.apply(entry.written)
    data.apply(entry.followed)


def open_latest(snapshot: Snapshot, settings: Settings) -> Opened:
    """Return the latest version of a dataset after the whole of its log was checked.

    Raises SnapshotError where the log is broken and KOUAN_JOURNAL_BROKEN refuses to start then; otherwise the version is the
    last that holds.
    """
    journal = snapshot.writes
    chain = journal.check()
    if not chain.fault and chain.number < snapshot.built_with:
        chain = replace(
            chain,
            fault=f"{journal.folder} ends at write {chain.number}, and {snapshot.folder} was built with "
            f"{snapshot.built_with}; remove that folder too to begin anew.",
        )
    if chain.fault and settings.journal_broken == "refuse":
        raise SnapshotError(f"The history of the data is broken: {chain.fault} Put the file back from a copy.")
    snapshot = _reached[snapshot.folder] = at_number(snapshot, max(chain.number, snapshot.built_with))
    return Opened(snapshot, open_exact(snapshot) if snapshot.storage == "memory" else None, chain)


def at_number(snapshot: Snapshot, number: int) -> Snapshot:
    """Return a later version of a snapshot, which a write led to; raises SourceError where a write is damaged."""
    journal = snapshot.writes
    for each in range(snapshot.number + 1, number + 1):
        snapshot = snapshot.after(journal.commit(each))
    return snapshot


def reached(folder: Path, journal: Path, number: int) -> Snapshot:
    """Return a version of the snapshot in a folder; what of the log this process read before is not read again."""
    known = _reached.get(folder)
    if known is None or known.number > number:
        known = replace(Snapshot.read(folder), journal=str(journal))
    _reached[folder] = at_number(known, number)
    return _reached[folder]


def exact_quads(snapshot: Snapshot, graph: str | None = None, data: ExactStore | None = None) -> Iterator[Quad]:
    """Yield the quads of a graph, or of all, as they were written, "" for the default graph.

    Takes what is open already, where something is: that makes a graph cost what it holds. What is on disk is read from the
    files that it was made of, and raises SourceError where these are not there any more as they were.
    """
    if data is None and graph is not None:
        data = open_exact(snapshot) if snapshot.storage == "memory" else None
    if data is not None and graph is not None:
        yield from data.quads(graph)
    elif graph is None:
        yield from snapshot.source_quads()
    elif snapshot.merged and not graph and snapshot.graphs:
        triples: set[Triple] = set()
        for quad in snapshot.source_quads():
            if quad.triple not in triples:
                triples.add(quad.triple)
                yield Quad(*quad.triple)
    else:
        yield from (quad for quad in snapshot.source_quads() if getattr(quad.graph_name, "value", "") == graph)


def why_read_only(opened: Opened) -> str:
    """Return why a dataset takes no writes, "" where it does."""
    if opened.chain.fault:
        return f"The history of the data does not hold, so it is read only: {opened.chain.fault}"
    if opened.snapshot.storage == "disk":
        return (
            "This dataset is on disk, and only those in memory take writes; its operator can raise KOUAN_MEMORY_QUADS."
        )
    if opened.snapshot.infer != "none":
        return "What follows from this data is found when it is loaded; it takes writes where KOUAN_INFER is none."
    if opened.snapshot.merged and not opened.snapshot.is_own:
        return (
            "KOUAN_TOKEN lets people write, and with KOUAN_DEFAULT_GRAPH=merge there is no default graph to write to; set it "
            "to own or auto."
        )
    return ""


def _rewritten(snapshot: Snapshot) -> Iterable[Quad]:
    if REWRITTEN in snapshot.checksums:
        with decompressed(snapshot.folder / REWRITTEN) as content:
            yield from parse(content, format=RdfFormat.N_QUADS)


@contextlib.contextmanager
def _told(snapshot: Snapshot) -> Iterator[None]:
    """Raise SnapshotError for what goes wrong while a snapshot is opened."""
    try:
        yield
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
        raise SnapshotError(
            f"{snapshot.folder} cannot be opened ({error}); delete it and run `kouan build`."
        ) from error
