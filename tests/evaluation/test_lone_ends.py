"""A path of no length leads from a term to itself, whether or not the term stands in the data (SPARQL 1.1 Query, 18.4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kouan.library import Graph

# Most that is asked of stands nowhere in the data.
pytestmark = pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
DATA = """@prefix : <http://ex.org/> .
:a :p :b . :b :p :c . :a :n 1 ."""
HERE = ["a", "b", "c"]
LONE = "urn:lone"


@pytest.fixture(scope="module")
def graph(graph_of: Callable[[str], Graph]) -> Graph:
    return graph_of(DATA)


def rows(graph: Graph, where: str, variables: str = "?v") -> list[str]:
    found = graph.select(f"PREFIX : <http://ex.org/> SELECT {variables} {{ {where} }} ORDER BY ?v")
    return [str(row["v"]).removeprefix("http://ex.org/") for row in found]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("<urn:lone> :p* ?v", [LONE]),
        ("<urn:lone> <urn:p>* ?v", [LONE]),
        ("<urn:lone> :p? ?v", [LONE]),
        ("<urn:lone> (:p?)+ ?v", [LONE]),
        ("<urn:lone> ^:p* ?v", [LONE]),
        ("<urn:lone> (:p*/:q?) ?v", [LONE]),
        ("<urn:lone> (:p|:q*) ?v", [LONE]),
        ("<urn:lone> (:p*|:q*) ?v", [LONE, LONE]),
        ("?v :p* <urn:lone>", [LONE]),
        ('?v :p* "lone"@en', ["lone"]),
        ("?v :p* 7", ["7"]),
        ("<urn:lone> :p* ?v . FILTER(isIRI(?v))", [LONE]),
        ("<urn:lone> :p* ?v ; :q* ?w", [LONE]),
        ("<urn:lone> :p* ?v . ?v :q* ?w", []),
        ("<urn:lone> :p* ?v OPTIONAL { ?v :p ?w }", [LONE]),
        ("?v :p :c OPTIONAL { <urn:lone> :p* ?w }", ["b"]),
        ("?v :p :c FILTER EXISTS { <urn:lone> :p* <urn:lone> }", ["b"]),
        ("?v :p :c . <urn:lone> :p* <urn:lone>", ["b"]),
        ("?v :p :c . <urn:lone> :p* <urn:other>", []),
        ("?v :p :c . <urn:lone> :p* []", ["b"]),
        ("<urn:lone> :p+ ?v", []),
        ("<urn:lone> :p/:p* ?v", []),
        ("<urn:lone> :p ?w ; :p* ?v", []),
        ("VALUES ?x { <urn:lone> } ?x :p* ?v", []),
        (":a :p* ?v", HERE),
        (":a :zzz* ?v", HERE[:1]),
        ("?v :p* :c", HERE),
        ("?v :n* 1", ["1", HERE[0]]),
    ],
)
def test_path_of_no_length(graph: Graph, where: str, expected: list[str]) -> None:
    assert sorted(rows(graph, where)) == sorted(expected)


def test_ask_and_construct_know_it_too(graph: Graph) -> None:
    assert graph.ask("ASK { <urn:lone> <urn:p>* <urn:lone> }")
    assert len(list(graph.construct("CONSTRUCT { ?v a <urn:C> } WHERE { <urn:lone> <urn:p>* ?v }"))) == 1
