"""A snapshot is whole or is not there, and the same files give the same version."""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset

from kouan.errors import InconsistentData, InvalidData, SnapshotError, SourceError
from kouan.snapshot import Snapshot, build_own, current
from kouan.snapshot.fitting import told
from kouan.snapshot.opening import open_store
from kouan.vocabulary import INFERRED_GRAPH, SHAPES_GRAPH


@pytest.fixture
def home(settings, small_home, tmp_path):
    """The files of a few facts, to be spoilt, and the settings that use them."""
    return small_home, replace(settings, home=small_home, snapshots=tmp_path / "snapshots")


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_version_is_the_hash_of_the_canonical_dataset(snapshot):
    import hashlib

    dataset = Dataset(snapshot.source_quads())
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    lines = sorted(f"{quad} .\n" for quad in dataset)
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == snapshot.version


def test_default_graph_is_the_merge_of_all_but_the_shapes_each_triple_once(snapshot):
    store = open_store(snapshot)
    merged = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    union = {q.triple for q in snapshot.source_quads() if q.graph_name.value != SHAPES_GRAPH}
    assert int(next(iter(merged))["n"].value) == snapshot.triples
    assert abs(len(union) - snapshot.triples) <= 2
    assert INFERRED_GRAPH in snapshot.graphs


def test_fresh_snapshot_is_found_and_a_changed_file_makes_it_stale_but_comments_and_order_are_no_other_version(home):
    folder, changed = home
    built = build_own(changed, progress=lambda _: None)
    assert current(changed) == built
    file = folder / "triples" / "small" / "p01.ttl"
    _, *blocks = file.read_text(encoding="utf-8").split("\n\n")
    assert len(blocks) > 2
    file.write_text("\n\n".join(["# Another comment.", *blocks[:1], *reversed(blocks[1:])]) + "\n", encoding="utf-8")
    assert current(changed) is None
    assert build_own(changed, progress=lambda _: None).version == built.version


def test_violation_stops_the_build_and_nothing_is_published(home):
    folder, spoilt = home
    edit(folder / "triples/small/p02.ttl", "periodStart 2014", "periodStart 2021")
    with pytest.raises(InvalidData, match=r"starts before it ends(.|\n)*p02.ttl"):
        build_own(spoilt, progress=lambda _: None)
    assert list(spoilt.snapshots.glob("*")) == []


def test_contradiction_stops_the_build_with_the_facts_at_fault(home):
    folder, spoilt = home
    edit(folder / "triples/small/p01.ttl", "a kouan:City", "a kouan:Policy, kouan:City")
    with pytest.raises(InconsistentData, match=r"is a policy \(triples/small/p01.ttl\)"):
        build_own(spoilt, progress=lambda _: None)


def test_syntax_error_names_file_and_line(home):
    folder, spoilt = home
    edit(folder / "triples/small/p01.ttl", "id:heilongjiang .", "id:heilongjiang ;;; ] .")
    with pytest.raises(SourceError, match=r"p01.ttl:\d+: "):
        build_own(spoilt, progress=lambda _: None)


def test_damaged_snapshot_says_what_to_do(tmp_path):
    (tmp_path / "snapshot.json").write_text("{", encoding="utf-8")
    with pytest.raises(SnapshotError, match="delete it and run `kouan build`"):
        Snapshot.read(tmp_path)


def test_wheel_carries_the_snapshot_that_was_built_of_the_same_files(snapshot, settings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "assets", ModuleType("assets"))
    interface = ModuleType("interface")
    interface.BuildHookInterface = object
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    hook = runpy.run_path(str(Path(__file__).parents[2] / "hatch_build.py"))
    for folder in hook["GRAPH"]:
        (tmp_path / folder).symlink_to(settings.home / folder)
    kept = tmp_path / "build" / "snapshots" / snapshot.version
    kept.parent.mkdir(parents=True)
    kept.symlink_to(snapshot.folder)
    assert hook["fresh_snapshot"](tmp_path) == kept
    (tmp_path / "questions").unlink()
    assert hook["fresh_snapshot"](tmp_path) is None


@pytest.mark.parametrize(("quads", "said"), [(1, "for 1 quad is no more than"), (2, "for 2 quads are no more than")])
def test_where_quads_are_held_is_told_in_a_sentence(settings, quads, said):
    assert said in told(quads, settings)
