"""Read the axioms of an ontology from its triples and complete them (OWL 2 Profiles, section 4.3, table 9). Knows no facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from kouan.reasoning.relations import HALF, Relations
from kouan.reasoning.values import REAL, value_of
from kouan.vocabulary import OWL, RDF, RDFS

Edges = dict[int, set[int]]
Lists = list[tuple[int, list[int]]]


@dataclass
class Axioms:
    """What an ontology says, its terms as numbers; classes that have no name are those of their blank nodes."""

    above_class: Edges
    above_property: Edges
    domain: list[tuple[int, int]]
    range: list[tuple[int, int]]
    inverse: list[tuple[int, int]] = field(default_factory=list)
    transitive: list[int] = field(default_factory=list)
    functional: list[int] = field(default_factory=list)
    inverse_functional: list[int] = field(default_factory=list)
    chains: Lists = field(default_factory=list)
    keys: Lists = field(default_factory=list)
    intersections: Lists = field(default_factory=list)
    enumerations: Lists = field(default_factory=list)
    some: list[tuple[int, int, int]] = field(default_factory=list)
    every: list[tuple[int, int, int]] = field(default_factory=list)
    has_value: list[tuple[int, int, int]] = field(default_factory=list)
    at_most_one: list[tuple[int, int, int | None]] = field(default_factory=list)


def read_axioms(relations: Relations, *, is_rdfs: bool) -> Axioms:
    """Return the axioms of the triples, those of RDFS alone where that is asked for, and add what they entail to the triples."""
    reader = AxiomReader(relations)
    axioms = reader.of_rdfs() if is_rdfs else reader.of_owl()
    for name, above in ((RDFS + "subClassOf", axioms.above_class), (RDFS + "subPropertyOf", axioms.above_property)):
        reader.write(name, ((low, high) for low, highs in above.items() for high in highs))
    if not is_rdfs:
        for name in ("domain", "range"):
            reader.write(RDFS + name, _widened(reader.pairs(RDFS + name), axioms))
    return axioms


def _widened(pairs: list[tuple[int, int]], axioms: Axioms) -> Iterator[tuple[int, int]]:
    """Yield what else has a domain or a range: properties below, classes above (scm-dom, scm-rng)."""
    classes: Edges = defaultdict(set)
    for property_, class_ in pairs:
        classes[property_] |= {class_, *axioms.above_class.get(class_, ())}
    for property_ in {*classes, *axioms.above_property}:
        for each in (property_, *axioms.above_property.get(property_, ())):
            yield from ((property_, class_) for class_ in classes.get(each, ()))


class AxiomReader:
    """Axioms as they stand in the relations."""

    def __init__(self, relations: Relations) -> None:
        self.relations = relations
        self.first = dict(self.pairs(RDF + "first"))
        self.rest = dict(self.pairs(RDF + "rest"))

    def number(self, name: str) -> int:
        """Return the number of a name."""
        return self.relations.number(NamedNode(name))

    def pairs(self, name: str) -> list[tuple[int, int]]:
        """Return the pairs of a property."""
        return list(self.relations.pairs(self.number(name)))

    def write(self, name: str, pairs: Iterator[tuple[int, int]]) -> None:
        """Add pairs of different terms to a property."""
        codes = np.array([low << HALF | high for low, high in pairs if low != high], dtype=np.int64)
        self.relations.extend(self.number(name), codes)

    def by_subject(self, name: str) -> Edges:
        """Return all that each subject has by a property: nodes that are equal are one, with what each of them has."""
        found: Edges = defaultdict(set)
        for subject, value in self.pairs(name):
            found[subject].add(value)
        return found

    def typed(self, name: str) -> list[int]:
        """Return what is of a class of OWL."""
        found: list[int] = self.relations.get(~self.number(OWL + name)).tolist()
        return found

    def lists(self, name: str) -> Lists:
        """Return what has a list by a property of OWL, with the members."""
        return [(subject, list(self._members(node))) for subject, node in self.pairs(OWL + name)]

    def _members(self, node: int) -> Iterator[int]:
        seen = set()
        while node in self.first and node not in seen:
            seen.add(node)
            yield self.first[node]
            node = self.rest.get(node, -1)

    def of_rdfs(self) -> Axioms:
        """Return the axioms that RDFS knows."""
        return Axioms(
            _closed(self.pairs(RDFS + "subClassOf")),
            _closed(self.pairs(RDFS + "subPropertyOf")),
            self.pairs(RDFS + "domain"),
            self.pairs(RDFS + "range"),
        )

    def of_owl(self) -> Axioms:
        """Return the axioms that OWL 2 RL knows, after some that they entail became part of the relations."""
        above_property = self._above("Property", self.pairs(RDFS + "subPropertyOf"))
        on = self.by_subject(OWL + "onProperty")
        some, every, has_value = (
            [(node, each, value) for node, value in self.pairs(OWL + name) for each in on.get(node, ())]
            for name in ("someValuesFrom", "allValuesFrom", "hasValue")
        )
        intersections, unions = self.lists("intersectionOf"), self.lists("unionOf")
        stated = self.pairs(RDFS + "subClassOf")
        stated += [(node, part) for node, parts in intersections for part in parts]
        stated += [(part, node) for node, parts in unions for part in parts]
        above_class = self._above("Class", stated)
        while more := set(_restrictions(some, every, has_value, above_class, above_property)) - set(stated):
            stated += more
            above_class = self._above("Class", stated)
        return Axioms(
            above_class,
            above_property,
            self.pairs(RDFS + "domain"),
            self.pairs(RDFS + "range"),
            inverse=self.pairs(OWL + "inverseOf") + [(p, p) for p in self.typed("SymmetricProperty")],
            transitive=self.typed("TransitiveProperty"),
            functional=self.typed("FunctionalProperty"),
            inverse_functional=self.typed("InverseFunctionalProperty"),
            chains=self.lists("propertyChainAxiom"),
            keys=self.lists("hasKey"),
            intersections=intersections,
            enumerations=self.lists("oneOf"),
            some=some,
            every=every,
            has_value=has_value,
            at_most_one=self.at_most(1),
        )

    def at_most(self, number: int) -> list[tuple[int, int, int | None]]:
        """Return the restrictions to so many values at most, each with its property, and with the class of which they are."""
        on, qualified = self.by_subject(OWL + "onProperty"), self.by_subject(OWL + "onClass")
        found: list[tuple[int, int, int | None]] = []
        for name in ("maxCardinality", "cardinality"):
            found += [(node, each, None) for node in self._counting(name, number) for each in on.get(node, ())]
        for name in ("maxQualifiedCardinality", "qualifiedCardinality"):
            for node in self._counting(name, number):
                found += [(node, each, class_) for each in on.get(node, ()) for class_ in qualified.get(node, ())]
        return found

    def _counting(self, name: str, number: int) -> list[int]:
        """Return the restrictions that have a cardinality."""
        wanted, terms = (REAL, str(number), ""), self.relations.terms
        literals = ((node, terms[value]) for node, value in self.pairs(OWL + name))
        return [node for node, term in literals if isinstance(term, Literal) and value_of(term) == wanted]

    def _above(self, kind: str, stated: list[tuple[int, int]]) -> Edges:
        """Return what stands above what, equivalent terms both ways (scm-sco, scm-eqc, scm-spo, scm-eqp)."""
        equivalent = self.pairs(f"{OWL}equivalent{kind}")
        closed = _closed(stated + equivalent + [(b, a) for a, b in equivalent])
        # One above and below the other is its equal, where both have a name.
        both = ((a, b) for a, highs in closed.items() for b in highs if a in closed.get(b, ()))
        named = ((a, b) for a, b in both if not isinstance(self.relations.terms[a], BlankNode | Literal))
        self.write(f"{OWL}equivalent{kind}", named)
        return closed


def _closed(pairs: list[tuple[int, int]]) -> Edges:
    """Return everything above each term, itself left out."""
    direct: Edges = defaultdict(set)
    for low, high in pairs:
        direct[low].add(high)
    closed = {}
    for start in list(direct):
        found: set[int] = set()
        waiting = list(direct[start])
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(direct.get(node, ()))
        closed[start] = found - {start}
    return closed


def _restrictions(
    some: list[tuple[int, int, int]],
    every: list[tuple[int, int, int]],
    has_value: list[tuple[int, int, int]],
    above_class: Edges,
    above_property: Edges,
) -> Iterator[tuple[int, int]]:
    """Yield which restrictions stand below which (scm-svf, scm-avf, scm-hv)."""
    yield from _below(some, above_property, above_class)
    # Of properties the lower one has the narrower restriction here.
    yield from _below(every, _turned(above_property), above_class)
    yield from _below(has_value, above_property, {})


def _below(restrictions: list[tuple[int, int, int]], properties: Edges, fillers: Edges) -> Iterator[tuple[int, int]]:
    """Yield each restriction with those of the same or another property and filler that its own lead to."""
    by_parts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node, property_, filler in restrictions:
        by_parts[property_, filler].append(node)
    for low, property_, filler in restrictions:
        for other in (property_, *properties.get(property_, ())):
            for wider in (filler, *fillers.get(filler, ())):
                yield from ((low, high) for high in by_parts.get((other, wider), ()) if high != low)


def _turned(edges: Edges) -> Edges:
    turned: Edges = defaultdict(set)
    for low, highs in edges.items():
        for high in highs:
            turned[high].add(low)
    return turned
