"""/validate: a report on data that is sent, against our shapes or those that come along, in a process with bounds."""

from __future__ import annotations

import csv
import io

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

PREFIXES = "@prefix kouan: <https://w3id.org/kouan/ontology#> .\n@prefix id: <https://w3id.org/kouan/id/> .\n"
PORT = PREFIXES + "id:nowhere a kouan:Port .\n"
SH = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <https://example.org/> .\n"
SHAPES = SH + 'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:n ; sh:hasValue "01"^^<urn:t> ] .'
TURTLE = {"Content-Type": "text/turtle"}


def validate(client, data, accept="application/json", **more):
    answer = client.post("/validate", content=data, headers=TURTLE | {"Accept": accept}, **more)
    assert answer.status_code == 200, answer.text
    return answer


def test_data_is_held_against_our_shapes_and_told_in_both_languages(client):
    report = validate(client, PORT).json()
    assert report["conforms"] is False
    assert {each["focus_node"] for each in report["findings"]} == {"https://w3id.org/kouan/id/nowhere"}
    label = next(each for each in report["findings"] if each["path"].endswith("label"))
    assert "(@en)" in label["message"]
    assert "标签" in label["message_zh"]


def test_only_what_was_sent_is_told(client):
    assert validate(client, "<urn:a> <urn:b> <urn:c> .").json() == {"conforms": True, "findings": []}


@pytest.mark.parametrize(
    ("accept", "rdf_format"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_report_comes_as_rdf(client, accept, rdf_format):
    answer = validate(client, PORT, accept)
    assert answer.headers["content-type"].startswith(accept)
    triples = [quad.triple for quad in parse(answer.content, format=rdf_format)]
    conforms = [t.object.value for t in triples if t.predicate.value.endswith("#conforms")]
    assert conforms == ["false"]
    assert sum(t.predicate.value.endswith("#result") for t in triples) == 2


@pytest.mark.parametrize(
    "value",
    ['"http://x.org/<a>"', '"_:a b"', '"http://x.org/a"', '"a\\nhttp://b"', '"x"@fr', "5.5", "<mailto:a@b>", "<urn:x>"],
)
def test_report_tells_terms_as_they_were_sent(client, value):
    answer = validate(client, f"{PREFIXES}<urn:port> a kouan:Port ; kouan:openedYear {value} .", "text/turtle")
    report = list(parse(answer.content, format=RdfFormat.TURTLE))
    [sent] = parse(f"<urn:a> <urn:b> {value} .", format=RdfFormat.TURTLE)
    told = {quad.predicate.value.rpartition("#")[2]: set() for quad in report}
    for quad in report:
        told[quad.predicate.value.rpartition("#")[2]].add(quad.object)
    assert told["focusNode"] == {NamedNode("urn:port")}
    assert sent.object in told["value"]


def test_report_comes_as_csv_and_as_a_page(client):
    rows = list(csv.DictReader(io.StringIO(validate(client, PORT, "text/csv").text)))
    assert {row["severity"] for row in rows} == {"Violation"}
    page = validate(client, PORT, "text/html").text
    assert "does not conform" in page
    assert "id:nowhere a kouan:Port" in page


def test_page_tells_a_finding_once_and_its_severity_in_the_language_of_the_reader(client):
    wrong = (
        PORT + '\n<urn:x> a <https://w3id.org/kouan/ontology#Port> ; <https://w3id.org/kouan/ontology#openedYear> "x" .'
    )
    page = client.post("/validate?lang=zh", data={"data": wrong}, headers={"Accept": "text/html"}).text
    assert page.count("请写一个开放年份") == 1
    assert "<td>违反</td>" in page
    assert "Violation" not in page


def test_browser_gets_a_form(client):
    page = client.get("/validate", headers={"Accept": "text/html"}).text
    assert 'name="shapes"' in page


@pytest.mark.parametrize(("text", "conforms"), [("01", True), ("1", False)])
def test_shapes_that_are_sent_along_see_literals_as_they_are_written(client, text, conforms):
    data = f'<https://example.org/a> <https://example.org/n> "{text}"^^<urn:t> .'
    files = {"data": ("d.nt", data, "application/n-triples"), "shapes": ("s.ttl", SHAPES, "text/turtle")}
    as_files = client.post("/validate", files=files, headers={"Accept": "application/json"}).json()
    as_fields = client.post("/validate", data={"data": data, "shapes": SHAPES, "format": "json"}).json()
    as_parameter = validate(client, data, params={"shapes": SHAPES}).json()
    assert as_files["conforms"] is as_fields["conforms"] is as_parameter["conforms"] is conforms


def test_integer_keeps_its_zeros(client):
    shapes = SH + 'ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:n ; sh:pattern "^01$" ] .'
    assert validate(client, "<https://example.org/a> <https://example.org/n> 01 .", params={"shapes": shapes}).json()[
        "conforms"
    ]


def test_data_that_cannot_be_read_is_refused_with_its_line(client):
    answer = client.post("/validate", content="<urn:a> <urn:b>\n<urn:c", headers=TURTLE)
    assert (answer.status_code, answer.json()["line"]) == (400, 2)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"content": "x", "headers": {"Content-Type": "text/css"}}, 415),
        ({"data": {"shapes": SHAPES}}, 400),
        ({"content": PORT, "headers": TURTLE | {"Accept": "image/png"}}, 406),
        ({"content": PORT, "headers": TURTLE, "params": {"format": "pdf"}}, 406),
        ({"content": PORT, "headers": TURTLE, "params": {"timeout": "soon"}}, 400),
        ({"content": "<urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> .", "headers": TURTLE}, 400),
    ],
)
def test_what_cannot_be_validated_is_refused_with_words(client, arguments, status):
    answer = client.post("/validate", **arguments)
    assert answer.status_code == status
    assert len(answer.json()["detail"]) > 20


def test_shapes_call_nobody(client):
    shapes = SH + (
        'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:sparql [ sh:message "m" ; '
        'sh:select "SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }" ] .'
    )
    answer = client.post("/validate", content="", headers=TURTLE, params={"shapes": shapes})
    assert answer.status_code == 400
    assert "SERVICE" in answer.json()["detail"]


def test_validation_that_takes_too_long_is_ended_and_the_next_one_works(client):
    shapes = SH + 'ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:n ; sh:pattern "^(?=a)(a+)+$" ] .'
    data = f'<https://example.org/a> <https://example.org/n> "{"a" * 60}b" .'
    answer = client.post("/validate", content=data, headers=TURTLE, params={"shapes": shapes, "timeout": "1"})
    assert (answer.status_code, answer.json()["limit"]) == (504, "timeout")
    assert validate(client, PORT).json()["conforms"] is False


def test_query_of_another_form_is_refused_in_words(client):
    shapes = SH + 'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:sparql [ sh:select "CONSTRUCT WHERE { ?a ?b ?c }" ] .'
    answer = client.post("/validate", params={"shapes": shapes}, content="<urn:a> <urn:b> 1 .", headers=TURTLE)
    assert answer.status_code == 400
    assert "The select of <https://example.org/S> is a query that starts with CONSTRUCT" in answer.json()["detail"]


def test_message_in_no_language_is_in_none(client):
    shapes = SH + (
        'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:n ; sh:minCount 1 ; sh:message "none" ] . '
        'ex:T sh:message "{?x}n{?y}"@zh .'
    )
    (finding,) = validate(client, "<urn:a> <urn:b> 1 .", params={"shapes": shapes}).json()["findings"]
    assert (finding["message"], finding["message_zh"]) == ("none", "")


def test_data_without_shapes_of_its_own_needs_some(ports):
    answer = ports.post("/validate", content=PORT, headers=TURTLE)
    assert answer.status_code == 400
    assert "shapes" in answer.json()["detail"]
