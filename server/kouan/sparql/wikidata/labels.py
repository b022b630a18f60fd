"""Wikidata's label service, run here: a function that looks up what a thing is called stands in its place.

Knows by which properties things are named; what they are looked up in is whatever store is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kouan.errors import QueryError
from kouan.evaluation.dataset_view import View
from kouan.sparql.scanning.clauses import Element, Group
from kouan.sparql.scanning.lexer import place, tokens
from kouan.sparql.scanning.prologue import Prologue
from kouan.sparql.wikidata.edits import Edit, Scope, blank
from kouan.sparql.wikidata.names import WIKIBASE
from kouan.sparql.wikidata.parameters import parameter_of, read_triples
from kouan.vocabulary import BASE, DCT, RDFS, SCHEMA, SKOS

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


def label_edits(text: str, service: Element, group: Group, scope: Scope, prologue: Prologue) -> Iterator[Edit]:
    """Return what stands instead of a label service: a label looked up by a function for each variable that is to have one.

    Raises QueryError, with the place, where it is asked for what it does not have.
    """
    languages, wanted = _asked(text, service, prologue)
    if not wanted:
        wanted = list(_meant(text, service, scope))
    said = str(Literal(",".join(languages)))
    bindings = "".join(f' BIND(<{FUNCTION}>(?{of}, {said}, "{kind}") AS ?{to})' for of, kind, to in wanted)
    yield service.start, service.end, blank(text[service.start : service.end])
    yield group.end - 1, group.end - 1, bindings + " "


def _asked(text: str, service: Element, prologue: Prologue) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Return the languages, the best first, and which labels are asked for by name: of what, which kind, as what."""
    languages: list[str] = []
    wanted: list[tuple[str, str, str]] = []
    for triple in read_triples(text, service):
        subject, predicate, value = triple
        asks = prologue.iri(predicate.first)
        if parameter_of(triple, prologue) == "language":
            languages += LANGUAGE.findall(value.string.replace(AUTOMATIC, ""))
        elif subject.variable and value.variable and asks in ASKED_BY:
            wanted.append((subject.variable, ASKED_BY[asks], value.variable))
        else:
            raise QueryError(
                f"The label service does not know {subject.text} {predicate.text}; {HOW}.", *place(text, subject.start)
            )
    return languages or ["en"], wanted


def _meant(text: str, service: Element, scope: Scope) -> Iterator[tuple[str, str, str]]:
    """Return the variables that a query shows and that are named after others: ?cityLabel after ?city."""
    start, end = scope.pattern.start, scope.pattern.end
    outside = _variables(text[scope.reach[0] : start]) | _variables(text[end : scope.reach[1]])
    bound = _variables(text[start : service.start]) | _variables(text[service.end : end])
    for variable in sorted(outside - bound):
        for kind in (ALIAS, LABEL, DESCRIPTION):
            of = variable.removesuffix(kind)
            if of != variable and of in bound:
                yield of, kind, variable
                break


def _variables(text: str) -> set[str]:
    return {token.text[1:] for token in tokens(text) if token.kind == "variable"}


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
