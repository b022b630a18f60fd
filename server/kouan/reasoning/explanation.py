"""Reduce an inconsistency to the facts and axioms that make it, and say them in words. Knows no reasoner."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.graph.dataset import SourceDataset
from kouan.vocabulary import OWL, RDF, RDFS

TYPE = RDF + "type"
KINDS_OF_PROPERTY = {
    "TransitiveProperty": "{s} reaches on: what is {s} something that is {s} a third is {s} that third",
    "SymmetricProperty": "{s} holds both ways",
    "FunctionalProperty": "{s} has one value at most",
    "InverseFunctionalProperty": "{s} has one subject at most",
    "IrreflexiveProperty": "nothing {s} itself",
    "AsymmetricProperty": "{s} never holds both ways",
}
RELATIONS = {
    RDFS + "subClassOf": "every {s} is a {o}",
    RDFS + "subPropertyOf": "whatever {s} something, {o} it too",
    RDFS + "domain": "whatever {s} something is a {o}",
    RDFS + "range": "whatever something {s} is a {o}",
    OWL + "disjointWith": "no {s} is a {o}",
    OWL + "inverseOf": "{s} is the inverse of {o}",
    OWL + "equivalentClass": "{s} means: {o}",
    OWL + "propertyChainAxiom": "{s} follows from {o}",
}


FIRST, GROWTH = 16, 8


@dataclass(frozen=True)
class Premise:
    """A fact or an axiom; an axiom may be of several triples."""

    triples: frozenset[Triple]
    is_axiom: bool


@dataclass(frozen=True)
class Inconsistency:
    """The facts, each with the files that state it, and the axioms that cannot all be true."""

    facts: tuple[str, ...]
    axioms: tuple[str, ...]

    def __str__(self) -> str:
        lines = ["These facts and axioms cannot all be true:"]
        lines += [f"  fact   {fact}" for fact in self.facts]
        lines += [f"  axiom  {axiom}" for axiom in self.axioms]
        return "\n".join([*lines, "Correct or remove one of the facts."])


def explain(
    items: Sequence[Premise], holds: Callable[[Sequence[Premise]], bool], dataset: SourceDataset
) -> Inconsistency:
    """Return a smallest set of the items for which `holds` still finds the contradiction, in words."""
    facts = [item for item in items if not item.is_axiom]
    declared = [item for item in items if item.is_axiom and _declares(item)]
    axioms = [item for item in items if item.is_axiom and not _declares(item)]
    # What comes early is kept. What a class is said to be is plainer than what a thing is, and that plainer than what
    # follows from its use; two classes that exclude each other are plainer than a set of many.
    facts.sort(key=lambda item: (not _says(item, RDFS + "subClassOf"), not _says(item, TYPE)))
    axioms.sort(key=lambda item: not _says(item, OWL + "disjointWith"))
    needed_facts = _smallest(facts, lambda some: holds([*declared, *axioms, *some]))
    needed = _smallest(axioms, lambda some: holds([*declared, *some, *needed_facts]))
    words = _Words(dataset)
    return Inconsistency(
        tuple(words.fact(next(iter(item.triples))) for item in needed_facts),
        tuple(words.axiom(item) for item in needed),
    )


def _says(item: Premise, predicate: str) -> bool:
    return any(triple.predicate.value == predicate for triple in item.triples)


def _declares(item: Premise) -> bool:
    """Return whether an axiom only says of what kind a term is; without that no reasoner reads the others."""
    names = {"Class", "ObjectProperty", "DatatypeProperty", "Ontology", "AnnotationProperty"}
    triple = next(iter(item.triples))
    return (
        len(item.triples) == 1
        and triple.predicate.value == TYPE
        and isinstance(triple.object, NamedNode)
        and triple.object.value.removeprefix(OWL) in names
    )


def _smallest(items: list[Premise], holds: Callable[[list[Premise]], bool]) -> list[Premise]:
    """Return a subset of which no item can be spared (QuickXplain: Junker, AAAI 2004)."""

    def divide(base: list[Premise], added: bool, some: list[Premise]) -> list[Premise]:
        if added and holds(base):
            return []
        if len(some) == 1:
            return some
        half = len(some) // 2
        first, second = some[:half], some[half:]
        from_second = divide([*base, *first], bool(first), second)
        from_first = divide([*base, *from_second], bool(from_second), first)
        return from_first + from_second

    if not items or holds([]):
        return []
    # A reasoner takes far longer over many items than over few, and the first of them are often enough.
    size = FIRST
    while size < len(items) and not holds(items[:size]):
        size *= GROWTH
    return divide([], False, items[:size])


def _with_articles(sentence: str) -> str:
    """Return the sentence with "an" for "a" before a vowel."""
    return re.sub(r"\ba (?=[aeiou])", "an ", sentence)


class _Words:
    def __init__(self, dataset: SourceDataset) -> None:
        self.dataset = dataset
        self.labels = {
            quad.subject: quad.object.value
            for quad in dataset.asserted()
            if quad.predicate.value == RDFS + "label"
            and isinstance(quad.object, Literal)
            and quad.object.language == "en"
        }

    def fact(self, triple: Triple) -> str:
        said = ", ".join(sorted(file.name for file in self.dataset.stating(triple)))
        subject, value = self._name(triple.subject), self._name(triple.object)
        verb = "is a" if triple.predicate.value == TYPE else self._name(triple.predicate)
        return _with_articles(f"{subject} {verb} {value}") + f" ({said})"

    def axiom(self, item: Premise) -> str:
        pointed_at = {triple.object for triple in item.triples}
        tops = [t for t in item.triples if t.subject not in pointed_at and t.predicate.value != TYPE]
        parts = {t.subject: [u for u in item.triples if u.subject == t.subject] for t in item.triples}
        top = tops[0] if tops else next(iter(item.triples))
        if top.predicate.value == TYPE and isinstance(top.object, NamedNode):
            pattern = KINDS_OF_PROPERTY.get(top.object.value.removeprefix(OWL), "{s} is a {o}")
        elif top.predicate.value == OWL + "members":
            return "none of these is another: " + self._term(top.object, parts, ", ")
        else:
            pattern = RELATIONS.get(top.predicate.value, "{s} " + self._name(top.predicate) + " {o}")
        return _with_articles(pattern.format(s=self._term(top.subject, parts), o=self._term(top.object, parts)))

    def _term(self, term: object, parts: Mapping[Any, list[Triple]], joint: str = " and ") -> str:
        if not isinstance(term, BlankNode):
            return self._name(term)
        known = {t.predicate.value: t.object for t in parts.get(term, [])}
        if RDF + "first" in known:
            rest = known.get(RDF + "rest")
            first = self._term(known[RDF + "first"], parts)
            return first if not isinstance(rest, BlankNode) else first + joint + self._term(rest, parts, joint)
        for name, word in (("intersectionOf", " and "), ("unionOf", " or ")):
            if OWL + name in known:
                return self._term(known[OWL + name], parts, word)
        if OWL + "onProperty" in known:
            filler = known.get(OWL + "someValuesFrom") or known.get(OWL + "allValuesFrom")
            return f"thing that {self._name(known[OWL + 'onProperty'])} some {self._term(filler, parts)}"
        return "something"

    def _name(self, term: object) -> str:
        if isinstance(term, NamedNode):
            short = term.value.replace("#", "/").rsplit("/", 1)[-1]
            return self.labels.get(term, short)
        return f'"{term.value}"' if isinstance(term, Literal) else str(term)
