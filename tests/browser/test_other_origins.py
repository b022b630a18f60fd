"""A page of another origin asks the server from a browser, which holds answers back that do not allow it to be read."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

FETCH = """async ([address, asked]) => {
  const answer = await fetch(address, asked), text = await answer.text();
  return {status: answer.status, address: answer.url, text, headers: Object.fromEntries(answer.headers)};
}"""
NOWHERE = "ASK { ?port a <https://w3id.org/kouan/ontology#Prot> }"
SPARQL = {"Content-Type": "application/sparql-query"}
TRACED = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Kouan-Reason": "because"}
TOKEN = "a-secret-token"


class Blank(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html>")

    def log_message(self, *said):
        pass


@pytest.fixture(scope="module")
def fetch(browser):
    """What asks an address from a page of another origin."""
    elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
    yield lambda address, **asked: page.evaluate(FETCH, [address, asked])
    page.close()
    elsewhere.shutdown()
    elsewhere.server_close()


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_query_is_answered_and_its_headers_are_seen(fetch, server, method):
    if method == "GET":
        answer = fetch(f"{server}/sparql?query={quote(NOWHERE)}", headers=TRACED)
    else:
        answer = fetch(f"{server}/sparql", method=method, body=NOWHERE, headers=SPARQL | TRACED)
    assert (answer["status"], '"boolean":false' in answer["text"]) == (200, True)
    assert "ontology#Port>" in answer["headers"]["kouan-warning"]
    assert {"etag", "kouan-version"} <= answer["headers"].keys()


@pytest.mark.parametrize(
    ("path", "status"), [("/sparql?query=SELEC", 400), ("/nothing/at/all", 404), ("/data?graph=urn:nothing", 404)]
)
def test_error_can_be_read(fetch, server, path, status):
    answer = fetch(server + path)
    assert (answer["status"], f'"status": {status}' in answer["text"]) == (status, True)


def test_name_of_a_thing_leads_to_its_document(fetch, server):
    answer = fetch(f"{server}/id/heihe", headers={"Accept": "text/turtle"})
    assert answer["address"] == f"{server}/doc/heihe.ttl"
    assert 'rel="cite-as"' in answer["headers"]["link"] or "license" in answer["headers"]["link"]


def test_part_of_a_table_says_which_part(fetch, server):
    answer = fetch(f"{server}/ports.csv", headers={"Range": "bytes=0-2"})
    assert (answer["status"], answer["text"]) == (206, "iri")
    assert answer["headers"]["content-range"].startswith("bytes 0-2/")


def test_who_has_a_token_writes(fetch, start, tmp_path):
    (tmp_path / "empty.nt").write_text("", encoding="utf-8")
    turtle, triple = {"Content-Type": "text/turtle"}, "<urn:a> <urn:b> 2 ."
    with start([str(tmp_path / "empty.nt")], {"KOUAN_SNAPSHOTS": str(tmp_path / "s"), "KOUAN_TOKEN": TOKEN}) as address:
        graph = f"{address}/data?graph=urn:from-elsewhere"
        assert fetch(graph, method="PUT", body=triple, headers=turtle)["status"] == 401
        headers = turtle | TRACED | {"Authorization": f"Bearer {TOKEN}"}
        assert fetch(graph, method="PUT", body=triple, headers=headers)["status"] == 201
        assert "urn:b" in fetch(graph)["text"]
