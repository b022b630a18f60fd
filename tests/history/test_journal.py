"""The entries of a journal follow from each other, and whatever does not is named with its number and file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kouan.errors import NoSpace, SnapshotError, SourceError
from kouan.history import journal as journals
from kouan.history.entry import Commit, Entry
from kouan.history.journal import Journal
from kouan.history.patch import Patch


def patch(number: int) -> Patch:
    return Patch((Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(number)),))


def written(folder, count: int, *, who: str = "me", base: str = "base") -> Journal:
    folder.mkdir()
    journal, head = Journal(folder), ""
    for number in range(1, count + 1):
        head = append(journal, number, head, who=who, base=base)
    return journal


def append(journal: Journal, number: int, previous: str, **said) -> str:
    told = {"who": "me", "when": "2026-01-01T00:00:00Z", "why": "", "before": f"v{number - 1}", "version": f"v{number}"}
    told |= {"added": 1, "removed": 0, "base": "base", "previous": previous}
    return journal.append(Entry(Commit(number=number, **(told | said)), patch(number)))


def test_whole_journal_holds(tmp_path):
    chain = written(tmp_path / "j", 5).check()
    assert (chain.number, chain.version, chain.fault) == (5, "v5", "")


def test_what_is_written_while_it_is_checked_is_no_fault(tmp_path):
    journal = written(tmp_path / "j", 1)

    def write() -> None:
        head = journal.checksum(1)
        for number in range(2, 25):
            head = append(journal, number, head)

    writer = threading.Thread(target=write)
    writer.start()
    faults = set()
    while writer.is_alive():
        faults.add(Journal(journal.folder).check().fault)
    writer.join()
    assert faults == {""}
    assert journal.check().number == 24


def test_entry_of_another_history_is_named(tmp_path):
    journal, other = written(tmp_path / "one", 4), written(tmp_path / "other", 4, who="somebody")
    journal.path(3).write_bytes(other.path(3).read_bytes())
    chain = journal.check()
    assert chain.number == 2
    assert "000003.rdfp: write 3 was not made after write 2" in chain.fault


def test_last_entries_that_are_gone_are_missed(tmp_path):
    journal = written(tmp_path / "j", 4)
    journal.path(3).unlink()
    journal.path(4).unlink()
    assert "write 3 is missing, and so is all to 4" in journal.check().fault


def test_write_on_another_version_is_named_unless_the_files_are_others(tmp_path):
    journal = written(tmp_path / "j", 2)
    head = append(journal, 3, journal.checksum(2), before="another", base="changed")
    assert not journal.check().fault
    append(journal, 4, head, before="yet another", base="changed")
    assert "write 4 was made on another version" in journal.check().fault


def test_write_never_takes_the_place_of_another(tmp_path):
    journal = written(tmp_path / "j", 2)
    before = journal.path(2).read_bytes()
    with pytest.raises(SnapshotError, match="is there already"):
        append(journal, 2, journal.checksum(1), who="late")
    assert journal.path(2).read_bytes() == before
    assert not list(journal.folder.glob("*.unfinished*"))


def test_write_that_is_not_read_back_is_none(tmp_path, monkeypatch):
    journal = written(tmp_path / "j", 1)
    monkeypatch.setattr(journals.os, "fsync", lambda _: next(journal.folder.glob("*unfinished*")).write_text("spoilt"))
    with pytest.raises(SourceError):
        append(journal, 2, journal.checksum(1))
    assert journal.numbers() == [1]


def test_write_is_durable_before_it_is_told(tmp_path, monkeypatch):
    journal = written(tmp_path / "j", 1)
    synced = []
    fsync = os.fsync

    def note(handle):
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    monkeypatch.setattr(journals.os, "fsync", note)
    append(journal, 2, journal.checksum(1))
    assert "000002.unfinished" in synced[0]
    assert synced[1] == str(journal.folder)


def test_full_disk_names_the_folder_and_leaves_nothing(small_disk):
    journal = written(small_disk / "j", 1)
    (small_disk / "filling").write_bytes(b"x" * 1_900_000)
    large = Patch(tuple(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("x" * 1000 + str(i))) for i in range(500)))
    commit = Commit(2, "me", "now", "", "v1", "v2", 500, 0, base="base", previous=journal.checksum(1))
    with pytest.raises(NoSpace, match=str(small_disk)):
        journal.append(Entry(commit, large))
    assert sorted(path.name for path in journal.folder.iterdir()) == ["000001.rdfp", "head.json"]


def test_entries_that_were_folded_count_as_one_and_the_rest_follows_from_it(tmp_path):
    journal = written(tmp_path / "j", 5)
    before = set(journal.written(5).added)
    journal.fold(3)
    assert journal.numbers() == [4, 5]
    assert set(journal.written(5).added) == before
    assert Journal(journal.folder).check().number == 5
    journal.fold(4)
    assert set(Journal(journal.folder).written(5).added) == before
    folded = journal.folder / "folded.rdfp"
    folded.write_text(folded.read_text().replace("urn:s", "urn:t"))
    assert "folded.rdfp was altered" in Journal(journal.folder).check().fault


def test_file_that_is_not_one_of_its_own_is_no_write(tmp_path):
    journal = written(tmp_path / "j", 2)
    (tmp_path / "j" / "².rdfp").write_bytes(b"")
    assert journal.numbers() == [1, 2]
    assert not journal.check().fault


@pytest.mark.parametrize("said", ["", "[" * 200_000, '{"number": 1e400}', '{"number": []}'])
def test_note_of_the_last_write_that_cannot_be_read_is_passed_over(tmp_path, said):
    journal = written(tmp_path / "j", 2)
    (tmp_path / "j" / "head.json").write_text(said, encoding="utf-8")
    chain = journal.check()
    assert (chain.number, chain.fault) == (2, "")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(("name", "number"), [("head.json", 2), ("000002.rdfp", 1)])
def test_pipe_in_the_place_of_a_file_keeps_nobody_waiting(tmp_path, name, number):
    journal = written(tmp_path / "j", 2)
    (tmp_path / "j" / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / "j" / name)
    chain = journal.check()
    assert (chain.number, name in chain.fault) == (number, number == 1)


def test_write_whose_folder_cannot_be_synced_is_told_as_not_made_and_is_not_there(tmp_path, monkeypatch):
    journal = written(tmp_path / "j", 1)

    def broken(path: Path) -> None:
        if path.is_dir():
            raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(journals, "to_disk", broken)
        with pytest.raises(SnapshotError):
            append(journal, 2, journal.checksum(1))
    assert journal.numbers() == [1]
    append(journal, 2, journal.checksum(1))
    assert journal.check().number == 2
