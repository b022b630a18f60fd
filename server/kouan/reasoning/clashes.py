"""Find contradictions by the rules of OWL 2 RL that end in false (OWL 2 Profiles, section 4.3, tables 4 to 8). Knows no search.

Literals are their values here: 1 and 1.0 are one, and what follows of a value follows of it however it is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from pyoxigraph import Literal, NamedNode, Quad, Triple

from kouan.formats.lexical_forms import is_well_formed
from kouan.reasoning.axioms import AxiomReader
from kouan.reasoning.relations import HALF, LOW, Numbers, Relations, Term, swapped, within
from kouan.reasoning.rules import Rules
from kouan.reasoning.values import Value, is_datatype, is_of, value_of
from kouan.vocabulary import OWL, RDF, RDFS

# Where a datatype stands as a class of which something follows for its values (dt-type2); a range asks nothing of them.
AS_CLASS = (
    *(RDFS + "subClassOf", RDF + "first"),
    *(OWL + name for name in ("equivalentClass", "disjointWith", "complementOf", "someValuesFrom", "onClass")),
)
MEANING = {
    "eq-diff1": "things that differ are one",
    "eq-diff2": "things that all differ are one",
    "eq-diff3": "things that all differ are one",
    "dt-diff and eq-diff1": "values that differ are one",
    "prp-irp": "a property that leads nothing to itself does so",
    "prp-asyp": "a property that never holds both ways does so",
    "prp-pdw": "two properties that exclude each other hold between the same things",
    "prp-adp": "two properties that exclude each other hold between the same things",
    "prp-npa1": "what is denied is stated, or follows",
    "prp-npa2": "what is denied is stated, or follows",
    "cls-nothing2": "something is in the class that is empty",
    "cls-com": "something is in a class and in its complement",
    "cls-maxc1": "something has what it may have none of",
    "cls-maxqc1": "something has what it may have none of",
    "cls-maxqc2": "something has what it may have none of",
    "cax-dw": "something is in two classes that exclude each other",
    "cax-adc": "something is in two classes that exclude each other",
    "dt-not-type": "a literal has no value of the datatype",
}
Found = tuple[str, Iterable[int]]


@dataclass(frozen=True)
class Clash:
    """A rule of OWL 2 RL that ends in false, by its name in the profile, and the terms of which it does."""

    rule: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return f"{MEANING[self.rule]} ({self.rule}): {', '.join(map(str, self.terms))}"


def find_clash(statements: Iterable[Triple | Quad]) -> Clash | None:
    """Return the first contradiction in the statements and in what follows from them, None where the rules find none."""
    relations = Relations(by_value=True)
    for each in statements:
        relations.read(each.subject, each.predicate, each.object)
    relations.settle()
    for number, term in enumerate(relations.terms):
        if isinstance(term, Literal) and not is_well_formed(term.datatype.value, term.value):
            return _clash(relations, ("dt-not-type", [number, relations.number(term.datatype)]))
    _type_values(relations)
    rules = Rules(relations, by_value=True)
    rules.complete()
    found = next(_Clashes(relations, rules.groups()).all(), None)
    return _clash(relations, found) if found else None


def _clash(relations: Relations, found: Found) -> Clash:
    rule, numbers = found
    return Clash(rule, tuple(relations.terms[each] for each in numbers))


def _type_values(relations: Relations) -> None:
    """Make the values that are read members of the datatypes of which something follows for them."""
    keys = [relations.number(NamedNode(name)) for name in AS_CLASS]
    used = {number for key in keys for pair in relations.pairs(key) for number in pair}
    for number in used:
        term = relations.terms[number]
        if isinstance(term, NamedNode) and is_datatype(term.value):
            values = (
                (place, value_of(each)) for place, each in enumerate(relations.terms) if isinstance(each, Literal)
            )
            members = [place for place, value in values if value is not None and is_of(value, term.value)]
            relations.extend(~number, np.array(members, dtype=np.int64))


class _Clashes:
    def __init__(self, relations: Relations, groups: dict[int, list[int]]) -> None:
        self.relations = relations
        self.groups = groups
        self.reader = AxiomReader(relations)

    def all(self) -> Iterator[Found]:
        yield from self._of_equality()
        yield from self._of_properties()
        yield from self._of_negative_assertions()
        yield from self._of_classes()
        yield from self._of_cardinalities()
        yield from self._of_values()

    def _of_equality(self) -> Iterator[Found]:
        for one, other in self.reader.pairs(OWL + "differentFrom"):
            if one == other:
                yield "eq-diff1", self.groups.get(one) or [one]
        for rule, name in (("eq-diff2", "members"), ("eq-diff3", "distinctMembers")):
            for members in self._lists("AllDifferent", name):
                yield from ((rule, self.groups.get(each) or [each]) for each, n in Counter(members).items() if n > 1)
        for group in self.groups.values():
            # Of one value there is one term, so that two terms are two values (dt-diff).
            values = [each for each in group if self._value(each) is not None]
            if len(values) > 1:
                yield "dt-diff and eq-diff1", values

    def _of_properties(self) -> Iterator[Found]:
        for each in self.reader.typed("IrreflexiveProperty"):
            pairs = self.relations.get(each)
            yield from self._told("prp-irp", [each], pairs[pairs >> HALF == pairs & LOW])
        for each in self.reader.typed("AsymmetricProperty"):
            pairs = self.relations.get(each)
            yield from self._told("prp-asyp", [each], pairs[within(pairs, np.sort(swapped(pairs)))])
        apart = [("prp-pdw", pair) for pair in self.reader.pairs(OWL + "propertyDisjointWith")]
        for members in self._lists("AllDisjointProperties", "members"):
            apart += [("prp-adp", pair) for pair in combinations(members, 2)]
        for rule, (one, other) in apart:
            yield from self._told(rule, (one, other), self._both(one, other))

    @staticmethod
    def _told(rule: str, properties: Iterable[int], pairs: Numbers) -> Iterator[Found]:
        yield from ((rule, (pair >> HALF, *properties, pair & LOW)) for pair in pairs[:1].tolist())

    def _both(self, one: int, other: int) -> Numbers:
        """Return what is of two properties, or of two classes."""
        values = self.relations.get(one)
        return values[within(values, self.relations.get(other))]

    def _of_negative_assertions(self) -> Iterator[Found]:
        sources, properties = (self.reader.by_subject(OWL + name) for name in ("sourceIndividual", "assertionProperty"))
        for rule, name in (("prp-npa1", "targetIndividual"), ("prp-npa2", "targetValue")):
            for node, target in self.reader.pairs(OWL + name):
                for source, property_ in product(sources.get(node, ()), properties.get(node, ())):
                    wanted = np.array([source << HALF | target], dtype=np.int64)
                    yield from self._told(rule, [property_], wanted[within(wanted, self.relations.get(property_))])

    def _of_classes(self) -> Iterator[Found]:
        nothing = self.reader.number(OWL + "Nothing")
        yield from (("cls-nothing2", (each, nothing)) for each in self.relations.get(~nothing)[:1].tolist())
        apart = [("cls-com", pair) for pair in self.reader.pairs(OWL + "complementOf")]
        apart += [("cax-dw", pair) for pair in self.reader.pairs(OWL + "disjointWith")]
        for members in self._lists("AllDisjointClasses", "members"):
            apart += [("cax-adc", pair) for pair in combinations(members, 2)]
        for rule, (one, other) in apart:
            yield from ((rule, (each, one, other)) for each in self._both(~one, ~other)[:1].tolist())

    def _of_cardinalities(self) -> Iterator[Found]:
        thing = self.reader.number(OWL + "Thing")
        for class_, property_, filler in self.reader.at_most(0):
            pairs = self.relations.get(property_)
            pairs = pairs[within(pairs >> HALF, self.relations.get(~class_))]
            rule = "cls-maxc1" if filler is None else "cls-maxqc2" if filler == thing else "cls-maxqc1"
            if rule == "cls-maxqc1" and filler is not None:
                pairs = pairs[within(pairs & LOW, self.relations.get(~filler))]
            yield from self._told(rule, [property_], pairs)

    def _of_values(self) -> Iterator[Found]:
        """Find values that are said to be of a datatype and are not."""
        for key in self.relations.held():
            term = self.relations.terms[~key] if key < 0 else None
            if isinstance(term, NamedNode) and is_datatype(term.value):
                for each in self.relations.get(key).tolist():
                    for one in self.groups.get(each) or [each]:
                        value = self._value(one)
                        if value is not None and not is_of(value, term.value):
                            yield "dt-not-type", (one, ~key)

    def _value(self, number: int) -> Value | None:
        term = self.relations.terms[number]
        return value_of(term) if isinstance(term, Literal) else None

    def _lists(self, kind: str, name: str) -> Iterator[list[int]]:
        typed = set(self.reader.typed(kind))
        yield from (members for node, members in self.reader.lists(name) if node in typed)
