"""Read the axioms of an ontology from its triples and complete them (OWL 2 Profiles, section 4.3, table 9). Knows no facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from kouan.reasoning.relations import HALF, Relations
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
    reader = _AxiomReader(relations)
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


class _AxiomReader:
    def __init__(self, relations: Relations) -> None:
        self.relations = relations
        self.first = dict(self.pairs(RDF + "first"))
        self.rest = dict(self.pairs(RDF + "rest"))

    def number(self, name: str) -> int:
        return self.relations.number(NamedNode(name))

    def pairs(self, name: str) -> list[tuple[int, int]]:
        return list(self.relations.pairs(self.number(name)))

    def write(self, name: str, pairs: Iterator[tuple[int, int]]) -> None:
        codes = np.array([low << HALF | high for low, high in pairs if low != high], dtype=np.int64)
        self.relations.extend(self.number(name), codes)

    def typed(self, name: str) -> list[int]:
        found: list[int] = self.relations.get(~self.number(OWL + name)).tolist()
        return found

    def lists(self, name: str) -> Lists:
        return [(subject, list(self.members(node))) for subject, node in self.pairs(OWL + name)]

    def members(self, node: int) -> Iterator[int]:
        seen = set()
        while node in self.first and node not in seen:
            seen.add(node)
            yield self.first[node]
            node = self.rest.get(node, -1)

    def of_rdfs(self) -> Axioms:
        return Axioms(
            _closed(self.pairs(RDFS + "subClassOf")),
            _closed(self.pairs(RDFS + "subPropertyOf")),
            self.pairs(RDFS + "domain"),
            self.pairs(RDFS + "range"),
        )

    def of_owl(self) -> Axioms:
        above_property = self._above("Property", self.pairs(RDFS + "subPropertyOf"))
        on = dict(self.pairs(OWL + "onProperty"))
        some, every, has_value = (
            [(node, on[node], value) for node, value in self.pairs(OWL + name) if node in on]
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
        qualified = dict(self.pairs(OWL + "onClass"))
        one = [node for name in ("maxCardinality", "cardinality") for node in self._ones(name)]
        one_of = [node for name in ("maxQualifiedCardinality", "qualifiedCardinality") for node in self._ones(name)]
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
            at_most_one=[(node, on[node], None) for node in one if node in on]
            + [(node, on[node], qualified[node]) for node in one_of if node in on and node in qualified],
        )

    def _ones(self, name: str) -> list[int]:
        """Return the restrictions that have a cardinality of one."""
        terms = self.relations.terms
        return [node for node, value in self.pairs(OWL + name) if getattr(terms[value], "value", "").lstrip("0") == "1"]

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
