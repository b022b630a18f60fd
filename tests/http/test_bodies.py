"""Bodies as editors and clients write them: with a byte order mark, in another charset, in a coding, or empty."""

from __future__ import annotations

import gzip
import zlib
from urllib.parse import quote

import brotli
import httpx
import pytest
import zstandard

BEARER = {"Authorization": "Bearer a-secret-token"}
SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 2"

FORM = "application/x-www-form-urlencoded"
ONE_IS_NONE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:S> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ; sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] ."""


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


@pytest.mark.parametrize(
    ("media_type", "before", "after"),
    [
        ("text/turtle", "<urn:a> <urn:p> '", "' ."),
        ("application/ld+json", '{"@id": "urn:a", "urn:p": "', '"}'),
        (
            "application/rdf+xml",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:a"><p xmlns="urn:">',
            "</p></rdf:Description></rdf:RDF>",
        ),
    ],
)
@pytest.mark.parametrize("length", [4_090, 20_000, 2_500_000])
def test_long_text_is_written_whole(store, media_type, before, after, length):
    text = "边" * (length // 3)
    sent = store.put("/data?graph=urn:l", content=before + text + after, headers={"Content-Type": media_type})
    assert sent.status_code in {200, 201, 204}, sent.text
    assert text in store.get("/data?graph=urn:l", headers={"Accept": "text/turtle"}).text


@pytest.mark.parametrize(
    ("media_type", "body", "word"),
    [
        ("application/ld+json", '{"urn:a":' * 4_000 + "1" + "}" * 4_000, "nests more than 1,000"),
        ("application/ld+json", "[" * 90_000, "nests more than 1,000"),
        ("application/ld+json", '{"@direction": null, "urn:a": "' + '\\"' * 90_000, "line 1"),
        ("application/ld+json", '{"@id": "//x' + "/.." * 90_000 + '\\u"}', "line 1"),
        (
            "application/rdf+xml",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + "<r:Description><a xmlns='urn:'>" * 30_000,
            "nests more than 1,000",
        ),
    ],
    ids=["objects", "arrays", "escapes", "dots", "elements"],
)
def test_document_that_would_take_for_ever_is_refused_in_words(ports, media_type, body, word):
    sent = ports.post("/validate", params={"shapes": ""}, content=body, headers={"Content-Type": media_type})
    assert sent.status_code == 400, sent.text
    assert word in sent.json()["detail"]


def test_brackets_in_texts_nest_nothing(store):
    sent = store.put(
        "/data?graph=urn:b",
        json={"@id": "urn:a", "urn:p": '\\"[{' * 2_000},
        headers={"Content-Type": "application/ld+json"},
    )
    assert sent.is_success, sent.text


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


@pytest.mark.parametrize(
    ("charset", "said"), [("iso-8859-1", ""), ("iso-8859-1", "; charset=iso-8859-1"), ("utf-16", "")]
)
def test_xml_is_in_the_charset_that_it_declares(store, charset, said):
    text = (
        f"<?xml version='1.0' encoding='{charset}'?><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<r:Description r:about='urn:a'><p xmlns='urn:'>é</p></r:Description></r:RDF>"
    )
    headers = {"Content-Type": f"application/rdf+xml{said}"}
    sent = store.put("/data?graph=urn:x", content=text.encode(charset), headers=headers)
    assert sent.is_success, sent.text
    assert store.get("/data?graph=urn:x", headers={"Accept": "application/n-triples"}).text == '<urn:a> <urn:p> "é" .\n'
    assert store.post("/validate?shapes=", content=text.encode(charset), headers=headers).is_success


@pytest.mark.parametrize("charset", ["utf-16", "gb18030"])
def test_data_in_another_charset_is_validated(ports, charset):
    headers = {"Content-Type": f"text/turtle; charset={charset}"}
    sent = ports.post("/validate?shapes=", content="<urn:a> <urn:p> '口岸' .".encode(charset), headers=headers)
    assert sent.status_code == 200, sent.text


@pytest.mark.parametrize(("method", "path"), [("PUT", "/data?graph=urn:k"), ("POST", "/validate")])
def test_graph_in_a_charset_that_is_none_is_415(store, method, path):
    headers = {"Content-Type": "text/turtle; charset=klingon"}
    assert store.request(method, path, content=b"<urn:a> <urn:p> 1 .", headers=headers).status_code == 415


HEIHE = "黑河".encode("gb18030")
ENCODED = "".join(f"%{byte:02X}" for byte in HEIHE)


@pytest.mark.parametrize(
    ("path", "media_type", "body", "found"),
    [
        ("/reconcile", "application/json", b'{"queries": {"q": {"query": "%s"}}}' % HEIHE, '"heihe"'),
        ("/reconcile", FORM, "queries=" + quote('{"q": {"query": "') + ENCODED + quote('"}}'), '"heihe"'),
        (
            "/reconcile/1.0/match",
            "application/json",
            b'{"queries": [{"conditions": [{"matchType": "name", "propertyValue": "%s"}]}]}' % HEIHE,
            '"heihe"',
        ),
        ("/validate", FORM, f'data=<urn:a> <urn:p> "{ENCODED}" .&shapes={quote(ONE_IS_NONE)}', "黑河"),
    ],
)
def test_charset_is_heeded_in_every_route(client, path, media_type, body, found):
    headers = {"Content-Type": f"{media_type}; charset=gb18030", "Accept": "application/json"}
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert found in answer.text
    unknown = client.post(path, content=body, headers={"Content-Type": f"{media_type}; charset=klingon"})
    assert unknown.status_code == 415


def test_parts_of_a_form_have_charsets_of_their_own(client):
    said = 'ASK { FILTER(STRLEN("黑河") = 2) }'
    part = {"query": (None, said.encode("gb18030"), "text/plain; charset=gb18030")}
    assert client.post("/sparql", files=part, headers={"Accept": "application/json"}).json()["boolean"] is True
    part = {"query": (None, said, "text/plain; charset=klingon")}
    assert client.post("/sparql", files=part).status_code == 415
    file = {
        "data": ("a.ttl", '<urn:a> <urn:p> "黑河" .'.encode("gb18030"), "text/turtle; charset=gb18030"),
        "shapes": ("s.ttl", gzip.compress(ONE_IS_NONE.encode()), "application/gzip"),
    }
    assert "黑河" in client.post("/validate", files=file, headers={"Accept": "application/json"}).text


@pytest.mark.parametrize("path", ["/sparql", "/update", "/validate", "/reconcile"])
def test_unknown_coding_is_answered_with_those_that_are_known(store, path):
    answer = store.post(path, content=b"x", headers={"Content-Encoding": "compress"})
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "gzip, deflate, br, zstd"


LINES = [f"<urn:{number}> <urn:p> <urn:o> .\n".encode() for number in range(3_000)]


def in_blocks(lines):
    """Return lines as zstd has them with a block for each, so that what breaks off ends with a line."""
    writer = zstandard.ZstdCompressor().compressobj()
    blocks = [writer.compress(each) + writer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for each in lines]
    return [*blocks, writer.flush()]


@pytest.mark.parametrize(("coding", "compressed"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_body_compressed_in_parts_is_written_whole(store, coding, compressed):
    headers = {"Content-Type": "text/turtle", "Content-Encoding": coding}
    parts = b"".join(compressed(b"".join(LINES[start : start + 500])) for start in range(0, 3_000, 500))
    sent = store.put("/data?graph=urn:parts", content=parts, headers=headers)
    assert sent.is_success, sent.text
    written = store.get("/data?graph=urn:parts", headers={"Accept": "application/n-triples"}).content
    assert sorted(written.splitlines(keepends=True)) == sorted(LINES)


@pytest.mark.parametrize(("coding", "compressed"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
@pytest.mark.parametrize(("held", "times"), [(b"", 100_001), (b"#", 100_001), (LINES[0], 90_000)])
def test_body_of_too_many_parts_is_not_read(store, coding, compressed, held, times):
    headers = {"Content-Type": "text/turtle", "Content-Encoding": coding}
    sent = store.post("/validate?shapes=", content=compressed(held) * times, headers=headers)
    assert (sent.status_code == 200) is (times < 100_000), sent.text
    assert sent.status_code == 200 or "more than 100,000 compressed parts" in sent.json()["detail"]


@pytest.mark.parametrize("window", [9, 12, 15, -9, -15])
def test_deflate_is_read_with_any_window_with_a_head_and_without(store, window):
    writer = zlib.compressobj(wbits=window)
    sent = writer.compress(SELECT.encode()) + writer.flush()
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "deflate"}
    assert store.post("/sparql", content=sent, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(LINES[0]) + gzip.compress(LINES[1])[:-5]),
        ("gzip", gzip.compress(LINES[0]) + b"no gzip"),
        ("gzip", b""),
        ("deflate", zlib.compress(LINES[0])[:-1]),
        ("deflate", zlib.compress(LINES[0]) + zlib.compress(LINES[1])),
        ("br", brotli.compress(LINES[0])[:-1]),
        ("zstd", zstandard.compress(b"".join(LINES))[:30]),
        ("zstd", zstandard.compress(LINES[0]) + zstandard.compress(LINES[1])[:-5]),
        ("zstd", b"".join(in_blocks(LINES[:4])[:2])),
        ("zstd", zstandard.compress(LINES[0]) + b"no zstd"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_half_of_a_compressed_body_replaces_nothing(store, coding, body):
    headers = {"Content-Type": "text/turtle", "Content-Encoding": coding}
    assert store.put("/data?graph=urn:half", content=LINES[9], headers={"Content-Type": "text/turtle"}).is_success
    sent = store.put("/data?graph=urn:half", content=iter([body]), headers=headers)
    assert sent.status_code == 400, sent.text
    assert store.get("/data?graph=urn:half", headers={"Accept": "application/n-triples"}).content == LINES[9]


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


ARABIC = {"@context": {"@vocab": "urn:v:", "@direction": "rtl", "@language": "ar"}, "@id": "urn:a", "name": "س"}
CONTEXT = 'data:application/ld+json,{"@context":{"name":"urn:n"}}'
RELATION = 'rel="http://www.w3.org/ns/json-ld#context"'


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("", '<urn:v:name> "س"@ar .'),
        ("; rdfDirection=i18n-datatype", '"س"^^<https://www.w3.org/ns/i18n#ar_rtl> .'),
        (";rdfdirection=compound-literal", '<http://www.w3.org/1999/02/22-rdf-syntax-ns#direction> "rtl" .'),
        ('; processingMode=json-ld-1.1; charset="utf-8"', '<urn:v:name> "س"@ar .'),
    ],
)
def test_json_ld_is_read_as_its_media_type_says(store, parameters, said):
    headers = {"Content-Type": f"application/ld+json{parameters}"}
    assert store.put("/data?graph=urn:j", json=ARABIC, headers=headers).is_success
    assert said in store.get("/data?graph=urn:j", headers={"Accept": "application/n-triples"}).text


def test_data_is_validated_as_its_media_type_says(ports):
    shapes = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:shape> a sh:NodeShape ; sh:targetNode <urn:a> ;"
        "sh:property [ sh:path <urn:v:name> ; sh:datatype <https://www.w3.org/ns/i18n#ar_rtl> ] ."
    )
    for parameter, conforms in (("", False), ("; rdfDirection=i18n-datatype", True)):
        headers = {"Content-Type": f"application/ld+json{parameter}", "Accept": "application/json"}
        answer = ports.post("/validate", params={"shapes": shapes}, json=ARABIC, headers=headers)
        assert answer.json()["conforms"] is conforms


@pytest.mark.parametrize(
    ("headers", "body", "word"),
    [
        ({"Content-Type": "application/ld+json; rdfDirection=left"}, "{}", "i18n-datatype or compound-literal"),
        ({"Content-Type": "application/ld+json; processingMode=1.0"}, "{}", "json-ld-1.1 or json-ld-1.0"),
        (
            {"Content-Type": "application/ld+json; processingMode=json-ld-1.0"},
            '{"@context": {"@version": 1.1}}',
            "processing mode conflict",
        ),
        ({"Content-Type": "application/ld+json; rdfDirection=i18n-datatype"}, '{"a": 1,\n,}', "line 2 column 1"),
        ({"Content-Type": "application/ld+json; rdfDirection=i18n-datatype"}, '"urn:a"', "an object or an array"),
        ({"Content-Type": "application/json", "Link": f"<https://example.org/c>; {RELATION}"}, "{}", "example.org/c"),
        (
            {"Content-Type": "application/json", "Link": f"<urn:a>; {RELATION}, <urn:b>; {RELATION}"},
            "{}",
            "one context",
        ),
    ],
)
def test_json_ld_that_cannot_be_read_as_asked_is_refused_in_words(store, headers, body, word):
    sent = store.put("/data?graph=urn:k", content=body.encode(), headers=headers)
    assert sent.status_code == 400
    assert word in sent.json()["detail"]


@pytest.mark.parametrize(
    ("media_type", "body", "links", "said"),
    [
        ("application/json", {"@id": "urn:a", "name": "x"}, f"<{CONTEXT}>; {RELATION}", "<urn:n>"),
        ("application/json", {"@id": "urn:a", "name": "x"}, f"<urn:o>; rel=next, <https://schema.org>; {RELATION}", "schema.org/name>"),
        # Where JSON-LD says what it is, a link says nothing (JSON-LD 1.1, section 6.1).
        ("application/ld+json", {"@context": CONTEXT, "@id": "urn:a", "name": "x"}, f"<https://schema.org>; {RELATION}", "<urn:n>"),
    ],
)  # fmt: skip
def test_json_is_read_in_the_words_of_the_context_that_it_is_sent_with(store, media_type, body, links, said):
    headers = {"Content-Type": media_type, "Link": links}
    assert store.put("/data?graph=urn:l", json=body, headers=headers).is_success
    assert said in store.get("/data?graph=urn:l", headers={"Accept": "application/n-triples"}).text


@pytest.mark.parametrize(
    ("path", "media_type", "body", "status"),
    [
        ("/update", "application/sparql-update; version=1.1; version=1.2", "INSERT DATA { <urn:v> <urn:p> 1 }", 400),
        ("/update?version=1.1", "application/sparql-update; Version=1.2", "INSERT DATA { <urn:v> <urn:p> 1 }", 400),
        ("/sparql", "application/sparql-query; version=1.1; VERSION=1.2", "ASK {}", 400),
        ("/sparql", "application/sparql-query; charset=utf-8; charset=utf-16", "ASK {}", 400),
        ("/sparql", "application/sparql-query; version=1.2; version=1.2", "ASK {}", 200),
    ],
)
def test_media_type_that_says_two_values_is_refused_and_writes_nothing(store, path, media_type, body, status):
    sent = store.post(path, content=body, headers={"Content-Type": media_type})
    assert sent.status_code == status
    assert store.get("/sparql", params={"query": "ASK { <urn:v> ?p ?o }"}).json()["boolean"] is False


@pytest.mark.parametrize(
    ("media_type", "context"),
    [
        ("application/ld+json", '"{}"'),
        ("application/ld+json", '["{}", {{"x": "urn:x"}}]'),
        ("application/ld+json", '[{{"x": "urn:x"}}, "{}"]'),
        ("application/ld+json; rdfDirection=i18n-datatype", '"{}"'),
        ("application/json", "{{}}"),
    ],
)
@pytest.mark.parametrize("escape", ["/", r"\/"])
def test_document_may_name_the_context_that_is_served_here(store, media_type, context, escape):
    address = f"{store.base_url}/context.jsonld"
    body = '{"@context": ' + context.format(address).replace("/", escape) + ', "@id": "urn:a", "label": {"en": "A"}}'
    headers = {"Content-Type": media_type}
    if media_type == "application/json":
        headers["Link"] = f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"'
    answer = store.put("/data?graph=urn:own", content=body, headers=headers)
    assert answer.is_success, answer.text
    said = store.get("/data?graph=urn:own", headers={"Accept": "application/n-triples"}).text
    assert said == '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .\n'


def test_address_of_the_context_is_left_where_it_is_no_context(store):
    told = f'"@context":"{store.base_url}/context.jsonld"'
    answer = store.put(
        "/data?graph=urn:own", content=f"<urn:a> <urn:p> '{told}' .", headers={"Content-Type": "text/turtle"}
    )
    assert answer.is_success
    found = store.get(
        "/sparql", params={"query": "SELECT ?o { GRAPH <urn:own> { ?s ?p ?o } }", "format": "json"}
    ).json()
    assert [each["o"]["value"] for each in found["results"]["bindings"]] == [told]


def test_short_document_of_a_thing_is_validated_as_it_was_sent(client):
    short = client.get("/doc/kashgar.jsonld?context")
    assert short.json()["@context"] == f"{client.base_url}/context.jsonld"
    found = [
        client.post("/validate?format=json", content=body, headers={"Content-Type": media_type})
        for body, media_type in [
            (short.content, "application/ld+json"),
            (client.get("/doc/kashgar.nt").content, "application/n-triples"),
        ]
    ]
    assert [each.status_code for each in found] == [200, 200], found[0].text
    told = [sorted((each["focus_node"], each["message"]) for each in report.json()["findings"]) for report in found]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<urn:a> <urn:b> 1 ."),
        ("a.json", '[{"@id": "urn:a", "urn:b": 1}]'),
        ("a.NT", "<urn:a> <urn:b> <urn:c> ."),
    ],
)
def test_file_whose_type_nobody_tells_is_what_its_name_ends_in(store, name, text):
    file = (name, text, "application/octet-stream")
    assert store.post("/data?graph=urn:named", files={"file": file}).is_success
    assert "<urn:a> <urn:b>" in store.get("/data?graph=urn:named", headers={"Accept": "application/n-triples"}).text
    assert store.delete("/data?graph=urn:named").is_success


@pytest.mark.parametrize("field", ["graph", "graph-uri"])
def test_form_names_the_graph_that_its_file_goes_to(store, field):
    file = {"file": ("d.ttl", "<urn:a> <urn:b> 1 .", "text/turtle")}
    made = store.post("/data", files=file, data={field: "urn:formed"})
    assert (made.status_code, made.headers["location"]) == (201, "urn:formed")
    assert "<urn:a> <urn:b>" in store.get("/data?graph=urn:formed", headers={"Accept": "application/n-triples"}).text
    assert store.post("/data?graph=urn:another", files=file, data={field: "urn:formed"}).status_code == 400
    assert store.post("/data", files=file, data={field: "formed"}).status_code == 400
    assert store.delete("/data?graph=urn:formed").is_success
    # Forms send a field that nobody filled.
    made = store.post("/data", files=file, data={field: ""})
    assert made.status_code == 201
    assert store.delete(made.headers["location"]).is_success


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [("d.trig", "<urn:in> { <urn:a> <urn:b> <urn:c> }", 415), ("d.nq", "<urn:a> <urn:b> <urn:c> <urn:in> .", 400)],
)
@pytest.mark.parametrize("media_type", ["application/octet-stream", ""])
def test_file_with_graphs_of_its_own_is_taken_as_its_body_would_be(store, name, text, status, media_type):
    media_type = media_type or {"trig": "application/trig", "nq": "application/n-quads"}[name.partition(".")[2]]
    assert store.post("/data", files={"file": (name, text, media_type)}).json()["added"] == 1
    assert "<urn:a> <urn:b> <urn:c>" in store.get("/data?graph=urn:in&format=nt").text
    assert store.post("/data?graph=urn:in", files={"file": (name, text, media_type)}).status_code == status
    assert store.delete("/data?graph=urn:in").is_success


def test_triples_of_a_graph_may_be_sent_as_quads(store):
    sent = {"content": "<urn:a> <urn:b> <urn:c> .", "headers": {"Content-Type": "application/n-quads"}}
    assert store.put("/data?graph=urn:quads", **sent).status_code == 201
    assert store.get("/data?graph=urn:quads&format=nt").text == "<urn:a> <urn:b> <urn:c> .\n"
    named = sent | {"content": "<urn:a> <urn:b> <urn:c> <urn:quads> ."}
    assert "names graphs of its own" in store.put("/data?graph=urn:quads", **named).json()["detail"]
    assert store.delete("/data?graph=urn:quads").is_success


@pytest.mark.parametrize(
    ("name", "media_type"), [("z.ttl.gz", "application/gzip"), ("z.ttl", "text/turtle"), ("Z.TTL.GZ", "")]
)
def test_file_that_is_compressed_is_read(store, name, media_type):
    content = gzip.compress(b"<urn:a> <urn:b> <urn:c> .")
    answer = store.post(
        "/data?graph=urn:zipped", files={"file": (name, content, media_type or "application/octet-stream")}
    )
    assert answer.status_code == 201, answer.text
    assert store.get("/data?graph=urn:zipped&format=nt").text == "<urn:a> <urn:b> <urn:c> .\n"
    assert store.delete("/data?graph=urn:zipped").is_success
    cut = store.post("/data?graph=urn:zipped", files={"file": (name, content[:-9], "application/gzip")})
    assert cut.status_code == 400
    bomb = gzip.compress(b"#" * 200_000_000)
    assert store.post("/data?graph=urn:zipped", files={"file": (name, bomb, "application/gzip")}).status_code == 413


def test_file_of_no_known_kind_is_415(store):
    assert (
        store.post("/data?graph=urn:n", files={"file": ("a.doc", "x", "application/octet-stream")}).status_code == 415
    )


def test_graph_is_named_as_virtuoso_has_it_too(store):
    turtle = {"Content-Type": "text/turtle"}
    assert store.put("/data?graph-uri=urn:virtuoso", content="<urn:a> <urn:b> 1 .", headers=turtle).status_code == 201
    assert "<urn:a> <urn:b> 1" in store.get("/data?graph-uri=urn:virtuoso", headers={"Accept": "text/turtle"}).text
    assert store.delete("/data?graph-uri=urn:virtuoso").is_success
    assert store.get("/data?graph=urn:virtuoso").status_code == 404
