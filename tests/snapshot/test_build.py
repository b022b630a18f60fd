"""A snapshot is whole or is not there, and the same files give the same version."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset

from kouan.errors import InconsistentData, InvalidData, SnapshotError, SourceError
from kouan.snapshot import Snapshot, build_own, current
from kouan.snapshot.opening import open_store
from kouan.vocabulary import INFERRED_GRAPH, SHAPES_GRAPH


@pytest.fixture
def home(settings, tmp_path):
    """A copy of the graph's files, to be spoilt, and the settings that use it."""
    for folder in ("ontology", "triples", "shapes", "questions"):
        shutil.copytree(settings.home / folder, tmp_path / "home" / folder)
    return tmp_path / "home", replace(settings, home=tmp_path / "home", snapshots=tmp_path / "snapshots")


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


def test_comments_order_and_blank_node_labels_do_not_change_the_version(home, snapshot):
    folder, spoilt = home
    file = folder / "triples" / "chen-2018" / "p15.ttl"
    _, *blocks = file.read_text(encoding="utf-8").split("\n\n")
    file.write_text("\n\n".join(["# Another comment.", *blocks[:1], *reversed(blocks[1:])]) + "\n", encoding="utf-8")
    assert build_own(spoilt, progress=lambda _: None).version == snapshot.version


def test_default_graph_is_the_merge_of_all_but_the_shapes_each_triple_once(snapshot):
    store = open_store(snapshot)
    merged = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    union = {q.triple for q in snapshot.source_quads() if q.graph_name.value != SHAPES_GRAPH}
    assert int(next(iter(merged))["n"].value) == snapshot.triples
    assert abs(len(union) - snapshot.triples) <= 2
    assert INFERRED_GRAPH in snapshot.graphs


def test_fresh_snapshot_is_found_and_a_changed_file_makes_it_stale(home):
    folder, changed = home
    built = build_own(changed, progress=lambda _: None)
    assert current(changed) == built
    (folder / "triples/chen-2018/p15.ttl").write_text("# Nothing.\n", encoding="utf-8")
    assert current(changed) is None


def test_violation_stops_the_build_and_nothing_is_published(home):
    folder, spoilt = home
    edit(folder / "triples/chen-2018/p26.ttl", "periodStart 2014", "periodStart 2021")
    with pytest.raises(InvalidData, match=r"starts before it ends(.|\n)*p26.ttl"):
        build_own(spoilt, progress=lambda _: None)
    assert list(spoilt.snapshots.glob("*")) == []


def test_contradiction_stops_the_build_with_the_facts_at_fault(home):
    folder, spoilt = home
    edit(
        folder / "triples/chen-2018/p25.ttl",
        "a kouan:BorderCity, kouan:City, kouan:PortCity",
        "a kouan:Policy, kouan:City",
    )
    with pytest.raises(InconsistentData, match=r"is a policy \(triples/chen-2018/p25.ttl\)"):
        build_own(spoilt, progress=lambda _: None)


def test_syntax_error_names_file_and_line(home):
    folder, spoilt = home
    edit(folder / "triples/chen-2018/p15.ttl", "kouan:inSector id:energy", "kouan:inSector id:energy ;;; ]")
    with pytest.raises(SourceError, match=r"p15.ttl:\d+: "):
        build_own(spoilt, progress=lambda _: None)


def test_damaged_snapshot_says_what_to_do(tmp_path):
    (tmp_path / "snapshot.json").write_text("{", encoding="utf-8")
    with pytest.raises(SnapshotError, match="delete it and run `kouan build`"):
        Snapshot.read(tmp_path)
