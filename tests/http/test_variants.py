"""What an answer depends on is said of it, each variant has its own tag, and conditions and parts are kept by every method."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from kouan.engine.answer import Asked
from kouan.evaluation.question import Question

TURTLE = {"Content-Type": "text/turtle"}
QUERY_TYPE = {"Content-Type": "application/sparql-query"}
QUERY = "SELECT * { ?s ?p ?o }"
# More than is sent from memory.
LARGE = (
    f'SELECT ?n ?x {{ ?s ?p ?o BIND(CONCAT("{"a" * 20_000}") AS ?x) VALUES ?n {{ {" ".join(map(str, range(60)))} }} }}'
)
ACCEPTS = ("text/html", "text/turtle", "application/json", "text/csv", "*/*")
PAGES = (
    "/",
    "/sparql",
    "/help",
    "/void",
    "/conformance",
    "/openapi.json",
    "/fragments",
    "/classes",
    "/history",
    "/nothing",
)


def varies(answer) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get("vary", "").split(",")}


@pytest.mark.parametrize("path", PAGES)
def test_answer_says_every_header_that_it_depends_on(store, path):
    answers = [store.get(path, headers={"Accept": accept, "Accept-Encoding": "gzip"}) for accept in ACCEPTS]
    if len({(each.status_code, each.headers.get("content-type")) for each in answers}) > 1:
        assert all("accept" in varies(each) for each in answers)
    assert all("accept-encoding" in varies(each) for each in answers if "content-encoding" in each.headers)
    in_chinese = store.get(path, headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert in_chinese.content == answers[0].content or "accept-language" in varies(in_chinese)


def test_style_in_a_coding_has_a_tag_of_its_own_and_304_says_what_it_depends_on(store):
    plain = store.get("/static/kouan.css", headers={"Accept-Encoding": "identity"})
    coded = store.get("/static/kouan.css", headers={"Accept-Encoding": "gzip"})
    assert plain.headers["etag"] != coded.headers["etag"]
    for answer, coding in ((plain, "identity"), (coded, "gzip")):
        known = {"Accept-Encoding": coding, "If-None-Match": answer.headers["etag"]}
        again = store.get("/static/kouan.css", headers=known)
        assert again.status_code == 304
        assert varies(again) == {"accept-encoding"}


def test_large_page_that_says_what_is_wrong_keeps_its_status(store):
    wrong = store.post(
        "/sparql",
        data={"query": 'SELECT * { ?s ?p "' + '"' * 200_000},
        headers={"Accept": "text/html", "Accept-Encoding": "identity"},
    )
    assert (wrong.status_code, len(wrong.content) > 1_000_000) == (400, True)


def test_part_of_a_large_answer_is_that_of_the_whole(store):
    given = {"params": {"query": LARGE}, "headers": {"Accept-Encoding": "identity"}}
    whole = store.get("/sparql", **given)
    for said, start, end in (("bytes=0-9", 0, 10), ("bytes=600000-", 600_000, None), ("bytes=-7", -7, None)):
        given["headers"] = {"Accept-Encoding": "identity", "Range": said}
        part = store.get("/sparql", **given)
        assert (part.status_code, part.content) == (206, whole.content[start:end])
        assert part.headers["content-range"].endswith(f"/{len(whole.content)}")
    given["headers"]["Range"] = "bytes=99999999-"
    assert store.get("/sparql", **given).status_code == 416


def test_address_is_decoded_once(store):
    assert store.get("/dump/kouan%2Enq").status_code == 200
    assert store.get("/dump/kouan%252Enq").status_code == 404


@pytest.mark.parametrize("name", ["plain", "%E5%8F%A3%20x", "a%252Fb", "a(b)'c;d=e,f@g"])
def test_graph_named_by_its_address_is_had_there_and_has_that_uri(store, name):
    assert store.put(f"/data/{name}", content="<urn:s> <urn:p> 2 .", headers=TURTLE).status_code in {200, 201}
    assert "2" in store.get(f"/data/{name}", headers={"Accept": "text/turtle"}).text
    asked = f"ASK {{ GRAPH <{store.base_url.join('/data/')}{name}> {{ ?s ?p 2 }} }}"
    assert store.get("/sparql", params={"query": asked}).json()["boolean"] is True
    assert store.delete(f"/data/{name}").status_code == 200


def test_graph_that_is_read_again_is_not_asked_for_again(store):
    first, again = (store.get("/data?default", headers={"Accept": "text/turtle"}) for _ in range(2))
    assert again.content == first.content
    assert "server-timing" in first.headers
    assert "server-timing" not in again.headers


def test_post_of_what_its_client_has_is_412(store):
    tag = store.get("/sparql", params={"query": QUERY}).headers["etag"]
    for _ in range(2):
        posted = store.post("/sparql", content=QUERY, headers=QUERY_TYPE | {"If-None-Match": tag})
        assert posted.status_code == 412
        assert posted.headers["access-control-allow-origin"] == "*"
    assert store.get("/sparql", params={"query": QUERY}, headers={"If-None-Match": tag}).status_code == 304
    other = store.post("/sparql", content=QUERY, headers=QUERY_TYPE | {"If-None-Match": '"another"'})
    assert other.status_code == 200


def test_graph_whose_tag_is_named_by_if_none_match_is_not_replaced(store):
    tag = store.get("/data?default", headers={"Accept": "text/turtle"}).headers["etag"]
    given = {"params": {"default": ""}, "content": "<urn:s> <urn:p> 9 ."}
    assert store.put("/data", headers=TURTLE | {"If-None-Match": tag}, **given).status_code == 412
    assert store.put("/data", headers=TURTLE | {"If-None-Match": '"another"'}, **given).status_code == 200


def test_write_whose_accept_cannot_be_read_is_not_made(store):
    given = {"params": {"graph": "urn:g"}, "content": "<urn:s> <urn:p> 9 ."}
    assert store.put("/data", headers=TURTLE | {"Accept": "text/turtle;q=5"}, **given).status_code == 400
    assert store.get("/data?graph=urn:g").status_code == 404


@pytest.mark.parametrize(
    ("accept", "status"),
    [('application/ld+json;profile="a,b;c", text/csv', 200), ("text/csv;" + "a" * 9_000, 400), (";, text/csv", 400)],
)
def test_accept_is_cut_where_its_signs_are_no_text(store, accept, status):
    assert store.get("/sparql", params={"query": QUERY}, headers={"Accept": accept}).status_code == status


@pytest.mark.parametrize(
    ("liked", "coding"),
    [("gzip;q=0.1, identity", None), ("identity;q=0.1, gzip", "gzip"), ("gzip," + "x" * 2_000, None), ("*", "zstd")],
)
def test_coding_is_the_one_liked_best(store, liked, coding):
    assert store.get("/help", headers={"Accept-Encoding": liked}).headers.get("content-encoding") == coding


def test_what_other_servers_answered_is_not_kept_with_what_was_asked():
    tracemalloc.start()
    try:
        for number in range(5):
            Asked(Question("SELECT * {}"), 1.0, services=(f"{number}" * 2_000_000,)).packed()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/sparql?query=SELECT (%27" + 2000 * "a" + "%27 AS ?x) {}"])
def test_part_is_one_of_the_answer_as_it_is_though_it_was_sent_compressed_before(store, path):
    plain = store.get(path, headers={"Accept-Encoding": "identity", "Accept": "*/*"})
    store.get(path, headers={"Accept-Encoding": "gzip", "Accept": "*/*"})
    part = store.get(path, headers={"Accept-Encoding": "gzip", "Accept": "*/*", "Range": "bytes=0-9"})
    assert (part.status_code, part.headers.get("content-encoding")) == (206, None)
    assert part.content == plain.content[:10]


@pytest.mark.parametrize("path", ["/dump/kouan.nq", "/static/kouan.css", "/history", "/void", "/"])
def test_who_wants_another_answer_is_sent_none_and_any_answer_is_one(client, path):
    refused = client.get(path, headers={"If-Match": '"another"'})
    assert (refused.status_code, refused.headers["content-type"]) == (412, "application/problem+json")
    assert "If-Match" in refused.json()["detail"]
    assert client.get(path, headers={"If-Match": "*"}).status_code == 200
    tag = client.get(path, headers={"Accept-Encoding": "identity"}).headers["etag"]
    assert client.get(path, headers={"If-Match": tag, "Accept-Encoding": "identity"}).status_code == 200
