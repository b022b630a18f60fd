"""The whole dataset is read, replaced, added to and changed at /data; documents of every format are read as their standards say."""

from __future__ import annotations

import httpx
import pytest
from pyoxigraph import RdfFormat

from kouan.graph.parsing import Parsing

TOKEN = "for-the-whole"
NQ = "<http://x/s> <http://x/p> {} <http://x/g> .\n"
ONE, TWO = '"01"^^<http://www.w3.org/2001/XMLSchema#integer>', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
XML = "^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>"
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://x/">
<rdf:Description rdf:about="http://x/s">{}</rdf:Description></rdf:RDF>"""


@pytest.fixture(scope="module")
def store(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    (folder / "empty.nt").write_text("", encoding="utf-8")
    environment = {"KOUAN_SNAPSHOTS": str(folder / "snapshots"), "KOUAN_TOKEN": TOKEN}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        start([str(folder / "empty.nt")], environment) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60) as client,
    ):
        yield client


def send(store: httpx.Client, method: str, body: str, media_type: str, **place: str) -> httpx.Response:
    return store.request(method, "/data", params=place, content=body.encode(), headers={"Content-Type": media_type})


def read(store: httpx.Client, **place: str) -> list[str]:
    answer = store.get(
        "/data", params=place, headers={"Accept": "application/n-quads" if not place else "application/n-triples"}
    )
    assert answer.status_code == 200, answer.text
    return sorted(answer.text.splitlines())


def test_dataset_is_replaced_added_to_and_changed_term_by_term(store):
    put = send(store, "PUT", NQ.format(ONE) + NQ.format(TWO), "application/n-quads")
    assert put.json()["added"] == 2
    assert read(store) == [NQ.format(ONE).strip(), NQ.format(TWO).strip()]
    post = send(
        store,
        "POST",
        "<http://x/h> { <http://x/s> <http://x/p> 'added' } <http://x/s> <http://x/p> 1 .",
        "application/trig",
    )
    assert (post.status_code, post.json()["added"]) == (200, 2)
    patch = send(store, "PATCH", "DELETE WHERE { GRAPH <http://x/h> { ?s ?p ?o } }", "application/sparql-update")
    assert patch.json()["removed"] == 1
    assert len(read(store)) == 3
    assert (
        "GRAPH" in store.get("/data", params={"format": "trig"}).text
        or "{" in store.get("/data", params={"format": "trig"}).text
    )
    assert '"@graph"' in store.get("/data", headers={"Accept": "application/ld+json"}).text
    assert store.get("/data", headers={"Accept": "text/turtle"}).status_code == 400
    etag = store.get("/data", headers={"Accept": "application/n-quads"}).headers["etag"]
    assert store.get("/data", headers={"Accept": "application/n-quads", "If-None-Match": etag}).status_code == 304
    assert send(store, "PUT", "", "application/n-quads").json()["removed"] == 3


@pytest.mark.parametrize("operation", ["CLEAR NAMED", "DROP ALL"])
def test_graph_that_a_blank_node_names_is_cleared_with_the_others(store, operation):
    send(
        store,
        "PUT",
        "_:g { <http://x/s> <http://x/p> 1 } <http://x/g> { <http://x/s> <http://x/p> 2 }",
        "application/trig",
    )
    cleared = store.post("/update", data={"update": operation})
    assert (cleared.status_code, cleared.json()["removed"]) == (200, 2), cleared.text
    assert read(store) == []
    assert "true" not in store.get("/sparql", params={"query": "ASK { GRAPH ?g {} }"}).text


def test_kind_of_patch_that_is_taken_is_told(store):
    refused = send(store, "PATCH", "<http://x/s> <http://x/p> 1 .", "text/turtle")
    assert refused.status_code == 415
    for answer in (refused, store.options("/data")):
        assert answer.headers["accept-patch"] == "application/sparql-update"
    assert "accept-patch" not in store.options("/update").headers


@pytest.mark.parametrize("media_type", ["application/trig", "application/n-quads"])
def test_patch_is_made_on_what_its_client_has_seen(store, media_type):
    tag = store.get("/data", headers={"Accept": media_type}).headers["etag"]
    headers = {"If-Match": tag, "Content-Type": "application/sparql-update"}
    patch = {"content": "INSERT DATA { <http://x/n> <http://x/p> 1 }", "headers": headers}
    assert store.patch("/data", **patch).status_code == 200
    assert store.patch("/data", **patch).status_code == 409
    assert store.post("/update", data={"update": "DELETE DATA { <http://x/n> <http://x/p> 1 }"}).status_code == 200


def test_whole_of_files_has_what_stands_in_no_graph_too(start, tmp_path):
    (tmp_path / "one.ttl").write_text("<http://x/s> <http://x/p> 01 .", encoding="utf-8")
    with start([str(tmp_path / "one.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address:
        answer = httpx.get(f"{address}/data", headers={"Accept": "application/n-quads"})
    assert answer.text == f"<http://x/s> <http://x/p> {ONE} .\n"


def test_what_needs_a_graph_or_none_is_refused_in_words(store):
    assert send(store, "PATCH", "CLEAR ALL", "application/sparql-update", graph="http://x/g").status_code == 400
    assert send(store, "PUT", "<http://x/g> { }", "application/trig", graph="http://x/g").status_code == 415
    assert (
        httpx.put(f"{store.base_url}/data", content=b"", headers={"Content-Type": "application/n-quads"}).status_code
        == 401
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<e:p>a\r\nb\rc</e:p>", r'"a\nb\nc"'),
        (
            "<e:p rdf:parseType='Literal'><br/></e:p>",
            '"<br></br>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>',
        ),
        (
            "<e:p rdf:datatype='http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral'>&lt;br/></e:p>",
            '"<br/>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>',
        ),
        ("<e:p rdf:parseType='Literal'/>", f'""{XML}'),
        ("<e:p\n rdf:parseType='Mine'\n><e:b>a</e:b></e:p>", rf'"<e:b xmlns:e=\"http://x/\">a</e:b>"{XML}'),
        ("<e:p rdf:parseType='Literal'>a<!-- b & c --><b><?d e?></b></e:p>", f'"a<!-- b & c --><b><?d e?></b>"{XML}'),
        (
            "<e:p rdf:parseType='Literal'><b xmlns='http://h/' a=' xmlns='>c&#xD;</b></e:p>",
            r'"<b xmlns=\"http://h/\" a=\" xmlns=\">c&#xD;</b>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>',
        ),
    ],
)
def test_rdf_xml_has_the_line_ends_and_the_canonical_form_of_its_standards(store, inside, expected):
    assert send(store, "PUT", RDF_XML.format(inside), "application/rdf+xml", graph="http://x/g").status_code < 300
    assert read(store, graph="http://x/g") == [f"<http://x/s> <http://x/p> {expected} ."]


@pytest.mark.parametrize(
    ("body", "media_type", "place", "words"),
    [
        (RDF_XML.format("\n <e:p rdf:bagID='x'>v</e:p>"), "application/rdf+xml", (3, 2), "rdf:bagID"),
        (RDF_XML.format("\n <e:p>v</e:q>"), "application/rdf+xml", (3, 10), "mismatched tag"),
        (RDF_XML.format("\n <u:p>v</u:p>"), "application/rdf+xml", (3, 2), "prefix"),
        (
            '{"@id": "http://x/s",\n "http://x/p": {"@value": 1, "@id": "u"}}',
            "application/ld+json",
            (2, None),
            "@value and @id",
        ),
        ('{"@id": "http://x/s",\n "http://x/p": [1,,2]}', "application/ld+json", (2, None), "comma"),
        ('{\n"@context": "https://example.org/c",\n"a": 1}', "application/ld+json", (2, 13), "<https://example.org/c>"),
        ('{\n"@context": ["there.jsonld"],\n"a": 1}', "application/ld+json", (2, 13), "<http://x/there.jsonld>"),
    ],
)
def test_fault_of_a_document_has_its_line_and_column(store, body, media_type, place, words):
    answer = send(store, "PUT", body, media_type, graph="http://x/g")
    problem = answer.json()
    assert answer.status_code == 400
    assert words in problem["detail"]
    assert problem["line"] == place[0]
    assert problem["column"] == place[1] or place[1] is None


@pytest.mark.parametrize(
    ("context", "member", "expected"),
    [
        ('"https://schema.org"', '"name": "a"', '<http://schema.org/name> "a"'),
        (
            '"https://www.w3.org/ns/activitystreams"',
            '"summary": "a"',
            '<https://www.w3.org/ns/activitystreams#summary> "a"',
        ),
        ('["http://www.w3.org/ns/anno.jsonld", {"e": "http://x/"}]', '"e:p": "a"', '<http://x/p> "a"'),
        ('"https://www.w3.org/2018/credentials/v1"', '"e:p": "a"', '<e:p> "a"'),
        ('"http://www.w3.org/ns/csvw"', '"dc:title": "a"', '<http://purl.org/dc/terms/title> "a"'),
        ('"http://purl.org/dc/terms/"', '"title": "a"', '<http://purl.org/dc/terms/title> "a"'),
        ('{"@base": "http://y/./a/"}', '"http://x/p": {"@id": "b"}', "<http://x/p> <http://y/a/b>"),
        ('{"@direction": "rtl"}', '"http://x/p": {"@value": "a", "@language": "ar"}', '<http://x/p> "a"@ar'),
    ],
)
def test_context_that_is_packaged_stands_for_itself(store, context, member, expected):
    body = f'{{"@context": {context}, "@id": "http://x/s", {member}}}'
    answer = send(store, "PUT", body, "application/ld+json", graph="http://x/g")
    assert answer.status_code < 300, answer.text
    assert read(store, graph="http://x/g") == [f"<http://x/s> {expected} ."]


@pytest.mark.parametrize(
    "held",
    [
        '{"@context":"https://schema.org","name":"a"}',
        '{"@direction":"ltr","@value":"a"}',
        '{"@context":{"@base":"http://y/./a/"}}',
    ],
)
def test_json_literal_stays_as_it_is_whatever_it_holds(store, held):
    body = f'{{"@id": "http://x/s", "http://x/p": {{"@type": "@json", "@value": {held}}}}}'
    assert send(store, "PUT", body, "application/ld+json", graph="http://x/g").status_code < 300
    told = held.replace('"', '\\"')
    assert read(store, graph="http://x/g") == [
        f'<http://x/s> <http://x/p> "{told}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .'
    ]


@pytest.mark.parametrize("asked", ['"a"@ar--rtl', '"a"@ar'])
def test_fragment_of_a_text_has_those_of_its_direction_alone(store, asked):
    assert send(store, "PUT", '<http://x/s> <http://x/p> "a"@ar--rtl , "a"@ar .', "text/turtle", default="").is_success
    answer = store.get("/fragments", params={"object": asked}, headers={"Accept": "application/n-quads"})
    assert answer.status_code == 200, answer.text
    data = [line for line in answer.text.splitlines() if line.startswith("<http://x/s>")]
    assert data == [f"<http://x/s> <http://x/p> {asked} ."]


def test_every_packaged_context_says_its_licence_and_date():
    import json

    from kouan.graph.contexts import HOME

    told = json.loads((HOME / "index.json").read_text(encoding="utf-8"))
    assert {path.stem for path in HOME.glob("*.jsonld")} == told.keys()
    assert all(each["licence"] and each["date"] and each["addresses"] for each in told.values())


def test_media_type_of_two_minds_is_refused_and_nothing_is_written(store):
    before = store.get("/data", headers={"Accept": "application/n-quads"}).text
    for said in ("version=1.1; version=1.2", "charset=utf-8; charset=latin1"):
        answer = send(store, "PUT", NQ.format(3), f"application/n-quads; {said}")
        assert answer.status_code == 400
        assert "says two values of" in answer.json()["detail"]
    assert store.get("/data", headers={"Accept": "application/n-quads"}).text == before


@pytest.mark.timeout(100)
def test_long_literal_of_xml_takes_time_by_its_length_alone():
    inside = "<b>some words</b>\n" * 300_000
    document = RDF_XML.format(f"<e:p rdf:parseType='Literal'>{inside}</e:p>")
    [quad] = Parsing(document.encode(), RdfFormat.RDF_XML, None)
    assert quad.object.value == inside
