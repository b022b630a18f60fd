"""A server that cannot start says why in one sentence."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from watched import wait_until

from kouan.app.listening import bound, take
from kouan.errors import SettingsError
from kouan.settings import read_settings

PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"


def test_taken_port_is_named_and_nothing_is_served(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(PORTS)],
            env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode in {1, 2}
    assert str(port) in run.stderr
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "setting",
    [
        {"KOUAN_TOKEN": "short"},
        {"KOUAN_SERVICES": "ftp://x/"},
        {"KOUAN_SERVICES": "http://*.org/sparql"},
        {"KOUAN_SERVICES": "http://[::1/sparql"},
        {"KOUAN_PROXIES": "nonsense"},
    ],
)
def test_setting_that_nobody_can_serve_with_is_told_before_anything_is_built(tmp_path, setting):
    run = subprocess.run(
        [sys.executable, "-m", "kouan", "serve", "--port", "0", str(PORTS)],
        env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path)} | setting,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr.count("\n"), next(iter(setting)) in run.stderr) == (1, 1, True), run.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_of_two_that_start_at_once_the_later_says_that_the_address_is_taken(workers):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = replace(read_settings({}), port=probe.getsockname()[1], workers=workers)
    with bound(settings) as first, bound(settings) as second:
        take(first)
        with pytest.raises(SettingsError, match="taken by another server meanwhile"):
            take(second)


def test_end_of_an_answer_waits_for_nothing_that_a_client_says():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings = replace(read_settings({}), port=probe.getsockname()[1])
    with bound(settings) as listeners:
        take(listeners)
        with socket.create_connection(("127.0.0.1", settings.port)):
            connection, _ = listeners[0].accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("limit", "most", "option"),
    [
        (resource.RLIMIT_AS, 1200 << 20, "-v"),
        (resource.RLIMIT_DATA, 500 << 20, "-d"),
        (resource.RLIMIT_DATA, 1500 << 20, "-d"),
        (resource.RLIMIT_NOFILE, 32, "-n"),
    ],
)
def test_memory_and_files_that_cannot_be_had_are_said_at_the_start(tmp_path, limit, most, option):
    limits = lambda: resource.setrlimit(limit, (most, most))  # noqa: E731
    run = subprocess.run(
        [sys.executable, "-m", "kouan", "serve", "--port", "0", str(PORTS)],
        env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=limits,
    )
    assert run.returncode == 1
    assert f"ulimit {option}" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_processes_that_cannot_be_had_are_said_at_the_start(tmp_path):
    tmp_path.chmod(0o777)
    # Somebody who may read everything, for the tests may stand in a home of root's.
    able = "+dac_override,+dac_read_search"
    nobody = ["setpriv", "--reuid=64321", "--clear-groups", f"--inh-caps={able}", f"--ambient-caps={able}"]
    run = subprocess.run(
        [*nobody, "prlimit", "--nproc=20:20", sys.executable, "-m", "kouan", "serve", "--port", "0", str(PORTS)],
        env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert "ulimit -u" in run.stderr
    assert "Traceback" not in run.stderr


def test_connections_that_say_nothing_keep_nobody_out_however_few_a_process_may_hold(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(PORTS)],
            env=os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_WORKERS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        ) as process,
        contextlib.ExitStack() as held,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client,
    ):
        try:
            assert wait_until(lambda: is_ready(client), 30)
            for _ in range(150):
                held.enter_context(socket.create_connection(("127.0.0.1", port)))
            # A connection that this client keeps is in already, and shows nothing.
            asked = [
                httpx.get(f"http://127.0.0.1:{port}/{path}", trust_env=False, timeout=20)
                for path in ("ready", "sparql")
            ]
            assert [answer.status_code for answer in asked] == [200, 200]
        finally:
            process.terminate()
            process.wait(timeout=60)
    assert "ulimit -n" in (tmp_path / "log").read_text(encoding="utf-8")


def is_taken(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@contextlib.contextmanager
def at_file(path, tmp_path):
    """Run a server at the file of a socket; the value is its process and a client of it."""
    command = [sys.executable, "-m", "kouan", "serve", "--host", f"unix:{path}", str(PORTS)]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_WORKERS": "2"}
    client = httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://x")
    with client, subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: is_taken(path), 60)
            yield process, client
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_file_of_a_socket_is_served_at_and_is_gone_with_its_server(tmp_path):
    path = tmp_path / "kouan.sock"
    with at_file(path, tmp_path) as (process, client):
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        process.kill()
        process.wait(timeout=20)
        wait_until(lambda: not is_taken(path), 20)
        assert path.is_socket()
    # What a server that was killed has left is nobody's.
    with at_file(path, tmp_path) as (_, client):
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
    assert not path.exists()


def is_ready(client):
    with contextlib.suppress(httpx.TransportError):
        return client.get("/ready").status_code == 200


@pytest.mark.parametrize("memory_quads", ["2000000", "1000"], ids=["in memory", "on disk"])
def test_load_that_is_killed_leaves_nothing_half_and_the_next_one_is_whole(start, tmp_path, memory_quads):
    data, snapshots = tmp_path / "data.nt", tmp_path / "snapshots"
    data.write_text(
        "".join(f"<urn:s{i}> <urn:p{i % 9}> <urn:o{i % 997}> .\n" for i in range(400_000)), encoding="utf-8"
    )
    environment = {"KOUAN_SNAPSHOTS": str(snapshots), "KOUAN_MEMORY_QUADS": memory_quads}
    command = [sys.executable, "-m", "kouan", "serve", "--port", "0", str(data)]
    with subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not list(snapshots.glob(".unfinished-*/*")):
                assert process.poll() is None
                assert not list(snapshots.glob("[0-9a-f]*/snapshot.json"))
                time.sleep(0.01)
        finally:
            process.kill()
    assert not list(snapshots.glob("[0-9a-f]*/snapshot.json"))
    with start([str(data)], environment) as address:
        query = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
        answer = httpx.get(f"{address}/sparql", params=query, headers={"Accept": "text/csv"}, trust_env=False)
        assert answer.text.split() == ["n", "400000"]
    assert len(list(snapshots.glob("[0-9a-f]*/snapshot.json"))) == 1
    assert not list(snapshots.glob(".unfinished-*"))


def test_path_that_is_too_long_for_a_socket_is_told_before_anything_is_loaded(tmp_path):
    path = tmp_path / ("a" * 150)
    command = [sys.executable, "-m", "kouan", "serve", "--host", f"unix:{path}", str(PORTS)]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path / "s")}
    answered = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert answered.returncode == 1
    said = f"kouan: {path} is too long for a socket, whose path has 107 bytes at most; choose another.\n"
    assert answered.stderr == said
