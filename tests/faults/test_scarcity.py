"""What the system refuses while a server serves, processes and files, is told in words, and ends nobody."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from watched import family, named, wait_until

pytestmark = pytest.mark.alone
TOKEN = "a-secret-token"
DATA = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 97}> .\n" for i in range(1000))
LARGE = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000", "format": "csv"}
USER = "64321"
# Somebody who may read everything, for the tests may stand in a home of root's.
ABLE = "+dac_override,+dac_read_search"
NOBODY = ["setpriv", f"--reuid={USER}", "--clear-groups", f"--inh-caps={ABLE}", f"--ambient-caps={ABLE}"]


@contextlib.contextmanager
def running(tmp_path, within=(), **environment):
    """A server of some data, which ends well when it is asked to, whatever became of it by then."""
    tmp_path.chmod(0o777)
    (tmp_path / "data.nt").write_text(DATA, encoding="utf-8")
    port = free_port()
    command = [*within, sys.executable, "-m", "kouan", "serve", "--port", str(port), str(tmp_path / "data.nt")]
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": TOKEN, "HOME": str(tmp_path)} | environment
    address = f"http://127.0.0.1:{port}"
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=os.environ | settings, stderr=log) as process,
    ):
        try:
            with httpx.Client(base_url=address, trust_env=False, timeout=20) as client:
                assert wait_until(lambda: _status(client, "/ready") == 200, 30)
                yield address, client
            process.terminate()
            assert process.wait(20) == 0
        finally:
            for pid in family(address):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _status(client, path):
    with contextlib.suppress(httpx.TransportError):
        return client.get(path).status_code
    return None


def _allow(pids, limit, *within):
    for pid in pids:
        subprocess.run([*within, "prlimit", f"--pid={pid}", limit], check=True)


def _write(client, number):
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"}
    return client.post("/update", content=f"INSERT DATA {{ <urn:n> <urn:q> {number} }}", headers=headers)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_processes_that_cannot_be_had_end_nobody_and_come_when_they_can():
    # The folders of the tests are their owner's alone.
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running(Path(folder), NOBODY, KOUAN_WORKERS="1") as (address, client),
    ):
        log = Path(folder) / "log"
        everybody = family(address)
        _allow(everybody, "--nproc=1:", *NOBODY)
        told = _write(client, 1)
        assert (told.status_code, "no process more" in told.text) == (503, True)
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
        for name in ("writer", "http", "forker"):
            os.kill(named(address, name)[0], signal.SIGKILL)
        said = ("no HTTP process", "the writer could not", "the forker could not")
        assert wait_until(lambda: all(each in log.read_text() for each in said), 10)
        _allow(family(address), "--nproc=8000:", *NOBODY)
        assert wait_until(lambda: _status(client, "/ready") == 200, 10)
        assert _write(client, 2).status_code == 200
        assert client.get("/sparql", params={"query": "SELECT * { <urn:n> ?p ?o }", "format": "csv"}).text.split() == [
            "p,o",
            "urn:q,2",
        ]
        assert "Traceback" not in log.read_text()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_server_that_cannot_be_started_again_ends_when_it_is_asked_to():
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running(Path(folder), NOBODY, KOUAN_WORKERS="1") as (address, _),
    ):
        _allow(family(address), "--nproc=1:", *NOBODY)
        os.kill(named(address, "server")[0], signal.SIGKILL)
        assert wait_until(lambda: "the server could not be started" in (Path(folder) / "log").read_text(), 10)


def test_files_that_cannot_be_had_are_told_at_once_and_nothing_is_amiss_afterwards(tmp_path):
    with running(tmp_path, KOUAN_WORKERS="1", KOUAN_TIMEOUT="10") as (address, client):
        assert client.get("/sparql", params=LARGE).status_code == 200
        (http,) = named(address, "http")
        taken = max(int(each.name) for each in Path(f"/proc/{http}/fd").iterdir())
        statuses = set()
        # Whichever of the files that a large answer needs is refused; some that were open are closed by now.
        for more in range(-4, 8):
            _allow([http], f"--nofile={taken + more}:")
            answer = client.get("/sparql", params=LARGE | {"query": LARGE["query"] + f" # {more}"})
            statuses.add(answer.status_code)
            assert answer.status_code == 200 or "no file more" in answer.text, answer.text
            assert answer.elapsed.total_seconds() < 5
        assert 503 in statuses
        _allow([http], "--nofile=1000:")
        assert client.get("/sparql", params=LARGE | {"query": LARGE["query"] + " # after"}).status_code == 200
        assert _write(client, 1).status_code == 200


@pytest.mark.parametrize("name", ["writer", "http"])
def test_files_that_cannot_be_had_for_a_write_are_told_and_the_writer_goes_on(tmp_path, name):
    with running(tmp_path, KOUAN_WORKERS="1") as (address, client):
        assert _write(client, 0).status_code == 200
        (limited,), (writer,) = named(address, name), named(address, "writer")
        # What it has open is numbered without gaps, so that so many more are what it lacks.
        taken = len(list(Path(f"/proc/{limited}/fd").iterdir()))
        made, statuses = {0}, set()
        for more in range(-2, 8):
            _allow([limited], f"--nofile={taken + more}:")
            answer = _write(client, more + 10)
            statuses.add(answer.status_code)
            made |= {more + 10} if answer.status_code == 200 else set()
            assert answer.status_code == 200 or "no file more" in answer.text, answer.text
            assert answer.elapsed.total_seconds() < 10
            # Whoever is told of a write reads it, also where what follows the writes had lost them meanwhile.
            _allow([limited], "--nofile=1000:")
            assert _write(client, more + 100).status_code == 200
            made.add(more + 100)
            asked = {"query": "SELECT ?o { <urn:n> <urn:q> ?o }", "format": "csv"}
            rows = client.get("/sparql", params=asked).text.split()[1:]
            assert {int(row) for row in rows} == made
        assert 503 in statuses
        assert named(address, "writer") == [writer]


def test_large_answer_that_fills_the_disk_names_its_folder(start, small_disk, tmp_path):
    (tmp_path / "a.nt").write_text("".join(f"<urn:s{number}> <urn:p> <urn:o> .\n" for number in range(1000)))
    with start([str(tmp_path / "a.nt")], {"KOUAN_SNAPSHOTS": str(small_disk)}) as address:
        query = "SELECT * { ?s ?p ?o . ?t ?p ?o } LIMIT 300000"
        answer = httpx.get(f"{address}/sparql", params={"query": query}, timeout=60, trust_env=False)
        assert answer.status_code == 507
        assert f"The disk that holds {small_disk / '.spool'}" in answer.json()["detail"]
        assert httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, trust_env=False).status_code == 200
