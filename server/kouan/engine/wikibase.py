"""Let queries that were written for Wikidata's own service run here: its prefixes, its label service, its hints.

Knows terminals and the names of Wikibase; what its labels are looked up in is whatever store is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kouan.engine.clauses import Element, Group, ParsedQuery, read
from kouan.engine.datasets import View
from kouan.engine.lexer import Token, decode_codepoints, place, tokens
from kouan.engine.prologue import Prologue, read_prologue
from kouan.errors import QueryError
from kouan.vocabulary import BASE, DCT, RDFS, SCHEMA, SKOS

WIKIBASE = "http://wikiba.se/ontology#"
BIGDATA = "http://www.bigdata.com/rdf#"
HINT = "http://www.bigdata.com/queryHints#"
WIKIDATA = "http://www.wikidata.org/"
# What Wikidata's service declares by itself (MediaWiki, Wikidata Query Service User Manual, prefixes).
OWN = {
    "bd": BIGDATA,
    "hint": HINT,
    "p": WIKIDATA + "prop/",
    "pq": WIKIDATA + "prop/qualifier/",
    "pqn": WIKIDATA + "prop/qualifier/value-normalized/",
    "pqv": WIKIDATA + "prop/qualifier/value/",
    "pr": WIKIDATA + "prop/reference/",
    "prn": WIKIDATA + "prop/reference/value-normalized/",
    "prv": WIKIDATA + "prop/reference/value/",
    "ps": WIKIDATA + "prop/statement/",
    "psn": WIKIDATA + "prop/statement/value-normalized/",
    "psv": WIKIDATA + "prop/statement/value/",
    "wd": WIKIDATA + "entity/",
    "wdata": WIKIDATA + "wiki/Special:EntityData/",
    "wdno": WIKIDATA + "prop/novalue/",
    "wdref": WIKIDATA + "reference/",
    "wds": WIKIDATA + "entity/statement/",
    "wdt": WIKIDATA + "prop/direct/",
    "wdtn": WIKIDATA + "prop/direct-normalized/",
    "wdv": WIKIDATA + "value/",
    "wikibase": WIKIBASE,
}
PRESET = OWN | {
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": RDFS,
    "schema": "http://schema.org/",
    "skos": SKOS,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LABEL_SERVICE = WIKIBASE + "label"
FUNCTION = BASE + "function#label"
LABEL, ALIAS, DESCRIPTION = "Label", "AltLabel", "Description"
NAMED_BY = {
    LABEL: (RDFS + "label", SKOS + "prefLabel", "http://schema.org/name", SCHEMA + "name"),
    ALIAS: (SKOS + "altLabel",),
    DESCRIPTION: ("http://schema.org/description", SCHEMA + "description", DCT + "description", SKOS + "definition"),
}
ASKED_BY = {iri: kind for kind, iris in NAMED_BY.items() for iri in iris}
SAME = NamedNode(SCHEMA + "sameAs")
AUTOMATIC = "[AUTO_LANGUAGE]"
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
HOW = 'write SERVICE wikibase:label { bd:serviceParam wikibase:language "en,zh". }'

Value = NamedNode | Literal


def is_label_service(iri: str) -> bool:
    """Return whether a SERVICE is the one that looks labels up, which runs here."""
    return iri == LABEL_SERVICE


def preset_for(text: str) -> dict[str, str]:
    """Return the prefixes that a query may use undeclared: none unless it uses one of Wikidata's own so."""
    found = list(tokens(text))
    declared = read_prologue(found)
    used = {token.text.partition(":")[0] for token in found[declared.length :] if token.kind == "prefixed"}
    if not (used - set(declared.prefixes)) & set(OWN):
        return {}
    return {name: iri for name, iri in PRESET.items() if name not in declared.prefixes}


def adapt(text: str) -> str:
    """Return a query in plain SPARQL: labels by a function, hints left out, every line where it was.

    Raises QueryError, with the place, where the label service is asked for what it does not have.
    """
    if "service" not in text.lower() and "hint:" not in text and HINT not in text:
        return text
    parsed = read(decode_codepoints(text))
    edits = list(_Adapting(parsed, read_prologue(parsed.prologue, PRESET)).edits())
    text = parsed.text
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


@dataclass
class _Scope:
    """A SELECT, its own or a subquery's: what stands before and after its pattern, and the pattern."""

    pattern: Group
    head: tuple[int, int]
    tail: tuple[int, int]


class _Adapting:
    def __init__(self, parsed: ParsedQuery, prologue: Prologue) -> None:
        self.text = parsed.text
        self.prologue = prologue
        self.parsed = parsed

    def edits(self) -> Iterator[tuple[int, int, str]]:
        """Return what is replaced: from, to, and by what."""
        pattern = self.parsed.pattern
        scope = _Scope(pattern, (len(self.parsed.prologue), pattern.start), (pattern.end, len(self.text)))
        yield from self._within(pattern, scope)

    def _within(self, group: Group, scope: _Scope) -> Iterator[tuple[int, int, str]]:
        if group.is_subquery:
            pattern = group.elements[0].groups[0]
            scope = _Scope(pattern, (group.start, pattern.start), (pattern.end, group.end))
        for element in group.elements:
            if element.kind == "service" and is_label_service(self.prologue.iri(element.name)):
                yield element.start, element.end, _blank(self.text[element.start : element.end])
                yield group.end - 1, group.end - 1, self._bindings(element, scope)
            elif element.kind == "triples" and self._is_hint(element):
                yield element.start, element.end, _blank(self.text[element.start : element.end])
            elif element.kind != "service":
                for inner in element.groups:
                    yield from self._within(inner, scope)

    def _is_hint(self, element: Element) -> bool:
        first = next(tokens(self.text[element.start : element.end]))
        return self.prologue.iri(first).startswith(HINT)

    def _bindings(self, service: Element, scope: _Scope) -> str:
        languages, wanted = self._asked(service)
        if not wanted:
            wanted = list(self._meant(service, scope))
        said = str(Literal(",".join(languages)))
        return "".join(f' BIND(<{FUNCTION}>(?{of}, {said}, "{kind}") AS ?{to})' for of, kind, to in wanted) + " "

    def _meant(self, service: Element, scope: _Scope) -> Iterator[tuple[str, str, str]]:
        """Return the variables that a query shows and that are named after others: ?cityLabel after ?city."""
        outside = self._variables(*scope.head) | self._variables(*scope.tail)
        start, end = scope.pattern.start, scope.pattern.end
        bound = self._variables(start, service.start) | self._variables(service.end, end)
        for variable in sorted(outside - bound):
            for kind in (ALIAS, LABEL, DESCRIPTION):
                of = variable.removesuffix(kind)
                if of != variable and of in bound:
                    yield of, kind, variable
                    break

    def _variables(self, start: int, end: int) -> set[str]:
        return {token.text[1:] for token in tokens(self.text[start:end]) if token.kind == "variable"}

    def _asked(self, service: Element) -> tuple[list[str], list[tuple[str, str, str]]]:
        """Return the languages, the best first, and which labels are asked for by name: of what, which kind, as what."""
        body = service.groups[0]
        languages: list[str] = []
        wanted: list[tuple[str, str, str]] = []
        for subject, predicate, value in _triples(list(tokens(self.text[body.start + 1 : body.end - 1]))):
            asks = self.prologue.iri(predicate)
            if self.prologue.iri(subject) == BIGDATA + "serviceParam" and asks == WIKIBASE + "language":
                languages += LANGUAGE.findall(value.text.replace(AUTOMATIC, ""))
            elif subject.kind == value.kind == "variable" and asks in ASKED_BY:
                wanted.append((subject.text[1:], ASKED_BY[asks], value.text[1:]))
            else:
                at = place(self.text, body.start + 1 + subject.start)
                raise QueryError(f"The label service does not know {subject.text} {predicate.text}; {HOW}.", *at)
        return languages or ["en"], wanted


def _triples(found: list[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """Return the triples of simple terms that terminals write, with ; and , between them."""
    terms: list[Token] = []
    for token in found:
        if token.text == ".":
            terms = []
        elif token.text == ";":
            terms = terms[:1]
        elif token.text == ",":
            terms = terms[:2]
        elif token.kind not in {"language", "sign"}:
            terms.append(token)
            if len(terms) == 3:
                yield terms[0], terms[1], terms[2]
                terms = terms[:2]


def _blank(text: str) -> str:
    """Return as many lines of nothing, so that a later error has its place."""
    return re.sub(r"[^\n]", " ", text)


def label_function(view: View) -> Callable[..., Literal | None]:
    """Return the function that looks up what a thing is called: of the thing, the languages, and which kind of name."""

    def name(thing: object, languages: object, kind: object) -> Literal | None:
        if not isinstance(languages, Literal) or not isinstance(kind, Literal):
            return None
        if isinstance(thing, Literal):
            return Literal(thing.value) if kind.value == LABEL else None
        if not isinstance(thing, NamedNode):
            return None
        return _best(_Names(view, kind.value).of(thing), languages.value.split(","), kind.value, thing)

    return name


@dataclass
class _Names:
    """What a view calls things, by properties of one kind."""

    view: View
    kind: str

    def of(self, thing: NamedNode) -> list[Literal]:
        """Return its names; those of the thing here that is the same where it has none of its own."""
        own = list(self._stated(thing))
        return own or [label for same in self._subjects(thing) for label in self._stated(same)]

    def _stated(self, thing: NamedNode) -> Iterator[Literal]:
        for predicate in NAMED_BY[self.kind]:
            for graph in self.view.default_graph or [DefaultGraph()]:
                for quad in self.view.store.quads_for_pattern(thing, NamedNode(predicate), None, graph):
                    if isinstance(quad.object, Literal):
                        yield quad.object

    def _subjects(self, thing: NamedNode) -> Iterator[NamedNode]:
        for graph in self.view.default_graph or [DefaultGraph()]:
            for quad in self.view.store.quads_for_pattern(None, SAME, thing, graph):
                if isinstance(quad.subject, NamedNode):
                    yield quad.subject


def _best(names: list[Literal], languages: list[str], kind: str, thing: NamedNode) -> Literal | None:
    """Return the name in the first language that has one; the last part of the IRI where a label is wanted and none has."""
    for language in languages:
        found = list(dict.fromkeys(n for n in names if (n.language or "mul").casefold() == language.casefold()))
        if found:
            said = ", ".join(sorted(n.value for n in found)) if kind == ALIAS else min(n.value for n in found)
            return Literal(said, language=found[0].language) if found[0].language else Literal(said)
    return Literal(re.split(r"[/#]", thing.value)[-1]) if kind == LABEL else None
