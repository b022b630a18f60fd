"""A pair that two alternatives of a path find is two solutions (SPARQL 1.1 Query, 18.5); the engine by itself gives one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from kouan.library import Graph

DATA = """@prefix : <http://ex.org/> .
:a :p :b, :c ; :q :b ; :r "n" . :b :q :d . :c :q :d . :d :p :a ."""
Pairs = Counter[tuple[str, str]]
Path = tuple[str, list["Path"]]
PROPERTIES = ("p", "q", "zzz")


@pytest.fixture(scope="module")
def graph(graph_of: Callable[[str], Graph]) -> Graph:
    return graph_of(DATA)


@pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT * { :a :p|:q ?v }", 3),
        ("SELECT * { :a :p|:p ?v }", 4),
        ("SELECT DISTINCT * { :a :p|:q ?v }", 2),
        ("SELECT * { :a (:p|:q)/:q ?v }", 3),
        ("SELECT * { ?v ^(:p|:q) :a }", 3),
        ("SELECT * { :a (:p|:q)+ ?v }", 4),
        ("SELECT * { :a (:p|:q)? ?v }", 3),
        ("SELECT * { :a !(:r|:q) ?v }", 2),
        ("SELECT * { :a !(:r|^:q) ?v }", 4),
        ("SELECT * { :d !(:r|^:p) ?v }", 3),
        ("SELECT DISTINCT * { :d ^(!(:zzz|^:zzz)) ?v }", 3),
        ("SELECT * { :d (!(:zzz|^:p)/:q) ?v }", 3),
        ('SELECT * { ?s :r|:q "n" }', 1),
        ("SELECT * { :a :r ?n ; :p|:q ?v }", 3),
        ("SELECT ?v { [] :p|:q :b BIND(1 AS ?v) }", 2),
        ("SELECT * { _:x :p|:q ?v . _:x :r ?n }", 3),
        ("SELECT * { _:x :p|:q ?v . FILTER(?v != :c) _:x :r ?n }", 2),
        ("SELECT * { ?s :p|:q [ :q ?v ; :q ?w ] }", 4),
        ("SELECT * { [ :p|:q ?v ] :r ?n }", 3),
        ("SELECT * { [ :p|:q ?v ] }", 6),
        ("SELECT * { ?s :p|:q ?v OPTIONAL { ?v :r (1 ?w) } }", 6),
        ("SELECT ?v { :a :p|:q ?v # _:b\n}", 3),
        ('SELECT * { :a :p|:q ?v BIND("_:x" AS ?z) }', 3),
        ("ASK { { SELECT (COUNT(*) AS ?n) { :a :p|:q ?v } } FILTER(?n = 3) }", 1),
        ("SELECT * { ?s :r ?n FILTER EXISTS { { SELECT (COUNT(*) AS ?k) { :a :p|:q ?v } } FILTER(?k = 3) } }", 1),
        ("SELECT DISTINCT ?v { { SELECT ?v { :a :p|:q ?v } ORDER BY ?v LIMIT 2 } }", 1),
        ("SELECT * { <<:a :p :b>> :p|:q ?v }", 0),
        ("SELECT * { ?s :p ?v OPTIONAL { ?s :p|:q :b } }", 4 + 1),
        ("SELECT * { ?s :p ?v FILTER(EXISTS { ?s :p|:q :b } || true) }", 3),
        ("SELECT * { ?s :p ?v MINUS { ?s :q|:r ?w } }", 1),
        ("SELECT * { GRAPH ?g { :a :p|:q ?v } }", 0),
        ("SELECT * { { SELECT ?v { :a :p|:q ?v } } }", 3),
        ("SELECT * { :a :p|:q|:p|:q ?v FILTER(?v = :b || ?v = :c) }", 6),
    ],
)
def test_each_alternative_counts(graph, query, count):
    text = f"PREFIX : <http://ex.org/> {query}"
    found = graph.ask(text) if query.startswith("ASK") else len(graph.select(text))
    assert found == count


def test_sum_counts_them_too_and_columns_keep_their_order(graph):
    head = "PREFIX : <http://ex.org/> SELECT"
    assert graph.select(f"{head} (COUNT(?v) AS ?n) {{ :a :p|:q ?v }}")[0]["n"] == 3
    assert graph.select(f"{head} * {{ ?z :p|:q ?b ; :r ?a }}").variables == ("z", "b", "a")
    assert graph.select(f"{head} * {{ ?z :p|:q [ :q ?b ] ; :r ?a }}").variables == ("z", "b", "a")


def _path(chance: random.Random, depth: int = 0) -> Path:
    kind = chance.choice(("|", "/", "^", "*", "?", *PROPERTIES)) if depth < 3 else chance.choice(PROPERTIES)
    size = {"|": chance.choice((2, 2, 3)), "/": 2, "^": 1, "*": 1, "?": 1}.get(kind, 0)
    return kind, [_path(chance, depth + 1) for _ in range(size)]


def _said(path: Path) -> str:
    kind, parts = path
    said = [_said(part) for part in parts]
    if kind in "|/":
        return f"({kind.join(said)})"
    return f"(^{said[0]})" if kind == "^" else f"({said[0]}{kind})" if kind in "*?" else f":{kind}"


def _found(path: Path, triples: set[tuple[str, str, str]], nodes: set[str]) -> Pairs:
    """Return what section 18.5 of the standard has a path find, and how often."""
    kind, parts = path
    found = [_found(part, triples, nodes) for part in parts]
    if kind == "|":
        return sum(found, Counter())
    if kind == "/":
        both: Pairs = Counter()
        for (start, middle), times in found[0].items():
            for (also, end), again in found[1].items():
                if middle == also:
                    both[start, end] += times * again
        return both
    if kind == "^":
        return Counter({(end, start): times for (start, end), times in found[0].items()})
    if kind not in "*?":
        return Counter((s, o) for s, p, o in triples if p == kind)
    pairs = set(found[0]) | {(node, node) for node in nodes}
    while kind == "*" and (more := {(a, d) for a, b in pairs for c, d in found[0] if b == c} - pairs):
        pairs |= more
    return Counter(pairs)


@pytest.mark.filterwarnings("ignore::kouan.library.UnknownTermWarning")
def test_any_path_finds_what_the_standard_says(graph_of):
    chance = random.Random(18)
    for _ in range(12):
        triples = {(chance.choice("abcd"), chance.choice("pq"), chance.choice("abcd")) for _ in range(7)}
        nodes = {end for s, _, o in triples for end in (s, o)}
        lines = " ".join(f":{s} :{p} :{o} ." for s, p, o in sorted(triples))
        small = graph_of(f"@prefix : <http://ex.org/> . {lines}")
        for _ in range(40):
            path = _path(chance)
            rows = small.select(f"PREFIX : <http://ex.org/> SELECT * {{ ?s {_said(path)} ?o }}")
            pairs = Counter((str(row["s"])[-1], str(row["o"])[-1]) for row in rows)
            assert pairs == _found(path, triples, nodes), (_said(path), lines)
