"""One commit point: what the log says is what everybody is told, whoever dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from watched import wait_until

from kouan.engine import local
from kouan.engine.local import LocalEngine
from kouan.errors import Busy, Conflict, DataGone, EngineFailure, RequestError, short_of
from kouan.history import journal
from kouan.processes.child import children_of
from kouan.processes.door import Door
from kouan.snapshot.versions import follow, say_moved, unpack_moves
from kouan.writes import work
from kouan.writes.asking import ask_writer
from kouan.writes.change import UPDATE, Write
from kouan.writes.policy import Author, policy_of
from kouan.writes.request import Request
from kouan.writes.work import DatasetState

INSERT = "INSERT DATA {{ <urn:n> <urn:p> {} }}"


def test_entry_alone_makes_a_write_whatever_its_writer_did_afterwards(dataset):
    dataset.update(INSERT.format(1))
    entry = dataset.journal.path(1).read_bytes()
    dataset.end()
    dataset.journal.path(1).unlink()
    (dataset.journal.folder / "head.json").unlink()
    dataset.journal._commits.clear()
    dataset.start()
    # A writer that had just recorded this died before it told anybody.
    dataset.journal.path(1).write_bytes(entry)
    dataset.kill()
    record = dataset.update(INSERT.format(2))
    assert record["commit"] == 2
    assert len(dataset.standing()) == 3


def test_write_is_sent_again_to_the_next_writer_and_made_once(dataset):
    timer = dataset.killed_after(0.005)
    records = [dataset.update(INSERT.format(number)) for number in range(5)]
    timer.join()
    assert [record["commit"] for record in records] == [1, 2, 3, 4, 5]
    assert len(dataset.standing()) == 6


def test_same_key_answers_with_the_same_write_and_other_content_is_a_conflict(dataset):
    first = dataset.update(INSERT.format(1), id="key")
    dataset.kill()
    assert dataset.update(INSERT.format(1), id="key") == first
    with pytest.raises(Conflict, match="Idempotency-Key"):
        dataset.update(INSERT.format(2), id="key")
    assert dataset.journal.numbers() == [1]


def test_write_that_changed_nothing_is_known_again_by_its_key(dataset):
    dataset.update(INSERT.format(1))
    first = dataset.update(INSERT.format(1), id="key")
    assert first["added"] == first["removed"] == 0
    dataset.update("DELETE DATA { <urn:n> <urn:p> 1 }")
    before = dataset.standing()
    assert dataset.update(INSERT.format(1), id="key") == first
    assert dataset.standing() == before
    with pytest.raises(Conflict, match="Idempotency-Key"):
        dataset.update(INSERT.format(2), id="key")
    # What was only asked of it is no write.
    dataset.update(INSERT.format(3), id="other", is_dry=True)
    assert dataset.update(INSERT.format(3), id="other")["commit"] == 3


def test_write_whose_client_went_away_while_others_were_before_it_is_not_made(dataset):
    rows = " ".join(f"<urn:s{number}> <urn:q> {number} ." for number in range(2000))
    dataset.update(f"INSERT DATA {{ {rows} }}")
    # A second or more, for no two of them can be joined.
    slow = "INSERT { <urn:n> <urn:r> ?n } WHERE { SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?a) < STR(?d)) } }"
    first = threading.Thread(target=dataset.update, args=(slow,))
    # Whoever worked the one before out may still be on its way.
    assert wait_until(lambda: not children_of(dataset.pid()), 20)
    first.start()
    assert wait_until(lambda: children_of(dataset.pid()), 20)
    with dataset.door.connect() as gone:
        gone.sendall(Request(Write(UPDATE, INSERT.format(1)), Author("me")).packed())
        time.sleep(0.5)
        assert first.is_alive()
    first.join()
    assert dataset.update(INSERT.format(2))["commit"] == 3


def test_process_that_could_not_read_the_log_for_a_while_says_so_and_then_comes_to_its_end(dataset, monkeypatch):
    forker = Door()
    engine = LocalEngine(dataset.opened.snapshot, forker, dataset.settings, writer=dataset.door, told=dataset.told)
    refused, followed = [], []
    monkeypatch.setattr(local, "follow", lambda door: followed.append(follow(door)) or followed[-1])

    def refuse(path):
        refused.append(path)
        raise short_of("file")

    async def follow_for_a_while():
        engine._loop = asyncio.get_running_loop()
        engine._follow()
        with monkeypatch.context() as patched:
            patched.setattr(journal, "text_of", refuse)
            await asyncio.to_thread(dataset.update, INSERT.format(1))
            assert (len(refused) > 0, engine.snapshot.number) == (True, 0)
            # Whoever was told of the write is not answered without it.
            with pytest.raises(Busy):
                await asyncio.to_thread(engine.keep_up)
        await asyncio.to_thread(engine.keep_up)
        assert engine.snapshot.number == 1

    # A browser that is driven in this thread has a loop in it.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, follow_for_a_while()).result(30)
    followed[-1].close()
    forker.close()


def test_what_those_left_that_were_killed_over_it_is_gone_with_the_next_writer(dataset):
    dataset.update(INSERT.format(1))
    for name in ("000002.unfinished-77", "head.unfinished-77"):
        (dataset.journal.folder / name).write_bytes(b"half")
    dataset.kill()
    assert dataset.update(INSERT.format(2))["commit"] == 2
    assert [path.name for path in dataset.journal.folder.iterdir() if "unfinished" in path.name] == []


def test_who_worked_a_write_out_for_a_writer_that_was_killed_says_nothing_of_it(dataset):
    opened = dataset.opened
    policy = policy_of(opened.snapshot, opened.data, dataset.settings)
    standing = DatasetState(opened.snapshot, opened.data, opened.head, policy)
    reader, writer = os.pipe()
    os.close(reader)
    # What is raised here stands in the log, and no operator can do anything about it.
    work._say(standing, Request(Write(UPDATE, INSERT.format(1)), Author("me")), dataset.settings, writer)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(writer)


def test_follower_hears_numbers_and_reads_the_log_itself(dataset):
    dataset.update(INSERT.format(1))
    channel = follow(dataset.door)
    first = unpack_moves(channel.receive_within(5).head, 0)
    assert [move.number for move in first] == [1]
    done = threading.Thread(target=dataset.update, args=(INSERT.format(2),))
    done.start()
    message = channel.receive_within(5)
    assert len(message.head) < 500
    [move] = unpack_moves(message.head, 1)
    say_moved(channel, move.number)
    done.join()
    channel.close()
    data = dataset.opened.data
    for each in (*first, move):
        each.make(data)
    assert {str(quad) for quad in data.all_quads()} == dataset.standing()
    assert move.snapshot.triples == len(data.store) == 3


@pytest.mark.alone
def test_follower_that_does_not_answer_holds_up_one_write_for_a_second_and_no_other(dataset):
    with contextlib.closing(follow(dataset.door)):
        started = time.monotonic()
        dataset.update(INSERT.format(1))
        assert time.monotonic() - started < 2.5
        started = time.monotonic()
        for number in range(2, 6):
            dataset.update(INSERT.format(number))
        assert time.monotonic() - started < 1.0 * 4


@pytest.mark.parametrize("what", ["journal", "snapshots"])
def test_folder_that_vanishes_stops_writes_with_words(dataset, what):
    dataset.update(INSERT.format(1))
    shutil.rmtree(dataset.settings.journals if what == "journal" else dataset.settings.snapshots)
    with pytest.raises(DataGone, match="removed or replaced"):
        dataset.update(INSERT.format(2))
    assert not dataset.journal.folder.exists()


def test_folder_that_is_replaced_stops_writes_until_it_is_back(dataset):
    dataset.update(INSERT.format(1))
    folder = dataset.journal.folder
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    with pytest.raises(DataGone):
        dataset.update(INSERT.format(2))
    folder.rmdir()
    folder.with_name("away").rename(folder)
    assert dataset.update(INSERT.format(2))["commit"] == 2


def test_writer_that_is_stopped_while_another_server_starts_replaces_nothing(dataset):
    dataset.update(INSERT.format(1))
    stopped = dataset.pid()
    os.kill(stopped, signal.SIGSTOP)
    try:
        with dataset.journal._lock(".writing") as taken:
            assert not taken
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_error_says_by_which_id_to_ask(dataset):
    dataset.end()
    with pytest.raises(RequestError, match="history\\?id=abc"):
        dataset.update(INSERT.format(1), id="abc")
    dataset.start()


def test_small_writes_take_little_room_and_leave_nothing_elsewhere(dataset):
    for number in range(100):
        dataset.update(INSERT.format(number))
    kept = [path for path in dataset.folder.rglob("*") if path.is_file() and "writer-" not in path.name]
    assert sum(path.stat().st_blocks * 512 for path in kept) < 2_000_000
    assert sorted({path.suffix for path in dataset.journal.folder.iterdir()}) == ["", ".json", ".rdfp"]


def test_write_that_a_failing_disk_neither_keeps_nor_gives_up_is_not_told_as_not_made(dataset, monkeypatch):
    fails, unlink = dataset.folder / "fails", Path.unlink

    def to_disk(path):
        if path.is_dir() and fails.exists():
            raise OSError(5, "Input/output error")

    def remove(path, **options):
        # As where the system mounts it for reading after such an error.
        if path.suffix == journal.SUFFIX and fails.exists():
            raise OSError(30, "Read-only file system")
        unlink(path, **options)

    monkeypatch.setattr(journal, "to_disk", to_disk)
    monkeypatch.setattr(Path, "unlink", remove)
    dataset.end()
    dataset.start()
    dataset.update(INSERT.format(0))
    fails.touch()
    with pytest.raises(EngineFailure, match="not known whether this write was made"):
        ask_writer(dataset.door, Request(Write(UPDATE, INSERT.format(1)), Author("me"), id="key"), 5)
    fails.unlink()
    assert dataset.update(INSERT.format(1), id="key")["commit"] == 2
    assert dataset.update(INSERT.format(2))["commit"] == 3
