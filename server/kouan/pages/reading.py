"""Ask the graph what a page shows. Knows SPARQL and labels; knows nothing of HTTP or HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from pyoxigraph import Literal, NamedNode, Triple

from kouan.errors import NotFound
from kouan.linking.wikidata.references import licence_name
from kouan.vocabulary import BASE, DCT, GEO, INFERRED_GRAPH, KOUAN, OWL, RDF, RDFS, SHAPES_GRAPH, SKOS

Answer = Callable[[str, str], bytes]
Solution = dict[str, dict[str, str]]

JSON_RESULTS = "application/sparql-results+json"
LABEL = RDFS + "label"
ALTERNATIVE = SKOS + "altLabel"
TYPE = RDF + "type"
HIDDEN = {LABEL, ALTERNATIVE, TYPE}
CREATIVE_COMMONS = "https://creativecommons.org/"
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Value:
    """An RDF term as a page shows it; `label` is its name in English where it has one."""

    text: str
    kind: str
    language: str = ""
    datatype: str = ""
    label: str = ""
    chinese: str = ""
    parts: tuple[Property, ...] = ()
    """What is said of a node without a name of its own."""

    @property
    def path(self) -> str:
        """Return the address of the thing on this server, or "" for a term of somebody else's."""
        return "/" + self.text.removeprefix(BASE) if self.kind == "uri" and self.text.startswith(BASE) else ""

    @property
    def name(self) -> str:
        """Return what a reader sees: the label, or the end of the IRI, or the literal's text."""
        return self.label or (shorten(self.text) if self.kind == "uri" else self.text)


@dataclass
class Statement:
    """One fact and the graphs that say it."""

    value: Value
    graphs: list[Value] = field(default_factory=list)

    @property
    def is_inferred(self) -> bool:
        """Return whether only the reasoner says it."""
        return [graph.text for graph in self.graphs] == [INFERRED_GRAPH]


@dataclass(frozen=True)
class Property:
    """A property and its values."""

    term: Value
    statements: list[Statement]


@dataclass(frozen=True)
class Description:
    """All that a page shows of one thing."""

    iri: str
    labels: list[Value]
    alternatives: list[Value]
    types: list[Statement]
    properties: list[Property]
    incoming: list[Property]
    claims: list[Value]
    sources: list[tuple[Value, list[Value]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the English label, or any label, or the end of the IRI."""
        english = [label.text for label in self.labels if label.language == "en"]
        return (english or [label.text for label in self.labels] or [shorten(self.iri)])[0]

    @property
    def chinese(self) -> str:
        """Return the Chinese label, or "" where there is none."""
        return next((label.text for label in self.labels if label.language == "zh"), "")


def shorten(iri: str) -> str:
    """Return the part of an IRI that a reader recognises."""
    if iri.startswith(CREATIVE_COMMONS):
        return licence_name(iri)
    if iri.startswith(BASE + "source/"):
        return iri.removeprefix(BASE + "source/")
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


class Reading:
    """The questions that the pages ask of one engine."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def select(self, query: str) -> list[Solution]:
        """Return the solutions of a SELECT query, each a SPARQL 1.1 JSON binding."""
        solutions: list[Solution] = json.loads(self._answer(query, JSON_RESULTS))["results"]["bindings"]
        return solutions

    def describe(self, iri: str) -> Description:
        """Return what the graph knows of a thing; NotFound where it knows nothing."""
        rows = self.select(
            f"SELECT ?p ?o ?g WHERE {{ GRAPH ?g {{ <{iri}> ?p ?o }} FILTER(?g != <{SHAPES_GRAPH}>) }} ORDER BY ?p ?o ?g"
        )
        coming = self.select(
            f"SELECT ?p ?o ?g WHERE {{ GRAPH ?g {{ ?o ?p <{iri}> }} FILTER(?g != <{SHAPES_GRAPH}>)"
            f" FILTER(!isBlank(?o)) }} ORDER BY ?p ?o ?g LIMIT 2000"
        )
        if not rows and not coming:
            raise NotFound(
                f"The graph knows nothing of <{iri}>; search for it, or look at the questions on the front page."
            )
        claims = self.select(
            f"SELECT DISTINCT ?o WHERE {{ ?o a <{KOUAN}DisputedClaim> ; <{RDF}subject>|<{RDF}object> <{iri}> }} ORDER BY ?o"
        )
        named = self._names([*rows, *coming, *claims])
        properties = _properties(rows, named)
        shown = {each.term.text: each.statements for each in properties}
        return Description(
            iri=iri,
            labels=[statement.value for statement in shown.get(LABEL, [])],
            alternatives=[statement.value for statement in shown.get(ALTERNATIVE, [])],
            types=[s for s in shown.get(TYPE, []) if s.value.text.startswith(KOUAN)] or shown.get(TYPE, []),
            properties=_told(properties),
            incoming=_told(_properties(coming, named)),
            claims=[named(row["o"]) for row in claims],
            sources=self._sources(iri, {row["g"]["value"] for row in [*rows, *coming]}),
        )

    def _sources(self, iri: str, graphs: set[str]) -> list[tuple[Value, list[Value]]]:
        """Return the sources whose passages say something of a thing or where it is, and the licences they state."""
        passages = " ".join(f"<{graph}>" for graph in sorted(graphs))
        rows = self.select(
            f"SELECT DISTINCT ?source ?licence WHERE {{ {{ VALUES ?passage {{ {passages} }} }} "
            f"UNION {{ <{iri}> <{GEO}hasGeometry>/<{DCT}source> ?passage }} "
            f"?passage <{KOUAN}passageOf> ?source OPTIONAL {{ ?source <{DCT}license>|<{DCT}rights> ?licence "
            f'FILTER(!isLiteral(?licence) || LANG(?licence) = "en") }} }} ORDER BY ?source ?licence'
        )
        named = self._names(rows)
        by_source = groupby(rows, key=lambda row: row["source"]["value"])
        return [
            (named(group[0]["source"]), [named(row["licence"]) for row in group if "licence" in row])
            for group in (list(g) for _, g in by_source)
        ]

    def facts_of(self, graph: str) -> list[tuple[Value, list[Property]]]:
        """Return what a named graph states, by subject."""
        rows = self.select(f"SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o")
        named = self._names(rows)
        by_subject = groupby(rows, key=lambda row: row["s"]["value"])
        return [(named(group[0]["s"]), _properties(group, named)) for group in (list(g) for _, g in by_subject)]

    def facts_in(self, triples: Iterable[Triple]) -> list[tuple[Value, list[Property]]]:
        """Return what triples state that are not the graph's own, by subject; nodes without names within what names them."""
        rows = [dict(zip("spo", map(_binding, triple), strict=True)) for triple in triples]
        named = self._names(rows)
        by_subject: dict[str, list[Solution]] = {}
        for row in sorted(rows, key=lambda row: row["p"]["value"]):
            by_subject.setdefault(row["s"]["value"], []).append(row)

        def told(term: dict[str, str]) -> Value:
            value = named(term)
            return (
                replace(value, parts=tuple(_properties(by_subject[value.text], told)))
                if value.kind == "bnode"
                else value
            )

        return [(told(g[0]["s"]), _properties(g, told)) for g in by_subject.values() if g[0]["s"]["type"] == "uri"]

    @cached_property
    def class_counts(self) -> list[tuple[Value, int]]:
        """Return how many things each class of the ontology has, most first."""
        rows = self.select(
            f"SELECT ?class (COUNT(DISTINCT ?thing) AS ?count) WHERE {{ ?thing a ?class . ?class a <{OWL}Class> ."
            f' FILTER(STRSTARTS(STR(?class), "{KOUAN}")) }} GROUP BY ?class ORDER BY DESC(?count) ?class'
        )
        named = self._names(rows)
        return [(named(row["class"]), int(row["count"]["value"])) for row in rows]

    @cached_property
    def sources(self) -> list[Description]:
        """Return the sources that the graph draws on."""
        rows = self.select(f"SELECT DISTINCT ?source WHERE {{ ?source a <{KOUAN}Source> }} ORDER BY ?source")
        return [self.describe(row["source"]["value"]) for row in rows]

    @cached_property
    def terms(self) -> list[tuple[str, list[Description]]]:
        """Return the ontology's terms under the headings Classes and Properties."""
        headed = []
        for heading, kinds in TERM_KINDS.items():
            values = " ".join(f"<{OWL}{kind}>" for kind in kinds)
            rows = self.select(
                f"SELECT DISTINCT ?term WHERE {{ VALUES ?kind {{ {values} }} GRAPH <{BASE}ontology> {{ ?term a ?kind }}"
                f' FILTER(STRSTARTS(STR(?term), "{KOUAN}")) }} ORDER BY ?term'
            )
            headed.append((heading, [self.describe(row["term"]["value"]) for row in rows]))
        return headed

    def _names(self, rows: Iterable[Solution]) -> Callable[[dict[str, str]], Value]:
        """Return a function from a binding to a value that carries its labels, looked up in one query."""
        iris = sorted({term["value"] for row in rows for term in row.values() if term["type"] == "uri"})
        labels: dict[tuple[str, str], str] = {}
        for some in _portions(iris, 500):
            values = " ".join(f"<{iri}>" for iri in some)
            found = self.select(
                f"SELECT ?thing ?label WHERE {{ VALUES ?thing {{ {values} }} ?thing <{LABEL}> ?label }} ORDER BY DESC(?label)"
            )
            labels |= {(r["thing"]["value"], r["label"].get("xml:lang", "en")): r["label"]["value"] for r in found}

        def named(term: dict[str, str]) -> Value:
            text = term["value"]
            return Value(
                text=text,
                kind=term["type"],
                language=term.get("xml:lang", ""),
                datatype=term.get("datatype", ""),
                label=labels.get((text, "en"), ""),
                chinese=labels.get((text, "zh"), ""),
            )

        return named


TERM_KINDS = {"Classes": ["Class"], "Properties": ["ObjectProperty", "DatatypeProperty", "AnnotationProperty"]}


def _properties(rows: Iterable[Solution], named: Callable[[dict[str, str]], Value]) -> list[Property]:
    properties = []
    for _, group in groupby(rows, key=lambda row: row["p"]["value"]):
        statements: dict[tuple[str, ...], Statement] = {}
        members = list(group)
        for row in members:
            key = tuple(sorted(row["o"].values()))
            statement = statements.setdefault(key, Statement(named(row["o"])))
            if "g" in row:
                statement.graphs.append(named(row["g"]))
        term = named(members[0]["p"])
        # A property of others has no label here: hasGeometry.
        term = term if term.label else replace(term, label=CAPITAL.sub(" ", term.name).lower())
        properties.append(Property(term, list(statements.values())))
    return properties


def _told(properties: list[Property]) -> list[Property]:
    """Return the properties that a page lists: not those that the alignments alone repeat in the words of others."""
    return [
        each
        for each in properties
        if each.term.text not in HIDDEN
        and (each.term.text.startswith(KOUAN) or not all(statement.is_inferred for statement in each.statements))
    ]


def _binding(term: object) -> dict[str, str]:
    """Return a term as SPARQL results have it in JSON (SPARQL 1.1 Query Results JSON Format, section 3.2.2)."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, Literal):
        return {"type": "literal", "value": term.value} | ({"xml:lang": term.language} if term.language else {})
    return {"type": "bnode", "value": str(term)}


def _portions(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
