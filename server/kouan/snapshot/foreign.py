"""Build a snapshot of other people's RDF as a stream, whatever its size. Knows no vocabulary, checks and infers nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from pyoxigraph import DefaultGraph, Quad, QuerySolutions, RdfFormat, Store, parse, serialize

from kouan.dataset import format_of
from kouan.errors import SourceError
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.found import foreign_paths, hash_files
from kouan.snapshot.layout import DISK, MEMORY, SOURCE, Snapshot, Storage, publish, unfinished
from kouan.vocabulary import OWL, RDF, RDFS, XSD

Progress = Callable[[str], None]

PLAIN_PREFIXES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD}
SECONDS_BETWEEN_REPORTS = 2.0
CHUNK = 1024 * 1024


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
        reading = _Reading(list(inputs.values()), progress)
        with (folder / SOURCE).open("wb") as source, (folder / MEMORY).open("wb") as merged:
            serialize(_copied(reading, merged, is_merged), output=source, format=RdfFormat.N_QUADS)
        progress(f"read {reading.quads:,} statements of {len(inputs)} files in {time.monotonic() - started:.1f} s")
        storage: Storage = "memory" if reading.quads <= settings.memory_quads else "disk"
        store = Store(str(folder / DISK)) if storage == "disk" else Store()
        loading = time.monotonic()
        with (folder / MEMORY).open("rb") as merged:
            size = (folder / MEMORY).stat().st_size
            counted: Any = _Counted(merged, size, "stored", progress)
            store.bulk_load(counted, RdfFormat.N_QUADS)
        counts = counts_of(store, is_merged)
        if storage == "disk":
            store.flush()
            (folder / MEMORY).unlink()
        del store
        progress(f"stored {counts['triples']:,} triples {_where(storage)} in {time.monotonic() - loading:.1f} s")
        prefixes = dict(sorted((reading.prefixes | PLAIN_PREFIXES).items()))
        said: dict[str, Any] = {
            "version": version,
            "kouan": VERSION,
            **counts,
            "prefixes": prefixes,
            "merged": is_merged,
        }
        return publish(folder, settings.snapshots, **said, storage=storage, files=files)


def _where(storage: Storage) -> str:
    return "in memory" if storage == "memory" else "on disk"


def counts_of(store: Store, is_merged: bool) -> dict[str, Any]:
    """Return how many quads and triples a store has, and how many each of its graphs."""
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


def _copied(reading: _Reading, merged: IO[bytes], is_merged: bool) -> Iterator[Quad]:
    """Yield each quad for the source file, after it was written for the store, with its copy where graphs are merged."""
    lines: list[str] = []
    for quad in reading.all_quads():
        lines.append(f"{quad} .\n")
        if is_merged and not isinstance(quad.graph_name, DefaultGraph):
            lines.append(f"{quad.triple} .\n")
        if len(lines) > 20_000:
            merged.write("".join(lines).encode())
            lines.clear()
        yield quad
    merged.write("".join(lines).encode())


class _Reading:
    """Parse files one after another, and say how far it is."""

    def __init__(self, paths: list[Path], progress: Progress) -> None:
        self.paths = paths
        self.progress = progress
        self.quads = 0
        self.prefixes: dict[str, str] = {}

    def all_quads(self) -> Iterator[Quad]:
        for path in self.paths:
            yield from self._quads_of(path)

    def _quads_of(self, path: Path) -> Iterator[Quad]:
        try:
            with path.open("rb") as raw:
                counted = _Counted(raw, path.stat().st_size, f"read of {path.name}", self.progress, self)
                stream: Any = gzip.GzipFile(fileobj=counted) if path.suffix == ".gz" else counted
                # Blank nodes of two files are never the same, whatever their labels.
                parser = parse(stream, format_of(path), base_iri=path.as_uri(), rename_blank_nodes=True)
                for quad in parser:
                    self.quads += 1
                    yield quad
                for prefix, iri in parser.prefixes.items():
                    self.prefixes.setdefault(prefix, iri)
        except SyntaxError as error:
            raise SourceError(f"{error.msg}.", path, error.lineno) from error
        except (OSError, EOFError, ValueError) as error:
            raise SourceError(f"it cannot be read: {error}.", path) from error


class _Counted(io.RawIOBase):
    """A file that reports how much of it was read, at what rate, and how long the rest will take."""

    def __init__(
        self, file: IO[bytes], size: int, label: str, progress: Progress, reading: _Reading | None = None
    ) -> None:
        super().__init__()
        self.file, self.size, self.label, self.progress, self.reading = file, size, label, progress, reading
        self.done = 0
        self.started = self.reported = time.monotonic()
        self.first = 0 if reading is None else reading.quads

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(max(size, CHUNK) if size == -1 else size)
        self.done += len(chunk)
        self._report()
        return chunk

    def readinto(self, buffer: Any) -> int:
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _report(self) -> None:
        now = time.monotonic()
        if now - self.reported < SECONDS_BETWEEN_REPORTS or not self.done:
            return
        self.reported = now
        spent = now - self.started
        left = spent * (self.size - self.done) / self.done
        rate = ""
        if self.reading is not None:
            read = self.reading.quads - self.first
            rate = f", {self.reading.quads:,} statements, {read / spent:,.0f} a second"
        self.progress(f"  {self.done / max(self.size, 1):.0%} {self.label}{rate}, {left:.0f} s left")
