"""A snapshot that is not as it was built is built anew, and one that cannot be built says why in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kouan.errors import NoSpace, SnapshotError
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.freshness import current_foreign
from kouan.snapshot.layout import Snapshot, amiss, unfinished
from kouan.snapshot.opening import open_latest, open_store

LINES = "".join(f"<urn:s{i}> <urn:p{i % 9}> <urn:o{i % 97}> .\n" for i in range(20_000))


@pytest.fixture
def files(tmp_path):
    (tmp_path / "data.nt").write_text(LINES, encoding="utf-8")
    return [tmp_path / "data.nt"], replace(read_settings({}), snapshots=tmp_path / "snapshots", token="t")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


SPOILS = [
    lambda path: os.truncate(path, path.stat().st_size // 10),
    lambda path: os.truncate(path, 0),
    flip,
    lambda path: path.unlink(),
]


@pytest.mark.parametrize("spoil", SPOILS, ids=["cut", "emptied", "a bit flipped", "gone"])
@pytest.mark.parametrize("memory_quads", [0, 1000], ids=["in memory", "on disk"])
def test_file_that_is_not_as_it_was_built_is_built_anew(files, spoil, memory_quads, capsys):
    paths, settings = files
    settings = replace(settings, memory_quads=memory_quads)
    built = build_foreign(paths, settings, lambda _: None)
    inside = sorted((path for path in built.folder.rglob("*") if path.is_file()), key=lambda p: -p.stat().st_size)
    spoil(next(path for path in inside if path.name != "snapshot.json" and not path.name.startswith("LOG")))
    assert current_foreign(paths, settings) is None
    again = build_foreign(paths, settings, lambda _: None)
    assert len(open_store(again)) == 20_000
    assert not amiss(again)


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("spoil", [*SPOILS[:3], make_pipe], ids=["cut", "emptied", "a bit flipped", "a pipe"])
def test_description_that_is_not_as_it_was_built_is_noticed(files, spoil):
    paths, settings = files
    built = build_foreign(paths, settings, lambda _: None)
    spoil(built.folder / "snapshot.json")
    with pytest.raises(SnapshotError):
        Snapshot.read(built.folder)


def test_number_in_the_description_that_was_changed_is_noticed(files):
    paths, settings = files
    described = build_foreign(paths, settings, lambda _: None).folder / "snapshot.json"
    described.write_text(json.dumps(json.loads(described.read_text()) | {"triples": 3}))
    assert current_foreign(paths, settings) is None


def test_asking_a_snapshot_on_disk_leaves_it_as_it_was(files):
    paths, settings = files
    built = build_foreign(paths, replace(settings, memory_quads=1000), lambda _: None)
    store = open_store(built)
    assert len(store) == 20_000
    del store
    assert not amiss(built)


def test_folder_that_vanishes_is_not_made_anew_and_reads_go_on(files, start, tmp_path):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_WORKERS": "1"}
    everything = "SELECT ?s ?p ?o ?t { ?s ?p ?o BIND(CONCAT(STR(?s), STR(?p), STR(?o)) AS ?t) }"
    with (
        start([str(tmp_path / "data.nt")], environment) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30, headers={"Accept": "text/csv"}) as client,
    ):
        (tmp_path / "s").rename(tmp_path / "away")
        assert client.get("/dcat", headers={"Accept": "text/turtle"}).status_code == 200
        assert client.get("/dump/kouan.nq").status_code == 503
        large = client.get("/sparql", params={"query": everything})
        assert (large.status_code, large.text.count("\n")) == (200, 20_001)
        assert client.get("/ready").status_code == 200
        assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("spoil", SPOILS, ids=["cut", "emptied", "a bit flipped", "gone"])
def test_file_that_is_spoilt_while_it_is_served_is_told_and_not_sent(files, start, tmp_path, spoil):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_WORKERS": "1"}
    with (
        start([str(tmp_path / "data.nt")], environment) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        (source,) = (tmp_path / "s").glob("*/source.nq.zst")
        spoil(source)
        told = client.get("/dump/kouan.nq", headers={"Accept": "*/*"})
        assert (told.status_code, str(source) in told.json()["detail"]) == (503, True)
        count = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}
        assert client.get("/sparql", params=count).text.split() == ["n", "20000"]


@pytest.mark.parametrize(
    "query",
    ["SELECT * { ?s <urn:p1> ?o }", "ASK { ?s <urn:p2> <urn:o3> }", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"],
)
def test_store_that_is_cut_while_it_is_served_is_no_fault_of_the_query(files, start, tmp_path, query, capfd):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_MEMORY_QUADS": "1000", "KOUAN_WORKERS": "1"}
    with start([str(tmp_path / "data.nt")], environment | {"KOUAN_TIMEOUT": "3"}) as address:
        for file in (tmp_path / "s").glob("*/store/*.sst"):
            os.truncate(file, file.stat().st_size // 3)
        told = httpx.get(f"{address}/sparql", params={"query": query}, trust_env=False, timeout=30)
        assert (told.status_code, "operator" in told.json()["detail"]) == (503, True)
        # Another evaluator cannot even open it, which is told at once.
        for _ in range(4):
            told = httpx.get(f"{address}/sparql", params={"query": f"{query} # "}, trust_env=False, timeout=30)
            assert (told.status_code, "on disk" in told.json()["detail"]) == (503, True)
    assert "Traceback" not in capfd.readouterr().err


def test_copy_of_the_input_is_not_kept_beside_a_store_on_disk(files):
    paths, settings = files
    built = build_foreign(paths, replace(settings, memory_quads=1000), lambda _: None)
    assert sorted(path.name for path in built.folder.iterdir()) == ["snapshot.json", "store"]
    assert len(set(built.source_quads())) == 20_000
    paths[0].write_text(LINES + "<urn:x> <urn:y> <urn:z> .\n", encoding="utf-8")
    with pytest.raises(Exception, match="changed since"):
        list(built.source_quads())


def test_full_disk_while_building_is_said(small_disk, files):
    paths, settings = files
    (small_disk / "filling").write_bytes(b"x" * 2_088_000)
    for memory_quads in (0, 1000):
        with pytest.raises((NoSpace, SnapshotError), match=str(small_disk)):
            build_foreign(paths, replace(settings, snapshots=small_disk, memory_quads=memory_quads), lambda _: None)
    assert not list(small_disk.glob(".unfinished-*"))


def test_disk_that_fills_up_while_a_store_is_loaded_is_not_the_fault_of_the_files(small_disk, files):
    paths, settings = files
    # There is room for the store's first files, and none for what is loaded.
    (small_disk / "filling").write_bytes(b"x" * 1_500_000)
    with pytest.raises(NoSpace, match=str(small_disk)):
        build_foreign(paths, replace(settings, snapshots=small_disk, memory_quads=1000), lambda _: None)
    assert [path.name for path in small_disk.iterdir() if path.name != "journal"] == ["filling"]


@pytest.mark.parametrize("arguments", [["data.nt"], []], ids=["files", "the graph"])
def test_folder_that_cannot_be_written_is_one_sentence(read_only, files, tmp_path, arguments):
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(read_only / "here")}
    command = [sys.executable, "-m", "kouan", "serve", "--port", "0", *(str(tmp_path / each) for each in arguments)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert run.returncode == 1
    assert f"{read_only}" in run.stderr
    assert "KOUAN_SNAPSHOTS" in run.stderr
    assert "Traceback" not in run.stderr


def test_build_of_another_is_left_alone_and_what_a_dead_one_left_is_removed(tmp_path):
    program = (
        "from kouan.snapshot.layout import unfinished; from pathlib import Path; import time\n"
        f"with unfinished(Path({str(tmp_path)!r})): print('building', flush=True); time.sleep(60)"
    )
    prefix = ["unshare", "--pid", "--fork", "--kill-child"] if os.geteuid() == 0 and shutil.which("unshare") else []
    with subprocess.Popen([*prefix, sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "building\n"
        [theirs] = tmp_path.glob(".unfinished-*")
        with unfinished(tmp_path) as ours:
            assert theirs.exists()
            assert ours.exists()
        other.kill()
    for _ in range(50):
        with unfinished(tmp_path):
            pass
        if not theirs.exists():
            return
    raise AssertionError("what was left behind stays")


def test_snapshot_of_named_graphs_is_opened_as_it_was_built(tmp_path):
    (tmp_path / "data.nq").write_text("".join(f"<urn:s{i}> <urn:p> <urn:o> <urn:g{i % 3}> .\n" for i in range(300)))
    settings = replace(read_settings({}), snapshots=tmp_path / "snapshots")
    opened = open_latest(build_foreign([tmp_path / "data.nq"], settings, lambda _: None), settings)
    assert opened.snapshot.graphs == {"urn:g0": 100, "urn:g1": 100, "urn:g2": 100}
    assert len(opened.data.store) == 600
