"""Read from the alignments which of our terms meet which of Wikidata's properties, and what each property takes. Holds no table."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from kouan.linking.wikidata.values import ITEM, POINT, STRING, TIME
from kouan.vocabulary import ALIGNMENTS_GRAPH, OWL, RDF, RDFS, SCHEMA, SKOS, WD, WDT

WIKIBASE = "http://wikiba.se/ontology#"
KINDS = {
    WIKIBASE + "WikibaseItem": ITEM,
    WIKIBASE + "GlobeCoordinate": POINT,
    WIKIBASE + "Time": TIME,
    WIKIBASE + "String": STRING,
    WIKIBASE + "ExternalId": STRING,
}
MATCHES = ("exact", "close", "broad", "narrow", "related")
RELATED = "related"
# Wikidata says the form of a string in P1793 and the address that stands for it in P1921.
FORM, ADDRESS = WDT + "P1793", WDT + "P1921"


@dataclass(frozen=True)
class Property:
    """A property of Wikidata: its label, the kind of its values, their form, and the classes of ours that they have."""

    id: str
    label: str
    kind: str
    form: str = ""
    address: str = ""
    ranges: frozenset[str] = frozenset()

    def string_of(self, term: NamedNode | Literal) -> str | None:
        """Return the string that stands for a term of ours, or None where it has not the form."""
        text = term.value
        if self.address:
            before, after = self.address.split("$1")
            if not (text.startswith(before) and text.endswith(after)):
                return None
            text = text.removeprefix(before).removesuffix(after)
        return text if not self.form or re.fullmatch(self.form, text) else None


@dataclass(frozen=True)
class Correspondence:
    """A term of ours that meets a property, and how closely: exact, close, broad, narrow or related (SKOS)."""

    term: str
    property: Property
    match: str


@dataclass(frozen=True)
class Mapping:
    """The correspondences that are used, and every one; the items of our classes; how our properties follow from others."""

    correspondences: tuple[Correspondence, ...]
    every: tuple[Correspondence, ...] = field(repr=False)
    classes: dict[str, str] = field(repr=False)
    transitive: frozenset[str] = field(repr=False)
    _wider: dict[str, set[str]] = field(repr=False)
    _turned: dict[str, set[str]] = field(repr=False)
    _read: dict[str, list[tuple[Correspondence, bool]]] = field(default_factory=dict, repr=False)

    def readings(self, predicate: str) -> list[tuple[Correspondence, bool]]:
        """Return what a fact with the predicate says in Wikidata's terms, and of each whether its ends change places.

        A fact is one with the predicates above its own, and, its ends changed, with the inverse and the symmetric ones.
        """
        if predicate not in self._read:
            self._read[predicate] = self._readings(predicate)
        return self._read[predicate]

    def _readings(self, predicate: str) -> list[tuple[Correspondence, bool]]:
        found = {(predicate, False)}
        open_ = [(predicate, False)]
        while open_:
            term, is_turned = open_.pop()
            more = {(wider, is_turned) for wider in self._wider.get(term, ())}
            more |= {(inverse, not is_turned) for inverse in self._turned.get(term, ())}
            open_ += more - found
            found |= more
        return [
            (c, is_turned) for c in self.correspondences for is_turned in (False, True) if (c.term, is_turned) in found
        ]

    def properties(self) -> dict[str, Property]:
        """Return the properties that are met, by their P, in the order of their numbers."""
        met = {c.property.id: c.property for c in self.correspondences}
        return dict(sorted(met.items(), key=lambda entry: int(entry[0][1:])))


def read_mapping(quads: Iterable[Quad], with_related: bool) -> Mapping:
    """Return the mapping that the ontology and its alignments hold, what is only related where that is wanted."""
    known: dict[str, dict[str, list[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(list))
    matched: list[tuple[str, str, str]] = []
    transitive: set[str] = set()
    wider: dict[str, set[str]] = defaultdict(set)
    turned: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode | Literal):
            continue
        subject, predicate, object = quad.subject.value, quad.predicate.value, quad.object.value
        if predicate == RDFS + "subPropertyOf":
            wider[subject].add(object)
        elif predicate == OWL + "inverseOf":
            turned[subject].add(object)
            turned[object].add(subject)
        elif predicate == RDF + "type" and object == OWL + "SymmetricProperty":
            turned[subject].add(subject)
        elif predicate == RDF + "type" and object == OWL + "TransitiveProperty":
            transitive.add(subject)
        if quad.graph_name == NamedNode(ALIGNMENTS_GRAPH):
            known[subject][predicate].append(quad.object)
            if predicate.startswith(SKOS) and predicate.removeprefix(SKOS).removesuffix("Match") in MATCHES:
                matched.append((subject, predicate.removeprefix(SKOS).removesuffix("Match"), object))
    properties = {p.id: p for p in (_property(iri, facts) for iri, facts in known.items()) if p}
    met = [
        Correspondence(term, properties[target.removeprefix(WDT)], match)
        for term, match, target in sorted(matched)
        if target.removeprefix(WDT) in properties
    ]
    classes = {t: target.removeprefix(WD) for t, m, target in matched if target.startswith(WD + "Q") and m != RELATED}
    used = tuple(each for each in met if with_related or each.match != RELATED)
    return Mapping(used, tuple(met), classes, frozenset(transitive), dict(wider), dict(turned))


def _property(iri: str, facts: dict[str, list[NamedNode | Literal]]) -> Property | None:
    kind = next((KINDS[t.value] for t in facts.get(WIKIBASE + "propertyType", []) if t.value in KINDS), None)
    if kind is None:
        return None
    labels = {v.language: v.value for v in facts.get(RDFS + "label", []) if isinstance(v, Literal)}
    return Property(
        iri.removeprefix(WD),
        labels.get("en", iri.removeprefix(WD)),
        kind,
        next((v.value for v in facts.get(FORM, [])), ""),
        next((v.value for v in facts.get(ADDRESS, [])), ""),
        frozenset(v.value for v in facts.get(SCHEMA + "rangeIncludes", [])),
    )
