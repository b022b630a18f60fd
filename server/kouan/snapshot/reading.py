"""Read other people's RDF from files as a stream, and say how far it is. Knows formats, not where the quads go."""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, Triple

from kouan.errors import SourceError
from kouan.graph.documents import DAMAGES, STARTS, WIDE, Document, documents
from kouan.graph.faults import DocumentRefused, StatementRefused, why_refused
from kouan.graph.parsing import Parsing
from kouan.history.patch import Patch

Progress = Callable[[str], None]

SECONDS_BETWEEN_REPORTS = 2.0
CHUNK = 1024 * 1024
# Their parsers find the next statement after one that is none.
RECOVERED = {RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.N3}
# A file that has more of them is no RDF.
MOST_FAULTS = 10_000


class FileReading:
    """Parse files one after another, and say how far it is."""

    def __init__(
        self, paths: list[Path], progress: Progress, *, is_lenient: bool = False, checksums: Iterable[str] = ()
    ) -> None:
        """Take whether what cannot be read is left out, and is then among `faults`; and the files' checksums, so that a blank node of
        a file that was changed since has another label."""
        self.paths = paths
        self.labels = [f"k{place}_{checksum[:8]}_" for place, checksum in enumerate(checksums)]
        self.progress = progress
        self.is_lenient = is_lenient
        self.faults: list[str] = []
        self.quads = 0
        self.names_graphs = False
        self.prefixes: dict[str, str] = {}

    def all_quads(self) -> Iterator[Quad]:
        """Yield every quad of every file; raises SourceError with the file and line that cannot be read."""
        for place, path in enumerate(self.paths):
            try:
                with told_of(path):
                    yield from self._quads_of(path, self.labels[place] if self.labels else f"k{place}_")
            except SourceError as error:
                self._leave_out(error)

    def _quads_of(self, path: Path, prefix: str) -> Iterator[Quad]:
        first = self.quads
        with path.open("rb") as raw:
            size = path.stat().st_size
            counted: Any = Counted(raw, size, f"read of {path.name}", self.progress, lambda _: self.quads - first)
            for number, document in enumerate(documents(path, counted)):
                parser = Parsing(document.content, document.format, document.iri)
                own = f"{prefix}{number}_" if number else prefix
                for quad in _relabelled(self._statements(parser, path, document), own):
                    self.quads += 1
                    if not isinstance(quad.graph_name, DefaultGraph):
                        self.names_graphs = True
                    yield quad
                for name, iri in parser.prefixes.items():
                    self.prefixes.setdefault(name, iri)

    def _statements(self, parser: Iterator[Quad], path: Path, document: Document) -> Iterator[Quad]:
        """Yield what a parser gives; after a fault it goes on, in the formats where that means the next statement."""
        place = document.iri.removeprefix(path.as_uri()).lstrip("/")
        while True:
            try:
                yield next(parser)
            except StopIteration:
                return
            except SyntaxError as error:
                is_recovered = document.format in RECOVERED and not isinstance(error, DocumentRefused)
                goes_on = is_recovered or isinstance(error, StatementRefused)
                where = f"in {place}: " if place else ""
                rest = "" if goes_on or not self.is_lenient else " The rest of it is left out too."
                self._leave_out(SourceError(f"{where}{why_refused(error)}.{rest}", path, error.lineno))
                if not goes_on or len(self.faults) >= MOST_FAULTS:
                    return

    def _leave_out(self, error: SourceError) -> None:
        if not self.is_lenient:
            raise error
        self.faults.append(error.message)


def quads_of_files(files: Mapping[str, str], written: Patch, *, is_lenient: bool) -> Iterator[Quad]:
    """Yield the quads of files, and of what was written to them; raises SourceError where one is not as it was.

    `files` are their checksums by their names.
    """
    for name, checksum in files.items():
        with told_of(Path(name)), Path(name).open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != checksum:
                raise SourceError("it was changed since the data was loaded; start the server anew.", Path(name))
    paths = [Path(name) for name in files]
    reading = FileReading(paths, lambda _: None, is_lenient=is_lenient, checksums=files.values())
    yield from patched(reading.all_quads(), written)


def patched(quads: Iterable[Quad], patch: Patch) -> Iterator[Quad]:
    """Yield quads after a patch."""
    removed = set(patch.removed)
    yield from (quad for quad in quads if quad not in removed) if removed else quads
    yield from patch.added


def _relabelled(quads: Iterable[Quad], prefix: str) -> Iterator[Quad]:
    """Yield quads with blank nodes that are none of another file's, and the same whenever the file is read again.

    What is written later may name them.
    """
    labels: dict[BlankNode, BlankNode] = {}

    def label(term: Any) -> Any:
        if isinstance(term, BlankNode):
            return labels.setdefault(term, BlankNode(f"{prefix}{len(labels)}"))
        if isinstance(term, Triple):
            return Triple(label(term.subject), term.predicate, label(term.object))
        return term

    for quad in quads:
        if any(isinstance(term, BlankNode | Triple) for term in (quad.subject, quad.object, quad.graph_name)):
            yield Quad(label(quad.subject), quad.predicate, label(quad.object), label(quad.graph_name))
        else:
            yield quad


@contextlib.contextmanager
def told_of(path: Path, into: Path | None = None) -> Iterator[None]:
    """Raise SourceError with the file, and the line where it is known, for what goes wrong while it is read.

    Raises OSError as it is for what goes wrong in a folder that it is read into.
    """
    try:
        yield
    except SyntaxError as error:
        raise SourceError(f"{why_refused(error)}.", path, error.lineno) from error
    except DAMAGES as error:
        if into is not None and str(into) in str(error):
            raise
        raise SourceError(f"it cannot be read: {error}.", path) from error


def lines_as_they_are(paths: list[Path]) -> int:
    """Return about how many lines the files have where all of them together are N-Triples as they stand; 0 where they are not.

    A blank node of one file is none of another's, so that such files have to be parsed before they can be joined.
    """
    if any(path.suffix != ".nt" for path in paths):
        return 0
    lines = 0.0
    for path in paths:
        with path.open("rb") as file:
            some = file.read(CHUNK)
            if some.startswith((*WIDE, *STARTS)):
                return 0
            lines += path.stat().st_size * some.count(b"\n") / max(len(some), 1)
            while len(paths) > 1 and some:
                if b"_:" in some:
                    return 0
                some = file.read(CHUNK)
    return round(lines)


class Counted(io.RawIOBase):
    """A file that reports how much of it was read, at what rate, and how long the rest will take.

    `statements` returns how many there were by a share of the file.
    """

    def __init__(
        self,
        file: IO[bytes],
        size: int,
        label: str,
        progress: Progress,
        statements: Callable[[float], float],
    ) -> None:
        super().__init__()
        self.file, self.size, self.label, self.progress, self.statements = file, size, label, progress, statements
        self.done = 0
        self.started = self.reported = time.monotonic()

    def readable(self) -> bool:
        """Return true, for `io` asks."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most so many."""
        chunk = self.file.read(max(size, CHUNK) if size == -1 else size)
        self.done += len(chunk)
        self._report()
        return chunk

    def readinto(self, buffer: Any) -> int:
        """Return how many of the next bytes were put into a buffer."""
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
        share = self.done / max(self.size, 1)
        statements = self.statements(share)
        self.progress(
            f"  {share:.0%} {self.label}, {statements:,.0f} statements, {statements / spent:,.0f} a second, "
            f"{left:.0f} s left"
        )
