"""Build a snapshot of other people's RDF as a stream, whatever its size. Knows no vocabulary and checks nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from operator import mul
from pathlib import Path
from typing import IO, Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse, serialize

from kouan.graph.announcements import Announced
from kouan.graph.documents import left_out, paths_of
from kouan.history.exact import folded
from kouan.history.journal import foreign_journal
from kouan.history.patch import Patch
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.fitting import most_quads, told
from kouan.snapshot.freshness import find, hash_files
from kouan.snapshot.layout import (
    DISK,
    MEMORY,
    REWRITTEN,
    SOURCE,
    Snapshot,
    Storage,
    base_of,
    compressed,
    decompressed,
    expanded,
    publish,
    unfinished,
)
from kouan.snapshot.pruning import prune
from kouan.snapshot.reading import Counted, FileReading, Progress, lines_as_they_are, patched, told_of
from kouan.vocabulary import INFERRED_GRAPH, OWL, RDF, RDFS, XSD

PLAIN_PREFIXES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD}
LINES_AT_ONCE = 20_000
INFERRED = NamedNode(INFERRED_GRAPH)
# What people ask of their data by: a query that trusts in them finds less where nothing is inferred.
AXIOMS = [RDFS + name for name in ("subClassOf", "subPropertyOf")] + [
    OWL + name for name in ("inverseOf", "equivalentClass", "equivalentProperty", "propertyChainAxiom", "sameAs")
]


def build_foreign(
    paths: Iterable[Path], settings: Settings, progress: Progress = print, *, again: bool = False
) -> Snapshot:
    """Return a snapshot of RDF files and folders, with all that was written to them, unless one that is fresh stands.

    Named graphs are kept and, where the settings say so, merged too. Raises SourceError with the file and line that cannot be
    read, unless the settings are lenient; nothing is published then.
    """
    paths = list(paths)
    inputs = paths_of(paths)
    unread = left_out(paths)
    if unread:
        progress(unread)
    files = hash_files(inputs, settings.snapshots)
    is_merged = settings.merges_foreign
    journal = foreign_journal(inputs, settings)
    standing = None if again else find(journal, files, settings, merged=is_merged, infer=settings.infer)
    if standing:
        for said_of in filter(None, (told_faults(standing.faults), standing.unused)):
            progress(said_of)
        return standing
    chain = journal.check()
    written = journal.written(chain.number)
    base = base_of(files, is_merged=is_merged, infer=settings.infer)
    # The last write's own version holds where it was made on these files.
    later = chain.version if chain.base == base else hashlib.sha256(f"{base}\n{chain.checksum}".encode()).hexdigest()
    version = later if chain.number else base
    started = time.monotonic()
    with unfinished(settings.snapshots) as folder:
        checksums = [files[name] for name in inputs]
        reading = FileReading([*inputs.values()], progress, is_lenient=settings.lenient, checksums=checksums)
        as_they_are = not written and not settings.lenient and settings.infer == "none"
        lines = lines_as_they_are(reading.paths) if as_they_are else 0
        storage: Storage = "disk"
        if lines > most_quads(settings):
            store = _loaded_as_it_is(reading.paths, lines, folder, progress)
        else:
            rewritten, inferred = _read(reading, written, folder, settings.infer)
            follows = f", {inferred:,} follow by {settings.infer}" if settings.infer != "none" else ""
            progress(
                f"read {_counted(reading.quads, 'statement')} of {_counted(len(inputs), 'file')} "
                f"in {time.monotonic() - started:.1f} s{follows}"
            )
            storage = "memory" if reading.quads + inferred <= most_quads(settings) else "disk"
            store = _loaded(folder, storage, reading, is_merged)
            _keep(folder, storage, rewritten, inferred)
        counts = _settled(store, is_merged)
        unused = unused_axioms(store) if settings.infer == "none" else ""
        del store
        where = told(counts["quads"], settings)
        progress(f"loaded {_counted(counts['triples'], 'triple')} in {time.monotonic() - started:.1f} s, {where}")
        said: dict[str, Any] = {
            "version": version,
            "kouan": VERSION,
            **counts,
            "prefixes": dict(sorted((reading.prefixes | PLAIN_PREFIXES).items())),
            "merged": is_merged,
            "built_with": chain.number,
            "head": chain.checksum,
            "number": chain.number,
            "faults": reading.faults,
            "infer": settings.infer,
            "unused": unused,
        }
        snapshot = publish(folder, settings.snapshots, **said, storage=storage, files=files)
        for said_of in filter(None, (told_faults(reading.faults), unused)):
            progress(said_of)
    prune(settings)
    return replace(snapshot, journal=str(journal.folder))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def told_faults(faults: list[str]) -> str:
    """Return what of the data was left out, a fault in each line, "" where nothing was."""
    if not faults:
        return ""
    return "\n".join([f"left out, since it cannot be read ({len(faults):,}):", *(f"  {fault}" for fault in faults)])


def _read(reading: FileReading, written: Patch, folder: Path, infer: str) -> tuple[list[Quad], int]:
    """Return the quads that the engine rewrites, and how many follow, after all quads were kept in a folder.

    These are what was read, changed as was written, and what follows by the rules named by `infer`, in a graph of its own.
    """
    from kouan.reasoning.closure import Inference

    rewritten: list[Quad] = []
    inference = None if infer == "none" else Inference(infer)
    inferred = 0

    def seen() -> Iterator[Quad]:
        nonlocal inferred
        for quad in patched(reading.all_quads(), written):
            if inference is not None:
                inference.read(quad)
            yield quad
        for triple in inference.triples() if inference is not None else ():
            inferred += 1
            yield Quad(triple.subject, triple.predicate, triple.object, INFERRED)
        reading.names_graphs = reading.names_graphs or inferred > 0

    def kept() -> Iterator[Quad]:
        for quad in seen():
            if folded(quad) != quad:
                rewritten.append(quad)
            yield quad

    with compressed(folder / SOURCE) as source:
        serialize(kept(), output=source, format=RdfFormat.N_QUADS)
    return rewritten, inferred


def _loaded_as_it_is(paths: list[Path], lines: int, folder: Path, progress: Progress) -> Store:
    """Return the store on disk of N-Triples that need no parser of ours; they stay where they are."""
    store = Store(str(folder / DISK))
    sizes = {path: path.stat().st_size for path in paths}
    for path, size in sizes.items():
        statements = partial(mul, lines * size / sum(sizes.values()))
        with told_of(path, into=folder), path.open("rb") as raw:
            counted: Any = Counted(raw, size, f"load of {path.name}", progress, statements)
            plain: Any = Announced(counted)
            store.bulk_load(plain, RdfFormat.N_TRIPLES)
    return store


def _loaded(folder: Path, storage: Storage, reading: FileReading, is_merged: bool) -> Store:
    """Return the store of what was read, and leave the file to load it from in the folder where that is another."""
    loaded = folder / SOURCE
    if is_merged and reading.names_graphs:
        loaded = folder / MEMORY
        with compressed(loaded) as merged:
            _merge(folder / SOURCE, merged)
    store = Store(str(folder / DISK)) if storage == "disk" else Store()
    with loaded.open("rb") as file:
        counted = Counted(file, loaded.stat().st_size, "stored", reading.progress, partial(mul, reading.quads))
        store.bulk_load(expanded(counted), RdfFormat.N_QUADS)
    return store


def _keep(folder: Path, storage: Storage, rewritten: list[Quad], inferred: int) -> None:
    """Leave beside a store what has to be known to write to it; a store on disk takes no writes, and its files stay."""
    if storage == "disk":
        # What follows stands in no file.
        if not inferred:
            (folder / SOURCE).unlink()
        (folder / MEMORY).unlink(missing_ok=True)
    elif rewritten:
        # A quad that stands in the engine's form too has to be told from one that does not.
        kept = {folded(quad) for quad in rewritten}
        with compressed(folder / REWRITTEN) as file, decompressed(folder / SOURCE) as source:
            plain = (quad for quad in parse(source, format=RdfFormat.N_QUADS) if quad in kept)
            serialize([*rewritten, *plain], output=file, format=RdfFormat.N_QUADS)


def unused_axioms(store: Store) -> str:
    """Return that a store has axioms from which nothing was inferred, in words, "" where it has none."""
    for name in AXIOMS:
        if next(store.quads_for_pattern(None, NamedNode(name), None), None) is not None:
            return (
                f"the data has axioms, such as <{name}>, and nothing is inferred from them: --infer rdfs or --infer owl-rl "
                "(KOUAN_INFER) does that."
            )
    return ""


def _merge(source: Path, merged: IO[bytes]) -> None:
    """Write each quad, and a copy of it in the default graph, as lines of N-Quads."""
    lines: list[str] = []
    with decompressed(source) as content:
        for quad in parse(content, format=RdfFormat.N_QUADS):
            lines.append(f"{quad} .\n")
            if not isinstance(quad.graph_name, DefaultGraph):
                lines.append(f"{quad.triple} .\n")
            if len(lines) > LINES_AT_ONCE:
                merged.write("".join(lines).encode())
                lines.clear()
    merged.write("".join(lines).encode())


def _settled(store: Store, is_merged: bool) -> dict[str, Any]:
    """Return the counts of a store after it was put in order: what was loaded lies in many files that overlap, and a join
    over those takes several times as long. It is counted meanwhile, for that takes one processor."""
    with ThreadPoolExecutor(1) as beside:
        ordered = beside.submit(store.optimize)
        counts = counts_of(store, is_merged)
        ordered.result()
    store.flush()
    return counts


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
    # Only the data's own quads are counted: what no named graph states has one quad for each triple.
    quads = max(sum(graphs.values()), triples) if is_merged else sum(graphs.values()) + triples
    return {"quads": quads, "triples": triples, "graphs": graphs}
