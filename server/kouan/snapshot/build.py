"""Build the snapshot of our own graph: read, close, check, validate, hash, store. Knows the order; each step is done elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, serialize

from kouan.errors import InconsistentData, InvalidData
from kouan.graph.dataset import SourceDataset, read_home
from kouan.graph.questions import read_questions
from kouan.history.exact import ExactStore
from kouan.history.journal import own_journal
from kouan.history.overlay import with_written
from kouan.history.patch import Patch
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.build_files import counts_of
from kouan.snapshot.canonical import canonical_quads, version_of
from kouan.snapshot.dumps import write_dumps
from kouan.snapshot.freshness import find, hash_files, home_paths
from kouan.snapshot.layout import MEMORY, REWRITTEN, SOURCE, Snapshot, compressed, publish, unfinished
from kouan.snapshot.pruning import prune
from kouan.snapshot.self_description import Partitions, description
from kouan.vocabulary import INFERRED_GRAPH

Progress = Callable[[str], None]

SHOWN_FINDINGS = 20
INFERRED = NamedNode(INFERRED_GRAPH)


def build_own(settings: Settings, progress: Progress = print, *, again: bool = False) -> Snapshot:
    """Return the snapshot of the home folder, with all that was written, unless one that is fresh stands already.

    Raises SourceError where a file cannot be read, InconsistentData where the facts contradict the ontology
    and InvalidData where they violate a shape; nothing is published then.
    """
    files = hash_files(home_paths(settings.home))
    journal = own_journal(settings)
    standing = None if again else find(journal, files, settings)
    if standing:
        progress(f"snapshot {standing.version[:12]} is fresh: nothing to build")
        return standing
    clock = Clock(progress)
    with clock.step("read") as says:
        log = journal.check()
        dataset = with_written(read_home(settings.home), journal.written(log.number).added)
        says(f"{len(dataset.files)} files, {sum(len(file.quads) for file in dataset.files):,} statements")
    with clock.step("close") as says:
        inferred = closure_of(dataset)
        says(f"{len(inferred):,} statements inferred by OWL 2 RL")
    with clock.step("check") as says:
        refuse_inconsistency(dataset)
        says("consistent in OWL 2 DL")
    with clock.step("validate") as says:
        says(_refuse_violation(dataset, inferred))
    with clock.step("hash") as says:
        canonical = canonical_quads(chain(dataset.quads(), described(dataset, inferred), closed_quads(inferred)))
        version = version_of(canonical)
        says(version)
    with clock.step("store") as says, unfinished(settings.snapshots) as folder:
        data = stored(folder, canonical, merged=True)
        dumps = write_dumps(folder, canonical, dataset.prefixes, version)
        snapshot = publish(
            folder,
            settings.snapshots,
            version=version,
            kouan=VERSION,
            **counts_of(data.store, is_merged=True),
            prefixes=dataset.prefixes,
            storage="memory",
            files=files,
            built_with=log.number,
            head=log.checksum,
            number=log.number,
            dumps=dumps,
        )
        says(f"{snapshot.quads:,} quads in {len(snapshot.graphs)} graphs, {snapshot.triples:,} in the default graph")
    prune(settings)
    progress(f"built {snapshot.folder} in {clock.total():.1f} s")
    return replace(snapshot, journal=str(journal.folder))


def closure_of(dataset: SourceDataset) -> list[Triple]:
    """Return the triples that OWL 2 RL infers from a dataset and that no file of it but the shapes states."""
    from kouan.reasoning import closure

    return closure(dataset.reasoned())


def refuse_inconsistency(dataset: SourceDataset) -> None:
    """Raise InconsistentData where the facts contradict the ontology in OWL 2 DL."""
    from kouan.reasoning import check_consistency

    inconsistency = check_consistency(dataset)
    if inconsistency is not None:
        raise InconsistentData(f"the facts contradict the ontology, nothing was built:\n{inconsistency}", inconsistency)


def _refuse_violation(dataset: SourceDataset, inferred: Iterable[Triple]) -> str:
    from kouan.validation import validate

    report = validate(dataset, inferred)
    if not report.conforms:
        count = len(report.violations)
        raise InvalidData(
            f"{count} violation{'' if count == 1 else 's'} of the shapes, nothing was built:\n{report.table(SHOWN_FINDINGS)}",
            report,
        )
    return report.summary()


def described(dataset: SourceDataset, inferred: Iterable[Triple]) -> Iterable[Quad]:
    """Yield what the dataset says of itself."""
    partitions = Partitions({*(quad.triple for quad in dataset.asserted()), *inferred})
    return description(partitions, dataset.prefixes, read_questions(dataset.home / "questions"))


def closed_quads(inferred: Iterable[Triple]) -> Iterator[Quad]:
    """Yield what was inferred, in the graph of its own."""
    return (Quad(triple.subject, triple.predicate, triple.object, INFERRED) for triple in inferred)


def stored(folder: Path, quads: Iterable[Quad], *, merged: bool) -> ExactStore:
    """Return the data of quads after what it is opened from was written to a folder."""
    data = ExactStore(Store(), merged=merged)
    lines = sorted(f"{quad} .\n" for quad in quads)
    with compressed(folder / SOURCE) as source:
        source.write("".join(lines).encode())
    data.apply(Patch(tuple(quads)))
    with compressed(folder / MEMORY) as store:
        data.store.dump(store, RdfFormat.N_QUADS)
    with compressed(folder / REWRITTEN) as rewritten:
        serialize(data.rewritten(), output=rewritten, format=RdfFormat.N_QUADS)
    return data


class Clock:
    """Says what each step of a build did and how long it took."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.started = time.monotonic()

    def total(self) -> float:
        """Return the seconds since the build began."""
        return time.monotonic() - self.started

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Return what takes words about a step, and say them with its time when it is done."""
        started = time.monotonic()
        said: list[str] = []
        yield said.append
        self.progress(f"{name:<9} {time.monotonic() - started:5.1f} s  {'; '.join(said)}")
