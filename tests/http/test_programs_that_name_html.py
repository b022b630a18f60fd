"""A program that names HTML among what it accepts gets its answer as any other program does; a page is for who likes one best."""

from __future__ import annotations

import pytest

MOMENT = "SELECT (STRUUID() AS ?t) (NOW() AS ?n) {}"
UNKNOWN = "SELECT * { ?s <http://ex.org/populaton> ?o }"
GRAPH = "CONSTRUCT { <urn:a> <urn:p> 1 } {}"
AMONG = [
    "application/json, text/html;q=0.1",
    "application/sparql-results+json, text/html;q=0",
    "text/csv, text/html;q=0.5",
    "text/turtle, application/sparql-results+xml, text/html;q=0.9",
    "application/sparql-results+json, text/html",
]


@pytest.mark.parametrize("accept", AMONG)
def test_answer_of_this_moment_is_kept_by_nobody_whatever_is_accepted_besides(ports, accept):
    answers = [ports.get("/sparql", params={"query": MOMENT}, headers={"Accept": accept}) for _ in range(2)]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert not {"etag", "last-modified"} & set(answer.headers)
    assert answers[0].content != answers[1].content
    since = {"Accept": accept, "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert ports.get("/sparql", params={"query": MOMENT}, headers=since).status_code == 200


@pytest.mark.parametrize("accept", AMONG)
def test_answer_has_the_same_headers_as_without_html(ports, accept):
    bare = accept.rpartition(",")[0]
    answers = [ports.get("/sparql", params={"query": UNKNOWN}, headers={"Accept": each}) for each in (accept, bare)]
    told = [
        {name: value for name, value in each.headers.items() if name not in {"date", "server-timing", "x-request-id"}}
        for each in answers
    ]
    assert told[0] == told[1]
    assert "kouan-warning" in told[0]
    assert "accept-encoding" in told[0]["vary"]


def test_page_is_for_who_likes_one_best_of_what_a_query_of_its_form_has(ports):
    def kind(query: str, accept: str) -> str:
        answer = ports.get("/sparql", params={"query": query}, headers={"Accept": accept})
        return answer.headers["content-type"].partition(";")[0]

    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    results = "application/sparql-results+json;q=0.9, text/html;q=0.5"
    assert kind(UNKNOWN, browser) == kind(GRAPH, browser) == "text/html"
    assert kind(UNKNOWN, "text/html;q=0.9, text/csv;q=0.1") == "text/html"
    assert kind(UNKNOWN, results) == "application/sparql-results+json"
    assert kind(GRAPH, results) == "text/html"
    assert kind(GRAPH, "text/turtle, text/html;q=0.5") == "text/turtle"
    posted = ports.post("/sparql", data={"query": GRAPH}, headers={"Accept": results})
    assert (posted.headers["content-type"], "urn:a" in posted.text) == ("text/html; charset=utf-8", True)


def test_page_of_this_moment_is_kept_by_nobody(ports):
    page = ports.get("/sparql", params={"query": MOMENT}, headers={"Accept": "text/html"})
    assert page.headers["cache-control"] == "no-store"
    assert not {"etag", "last-modified"} & set(page.headers)
