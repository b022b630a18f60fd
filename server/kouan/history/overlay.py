"""Put what was written to a dataset beside what its files state. Knows patches and graphs, nothing of how a write comes about."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from kouan.graph.dataset import SourceDataset, SourceFile, name_of, read_file
from kouan.graph.turtle import write_turtle
from kouan.history.journal import Journal
from kouan.history.patch import Patch, graph_of, patched

# A file that a write stands in has no place of its own: its lines are the journal's.
NOWHERE = Path("journal")


def with_written(dataset: SourceDataset, patches: Iterable[Patch]) -> SourceDataset:
    """Return a dataset with the graphs that were written to it, as files beside its own.

    What a file states by now, because it was exported and reviewed, is not written any more.
    """
    stated: dict[str, set[Quad]] = defaultdict(set)
    for file in dataset.files:
        stated[file.graph].update(file.quads)
    written: dict[str, list[Quad]] = defaultdict(list)
    for quad in patched((), patches):
        if quad not in stated.get(graph_of(quad), ()):
            written[graph_of(quad)].append(quad)
    files = [
        SourceFile(f"written {graph}", NOWHERE, graph, tuple(sorted(quads, key=str)), {})
        for graph, quads in sorted(written.items())
    ]
    return replace(dataset, files=(*dataset.files, *files))


def written_graphs(journal: Journal) -> dict[str, list[Quad]]:
    """Return the quads of each graph that was written and not taken away again, by its name."""
    graphs: dict[str, list[Quad]] = defaultdict(list)
    for quad in patched((), journal.patches()):
        graphs[graph_of(quad)].append(quad)
    return dict(sorted(graphs.items()))


def write_out(journal: Journal, home: Path, prefixes: dict[str, str]) -> list[Path]:
    """Return the files of triples/ after what was written was put into them as tidy Turtle, to be reviewed.

    A file that stands keeps what it states. Raises SourceError where a graph has no place in triples/.
    """
    paths = []
    for graph, quads in written_graphs(journal).items():
        path = home / name_of(graph)
        standing = read_file(path, path.name, graph).quads if path.is_file() else ()
        triples = {quad.triple for quad in (*standing, *quads)}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_turtle(triples, prefixes, _title(path)), encoding="utf-8")
        paths.append(path)
    return paths


def _title(path: Path) -> str:
    """Return the first comment of a file that stands, or one that says where its facts come from."""
    if path.is_file():
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        if first.startswith("# "):
            return first[2:]
    return "Written over HTTP; say here what the file holds."


def apply(store: Store, patch: Patch) -> None:
    """Change a store as a patch says."""
    for quad in patch.removed:
        store.remove(quad)
    for graph in {quad.graph_name for quad in patch.removed if isinstance(quad.graph_name, NamedNode)}:
        # A graph of which nothing is left is no graph.
        if next(store.quads_for_pattern(None, None, None, graph), None) is None:
            store.remove_graph(graph)
    store.extend(patch.added)


def chained(version: str, patch: Patch) -> str:
    """Return the version that a patch leads to from another, for data too large to be hashed anew for each write."""
    plain = replace(patch, said={}).text()
    return hashlib.sha256(f"{version}\n{plain}".encode()).hexdigest()
