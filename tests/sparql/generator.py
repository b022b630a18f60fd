"""Random queries and updates, made from the grammar, and texts with a few characters wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

PROLOGUES = (
    "PREFIX : <http://ex.org/> PREFIX e: <http://ex.org/>",
    "BASE <http://ex.org/> PREFIX : <#> PREFIX e: <http://ex.org/>",
    'VERSION "1.2" PREFIX e: <http://ex.org/> PREFIX : <http://ex.org/a/> PREFIX :<http://ex.org/>',
)
VARIABLES = ("?a", "?b", "?c", "$d", "?ex", "?n1", "?é")
NAMES = (
    ":p",
    ":q",
    ":r",
    "e:p",
    "<http://ex.org/p>",
    ":s1",
    ":s2",
    "e:s1",
    "<http://ex.org/s3>",
    ":",
    "e:a.b",
    r":x\-y",
    ":%41",
)
GRAPHS = (":g", ":h", "<http://ex.org/g>")
LITERALS = (
    *(
        '"x"',
        "'y'",
        '"x"@en',
        '"x"@en-GB',
        '"x"@ar--rtl',
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"""a"b"""',
    ),
    *(
        r'"a\"b"',
        r'"a\u0022b\\"',
        r"'it\'s'",
        "1",
        "2",
        "01",
        "-1",
        "+1",
        "1.5",
        ".5",
        "1e1",
        "-2.5E-3",
        "true",
        "false",
        '""',
    ),
)
ONE = re.findall(
    r"\w+",
    "STR LANG DATATYPE ABS CEIL ROUND STRLEN UCASE LCASE isIRI isBLANK isLITERAL isNUMERIC isTriple hasLANG hasLANGDIR LANGDIR "
    "MD5 SHA256 ENCODE_FOR_URI YEAR IRI SUBJECT OBJECT BNODE",
)
TWO = re.findall(r"\w+", "CONTAINS STRSTARTS LANGMATCHES sameTerm STRLANG STRDT STRBEFORE REGEX SUBSTR")
CHARACTERS = "?$<>{}()[];,.:|&!=+-*/^~@#\"'\\_ \n\taAeEsx019%é<?&&||^^<<>>"
PIECES = (
    *(
        "SELECT",
        "DISTINCT",
        "WHERE",
        "FILTER",
        "OPTIONAL",
        "UNION",
        "SERVICE",
        "GRAPH",
        "BIND",
        "AS",
        "NOT",
        "IN",
        "EXISTS",
    ),
    *(
        "VALUES",
        "UNDEF",
        "COUNT",
        "a",
        "true",
        "LOAD",
        "NOW()",
        "ORDER BY",
        "GROUP BY",
        "FROM",
        "LIMIT 1",
        "<<(",
        ")>>",
        "{|",
    ),
    *(
        "|}",
        "[]",
        "()",
        "<?b&&?c>",
        "<'>",
        "\\u0041",
        "#",
        "SILENT",
        ":a.b.c",
        "_:x",
        "^^",
        "?x",
        "BASE",
        "LATERAL {}",
        "1.",
        "-1",
    ),
)


class Generator:
    """Makes texts from random numbers."""

    def __init__(self, numbers: random.Random) -> None:
        self.random = numbers
        self.depth = 0

    def query(self) -> str:
        form = self.one(self.select, self.select, self.select, self.ask, self.construct, self.describe)
        return self.spaced([self.of(PROLOGUES), *form, *self.maybe(0.1, self.values)])

    def update(self) -> str:
        operations: list[str] = []
        for number in range(self.random.choice((1, 1, 1, 2, 3))):
            operations += [";"] * (number > 0) + self.operation()
        return self.spaced([self.of(PROLOGUES), *operations, *self.maybe(0.1, lambda: [";"])])

    def mutated(self, text: str) -> str:
        """Return a text with one to three small things wrong."""
        for _ in range(self.random.choice((1, 1, 2, 3))):
            at = self.random.randrange(len(text) + 1)
            to = min(len(text), at + self.random.choice((1, 1, 1, 2, 5)))
            new = self.random.choice(
                (
                    "",
                    "",
                    self.of(CHARACTERS),
                    self.of(CHARACTERS),
                    self.of(PIECES),
                    f" {self.of(PIECES)} ",
                    text[at:to] * 2,
                )
            )
            text = text[:at] + new + text[self.random.choice((at, to)) :]
        return text

    def spaced(self, tokens: Sequence[str]) -> str:
        """Return terminals with white space, comments or nothing between them."""
        usual = self.random.random() < 0.7
        between = (" ",) if usual else (" ", " ", "\n", "", "", " # SERVICE } \n", "\t \r\n")
        pieces = [tokens[0]]
        for token in tokens[1:]:
            pieces += (self.of(between), token)
        return "".join(pieces)

    # ---- choices

    def of(self, choices: Sequence[str]) -> str:
        return self.random.choice(choices)

    def one(self, *choices: Callable[[], list[str]]) -> list[str]:
        return self.random.choice(choices)()

    def maybe(self, chance: float, rule: Callable[[], list[str]]) -> list[str]:
        return rule() if self.random.random() < chance else []

    def some(self, rule: Callable[[], list[str]], most: int, between: str = "") -> list[str]:
        found: list[str] = []
        for number in range(self.random.randint(1, most)):
            found += ([between] if between and number else []) + rule()
        return found

    # ---- queries

    def select(self) -> list[str]:
        grouped = self.random.random() < 0.25
        items = ["*"]
        if grouped:
            key = self.of(VARIABLES)
            items = [*self.maybe(0.7, lambda: [key]), "(", *self.aggregate(), "AS", "?total", ")"]
            tail = ["GROUP", "BY", key, *self.maybe(0.2, lambda: ["HAVING", "(", *self.aggregate(), "> 0", ")"])]
        else:
            tail = []
            if self.random.random() < 0.5:
                items = self.some(self.item, 3)
        modifier = self.maybe(0.2, lambda: [self.of(("DISTINCT", "REDUCED"))])
        dataset = self.maybe(0.1, self.dataset) if self.depth == 0 else []
        where = self.maybe(0.8, lambda: ["WHERE"])
        return ["SELECT", *modifier, *items, *dataset, *where, *self.group(), *tail, *self.order(), *self.limit()]

    def item(self) -> list[str]:
        if self.random.random() < 0.7:
            return [self.of(VARIABLES)]
        return ["(", *self.expression(), "AS", f"?new{self.random.randint(1, 9)}", ")"]

    def ask(self) -> list[str]:
        return ["ASK", *self.maybe(0.1, self.dataset), *self.maybe(0.5, lambda: ["WHERE"]), *self.group()]

    def construct(self) -> list[str]:
        if self.random.random() < 0.2:
            return ["CONSTRUCT", *self.maybe(0.2, self.dataset), "WHERE", "{", *self.template(), "}"]
        return ["CONSTRUCT", "{", *self.template(), "}", "WHERE", *self.group(), *self.limit()]

    def describe(self) -> list[str]:
        targets = self.one(lambda: ["*"], lambda: [self.of(NAMES)], lambda: [self.of(VARIABLES), self.of(NAMES)])
        return ["DESCRIBE", *targets, *self.maybe(0.7, self.group)]

    def dataset(self) -> list[str]:
        return self.some(lambda: ["FROM", *self.maybe(0.5, lambda: ["NAMED"]), self.of(GRAPHS)], 2)

    def order(self) -> list[str]:
        condition = lambda: self.one(  # noqa: E731
            lambda: [self.of(VARIABLES)],
            lambda: [self.of(("ASC", "DESC")), "(", *self.expression(), ")"],
            lambda: self.call(),
        )
        return self.maybe(0.15, lambda: ["ORDER", "BY", *self.some(condition, 2)])

    def limit(self) -> list[str]:
        return self.maybe(0.1, lambda: self.one(lambda: ["LIMIT", "3"], lambda: ["OFFSET", "1", "LIMIT", "2"]))

    # ---- patterns

    def group(self) -> list[str]:
        self.depth += 1
        if self.depth > 4:
            found = ["{", *self.triples(), "}"]
        elif self.depth > 1 and self.random.random() < 0.1:
            found = ["{", *self.select(), *self.maybe(0.1, self.values), "}"]
        else:
            found = ["{", *self.maybe(0.8, self.triples)]
            for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
                found += [*self.element(), *self.maybe(0.2, lambda: ["."]), *self.maybe(0.3, self.triples)]
            found += ["}"]
        self.depth -= 1
        return found

    def element(self) -> list[str]:
        return self.one(
            lambda: ["OPTIONAL", *self.group()],
            lambda: [*self.group(), *self.maybe(0.7, lambda: ["UNION", *self.group()])],
            lambda: ["MINUS", *self.group()],
            lambda: ["GRAPH", self.of((*VARIABLES, *GRAPHS)), *self.group()],
            lambda: ["FILTER", *self.constraint()],
            lambda: ["FILTER", *self.constraint()],
            lambda: ["BIND", "(", *self.expression(), "AS", self.of((*VARIABLES, "?new1", "?new2", "?new3")), ")"],
            self.values,
            lambda: self.maybe(0.3, self.service),
            lambda: self.maybe(0.3, lambda: ["LATERAL", *self.group()]),
        )

    def service(self) -> list[str]:
        name = self.of(("<http://ex.org/sparql>", ":s1", "?a"))
        return ["SERVICE", *self.maybe(0.5, lambda: ["SILENT"]), name, *self.group()]

    def values(self) -> list[str]:
        value = lambda: [self.of((*NAMES, *LITERALS, "UNDEF", "<<( :s1 :p 1 )>>"))]  # noqa: E731
        if self.random.random() < 0.5:
            return ["VALUES", self.of(VARIABLES), "{", *self.some(value, 3), "}"]
        return ["VALUES", "(", "?a", "?b", ")", "{", *self.some(lambda: ["(", *value(), *value(), ")"], 2), "}"]

    def triples(self) -> list[str]:
        found = self.some(lambda: self.same_subject(True), 2, ".")
        return [*found, *self.maybe(0.3, lambda: ["."])]

    def template(self) -> list[str]:
        return self.some(lambda: self.same_subject(False), 2, ".")

    def same_subject(self, paths: bool) -> list[str]:
        if self.random.random() < 0.1:
            return self.one(
                lambda: ["(", *self.some(lambda: self.node(paths), 2), ")"],
                lambda: ["[", *self.properties(paths), "]", *self.maybe(0.5, lambda: self.properties(paths))],
                lambda: [*self.reified(), *self.maybe(0.7, lambda: self.properties(paths))],
            )
        return [self.of((*VARIABLES, *VARIABLES, *NAMES, "[]", "_:b1", "_:b.2")), *self.properties(paths)]

    def properties(self, paths: bool) -> list[str]:
        verb = self.verb if not paths else lambda: self.one(self.verb, self.verb, self.verb, self.path)
        return self.some(lambda: [*verb(), *self.some(lambda: self.object(paths), 2, ",")], 2, ";")

    def verb(self) -> list[str]:
        return [self.of((*VARIABLES, ":p", ":q", "e:p", "a", "<http://ex.org/q>"))]

    def object(self, paths: bool) -> list[str]:
        return [*self.node(paths), *self.maybe(0.05, lambda: self.annotation(paths))]

    def annotation(self, paths: bool) -> list[str]:
        return self.one(lambda: ["~", *self.maybe(0.5, lambda: [":r"])], lambda: ["{|", *self.properties(paths), "|}"])

    def reified(self) -> list[str]:
        part = lambda: [self.of((*VARIABLES, *NAMES, "1"))]  # noqa: E731
        return ["<<", *part(), *self.verb(), *part(), *self.maybe(0.3, lambda: ["~", "?r"]), ">>"]

    def node(self, paths: bool) -> list[str]:
        if self.random.random() < 0.08 and self.depth < 6:
            self.depth += 1
            found = self.one(
                lambda: ["(", *self.some(lambda: self.node(paths), 2), ")"],
                lambda: ["[", *self.properties(paths), "]"],
                lambda: self.reified(),
                lambda: ["<<(", self.of(VARIABLES), *self.verb(), self.of(LITERALS), ")>>"],
                lambda: ["(", ")"],
            )
            self.depth -= 1
            return found
        return [self.of((*VARIABLES, *VARIABLES, *NAMES, *LITERALS, "_:b1", "[]"))]

    def path(self) -> list[str]:
        step = lambda: self.one(  # noqa: E731
            lambda: [self.of((":p", ":q", "a"))],
            lambda: ["^", ":p"],
            lambda: [self.of((":p", ":q")), self.of("*+?")],
            lambda: ["!", "(", ":p", "|", "^", ":q", ")"],
            lambda: ["!", "a"],
            lambda: ["(", ":p", self.of("/|"), "^", ":q", ")", *self.maybe(0.5, lambda: [self.of("*+?")])],
        )
        return self.some(step, 2, self.of("/|"))

    # ---- expressions

    def constraint(self) -> list[str]:
        return self.one(
            lambda: ["(", *self.expression(), ")"],
            self.call,
            lambda: [*self.maybe(0.5, lambda: ["NOT"]), "EXISTS", *self.group()],
        )

    def expression(self) -> list[str]:
        self.depth += 1
        simple = self.depth > 5 or self.random.random() < 0.35
        found = self.operand() if simple else self.compound()
        self.depth -= 1
        return found

    def operand(self) -> list[str]:
        return [self.of((*VARIABLES, *VARIABLES, *LITERALS, ":s1", "<http://ex.org/s2>"))]

    def compound(self) -> list[str]:
        return self.one(
            lambda: [*self.operand(), self.of(("<", ">", "=", "!=", "<=", ">=")), *self.operand()],
            lambda: self.some(self.expression, 3, self.of(("||", "&&"))),
            lambda: self.some(
                lambda: self.one(self.operand, lambda: ["(", *self.expression(), ")"]), 3, self.of("+-*/")
            ),
            lambda: ["(", *self.expression(), ")"],
            lambda: [self.of("!-+"), *self.operand()],
            lambda: ["!", "(", *self.expression(), ")"],
            self.call,
            lambda: [
                *self.operand(),
                *self.maybe(0.3, lambda: ["NOT"]),
                "IN",
                "(",
                *self.some(self.operand, 2, ","),
                ")",
            ],
            lambda: ["<<(", ":s1", ":p", *self.operand(), ")>>"],
            lambda: ["EXISTS", *self.group()],
        )

    def call(self) -> list[str]:
        return self.one(
            lambda: [self.of(ONE), "(", *self.expression(), ")"],
            lambda: [self.of(TWO), "(", *self.expression(), ",", *self.expression(), ")"],
            lambda: ["IF", "(", *self.some(self.operand, 1), ",", *self.operand(), ",", *self.operand(), ")"],
            lambda: [self.of(("COALESCE(", "CONCAT(")), *self.some(self.expression, 2, ","), ")"],
            lambda: ["BOUND", "(", self.of(VARIABLES), ")"],
            lambda: [self.of(("NOW()", "RAND()", "STRUUID()", "BNODE()"))],
            lambda: ["<http://www.w3.org/2001/XMLSchema#integer>", "(", *self.expression(), ")"],
        )

    def aggregate(self) -> list[str]:
        distinct = self.maybe(0.3, lambda: ["DISTINCT"])
        return self.one(
            lambda: ["COUNT", "(", *distinct, "*", ")"],
            lambda: [self.of(("COUNT", "SUM", "MIN", "MAX", "AVG")), "(", *distinct, *self.operand(), ")"],
            lambda: ["GROUP_CONCAT", "(", *distinct, *self.operand(), ";", "SEPARATOR", "=", '"|"', ")"],
        )

    # ---- updates

    def operation(self) -> list[str]:
        graph = lambda: self.of(GRAPHS)  # noqa: E731
        silent = self.maybe(0.3, lambda: ["SILENT"])
        return self.one(
            lambda: ["INSERT", "DATA", *self.quads()],
            lambda: ["DELETE", "DATA", *self.quads()],
            lambda: ["DELETE", "WHERE", *self.quads()],
            self.modify,
            self.modify,
            lambda: [
                self.of(("CLEAR", "DROP")),
                *silent,
                *self.one(lambda: ["GRAPH", graph()], lambda: [self.of(("ALL", "NAMED"))]),
            ],
            lambda: ["CREATE", "SILENT", "GRAPH", graph()],
            lambda: [
                self.of(("ADD", "COPY", "MOVE")),
                "SILENT",
                self.of(("DEFAULT", ":g")),
                "TO",
                self.of((":h", "GRAPH :g")),
            ],
            lambda: (
                self.maybe(0.3, lambda: ["LOAD", *silent, "<http://ex.org/x>", "INTO", "GRAPH", ":g"])
                or ["CLEAR", "DEFAULT"]
            ),
        )

    def modify(self) -> list[str]:
        clauses = self.one(
            lambda: ["DELETE", *self.quads()],
            lambda: ["INSERT", *self.quads()],
            lambda: ["DELETE", *self.quads(), "INSERT", *self.quads()],
        )
        graph = self.maybe(0.2, lambda: ["WITH", ":g"])
        using = self.maybe(0.2, lambda: ["USING", *self.maybe(0.3, lambda: ["NAMED"]), ":h"])
        return [*graph, *clauses, *using, "WHERE", *self.group()]

    def quads(self) -> list[str]:
        ground = self.random.random() < 0.7
        triple = (
            (lambda: [self.of(NAMES), ":p", self.of((*NAMES, *LITERALS))])
            if ground
            else (lambda: self.same_subject(False))
        )
        found = ["{", *self.some(triple, 2, ".")]
        return [*found, *self.maybe(0.3, lambda: ["GRAPH", self.of(GRAPHS), "{", *triple(), "}"]), "}"]
