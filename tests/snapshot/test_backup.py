"""What is served is copied into one file while it is written to, and comes back as it was, or not at all."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kouan.history.journal import Journal
from kouan.settings import read_settings
from kouan.snapshot.backup import restore

PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"
TOKEN = "open-sesame-open"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }"


def kouan(snapshots, *arguments):
    command = [sys.executable, "-m", "kouan", *map(str, arguments)]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(snapshots)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def write(address, number):
    update = f"INSERT DATA {{ <urn:s{number}> <urn:p> {number} }}"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}
    return httpx.post(f"{address}/update", content=update, headers=headers, trust_env=False, timeout=30).status_code


def counted(address):
    answer = httpx.get(f"{address}/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"}, trust_env=False)
    return int(answer.text.split()[1]), answer.headers["kouan-version"]


@pytest.fixture(scope="module")
def served(start, tmp_path_factory):
    """A backup that was made while a client wrote, the folder it was made of, and the version and the count of its history."""
    folder = tmp_path_factory.mktemp("served")
    file = folder / "backup.tar"
    snapshots = folder / "snapshots"
    with start([str(PORTS)], {"KOUAN_SNAPSHOTS": str(snapshots), "KOUAN_TOKEN": TOKEN}) as address:
        assert {write(address, number) for number in range(5)} <= {200, 204}
        told, more = [], threading.Event()

        def go_on():
            number = 100
            while not more.is_set():
                told.append(write(address, number))
                number += 1

        writer = threading.Thread(target=go_on)
        writer.start()
        made = kouan(snapshots, "backup", file)
        more.set()
        writer.join()
        assert made.returncode == 0, made.stderr
        assert set(told) <= {200, 204}
    return file, snapshots


def test_backup_beside_writes_is_a_version_and_is_served_where_it_was_restored(served, start, tmp_path):
    file, _ = served
    back = kouan(tmp_path, "restore", file)
    assert back.returncode == 0, back.stderr
    writes = int(back.stdout.split(" writes")[0].split()[-1])
    assert writes >= 5
    with start([str(PORTS)], {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_TOKEN": TOKEN}) as address:
        number, version = counted(address)
        assert number == writes
        history = httpx.get(f"{address}/history", headers={"Accept": "application/json"}, trust_env=False).json()
        assert version in json.dumps(history)
        assert write(address, 9999) in {200, 204}
    assert kouan(tmp_path, "doctor").returncode == 0


def test_restored_twice_is_no_other_history_and_another_one_is_not_replaced_unasked(served, tmp_path):
    file, _ = served
    assert kouan(tmp_path, "restore", file).returncode == 0
    assert kouan(tmp_path, "restore", file).returncode == 0
    (journal,) = [path for path in (tmp_path / "journal").iterdir() if path.is_dir()]
    last = sorted(journal.glob("0*.rdfp"))[-1]
    last.unlink()
    refused = kouan(tmp_path, "restore", file)
    assert refused.returncode == 1
    assert "--overwrite" in refused.stderr
    assert not last.exists()
    assert kouan(tmp_path, "restore", file, "--overwrite").returncode == 0
    assert last.exists()
    assert any(".before-" in path.name for path in (tmp_path / "journal").iterdir())


def test_who_is_killed_while_a_history_is_brought_back_leaves_one_of_the_two(served, tmp_path, monkeypatch):
    file, _ = served
    assert kouan(tmp_path, "restore", file).returncode == 0
    (journal,) = [path for path in (tmp_path / "journal").iterdir() if path.is_dir()]
    sorted(journal.glob("0*.rdfp"))[-1].unlink()
    rename, found = Path.rename, []

    def look(self, target):
        found.append(Journal(journal).check().number)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", look)
    settings = replace(read_settings({}), snapshots=tmp_path)
    restore(settings, file, over=True)
    assert found
    assert 0 not in found


def test_backup_is_not_written_over_unasked(served, tmp_path):
    file, snapshots = served
    before = file.read_bytes()
    assert kouan(snapshots, "backup", file).returncode == 1
    assert file.read_bytes() == before


def test_what_a_backup_that_was_killed_left_goes_with_the_next_one(served, tmp_path):
    _, snapshots = served
    left, held = tmp_path / ".b.tar.unfinished-7", tmp_path / ".b.tar.unfinished-8"
    left.write_bytes(b"half")
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert kouan(snapshots, "backup", tmp_path / "b.tar").returncode == 0
    assert sorted(tmp_path.iterdir()) == [held, tmp_path / "b.tar"]


def altered(file, target, change):
    """Copy a tar, its members changed; None leaves one out."""
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()
            changed = change(member.name, content)
            if changed is not None:
                member.name, content = changed
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("which", ["rdfp", "source"])
@pytest.mark.parametrize("how", ["left out", "a byte"])
def test_what_was_altered_is_named_and_nothing_is_brought_back(served, tmp_path, which, how):
    def change(name, content):
        if which not in name:
            return name, content
        return None if how == "left out" else (name, content[:40] + b"?" + content[41:])

    altered(served[0], tmp_path / "bad.tar", change)
    found = kouan(tmp_path / "s", "restore", tmp_path / "bad.tar")
    assert found.returncode == 1
    assert which in found.stderr
    assert not [path for path in (tmp_path / "s").rglob("*") if path.is_file()]


def test_cut_file_and_other_files_are_no_backup(served, tmp_path):
    whole = served[0].read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "other.tar").write_bytes(b"no tar at all" * 100)
    for name in ("cut.tar", "other.tar"):
        found = kouan(tmp_path / "s", "restore", tmp_path / name)
        assert found.returncode == 1
        assert name in found.stderr
        assert "Traceback" not in found.stderr
    assert not [path for path in (tmp_path / "s").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["snapshots/../../outside", "/etc/outside", "journal/../x/outside"])
def test_names_that_lead_elsewhere_are_refused(served, tmp_path, name):
    def change(each, content):
        if each == "contents.json":
            said = json.loads(content)
            said["files"] = {name: "0" * 64}
            return each, json.dumps(said).encode()
        return name, content

    altered(served[0], tmp_path / "bad.tar", change)
    assert kouan(tmp_path / "s", "restore", tmp_path / "bad.tar").returncode == 1
    assert not list(tmp_path.rglob("outside"))


def test_disk_that_is_full_is_told_and_leaves_no_half(served, small_disk):
    _, snapshots = served
    (small_disk / "filler").write_bytes(b"0" * 2_080_000)
    found = kouan(snapshots, "backup", small_disk / "backup.tar")
    assert found.returncode == 1
    assert "full" in found.stderr
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_history_comes_back_to_a_disk_of_its_own(served, small_disk, tmp_path, start):
    file, _ = served[:2]
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_JOURNAL": str(small_disk / "j"), "KOUAN_TOKEN": TOKEN}
    command = [sys.executable, "-m", "kouan", "restore", str(file), "--overwrite"]
    for _ in range(2):
        found = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")
        with start([str(PORTS)], environment) as address:
            count, _ = counted(address)
            assert write(address, 7000 + count) == 200
    [standing, aside] = sorted((small_disk / "j").iterdir())
    assert aside.name.startswith(f"{standing.name}.before-")
    assert len(Journal(aside).numbers()) == len(Journal(standing).numbers())


def test_what_a_restore_that_was_killed_left_is_gone_with_the_next_server(tmp_path, start):
    folder, environment = tmp_path / "s", {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": TOKEN}
    with start([str(PORTS)], environment):
        pass
    # There is nothing that the next one has to build.
    for left in (folder / ".unfinished-abc" / "journal", folder / "journal" / ".unfinished-abc" / "0123456789abcdef"):
        left.mkdir(parents=True)
        (left / "000001.rdfp").write_text("half", encoding="utf-8")
    with start([str(PORTS)], environment) as address:
        assert write(address, 1) == 200
        assert [each for each in folder.rglob("*") if "unfinished" in each.name] == []
