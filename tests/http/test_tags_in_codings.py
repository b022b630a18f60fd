"""The entity tag of an answer in a coding names the same state as the bare one; a part that an answer lacks is a problem."""

from __future__ import annotations

import pytest

TURTLE = {"Content-Type": "text/turtle"}
# More than is sent as it is.
GRAPH = "".join(f"<urn:s{number}> <urn:p> <urn:o{number}> .\n" for number in range(100))
QUERY = {"query": f"SELECT ('{2000 * 'a'}' AS ?x) {{}}"}


def tag_of(store, coding: str, accept: str) -> str:
    answer = store.get("/data?graph=urn:g", headers={"Accept-Encoding": coding, "Accept": accept})
    assert answer.headers["content-encoding"] == coding
    return answer.headers["etag"]


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples", "application/ld+json"])
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_graph_that_was_read_in_a_coding_is_written_on_that_condition(store, coding, accept):
    store.put("/data?graph=urn:g", content=GRAPH, headers=TURTLE)
    tag = tag_of(store, coding, accept)
    more = {"url": "/data?graph=urn:g", "content": f"<urn:new> <urn:p> '{coding} {accept}' .", "headers": TURTLE}
    refused = store.post(**more | {"headers": TURTLE | {"If-None-Match": tag}})
    assert refused.status_code == 412
    assert store.post(**more | {"headers": TURTLE | {"If-Match": tag}}).status_code == 200
    assert store.post(**more | {"headers": TURTLE | {"If-Match": tag}}).status_code == 409


def test_304_has_the_tag_that_its_client_has_whoever_asked_before(store):
    plain = store.get("/sparql", params=QUERY, headers={"Accept-Encoding": "identity"}).headers["etag"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": plain}
    before = store.get("/sparql", params=QUERY, headers=known)
    coded = store.get("/sparql", params=QUERY, headers={"Accept-Encoding": "gzip"}).headers["etag"]
    after = store.get("/sparql", params=QUERY, headers=known)
    assert [(each.status_code, each.headers["etag"]) for each in (before, after)] == [(304, plain), (304, plain)]
    again = store.get("/sparql", params=QUERY, headers=known | {"If-None-Match": f"{plain}, {coded}"})
    assert (again.status_code, again.headers["etag"]) == (304, coded)


@pytest.mark.parametrize("path", ["/sparql?query=SELECT * {}", "/", "/static/kouan.css"])
def test_part_that_an_answer_does_not_have_is_a_problem_that_nobody_keeps(store, path):
    answer = store.get(path, headers={"Range": "bytes=99999999-"})
    assert (answer.status_code, answer.headers["content-type"]) == (416, "application/problem+json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-range"].startswith("bytes */")
    assert "etag" not in answer.headers
    assert "none where Range asks" in answer.json()["detail"]
