"""Values of several kinds are sorted, though the engine has no order for all of them."""

from __future__ import annotations

import random

import httpx
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.question import Question

PLACE = NamedNode("urn:p")


VALUES = [Literal(number) for number in range(2000)] + [Literal(str(number)) for number in range(2000)]
random.Random(1).shuffle(VALUES)


@pytest.fixture(scope="module")
def datasets():
    store = Store()
    store.extend(Quad(NamedNode(f"urn:s{n}"), PLACE, value, DefaultGraph()) for n, value in enumerate(VALUES))
    found = Datasets(store)
    # The engine ends the process that sorts them as they are.
    found.by_kind = True
    return found


def test_query_that_its_evaluator_did_not_survive_is_sorted_by_the_next(start, tmp_path):
    lines = [f"<urn:s{n}> <urn:p> {value} ." for n, value in enumerate(VALUES)]
    (tmp_path / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    asked = {"query": "SELECT ?o { ?s ?p ?o } ORDER BY ?o"}
    with start([str(tmp_path / "data.nt")], {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots")}) as address:
        answer = httpx.get(f"{address}/sparql", params=asked, headers={"Accept": "text/csv"}, trust_env=False)
    assert answer.status_code == 200
    assert answer.text.split()[1:2001] == [str(number) for number in range(2000)]


def table(datasets, query):
    return evaluate(datasets, Question(query), lambda _: "text/csv", {}, None).decode().split()


@pytest.mark.parametrize(
    "query", ["SELECT ?o { ?s ?p ?o } ORDER BY ?o", "SELECT ?o { { SELECT * { ?s ?p ?o } ORDER BY (?o) } }"]
)
def test_numbers_come_by_their_value_and_texts_by_theirs(datasets, query):
    found = table(datasets, query)[1:]
    assert found[:2000] == [str(number) for number in range(2000)]
    assert found[2000:] == sorted(found[:2000])


def test_the_other_way_round_and_by_what_is_reckoned(datasets):
    found = table(datasets, "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o) LIMIT 2001")[1:]
    assert found[:2000] == sorted(map(str, range(2000)), reverse=True)
    assert found[2000] == "1999"
    query = "SELECT ?o { ?s ?p ?o } GROUP BY ?o ORDER BY COALESCE(?o + 0, ?o) LIMIT 2"
    assert table(datasets, query)[1:] == ["0", "1"]
