"""What the parser reads, where each part of it stands, and the sentences in which it refuses the rest."""

from __future__ import annotations

import gc
import time
from contextlib import suppress

import pytest

from kouan.errors import QueryError, QuerySyntaxError
from kouan.sparql.editing import edited, replace
from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.printer import print_tree
from kouan.sparql.tree import (
    Arithmetic,
    Collection,
    Comparison,
    Filter,
    Iri,
    Literal,
    Node,
    Or,
    PathInverse,
    PathRepeated,
    PathSequence,
    Query,
    TriplePattern,
    Update,
    Var,
    walk,
)

PREFIX = "PREFIX : <http://ex.org/> "


def text_of(tree: Query | Update, node: Node) -> str:
    return tree.text[node.start : node.end]


def first(tree: Query | Update, kind: type) -> Node:
    return next(node for node in walk(tree) if isinstance(node, kind))


# ---- terminals


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("?a<?b&&?c>?d", ["?a<?b", "?c>?d"]),
        ('?d<NOW()&&?d>"2000-01-01"', ["?d<NOW()", '?d>"2000-01-01"']),
        ("?s<<http://ex.org/z>||true", ["?s<<http://ex.org/z>"]),
        ("?a<=?b&&?c>?d", ["?a<=?b", "?c>?d"]),
        ("?a<'>'&&'<'<?b", ["?a<'>'", "'<'<?b"]),
        ("<http://x/><<http://y/>", ["<http://x/><<http://y/>"]),
        ("?a<<<(:s :p :o)>>", ["?a<<<(:s :p :o)>>"]),
        ("(?a)<-1||1<2", ["(?a)<-1", "1<2"]),
    ],
)
def test_less_than_is_no_start_of_an_iri_where_an_operator_is_due(condition, parts):
    query = parse_query(f"{PREFIX}SELECT * {{ ?a :p ?b . FILTER({condition}) ?c :q <http://ex.org/o> }}")
    comparisons = [text_of(query, node) for node in walk(query) if isinstance(node, Comparison)]
    assert comparisons == parts
    assert [n.value for n in walk(query) if isinstance(n, Iri)][-1] == "http://ex.org/o"


def test_iri_is_one_where_a_term_is_due_though_it_looks_like_a_comparison():
    query = parse_query("BASE <http://ex.org/> SELECT * { ?a <?b&&?c> ?d }")
    assert [node.value for node in walk(query) if isinstance(node, Iri)] == ["http://ex.org/?b&&?c"]


@pytest.mark.parametrize(
    "text",
    [
        "SERVICEx:",
        "SELECTDISTINCT?x{}",
        "SELECT*{}LIMIT1",
        "ASK{FILTEREXISTS{}}",
        "SELECT*{?s atrue .}",
        "ASK{}ORDER BYRAND()",
    ],
)
def test_words_end_where_the_standard_says(text):
    with pytest.raises(QuerySyntaxError):
        parse_query(text)


def test_service_with_a_letter_behind_it_is_a_prefixed_name():
    with pytest.raises(QuerySyntaxError, match="the prefix SERVICEx: is not declared"):
        parse_query("PREFIX x: <http://127.0.0.1/x> SELECT * { SERVICEx:{?a ?b ?c} }")
    query = parse_query("PREFIX SERVICEx: <http://ex.org/> SELECT * { SERVICEx: ?b ?c }")
    assert query.services == []


def test_service_behind_a_number_is_the_word():
    query = parse_query("SELECT * { ?s ?p 1SERVICE<http://ex.org/>{} }")
    assert [text_of(query, each) for each in query.services] == ["SERVICE<http://ex.org/>{}"]


@pytest.mark.parametrize(
    ("written", "lexical", "datatype"),
    [
        ("1.", "1", "integer"),
        ("1.5.", "1.5", "decimal"),
        ("1.e5", "1.e5", "double"),
        ("-.5", "-.5", "decimal"),
        ("true.", "true", "boolean"),
        (r'"a\u0022b"', 'a"b', "string"),
        (r"'\\u0041'", r"\u0041", "string"),
        ("'''a''b'''", "a''b", "string"),
        (r'"""\""""', '"', "string"),
    ],
)
def test_literals_are_what_the_standard_says(written, lexical, datatype):
    literal = first(parse_query(f"SELECT * {{ ?s ?p {written} }}"), Literal)
    assert isinstance(literal, Literal)
    assert (literal.lexical, literal.datatype.partition("#")[2]) == (lexical, datatype)


def test_escapes_are_replaced_and_places_are_those_of_the_text_that_was_sent():
    text = 'SELECT * { ?s ?p "\\u0041\\U00000042"\n. ?s <http://ex.org/\\u00e9> ?o . ?s x:y ?o }'
    with pytest.raises(QuerySyntaxError, match="prefix x: is not declared") as refused:
        parse_query(text)
    assert text.split("\n")[1][refused.value.column - 1 :].startswith("x:y")
    query = parse_query(text.replace("x:y", "?q"))
    assert query.text == 'SELECT * { ?s ?p "AB"\n. ?s <http://ex.org/é> ?o . ?s ?q ?o }'


def test_escape_in_a_comment_does_not_end_it():
    query = parse_query("ASK {} # \\u000A \\u00\\u0030A SERVICE <http://ex.org/> {}")
    assert "\\u" not in query.text
    assert "\n" not in query.text


def test_byte_order_mark_is_passed_over():
    assert parse_query("\ufeffASK {}").text == "ASK {}"


# ---- trees


def test_triples_that_share_a_subject_are_patterns_with_offsets_of_their_own():
    query = parse_query(PREFIX + "SELECT * { ?s :p ?o , ( 1 2 ) ; :q/^:r* 3 . }")
    triples = [node for node in walk(query) if isinstance(node, TriplePattern)]
    assert [text_of(query, triple) for triple in triples] == ["?s :p ?o", "( 1 2 )", ":q/^:r* 3"]
    assert [text_of(query, triple.subject) for triple in triples] == ["?s"] * 3
    assert isinstance(triples[1].object, Collection)
    path = triples[2].predicate
    assert isinstance(path, PathSequence)
    inverse = path.parts[1]
    assert isinstance(inverse, PathInverse)
    assert isinstance(inverse.path, PathRepeated)


def test_signed_number_behind_a_value_is_a_difference():
    query = parse_query("SELECT (?a -1*2-3 AS ?x) {}")
    sum_ = first(query, Arithmetic)
    assert isinstance(sum_, Arithmetic)
    assert sum_.operators == ["-", "-"]
    assert [text_of(query, each) for each in sum_.operands] == ["?a", "1*2", "3"]


def test_operators_bind_as_tightly_as_the_standard_says():
    query = parse_query("ASK { FILTER(?a || ?b && ! ?c = 1 + 2 * 3 || (?d)) }")
    condition = first(query, Filter)
    assert isinstance(condition, Filter)
    assert isinstance(condition.expression, Or)
    assert [text_of(query, each) for each in condition.expression.operands] == ["?a", "?b && ! ?c = 1 + 2 * 3", "?d"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * { ?b ?a ?c . OPTIONAL { ?e ?a ?d } }", "b a c e d"),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } MINUS { ?x ?y ?z } FILTER(?w) BIND(1 AS ?n) } VALUES ?v {1}", "g s p o n v"),
        ("SELECT * { { SELECT ?b (1 AS ?c) { ?a ?b ?d } } SERVICE ?z { ?y ?y ?y } }", "b c y"),
        ("SELECT ?z (COUNT(*) AS ?n) { ?a ?z ?y } GROUP BY ?z", "z n"),
        ("SELECT * { << ?a ?b ?c ~ ?d >> ?e <<( ?f ?g ?h )>> {| ?i ?j |} }", "a b c d e f g h i j"),
        ("ASK { ?s ?p ?o }", ""),
    ],
)
def test_columns_come_in_the_order_of_the_query(text, columns):
    query = parse_query(text)
    assert (query.variables if query.form == "SELECT" else ()) == tuple(columns.split())


def test_text_is_edited_at_the_offsets_of_nodes():
    query = parse_query(PREFIX + "SELECT * { ?s :p ?o FILTER(?o < 3) }")
    edits = [replace(node, "?thing") for node in walk(query) if isinstance(node, Var) and node.name == "o"]
    assert edited(query.text, edits) == PREFIX + "SELECT * { ?s :p ?thing FILTER(?thing < 3) }"
    with pytest.raises(ValueError, match="overlap"):
        edited(query.text, [*edits, replace(first(query, TriplePattern), "")])


def test_preset_prefixes_and_base_hold_where_the_text_says_nothing():
    query = parse_query("SELECT * { <a> :p ?o }", base="http://ex.org/b/", prefixes={"": "http://ex.org/"})
    assert [node.value for node in walk(query) if isinstance(node, Iri)] == ["http://ex.org/b/a", "http://ex.org/p"]


# ---- refusals


REFUSED = [
    (
        "SELECT * {\n { ?s ?p ?o",
        "expected '}' to end the group opened at line 2, column 2, or a pattern, but the text ends",
        2,
        12,
    ),
    ("SELECT * { ?x ?p 1 BIND(2 AS ?x) }", "?x is bound already by what stands above in this group", 1, 30),
    ("SELECT (1 AS ?x) { ?x ?p 1 }", "?x is bound already by the pattern, and AS needs a new variable", 1, 14),
    ("SELECT ?x { ?y ?p 1 } GROUP BY ?y", "?x is neither grouped by nor in an aggregate", 1, 8),
    ("SELECT (?x + 1 AS ?z) (COUNT(*) AS ?n) {}", "?x is neither grouped by nor in an aggregate", 1, 9),
    ("SELECT * { ?s ?p ?o } GROUP BY ?s", "SELECT * may not stand with GROUP BY", 1, 1),
    ("SELECT ?x ?x { ?x ?p 1 }", "?x is selected twice", 1, 11),
    ("SELECT (SUM(COUNT(?x)) AS ?n) {}", "an aggregate may not stand in another, which is SUM", 1, 13),
    ("SELECT * { FILTER(COUNT(?x) > 1) }", "an aggregate stands in SELECT, HAVING or ORDER BY only", 1, 19),
    ("CONSTRUCT WHERE { ?s ?p ?o } GROUP BY ?s", "GROUP BY, or an aggregate, needs a CONSTRUCT with a template", 1, 30),
    ("SELECT * { _:a ?p 1 OPTIONAL { _:a ?q 2 } }", "_:a stands in two basic graph patterns", 1, 32),
    (
        "SELECT * { VALUES (?a ?b) { (1) } }",
        "a row of VALUES has a value for each variable, of which there are 2",
        1,
        29,
    ),
    ("SELECT * { VALUES (?a ?a) { } }", "?a stands twice among the variables of VALUES", 1, 23),
    ("SELECT * { ?s x:p ?o }", "the prefix x: is not declared; declare it with PREFIX x: <…>", 1, 15),
    ("SELECT * { ?s ?p <a> }", "<a> is relative, and there is no BASE", 1, 18),
    ("SELECT * { ?s ?p <http://a/%zz> }", "<http://a/%zz> is no legal IRI", 1, 18),
    ("SELECT * { ?s ?p <http://a b/> }", "'<' stands here and starts no IRI", 1, 18),
    ('SELECT * { ?s ?p "x"@abcdefghi }', "@abcdefghi is no well-formed language tag", 1, 21),
    ('SELECT * { ?s ?p "x"@en--up }', "--up is no direction of a text", 1, 21),
    (r'SELECT * { ?s ?p "a\qb" }', r"\q is no escape in a string", 1, 18),
    ('SELECT * { ?s ?p "a }', 'a string opens with " and is not closed', 1, 18),
    (r"SELECT * { ?\u0061 ?p 1 }", r"\u0061 stands outside of strings and IRIs", 1, 13),
    (r'SELECT * { ?s ?p "\u00\u0041A" }', r"\u is followed by 4 hexadecimal digits", 1, 19),
    ("SELECT * { ?s ?p ?o ?q ?r ?t }", "expected '.' between two triples, but ?q stands here", 1, 21),
    ("SELECT * { ?s ?p ( #\n ) }", "a comment may not stand between the brackets of () and []", 1, 18),
    ("SELECT (IF(1, 2) AS ?x) {}", "IF takes 3 arguments and has 2 here", 1, 9),
    ("ASK { FILTER(1 < 2 < 3) }", "a comparison may not follow another", 1, 20),
    ("ASK { FILTER(2 NOT IN () -1 ) }", "nothing is reckoned with a comparison; put it in brackets", 1, 26),
    ("ASK { FILTER(2 IN (1) * 3 = 3) }", "nothing is reckoned with a comparison", 1, 23),
    ("ASK { ?s ?p/?q ?o }", "expected an object, but / stands here", 1, 12),
    ("SELECT%20%2A%20WHERE%20%7B%7D", "% stands here: the text is percent-encoded once more than it was decoded", 1, 7),
    ("query=ASK%20%7B%7D", "query= stands here, as in a form: send the text alone", 1, 1),
    ("SELECT\u00a0* {}", "\u00a0 (U+00A0, no-break space) stands here", 1, 7),
    ("SELECT\u000b* {}", "but the character U+000B, which cannot be seen, stands here", 1, 7),
    ("SELECT *\u0085{}", "the character U+0085, which cannot be seen, stands here", 1, 9),
    ("SELECT * { ?s ?p \u201cHeihe\u201d }", "\u201c (U+201C, left double quotation mark) stands here", 1, 18),
    ("ASK { ?s !a/!a ?o ~ ?r }", "a reifier or an annotation may not follow the object of a property path", 1, 19),
    ("ASK {} LIMIT 1 LIMIT 2", "LIMIT stands twice", 1, 16),
    ("ASK {} LIMIT 18446744073709551616", "LIMIT may be 18446744073709551615 at most", 1, 14),
    ("ASK { ?x ?p 1 LATERAL { BIND(1 AS ?x) } }", "?x is bound already by what stands before LATERAL", 1, 23),
    (
        "ASK { ?x ?p 1 LATERAL { {SELECT * {} VALUES ?x {1}} } }",
        "?x is bound already by what stands before LATERAL",
        1,
        23,
    ),
    ("ASK { { SELECT * FROM <http://x> {} } }", "FROM belongs to the whole query", 1, 18),
    ("INSERT DATA {}", "INSERT starts an update, and a query is due here; over HTTP an update goes to /update", 1, 1),
    ('define input:inference "x" ASK {}', "define is of Virtuoso alone", 1, 1),
    ("SPARQL SELECT * {}", "the word SPARQL before a query is of Virtuoso's own console", 1, 1),
    ("```sparql\nASK {}\n```", "between the fences of a block of Markdown", 1, 1),
    ("SELECT ?s STR(?o) { ?s ?p ?o }", "what is computed in brackets, as in (STR(?x) AS ?text), but STR", 1, 11),
    ("", "a query starts with SELECT, ASK, CONSTRUCT or DESCRIBE, but the text ends here", 1, 1),
    ("ASK {} }", "expected the end of the query", 1, 8),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refusal_names_the_rule_and_the_place(text, message, line, column):
    with pytest.raises(QuerySyntaxError) as refused:
        parse_query(text)
    assert message in refused.value.message
    assert (refused.value.line, refused.value.column) == (line, column)


REFUSED_UPDATES = [
    ("LOAD ;", "expected the IRI of what to load, but ; stands here"),
    ("CREATE GRAPH <http://g> LOAD <http://r> INTO GRAPH <http://g>", "expected ';' between two operations"),
    ("CREATE GRAPH <http://g> ;; LOAD <http://r>", "an operation starts with INSERT, DELETE"),
    ("INSERT DATA { ?s <http://p> 1 }", "INSERT DATA holds no variables, and ?s is one"),
    ("INSERT DATA { 'x' <http://p> 1 }", "a literal or a triple term is no subject of data"),
    ("DELETE DATA { _:a <http://p> 1 }", "DELETE DATA holds no blank nodes"),
    ("DELETE DATA { <http://s> <http://p> 1 ~ }", "DELETE DATA holds no blank nodes"),
    ("DELETE DATA { << <http://s> <http://p> 1 >> . }", "DELETE DATA holds no blank nodes"),
    ("DELETE { [] ?p ?o } WHERE { ?s ?p ?o }", "DELETE holds no blank nodes"),
    ("DELETE WHERE { ?s ?p ( 1 ) }", "DELETE WHERE holds no blank nodes"),
    ("INSERT DATA { _:a <http://p> 1 } ; INSERT DATA { _:a <http://p> 1 }", "_:a stands in two INSERT DATA"),
    ("INSERT { ?s ?p ?o }", "expected WHERE and a pattern"),
    ("SELECT * {}", "SELECT starts a query, and an update is due here; over HTTP a query goes to /sparql"),
    ("INSERT INTO <urn:g> { <urn:a> <urn:b> 1 }", "INSERT INTO is older than SPARQL 1.1; write INSERT DATA { GRAPH"),
    ("INSERT IN GRAPH <urn:g> { <urn:a> <urn:b> 1 }", "INSERT IN is older than SPARQL 1.1"),
    ("DELETE FROM <urn:g> { <urn:a> <urn:b> 1 }", "DELETE FROM is older than SPARQL 1.1; write DELETE DATA"),
    ("INSERT { ?s <http://p>/<http://q> ?o } WHERE {}", "expected an object, but / stands here"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED_UPDATES, ids=[case[0] for case in REFUSED_UPDATES])
def test_refusal_of_an_update_names_the_rule(text, message):
    with pytest.raises(QueryError) as refused:
        parse_update(text)
    assert message in refused.value.message
    assert refused.value.line == 1


@pytest.mark.parametrize(
    "text", ["", "PREFIX : <http://x/>", "CLEAR ALL ;", "LOAD SILENT <http://x> INTO GRAPH <http://g>"]
)
def test_update_may_be_empty_and_may_end_with_a_semicolon(text):
    update = parse_update(text)
    assert print_tree(parse_update(print_tree(update))) == print_tree(update)


# ---- limits


DEEP = [
    "ASK { FILTER(" + "(" * 100_000,
    "ASK " + "{" * 100_000,
    "ASK { ?s ?p " + "(" * 100_000,
]
DEEP += [
    "ASK { ?s ?p " + "[ <http://p> " * 100_000,
    "ASK { ?s " + "(" * 100_000,
    "ASK { ?s ?p " + "<<( ?a ?b " * 100_000,
]


@pytest.mark.alone
@pytest.mark.parametrize("text", DEEP, ids=[text[:14] for text in DEEP])
def test_deep_nesting_is_refused_quickly(text):
    begun = time.process_time()
    with pytest.raises(QuerySyntaxError, match="brackets may be nested 200 deep"):
        parse_query(text)
    assert time.process_time() - begun < 5


@pytest.mark.alone
def test_many_negations_are_refused_quickly_and_fewer_are_one_or_two():
    begun = time.process_time()
    with pytest.raises(QuerySyntaxError, match="100,000 times ! in a row are more than the 2,000 that are read"):
        parse_query("ASK { FILTER(" + "!" * 100_000)
    assert time.process_time() - begun < 5
    for count, left in ((1, 1), (2, 2), (3, 1), (1900, 2), (1901, 1)):
        said = print_tree(parse_query("ASK { FILTER(" + "!" * count + "?x) }"))
        assert said.count("!") == left


NESTED = [
    "(1 || 1 && 1 = 1 + 1 * {})",
    "EXISTS {{ FILTER({}) }}",
    "IF(1, 2, {})",
    "!({})",
    "EXISTS {{ SELECT ({} AS ?x) {{}} }}",
]


@pytest.mark.parametrize("shape", NESTED)
def test_nesting_as_deep_as_is_allowed_is_read_walked_and_printed(shape):
    expression, depth = "1", 0
    while (depth := depth + 1) < 60:
        expression = shape.format(expression)
    query = parse_query(f"ASK {{ FILTER({expression}) }}")
    assert sum(1 for _ in walk(query)) > 60
    assert parse_query(print_tree(query)).form == "ASK"


LONG = [
    lambda n: "ASK { VALUES ?x {" + " 1" * n + "} }",
    lambda n: "ASK { FILTER(" + "||".join(["?a<?b&&?c>?d"] * (n // 100)) + ") }",
    lambda n: "ASK { ?s ?p 1 . " + "?s <http://p> ?o ; ?q _:a . " * (n // 8) + "}",
    lambda n: "SELECT (1" + "+1" * n + " AS ?x) {}",
    lambda n: "ASK { ?s ?p '" + "\\u0041" * n + "' }",
    lambda n: "ASK { ?s ?p " + "a." * n,
    lambda n: "ASK { " + "".join(f"LATERAL {{ ?x{i} ?y ?z }} " for i in range(n // 10)) + "}",
    lambda n: "ASK { ?s ?p <" + "../" * n + "> }",
]


@pytest.mark.alone
@pytest.mark.parametrize("number", range(len(LONG)))
def test_time_grows_with_the_length_and_not_with_its_square(number):
    def took(n: int) -> float:
        text = LONG[number](n)
        times = []
        # What collects garbage walks all that the process holds, of every test before this one: it is no part of the parser.
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                begun = time.process_time()
                with suppress(QuerySyntaxError):
                    parse_query(text, base="http://ex.org/")
                times.append(time.process_time() - begun)
        finally:
            gc.enable()
        return min(times)

    assert took(80_000) < 20 * took(10_000) + 0.2


@pytest.mark.alone
def test_what_can_be_no_text_is_refused_at_its_first_character_however_long_it_is():
    begun = time.process_time()
    for read in (parse_query, parse_update):
        with pytest.raises(QuerySyntaxError):
            read("\0" * 20_000_000, base="http://ex.org/")
    assert time.process_time() - begun < 3
