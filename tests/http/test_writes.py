"""Updates and graphs are written over HTTP: recorded, seen by everybody at once, and never by halves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from watched import named

from kouan.http.tokens import new_token

TOKEN = "let-me-write"
READER, READER_ENTRY = new_token("reader", "read")
WRITER, WRITER_ENTRY = new_token("writer", "write")
UPDATE = {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}
DATA = '<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


@pytest.fixture
def files(tmp_path):
    """Where a server of one test keeps what it serves and what is written to it."""
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    return tmp_path


@pytest.fixture
def serve(start, files):
    """What starts a server that takes writes; it may be started again on the same files."""

    def serve(**more: str):
        environment = {"KOUAN_SNAPSHOTS": str(files / "snapshots"), "KOUAN_TOKEN": TOKEN} | more
        return start([str(files / "data.ttl")], environment)

    return serve


@pytest.fixture
def store(serve):
    """A client of such a server that bears the token."""
    with serve() as address, client_of(address) as client:
        yield client


@pytest.fixture(scope="module")
def everyones(start, tmp_path_factory):
    """A client of a server that takes writes and two tokens more, for tests that need no history of their own."""
    folder = tmp_path_factory.mktemp("everyones")
    (folder / "data.ttl").write_text(DATA, encoding="utf-8")
    tokens = f"own:write:{hashlib.sha256(TOKEN.encode()).hexdigest()} {READER_ENTRY} {WRITER_ENTRY}"
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": tokens}
    with start([str(folder / "data.ttl")], environment) as address, client_of(address) as client:
        yield client


def client_of(address: str, token: str = TOKEN) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False)


def update(client: httpx.Client, text: str, **more):
    return client.post("/update", content=text, headers=UPDATE | more.pop("headers", {}), **more)


def ask(client: httpx.Client, query: str) -> str:
    return client.get("/sparql", params={"query": query, "format": "csv"}).text.replace("\r\n", "\n")


def triples(client: httpx.Client, graph: str = "") -> str:
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    return ask(client, f"SELECT ?s ?p ?o {{ {pattern} }} ORDER BY ?s ?p ?o")


def test_update_is_seen_by_every_process_once_it_is_answered(store):
    for number in range(20):
        assert update(store, f"INSERT DATA {{ <urn:n> <urn:p> {number} }}").status_code == 200
        # Each on a connection of its own, which any of the HTTP processes may take.
        for _ in range(4):
            assert (
                httpx.get(
                    f"{store.base_url}/sparql",
                    params={"query": "SELECT (MAX(?o) AS ?n) { <urn:n> <urn:p> ?o }", "format": "csv"},
                    trust_env=False,
                ).text
                == f"n\r\n{number}\r\n"
            )


def test_page_that_was_kept_is_made_anew_once_the_data_changed(store):
    # Nobody asks a query in between; both processes have kept the page.
    seen = {"headers": {"Accept": "text/html"}, "params": {"iri": "urn:a"}}
    for _ in range(8):
        assert httpx.get(f"{store.base_url}/thing", trust_env=False, **seen).status_code == 200
    update(store, "INSERT DATA { <urn:a> <urn:q> 'news' }")
    for _ in range(8):
        assert "news" in httpx.get(f"{store.base_url}/thing", trust_env=False, **seen).text


def test_who_asks_after_a_write_does_not_share_an_answer_from_before_it(serve):
    values = " ".join(map(str, range(180)))
    slow = f"SELECT (MAX(?o) AS ?n) {{ <urn:n> <urn:p> ?o VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} "
    slow += f"VALUES ?c {{ {values} }} FILTER(?a + ?b + ?c > 0) }}"
    with (
        serve(KOUAN_WORKERS="1") as address,
        client_of(address) as client,
        client_of(address) as other,
        ThreadPoolExecutor() as threads,
    ):
        update(client, "INSERT DATA { <urn:n> <urn:p> 1 }")
        before = threads.submit(ask, other, slow)
        working = 'kouan_evaluators{state="working"} 1'
        while working not in client.get("/metrics").text:
            assert not before.done()
        update(client, "INSERT DATA { <urn:n> <urn:p> 2 }")
        assert not before.done()
        assert ask(client, slow) == "n\n2\n"
        assert before.result() == "n\n1\n"


def test_update_tells_what_it_changed_and_where_it_led(store):
    before = store.get("/history").json()["version"]
    record = update(store, "INSERT DATA { <urn:b> <urn:p> 2 . GRAPH <urn:g> { <urn:c> <urn:p> 3 } }").json()
    assert (record["before"], record["added"], record["removed"], record["commit"]) == (before, 2, 0, 1)
    assert store.get("/sparql", params={"query": "ASK {}"}).headers["kouan-version"] == record["version"] != before


def test_update_in_a_form_is_decoded_once(store):
    assert store.post("/update", data={"update": "INSERT DATA { <urn:%25> <urn:p> '100%25' }"}).status_code == 200
    assert "urn:%25,urn:p,100%25" in triples(store)


def test_update_reads_the_dataset_that_the_protocol_gives_it(store):
    update(store, "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } GRAPH <urn:h> { <urn:s> <urn:p> 2 } }")
    copy = "INSERT { GRAPH <urn:copy> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    assert update(store, copy, params={"using-graph-uri": "urn:h"}).status_code == 200
    assert triples(store, "urn:copy") == "s,p,o\nurn:s,urn:p,2\n"
    delete = "DELETE WHERE { ?s ?p ?o }"
    assert update(store, delete, params={"using-graph-uri": "urn:h"}).json()["removed"] == 0
    said_twice = update(store, f"WITH <urn:g> {copy}", params={"using-graph-uri": "urn:h"})
    assert (said_twice.status_code, said_twice.json()["line"]) == (400, 1)


OF_OTHERS = ("default-graph-uri", "named-graph-uri", "graph", "graph-uri", "insert-graph-uri", "remove-graph-uri")


@pytest.mark.parametrize("name", OF_OTHERS)
def test_update_is_not_made_on_other_graphs_than_a_parameter_names_that_updates_do_not_have(store, name):
    for send in (
        lambda: update(store, "DELETE WHERE { ?s <urn:p> ?o }", params={name: "urn:mine"}),
        lambda: store.post("/update", data={"update": "DELETE WHERE { ?s <urn:p> ?o }", name: "urn:mine"}),
    ):
        refused = send()
        assert refused.status_code == 400
        assert name in refused.json()["detail"]
        assert "using-graph-uri" in refused.json()["detail"]
    assert "urn:a,urn:p,1" in triples(store)
    assert store.get("/history").json()["commits"] == []
    # Forms of Virtuoso's send a field that nobody filled.
    assert update(store, "DELETE WHERE { ?s <urn:p> ?o }", params={name: ""}).json()["removed"] == 1


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda c: update(c, "INSERT DATA { <urn:a> <urn:b>"), 400),
        (lambda c: update(c, "SELECT * { ?s ?p ?o }"), 400),
        (lambda c: update(c, "CLEAR ALL", params={"update": "CLEAR ALL"}), 400),
        (lambda c: c.post("/update", data={"update": ["CLEAR ALL", "CLEAR ALL"]}), 400),
        (lambda c: c.post("/update", data={"query": "ASK {}"}), 400),
        (lambda c: c.post("/update", content="CLEAR ALL", headers={"Content-Type": "text/plain"}), 415),
        (lambda c: c.get("/update", params={"update": "CLEAR ALL"}), 405),
        (lambda c: update(c, "LOAD <http://127.0.0.1:9/x>"), 403),
        (lambda c: update(c, "LOAD SILENT <http://127.0.0.1:9/x>"), 200),
        (lambda c: update(c, "LOAD ;"), 400),
        (lambda c: update(c, "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 403),
        (lambda c: update(c, r"INSERT { ?s ?p ?o } WHERE { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 400),
        (
            lambda c: update(c, "INSERT DATA { <urn:a> <urn:b> 1 } ; CREATE GRAPH <urn:g> ; COPY <urn:x> TO <urn:g> ;"),
            200,
        ),
        (lambda c: c.put("/data?graph=urn:g", content="<a> <b>", headers=TURTLE), 400),
        (lambda c: c.put("/data?graph=urn:g", content="{}", headers={"Content-Type": "application/pdf"}), 415),
        (lambda c: c.put("/data?graph=nothing", content="", headers=TURTLE), 400),
        (lambda c: c.put("/data?graph=urn:g&default", content="", headers=TURTLE), 400),
        (lambda c: c.put("/data", content="", headers=TURTLE), 400),
        (lambda c: c.get("/data", headers={"Accept": "text/turtle"}), 400),
        (lambda c: c.get("/data?graph=urn:none"), 404),
        (lambda c: c.delete("/data?graph=urn:none"), 404),
        (lambda c: c.patch("/data?graph=urn:g"), 400),
    ],
)
def test_request_that_breaks_the_protocol_is_told_so_and_changes_nothing(everyones, send, status):
    before = triples(everyones)
    answer = send(everyones)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["status"] == status
        assert triples(everyones) == before


def test_update_that_the_engine_cannot_evaluate_is_refused_as_a_query_is(store):
    where = "{ VALUES ?v { 1 } ?s ?p <<( ?v <urn:p> 2 )>> }"
    update(store, "INSERT DATA { <urn:s> <urn:q> <<( <urn:x> <urn:p> 2 )>> }")
    answer = update(store, f"INSERT {{ <urn:made> <urn:p> ?v }} WHERE {where}")
    assert answer.status_code == store.post("/sparql", data={"query": f"SELECT * {where}"}).status_code == 400
    assert answer.json()["detail"].endswith("Nothing was changed.")
    assert "urn:made" not in triples(store)


def test_update_counts_what_a_path_finds_as_a_query_does(store):
    where = "WHERE { SELECT (COUNT(*) AS ?n) { <urn:s> <urn:p>|<urn:q> ?o } }"
    assert update(store, "INSERT DATA { <urn:s> <urn:p> <urn:x> ; <urn:q> <urn:x> }").is_success
    assert update(store, f"INSERT {{ <urn:s> <urn:n> ?n }}\n{where}").is_success
    assert ask(store, "SELECT ?n { <urn:s> <urn:n> ?n }") == "n\n2\n"
    assert ask(store, f"SELECT ?n {where}") == "n\n2\n"
    assert update(store, "DELETE { ?s ?p ?o } WHERE { ?s <urn:p>|<urn:q> [] ; ?p ?o }").is_success
    assert ask(store, "SELECT ?s { ?s <urn:n> ?n }") == "s\n"


def test_update_makes_a_node_for_each_solution_and_never_one_that_is_there(store):
    made = 'INSERT { ?s <urn:has> ?b } WHERE { VALUES ?s { <urn:s> <urn:t> } BIND(BNODE("k") AS ?b) }'
    for _ in range(2):
        assert update(store, made).is_success
    assert ask(store, "SELECT (COUNT(DISTINCT ?b) AS ?n) { ?s <urn:has> ?b }") == "n\n4\n"


def test_update_finds_what_a_query_finds(store):
    wkt = "<http://www.opengis.net/ont/geosparql#asWKT>"
    typed = "^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
    point, area = f'"POINT(1 1)"{typed}', f'"POLYGON((0 0,4 0,4 4,0 4,0 0))"{typed}'
    assert update(store, f"INSERT DATA {{ <urn:in> {wkt} {point} . <urn:area> {wkt} {area} }}").is_success
    for where in ("<urn:zzz> <urn:p>* ?x", "?x <http://www.opengis.net/ont/geosparql#sfWithin> <urn:area>"):
        found = ask(store, f"SELECT DISTINCT ?x {{ {where} }} ORDER BY ?x")
        assert update(store, f"INSERT {{ <urn:found> <urn:{len(where)}> ?x }} WHERE {{ {where} }}").is_success
        assert ask(store, f"SELECT ?x {{ <urn:found> <urn:{len(where)}> ?x }} ORDER BY ?x") == found != "x\n"
    concat = "INSERT { <urn:joined> <urn:is> ?x } WHERE { SELECT (GROUP_CONCAT(?s; SEPARATOR='|') AS ?x) { ?s <urn:p>* <urn:in> } }"
    assert update(store, concat).is_success
    assert ask(store, "SELECT ?x { <urn:joined> <urn:is> ?x }") == "x\nurn:in\n"


def test_update_sorts_values_of_several_kinds(store):
    days = "^^<http://www.w3.org/2001/XMLSchema#date>"
    for seed in range(4):
        chance = random.Random(seed)
        values = [
            value
            for _ in range(60)
            for value in (
                str(chance.randint(0, 200)),
                f'"{chance.randint(0, 200)}"',
                f"{chance.uniform(0, 200):.1f}",
                f'"{chance.randint(0, 99)}"@en',
                f'"20{chance.randint(10, 30)}-01-01"{days}',
            )
        ]
        where = f"SELECT ?x {{ VALUES ?x {{ {' '.join(values)} }} }} ORDER BY ?x LIMIT 60"
        made = update(store, f"INSERT {{ <urn:r> <urn:{seed}> ?x }} WHERE {{ {where} }}")
        assert made.is_success, made.text
        # Values of one kind stand together.
        kinds = ask(store, f"SELECT DISTINCT ?k {{ <urn:r> <urn:{seed}> ?x BIND(isNumeric(?x) AS ?k) }}")
        assert len(kinds.split()) == 2, kinds


def test_text_without_a_language_is_none_that_has_one(store):
    of_languages = '"x"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>'
    refused = update(store, f"INSERT DATA {{ <urn:s> <urn:p> {of_languages} }}")
    assert (refused.status_code, "no language" in refused.json()["detail"]) == (400, True)
    datatype = of_languages.partition("^^")[2]
    made = f'BIND(STRDT("x", {datatype}) AS ?x)'
    assert update(store, f"INSERT {{ <urn:s> <urn:p> ?x ; <urn:q> 1 }} WHERE {{ {made} }}").is_success
    assert ask(store, "SELECT ?p { <urn:s> ?p ?o }") == "p\nurn:q\n"


@pytest.mark.parametrize(
    ("place", "media_type"), [("?graph=urn:v", "application/n-triples"), ("", "application/n-quads")]
)
def test_lines_that_announce_a_version_are_no_statements(store, place, media_type):
    text = 'VERSION "1.2"\n<urn:v> <urn:p> <<( <urn:v> <urn:p> "x" )>> .\n'
    sent = store.put(f"/data{place}", content=text, headers={"Content-Type": media_type})
    assert (sent.is_success, sent.json()["added"]) == (True, 1)
    faulty = store.put(f"/data{place}", content=f"{text}<urn:v> x .", headers={"Content-Type": media_type})
    assert faulty.json()["line"] == 3


TEXTS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
WITHOUT_LANGUAGE = [
    (
        "application/rdf+xml",
        f'<rdf:RDF xmlns:rdf="{TEXTS.partition("#")[0]}#"><rdf:Description rdf:about="urn:s" xmlns:p="urn:">\n'
        f'<p:p rdf:datatype="{TEXTS}" xml:lang="en">x</p:p></rdf:Description></rdf:RDF>',
        2,
    ),
    ("application/ld+json", f'{{"@id": "urn:s", "urn:p": {{"@value": "x", "@type": "{TEXTS}"}}}}', None),
    (
        "application/rdf+json",
        f'{{"urn:s": {{"urn:p": [{{"type": "literal", "value": "x", "datatype": "{TEXTS}"}}]}}}}',
        None,
    ),
]


@pytest.mark.parametrize("dry_run", ["", "&dry-run"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(("media_type", "text", "line"), WITHOUT_LANGUAGE)
def test_document_with_text_of_no_language_is_refused_in_words(everyones, method, dry_run, media_type, text, line):
    place, headers = f"/data?graph=urn:texts{dry_run}", {"Content-Type": media_type}
    refused = everyones.request(method, place, content=text, headers=headers)
    told = refused.json()
    assert (refused.status_code, told.get("line")) == (400, line)
    assert f'"x" at <urn:p> of <urn:s> has the datatype <{TEXTS}> and no language' in told["detail"]


TOLD = '{"urn:x": {"urn:p": [{"type": "literal", "value": "X", "lang": "en"}, {"type": "uri", "value": "urn:o"}], %s}}'
BESIDE = '"urn:q": [{"type": "bnode", "value": "_:b"}, {"type": "literal", "value": "01", "datatype": "urn:d"}]'


@pytest.mark.parametrize("media_type", ["application/json", "application/rdf+json", "application/ld+json"])
def test_rdf_in_json_as_easyrdf_sends_it_is_read(everyones, media_type):
    place, headers = f"/data?graph=urn:{media_type.replace('+', '-')}", {"Content-Type": media_type}
    assert everyones.put(place, content=TOLD % BESIDE, headers=headers).is_success
    lines = everyones.get(place, headers={"Accept": "application/n-triples"}).text.splitlines()
    assert sorted(line for line in lines if "_:" not in line) == [
        '<urn:x> <urn:p> "X"@en .',
        "<urn:x> <urn:p> <urn:o> .",
        '<urn:x> <urn:q> "01"^^<urn:d> .',
    ]
    assert len(lines) == 4


@pytest.mark.parametrize("text", ['{"name": "x"}', '{"urn:x": {"urn:p": ["y"]}}', '["a"]'])
def test_json_without_words_replaces_no_graph(everyones, text):
    place, headers = "/data?graph=urn:wordless", {"Content-Type": "application/json"}
    assert everyones.put(place, content="<urn:a> <urn:p> 1 .", headers=TURTLE).is_success
    refused = everyones.put(place, content=text, headers=headers)
    assert (refused.status_code, "names no context" in refused.json()["detail"]) == (400, True)
    assert "urn:a" in everyones.get(place, headers={"Accept": "application/n-triples"}).text
    assert everyones.put(place, content="{}", headers=headers).is_success


def test_update_of_many_operations_happens_whole_or_not_at_all(store):
    update(store, "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }")
    failed = update(store, "INSERT DATA { <urn:new> <urn:p> 1 } ; MOVE <urn:nosuch> TO <urn:g>")
    assert (failed.status_code, failed.json()["type"].rpartition("/")[2]) == (409, "conflict")
    assert "There is no graph urn:nosuch" in failed.json()["detail"]
    assert "urn:new" not in triples(store)


@pytest.mark.parametrize(
    ("token", "dry_run", "status"),
    [("", "", 401), ("wrong", "", 401), (READER, "", 403), (READER, "true", 200), (WRITER, "", 200)],
    ids=["none", "a wrong one", "of a reader", "of a reader who only asks", "of a writer"],
)
def test_tokens_have_scopes(everyones, token, dry_run, status):
    with client_of(str(everyones.base_url), token) as client:
        params = {"dry-run": dry_run} if dry_run else {}
        graph = f"urn:scope{status}{dry_run}"
        answer = update(client, f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:b> <urn:p> 2 }} }}", params=params)
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status == 401)
        assert ("urn:b" in triples(client, graph)) == (status == 200 and not dry_run)
        if status == 200 and not dry_run:
            assert client.get("/history").json()["commits"][-1]["who"] == "writer"


def test_writes_are_off_without_a_token(client):
    answer = client.post("/update", content="CLEAR ALL", headers=UPDATE)
    assert answer.status_code == 403
    assert "KOUAN_TOKEN" in answer.json()["detail"]


def test_dry_run_tells_what_would_change_and_changes_nothing(store):
    told = update(store, "DELETE WHERE { ?s ?p ?o }", params={"dry-run": ""}).json()
    assert (told["added"], told["removed"], told["dry_run"]) == (0, 1, True)
    assert 'D <urn:a> <urn:p> "01"' in told["patch"]
    assert "urn:a" in triples(store)
    assert store.get("/history").json()["commits"] == []


def test_graph_is_put_read_and_deleted(store):
    put = store.put("/data?graph=urn:g", content="<urn:s> <urn:p> 007 .", headers=TURTLE)
    assert (put.status_code, put.headers["location"]) == (201, "urn:g")
    assert store.put("/data?graph=urn:g", content="<urn:s> <urn:p> 8 .", headers=TURTLE).status_code == 200
    assert store.get("/data?graph=urn:g", headers={"Accept": "application/n-triples"}).text == (
        '<urn:s> <urn:p> "8"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )
    assert store.delete("/data?graph=urn:g").status_code == 200
    assert store.get("/data?graph=urn:g").status_code == 404
    assert store.head("/data?graph=urn:g").status_code == 404


def test_graph_that_is_posted_is_added_to_and_without_a_name_gets_one(store):
    store.post("/data?default", content="<urn:s> <urn:p> 1 .", headers=TURTLE)
    assert triples(store) == "s,p,o\nurn:a,urn:p,1\nurn:s,urn:p,1\n"
    created = store.post("/data", content="<> <urn:p> 1 .", headers=TURTLE)
    assert created.status_code == 201
    name = created.headers["location"]
    assert triples(store, name) == f"s,p,o\n{name},urn:p,1\n"
    assert store.get(name).status_code == 200


def test_put_that_should_not_replace_does_not(store):
    create = TURTLE | {"If-None-Match": "*"}
    assert store.put("/data?graph=urn:g", content="<urn:s> <urn:p> 1 .", headers=create).status_code == 201
    assert store.put("/data?graph=urn:g", content="<urn:s> <urn:p> 2 .", headers=create).status_code == 412
    assert triples(store, "urn:g") == "s,p,o\nurn:s,urn:p,1\n"


def test_of_many_who_would_create_a_graph_one_does_and_may_say_so_again(store):
    def create(number: int) -> tuple[int, int]:
        key = {"If-None-Match": "*", "Idempotency-Key": f"create-{number}"}
        with client_of(str(store.base_url)) as client:
            made = client.put("/data?graph=urn:g", content=f"<urn:s> <urn:p> {number} .", headers=TURTLE | key)
        return made.status_code, number

    with ThreadPoolExecutor(8) as threads:
        # Others write elsewhere meanwhile, which is nobody's fault here.
        others = [threads.submit(update, store, f"INSERT DATA {{ <urn:o> <urn:p> {each} }}") for each in range(4)]
        made = sorted(threads.map(create, range(8)))
        assert {other.result().status_code for other in others} == {200}
    assert [status for status, _ in made] == [201] + 7 * [412]
    first = made[0][1]
    assert triples(store, "urn:g") == f"s,p,o\nurn:s,urn:p,{first}\n"
    assert create(first)[0] in {200, 201}
    assert create(made[1][1])[0] == 412


def test_write_meant_for_a_version_that_is_past_is_a_conflict(store):
    tag = store.get("/data?default").headers["etag"]
    add = TURTLE | {"If-Match": tag}
    assert store.post("/data?default", content="<urn:s> <urn:p> 1 .", headers=add).status_code == 200
    late = store.post("/data?default", content="<urn:s> <urn:p> 2 .", headers=add)
    assert late.status_code == 409
    version = late.json()["version"]
    assert update(store, "INSERT DATA { <urn:s> <urn:p> 3 }", headers={"If-Match": f'"{version}"'}).status_code == 200
    assert update(store, "INSERT DATA { <urn:s> <urn:p> 4 }", headers={"If-Match": f'"{version}"'}).status_code == 409
    assert triples(store) == "s,p,o\nurn:a,urn:p,1\nurn:s,urn:p,1\nurn:s,urn:p,3\n"


def test_of_writers_that_mean_the_same_version_one_is_first_and_the_others_are_told(store):
    version = store.get("/history").json()["version"]

    def add(number: int) -> int:
        with client_of(str(store.base_url)) as client:
            text = f"INSERT DATA {{ <urn:n> <urn:p> {number} }}"
            return update(client, text, headers={"If-Match": f'"{version}"'}).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(add, range(8))) == [200] + 7 * [409]
    assert ask(store, "SELECT (COUNT(*) AS ?n) { <urn:n> <urn:p> ?o }") == "n\n1\n"


def test_writers_wait_for_each_other_and_lose_nothing(store):
    def add(number: int) -> int:
        with client_of(str(store.base_url)) as client:
            return update(client, f"INSERT DATA {{ <urn:n> <urn:p> {number} }}").status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(add, range(40))) == {200}
    assert ask(store, "SELECT (COUNT(*) AS ?n) { <urn:n> <urn:p> ?o }") == "n\n40\n"
    assert [commit["number"] for commit in store.get("/history").json()["commits"]] == list(range(1, 41))


def test_readers_never_see_half_a_write(store):
    seen, stop = set(), threading.Event()

    def read() -> None:
        with client_of(str(store.base_url), "") as client:
            while not stop.is_set():
                seen.add(ask(client, "SELECT (COUNT(*) AS ?n) { ?s <urn:half> ?o }"))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    rows = " ".join(f"<urn:s{number}> <urn:half> {number} ." for number in range(500))
    for _ in range(5):
        update(store, f"INSERT DATA {{ {rows} }}")
        update(store, "DELETE WHERE { ?s <urn:half> ?o }")
    stop.set()
    for reader in readers:
        reader.join()
    assert seen == {"n\n0\n", "n\n500\n"}


def test_cached_answers_do_not_outlive_the_version_that_they_are_of(store):
    query = {"query": "SELECT ?o { <urn:a> <urn:p> ?o }"}
    first = store.get("/sparql", params=query)
    assert first.headers["cache-control"] == "public, no-cache"
    assert store.get("/sparql", params=query, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    update(store, "INSERT DATA { <urn:a> <urn:p> 2 }")
    again = store.get("/sparql", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, len(again.json()["results"]["bindings"])) == (200, 2)


def test_http_process_that_ends_is_replaced_by_one_that_knows_the_writes(serve):
    with serve(KOUAN_WORKERS="1") as address, client_of(address) as client:
        assert update(client, "INSERT DATA { <urn:b> <urn:p> 2 }").status_code == 200
        for pid in named(address, "http"):
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(httpx.TransportError), client_of(address) as again:
                assert ask(again, "SELECT ?o { <urn:b> <urn:p> ?o }") == "o\n2\n"
                assert update(again, "INSERT DATA { <urn:b> <urn:p> 3 }").status_code == 200
                return
            time.sleep(0.1)
        raise AssertionError("no other HTTP process came")


def test_what_was_written_is_there_after_a_new_start_and_can_be_taken_back(serve, files):
    with serve() as address, client_of(address) as client:
        update(client, "INSERT DATA { <urn:b> <urn:p> 2 }", headers={"Kouan-Reason": "a second one"})
        client.put("/data?graph=urn:g", content="<urn:s> <urn:p> 007 .", headers=TURTLE)
        version = update(client, "DELETE DATA { <urn:a> <urn:p> 1 }").json()["version"]
    with serve() as address, client_of(address) as client:
        assert client.get("/history").json()["version"] == version
        assert triples(client) == "s,p,o\nurn:b,urn:p,2\n"
        assert client.get("/history").json()["commits"][0]["why"] == "a second one"
        patch = client.get("/history/2")
        assert patch.headers["content-type"].startswith("application/rdf-patch")
        assert 'A <urn:s> <urn:p> "007"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .' in patch.text
        dump = client.get("/dump/kouan.nq").text
        assert '"007"' in dump
        assert "urn:a" not in dump
        assert client.post("/history/3/revert").json()["added"] == 1
        assert triples(client) == "s,p,o\nurn:a,urn:p,1\nurn:b,urn:p,2\n"
        assert client.post("/history/9/revert").status_code == 404


def test_what_was_written_of_blank_nodes_of_the_files_holds_after_a_new_start(serve, files):
    lines = ["_:z <urn:p> <urn:a> .", "_:z <urn:q> _:y .", "_:y <urn:r> 'c' .", "<urn:k> <urn:p> '_:x' ."]
    (files / "data.ttl").write_text("\n".join(lines), encoding="utf-8")
    changed = 'DELETE { ?b <urn:p> <urn:a> } INSERT { ?b <urn:name> "new" } WHERE { ?b <urn:p> <urn:a> }'
    query = "SELECT ?n ?c { ?b <urn:name> ?n ; <urn:q> ?y . ?y <urn:r> ?c FILTER NOT EXISTS { ?b <urn:p> ?a } }"
    with serve() as address, client_of(address) as client:
        assert update(client, changed).is_success
        assert ask(client, query) == "n,c\nnew,c\n"
        before = client.get("/data?default", headers={"Accept": "application/n-triples"}).text
    with serve() as address, client_of(address) as client:
        assert ask(client, query) == "n,c\nnew,c\n"
        dumped = client.get("/dump/kouan.nq").text
        after = client.get("/data?default", headers={"Accept": "application/n-triples"}).text
        assert sorted(after.splitlines()) == sorted(before.splitlines()) == sorted(dumped.splitlines())
        assert update(client, "CLEAR ALL").is_success
        assert client.get("/dump/kouan.nq").text.strip() == ""
    with serve() as address, client_of(address) as client:
        assert ask(client, "SELECT ?s { ?s ?p ?o }") == "s\n"


def test_write_past_its_time_is_ended_and_the_next_one_is_made(serve):
    endless = "INSERT { <urn:x> <urn:p> ?n } WHERE { SELECT (COUNT(*) AS ?n) {" + " . ".join(
        f"?a{i} ?b{i} ?c{i}" for i in range(9)
    )
    with serve(KOUAN_WRITE_TIMEOUT="2") as address, client_of(address) as client:
        rows = " ".join(f"<urn:s{number}> <urn:p> {number} ." for number in range(100))
        update(client, f"INSERT DATA {{ {rows} }}")
        slow = update(client, endless + "} }")
        assert slow.status_code == 504
        assert slow.json()["limit"] == "write_timeout"
        assert update(client, "INSERT DATA { <urn:x> <urn:p> 1 }").status_code == 200


@pytest.fixture(scope="module")
def own(start, settings, snapshot, tmp_path_factory):
    """A client of a server of the graph itself that takes writes, with a journal of its own."""
    assert snapshot
    environment = {
        "KOUAN_SNAPSHOTS": str(settings.snapshots),
        "KOUAN_JOURNAL": str(tmp_path_factory.mktemp("journal")),
        "KOUAN_TOKEN": TOKEN,
    }
    with start([], environment) as address, client_of(address) as client:
        yield client


NOTES = """
PREFIX dct: <http://purl.org/dc/terms/> PREFIX id: <https://w3id.org/kouan/id/>
PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX src: <https://w3id.org/kouan/source/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT DATA {
  GRAPH src:notes {
    src:notes a kouan:Source ; rdfs:label "Notes"@en, "笔记"@zh ; dct:title "Notes"@en ; dct:language "en" ;
      dct:issued "2026-01-01"^^xsd:date ; dct:publisher id:tsinghua-university ; dct:rights "Our own."@en, "自有。"@zh .
    <https://w3id.org/kouan/source/notes/p01> a kouan:Passage ; rdfs:label "Notes, the text"@en, "笔记正文"@zh ;
      kouan:number 1 ; kouan:passageOf src:notes .
  }
  GRAPH <https://w3id.org/kouan/source/notes/p01> { id:harbin kouan:locatedIn FACT . }
}"""
WHERE = "SELECT ?g { GRAPH ?g { <https://w3id.org/kouan/id/harbin> <https://w3id.org/kouan/ontology#locatedIn> ?o } }"


def test_write_to_the_graph_must_pass_the_shapes(own):
    before = own.get("/history").json()
    refused = update(own, NOTES.replace("FACT", '"Heilongjiang"'))
    assert refused.status_code == 422
    report = refused.json()["report"]
    assert any(finding["focus_node"].endswith("/id/harbin") for finding in report)
    assert all(finding["message"] and finding["message_zh"] for finding in report)
    as_shacl = update(own, NOTES.replace("FACT", '"Heilongjiang"'), headers={"Accept": "text/turtle"})
    assert as_shacl.status_code == 422
    assert as_shacl.headers["content-type"].startswith("text/turtle")
    assert "sh:ValidationReport" in as_shacl.text
    assert own.get("/history").json() == before


def test_write_to_the_graph_is_closed_and_can_be_asked_for_its_evidence(own):
    assert update(own, NOTES.replace("FACT", "id:heilongjiang")).status_code == 200
    try:
        assert "source/notes/p01" in ask(own, WHERE)
        # What follows from it follows at once.
        assert "kouan/inferred" in ask(own, WHERE)
        china = "ASK { <https://w3id.org/kouan/id/harbin> <https://w3id.org/kouan/ontology#locatedIn> <https://w3id.org/kouan/id/china> }"
        assert "true" in own.get("/sparql", params={"query": china, "format": "csv"}).text
    finally:
        assert own.post("/history/1/revert").status_code == 200
    assert "source/notes/p01" not in ask(own, WHERE)


def test_default_graph_of_our_own_data_is_refused_with_the_true_reason(own):
    refused = update(own, "INSERT DATA { <https://w3id.org/kouan/id/heihe> <urn:p> 1 }").json()
    assert (refused["status"], refused["title"]) == (422, "The default graph cannot be written")
    assert "report" not in refused


def test_contradiction_is_refused_where_the_reasoner_is_asked(own):
    text = NOTES.replace("FACT", "id:heilongjiang").replace(
        "id:harbin kouan:locatedIn", "id:harbin kouan:locatedIn id:harbin ; kouan:locatedIn"
    )
    refused = update(own, text, params={"reason": "", "dry-run": ""})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("INSERT DATA { <urn:x> <urn:y> 1 }", 422),
        ("DELETE WHERE { GRAPH <https://w3id.org/kouan/source/chen-2018/p25> { ?s ?p ?o } }", 403),
        ("INSERT DATA { GRAPH <https://w3id.org/kouan/ontology> { <urn:x> <urn:y> 1 } }", 403),
        ("DROP GRAPH <https://w3id.org/kouan/shapes>", 403),
        ("DROP ALL", 403),
    ],
)
def test_what_the_files_state_is_changed_in_the_files(own, text, status):
    assert update(own, text).status_code == status
    assert own.get("/health").status_code == 200


def test_service_description_says_that_updates_are_taken_where_they_are(store, client):
    language = "http://www.w3.org/ns/sparql-service-description#SPARQL11Update"
    triples = {"Accept": "application/n-triples"}
    assert language in store.get("/sparql", headers=triples).text
    assert language not in client.get("/sparql", headers=triples).text
    assert "search#label" in client.get("/sparql", headers=triples).text


def test_history_page_lists_writes_for_people(store):
    update(store, "INSERT DATA { <urn:b> <urn:p> 2 }", headers={"Kouan-Reason": "said <b>so</b>"})
    page = store.get("/history", headers={"Accept": "text/html"}).text
    assert "said &lt;b&gt;so&lt;/b&gt;" in page
    assert json.loads(store.get("/history").text)["commits"][0]["added"] == 1


def test_journal_belongs_to_one_server_at_a_time(serve, store, files):
    del store
    with pytest.raises(AssertionError, match="ended before it served"), serve():
        pass
    assert Path(files / "snapshots" / "journal").is_dir()


def test_tag_of_what_was_put_is_that_of_what_is_then_got(store):
    turtle = {"Content-Type": "text/turtle"}
    put = store.put("/data?graph=urn:tagged", content="<urn:s> <urn:p> 1 .", headers=turtle)
    got = store.get("/data?graph=urn:tagged", headers={"Accept": "text/turtle"})
    assert put.headers["etag"] == got.headers["etag"]
    known = {"Accept": "text/turtle", "If-None-Match": put.headers["etag"]}
    assert store.get("/data?graph=urn:tagged", headers=known).status_code == 304
    met = turtle | {"If-Match": put.headers["etag"]}
    assert store.put("/data?graph=urn:tagged", content="<urn:s> <urn:p> 2 .", headers=met).status_code == 200
    assert store.put("/data?graph=urn:tagged", content="<urn:s> <urn:p> 3 .", headers=met).status_code == 409


@pytest.mark.parametrize(("challenge", "expected"), [("basic", ["Basic"]), ("bearer", ["Bearer"])])
def test_challenge_is_the_one_that_the_operator_wants(start, tmp_path, challenge, expected):
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    environment = {
        "KOUAN_SNAPSHOTS": str(tmp_path / "s"),
        "KOUAN_TOKEN": "a-secret-token",
        "KOUAN_CHALLENGE": challenge,
        "KOUAN_WORKERS": "1",
    }
    with start([str(tmp_path / "data.ttl")], environment) as address:
        refused = httpx.post(f"{address}/update", data={"update": "CLEAR ALL"}, trust_env=False)
        assert refused.status_code == 401
        told = refused.headers.get_list("www-authenticate")
        assert [each.partition(" ")[0] for each in told] == expected


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/ld+json,application/rdf+xml;q=0.9,application/json,text/turtle", 204),
        ("application/sparql-results+xml", 204),
        ("text/turtle;q=0.1, application/json", 200),
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, */*;q=0.8", 200),
    ],
)
def test_client_that_takes_rdf_is_not_sent_json_for_it(everyones, accept, status):
    asked = "INSERT DATA { <urn:accepting> <urn:p> 1 }"
    answer = update(everyones, asked, headers={"Accept": accept})
    assert (answer.status_code, bool(answer.content)) == (status, status == 200)
    assert answer.headers["kouan-version"]


@pytest.mark.parametrize("media_type", ["text/n3", "text/rdf+n3", "application/x-turtle"])
def test_turtle_by_its_older_names_is_taken(everyones, media_type):
    sent = {"Content-Type": media_type}
    assert everyones.put("/data?graph=urn:older", content="<urn:s> <urn:p> 1 .", headers=sent).status_code in {200, 201}


def test_who_reads_after_a_write_waits_for_no_evaluator_to_be_started(serve):
    with serve(KOUAN_WORKERS="1", KOUAN_EVALUATORS="1") as address, client_of(address) as client:
        for number in range(5):
            update(client, f"INSERT DATA {{ <urn:n> <urn:p> {number} }}")
            [forker] = named(address, "forker")
            os.kill(forker, signal.SIGSTOP)
            try:
                read = client.get("/sparql", params={"query": f"ASK {{ <urn:n> <urn:p> {number} }}", "timeout": "1"})
            finally:
                os.kill(forker, signal.SIGCONT)
            assert read.status_code == 200
            assert "true" in read.text


def test_graph_that_is_there_is_created_again_without_a_word(store):
    update(store, "INSERT DATA { GRAPH <urn:opened> { <urn:s> <urn:p> 1 } }")
    before = triples(store)
    assert update(store, "CREATE GRAPH <urn:opened>").status_code == 200
    assert triples(store) == before


def test_update_with_fields_that_nobody_filled_in_is_made(store):
    unfilled = {"version": "", "using-graph-uri": "", "using-named-graph-uri": ""}
    text = "INSERT { <urn:filled> <urn:p> 1 } WHERE {}"
    assert store.post("/update", data={"update": text, **unfilled}).status_code == 200
    assert "urn:filled" in triples(store)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_part_of_a_graph_replaces_none(store, method):
    store.put("/data?graph=urn:whole", content="<urn:a> <urn:p> 1, 2 .", headers=TURTLE)
    part = TURTLE | {"Content-Range": "bytes 0-5/10"}
    refused = store.request(method, "/data?graph=urn:whole", content="<urn:a> <urn:p> 3 .", headers=part)
    assert (refused.status_code, "A part of a graph" in refused.json()["detail"]) == (400, True)
    lines = store.get("/data?graph=urn:whole", headers={"Accept": "application/n-triples"}).text.splitlines()
    assert len(lines) == 2


def test_update_in_whatever_form_is_made_at_the_address_of_queries(store):
    text = "INSERT DATA { <urn:%s> <urn:p> 1 }"
    in_parts = store.post("/sparql", files={"update": (None, text % "parts")})
    filled = store.post("/sparql", data={"update": text % "filled", "query": ""})
    assert (in_parts.status_code, filled.status_code) == (200, 200)
    assert all(name in str(triples(store)) for name in ("urn:parts", "urn:filled"))
    asked = store.post("/sparql", data={"query": "ASK {}", "update": ""})
    assert asked.json()["boolean"] is True
    both = store.post("/sparql", data={"query": "ASK {}", "update": text % "both"})
    assert (both.status_code, "urn:both" in str(triples(store))) == (400, False)
