"""Whoever was told of a write reads it from then on, of whichever process, whatever befalls those that serve."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from free_ports import free_port
from watched import family, named, wait_until

pytestmark = pytest.mark.alone
TOKEN = "a-secret-token"
HIGHEST = {"query": "SELECT (MAX(?o) AS ?n) { GRAPH ?g { ?s <urn:q> ?o } }", "format": "csv"}
WRITER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}


@contextlib.contextmanager
def running(folder):
    (folder / "data.ttl").write_text("<urn:s> <urn:p> 0 .\n", encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(folder / "data.ttl")]
    settings = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_WORKERS": "2", "KOUAN_TOKEN": TOKEN}
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: status(f"{address}/ready") == 200, 60)
            yield address, process
        finally:
            for pid in family(address):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def status(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False, timeout=20).status_code
    return None


def write(client, number):
    text = f"INSERT DATA {{ GRAPH <urn:g{number}> {{ <urn:w> <urn:q> {number} }} }}"
    return client.post("/update", content=text, headers=WRITER).status_code


def highest(address):
    """Return the highest number that was written, as one process has it; None where none answered."""
    with contextlib.suppress(httpx.TransportError):
        answer = httpx.get(f"{address}/sparql", params=HIGHEST, trust_env=False, timeout=20)
        if answer.status_code == 200:
            return int(answer.text.split()[1]) if answer.text.split()[1:] else 0
        assert answer.status_code == 503, answer.text
    return None


@pytest.mark.parametrize("names", [("http",), ("http", "forker")])
def test_processes_that_are_new_have_them_though_the_writer_is_stopped(tmp_path, names):
    with running(tmp_path) as (address, _):
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            assert [write(client, number) for number in range(1, 4)] == [200] * 3
        (writer,) = named(address, "writer")
        gone = [pid for name in names for pid in named(address, name)]
        os.kill(writer, signal.SIGSTOP)
        for pid in gone:
            os.kill(pid, signal.SIGKILL)
        # Until the writer was replaced too, and everybody has heard of the next.
        numbers, graphs = [], []
        end = time.monotonic() + 30
        while time.monotonic() < end and (len(numbers) < 20 or named(address, "writer") in ([], [writer])):
            numbers.append(highest(address))
            graphs.append(status(f"{address}/data?graph=urn:g3"))
        assert set(numbers) - {None} == {3}
        assert set(graphs) - {None, 503} == {200}


def test_processes_that_begin_anew_have_those_that_were_made_beside_them(tmp_path):
    with running(tmp_path) as (address, process):
        asked, is_over = [], threading.Event()

        def go_on():
            number = 0
            # It goes on with the process that is to leave for as long as that lets it, and reads of whichever answers.
            with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
                while not is_over.is_set():
                    number += 1
                    # A connection may be closed by a process that leaves, before it says what became of the write.
                    with contextlib.suppress(httpx.TransportError):
                        told = write(client, number)
                        asked.extend((number, told, highest(address)) for _ in range(4))

        thread = threading.Thread(target=go_on)
        thread.start()
        before = set(named(address, "writer"))
        process.send_signal(signal.SIGHUP)
        assert wait_until(lambda: len(named(address, "writer")) > 1, 30)
        assert wait_until(lambda: named(address, "writer") and not before & {*named(address, "writer")}, 30)
        is_over.set()
        thread.join()
        assert asked
        assert {told for _, told, _ in asked} == {200}
        assert [(number, found) for number, _, found in asked if found is not None and found < number] == []
