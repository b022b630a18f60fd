"""A history that does not hold is named with its number and file, and served read-only on the last version that does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest
from watched import named, wait_until

from kouan.errors import SnapshotError
from kouan.history.journal import Journal
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.opening import open_latest, why_read_only
from kouan.snapshot.pruning import compact

TOKEN = "let-me-write"
SEPARATORS = "\u2028\u2029\u0085\x0b\x0c\x1c\x1e\ufffe\U0010ffff"


@pytest.fixture
def written(tmp_path, start):
    """The folder of files to which four writes were made, and the environment of a server of them."""
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "1"}
    with start([str(tmp_path / "data.ttl")], environment) as address, client_of(address) as client:
        for number in range(1, 5):
            assert put(client, f"<urn:n> <urn:p> {number} .").status_code in {200, 201}
    return tmp_path, environment


def client_of(address):
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30, trust_env=False)


def doctor(address, snapshots):
    """What a doctor says to mend who has data of his own and asks the server at an address."""
    environment = os.environ | {"KOUAN_PORT": address.rpartition(":")[2], "KOUAN_SNAPSHOTS": str(snapshots)}
    command = [sys.executable, "-m", "kouan", "doctor"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def put(client, turtle):
    return client.put("/data?graph=urn:g", content=turtle.encode(), headers={"Content-Type": "text/turtle"})


def value(client):
    query = {"query": "SELECT ?o { GRAPH <urn:g> { <urn:n> <urn:p> ?o } }", "format": "csv"}
    return client.get("/sparql", params=query).text.split()[1:]


def journal_in(folder):
    return Journal(next(path for path in (folder / "snapshots" / "journal").iterdir() if path.is_dir()))


def lose(journal, number):
    journal.path(number).unlink()


def swap(journal, number):
    one, other, kept = journal.path(number), journal.path(number + 1), journal.folder / "kept"
    one.rename(kept), other.rename(one), kept.rename(other)


def alter(journal, number):
    path = journal.path(number)
    path.write_text(path.read_text().replace(f'"{number}"^^', f'"{number + 5}"^^'))


def cut(journal, number):
    path = journal.path(number)
    text = path.read_text()
    path.write_text(text[: text.rindex("\n", 0, len(text) // 2) + 1])


def replay(journal, number):
    shutil.copy(journal.path(number - 1), journal.path(number))


@pytest.mark.parametrize("number", [3, 4])
@pytest.mark.parametrize("spoil", [lose, alter, cut, replay])
def test_entry_that_is_not_as_it_was_is_named_and_nothing_after_it_is_served(written, start, spoil, number):
    folder, environment = written
    journal = journal_in(folder)
    spoil(journal, number)
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert value(client) == [str(number - 1)]
        refused = put(client, "<urn:n> <urn:p> 9 .")
        assert refused.status_code in {403, 503}
        assert f"write {number}" in refused.json()["detail"]
        assert journal.path(number).name in refused.json()["detail"]
    assert journal.check().number == number - 1


def test_entries_that_were_swapped_are_named(written):
    journal = journal_in(written[0])
    swap(journal, 2)
    assert "write 3 stands in the place of write 2" in journal.check().fault


def test_history_that_is_gone_is_missed(written, start):
    folder, _ = written
    settings = replace(read_settings({}), snapshots=folder / "snapshots", token=TOKEN)
    files = [folder / "data.ttl"]
    journal = journal_in(folder)
    snapshot = compact(journal, lambda: build_foreign(files, settings, lambda _: None, again=True), settings).snapshot
    shutil.rmtree(journal.folder)
    opened = open_latest(build_foreign(files, settings, lambda _: None), settings)
    assert opened.snapshot.version == snapshot.version
    assert "write 1 is missing, and so is all to 4" in why_read_only(opened)
    # The snapshot that the writes are in misses them, too.
    [noted] = (folder / "snapshots" / ".told").iterdir()
    noted.unlink()
    opened = open_latest(build_foreign(files, settings, lambda _: None), settings)
    assert opened.snapshot.version == snapshot.version
    assert "ends at write 0" in why_read_only(opened)


def test_history_whose_folder_is_gone_is_missed_and_whoever_wants_to_begin_anew_can(written, start):
    folder, environment = written
    shutil.rmtree(folder / "snapshots" / "journal")
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 9 .").status_code == 403
        said = client.get("/ready").text
        assert "write 1 is missing, and so is all to 4" in said
        [noted] = (folder / "snapshots" / ".told").iterdir()
        assert str(noted) in doctor(address, folder / "snapshots")
    noted.unlink()
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 9 .").status_code == 201
        assert value(client) == ["9"]


def test_backup_from_before_some_writes_is_brought_back_and_they_are_not_missed(written, start):
    folder, environment = written
    kouan = [sys.executable, "-m", "kouan"]
    settings = {"env": os.environ | environment, "check": True, "capture_output": True}
    subprocess.run([*kouan, "backup", folder / "backup.tar"], **settings)
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 5 .").status_code == 200
    shutil.rmtree(folder / "snapshots" / "journal")
    subprocess.run([*kouan, "restore", folder / "backup.tar"], **settings)
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert value(client) == ["4"]
        assert put(client, "<urn:n> <urn:p> 6 .").status_code == 200


def test_entry_that_is_altered_while_it_is_served_is_told_once_somebody_has_to_read_it(written, start):
    folder, environment = written
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 5 .").status_code == 200
        journal = journal_in(folder)
        kept = journal.path(5).read_bytes()
        journal.path(5).write_bytes(kept.replace(b"urn:n", b"urn:m"))
        for name in ("writer", "forker"):
            for pid in named(address, name):
                os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: "write 5" in client.get("/ready").text, 20)
        assert value(client) == ["4"]
        refused = put(client, "<urn:n> <urn:p> 6 .")
        assert (refused.status_code, "does not hold" in refused.json()["detail"]) == (403, True)


@pytest.mark.parametrize("killed", ["nobody", "writer"])
def test_folder_that_is_moved_away_stops_writes_and_no_read_until_it_is_back(written, start, killed):
    folder, environment = written
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 5 .").status_code == 200
        (folder / "snapshots").rename(folder / "away")
        for pid in named(address, killed):
            os.kill(pid, signal.SIGKILL)
        refused = put(client, "<urn:n> <urn:p> 6 .")
        assert refused.status_code == 503
        assert str(folder / "snapshots") in refused.json()["detail"]
        # Who looks after the server hears of it too, whether he asks it or the doctor.
        assert client.get("/ready").text.startswith(f"ready, read only: The folder {folder / 'snapshots'}")
        assert "see to what it says" in doctor(address, folder / "of-the-doctor")
        # Nobody is told that a write was not made because it cannot be looked up.
        for path in ("/history", "/history/5", "/history?id=one"):
            unknown = client.get(path, headers={"Accept": "application/json"})
            assert (unknown.status_code, str(folder) in unknown.json()["detail"]) == (503, True), path
        evaluators = {*named(address, "evaluator")}
        for pid in evaluators:
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not evaluators & {*named(address, "evaluator")}, 20)
        assert value(client) == ["5"]
        assert not (folder / "snapshots").exists()
        (folder / "away").rename(folder / "snapshots")
        assert client.get("/ready").text == "ready\n"
        assert put(client, "<urn:n> <urn:p> 7 .").status_code == 200
        assert value(client) == ["7"]
        assert len(client.get("/history", headers={"Accept": "application/json"}).json()["commits"]) == 6


def test_server_refuses_to_start_where_it_is_told_to(written):
    folder, environment = written
    alter(journal_in(folder), 2)
    command = [sys.executable, "-m", "kouan", "serve", "--port", "0", str(folder / "data.ttl")]
    run = subprocess.run(
        command,
        env=os.environ | environment | {"KOUAN_JOURNAL_BROKEN": "refuse"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "000002.rdfp" in run.stderr
    assert "Traceback" not in run.stderr
    doctor = [sys.executable, "-m", "kouan", "doctor"]
    told = subprocess.run(doctor, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "000002.rdfp was altered" in told.stdout


def test_history_that_was_compacted_says_the_same_and_goes_on(written, start):
    folder, environment = written
    settings = replace(
        read_settings({}),
        snapshots=folder / "snapshots",
        token=TOKEN,
        history_writes=1,
        history_days=0,
        snapshots_kept=1,
    )
    journal = journal_in(folder)
    before = open_latest(build_foreign([folder / "data.ttl"], settings, lambda _: None), settings)
    told = compact(
        journal, lambda: build_foreign([folder / "data.ttl"], settings, lambda _: None, again=True), settings
    )
    assert (told.folded, journal.numbers()) == (3, [4])
    assert told.snapshot.version == before.snapshot.version
    assert len(list((folder / "snapshots").glob("[0-9a-f]*/snapshot.json"))) == 1
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert value(client) == ["4"]
        assert put(client, "<urn:n> <urn:p> 5 .").json()["commit"] == 5
        assert client.post("/history/5/revert").json()["commit"] == 6
        assert client.post("/history/2/revert").status_code == 404
    assert not journal.check().fault
    # Even from the files alone what was folded comes back.
    rebuilt = open_latest(build_foreign([folder / "data.ttl"], settings, lambda _: None, again=True), settings)
    assert {str(quad) for quad in rebuilt.data.quads("urn:g")} == {str(quad) for quad in before.data.quads("urn:g")}


def test_files_that_change_keep_what_was_written(written, start):
    folder, environment = written
    (folder / "data.ttl").write_text("<urn:a> <urn:p> 2 .\n", encoding="utf-8")
    for number in (5, 6):
        with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
            assert value(client) == [str(number - 1)]
            assert put(client, f"<urn:n> <urn:p> {number} .").status_code == 200
    assert journal_in(folder).check().number == 6


def test_every_sign_of_unicode_survives_a_write_a_revert_and_a_restart(written, start):
    folder, environment = written
    literal = SEPARATORS.replace("\\", "")
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, f'<urn:n> <urn:p> "a{literal}b"@en, 007 .').json()["commit"] == 5
        assert put(client, "<urn:n> <urn:p> 1 .").json()["commit"] == 6
        assert client.post("/history/6/revert").json()["commit"] == 7
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        found = client.get("/sparql", params={"query": "SELECT ?o { GRAPH <urn:g> { <urn:n> <urn:p> ?o } }"}).json()
        assert f"a{literal}b" in {row["o"]["value"] for row in found["results"]["bindings"]}
        assert '"007"' in client.get("/dump/kouan.nq").text


def test_graph_that_was_emptied_is_told_the_same_before_and_after_a_restart(written, start):
    folder, environment = written
    told = []
    for _ in range(2):
        with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
            client.post("/update", data={"update": "CLEAR GRAPH <urn:g>"})
            listed = client.get("/sparql", params={"query": "SELECT ?g { GRAPH ?g {} }", "format": "csv"}).text
            told.append(
                (client.head("/data?graph=urn:g").status_code, listed, client.get("/history").json()["version"])
            )
    assert told[0] == told[1]
    assert told[0][0] == 404


def test_full_disk_is_said_and_writes_go_on_when_there_is_room(small_disk, start, tmp_path):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(small_disk), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "1"}
    with start([str(tmp_path / "data.ttl")], environment) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 1 .").status_code == 201
        (small_disk / "filling").write_bytes(b"x" * (2_000_000 - 200_000))
        large = "".join(f'<urn:n> <urn:p> "{"x" * 1000}{number}" .\n' for number in range(1000))
        for _ in range(3):
            full = put(client, large)
            assert full.status_code == 507
            assert str(small_disk) in full.json()["detail"]
        assert value(client) == ["1"]
        (small_disk / "filling").unlink()
        assert put(client, "<urn:n> <urn:p> 2 .").json()["commit"] == 2
    with start([str(tmp_path / "data.ttl")], environment) as address, client_of(address) as client:
        assert value(client) == ["2"]


@pytest.mark.parametrize("is_written", [True, False], ids=["a history", "none yet"])
def test_disk_that_is_read_only_serves_and_says_so(small_disk, start, tmp_path, capfd, is_written):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(small_disk), "KOUAN_TOKEN": TOKEN, "KOUAN_WORKERS": "1"}
    first = environment if is_written else environment | {"KOUAN_JOURNAL": str(tmp_path / "journal")}
    with start([str(tmp_path / "data.ttl")], first) as address, client_of(address) as client:
        assert put(client, "<urn:n> <urn:p> 1 .").status_code == 201
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with start([str(tmp_path / "data.ttl")], environment) as address, client_of(address) as client:
        assert f"read only: The file system that holds {small_disk}" in client.get("/ready").text
        assert f"The file system that holds {small_disk}" in capfd.readouterr().err
        assert value(client) == (["1"] if is_written else [])
        refused = put(client, "<urn:n> <urn:p> 2 .")
        assert (refused.status_code, str(small_disk) in refused.json()["detail"]) == (403, True)
        assert client.get("/history").status_code == 200


def test_journal_of_another_that_writes_is_refused(written):
    journal = journal_in(written[0])
    with journal.held():
        program = (
            "from pathlib import Path; from kouan.history.journal import Journal\n"
            f"with Journal(Path({str(journal.folder)!r})).held(): pass"
        )
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Another server writes" in run.stderr
    with journal.held():
        pass


def test_lock_goes_with_its_process_whoever_was_forked_from_it(written):
    journal = journal_in(written[0])
    program = (
        f"import os, time; from pathlib import Path; from kouan.history.journal import Journal\n"
        f"with Journal(Path({str(journal.folder)!r})).held():\n"
        "    if os.fork() == 0: time.sleep(30)\n"
        "    else: print('held', flush=True); time.sleep(30)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            assert run.stdout.readline() == "held\n"
            with pytest.raises(SnapshotError), journal.held():
                pass
            run.kill()
            run.wait()
            with journal.held():
                pass
        finally:
            os.killpg(run.pid, 9)
