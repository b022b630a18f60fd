"""Read the files of a home folder into named graphs, and remember which file states what. Knows no shapes, no reasoning and no store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from kouan.errors import SourceError
from kouan.graph.documents import DAMAGES, FORMATS, documents, files_read_in
from kouan.graph.faults import why_refused
from kouan.graph.parsing import Parsing
from kouan.vocabulary import ALIGNMENTS_GRAPH, ONTOLOGY_GRAPH, PREFIXES, QB, RDF, SHAPES_GRAPH, SRC

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple

CUBE_PARTS = {QB + "Observation", QB + "Slice"}
ONTOLOGY_FILES = {"ontology/kouan.ttl": ONTOLOGY_GRAPH, "ontology/alignments.ttl": ALIGNMENTS_GRAPH}


@dataclass(frozen=True)
class SourceFile:
    """One file, the graph it is loaded as, and what it states with literals as it writes them."""

    name: str
    path: Path
    graph: str
    quads: tuple[Quad, ...] = field(repr=False)
    prefixes: dict[str, str] = field(repr=False)

    def line_of(self, subject: Term | None, predicate: Term | None = None, object: Term | None = None) -> int | None:
        """Return the line where the block of the subject, or the predicate and object in it, stands."""
        # What is compressed, or in an archive, has no lines that anybody sees.
        if self.path.suffix.lower() not in FORMATS or not self.path.is_file():
            return None
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        starts = self._names(subject)
        start = next((i for i, line in enumerate(lines) if line.split(" ", 1)[0] in starts), None)
        if start is None:
            return None
        verbs, values = self._names(predicate), self._names(object)
        best = start + 1
        for number, line in enumerate(lines[start:], start + 1):
            words = set(re.split(r"[\s;,]+", line))
            if verbs & words or (number == start + 1 and not verbs):
                best = number
                if not values or values & words or any(value in line for value in values):
                    return number
            if number > start + 1 and line and not line[0].isspace():
                break
        return best

    def _names(self, term: Term | None) -> set[str]:
        if isinstance(term, Literal):
            return {term.value}
        if not isinstance(term, NamedNode):
            return set()
        short = {
            f"{p}:{term.value.removeprefix(iri)}" for p, iri in self.prefixes.items() if term.value.startswith(iri)
        }
        typed = {"a"} if term.value == PREFIXES["rdf"] + "type" else set()
        return short | typed | {str(term)}


@dataclass(frozen=True)
class SourceDataset:
    """Every file of a home folder."""

    home: Path
    files: tuple[SourceFile, ...]

    def quads(self) -> Iterator[Quad]:
        """Return every quad of every file, the shapes included."""
        return (quad for file in self.files for quad in file.quads)

    def asserted(self) -> Iterator[Quad]:
        """Return every quad but those of the shapes."""
        return (quad for file in self.files if file.graph != SHAPES_GRAPH for quad in file.quads)

    @cached_property
    def rows(self) -> frozenset[Term]:
        """Return the rows and slices of data cubes: numbers, from which nothing follows."""
        named = ((quad.subject, quad.predicate.value, quad.object) for quad in self.facts())
        return frozenset(
            subject
            for subject, predicate, kind in named
            if predicate == RDF + "type" and isinstance(kind, NamedNode) and kind.value in CUBE_PARTS
        )

    def reasoned(self) -> Iterator[Quad]:
        """Return every asserted quad that something may follow from: all but those about rows of a cube."""
        return (quad for quad in self.asserted() if quad.subject not in self.rows)

    def facts(self) -> Iterator[Quad]:
        """Return the quads of triples/ only."""
        return (quad for file in self.files if file.graph.startswith(SRC) for quad in file.quads)

    def ontology(self) -> Iterator[Quad]:
        """Return the quads of ontology/ only."""
        own = set(ONTOLOGY_FILES.values())
        return (quad for file in self.files if file.graph in own for quad in file.quads)

    def shapes(self) -> Iterator[Quad]:
        """Return the quads of shapes/ only."""
        return (quad for file in self.files if file.graph == SHAPES_GRAPH for quad in file.quads)

    @property
    def prefixes(self) -> dict[str, str]:
        """Return every prefix that a file declares, ours first."""
        found = dict(PREFIXES)
        for file in self.files:
            for prefix, iri in file.prefixes.items():
                found.setdefault(prefix, iri)
        return dict(sorted(found.items()))

    @cached_property
    def _stated(self) -> dict[Triple, list[SourceFile]]:
        stated: dict[Triple, list[SourceFile]] = {}
        for file in self.files:
            for quad in file.quads:
                stated.setdefault(quad.triple, []).append(file)
        return stated

    @cached_property
    def _about(self) -> dict[Term, dict[str, SourceFile]]:
        about: dict[Term, dict[str, SourceFile]] = {}
        for file in self.files:
            for quad in file.quads:
                about.setdefault(quad.subject, {})[file.name] = file
        return about

    @cached_property
    def _mentions(self) -> dict[Term, dict[str, SourceFile]]:
        mentions: dict[Term, dict[str, SourceFile]] = {}
        for file in self.files:
            for quad in file.quads:
                mentions.setdefault(quad.object, {})[file.name] = file
        return mentions

    def stating(self, triple: Triple) -> list[SourceFile]:
        """Return the files that state the triple."""
        return self._stated.get(triple, [])

    def at_fault(self, subject: Term, predicate: Term | None = None, object: Term | None = None) -> list[SourceFile]:
        """Return the files to look in for a fact: those that state it, else what comes nearest to it."""
        if isinstance(subject, Triple | Literal):
            return []
        about = list(self._about.get(subject, {}).values())
        if isinstance(predicate, NamedNode):
            stating = self.stating(Triple(subject, predicate, object)) if object is not None else []
            if not stating and isinstance(object, NamedNode | BlankNode):
                # The fact may be written from its other end, as the inverse.
                stating = [
                    file
                    for file in self._about.get(object, {}).values()
                    if any(quad.subject == object and quad.object == subject for quad in file.quads)
                ]
            stating = stating or [
                file for file in about if any(q.subject == subject and q.predicate == predicate for q in file.quads)
            ]
            if stating:
                return stating
        return about or list(self._mentions.get(subject, {}).values())


def graph_of(name: str) -> str | None:
    """Return the named graph that a file, named relative to the home folder, is loaded as."""
    if name in ONTOLOGY_FILES:
        return ONTOLOGY_FILES[name]
    folder, _, rest = name.partition("/")
    if folder == "shapes":
        return SHAPES_GRAPH
    if folder == "triples" and "/" in rest:
        return SRC + rest.removesuffix(".ttl").removesuffix("/source")
    return None


def name_of(graph: str) -> str:
    """Return the file of triples/ that a graph is loaded from; raises SourceError where it is from none."""
    parts = graph.removeprefix(SRC).split("/")
    if not graph.startswith(SRC) or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.\-]*", part) for part in parts):
        raise SourceError(f"{graph} has no place in triples/; a graph that has is named {SRC}SOURCE/PASSAGE.")
    return f"triples/{parts[0]}/source.ttl" if len(parts) == 1 else f"triples/{'/'.join(parts)}.ttl"


def source_paths(home: Path) -> dict[str, Path]:
    """Return the files of a home folder by their names relative to it, in order."""
    found = {}
    for folder in ("ontology", "triples", "shapes"):
        for path in sorted((home / folder).rglob("*.ttl")):
            name = path.relative_to(home).as_posix()
            if graph_of(name) is None:
                raise SourceError("no named graph is foreseen for this file; put it in a folder of triples/.", path)
            found[name] = path
    return dict(sorted(found.items()))


def read_home(home: Path) -> SourceDataset:
    """Return the files of a home folder as named graphs.

    Raises SourceError with the file and line where a file is missing or is not Turtle.
    """
    paths = source_paths(home)
    if "ontology/kouan.ttl" not in paths:
        raise SourceError(f"{home} has no ontology/kouan.ttl; set KOUAN_HOME to the folder that holds it.")
    return SourceDataset(home, tuple(read_file(path, name, graph_of(name) or "") for name, path in paths.items()))


def read_files(paths: Iterable[Path]) -> SourceDataset:
    """Return some files of RDF as a dataset, each in the graph that its place in a home folder gives it, else in its own.

    They may be compressed, or archives; of a folder every file in it that is read, whatever its name is below.
    """
    files = []
    for path in (file for given in paths for file in ([given] if not given.is_dir() else files_read_in(given))):
        name = path.as_posix()
        found = next((n for n in _tails(path.resolve()) if graph_of(n)), None)
        graph = (graph_of(found) if found else None) or path.resolve().as_uri()
        files.append(read_file(path, name, graph))
    return SourceDataset(Path(), tuple(files))


def _tails(path: Path) -> Iterator[str]:
    parts = path.parts
    return ("/".join(parts[i:]) for i in range(1, len(parts)) if parts[i] in {"ontology", "triples", "shapes"})


def read_file(path: Path, name: str, graph: str) -> SourceFile:
    """Return what one file states, as quads of the graph; raises SourceError with its line where it cannot be read."""
    place = NamedNode(graph)
    quads = []
    prefixes: dict[str, str] = {}
    try:
        with path.open("rb") as opened:
            for document in documents(path, opened):
                base = document.iri if document.is_member else graph
                # Labels of blank nodes hold in one file only; the union of files must not join them.
                parser = Parsing(document.content, document.format, base, renames=True)
                try:
                    for quad in parser:
                        own = isinstance(quad.graph_name, DefaultGraph)
                        stands = place if own else quad.graph_name
                        quads.append(Quad(quad.subject, quad.predicate, quad.object, stands))
                except SyntaxError as error:
                    inside = document.iri.removeprefix(path.absolute().as_uri()).lstrip("/")
                    where = f"in {inside}: " if document.is_member else ""
                    raise SourceError(f"{where}{why_refused(error)}.", path, error.lineno) from error
                prefixes |= parser.prefixes
    except FileNotFoundError as error:
        raise SourceError("there is no such file.", path) from error
    except SyntaxError as error:
        raise SourceError(f"{why_refused(error)}.", path, error.lineno) from error
    except DAMAGES as error:
        raise SourceError(f"it cannot be read: {error}.", path) from error
    return SourceFile(name, path, graph, tuple(quads), prefixes)
