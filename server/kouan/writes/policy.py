"""Make the next version of a dataset from a patch, or refuse it. Knows what may be written and how versions are made.

Our own graph is closed, held against its shapes and hashed anew. Other people's data has no shapes to pass, and its version
is the hash of the one before and the patch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Protocol

from pyoxigraph import RdfFormat, Store

from kouan.errors import Forbidden, InconsistentData, InvalidData, Refused, SettingsError
from kouan.graph.dataset import SourceDataset, read_home
from kouan.history.journal import Journal
from kouan.history.overlay import chained, with_written
from kouan.history.patch import Patch, difference, graph_of, stored
from kouan.settings import Settings
from kouan.snapshot.build import Clock, build_dataset
from kouan.snapshot.freshness import hash_files, home_paths
from kouan.snapshot.layout import Snapshot
from kouan.snapshot.written import journal_of
from kouan.vocabulary import INFERRED_GRAPH, QUESTIONS_GRAPH, VOID_GRAPH

SHOWN_FINDINGS = 50
GENERATED = {
    INFERRED_GRAPH: "the reasoner",
    VOID_GRAPH: "the description of the graph",
    QUESTIONS_GRAPH: "the folder of questions",
}


@dataclass(frozen=True)
class Author:
    """Who makes a write, and why."""

    who: str
    why: str = ""


@dataclass(frozen=True)
class Revision:
    """The next version: its snapshot, what leads a store to it, and the file that will record it."""

    snapshot: Snapshot
    move: Patch
    name: str
    text: str


class Revisable(Protocol):
    """A dataset that can be written."""

    journal: Journal

    def prepare(self) -> None:
        """Load what every revision needs, so that each process forked from this one has it."""

    def revise(self, snapshot: Snapshot, store: Store, patch: Patch, author: Author, *, reason: bool) -> Revision:
        """Return the next version after a snapshot, whose store is given; raises Forbidden or Refused."""


class OwnRevisable:
    """The graph of the home folder: what its files state stays theirs, and what is written must pass the shapes."""

    def __init__(self, dataset: SourceDataset, files: dict[str, str], journal: Journal, settings: Settings) -> None:
        """Take the files of the home folder as they were read, and their hashes."""
        self.dataset = dataset
        self.files = files
        self.journal = journal
        self.settings = settings
        self.owners = {file.graph: file.name for file in dataset.files} | GENERATED

    def prepare(self) -> None:
        """Load the reasoner and the validator."""
        import kouan.reasoning
        import kouan.validation  # noqa: F401

    def revise(self, snapshot: Snapshot, store: Store, patch: Patch, author: Author, *, reason: bool) -> Revision:
        """Return the next version after a snapshot, whose store is given.

        Raises Forbidden where a file owns the graph, Refused where a shape or, when asked, the reasoner objects.
        """
        self._refuse_owned(patch)
        dataset = with_written(self.dataset, [*self.journal.patches(), patch])
        prepared: list[tuple[str, str]] = []

        def files(version: str) -> dict[str, str]:
            name, text = self.journal.prepare(
                patch, who=author.who, why=author.why, before=snapshot.version, version=version
            )
            prepared.append((name, text))
            written = {f"journal/{path.name}": path.read_bytes() for path in self.journal.paths().values()}
            written[f"journal/{name}"] = text.encode()
            return self.files | {each: hashlib.sha256(content).hexdigest() for each, content in written.items()}

        try:
            built = build_dataset(dataset, self.settings, files, Clock(lambda _: None), check=reason)
        except InvalidData as error:
            findings = [vars(finding) for finding in error.report.findings[:SHOWN_FINDINGS]]
            count = len(error.report.violations)
            raise Refused(
                f"{count} violation{'' if count == 1 else 's'} of the shapes, nothing was changed: "
                f"{error.report.violations[0].message}",
                report=findings,
            ) from error
        except InconsistentData as error:
            raise Refused(f"The facts would contradict the ontology, nothing was changed: {error.message}") from error
        [(name, text)] = prepared
        return Revision(built, _towards(store, built), name, text)

    def _refuse_owned(self, patch: Patch) -> None:
        for graph in sorted(patch.graphs(), reverse=True):
            if not graph:
                raise Refused(
                    "The default graph is the merge of all others and cannot be written; name the graph that states the "
                    "fact, with GRAPH or ?graph=."
                )
            if graph in self.owners:
                raise Forbidden(
                    f"The graph {graph} is what {self.owners[graph]} says and changes with it only; write to a graph of "
                    "your own.",
                    graph=graph,
                )


def _towards(store: Store, snapshot: Snapshot) -> Patch:
    """Return what leads a store to that of a snapshot just built."""
    target = Store()
    target.bulk_load(path=snapshot.store, format=RdfFormat.N_QUADS)
    return difference(store, target)


class ForeignRevisable:
    """Other people's data: what is written is theirs to answer for."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def prepare(self) -> None:
        """Load nothing: no shape is asked."""

    def revise(self, snapshot: Snapshot, store: Store, patch: Patch, author: Author, *, reason: bool) -> Revision:
        """Return the next version after a snapshot; neither its store nor a reasoner is asked."""
        del store, reason
        version = chained(snapshot.version, patch)
        name, text = self.journal.prepare(
            patch, who=author.who, why=author.why, before=snapshot.version, version=version
        )
        move = Patch(tuple(map(stored, patch.added)), patch.removed)
        graphs = _counted(snapshot, move)
        triples = graphs.pop("")
        path = self.journal.folder / name
        revised = replace(
            snapshot,
            version=version,
            graphs=dict(sorted(graphs.items())),
            triples=triples,
            quads=sum(graphs.values()) + triples,
            patches=(*snapshot.patches, path.as_posix()),
        )
        return Revision(revised, move, name, text)


def _counted(snapshot: Snapshot, move: Patch) -> dict[str, int]:
    """Return how many quads each graph has after a move, the default graph under ""."""
    counts = snapshot.graphs | {"": snapshot.triples}
    for quads, sign in ((move.added, 1), (move.removed, -1)):
        for quad in quads:
            counts[graph_of(quad)] = counts.get(graph_of(quad), 0) + sign
    return {graph: count for graph, count in counts.items() if count or not graph}


def revisable(snapshot: Snapshot, settings: Settings) -> Revisable:
    """Return what can be written of a snapshot; raises SettingsError where nothing can."""
    if snapshot.is_own:
        files = hash_files(home_paths(settings.home))
        return OwnRevisable(read_home(settings.home), files, journal_of(snapshot, settings), settings)
    if snapshot.merged:
        raise SettingsError(
            "KOUAN_TOKEN lets people write, and with KOUAN_DEFAULT_GRAPH=merge there is no default graph to write to; set it "
            "to own or auto."
        )
    return ForeignRevisable(journal_of(snapshot, settings))
