"""Answers are kept by what they are: exact entity tags, codings, and nothing kept that differs each time."""

from __future__ import annotations

import gzip
import uuid

import httpx
import pytest

from kouan.engine.entity_tags import entity_tag
from kouan.evaluation.question import Question
from kouan.formats.table import SOLUTION_FORMATS

LONG = "SELECT ?s ?p ?o ?n { ?s ?p ?o BIND(CONCAT('a long text that is worth compressing', 'UNIQUE') AS ?n) }"


def ask(client, query, **headers):
    return client.get("/sparql", params={"query": query}, headers=headers)


@pytest.fixture
def query():
    """A query that no test has asked before."""
    return LONG.replace("UNIQUE", str(uuid.uuid4()))


def test_entity_tag_is_the_same_for_the_same_question_and_differs_for_another(ports, query):
    ports.headers["Accept-Encoding"] = "identity"
    first = ask(ports, query, Accept="text/csv")
    again = ask(ports, query, Accept="text/csv")
    other = ask(ports, query, Accept="application/sparql-results+json")
    assert first.headers["etag"] == again.headers["etag"] != other.headers["etag"]
    assert first.content == again.content
    assert ask(ports, query + " ", Accept="text/csv").headers["etag"] != first.headers["etag"]


def test_known_answer_is_304_even_before_it_was_asked_for_here(ports, query):
    tag = ask(ports, query).headers["etag"]
    for _ in range(3):
        answer = ask(ports, query, **{"If-None-Match": f'"other", W/{tag}'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert ask(ports, query, **{"If-None-Match": '"other"'}).status_code == 200


def test_304_needs_no_evaluation(ports):
    # The tag of an answer is known before the answer is: this one could not be had in the time that is given.
    endless = {
        "query": f"SELECT (COUNT(*) AS ?n) {{ {'?a%d ?b%d ?c%d . ' * 12} }}" % tuple(range(36)),
        "timeout": "0.3",
    }
    assert ports.get("/sparql", params=endless).status_code == 504
    tag = entity_tag(_version(ports), Question(endless["query"]), SOLUTION_FORMATS[0])
    assert ports.get("/sparql", params=endless, headers={"If-None-Match": f'"{tag}"'}).status_code == 304


def _version(client):
    return client.get("/sparql", params={"query": "ASK {}"}).headers["kouan-version"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_repeated_answer_is_compressed_and_its_tag_says_so(ports, query, coding):
    pytest.importorskip({"gzip": "gzip", "br": "brotli", "zstd": "zstandard"}[coding])
    plain = ask(ports, query, **{"Accept-Encoding": "identity"})
    answers = [ask(ports, query, **{"Accept-Encoding": coding}) for _ in range(3)]
    assert [answer.headers["content-encoding"] for answer in answers] == [coding] * 3
    assert [answer.content for answer in answers] == [plain.content] * 3
    assert answers[0].headers["etag"] == plain.headers["etag"][:-1] + f'-{coding}"'
    assert int(answers[0].headers["content-length"]) < len(plain.content)
    conditional = {"Accept-Encoding": coding, "If-None-Match": answers[0].headers["etag"]}
    assert ask(ports, query, **conditional).status_code == 304


def test_304_has_the_tag_that_the_answer_would_have(ports, query):
    tags = {
        coding: f"{ask(ports, query, **{'Accept-Encoding': coding}).headers['etag']}" for coding in ("identity", "gzip")
    }
    # A part more makes it another request, which nothing is remembered of.
    for place, (coding, tag) in enumerate(tags.items()):
        headers = {"Accept-Encoding": coding, "If-None-Match": tag}
        answer = ports.get("/sparql", params={"query": query, "other": str(place)}, headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (304, tag)


def test_coding_that_is_not_accepted_is_not_sent(ports, query):
    ask(ports, query)
    answer = ask(ports, query, **{"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in answer.headers
    with ports.stream("GET", "/sparql", params={"query": query}, headers={"Accept-Encoding": "gzip"}) as raw:
        assert gzip.decompress(b"".join(raw.iter_raw()))


def test_repeated_answer_does_not_come_from_an_evaluator(ports, query):
    assert "server-timing" in ask(ports, query).headers
    assert "server-timing" not in ask(ports, query).headers


def test_posted_query_is_kept_too(ports, query):
    first = ports.post("/sparql", data={"query": query})
    second = ports.post("/sparql", data={"query": query})
    assert first.content == second.content
    assert "server-timing" not in second.headers


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_differs_each_time_is_not_kept(ports, function):
    answers = [ask(ports, f"SELECT ({function} AS ?x) {{}}") for _ in range(2)]
    assert answers[0].content != answers[1].content
    assert "etag" not in answers[0].headers
    assert answers[0].headers["cache-control"] == "no-store"


def test_dataset_parameters_are_part_of_what_is_asked(ports, query):
    whole = ports.get("/sparql", params={"query": query})
    part = ports.get("/sparql", params={"query": query, "default-graph-uri": "https://example.org/p2"})
    stated = ports.get("/sparql", params={"query": query, "infer": "false"})
    assert len({answer.headers["etag"] for answer in (whole, part, stated)}) == 3
    assert len({answer.content for answer in (whole, part, stated)}) == 3


def test_answers_say_what_they_vary_by_and_that_others_may_keep_them(ports, query):
    answer = ask(ports, query)
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert ask(ports, "SELECT").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json"])
def test_answer_that_streamed_is_kept_when_there_is_room_for_it(client, accept):
    asked = {"query": f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT 20000 # kept for {accept}"}
    first = client.get("/sparql", params=asked, headers={"Accept": accept})
    assert len(first.content) > 2 * 1024 * 1024
    # The answer is kept by the process that made it, and there are several.
    for _ in range(40):
        again = client.get("/sparql", params=asked, headers={"Accept": accept, "Accept-Encoding": "identity"})
        assert again.content == first.content
        if "Server-Timing" not in again.headers and "Content-Length" in again.headers:
            return
    raise AssertionError("it was evaluated each time")


def test_large_answer_that_is_not_made_in_time_is_an_error_and_not_kept(client):
    asked = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": "0.4"}
    for _ in range(3):
        answer = client.get("/sparql", params=asked, headers={"Accept": "text/csv"})
        assert (answer.status_code, answer.json()["limit"]) == (504, "timeout")


def test_large_answers_of_a_quick_evaluator_come_whole(start, tmp_path):
    # Larger than what is sent from memory, and there before the request would go on in the event loop.
    (tmp_path / "data.nt").write_text(f'<urn:s> <urn:p> "{"x" * 530_000}" .\n', encoding="utf-8")
    plain = {"Accept": "text/csv", "Accept-Encoding": "identity"}
    with (
        start([str(tmp_path / "data.nt")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address,
        httpx.Client(base_url=address, headers=plain, timeout=10) as client,
    ):
        answers = [client.get("/sparql", params={"query": f"SELECT ?o {{ ?s ?p ?o }} # {n}"}) for n in range(20)]
    assert {(answer.status_code, len(answer.content)) for answer in answers} == {(200, 530_005)}
