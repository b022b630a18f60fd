"""The clock of the wall is put forward and back while a server serves: no write, no answer and no deadline is the worse for it."""

from __future__ import annotations

import os
import struct
import time

import httpx
import pytest

pytestmark = pytest.mark.alone
TOKEN = "a-secret-token"
DATA = "".join(f"<urn:s{i}> <urn:p> <urn:o{i % 97}> .\n" for i in range(1000))
DAY = 86_400
# What Python runs before all else: the time is what the system says and what stands in a file that the server's processes share.
PUT_AWAY = """
import mmap, struct, time
with open({path!r}, "rb") as file:
    memory = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
says = time.time
time.time = lambda: says() + struct.unpack("q", memory)[0]
"""


@pytest.fixture
def wall(tmp_path):
    """What puts the clock of the processes forward by some seconds, and what has to be in their environment."""
    path = tmp_path / "away"
    path.write_bytes(bytes(8))
    (tmp_path / "sitecustomize.py").write_text(PUT_AWAY.format(path=str(path)), encoding="utf-8")

    def put(seconds):
        with path.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    return put, {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}


@pytest.fixture
def served(wall, start, tmp_path):
    put, environment = wall
    (tmp_path / "data.nt").write_text(DATA, encoding="utf-8")
    environment |= {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_TOKEN": TOKEN, "KOUAN_TIMEOUT": "2"}
    with (
        start([str(tmp_path / "data.nt")], environment) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=30) as client,
    ):
        yield put, client


def write(client, number):
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"}
    return client.post("/update", content=f"INSERT DATA {{ <urn:n> <urn:q> {number} }}", headers=headers).json()


def test_history_goes_forward_and_nobody_is_told_that_an_older_page_is_the_newest(served):
    put, client = served
    first = write(client, 1)
    page = {"Accept": "text/html"}
    # The date of what changed within this second is not told.
    time.sleep(2.1)
    kept = client.get("/", headers=page).headers["last-modified"]
    whens = [first["when"]]
    for number, seconds in enumerate((-DAY, 9 * DAY, -365 * DAY, 0), 2):
        put(seconds)
        told = write(client, number)
        assert client.get("/", headers=page | {"If-Modified-Since": kept}).status_code == 200
        counted = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { <urn:n> ?p ?o }", "format": "csv"})
        assert counted.text.split() == ["n", str(number)]
        whens.append(told["when"])
    assert whens == sorted(whens)
    assert whens[2] > whens[1]


def test_deadlines_are_not_moved_by_it(served):
    put, client = served
    started = time.monotonic()
    for seconds in (-DAY, DAY):
        put(seconds)
        answer = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"})
        assert answer.status_code == 504
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    assert time.monotonic() - started < 8


def test_what_another_engine_answered_is_not_brought_back_by_it(wall, start, speaker, tmp_path):
    put, environment = wall
    rows = b'{"head":{"vars":["a"]},"results":{"bindings":[]}}'
    verdict = b'{"head":{},"boolean":true}'
    speaker.answer = lambda to, query: to.say(
        200, verdict if "ASK" in query else rows, Content_Type="application/sparql-results+json"
    )
    environment |= {
        "KOUAN_ENGINE": speaker.url,
        "KOUAN_ENGINE_FRESH": "1000000",
        "KOUAN_SNAPSHOTS": str(tmp_path / "s"),
    }
    with start([], environment) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        query = {"query": "SELECT ?a { ?a ?b ?c }"}
        kept = client.get("/sparql", params=query).headers["kouan-version"]
        for seconds in (-900 * DAY, 900 * DAY, 0):
            put(seconds)
            assert client.get("/sparql", params=query).headers["kouan-version"] == kept
