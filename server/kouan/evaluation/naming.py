"""What a thing is called in a view of a store, as a function for queries. Knows stores, and by which properties things are named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode

from kouan.evaluation.dataset_view import View
from kouan.sparql.wikidata.labels import ALIAS, LABEL, NAMED_BY
from kouan.vocabulary import SCHEMA

SAME = NamedNode(SCHEMA + "sameAs")


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
