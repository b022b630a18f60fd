"""Build the snapshot of our own graph: read, close, check, validate, hash, store. Knows the order; each step is done elsewhere."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Store, Triple

from kouan.errors import InconsistentData, InvalidData
from kouan.graph.dataset import SourceDataset, read_home
from kouan.graph.questions import read_questions
from kouan.history.journal import own_journal
from kouan.history.overlay import with_written
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.freshness import find, hash_files, own_paths
from kouan.snapshot.layout import DISK, MEMORY, SOURCE, Snapshot, Storage, publish, unfinished
from kouan.snapshot.self_description import description
from kouan.vocabulary import INFERRED_GRAPH, SHAPES_GRAPH

Progress = Callable[[str], None]

SHOWN_FINDINGS = 20
INFERRED = NamedNode(INFERRED_GRAPH)
IN_SHAPES = f" <{SHAPES_GRAPH}> .\n"


def build_own(settings: Settings, progress: Progress = print, *, again: bool = False) -> Snapshot:
    """Return the snapshot of the home folder, built unless one that is fresh stands already.

    Raises SourceError where a file cannot be read, InconsistentData where the facts contradict the ontology
    and InvalidData where they violate a shape; nothing is published then.
    """
    files = hash_files(own_paths(settings))
    standing = None if again else find(settings.snapshots, files)
    if standing:
        progress(f"snapshot {standing.version[:12]} is fresh: nothing to build")
        return standing
    clock = Clock(progress)
    with clock.step("read") as says:
        dataset = with_written(read_home(settings.home), own_journal(settings).patches())
        says(f"{len(dataset.files)} files, {sum(len(file.quads) for file in dataset.files):,} statements")
    return build_dataset(dataset, settings, files, clock)


def build_dataset(
    dataset: SourceDataset,
    settings: Settings,
    files: dict[str, str] | Callable[[str], dict[str, str]],
    clock: Clock,
    *,
    check: bool = True,
) -> Snapshot:
    """Return the snapshot of a dataset that stands in files with these hashes, which may depend on its version.

    Raises what `build_own` raises. `check` asks whether it is consistent in OWL 2 DL; the shapes are always asked.
    """
    with clock.step("close") as says:
        inferred = closure_of(dataset)
        says(f"{len(inferred):,} statements inferred by OWL 2 RL")
    if check:
        with clock.step("check") as says:
            _refuse_inconsistency(dataset)
            says("consistent in OWL 2 DL")
    with clock.step("validate") as says:
        says(_refuse_violation(dataset, inferred))
    with clock.step("hash") as says:
        lines, graphs = _canonical_lines(dataset, inferred, _described(dataset, inferred))
        version = _sha256(lines)
        says(version)
    with clock.step("store") as says, unfinished(settings.snapshots) as folder:
        merged = _write(folder, lines)
        storage = _store(folder, settings)
        snapshot = publish(
            folder,
            settings.snapshots,
            version=version,
            kouan=VERSION,
            quads=len(lines),
            triples=merged,
            graphs=graphs,
            prefixes=dataset.prefixes,
            storage=storage,
            files=files(version) if callable(files) else files,
        )
        says(f"{snapshot.quads:,} quads in {len(graphs)} graphs, {snapshot.triples:,} triples in the default graph")
    clock.progress(f"built {snapshot.folder} in {clock.total():.1f} s")
    return snapshot


def closure_of(dataset: SourceDataset) -> list[Triple]:
    """Return the triples that OWL 2 RL infers from a dataset and that no file of it but the shapes states."""
    from kouan.reasoning import closure

    return closure(dataset.asserted())


def _refuse_inconsistency(dataset: SourceDataset) -> None:
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


def _described(dataset: SourceDataset, inferred: Iterable[Triple]) -> Iterable[Quad]:
    facts = chain((quad.triple for quad in dataset.asserted()), inferred)
    return description(facts, dataset.prefixes, read_questions(dataset.home / "questions"))


def _canonical_lines(
    dataset: SourceDataset, inferred: Iterable[Triple], described: Iterable[Quad]
) -> tuple[list[str], dict[str, int]]:
    """Return the canonical N-Quads of every named graph, sorted, and how many quads each graph has."""
    quads = Dataset(chain(dataset.quads(), described))
    for triple in inferred:
        quads.add(Quad(triple.subject, triple.predicate, triple.object, INFERRED))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    graphs = Counter(quad.graph_name.value for quad in quads)
    return sorted(f"{quad} .\n" for quad in quads), dict(sorted(graphs.items()))


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _write(folder: Path, lines: list[str]) -> int:
    """Write the source quads, and with their merge what is loaded to be queried; return the size of the merge."""
    (folder / SOURCE).write_text("".join(lines), encoding="utf-8")
    # The graph's name is the last IRI of a line: a literal cannot end in one.
    merged = {line[: line.rindex(" <")] + " .\n" for line in lines if not line.endswith(IN_SHAPES)}
    with (folder / MEMORY).open("w", encoding="utf-8") as store:
        store.writelines(lines)
        store.writelines(sorted(merged))
    return len(merged)


def _store(folder: Path, settings: Settings) -> Storage:
    with (folder / MEMORY).open("rb") as content:
        quads = sum(1 for _ in content)
    if quads <= settings.memory_quads:
        return "memory"
    store = Store(str(folder / DISK))
    store.bulk_load(path=folder / MEMORY, format=RdfFormat.N_QUADS)
    store.flush()
    (folder / MEMORY).unlink()
    return "disk"


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
