"""The graph can be asked from Python."""

from __future__ import annotations

import copy
import pickle
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pyoxigraph import Literal, NamedNode, Quad

import kouan
from kouan.errors import BadGateway, NotAcceptable, QueryError
from kouan.history.entry import Commit, Entry, now
from kouan.history.patch import Patch
from kouan.library import UnknownTermWarning
from kouan.settings import read_settings
from kouan.snapshot import build_foreign


@pytest.fixture(scope="module")
def graph(settings, snapshot):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOUAN_SNAPSHOTS", str(settings.snapshots))
        yield kouan.open()


def test_rows_are_read_by_name_with_python_values(graph):
    query = """PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX id: <https://w3id.org/kouan/id/>
    SELECT ?value ?nothing WHERE { id:china-border-counties kouan:value ?value OPTIONAL { ?value a ?nothing } }"""
    rows = graph.select(query)
    assert (rows[0].value, rows[0]["value"], rows[0].nothing) == (140, 140, None)
    assert rows.to_csv() == "value,nothing\n140,\n"


def test_everything_is_answered_in_an_order_though_the_engine_has_none_for_all_of_it(graph):
    # Where the engine's sorting ends its process, the next one sorts by kind first; else the order is the engine's own.
    found = [row.o for row in graph.select("SELECT ?o { ?s ?p ?o FILTER(isLiteral(?o)) } ORDER BY ?o")]
    assert len(found) == graph.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(isLiteral(?o)) }")[0].n > 10_000


def test_unknown_variable_names_the_known_ones(graph):
    with pytest.raises(AttributeError, match=r"no variable \?citty; it has city"):
        _ = graph.select("SELECT ?city WHERE { ?city ?p ?o } LIMIT 1")[0].citty


def test_ask_and_construct(graph):
    assert graph.ask("ASK { <https://w3id.org/kouan/id/heihe> ?p ?o }") is True
    triples = graph.construct(
        "CONSTRUCT { ?c a <http://example.org/City> } WHERE { ?c a <https://w3id.org/kouan/ontology#PortCity> }"
    )
    cities = {row.c for row in graph.select("SELECT ?c { ?c a kouan:PortCity }")}
    assert "https://w3id.org/kouan/id/erenhot" in cities
    assert {triple.subject.value for triple in triples} == cities


def test_evidence_names_the_passages_that_say_a_fact(graph):
    found = graph.evidence("id:erenhot", "kouan:locatedIn", "id:inner-mongolia")
    assert [p.rsplit("/", 1)[1] for p in found.passages if "chen-2018" in p] == ["p15", "p25", "p32"]
    assert not found.is_inferred


@pytest.mark.parametrize(
    ("predicate", "kind"),
    [
        ("rdfs:label", "rdf:langString"),
        ("kouan:value", "xsd:decimal"),
        ("kouan:value", "xsd:integer"),
        ("kouan:heldOn", "xsd:date"),
    ],
)
def test_evidence_is_found_of_every_value_that_a_query_gives(graph, predicate, kind):
    rows = graph.select(
        f"SELECT ?s ?v {{ GRAPH ?passage {{ ?s {predicate} ?v }} ?passage a kouan:Passage FILTER(datatype(?v) = {kind}) }} "
        "ORDER BY ?s ?v LIMIT 8"
    )
    assert len(rows)
    assert [row for row in rows if not graph.evidence(row.s, predicate, row.v).passages] == []


@pytest.mark.parametrize(("predicate", "begins"), [("dct:identifier", "https://"), ("skos:example", "id:")])
def test_evidence_is_found_of_a_text_that_looks_like_the_name_of_a_thing(graph, predicate, begins):
    rows = graph.select(
        f'SELECT ?s ?v {{ ?s {predicate} ?v FILTER(isLiteral(?v) && STRSTARTS(STR(?v), "{begins}")) }} ORDER BY ?s LIMIT 3'
    )
    assert len(rows)
    assert [row for row in rows if not graph.evidence(row.s, predicate, row.v).passages] == []


def test_evidence_of_what_follows_says_that_it_is_inferred(graph):
    found = graph.evidence("id:erenhot", "kouan:locatedIn", "id:china")
    assert (found.passages, found.is_inferred) == ((), True)


@pytest.mark.parametrize("kind", ["?kind", "kouan:Port"])
def test_query_at_fault_has_line_and_column(graph, kind):
    last = f"WHERE {{ ?a a {kind} ;"
    with pytest.raises(QueryError) as caught:
        graph.select(f"SELECT ?a\n{last}")
    assert (caught.value.line, caught.value.column) == (2, len(last) + 1)
    assert "line 2, column 7" in caught.value.message


def test_prefixes_of_the_data_need_no_declaration_beside_others(graph):
    query = "PREFIX x: <http://example.org/> SELECT ?p { VALUES ?p { x:y id:heihe } ?p a kouan:PortCity }"
    assert [row.p for row in graph.select(query)] == ["https://w3id.org/kouan/id/heihe"]
    with pytest.warns(UnknownTermWarning, match=re.escape("<http://example.org/heihe> stands nowhere")):
        assert graph.ask("PREFIX id: <http://example.org/> ASK { id:heihe ?p ?o }") is False


@pytest.mark.parametrize(
    "ask",
    [
        lambda graph: graph.select("SELECT * { id:nobody ?p ?o }"),
        lambda graph: graph.construct("CONSTRUCT WHERE { id:nobody ?p ?o }"),
        lambda graph: graph.describe("id:nobody"),
        lambda graph: graph.evidence("id:nobody", "kouan:population", 1),
    ],
)
def test_what_is_named_in_vain_is_told_at_the_line_of_the_program(graph, ask):
    with pytest.warns(UnknownTermWarning) as told:
        ask(graph)
    assert {each.filename for each in told} == {__file__}


def test_rows_are_a_table_in_a_notebook(graph):
    shown = graph.select('SELECT ?n ?t { VALUES (?n ?t) { (1 "<b>") (UNDEF "x") } }')._repr_html_()
    assert "<th>n</th><th>t</th>" in shown
    assert "<td>1</td><td>&lt;b&gt;</td>" in shown
    long = graph.select("SELECT * { ?s ?p ?o } LIMIT 101")._repr_html_()
    assert long.count("<tr>") == 101
    assert "101 rows, of which 100 are shown" in long


def test_values_with_gaps_stay_what_they_are(graph):
    pytest.importorskip("pandas", reason="pandas is not installed")
    values = 'VALUES (?n ?is ?big ?odd) { (1 true 18446744073709551616 "x"^^xsd:int) (UNDEF UNDEF 1 2) }'
    table = graph.select(f"SELECT * {{ {values} }}").to_pandas()
    assert [str(table[name].dtype) for name in table] == ["Int64", "boolean", "object", "object"]
    assert table["n"].sum() == 1
    assert list(table["odd"]) == ["x", 2]
    assert str(graph.select('SELECT ("5"^^xsd:unsignedByte AS ?n) {}').to_pandas()["n"].dtype) == "Int64"


def test_files_of_others_can_be_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("KOUAN_SNAPSHOTS", str(tmp_path / "snapshots"))
    (tmp_path / "data.ttl").write_text('<http://example.org/a> <http://example.org/p> "x" .', encoding="utf-8")
    assert [row.o for row in kouan.open(tmp_path / "data.ttl").select("SELECT ?o { ?s ?p ?o }")] == ["x"]


def test_endpoint_can_be_opened(server):
    assert kouan.open(f"{server}/sparql").ask("ASK {}") is True


def test_comment_declares_no_prefix(graph):
    assert graph.ask("# PREFIX kouan: is known here\nASK { id:heihe a kouan:PortCity }") is True


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row))])
def test_rows_can_be_copied_and_pickled(graph, copied):
    rows = graph.select("SELECT ?n { VALUES ?n { 1 UNDEF } }")
    assert [row.n for row in copied(rows)] == [1, None]
    assert copied(rows[0]).n == 1


def test_program_is_told_what_is_named_in_vain(graph):
    with pytest.warns(UnknownTermWarning, match="the nearest class is .*Port>") as told:
        assert len(graph.select("SELECT ?x { ?x a kouan:Prot }")) == 0
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    ("query", "name", "starts"),
    [
        ("SELECT ?n { VALUES ?n { 1 } }", "csv", b"n\r\n1"),
        ("SELECT ?n { VALUES ?n { 1 } }", "json", b'{"head"'),
        ("CONSTRUCT { id:heihe a kouan:City } {}", "turtle", b"@prefix"),
        ("CONSTRUCT { id:heihe a kouan:City } {}", "xml", b"<?xml"),
        ("CONSTRUCT { id:heihe a kouan:City } {}", "application/n-triples", b"<https"),
    ],
)
def test_format_is_named_as_in_a_request(graph, query, name, starts):
    assert graph.answer(query, name).startswith(starts)


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("select", "ASK {}"),
        ("select", "DESCRIBE id:heihe"),
        ("ask", "SELECT * {}"),
        ("ask", "CONSTRUCT {} {}"),
        ("construct", "ASK {}"),
        ("construct", "SELECT * {}"),
    ],
)
def test_query_of_another_form_is_told_by_which_method_it_is_asked(graph, method, query):
    with pytest.raises(QueryError, match=r"use select\(\) for SELECT, ask\(\) for ASK, construct\(\) for CONSTRUCT"):
        getattr(graph, method)(query)


def test_format_that_an_answer_does_not_have_is_refused_with_those_that_it_has(graph):
    with pytest.raises(NotAcceptable, match="has no text/turtle; it can be had as json, xml, csv, tsv"):
        graph.answer("SELECT * {}", "text/turtle")


def test_evidence_of_what_is_no_fact_says_which_part_is_at_fault(graph):
    with pytest.raises(QueryError, match=re.escape("The predicate 'located in' is no IRI")):
        graph.evidence("id:erenhot", "located in", "id:china")


@pytest.fixture
def elsewhere():
    """Another server, which answers as the test says, and what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            status, headers, body = self.server.says[self.path.partition("?")[0]]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value.replace("{query}", self.path.partition("?")[2]))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.says = [], {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_endpoint_that_has_moved_is_asked_the_query_where_it_is(elsewhere):
    elsewhere.says = {
        "/old": (301, {"Location": "/new?{query}"}, b""),
        "/new": (200, {"Content-Type": "application/sparql-results+json"}, b'{"head":{},"boolean":true}'),
    }
    assert kouan.open(f"http://127.0.0.1:{elsewhere.server_port}/old").ask("ASK { id:heihe ?p ?o }") is True
    assert "PREFIX+id" in elsewhere.asked[1]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((200, {"Content-Type": "text/html"}, b"<p>hello"), BadGateway, "a page for people"),
        ((200, {"Content-Type": "application/json"}, b"{"), BadGateway, "no JSON"),
        ((200, {"Content-Length": "100"}, b"{"), BadGateway, "cannot be reached"),
        (
            (400, {}, b'{"detail": "?x is bound already", "line": 1, "column": 3}'),
            QueryError,
            "400: .x is bound already$",
        ),
        ((500, {}, b"out of order"), QueryError, "500: out of order"),
    ],
    ids=["page", "half", "cut", "problem", "text"],
)
def test_endpoint_at_fault_is_told_in_words(elsewhere, answer, error, said):
    elsewhere.says = {"/sparql": answer}
    with pytest.raises(error, match=said):
        kouan.open(f"http://127.0.0.1:{elsewhere.server_port}/sparql").ask("ASK {}")


def test_what_was_written_since_the_data_was_loaded_is_asked_too(tmp_path, monkeypatch):
    monkeypatch.setenv("KOUAN_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("KOUAN_TOKEN", "let-me-write")
    data = tmp_path / "data.ttl"
    data.write_text("<urn:a> <urn:p> 1 .\n", encoding="utf-8")
    snapshot = build_foreign([data], read_settings(), progress=lambda _: None)
    added = Patch((Quad(NamedNode("urn:b"), NamedNode("urn:p"), Literal(2)),))
    commit = Commit(1, "me", now(), "", snapshot.version, "f" * 64, 1, 0, base=snapshot.base, counts={"": 1})
    snapshot.writes.folder.mkdir(parents=True)
    snapshot.writes.append(Entry(commit, added))
    graph = kouan.open(data)
    assert (graph.version, len(graph.select("SELECT * { ?s ?p ?o }"))) == ("f" * 64, 2)
