"""A question that its own thread puts to an evaluator has the bounds of every other, and loses nothing on its way to the loop."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from test_limits import ENDLESS, processes, wait_until

from kouan.processes.memory import resident

# Nothing bounds it before it runs, so that it goes to an evaluator.
ASKED = "SELECT (COUNT(*) AS ?n) { GRAPH <urn:none> { } } # "
ROWS = 160_000
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(start, tmp_path_factory):
    """The address of a server with one HTTP process."""
    folder = tmp_path_factory.mktemp("lane")
    lines = [f"<urn:s{i}> <urn:p{i % 7}> <urn:o{i % 31}> ." for i in range(400)]
    (folder / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TIMEOUT": "20", "KOUAN_WORKERS": "1"}
    with start([str(folder / "data.nt")], environment) as address:
        yield address


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server, timeout=60, trust_env=False) as client:
        yield client


def ask(client, query, **parameters):
    return client.get("/sparql", params={"query": query} | parameters, headers={"Accept": "text/csv"})


def evaluators(server):
    """The evaluators of a server: what its processes have started, and not the server itself."""
    known = processes(server)
    [root] = [pid for pid, (parent, _, _) in known.items() if parent not in known]
    return [pid for pid, (parent, _, _) in known.items() if parent in known and parent != root]


def end_evaluators(server):
    """End every evaluator of a server, and wait until they are gone."""
    ended = set(evaluators(server))
    for pid in ended:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not ended & {pid for pid, said in processes(server).items() if said[1] != "Z"})
    # A process lets go of its files when the last of its threads ends.
    time.sleep(0.2)


def test_quick_answers_come_from_an_evaluator(client):
    answers = [ask(client, f"{ASKED}{number}") for number in range(20)]
    assert [answer.text for answer in answers] == ["n\r\n0\r\n"] * 20
    assert all(answer.headers["server-timing"].startswith("evaluator") for answer in answers)


def test_slow_question_goes_on_in_the_loop_to_its_deadline(client):
    for number in range(3):
        started = time.monotonic()
        answer = ask(client, f"{ENDLESS} # {number}", timeout="0.5")
        assert (answer.status_code, answer.json()["limit"]) == (504, "timeout")
        assert time.monotonic() - started < 1.5
        assert ask(client, f"{ASKED}after {number}").status_code == 200


def test_large_answer_arrives_whole(client):
    for number in range(3):
        answer = ask(client, f"SELECT * {{ ?s ?p ?o . ?a ?b ?c }} # {number}")
        assert answer.text.count("\n") == ROWS + 1


def test_mistake_is_told_as_ever(client):
    for number in range(3):
        answer = ask(client, f"SELECT * {{ ?s ?p FILTER(1 }} # {number}")
        assert (answer.status_code, answer.json()["line"]) == (400, 1)
    assert ask(client, f"{ASKED}after a mistake").status_code == 200


def test_evaluators_that_end_at_rest_cost_nobody_an_answer(client, server):
    for round_ in range(3):
        assert wait_until(lambda: len(evaluators(server)) >= 3)
        end_evaluators(server)
        statuses = [ask(client, f"{ASKED}{round_} {number}").status_code for number in range(5)]
        assert statuses == [200] * 5


def test_evaluator_that_ends_over_a_question_is_500_for_that_one(client, server):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(ask(client, f"{ENDLESS} # to be killed")))
    asking.start()
    time.sleep(0.5)
    end_evaluators(server)
    asking.join(10)
    assert (answers[0].status_code, answers[0].json()["type"].rpartition("/")[2]) == (500, "engine-failure")
    assert ask(client, f"{ASKED}after a death").status_code == 200


def test_many_at_once_each_get_their_own_answer(server):
    def one(number):
        query = f"SELECT ({number} AS ?n) {{ FILTER NOT EXISTS {{ GRAPH <urn:none> {{ }} }} }}"
        answer = httpx.get(f"{server}/sparql", params={"query": query}, headers={"Accept": "text/csv"}, trust_env=False)
        return answer.status_code, answer.text == f"n\r\n{number}\r\n"

    with ThreadPoolExecutor(32) as threads:
        assert set(threads.map(one, range(400))) == {(200, True)}


def test_answer_that_was_sent_is_let_go_of(start, tmp_path):
    text = "held " * 60_000
    (tmp_path / "data.nq").write_text(f'<urn:s> <urn:p> "{text}" <urn:g> .', encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_WORKERS": "1", "KOUAN_CACHE_SIZE": "0"}
    with (
        start([str(tmp_path / "data.nq")], environment) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):

        def ask_often(count):
            for number in range(count):
                answer = ask(client, f"SELECT ?o FROM <urn:g> {{ ?s ?p ?o }} # {number}")
                assert text in answer.text
                assert answer.headers["server-timing"].startswith("evaluator")
            return max(map(resident, processes(address)))

        # What was taken once and is used again is no loss.
        before = ask_often(30)
        assert ask_often(300) - before < 20 * MEGABYTE
