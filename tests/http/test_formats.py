"""Each format of an answer says what the answer says: tables, maps, sheets, columns, graphs in RDF 1.1 and 1.2."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys

import httpx
import pytest
import rdflib
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

VALUES = """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
"""
TYPED = (
    VALUES
    + """SELECT ?iri ?text ?count ?share ?is ?on ?at ?none WHERE { VALUES (?iri ?text ?count ?share ?is ?on ?at) {
  (<https://example.org/a> "=1+1 \\"<b>\\"" 7 1.50 true "2018-03-29"^^xsd:date "2018-03-29T08:00:00Z"^^xsd:dateTime)
  (<https://example.org/b> "北"@zh -2 22.5 false UNDEF UNDEF) } } ORDER BY ?iri"""
)
PLACES = (
    VALUES
    + """SELECT ?name ?wkt ?people WHERE { VALUES (?name ?wkt ?people) {
  ("Heihe" "POINT(127.5 50.25)"^^geo:wktLiteral 211000)
  ("Suifenhe" "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(44.4 131.1)"^^geo:wktLiteral 69000)
  ("nowhere" UNDEF 0) } } ORDER BY ?name"""
)
EX = "PREFIX ex: <https://example.org/>\n"
CONSTRUCT = EX + 'CONSTRUCT { ?s a ex:City ; ex:label ?l . ex:x ex:n "01"^^<urn:t>, 1, true } { ?s ex:label ?l }'
TRIPLE_TERM = 'CONSTRUCT { <urn:a> <urn:says> <<( <urn:a> <urn:b> "x"@en--ltr )>> } {}'


def ask(client, query, form, **headers):
    answer = client.get("/sparql", params={"query": query, "format": form}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_html_table_stands_alone_and_holds_every_value_as_text(ports):
    answer = ask(ports, TYPED, "html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    assert page.startswith("<!doctype html>")
    assert page.count("<tr>") == 3
    assert '<a href="https://example.org/a" rel="nofollow">' in page
    assert '<td lang="zh">北</td>' in page
    assert "=1+1 &quot;&lt;b&gt;&quot;" in page
    assert "2 rows" in page
    assert "http" not in page.replace("https://example.org", "").replace("http://www.w3.org/2001/XMLSchema#", "")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_html_of_a_verdict_and_of_a_graph(ports):
    assert "<p>true</p>" in ask(ports, "ASK {}", "html").text
    table = ask(ports, CONSTRUCT, "html").text
    assert '<th scope="col">predicate</th>' in table


def test_link_of_another_scheme_is_text(ports):
    page = ask(ports, "SELECT (IRI('javascript:alert(1)') AS ?x) {}", "html").text
    assert "<td>javascript:alert(1)</td>" in page


def test_geojson_is_a_feature_for_each_row_with_its_other_columns(ports):
    answer = ask(ports, PLACES, "geojson")
    assert answer.headers["content-type"] == "application/geo+json; charset=utf-8"
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    heihe, suifenhe, nowhere = collection["features"]
    assert heihe["geometry"] == {"type": "Point", "coordinates": [127.5, 50.25]}
    assert heihe["properties"] == {"name": "Heihe", "people": 211000}
    assert suifenhe["geometry"]["coordinates"] == [131.1, 44.4]
    assert nowhere["geometry"] is None


def test_geojson_without_geometries_is_406_and_says_what_to_select(ports):
    answer = ports.get("/sparql", params={"query": TYPED, "format": "geojson"})
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")
    assert "geo:asWKT" in answer.json()["detail"]
    assert ask(ports, "SELECT ?wkt { ?wkt a <urn:none> }", "geojson").json()["features"] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_geojson_has_no_number_that_is_none(ports, number):
    literal = f'"{{\\"type\\":\\"Point\\",\\"coordinates\\":[{number},1]}}"^^geo:geoJSONLiteral'
    whole = '"POINT(1 2)"^^geo:wktLiteral'
    answer = ask(ports, f"{VALUES}SELECT * {{ VALUES (?x ?y) {{ ({literal} {whole}) }} }}", "geojson")
    [feature] = json.loads(answer.text, parse_constant=pytest.fail)["features"]
    assert feature["geometry"]["coordinates"] == [1.0, 2.0]
    assert number in feature["properties"]["x"]


def test_geojson_of_another_coordinate_system_is_406(ports):
    query = PLACES.replace("EPSG/0/4326", "EPSG/0/4490")
    answer = ports.get("/sparql", params={"query": query, "format": "geojson"})
    assert answer.status_code == 406
    assert "EPSG/0/4490" in answer.json()["detail"]


def test_spreadsheet_has_numbers_dates_and_texts_that_are_no_formulas(ports):
    openpyxl = pytest.importorskip("openpyxl")
    answer = ask(ports, TYPED, "xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="answer.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["iri", "text", "count", "share", "is", "on", "at", "none"]
    assert rows[1][:5] == ["https://example.org/a", '=1+1 "<b>"', 7, 1.5, True]
    assert rows[1][5].date().isoformat() == "2018-03-29"
    assert rows[2][1:4] == ["北", -2, 22.5]
    assert sheet["B2"].data_type == "s"


@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows"])
def test_columns_have_types(ports, form):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    content = ask(ports, TYPED, form).content
    opened = {"arrow": pyarrow.ipc.open_file, "arrows": pyarrow.ipc.open_stream}
    table = parquet.read_table(io.BytesIO(content)) if form == "parquet" else opened[form](content).read_all()
    types = {field.name: str(field.type) for field in table.schema}
    assert types["count"] == "int64"
    assert types["share"] == "decimal128(3, 1)"
    assert types["is"] == "bool"
    assert types["on"] == "date32[day]"
    assert types["at"] == "timestamp[us, tz=UTC]"
    assert types["text"] == types["iri"] == types["none"] == "string"
    assert table.column("text").to_pylist() == ['=1+1 "<b>"', "北"]
    assert [str(each) for each in table.column("share").to_pylist()] == ["1.5", "22.5"]
    assert table.schema.field("iri").metadata == {b"rdf": b"iri"}


@pytest.mark.parametrize("form", ["xlsx", "parquet", "arrow", "jsonld", "html", "geojson"])
def test_same_answer_is_the_same_bytes(ports, form):
    query = CONSTRUCT if form == "jsonld" else PLACES
    # Another comment is another question to the cache, and the same answer.
    answers = {ask(ports, f"#{number}\n{query}", form).content for number in range(2)}
    assert len(answers) == 1


def test_format_whose_library_is_missing_is_406_and_says_what_to_install():
    script = (
        "import sys; sys.modules['xlsxwriter'] = None\n"
        "import importlib.util as u; found = u.find_spec\n"
        "import kouan.formats.table as f; f.find_spec = lambda name: None if name == 'xlsxwriter' else found(name)\n"
        "from kouan.formats.negotiation import choose\n"
        "print(choose('SELECT', '', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/csv;q=.1').name)\n"
        "try: choose('SELECT', 'xlsx', '')\n"
        "except Exception as e: print(e)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0] == "csv"
    assert "pip install 'kouan[tables]'" in said


GRAPHS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}


# rdflib's reader of JSON-LD still uses a class that rdflib calls by another name now.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("form", GRAPHS)
def test_graph_is_the_same_in_each_format_as_another_parser_reads_it(ports, form):
    wanted = {quad.triple for quad in parse(ask(ports, CONSTRUCT, "nt").content, RdfFormat.N_TRIPLES)}
    body = ask(ports, CONSTRUCT, form).content
    triples = [quad.triple for quad in parse(body, GRAPHS[form])]
    assert len(triples) == len(wanted)
    assert set(triples) == wanted
    names = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nq": "nquads"}
    if form not in {"trig", "nq"}:
        assert len(rdflib.Graph().parse(data=body, format=names.get(form, form))) == len(wanted)


def test_turtle_declares_the_prefixes_that_it_uses_and_no_others(ports):
    text = ask(ports, CONSTRUCT, "ttl").text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("@prefix")] == ["ex:"]
    assert "ex:heihe a ex:City" in text


def test_json_ld_has_a_context_and_compact_names(ports):
    document = ask(ports, CONSTRUCT, "jsonld").json()
    assert document["@context"] == {"ex": "https://example.org/"}
    heihe = next(node for node in document["@graph"] if node["@id"] == "ex:heihe")
    assert heihe["@type"] == "ex:City"
    numbers = next(node for node in document["@graph"] if node["@id"] == "ex:x")["ex:n"]
    assert sorted(map(str, numbers)) == sorted(["1", "True", str({"@value": "01", "@type": "urn:t"})])


def test_json_ld_prefix_that_is_a_scheme_of_the_data_is_not_used():
    from kouan.formats.jsonld import write

    written = io.BytesIO()
    triples = [quad.triple for quad in parse(b"<geo:1,2> <http://g/p> <http://g/a//b> .", RdfFormat.N_TRIPLES)]
    write(triples, {"geo": "http://g/", "a": "http://g/a"}, written)
    assert [quad.triple for quad in parse(written.getvalue(), RdfFormat.JSON_LD)] == triples
    assert "geo" not in json.loads(written.getvalue())["@context"]


def test_construct_gives_each_triple_once_in_a_stream(ports):
    query = EX + "CONSTRUCT { ?s a ex:Thing } { ?s ?p ?o }"
    lines = ask(ports, query, "nt").text.splitlines()
    assert len(lines) == len(set(lines)) > 1


@pytest.mark.parametrize("form", ["ttl", "nt", "trig", "nq", "rdf"])
def test_triple_terms_are_written_and_read_back(ports, form):
    wanted = [quad.triple for quad in parse(ask(ports, TRIPLE_TERM, "nt").content, RdfFormat.N_TRIPLES)]
    assert [quad.triple for quad in parse(ask(ports, TRIPLE_TERM, form).content, GRAPHS[form])] == wanted


def test_triple_terms_cannot_be_json_ld(ports):
    answer = ports.get("/sparql", params={"query": TRIPLE_TERM, "format": "jsonld"})
    assert answer.status_code == 406
    assert "Turtle" in answer.json()["detail"]


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-triples", "application/trig", "application/n-quads"]
)
def test_version_of_rdf_is_announced_to_who_asks_for_it(ports, media_type):
    answer = ports.get("/sparql", params={"query": TRIPLE_TERM}, headers={"Accept": f"{media_type}; version=1.2"})
    assert answer.headers["content-type"].startswith(f"{media_type};version=1.2")
    plain = ports.get("/sparql", params={"query": TRIPLE_TERM}, headers={"Accept": media_type})
    assert "version" not in plain.headers["content-type"]
    assert plain.content == answer.content


@pytest.mark.parametrize("form", ["json", "xml"])
def test_version_of_results_is_announced_to_who_asks_for_it(ports, form):
    query = "SELECT (<<( <urn:a> <urn:b> 1 )>> AS ?t) {}"
    media_type = f"application/sparql-results+{form}"
    answer = ports.get("/sparql", params={"query": query}, headers={"Accept": f"{media_type};version=1.2"})
    assert answer.headers["content-type"] == f"{media_type};version=1.2; charset=utf-8"
    results = QueryResultsFormat.JSON if form == "json" else QueryResultsFormat.XML
    [row] = parse_query_results(answer.content, format=results)
    assert row["t"].predicate.value == "urn:b"


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "xml", "html"])
def test_verdict_comes_in_each_format_by_name(ports, form):
    assert "true" in ask(ports, "ASK {}", form).text


@pytest.mark.parametrize(("pattern", "verdict"), [("{}", "true"), ("{ FILTER(false) }", "false")])
def test_bare_verdict_is_had_as_clients_of_rdf4j_ask_for_it(ports, pattern, verdict):
    for accept in ("text/boolean", "application/sparql-results+xml;q=0.8, text/boolean"):
        answer = ports.get("/sparql", params={"query": f"ASK {pattern}"}, headers={"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == "text/boolean"
        assert answer.text == verdict
    rows = ports.get("/sparql", params={"query": "SELECT * {}"}, headers={"Accept": "text/boolean"})
    assert rows.status_code == 406


def test_verdict_is_no_table(ports):
    answer = ports.get("/sparql", params={"query": "ASK {}", "format": "xlsx"})
    assert answer.status_code == 406
    assert answer.json()["available"][:5] == ["json", "xml", "csv", "tsv", "html"]


def test_large_table_streams_as_html(ports):
    query = "SELECT * { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(4)) + " } LIMIT 20000"
    page = ask(ports, query, "html").text
    assert page.count("<tr>") == 20001
    assert page.rstrip().endswith("</html>")


def test_csv_is_what_a_spreadsheet_reads(ports):
    rows = list(csv.reader(io.StringIO(ask(ports, TYPED, "csv").text)))
    assert rows[1][:2] == ["https://example.org/a", '=1+1 "<b>"']


@pytest.mark.parametrize("mark", ["", "true"])
def test_csv_of_triple_terms_is_quoted(ports, mark):
    rows = ['(<<( <urn:a> <urn:b> "c,\\"d" )>> 1 "x, y")', "(TRIPLE(<urn:a>, <urn:b>, 2) UNDEF <urn:z>)"]
    made = "BIND(TRIPLE(<urn:a>, <urn:b>, 2) AS ?a) BIND(<urn:z> AS ?c)"
    query = f"SELECT * {{ {{ VALUES (?a ?b ?c) {{ {rows[0]} }} }} UNION {{ {made} }} }}"
    asked = {"query": query, "format": "csv"} | ({"bom": mark} if mark else {})
    text = ports.get("/sparql", params=asked).content.decode("utf-8-sig")
    head, *found = csv.reader(io.StringIO(text, newline=""))
    assert head == ["a", "b", "c"]
    assert sorted(found, key=lambda row: row[2]) == [
        ['<<( <urn:a> <urn:b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> )>>', "", "urn:z"],
        ['<<( <urn:a> <urn:b> "c,\\"d" )>>', "1", "x, y"],
    ]


ESCAPES = r"""
@prefix ex: <http://example.org/> .
ex:x\. ex:p ex:y\,z , ex:a%20b , ex:a.b , ex:a:b , ex:\-c , ex:\.d , ex:e-f , <http://example.org/a/b> , "ex:no\\.name" , "1"^^ex:d\~t .
ex:q\/r ex:p "plain \"quoted\" text" .
"""


@pytest.fixture(scope="module")
def escapes(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("escapes")
    (folder / "data.ttl").write_text(ESCAPES, encoding="utf-8")
    with start([str(folder / "data.ttl")], {"KOUAN_SNAPSHOTS": str(folder / "s")}) as address:
        yield address


@pytest.mark.parametrize("media_type", ["text/turtle", "application/trig"])
@pytest.mark.parametrize("path", ["/sparql", "/dump/kouan.trig"])
def test_name_that_would_need_an_escape_stands_in_full(escapes, path, media_type):
    asked = {"query": "CONSTRUCT WHERE { ?s ?p ?o }"} if path == "/sparql" else {}
    answer = httpx.get(escapes + path, params=asked, headers={"Accept": media_type}, trust_env=False)
    written = {quad.triple for quad in parse(answer.content, format=RdfFormat.TRIG)}
    assert written == {quad.triple for quad in parse(ESCAPES.encode(), format=RdfFormat.TURTLE)}
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", answer.text)
    assert "\\" not in outside
    assert "ex:a.b" in outside


def triples_of(said):
    """Return the triples of a document of RDF/JSON, nodes without names as one."""
    for subject, predicates in said.items():
        for predicate, values in predicates.items():
            for value in values:
                tail = (
                    f"@{value['lang']}"
                    if "lang" in value
                    else f"^^<{value['datatype']}>"
                    if "datatype" in value
                    else ""
                )
                is_text = value["type"] == "literal"
                term = json.dumps(value["value"], ensure_ascii=False) + tail if is_text else value["value"]
                yield subject, predicate, re.sub("^_:.*", "_:", term)


@pytest.mark.parametrize(
    ("accept", "parameters"),
    [("application/rdf+json", {}), ("*/*", {"format": "rdf-json"}), ("text/rdf+json;q=0.9, text/csv", {})],
)
def test_rdf_json_says_the_same_triples(ports, accept, parameters):
    query = 'CONSTRUCT { ?s ?p ?o . <urn:s> <urn:p> "1", "a\\"北"@en, 2, <urn:o>, [ <urn:q> "x\\ny" ] } { ?s ?p ?o } LIMIT 9'
    answer = ports.get("/sparql", params={"query": query, **parameters}, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/rdf+json; charset=utf-8"
    found = {(re.sub("^_:.*", "_:", s), p, o) for s, p, o in triples_of(answer.json())}
    lines = ask(ports, query, "nt").text.splitlines()
    told = (re.fullmatch(r"(\S+) <(\S+)> (.+) \.", line).groups() for line in lines)
    bare = re.compile("^<(.*)>$|^_:.*")
    assert found == {tuple(bare.sub(lambda f: f[1] or "_:", term) for term in each) for each in told}


def test_triple_terms_cannot_be_rdf_json(ports):
    answer = ports.get("/sparql", params={"query": TRIPLE_TERM, "format": "rj"})
    assert answer.status_code == 406
    assert "Turtle" in answer.json()["detail"]


def test_text_with_a_direction_cannot_be_rdf_json(ports):
    query = 'CONSTRUCT { <urn:a> <urn:says> "x"@ar--rtl } {}'
    answer = ports.get("/sparql", params={"query": query, "format": "rj"})
    assert answer.status_code == 406
    assert "direction" in answer.json()["detail"]
