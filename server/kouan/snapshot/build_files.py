"""Build a snapshot of other people's RDF as a stream, whatever its size. Knows no vocabulary, checks and infers nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import mul
from pathlib import Path
from typing import IO, Any

from pyoxigraph import DefaultGraph, QuerySolutions, RdfFormat, Store, parse, serialize

from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.freshness import foreign_paths, hash_files
from kouan.snapshot.layout import DISK, MEMORY, SOURCE, Snapshot, Storage, publish, unfinished
from kouan.snapshot.reading import Counted, Progress, Reading, lines_as_they_are, told_of
from kouan.vocabulary import OWL, RDF, RDFS, XSD

PLAIN_PREFIXES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD}
LINES_AT_ONCE = 20_000


def build_foreign(paths: Iterable[Path], settings: Settings, progress: Progress = print) -> Snapshot:
    """Return a snapshot of RDF files and folders, named graphs kept and, where the settings say so, merged too.

    Raises SourceError with the file and line that cannot be read; nothing is published then.
    """
    inputs = foreign_paths(paths)
    files = hash_files(inputs, settings.snapshots)
    is_merged = settings.merges_foreign
    said_of_files = "".join(f"{h}\n" for h in sorted(files.values())) + ("" if is_merged else "not merged\n")
    version = hashlib.sha256(said_of_files.encode()).hexdigest()
    started = time.monotonic()
    with unfinished(settings.snapshots) as folder:
        reading = Reading(list(inputs.values()), progress)
        lines = lines_as_they_are(reading.paths)
        storage: Storage
        if lines > settings.memory_quads:
            storage, store = "disk", _loaded_as_it_is(reading.paths, lines, folder, progress)
        else:
            with (folder / SOURCE).open("wb") as source:
                serialize(reading.all_quads(), output=source, format=RdfFormat.N_QUADS)
            progress(f"read {reading.quads:,} statements of {len(inputs)} files in {time.monotonic() - started:.1f} s")
            storage = "memory" if reading.quads <= settings.memory_quads else "disk"
            store = _loaded(folder, storage, reading, is_merged)
        counts = _settled(store, folder, is_merged)
        del store
        progress(f"loaded {counts['triples']:,} triples {_where(storage)} in {time.monotonic() - started:.1f} s")
        prefixes = dict(sorted((reading.prefixes | PLAIN_PREFIXES).items()))
        said: dict[str, Any] = {
            "version": version,
            "kouan": VERSION,
            **counts,
            "prefixes": prefixes,
            "merged": is_merged,
        }
        return publish(folder, settings.snapshots, **said, storage=storage, files=files)


def _loaded_as_it_is(paths: list[Path], lines: int, folder: Path, progress: Progress) -> Store:
    """Return the store on disk of N-Triples that need no parser of ours, after they were copied as they were loaded."""
    store = Store(str(folder / DISK))
    sizes = {path: path.stat().st_size for path in paths}
    with (folder / SOURCE).open("wb") as source:
        for path, size in sizes.items():
            statements = partial(mul, lines * size / sum(sizes.values()))
            with told_of(path), path.open("rb") as raw:
                counted: Any = Counted(raw, size, f"load of {path.name}", progress, statements, source)
                store.bulk_load(counted, RdfFormat.N_TRIPLES)
            # The last line of a file may have no end.
            source.write(b"\n")
    return store


def _loaded(folder: Path, storage: Storage, reading: Reading, is_merged: bool) -> Store:
    """Return the store of what was read, and leave the file to load it from in the folder where it is for memory."""
    source = loaded = folder / SOURCE
    if is_merged and reading.names_graphs:
        loaded = folder / MEMORY
        with loaded.open("wb") as merged:
            _merge(source, merged)
    store = Store(str(folder / DISK)) if storage == "disk" else Store()
    with loaded.open("rb") as file:
        statements = partial(mul, reading.quads)
        counted: Any = Counted(file, loaded.stat().st_size, "stored", reading.progress, statements)
        store.bulk_load(counted, RdfFormat.N_QUADS)
    if storage == "disk":
        (folder / MEMORY).unlink(missing_ok=True)
    elif loaded == source:
        (folder / MEMORY).hardlink_to(source)
    return store


def _merge(source: Path, merged: IO[bytes]) -> None:
    """Write each quad, and a copy of it in the default graph, as lines of N-Quads."""
    lines: list[str] = []
    for quad in parse(path=source, format=RdfFormat.N_QUADS):
        lines.append(f"{quad} .\n")
        if not isinstance(quad.graph_name, DefaultGraph):
            lines.append(f"{quad.triple} .\n")
        if len(lines) > LINES_AT_ONCE:
            merged.write("".join(lines).encode())
            lines.clear()
    merged.write("".join(lines).encode())


def _settled(store: Store, folder: Path, is_merged: bool) -> dict[str, Any]:
    """Return the counts of a store after it was put in order: what was loaded lies in many files that overlap, and a join
    over those takes several times as long. What else is to be done is done meanwhile, for that takes one processor."""
    with ThreadPoolExecutor(1) as beside:
        ordered = beside.submit(store.optimize)
        counts = counts_of(store, is_merged)
        with (folder / SOURCE).open("rb") as source:
            os.fsync(source.fileno())
        ordered.result()
    store.flush()
    return counts


def _where(storage: Storage) -> str:
    return "in memory" if storage == "memory" else "on disk"


def counts_of(store: Store, is_merged: bool) -> dict[str, Any]:
    """Return how many quads and triples a store has, and how many each of its graphs."""
    if next(iter(store.named_graphs()), None) is None:
        triples = len(store)
        return {"quads": triples, "triples": triples, "graphs": {}}
    by_graph = store.query(
        "SELECT ?graph (COUNT(*) AS ?count) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
    )
    in_default = store.query("SELECT (COUNT(*) AS ?count) { ?s ?p ?o }")
    assert isinstance(by_graph, QuerySolutions)
    assert isinstance(in_default, QuerySolutions)
    graphs = {row["graph"].value: int(row["count"].value) for row in by_graph}
    [triples] = [int(row["count"].value) for row in in_default]
    # Only the data's own quads are counted: a file without named graphs has one quad for each triple.
    quads = sum(graphs.values()) or triples if is_merged else sum(graphs.values()) + triples
    return {"quads": quads, "triples": triples, "graphs": graphs}
