"""Decide whether a patch may stand, and what follows from it. Knows what may be written and how versions are made.

Our own graph is closed, held against its shapes and hashed anew. Other people's data has no shapes to pass, and its version
is the hash of the one before and the patch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import Quad, Triple

from kouan.errors import Forbidden, InconsistentData, Refused
from kouan.graph.dataset import SourceDataset, read_home
from kouan.graph.questions import read_questions
from kouan.history.entry import Entry, chained
from kouan.history.exact import ExactStore
from kouan.history.overlay import with_written
from kouan.history.patch import Patch
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.build import INFERRED, closed_quads, refuse_inconsistency
from kouan.snapshot.canonical import Canonical
from kouan.snapshot.self_description import Partitions, description, is_classing, void_quads
from kouan.vocabulary import INFERRED_GRAPH, QUESTIONS_GRAPH, VOID_GRAPH

if TYPE_CHECKING:
    from kouan.validation import Finding

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
    """The version that a patch leads to, and what follows from it."""

    version: str
    followed: Patch = field(default_factory=Patch)


class Policy(Protocol):
    """What may be written to a dataset, and what comes of it."""

    def revise(self, version: str, data: ExactStore, patch: Patch, *, reason: bool) -> Revision:
        """Return what comes of a patch after a version; raises Forbidden or Refused."""

    def advance(self, entry: Entry) -> None:
        """Take notice of a write that was made."""


class ImportedPolicy:
    """Other people's data: what is written is theirs to answer for."""

    def revise(self, version: str, data: ExactStore, patch: Patch, *, reason: bool) -> Revision:
        """Return what comes of a patch; neither the data nor a reasoner is asked."""
        del data, reason
        return Revision(chained(version, patch))

    def advance(self, entry: Entry) -> None:
        """Keep nothing of it."""


class CuratedPolicy:
    """The graph of the home folder: what its files state stays theirs, and what is written must pass the shapes.

    What every write needs is kept here, for each is worked out in a process that is forked from the one that holds this.
    """

    def __init__(self, files: SourceDataset, written: set[Quad], data: ExactStore) -> None:
        """Take the files of the home folder, what was written to them, and all of that with what follows from it."""
        from kouan.reasoning import closure
        from kouan.validation.checking import Checker

        self.closure = closure
        self.files = files
        self.written = written
        self.owners = {file.graph: file.name for file in files.files} | GENERATED
        self.inferred = {quad.triple for quad in data.quads(INFERRED_GRAPH)}
        dataset = with_written(files, written)
        self.checker = Checker(dataset, self.inferred)
        self.partitions = Partitions({quad.triple for quad in dataset.asserted()} | self.inferred)
        described = description(self.partitions, files.prefixes, read_questions(files.home / "questions"))
        self.canonical = Canonical(chain(dataset.quads(), closed_quads(self.inferred), described))

    def revise(self, version: str, data: ExactStore, patch: Patch, *, reason: bool) -> Revision:
        """Return what comes of a patch.

        Raises Forbidden where a file owns the graph, Refused where a shape or, when asked, the reasoner objects.
        """
        del version, data
        self._refuse_owned(patch)
        written = (self.written - set(patch.removed)) | set(patch.added)
        dataset = with_written(self.files, written)
        inferred = set(self.closure(dataset.reasoned()))
        if reason:
            _refuse_contradiction(dataset)
        closed = Patch(*(tuple(closed_quads(some)) for some in (inferred - self.inferred, self.inferred - inferred)))
        said = self._change(patch, closed)
        with self.checker.begun(patch, closed) as checked:
            version = self.canonical.version()
            _refuse_violations(checked.violations(dataset))
        return Revision(version, Patch(closed.added + said.added, closed.removed + said.removed))

    def advance(self, entry: Entry) -> None:
        """Keep what was written and what followed, for the writes to come."""
        self.written = (self.written - set(entry.written.removed)) | set(entry.written.added)
        closed = Patch(*(tuple(q for q in quads if q.graph_name == INFERRED) for quads in _sides(entry.followed)))
        self.inferred -= {quad.triple for quad in closed.removed}
        self.inferred |= {quad.triple for quad in closed.added}
        self._change(entry.written, closed)

    def _change(self, written: Patch, closed: Patch) -> Patch:
        """Return what changes in the description of the graph, after all that is kept of it was led to the next version."""
        changed = [quad for patch in (written, closed) for quads in _sides(patch) for quad in quads]
        before = self._around(changed)
        self.checker.apply(written)
        self.checker.apply(closed)
        added, removed = self.partitions.change(before, self._around(changed))
        said = Patch(tuple(void_quads(added)), tuple(void_quads(removed)))
        for patch in (written, closed, said):
            self.canonical.change(patch)
        return said

    def _around(self, changed: Iterable[Quad]) -> set[Triple]:
        """Return which of the triples that change stand, and with them all of the things whose classes do."""
        data = self.checker.data
        standing = {quad.triple for quad in changed if data.states(quad)}
        things = {quad.subject for quad in changed if is_classing(quad.triple)}
        return standing | {quad.triple for thing in things for quad in data.exact.about(thing)}  # type: ignore[arg-type]

    def _refuse_owned(self, patch: Patch) -> None:
        for graph in sorted(patch.graphs(), reverse=True):
            if not graph:
                raise Refused(
                    "The default graph is the merge of all others and cannot be written; name the graph that states the "
                    "fact, with GRAPH or ?graph=.",
                    title="The default graph cannot be written",
                )
            if graph in self.owners:
                raise Forbidden(
                    f"The graph {graph} is what {self.owners[graph]} says and changes with it only; write to a graph of "
                    "your own.",
                    graph=graph,
                )


def _sides(patch: Patch) -> tuple[tuple[Quad, ...], tuple[Quad, ...]]:
    return patch.added, patch.removed


def _refuse_contradiction(dataset: SourceDataset) -> None:
    try:
        refuse_inconsistency(dataset)
    except InconsistentData as error:
        raise Refused(
            f"The facts would contradict the ontology, nothing was changed: {error.message}",
            title="The write contradicts the ontology",
        ) from error


def _refuse_violations(violations: list[Finding]) -> None:
    if violations:
        how_many = "1 violation" if len(violations) == 1 else f"{len(violations)} violations"
        raise Refused(
            f"{how_many} of the shapes, nothing was changed: {violations[0].message}",
            report=[vars(finding) for finding in violations[:SHOWN_FINDINGS]],
        )


def policy_of(snapshot: Snapshot, data: ExactStore, settings: Settings) -> Policy:
    """Return what may be written to a dataset at a version."""
    if snapshot.is_own:
        written = set(snapshot.writes.written(snapshot.number).added)
        return CuratedPolicy(read_home(settings.home), written, data)
    return ImportedPolicy()
