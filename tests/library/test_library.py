"""The graph can be asked from Python."""

from __future__ import annotations

import pytest

import kouan
from kouan.errors import QueryError


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
    assert len(triples) == 28


def test_evidence_names_the_passages_that_say_a_fact(graph):
    found = graph.evidence("id:erenhot", "kouan:locatedIn", "id:inner-mongolia")
    assert [p.rsplit("/", 1)[1] for p in found.passages if "chen-2018" in p] == ["p15", "p25", "p32"]
    assert not found.is_inferred


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
    assert graph.ask("PREFIX id: <http://example.org/> ASK { id:heihe ?p ?o }") is False


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
