"""What the standard allows and the engine does not read is answered as the standard has it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from kouan.errors import QueryError
from kouan.library import Graph

EX = "http://ex.org/"
DATA = """@prefix : <http://ex.org/> .
:a :n 1 ; <http://ex.org/p.q.r> :a.b.c . :b :n 2 .
:c :l "臺"@zh-Hant, "台"@zh-Hans, "t"@en, "t" . :d :tag "ZH-hant" ."""


@pytest.fixture(scope="module")
def graph(graph_of: Callable[[str], Graph]) -> Graph:
    return graph_of(DATA)


def rows(graph: Graph, query: str) -> list[dict[str, object]]:
    return [dict(row) for row in graph.select(f"PREFIX : <http://ex.org/> {query}")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('SELECT (CONCAT ("a", "b") AS ?x) {}', [{"x": "ab"}]),
        ("SELECT (COALESCE #why\n (?q, 1) AS ?x) {}", [{"x": 1}]),
        ("SELECT (TRUE AS ?t) (fALSE AS ?f) {}", [{"t": True, "f": False}]),
        ("SELECT ?t { VALUES ?t { True } }", [{"t": True}]),
        ("SELECT ?x { ?x :n 1 ; :p.q.r :a.b.c }", [{"x": "http://ex.org/a"}]),
        ("SELECT ?x { VALUES ?x { :\U00020000 } }", [{"x": "http://ex.org/\U00020000"}]),
        ("SELECT (SUM(?n) AS ?t) (?t / COUNT(*) AS ?m) (?m * 2 AS ?d) { ?s :n ?n }", [{"t": 3, "m": 1.5, "d": 3.0}]),
        (
            "SELECT ?s (MAX(?n) AS ?t) (?t AS ?u) { ?s :n ?n } GROUP BY ?s ORDER BY DESC(?u) LIMIT 1",
            [{"s": EX + "b", "t": 2, "u": 2}],
        ),
        ("SELECT ?s (SUM(?n) AS ?t) { ?s :n ?n } GROUP BY ?s HAVING (?t > 1)", [{"s": EX + "b", "t": 2}]),
        (
            "SELECT ?s (SUM(?n) AS ?t) (?t * 2 AS ?d) { ?s :n ?n } GROUP BY ?s HAVING (?d < 3 && ?t = 1)",
            [{"s": EX + "a", "t": 1, "d": 2}],
        ),
        ("SELECT ?d { { SELECT (COUNT(*) AS ?c) (?c * 2 AS ?d) { ?s :n ?n } } }", [{"d": 4}]),
        (
            'SELECT (GROUP_CONCAT(?s) AS ?g) (?g > "" AS ?l) (CONCAT (?g, "") = ?g AS ?m) { ?s :n 1 }',
            [{"g": EX + "a", "l": True, "m": True}],
        ),
        # No triple has a literal or a triple as its subject.
        ("SELECT ?s { ?s :n 1 OPTIONAL { << 1 :n +2 >> :n ?x } }", [{"s": EX + "a"}]),
        ("SELECT * { << +1 :n :a >> :n ?x }", []),
        ("SELECT * { ?x :n <<( <<( 1 :n :a )>> :n +1 )>> }", []),
    ],
)
def test_answer_is_that_of_the_standard(graph: Graph, query: str, expected: list[dict[str, object]]) -> None:
    assert rows(graph, query) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('"Smith, John", "^(.*), (.*)$", "$2_$1"', "John_Smith"),
        ('"12", "([0-9]+)", "$1km"', "12km"),
        ('"12", "[0-9]+", "$0km"', "12km"),
        ('"AB", "(a)", "$1x", "i"', "AxB"),
        ('"ab", "(a)", "$12"', "a2b"),
        ('"abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "$10$1"', "jak"),
        ('"ab", "(?:a)[(](b)|(a)", "$12"', "2b"),
        (r'"5 USD", "USD", "\\$"', "5 $"),
        (r'"5", "(5)", "\\$1"', "$1"),
        (r'"a/b", "/", "\\\\"', "a\\b"),
        ('"ab", "(a)", "[$1]"', "[a]b"),
        ('"ab", "(a)", "$1' + "0" * 5000 + '"', "a" + "0" * 5000 + "b"),
    ],
)
def test_replacement_stands_for_what_the_standard_says(graph: Graph, arguments: str, expected: str) -> None:
    assert rows(graph, f"SELECT (REPLACE({arguments}) AS ?x) {{}}") == [{"x": expected}]


@pytest.mark.parametrize(
    ("arguments", "made", "expected"),
    [
        ('"Q1", "^(.+)$", ?made', "https://x.example/item_$1_en", "https://x.example/item_Q1_en"),
        ('"Q1", "^(.+)$", (CONCAT(?made, "km"))', "$1", "Q1km"),
        ('"Smith, John", # the name\n("^(.*), (.*)$"), # not , this\n(?made), "i"', "$2_$1", "John_Smith"),
        ('"ab", "b", IF(true, ?made, "")', r"\$1 \\", "a$1 \\"),
        ('"a.c", ".", ?made, "q"', "$1", "a$1c"),
        ('"abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", ?made', "$11_$1_", "k_a_"),
        ('"ab", "b", STR(?made + ?made)', "1", None),
    ],
)
def test_replacement_that_is_worked_out_stands_for_what_the_standard_says(
    graph: Graph, arguments: str, made: str, expected: str | None
) -> None:
    found = rows(graph, f"SELECT (REPLACE({arguments}) AS ?x) {{ VALUES ?made {{ {json.dumps(made)} }} }}")
    assert found == [{"x": expected}]


def test_pattern_is_read_in_time_by_its_length(graph: Graph) -> None:
    # Each bracket read from to the end of them all takes a minute.
    with pytest.warns(UserWarning, match="no regular expression"):
        rows(graph, f'SELECT (REPLACE("ab", "{"[" * 40_000}", "$1x") AS ?x) {{}}')


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ("COUNT(LANG(?o))", 6),
        ("COUNT(DISTINCT LANG(?o))", 4),
        ("COUNT(DISTINCT LANG(?s))", 0),
        ("COUNT ( # those\n (1 / ?o))", 2),
        ("COUNT(DISTINCT (?o - ?o))", 1),
        ("COUNT(DISTINCT ISIRI(?o)) * 2", 4),
        ("COUNT(DISTINCT ?o + ?o)", 2),
        ('COUNT(DISTINCT REPLACE(LANG(?o), "x+", "+"))', 4),
        ("COUNT(DISTINCT IF(EXISTS { SELECT (COUNT(DISTINCT ?a + 1) AS ?c) { ?s ?a ?o } }, 1 / ?o, 2 / ?o))", 2),
        ("COUNT(STR(?none))", 0),
    ],
)
def test_what_has_no_value_is_not_counted(graph: Graph, counted: str, expected: int) -> None:
    assert rows(graph, f"SELECT ({counted} AS ?x) {{ ?s ?p ?o FILTER (?s != :d) }}") == [{"x": expected}]


def test_nothing_is_counted_where_there_is_nothing(graph: Graph) -> None:
    query = "SELECT (COUNT(STR(?o)) AS ?x) (COUNT(DISTINCT STR(?o)) AS ?y) { ?s :n ?o FILTER (?o > 2) }"
    assert rows(graph, query) == [{"x": 0, "y": 0}]


@pytest.mark.parametrize(
    "condition",
    [
        'FILTER (LANG(?l) = "zh-Hant")',
        'FILTER ("ZH-HANT" = lang ( ?l ))',
        'FILTER (LANG(?l) IN ("zh-Hant", "fr"))',
        'FILTER (LANG(?l) NOT IN ("zh-Hans", "EN", ""))',
        'FILTER (LANG(?l) != "zh-Hans" && STRSTARTS(LANG(?l), "zh"))',
        'BIND (LANG(?l) AS ?is) FILTER (?is = "zh-Hant")',
        'VALUES ?is { "zh-Hant" } FILTER (LANG(?l) = ?is)',
        ". :d :tag ?is FILTER (?is = LANG(?l))",
    ],
)
def test_language_is_compared_whatever_its_letters(graph: Graph, condition: str) -> None:
    assert rows(graph, f"SELECT ?l {{ ?s :l ?l {condition} }}") == [{"l": "臺"}]


@pytest.mark.parametrize("condition", ["?is = :d", "?is IN (?x, :d)", "?is != 1 && ?is != LANG(?l)", "?is = ?x"])
def test_what_is_no_language_is_compared_as_it_is(graph: Graph, condition: str) -> None:
    query = f"SELECT ?is {{ {{ ?s :l ?l BIND(LANG(?l) AS ?is) }} UNION {{ ?is :tag ?l }} BIND(:d AS ?x) FILTER({condition}) }}"
    assert EX + "d" in [row["is"] for row in rows(graph, query)]


@pytest.mark.parametrize(
    "where",
    [
        '{ SELECT ?s (COUNT(?is) AS ?n) { ?s :l ?l BIND(LANG(?l) AS ?is) } GROUP BY ?s } VALUES ?is { "Foo" "foo" }',
        '{ ?s :l ?l BIND(LANG(?l) AS ?is) } UNION { VALUES ?is { "Foo" "foo" } }',
        '{ ?s :l ?l BIND(LANG(?l) AS ?is) } UNION { BIND("foo" AS ?is) } UNION { BIND("Foo" AS ?is) }',
    ],
)
def test_variable_that_is_a_language_elsewhere_only_is_compared_as_it_is(graph: Graph, where: str) -> None:
    found = rows(graph, f'SELECT DISTINCT ?is {{ {where} FILTER(?is = "Foo") }}')
    assert found == [{"is": "Foo"}]


@pytest.mark.parametrize(
    ("value", "kind", "added", "expected"),
    [
        ("2024-01-31", "date", '"P1M"^^xsd:yearMonthDuration', "2024-02-29"),
        ("2024-01-31", "date", '"P1D"^^xsd:dayTimeDuration', "2024-02-01"),
        ("2024-01-31T10:00:00Z", "dateTime", '"P1MT1H"^^xsd:duration', "2024-02-29T11:00:00Z"),
        ("10:00:00", "time", '"PT1H"^^xsd:dayTimeDuration', "11:00:00"),
    ],
)
@pytest.mark.parametrize(
    "written", ["?v + {}", "((?v) # + one\n +({}))", "?v + ?p", "?v + ?none - ?none + {}", "?v+-(-{})"]
)
def test_duration_is_added_to_a_date(
    graph: Graph, written: str, value: str, kind: str, added: str, expected: str
) -> None:
    bound = f'BIND("{value}"^^xsd:{kind} AS ?v) BIND({added} AS ?p) BIND("P0D"^^xsd:dayTimeDuration AS ?none)'
    query = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT (STR({written.format(added)}) AS ?x) {{ {bound} }}"
    assert rows(graph, query) == [{"x": expected}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("?a + ?b", 4),
        ("?a +1", 2),
        ('"1"^^xsd:byte+?a', 2),
        ('"1"^^xsd:byte+"2"^^xsd:byte', 3),
        ("?a + ?b * 2 + +1", 8),
        ("-?a + -?b", -4),
        ("?a+?b+?a", 5),
        ("?a + (?b + ?a)", 5),
        ("?a + (?b + (?a * (?b + ?b)))", 10),
    ],
)
def test_numbers_are_added(graph: Graph, written: str, expected: int) -> None:
    head = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT"
    assert rows(graph, f"{head} ({written} AS ?x) {{ BIND(1 AS ?a) BIND(3 AS ?b) }}") == [{"x": expected}]


def test_replacement_that_the_data_says_is_read_as_one_that_is_written(graph_of: Callable[[str], Graph]) -> None:
    said = graph_of('@prefix : <http://ex.org/> . :a :r "$1km" .')
    assert rows(said, 'SELECT (REPLACE("abc","(b)",?r) AS ?x) { :a :r ?r }') == [{"x": "abkmc"}]


def test_blank_node_of_a_label_is_one_in_a_solution_and_another_in_the_next(graph: Graph) -> None:
    found = rows(graph, 'SELECT ?s (BNODE("x") AS ?a) (BNODE("x") AS ?b) (BNODE(STR(?s)) AS ?c) { ?s :n ?n }')
    assert all(row["a"] == row["b"] != row["c"] for row in found)
    assert len({row["a"] for row in found}) == len(found) == 2
    bound = rows(graph, 'SELECT * { ?s :n ?n BIND(BNODE("x") AS ?a) BIND(BNODE("x") AS ?b) }')
    assert [list(row) for row in bound] == [["s", "n", "a", "b"]] * 2
    assert all(row["a"] == row["b"] for row in bound)
    assert bound[0]["a"] != bound[1]["a"]


def test_template_makes_no_triple_about_what_is_none(graph: Graph) -> None:
    made = graph.construct("PREFIX : <http://ex.org/> CONSTRUCT { :a :n 1 ; :n <<( 1 :n :a )>> } { :a :n 1 }")
    assert [str(each) for each in made] == [str(each) for each in graph.construct("CONSTRUCT { ?s ?p 1 } { ?s ?p 1 }")]


def test_blank_node_of_what_is_no_string_is_an_error(graph: Graph) -> None:
    assert rows(graph, "SELECT (BNODE(1) AS ?a) {}") == [{"a": None}]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (COUNT(COUNT(?x)) AS ?c) { ?x :n ?n }",
        "SELECT ?x { BIND(<<( <<( :s :p :o )>> :q :z )>> AS ?x) }",
        'SELECT ?x { BIND(<<( "s" :q :z )>> AS ?x) }',
    ],
)
def test_what_the_standard_does_not_allow_is_refused_though_the_engine_reads_it(graph: Graph, query: str) -> None:
    with pytest.raises(QueryError):
        rows(graph, query)
