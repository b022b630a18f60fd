"""A command that is killed or ended at any moment leaves what was there or what it was to make, whole, and nothing by halves."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from watched import family, named, wait_until

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]
QUADS, KILLS = 20_000, 4
TOKEN = "a-secret-token"
INSERT = "INSERT DATA {{ <urn:n> <urn:q> {} }}"


class Kept:
    """A folder of data and of what is kept of it, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data.nt"
        self.data.write_text("".join(f"<urn:s{i}> <urn:p> <urn:o{i % 97}> .\n" for i in range(QUADS)))
        self.snapshots = folder / "snapshots"
        self.environment = os.environ | {"KOUAN_TOKEN": TOKEN, "KOUAN_HISTORY_WRITES": "1", "KOUAN_HISTORY_DAYS": "0"}
        self.some = random.Random(seed := random.randrange(10**9))
        # Shown where a test fails.
        print(f"seed {seed}")

    def begun(self, *arguments: object, snapshots: Path | None = None) -> subprocess.Popen[str]:
        environment = self.environment | {"KOUAN_SNAPSHOTS": str(snapshots or self.snapshots)}
        command = [sys.executable, "-m", "kouan", *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def done(self, *arguments: object, snapshots: Path | None = None) -> str:
        with self.begun(*arguments, snapshots=snapshots) as process:
            said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said
        return said

    def killed(self, *arguments: object, snapshots: Path | None = None) -> None:
        """Kill the command at some moments of the time that it takes, which is measured first, on the way to its end."""
        started = time.monotonic()
        with self.begun(*arguments, snapshots=snapshots) as process:
            process.wait(120)
        took = time.monotonic() - started
        for _ in range(KILLS):
            with self.begun(*arguments, snapshots=snapshots) as process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    # It takes half a second to come so far that it does anything.
                    process.wait(self.some.uniform(0.5, 1.0) * took)
                process.kill()

    @contextlib.contextmanager
    def served(self, snapshots: Path | None = None, *, how: signal.Signals = signal.SIGTERM):
        port = free_port()
        process = self.begun("serve", "--port", port, self.data, snapshots=snapshots)
        try:
            with process, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
                assert wait_until(lambda: _status(client, "/ready") == 200, 60)
                yield client
                process.send_signal(how)
                assert process.wait(30) == (0 if how == signal.SIGTERM else -how)
        finally:
            for pid in family(f"http://127.0.0.1:{port}"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def write(self, client: httpx.Client, text: str) -> None:
        headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"}
        assert client.post("/update", content=text, headers=headers).status_code == 200

    def left(self) -> list[str]:
        """What those that were killed left."""
        names = [str(path.relative_to(self.folder)) for path in self.folder.rglob("*")]
        return [name for name in names if "unfinished" in name or "/.server-" in name]


def _status(client, path):
    with contextlib.suppress(httpx.TransportError):
        return client.get(path).status_code
    return None


def numbers(client):
    query = {"query": "SELECT ?o { <urn:n> <urn:q> ?o }", "format": "csv"}
    return sorted(map(int, client.get("/sparql", params=query).text.split()[1:]))


def counted(client):
    query = {"query": "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }", "format": "csv"}
    return int(client.get("/sparql", params=query).text.split()[1])


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path)


def test_start_that_is_killed_leaves_the_whole_or_nothing(kept):
    for number in range(KILLS):
        # Each builds what no other one did.
        with kept.data.open("a") as file:
            file.write(f"<urn:more> <urn:p> <urn:m{number}> .\n")
        with kept.begun("serve", "--port", free_port(), kept.data) as process:
            time.sleep(kept.some.uniform(0.5, 2.0))
            process.kill()
        with kept.served() as client:
            assert counted(client) == QUADS + number + 1
            kept.write(client, INSERT.format(number))
            assert numbers(client) == [*range(number + 1)]
    assert not kept.left()


def test_history_that_is_compacted_or_reverted_while_it_is_killed_is_whole(kept):
    with kept.served() as client:
        for number in range(12):
            kept.write(client, INSERT.format(number))
    kept.killed("history", "--compact", kept.data)
    with kept.served() as client:
        assert numbers(client) == [*range(12)]
        kept.write(client, INSERT.format(12))
        kept.write(client, INSERT.format(13))
    kept.killed("revert", 13, kept.data)
    kept.done("history", "--compact", kept.data)
    with kept.served() as client:
        assert numbers(client) in ([*range(12), 13], [*range(14)])
        assert counted(client) == QUADS
    assert not kept.left()


def test_backup_or_restore_that_is_killed_leaves_the_whole_or_nothing(kept, tmp_path):
    with kept.served() as client:
        for number in range(5):
            kept.write(client, INSERT.format(number))
    backup, elsewhere = tmp_path / "backup.tar", tmp_path / "elsewhere"
    kept.killed("backup", backup, "--overwrite")
    kept.killed("restore", backup, "--overwrite", snapshots=elsewhere)
    kept.done("restore", backup, "--overwrite", snapshots=elsewhere)
    with kept.served(elsewhere) as client:
        assert numbers(client) == [*range(5)]
        assert counted(client) == QUADS
        kept.write(client, INSERT.format(5))
    # What stands there by now is moved aside, and what is brought back is there whichever was killed.
    kept.killed("restore", backup, "--overwrite", snapshots=elsewhere)
    with kept.served(elsewhere) as client:
        assert numbers(client) == [*range(5)]
    kept.done("backup", backup, "--overwrite")
    assert not kept.left()


@pytest.mark.parametrize("address", ["port", "file"])
def test_who_is_asked_to_end_while_it_starts_ends_well_and_leaves_nothing(kept, tmp_path, address):
    for _ in range(4):
        kept.data.write_text(kept.data.read_text() + f'<urn:more> <urn:p> "{kept.some.random()}" .\n')
        where = ("--port", free_port()) if address == "port" else ("--host", f"unix:{tmp_path / 'socket'}")
        with kept.begun("serve", *where, kept.data) as process:
            # As soon as there is anything that it could leave.
            assert wait_until(lambda: (kept.snapshots.exists() and kept.left()) or (tmp_path / "socket").exists(), 30)
            time.sleep(kept.some.uniform(0, 0.5))
            process.terminate()
            assert process.wait(30) == 0
        assert not kept.left()
        assert not (tmp_path / "socket").exists()


def test_command_that_is_asked_to_end_puts_away_what_it_began(kept, tmp_path):
    with kept.served() as client:
        kept.write(client, INSERT.format(1))
    process = kept.begun("history", "--compact", kept.data)
    with process:
        assert wait_until(kept.left, 30)
        process.terminate()
        assert process.wait(30) == 143
    assert not kept.left()


def test_server_that_is_killed_before_it_served_anybody_is_started_again(kept):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with kept.begun("serve", "--port", port, kept.data) as process, httpx.Client(trust_env=False) as client:
        assert wait_until(lambda: named(address, "server"), 30)
        os.kill(named(address, "server")[0], signal.SIGKILL)
        assert wait_until(lambda: _status(client, f"{address}/ready") == 200, 60)
        process.terminate()
        assert process.wait(30) == 0


def test_server_that_is_stopped_when_it_is_asked_to_end_is_ended_well(kept):
    kept.environment |= {"KOUAN_DRAIN": "2"}
    with kept.served() as client:
        (server,) = named(str(client.base_url).rstrip("/"), "server")
        os.kill(server, signal.SIGSTOP)


def test_reload_of_a_server_that_ends_meanwhile_is_told_so(kept):
    with kept.served(how=signal.SIGKILL) as client:
        (first,) = set(family(str(client.base_url).rstrip("/"))) - {
            pid
            for name in ("http", "server", "forker", "writer", "evaluator")
            for pid in named(str(client.base_url).rstrip("/"), name)
        }
        os.kill(first, signal.SIGSTOP)
        with kept.begun("reload") as asking:
            time.sleep(2)
            os.kill(first, signal.SIGKILL)
            said = asking.communicate(timeout=60)[0]
    assert "ended meanwhile" in said
    assert "Traceback" not in said
