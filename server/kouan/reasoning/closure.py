"""What follows from triples by RDFS, or by OWL 2 RL (OWL 2 Profiles, section 4.3). Knows what is worth telling, not the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from kouan.reasoning.relations import EMPTY, HALF, LOW, TYPE, Numbers, Relations, paired, without
from kouan.reasoning.rules import BUILT_IN, Rules
from kouan.vocabulary import OWL, RDF, RDFS

# True of everything, so that they tell nobody anything.
TRIVIAL_CLASSES = {OWL + "Thing", RDFS + "Resource", OWL + "NamedIndividual", RDF + "Statement"}
REFLEXIVE = {
    OWL + "sameAs",
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
}
# Our properties say themselves what they are about; the wider classes that it is in too would only be noise on their pages.
UNTOLD = {RDFS + "domain", RDFS + "range"}
# What is said of a blank node that is no individual but a part of an axiom.
PARTS = [RDF + "first", *(OWL + name for name in ("onProperty", "unionOf", "intersectionOf", "complementOf", "oneOf"))]


def closure(quads: Iterable[Quad]) -> list[Triple]:
    """Return the triples that the quads imply by OWL 2 RL and do not state, sorted.

    Nothing is said about blank nodes, nothing trivial and no domain or range. Raises SourceError where that is too much.
    """
    inference = Inference("owl-rl")
    for quad in quads:
        inference.read(quad)
    named = (t for t in inference.triples() if isinstance(t.subject, NamedNode) and not isinstance(t.object, BlankNode))
    return sorted((triple for triple in named if triple.predicate.value not in UNTOLD), key=str)


class Inference:
    """What follows from quads that are read one by one, by the rules of "rdfs" or "owl-rl"."""

    def __init__(self, rules: str) -> None:
        self.is_rdfs = rules == "rdfs"
        self._relations = Relations()

    def read(self, quad: Quad) -> None:
        """Take a quad, whatever graph states it."""
        self._relations.read(quad.subject, quad.predicate, quad.object)

    def triples(self) -> Iterator[Triple]:
        """Yield what follows and was not read, nothing trivial; raises SourceError where that is too much."""
        stated = self._relations.settle()
        rules = Rules(self._relations, is_rdfs=self.is_rdfs)
        rules.complete()
        equals = _Equals(rules.groups())
        terms = self._relations.terms
        parts = {
            number
            for name in PARTS
            for number, _ in self._relations.pairs(self._relations.number(NamedNode(name)))
            if isinstance(terms[number], BlankNode)
        }
        for key in dict.fromkeys([*self._relations.held(), *([rules.same] if equals.groups else [])]):
            held = self._relations.get(key)
            pairs = paired(held, np.full(len(held), ~key)) if key < 0 else held
            all_pairs = equals.pairs() if key == rules.same else equals.spread(pairs)
            # A class stands in the pairs, with its equals (eq-rep-o); a property has equals of its own (eq-rep-p).
            alike = equals.groups.get(~key if key < 0 else key) or [~key if key < 0 else key]
            if key < 0:
                of_all = [stated.get(~each, EMPTY) for each in alike]
                typed = [paired(some, np.full(len(some), each)) for some, each in zip(of_all, alike, strict=True)]
                before: dict[object, Numbers] = {TYPE: np.sort(np.concatenate(typed))}
            else:
                before = {terms[each]: stated.get(each, EMPTY) for each in alike}
            for predicate, known in before.items():
                for pair in without(all_pairs, known).tolist():
                    subject, value = terms[pair >> HALF], terms[pair & LOW]
                    if pair >> HALF not in parts and _tells(subject, predicate, value):
                        yield Triple(subject, predicate, value)  # type: ignore[arg-type]


class _Equals:
    """Equal individuals, of which one stands for all."""

    def __init__(self, groups: dict[int, list[int]]) -> None:
        self.groups = groups

    def pairs(self) -> Numbers:
        """Return each pair of equal individuals."""
        found = [a << HALF | b for group in self.groups.values() for a in group for b in group if a != b]
        return np.array(sorted(found), dtype=np.int64)

    def spread(self, pairs: Numbers) -> Numbers:
        """Return pairs with every equal of their subjects and objects (eq-rep-s, eq-rep-o)."""
        if not self.groups:
            return pairs
        roots = np.array(sorted(self.groups), dtype=np.int64)
        touched = np.isin(pairs >> HALF, roots) | np.isin(pairs & LOW, roots)
        more = [
            s << HALF | o
            for pair in pairs[touched].tolist()
            for s in self.groups.get(pair >> HALF) or [pair >> HALF]
            for o in self.groups.get(pair & LOW) or [pair & LOW]
        ]
        return np.unique(np.concatenate([pairs, np.array(more, dtype=np.int64)]))


def _tells(subject: object, predicate: object, value: object) -> bool:
    if not isinstance(subject, NamedNode | BlankNode) or not isinstance(predicate, NamedNode):
        return False
    if isinstance(subject, NamedNode) and subject.value.startswith(BUILT_IN):
        return False
    is_built_in = isinstance(value, NamedNode) and value.value.startswith(BUILT_IN)
    if predicate.value in REFLEXIVE:
        return (
            subject != value
            and not is_built_in
            and not (isinstance(value, BlankNode) and predicate.value != OWL + "sameAs")
        )
    if predicate == TYPE:
        return isinstance(value, NamedNode) and value.value not in TRIVIAL_CLASSES
    return True
