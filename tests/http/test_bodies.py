"""Bodies as editors and clients write them: with a byte order mark, in another charset, in a coding, or empty."""

from __future__ import annotations

import httpx
import pytest

BEARER = {"Authorization": "Bearer a-secret-token"}
SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 2"


@pytest.fixture(scope="module")
def store(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bodies")
    (folder / "data.ttl").write_text("\ufeff<urn:marked> <urn:p> 1 .\n", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "s"), "KOUAN_TOKEN": "a-secret-token", "KOUAN_WORKERS": "1"}
    with (
        start([str(folder / "data.ttl")], environment) as address,
        httpx.Client(base_url=address, headers=BEARER, timeout=30, trust_env=False) as client,
    ):
        yield client


def test_file_with_a_mark_is_served(store):
    assert store.get("/sparql", params={"query": "ASK { <urn:marked> <urn:p> 1 }"}).json()["boolean"] is True


@pytest.mark.parametrize(
    ("path", "media_type", "text"),
    [
        ("/data?graph=urn:m", "text/turtle", "<urn:a> <urn:p> 1 ."),
        ("/data?graph=urn:m", "application/n-triples", '<urn:a> <urn:p> "1" .'),
        (
            "/data?graph=urn:m",
            "application/rdf+xml",
            f'<rdf:RDF xmlns:rdf="{"http://www.w3.org/1999/02/22-rdf-syntax-ns#"}"/>',
        ),
        ("/data?graph=urn:m", "application/ld+json", '{"@id": "urn:a", "urn:p": 1}'),
        ("/data", "application/trig", "<urn:m> { <urn:a> <urn:p> 1 }"),
        ("/data", "application/n-quads", '<urn:a> <urn:p> "1" <urn:m> .'),
    ],
)
def test_graph_with_a_mark_is_written(store, path, media_type, text):
    sent = store.post(path, content=("\ufeff" + text).encode(), headers={"Content-Type": media_type})
    assert sent.status_code in {200, 201}, sent.text


def test_data_with_a_mark_is_validated(ports):
    sent = {"content": "\ufeff<urn:a> <urn:p> 1 .".encode(), "headers": {"Content-Type": "text/turtle"}}
    answer = ports.post("/validate?shapes=", **sent)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("charset", ["utf-16", "gb18030", "big5", "latin-1", '"UTF-8"'])
def test_graph_in_another_charset_is_written(store, charset):
    value = "é" if charset == "latin-1" else "口岸"
    headers = {"Content-Type": f"text/turtle; charset={charset}"}
    text = f"<urn:a> <urn:p> '{value}' ."
    assert store.put("/data?graph=urn:c", content=text.encode(charset.strip('"')), headers=headers).is_success
    assert value in store.get("/data?graph=urn:c", headers={"Accept": "text/turtle"}).text


@pytest.mark.parametrize("charset", ["utf-16", "gb18030"])
def test_data_in_another_charset_is_validated(ports, charset):
    headers = {"Content-Type": f"text/turtle; charset={charset}"}
    sent = ports.post("/validate?shapes=", content="<urn:a> <urn:p> '口岸' .".encode(charset), headers=headers)
    assert sent.status_code == 200, sent.text


@pytest.mark.parametrize(("method", "path"), [("PUT", "/data?graph=urn:k"), ("POST", "/validate")])
def test_graph_in_a_charset_that_is_none_is_415(store, method, path):
    headers = {"Content-Type": "text/turtle; charset=klingon"}
    assert store.request(method, path, content=b"<urn:a> <urn:p> 1 .", headers=headers).status_code == 415


@pytest.mark.parametrize("path", ["/sparql", "/update", "/validate", "/reconcile"])
def test_unknown_coding_is_answered_with_those_that_are_known(store, path):
    answer = store.post(path, content=b"x", headers={"Content-Encoding": "compress"})
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    "media_type", ["multipart/form-data", "application/sparql-query", "application/json", "text/plain", ""]
)
def test_empty_body_has_no_type(store, media_type):
    headers = {"Content-Type": media_type} if media_type else {}
    answer = store.post("/sparql", params={"query": SELECT}, headers=headers)
    assert answer.status_code == 200, answer.text


def test_form_may_say_the_rest_of_what_the_address_asks(store):
    answer = store.post("/sparql", params={"query": SELECT}, data={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
