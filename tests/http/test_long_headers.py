"""Headers are read in one pass, and are bounded before anybody reads them (RFC 6585, section 5)."""

from __future__ import annotations

import time

import httpx
import pytest

QUERY = {"query": "ASK {}"}
# Below what all headers may have, so that they are read.
READ = 30_000
# Three times of a request that is read in one pass take a few milliseconds; in the square of its length, seconds.
SECONDS = 1.0


def timed(client, method, path, headers, **sent):
    started = time.monotonic()
    answers = [client.request(method, path, headers=headers, **sent) for _ in range(3)]
    assert time.monotonic() - started < SECONDS
    return answers[0]


@pytest.mark.parametrize("path", ["/sparql", "/", "/search?q=x", "/update", "/validate"])
@pytest.mark.parametrize("name", ["Content-Type", "Accept", "Cookie", "X-Anything"])
def test_headers_that_no_client_needs_are_refused_unread(ports, path, name):
    answer = timed(ports, "POST", path, {name: 'application/sparql-query; a="' + ";" * 60_000}, content=b"ASK {}")
    assert answer.status_code == 431
    assert "32,768 characters" in answer.json()["detail"]


def test_lines_of_one_header_count_together(ports):
    answer = httpx.get(
        f"{ports.base_url}/health", headers=[("X-Forwarded-For", "a," * 4_000) for _ in range(5)], trust_env=False
    )
    assert answer.status_code == 431


@pytest.mark.parametrize("value", [";" * READ, "a;" * (READ // 2), 'a="' + ";" * READ, 'a="' + '\\"' * (READ // 2)])
@pytest.mark.parametrize("path", ["/sparql", "/"])
def test_media_type_is_read_in_one_pass(ports, value, path):
    timed(ports, "POST", path, {"Content-Type": "application/sparql-query;" + value}, content=b"ASK {}")


def test_accept_is_read_in_one_pass(ports):
    timed(ports, "GET", "/sparql", {"Accept": '"\\' * 3_990}, params=QUERY)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ('application/sparql-query; version="1.2"', 200),
        ('Application/SPARQL-Query ; Version = "1.\\2" ;;', 200),
        ('application/sparql-query; a="b;version=9"', 200),
        ('application/sparql-query; charset="utf-8"; charset=utf-8', 200),
        ("application/sparql-query; charset=utf-8; charset=latin-1", 400),
        ('application/sparql-query; a="b;version=9', 200),
        ("application/sparql-query;version=9", 400),
    ],
)
def test_parameters_of_a_media_type(ports, content_type, status):
    answer = ports.post("/sparql", content=b"ASK {}", headers={"Content-Type": content_type})
    assert answer.status_code == status
