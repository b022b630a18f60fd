"""Put what was written to a dataset beside what its files state. Knows patches and graphs, nothing of how a write comes about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyoxigraph import Quad

from kouan.graph.dataset import SourceDataset, SourceFile, name_of, read_file
from kouan.graph.turtle import write_turtle
from kouan.history.patch import graph_of

# A file that a write stands in has no place of its own: its lines are the journal's.
NOWHERE = Path("journal")


def with_written(dataset: SourceDataset, written: Iterable[Quad]) -> SourceDataset:
    """Return a dataset with the quads that were written to it, as files beside its own.

    What a file states by now, because it was exported and reviewed, is not written any more.
    """
    graphs = _by_graph(written)
    stated = {file.graph: set(file.quads) for file in dataset.files if file.graph in graphs}
    files = []
    for graph, quads in graphs.items():
        left = [quad for quad in quads if quad not in stated.get(graph, ())]
        if left:
            files.append(SourceFile(f"written {graph}", NOWHERE, graph, tuple(sorted(left, key=str)), {}))
    return replace(dataset, files=(*dataset.files, *files))


def write_out(written: Iterable[Quad], home: Path, prefixes: dict[str, str]) -> list[Path]:
    """Return the files of triples/ after what was written was put into them as tidy Turtle, to be reviewed.

    A file that stands keeps what it states. Raises SourceError where a graph has no place in triples/.
    """
    paths = []
    for graph, quads in _by_graph(written).items():
        path = home / name_of(graph)
        standing = read_file(path, path.name, graph).quads if path.is_file() else ()
        triples = {quad.triple for quad in (*standing, *quads)}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_turtle(triples, prefixes, _title(path)), encoding="utf-8")
        paths.append(path)
    return paths


def _by_graph(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    graphs: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        graphs[graph_of(quad)].append(quad)
    return dict(sorted(graphs.items()))


def _title(path: Path) -> str:
    """Return the first comment of a file that stands, or one that says where its facts come from."""
    if path.is_file():
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        if first.startswith("# "):
            return first[2:]
    return "Written over HTTP; say here what the file holds."
