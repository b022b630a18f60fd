"""What an operator sees and sets: metrics, a line for each request, an id on each answer, and a fair share for each client."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

PORTS = Path(__file__).parents[1] / "fixtures" / "engine" / "ports.trig"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {''.join(f'?a{n} ?b{n} ?c{n} . ' for n in range(12))} }}"


def metrics(client):
    text = client.get("/metrics").text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def test_metrics_count_what_was_asked_by_form_and_status(ports):
    before = metrics(ports)
    ports.get("/sparql", params={"query": f"{COUNT} # {time.time()}"})
    ports.get("/sparql", params={"query": "SELEC"})
    after = metrics(ports)
    selects, faults = (
        'kouan_requests_total{place="sparql",form="SELECT",status="200"}',
        'kouan_requests_total{place="sparql",form="",status="400"}',
    )
    assert after[selects] == before.get(selects, 0) + 1
    assert after[faults] == before.get(faults, 0) + 1
    times = {
        k: v for k, v in after.items() if k.startswith('kouan_request_seconds_bucket{place="sparql",form="SELECT"')
    }
    assert sorted(times.values()) == list(times.values())
    assert (
        times['kouan_request_seconds_bucket{place="sparql",form="SELECT",le="+Inf"}']
        == after['kouan_request_seconds_count{place="sparql",form="SELECT"}']
    )


def test_metrics_tell_of_processes_memory_and_version(ports):
    deadline = time.monotonic() + 5
    resting = 'kouan_evaluators{state="resting"}'
    while (found := metrics(ports))[resting] < 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found["kouan_http_processes"] == 1
    assert found["kouan_memory_bytes"] > 10_000_000
    assert found[resting] >= 1
    version = ports.get("/sparql", params={"query": COUNT}).headers["kouan-version"]
    assert any(version in name for name in found)


def test_metrics_are_in_the_format_that_prometheus_reads(ports):
    answer = ports.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r'(# (HELP|TYPE) [a-z_]+ .+)|([a-z_]+(\{([a-z]+="[^"\\\n]*",?)*\})? [0-9.e+-]+)')
    assert all(line.fullmatch(each) for each in answer.text.splitlines())


def test_each_answer_has_an_id_and_a_client_may_choose_it(ports):
    first = ports.get("/sparql", params={"query": COUNT})
    second = ports.get("/sparql", params={"query": COUNT})
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert ports.get("/nowhere", headers={"X-Request-Id": "mine-1.2"}).headers["x-request-id"] == "mine-1.2"
    assert ports.get("/health", headers={"X-Request-Id": "a b<"}).headers["x-request-id"] != "a b<"


def lines_of(tmp_path, *requests, **environment):
    """Return the lines that a server logged of requests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_WORKERS": "1", "KOUAN_TOKEN": "open-sesame-open"} | environment
    command = [sys.executable, "-m", "kouan", "serve", "--port", str(port), str(PORTS)]
    log = tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        try:
            for _ in range(300):
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
                for request in requests:
                    request(client)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    return log.read_text(encoding="utf-8").splitlines()


# Texts that look like the beginning of a row.
TWO_ROWS = """SELECT * { VALUES ?x { "a\\n\\nb,\\"c" '[{"x":{"type":"<result>' } }"""


def test_log_is_one_line_of_json_a_request_and_holds_no_secret(tmp_path):
    lines = lines_of(
        tmp_path,
        lambda c: c.get("/sparql", params={"query": COUNT + "# secret-in-query"}, headers={"X-Request-Id": "one"}),
        lambda c: c.get("/sparql", params={"query": COUNT + "# secret-in-query"}, headers={"X-Request-Id": "two"}),
        *(
            lambda c, form=form: c.get(
                "/sparql", params={"query": TWO_ROWS, "format": form}, headers={"X-Request-Id": form}
            )
            for form in ("json", "xml", "csv", "tsv")
        ),
        lambda c: c.get("/history", headers={"Authorization": "Bearer open-sesame-open", "X-Request-Id": "three"}),
        KOUAN_LOG="json",
    )
    said = {each["id"]: each for line in lines if line.startswith("{") for each in [json.loads(line)]}
    one, two, three = said["one"], said["two"], said["three"]
    assert (one["status"], one["form"], one["cache"], one["method"], one["path"]) == (
        200,
        "SELECT",
        "miss",
        "GET",
        "/sparql",
    )
    assert two["cache"] == "hit"
    assert (one["rows"], two["rows"], three["rows"]) == (1, 1, None)
    assert {form: said[form]["rows"] for form in ("json", "xml", "csv", "tsv")} == dict.fromkeys(
        ("json", "xml", "csv", "tsv"), 2
    )
    assert one["query"]
    assert one["ms"] > 0
    assert one["bytes"] > 0
    assert len(one["version"]) == 64
    assert three["status"] == 200
    whole = "\n".join(lines)
    assert "secret-in-query" not in whole
    assert "sesame" not in whole
    assert "127.0.0.1" not in whole.replace("http://127.0.0.1", "")


def test_log_of_text_shows_addresses_where_asked_and_none_is_silent(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ask = lambda c: c.get("/sparql", params={"query": COUNT}, headers={"X-Request-Id": "one"})  # noqa: E731
    odd = lambda c: c.get("/a%0Atime=now%1B[2J%E2%80%AE%22")  # noqa: E731
    shown = lines_of(tmp_path / "a", ask, odd, KOUAN_LOG="text", KOUAN_LOG_ADDRESS="true")
    # Nobody writes a line of its own, or what a terminal obeys.
    assert all(line.rstrip("\n").isprintable() and not line.startswith("time=now") for line in shown)
    assert any("id=one " in line and "client=127.0.0.1" in line and "status=200" in line for line in shown)
    assert not any("id=one" in line for line in lines_of(tmp_path / "b", ask))


@pytest.fixture(scope="module")
def metered(start, tmp_path_factory):
    """A server that meters its own machine too."""
    environment = {
        "KOUAN_SNAPSHOTS": str(tmp_path_factory.mktemp("metered")),
        "KOUAN_WORKERS": "2",
        "KOUAN_UNMETERED": "10.0.0.0/8",
        "KOUAN_CLIENT_ERRORS": "5",
        "KOUAN_CLIENT_SECONDS": "3",
        "KOUAN_CLIENT_QUERIES": "2",
    }
    with start([str(PORTS)], environment) as address:
        yield address


def asked_from(address, source, query, **parameters):
    """Ask from an address of this machine's own network."""
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(base_url=address, transport=transport, trust_env=False, timeout=30) as client:
        return client.get("/sparql", params={"query": query, **parameters})


def test_who_errs_too_often_is_told_to_wait_whichever_process_answers_and_others_are_not(metered):
    answers = [asked_from(metered, "127.0.0.2", f"SELEC {number}") for number in range(8)]
    assert [each.status_code for each in answers] == [400] * 5 + [429] * 3 or [
        each.status_code for each in answers
    ] == [400] * 6 + [429] * 2
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert '"errors";q=5;w=60' in refused.headers["ratelimit-policy"]
    assert '"errors";r=0' in refused.headers["ratelimit"]
    assert "wait" in refused.json()["detail"]
    assert asked_from(metered, "127.0.0.2", f"{COUNT} # of who errs").status_code == 429
    assert asked_from(metered, "127.0.0.3", COUNT).status_code == 200


@pytest.mark.alone
def test_who_took_its_seconds_waits_until_they_are_back(metered):
    statuses = [asked_from(metered, "127.0.0.4", f"{SLOW} # {n}", timeout="1.2").status_code for n in range(4)]
    assert statuses == [504, 504, 504, 429]
    # What is kept costs nothing and is for everybody.
    refused = asked_from(metered, "127.0.0.4", f"{COUNT} # not asked before")
    assert refused.status_code == 429
    pause = int(refused.headers["retry-after"])
    assert 1 <= pause <= 40
    time.sleep(pause + 1)
    assert asked_from(metered, "127.0.0.4", f"{COUNT} # not asked before").status_code == 200


@pytest.mark.alone
def test_who_asks_too_much_at_a_time_is_refused_what_is_too_much(metered):
    found = []
    threads = [
        threading.Thread(
            target=lambda n=n: found.append(
                asked_from(metered, "127.0.0.5", f"{SLOW} # at once {n}", timeout="1").status_code
            )
        )
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [429, 429, 429, 504, 504]


def test_clients_behind_a_trusted_proxy_have_shares_of_their_own(start, tmp_path):
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_PROXIES": "127.0.0.0/8", "KOUAN_CLIENT_ERRORS": "2"}
    with start([str(PORTS)], environment) as address:

        def asked(query, **headers):
            return httpx.get(f"{address}/sparql", params={"query": query}, headers=headers, trust_env=False).status_code

        first = {"X-Forwarded-For": "198.51.100.9, 203.0.113.1"}
        assert [asked(f"SELEC {n}", **first) for n in range(4)][-1] == 429
        assert asked("SELEC", **{"Forwarded": 'for="203.0.113.1:4711"'}) == 429
        # What the client says itself, before the proxy added its address, gives no other share.
        assert asked("SELEC", **{"X-Forwarded-For": "192.0.2.77, 203.0.113.1"}) == 429
        assert asked("SELEC", **{"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}) == 400
        assert [asked(f"SELEC {n}", **{"Forwarded": 'for="[2001:db8::1]:80"'}) for n in range(4)][-1] == 429


def test_networks_that_cannot_be_read_are_told_at_start(tmp_path):
    command = [sys.executable, "-m", "kouan", "serve", "--port", "0", str(PORTS)]
    environment = os.environ | {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_UNMETERED": "here"}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 1
    assert "KOUAN_UNMETERED" in found.stderr


def test_limits_show_how_the_client_stands(metered):
    transport = httpx.HTTPTransport(local_address="127.0.0.9")
    with httpx.Client(base_url=metered, transport=transport, trust_env=False, timeout=30) as client:
        client.get("/sparql", params={"query": "SELEC of nine"})
        said = client.get("/limits", headers={"Accept": "application/json"})
        (errors,) = [each for each in said.json()["standing"] if each["name"] == "errors"]
        assert errors["quota"] == 5
        assert errors["left"] == 4
        assert '"errors";r=4' in said.headers["ratelimit"]
        assert said.json()["limits"]["timeout_cap"] == 300
        page = client.get("/limits?lang=zh", headers={"Accept": "text/html"})
        assert "4 / 5" in page.text
        assert 'lang="zh' in page.text
        assert "4 of 5" in client.get("/limits", headers={"Accept": "text/html"}).text


def test_health_tells_of_the_wall(ports):
    assert ports.get("/health").text.startswith("ok")
    said = ports.get("/health", headers={"Accept": "application/json"}).json()
    assert said["status"] == "ok"
    assert isinstance(said["wall"], bool)
    assert len(said["version"]) == 64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1, 203.0.113.1", "192.0.2.2, 203.0.113.1"),
        ("10.0.0.1, 203.0.113.2", "203.0.113.2"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::7"),
        ("::ffff:203.0.113.3", "203.0.113.3"),
        ("nobody", "nobody"),
    ],
)
def test_client_has_one_share_whatever_it_says_of_itself_and_whichever_of_its_addresses_it_takes(
    metered_behind, one, other
):
    def asked(query, client, **headers):
        headers |= {"X-Forwarded-For": client}
        return httpx.get(
            f"{metered_behind}/sparql", params={"query": query}, headers=headers, trust_env=False
        ).status_code

    assert [asked(f"SELEC {n}", one) for n in range(4)][-1] == 429
    assert asked("SELEC", other) == 429
    assert asked("SELEC", other, Forwarded="for=127.0.0.1") == 429
    assert asked("ASK {}", "2001:db8:1:3::1") == 200


@pytest.fixture(scope="module")
def metered_behind(start, tmp_path_factory):
    """A server that believes whoever connects."""
    folder = tmp_path_factory.mktemp("behind")
    environment = {"KOUAN_SNAPSHOTS": str(folder), "KOUAN_PROXIES": "*", "KOUAN_CLIENT_ERRORS": "2"}
    with start([str(PORTS)], environment) as address:
        yield address
