"""Whoever is killed or stopped, the rest goes on or goes; nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from watched import family, is_evaluating, named, states, wait_until

from kouan.processes.child import children_of

pytestmark = pytest.mark.alone
DATA = "".join(f"<urn:s{i}> <urn:p{i % 5}> <urn:o{i % 97}> .\n" for i in range(1000))
# Two to four seconds, for no two of them can be joined.
SLOW = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i VALUES ?i { <urn:o1> <urn:o2> <urn:o3> <urn:o4> } "
    "FILTER(STR(?a) < STR(?g)) }"
)
LARGE = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 200000", "format": "csv"}
TOKEN = "a-secret-token"
# What it starts is the first process of a system of its own, as in a container.
CONTAINER = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@contextlib.contextmanager
def running(
    tmp_path: Path, within: tuple[str, ...] = (), **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    (tmp_path / "data.nt").write_text(DATA, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*within, sys.executable, "-m", "kouan", "serve", "--port", str(port), str(tmp_path / "data.nt")]
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_WORKERS": "2"} | environment
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                assert process.poll() is None
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{address}/ready", trust_env=False, timeout=5).status_code == 200:
                        break
                time.sleep(0.05)
            yield address, process
        finally:
            for pid in family(address):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def get(address, query, **more):
    return httpx.get(f"{address}/sparql", params={"query": query} | more, trust_env=False, timeout=60)


def test_parent_that_is_killed_takes_everybody_along(tmp_path):
    with running(tmp_path, KOUAN_TOKEN=TOKEN) as (address, process):
        asking = threading.Thread(target=_try, args=(address, ENDLESS))
        asking.start()
        assert wait_until(lambda: is_evaluating(address), 20)
        assert len(family(address)) > 5
        process.kill()
        assert wait_until(lambda: family(address) == [], 2)
        asking.join(10)
    with running(tmp_path, KOUAN_TOKEN=TOKEN) as (address, _):
        assert get(address, "ASK {}").status_code == 200


@pytest.mark.parametrize("name", ["forker", "http"])
def test_process_that_missed_some_writes_makes_up_for_all_of_them(tmp_path, name):
    with running(tmp_path, KOUAN_TOKEN=TOKEN) as (address, _):
        stopped = named(address, name)[0]
        os.kill(stopped, signal.SIGSTOP)

        def asked(ask):
            try:
                return ask()
            except httpx.TransportError:
                # It was at the one that was replaced just then.
                assert wait_until(lambda: stopped not in named(address, name), 2)
                return ask()

        def written(number):
            return update(
                address, f"INSERT DATA {{ <urn:n> <urn:q> {number} }}", **{"Idempotency-Key": f"write {number}"}
            )

        for number in range(2):
            assert asked(partial(written, number)).status_code == 200
        # One that is stopped for long is replaced.
        with contextlib.suppress(ProcessLookupError):
            os.kill(stopped, signal.SIGCONT)
        told = asked(partial(written, 2))
        # Whichever process is asked, and whatever it keeps.
        for number in range(12):
            query = f"SELECT (COUNT(*) AS ?n) {{ <urn:n> <urn:q> ?o }} # {number % 4}"
            answer = asked(partial(get, address, query, format="csv"))
            assert answer.text.split() == ["n", "3"]
            assert answer.headers["kouan-version"] == told.json()["version"]


def update(address, text, **more):
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"} | more
    return httpx.post(f"{address}/update", content=text, headers=headers, trust_env=False, timeout=60)


def _try(address, query):
    with contextlib.suppress(httpx.HTTPError):
        get(address, query)


def test_server_that_is_stopped_is_replaced_and_asked_meanwhile(tmp_path):
    with running(tmp_path) as (address, _):
        time.sleep(3.5)
        (stopped,) = named(address, "server")
        os.kill(stopped, signal.SIGSTOP)
        assert get(address, "ASK {}").status_code == 200
        assert wait_until(lambda: named(address, "server") not in ([], [stopped]), 15)
        assert wait_until(lambda: _answers(address), 10)


def test_http_process_that_is_stopped_before_it_serves_is_replaced(tmp_path):
    with running(tmp_path) as (address, _):
        before = named(address, "http")
        os.kill(before[0], signal.SIGKILL)
        while not (started := set(named(address, "http")) - set(before)):
            pass
        (stopped,) = started
        os.kill(stopped, signal.SIGSTOP)
        assert wait_until(lambda: stopped not in named(address, "http"), 10)
        assert wait_until(lambda: _answers(address), 5)


def test_evaluators_that_are_stopped_are_replaced_and_others_asked(tmp_path):
    with running(tmp_path) as (address, _):
        assert wait_until(lambda: len(named(address, "evaluator")) >= 4)
        for pid in named(address, "evaluator"):
            os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        assert get(address, "ASK { ?s ?p ?o }").status_code == 200
        assert time.monotonic() - started < 10


def test_evaluators_that_nobody_looks_after_and_that_are_stopped_stay_behind_nobody(tmp_path):
    with running(tmp_path, KOUAN_WORKERS="1") as (address, process):
        assert wait_until(lambda: len(named(address, "evaluator")) >= 2)
        first, second, *_ = orphans = named(address, "evaluator")
        (forker,) = named(address, "forker")
        # One is stopped before who forked it is killed, and one afterwards.
        os.kill(first, signal.SIGSTOP)
        os.kill(forker, signal.SIGKILL)
        # Whose parent ends is told to go on, a while after that has no address any more: who is stopped before would go on again.
        assert wait_until(lambda: not {first, second} & set(children_of(forker)))
        os.kill(second, signal.SIGSTOP)
        assert wait_until(lambda: second not in named(address, "evaluator"), 10)
        os.kill(first, signal.SIGSTOP)
        process.kill()
        process.wait()
        assert wait_until(lambda: not set(orphans) & set(named(address, "evaluator")), 5)


@pytest.mark.parametrize("name", ["forker", "evaluator", "http", "server"])
def test_first_process_of_a_container_reaps_whoever_is_killed_and_ends_well(tmp_path, name):
    with running(tmp_path, CONTAINER, KOUAN_TOKEN=TOKEN) as (address, process):
        for pid in named(address, name):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: _answers(address), 10)
        assert update(address, "INSERT DATA { <urn:after> <urn:q> 1 }").status_code == 200
        (first,) = children_of(process.pid)
        assert wait_until(lambda: not [pid for pid in children_of(first) if states(pid) == {"Z"}])
        os.kill(first, signal.SIGTERM)
        assert process.wait(20) == 0
        assert family(address) == []


def test_nothing_is_needed_of_whom_it_runs_as(tmp_path):
    nothing = dict.fromkeys(("HOME", "USER", "LOGNAME", "XDG_CACHE_HOME"), "") | {"TMPDIR": str(tmp_path / "none")}
    alone = ("env", *(f"--unset={name}" for name in nothing if name != "TMPDIR"))
    with running(tmp_path, alone, KOUAN_TOKEN=TOKEN, **nothing) as (address, _):
        assert update(address, "INSERT DATA { <urn:after> <urn:q> 1 }").status_code == 200
        assert httpx.get(f"{address}/sparql", params=LARGE, trust_env=False, timeout=60).text.count("\n") == 200_001


@pytest.mark.parametrize("said", ["<&- >&- 2>&-", ">/dev/full 2>/dev/full", "> >(true) 2>&1"])
def test_nobody_who_hears_what_is_said_is_needed(tmp_path, said):
    alone = ("bash", "-c", f'exec "$0" "$@" {said}')
    with running(tmp_path, alone, KOUAN_TOKEN=TOKEN, KOUAN_LOG="json") as (address, process):
        for name in ("writer", "http", "forker", "server"):
            # Those that a server started go with it, and may answer until then.
            going = {*named(address, name), *(named(address, "http") if name == "server" else ())}
            for pid in named(address, name):
                os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda left=going: not left & set(family(address)), 5)
            assert wait_until(lambda: _answers(address), 5)
        assert update(address, "INSERT DATA { <urn:after> <urn:q> 1 }").status_code == 200
        process.terminate()
        assert process.wait(20) == 0


def test_end_lets_what_runs_come_to_its_end_and_leaves_nothing(tmp_path):
    with running(tmp_path) as (address, process):
        answers = []
        asking = threading.Thread(target=lambda: answers.append(get(address, SLOW)))
        asking.start()
        assert wait_until(lambda: is_evaluating(address), 20)
        with httpx.stream("GET", f"{address}/sparql", params=LARGE, trust_env=False, timeout=60) as download:
            pieces = download.iter_bytes(1 << 16)
            first = next(pieces)
            process.send_signal(signal.SIGTERM)
            asking.join(40)
            assert (first + b"".join(pieces)).count(b"\n") == 200_001
        assert [answer.status_code for answer in answers] == [200]
        assert process.wait(10) == 0
        assert wait_until(lambda: family(address) == [], 2)
        left = {path.name for path in (tmp_path / "snapshots").iterdir() if path.name.startswith(".")}
        assert not {name for name in left if name.startswith((".server", ".unfinished"))}


@pytest.mark.parametrize("name", ["forker", "evaluator", "http", "writer"])
def test_reads_and_writes_go_on_whoever_is_killed(tmp_path, name):
    passing = tmp_path / "passing"
    passing.mkdir()
    with running(tmp_path, KOUAN_TOKEN=TOKEN, TMPDIR=str(passing)) as (address, _):
        # Nothing that is needed stands there.
        shutil.rmtree(passing)
        killed = named(address, name)
        assert killed
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: _answers(address), 2)
        started = time.monotonic()
        assert update(address, "INSERT DATA { <urn:after> <urn:q> 1 }").status_code == 200
        # The next write once waited 20 seconds for who was killed.
        assert time.monotonic() - started < 10
        assert wait_until(lambda: len(named(address, name)) >= 1, 5)
        assert not set(named(address, name)) & set(killed)


def test_http_processes_that_are_killed_again_and_again_come_back(tmp_path):
    # The HTTP server gives up where those that it starts end soon after one another.
    with running(tmp_path) as (address, process):
        for _ in range(4):
            for pid in named(address, "http"):
                os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda: named(address, "http") and _answers(address), 6)
        assert process.poll() is None


def test_http_process_that_is_killed_twice_leaves_the_others_alone(tmp_path):
    with running(tmp_path) as (address, _):
        (server,), (killed, other) = named(address, "server"), named(address, "http")
        gone = set()
        for _ in range(3):
            os.kill(killed, signal.SIGKILL)
            gone.add(killed)
            assert wait_until(lambda: {*named(address, "http")} - {*gone, other}, 10)
            (killed,) = {*named(address, "http")} - {*gone, other}
            # It is one that ended at once, and might do so again for ever, as long as it had no time for anything.
            time.sleep(1.5)
        assert named(address, "server") == [server]
        assert other in named(address, "http")


def test_client_is_asked_to_wait_for_no_query_of_a_process_that_was_killed(tmp_path):
    with running(tmp_path, KOUAN_CLIENT_QUERIES="2", KOUAN_UNMETERED="", KOUAN_WORKERS="3") as (address, _):
        asked = {"query": ENDLESS, "timeout": "60"}
        line = f"GET /sparql?{httpx.QueryParams(asked)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for turn in range(3):
            assert wait_until(lambda: _queries_left(address) == 2, 10)
            with contextlib.ExitStack() as stack:
                for _ in range(2):
                    connection = stack.enter_context(socket.create_connection(("127.0.0.1", int(address[-5:]))))
                    connection.sendall(line)
                # Asked of the page that costs nothing: a query that is asked meanwhile would be one of the two.
                assert wait_until(lambda: _queries_left(address) == 0, 10)
                # An answer that is kept costs nothing either.
                assert _status(address, "/sparql", query=f"ASK {{ <urn:s> <urn:p> {turn} }}") == 429
                for pid in named(address, "http"):
                    os.kill(pid, signal.SIGKILL)
            assert wait_until(lambda: _status(address, "/sparql", query="ASK {}") == 200, 10)


def _status(address, path, **params):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address + path, params=params, trust_env=False, timeout=10).status_code
    return None


def _queries_left(address):
    with contextlib.suppress(httpx.HTTPError):
        answer = httpx.get(f"{address}/limits", headers={"Accept": "application/json"}, trust_env=False, timeout=10)
        return next(each["left"] for each in answer.json()["standing"] if each["name"] == "queries")
    return None


def _answers(address):
    with contextlib.suppress(httpx.HTTPError):
        return get(address, f"ASK {{ <urn:x> <urn:p> {time.monotonic()} }}").status_code == 200
    return False


def test_evaluators_cannot_reach_anybody_and_say_nothing_of_it(tmp_path):
    with running(tmp_path) as (address, _), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for query in (
            f"PREFIX x: <{there}> SELECT * {{ SERVICEx:{{?a ?b ?c}} }}",
            f"SELECT * {{ SERVICESILENT<{there}>{{?a ?b ?c}} }}",
            f"SELECT * {{ {{ }} UNION {{ BIND(1 AS ?x) }} 1SERVICE<{there}>{{?a ?b ?c}} }}",
            f"SELECT * {{ SERVICE <{there}> {{?a ?b ?c}} }}",
            f"SELECT * FROM <{there}> {{ ?a ?b ?c }}",
        ):
            answer = get(address, query)
            assert "Traceback" not in answer.text
            assert answer.status_code in {200, 400, 403}
        with pytest.raises(TimeoutError):
            listener.accept()
