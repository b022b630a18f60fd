"""Other people's files become a snapshot, on disk as in memory, and one that cannot be read becomes none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from pyoxigraph import BlankNode, parse

from kouan.errors import SourceError
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.opening import open_store

IN_MEMORY, ON_DISK = 1000, 10


@pytest.fixture
def settings(tmp_path):
    return replace(read_settings(), snapshots=tmp_path / "snapshots")


def _built(settings, tmp_path, files, memory_quads):
    said = []
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / name for name in files]
    snapshot = build_foreign(paths, replace(settings, memory_quads=memory_quads), said.append)
    return snapshot, open_store(snapshot), said


LINES = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 7}> .\n" for i in range(40))
NAMED = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 7}> <urn:g{i % 2}> .\n" for i in range(40))
BLANK = "".join(f"_:b{i % 5} <urn:p{i}> <urn:o> .\n" for i in range(40))


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
@pytest.mark.parametrize(
    "files",
    [
        {"a.nt": LINES},
        {"a.nt": LINES.rstrip(), "b.nt": LINES.replace("urn:p", "urn:q")},
        {"a.nt": f"# {LINES}", "b.ttl": "<urn:a> a <urn:B> ."},
        {"a.nq": NAMED},
        {"a.trig": f"{{ {LINES} }} <urn:g> {{ {LINES} }}"},
    ],
    ids=["lines", "two of lines, one without an end", "lines and turtle", "named graphs", "trig"],
)
def test_everything_stated_is_in_the_store_and_in_the_source(settings, tmp_path, files, memory_quads):
    snapshot, store, _ = _built(settings, tmp_path, files, memory_quads)
    stated = {quad for name in files for quad in parse(path=tmp_path / name)}
    assert snapshot.storage == ("memory" if memory_quads == IN_MEMORY else "disk")
    assert set(snapshot.source_quads()) == stated
    assert {quad.triple for quad in store.quads_for_pattern(None, None, None, None)} == {q.triple for q in stated}
    assert snapshot.triples == len({quad.triple for quad in stated})
    assert snapshot.graphs == Counter(q.graph_name.value for q in stated if hasattr(q.graph_name, "value"))


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
@pytest.mark.parametrize("count", [1, 2])
def test_blank_nodes_of_two_files_are_never_the_same(settings, tmp_path, memory_quads, count):
    snapshot, store, _ = _built(settings, tmp_path, {f"{n}.nt": BLANK for n in range(count)}, memory_quads)
    for quads in (list(snapshot.source_quads()), list(store)):
        nodes = {quad.subject for quad in quads}
        assert all(isinstance(node, BlankNode) for node in nodes)
        assert (len(quads), len(nodes)) == (40 * count, 5 * count)


@pytest.mark.parametrize("memory_quads", [IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
def test_line_that_cannot_be_read_is_named_and_nothing_is_published(settings, tmp_path, memory_quads):
    lines = LINES.splitlines(keepends=True)
    lines[29] = "<urn:s> nonsense .\n"
    with pytest.raises(SourceError) as raised:
        _built(settings, tmp_path, {"a.nt": LINES, "b.nt": "".join(lines)}, memory_quads)
    assert (raised.value.file, raised.value.line) == (tmp_path / "b.nt", 30)
    assert not list(settings.snapshots.glob("*/snapshot.json"))
    assert not list(settings.snapshots.glob(".unfinished-*"))


def test_merge_is_made_of_named_graphs_only_where_the_settings_say_so(settings, tmp_path):
    _, store, _ = _built(replace(settings, default_graph="own"), tmp_path, {"a.nq": NAMED}, ON_DISK)
    assert len(store) == 40
    _, store, _ = _built(settings, tmp_path, {"a.nq": NAMED}, ON_DISK)
    assert len(store) == 80


def test_one_of_anything_is_told_as_one(settings, tmp_path):
    _, _, said = _built(settings, tmp_path, {"a.nt": "<urn:s> <urn:p> <urn:o> .\n"}, IN_MEMORY)
    assert said[0].startswith("read 1 statement of 1 file in")
    assert said[1].startswith("loaded 1 triple in")
