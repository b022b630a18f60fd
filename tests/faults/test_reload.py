"""A server that is asked to begin anew serves newer data, and nobody who asks or writes meanwhile is failed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from watched import named, states, wait_until

pytestmark = pytest.mark.alone
TOKEN = "open-sesame-open"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }"


@contextlib.contextmanager
def served(folder, **environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(folder / "data.ttl")]
    settings = os.environ | {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_WORKERS": "2"} | environment
    address = f"http://127.0.0.1:{port}"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        for _ in range(600):
            assert process.poll() is None, (folder / "log").read_text()
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{address}/ready", trust_env=False, timeout=5).status_code == 200:
                    break
            time.sleep(0.05)
        try:
            yield address, process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


def facts(folder, number):
    said = "".join(f"<urn:s{each}> <urn:p> {each} .\n" for each in range(number))
    (folder / "data.ttl").write_text(said, encoding="utf-8")


def kouan_reload(folder):
    command = [sys.executable, "-m", "kouan", "reload"]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(folder / "snapshots")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def counted(address):
    answer = httpx.get(f"{address}/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"}, trust_env=False)
    return int(answer.text.split()[1])


class Asking:
    """Clients that ask again and again, some on connections of their own each time, some on kept ones."""

    def __init__(self, address):
        self.address = address
        self.is_over = threading.Event()
        self.failed, self.asked = [], 0
        self.threads = [threading.Thread(target=self._ask, args=(keeps,)) for keeps in (False, False, True)]

    def _ask(self, keeps):
        number = 0
        client = httpx.Client(base_url=self.address, trust_env=False, timeout=30)
        while not self.is_over.is_set():
            if not keeps:
                client.close()
                client = httpx.Client(base_url=self.address, trust_env=False, timeout=30)
            number += 1
            try:
                status = client.get("/sparql", params={"query": f"{COUNT} # {id(client)} {number}"}).status_code
            except httpx.RemoteProtocolError:
                # A kept connection may be closed between two requests (RFC 9112, section 9.6): the client asks again.
                if not keeps:
                    self.failed.append("cut off")
                continue
            except httpx.TransportError as error:
                self.failed.append(repr(error))
                continue
            self.asked += 1
            if status != 200:
                self.failed.append(status)
        client.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


def test_newer_data_is_served_and_nobody_is_failed(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, process):
        assert counted(address) == 3
        facts(tmp_path, 7)
        with Asking(address) as asking:
            time.sleep(0.5)
            told = kouan_reload(tmp_path)
            assert told.returncode == 0, told.stderr
            assert counted(address) == 7
            facts(tmp_path, 9)
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 60
            while counted(address) != 9 and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(4)
        assert counted(address) == 9
        assert asking.asked > 20
        assert asking.failed == []


def test_what_cannot_be_read_is_told_and_what_was_served_is_served_on(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, _):
        (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> ;;; .\n", encoding="utf-8")
        told = kouan_reload(tmp_path)
        assert told.returncode == 1
        assert "served on" in told.stdout
        assert counted(address) == 3
        facts(tmp_path, 4)
        assert kouan_reload(tmp_path).returncode == 0
        assert counted(address) == 4


def test_writes_go_on_over_it_and_none_that_was_told_is_lost(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path, KOUAN_TOKEN=TOKEN) as (address, _):
        told, is_over = [], threading.Event()

        def write():
            number = 1000
            while not is_over.is_set():
                number += 1
                update = f"INSERT DATA {{ <urn:w{number}> <urn:p> {number} }}"
                headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}
                # A process that leaves may close a connection, which some systems tell as a reset.
                with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):
                    answer = httpx.post(
                        f"{address}/update", content=update, headers=headers, trust_env=False, timeout=60
                    )
                    told.append((number, answer.status_code))

        writer = threading.Thread(target=write)
        writer.start()
        before = named(address, "writer")
        assert wait_until(lambda: len(told) > 2, 30)
        assert kouan_reload(tmp_path).returncode == 0
        # Who wrote before has left, and the next one writes.
        assert wait_until(lambda: named(address, "writer") and not set(before) & set(named(address, "writer")), 30)
        until = len(told) + 8
        assert wait_until(lambda: len(told) > until, 30)
        is_over.set()
        writer.join()
        assert {status for _, status in told} == {200}
        asked = "SELECT ?o { ?s <urn:p> ?o FILTER(?o > 1000) }"
        answer = httpx.get(
            f"{address}/sparql", params={"query": asked}, headers={"Accept": "text/csv"}, trust_env=False
        )
        assert {number for number, _ in told} <= {int(line) for line in answer.text.split()[1:]}
        history = httpx.get(f"{address}/history", headers={"Accept": "application/json"}, trust_env=False)
        assert history.status_code == 200


def test_one_process_of_many_that_dies_loses_nobody_who_has_not_been_heard(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, _):
        os.kill(stopped := named(address, "http")[0], signal.SIGSTOP)
        # Until all of its threads have stopped it may still hear somebody.
        assert wait_until(lambda: states(stopped) == {"T"})
        # Who connects now waits at the socket that all share, and is answered by the other process.
        answers = [httpx.get(f"{address}/health", trust_env=False, timeout=20).status_code for _ in range(6)]
        assert answers == [200] * 6
        with contextlib.suppress(ProcessLookupError):
            os.kill(stopped, signal.SIGCONT)


@pytest.mark.parametrize("milliseconds", [0, 20, 40, 60])
def test_asked_to_end_while_one_of_its_processes_begins_anew_ends_at_once(tmp_path, milliseconds):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, process):
        os.kill(named(address, "http")[0], signal.SIGKILL)
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGTERM)
        # Well before those that do not end are killed.
        assert process.wait(timeout=15) == 0


def test_end_that_was_asked_for_is_a_good_one_though_a_process_had_just_been_killed(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, process):
        (server,) = named(address, "server")
        os.kill(server, signal.SIGSTOP)
        os.kill(named(address, "http")[0], signal.SIGKILL)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        # It hears of both at once.
        os.kill(server, signal.SIGCONT)
        assert process.wait(timeout=15) == 0


def test_process_that_is_to_leave_takes_nobody_new_and_goes_on_for_who_is_there(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path, KOUAN_WORKERS="1") as (address, _):
        (worker,) = named(address, "http")
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as kept:
            assert kept.get("/health").status_code == 200
            os.kill(worker, signal.SIGUSR1)

            def is_refused():
                with contextlib.suppress(httpx.ReadTimeout):
                    return httpx.get(f"{address}/health", trust_env=False, timeout=1).status_code == 0
                return True

            # It hears of it when it has a processor, and from then on nobody is taken.
            assert wait_until(is_refused, 20)
            assert is_refused()
            assert kept.get("/health").status_code == 200
            assert kept.get("/sparql", params={"query": COUNT}).status_code == 200


def test_reload_without_a_server_says_so(tmp_path):
    (tmp_path / "snapshots").mkdir()
    told = kouan_reload(tmp_path)
    assert told.returncode == 1
    assert "No server" in told.stderr


def test_number_of_a_server_that_was_killed_may_be_somebody_elses_who_is_left_alone(tmp_path):
    facts(tmp_path, 3)
    with subprocess.Popen(["sleep", "60"]) as somebody:
        # What a server of that number left when it was killed: after a start of the machine numbers mean others, and in a
        # container the first process always has the same.
        (tmp_path / "snapshots" / f".server-{somebody.pid}-killed").mkdir(parents=True)
        try:
            assert "No server" in kouan_reload(tmp_path).stderr
            (tmp_path / "snapshots" / f".server-{somebody.pid}-killed").mkdir(parents=True)
            with served(tmp_path):
                facts(tmp_path, 4)
                told = kouan_reload(tmp_path)
                assert told.returncode == 0, told.stderr
            assert somebody.poll() is None
            assert not list((tmp_path / "snapshots").glob(".server-*"))
        finally:
            somebody.kill()


def test_full_disk_is_said_at_once(tmp_path, small_disk):
    facts(tmp_path, 3)
    (tmp_path / "snapshots").symlink_to(small_disk)
    with served(tmp_path) as (address, _):
        facts(tmp_path, 4)
        with (small_disk / "filling").open("wb", buffering=0) as filling, contextlib.suppress(OSError):
            while True:
                filling.write(b"x" * 4096)
        began = time.monotonic()
        told = kouan_reload(tmp_path)
        assert time.monotonic() - began < 20
        assert (told.returncode, str(tmp_path / "snapshots") in told.stderr) == (1, True)
        assert counted(address) == 3
        (small_disk / "filling").unlink()
        assert kouan_reload(tmp_path).returncode == 0
        assert counted(address) == 4


@pytest.mark.parametrize("twice", [False, True])
def test_asked_to_begin_anew_and_to_end_at_once_ends(tmp_path, twice):
    facts(tmp_path, 3)
    with served(tmp_path) as (_, process):
        process.send_signal(signal.SIGHUP)
        if twice:
            time.sleep(0.5)
            process.send_signal(signal.SIGHUP)


def test_each_process_has_a_socket_of_its_own_between_which_clients_are_shared_out(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, _):
        port, listens = f":{int(address.rpartition(':')[2]):04X}", "0A"
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()]
        assert sum(socket[1].endswith(port) and socket[3] == listens for socket in sockets) == 2
        ids = [httpx.get(f"{address}/health", trust_env=False).headers["x-request-id"] for _ in range(40)]
        assert len({each.partition("-")[0] for each in ids}) == 2


def test_no_other_server_is_let_in_at_the_address(tmp_path):
    facts(tmp_path, 3)
    with served(tmp_path) as (address, _):
        command = [sys.executable, "-m", "kouan", "serve", "--port", address.rpartition(":")[2]]
        environment = os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path / "others"), "KOUAN_WORKERS": "2"}
        told = subprocess.run(
            [*command, str(tmp_path / "data.ttl")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert told.returncode == 1
        assert "cannot be listened on" in told.stderr
