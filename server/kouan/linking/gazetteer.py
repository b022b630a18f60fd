"""Hold the things that names may mean, with all that tells them apart. Knows the graph's quads; knows nothing of scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad

from kouan.graph.place_names import Name, latin, read_name
from kouan.linking.romanisation import palladius, wade_giles
from kouan.vocabulary import GEO, ID, KOUAN, RDF, RDFS, SCHEMA, SHAPES_GRAPH, SKOS

LABEL, ALTERNATIVE, MISPRINT, TYPE = RDFS + "label", SKOS + "altLabel", SKOS + "hiddenLabel", RDF + "type"
SUBCLASS, DEFINITION = RDFS + "subClassOf", SKOS + "definition"
SAME_AS, LOCATED_IN = SCHEMA + "sameAs", KOUAN + "locatedIn"
HAS_GEOMETRY, AS_WKT = GEO + "hasGeometry", GEO + "asWKT"
WIKIDATA = "http://www.wikidata.org/entity/"
POINT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)")
AREA = KOUAN + "AdministrativeArea"
CODE = KOUAN + "administrativeCode"
# How near to certain a name of each sort is, when a query is its very letters.
MAIN, ALTERNATIVE_NAME, DERIVED = 96.0, 94.0, 90.0
# What a thing loses whose name says its kind, such as a port of entry, to a name that does not.
UNSAID = 8.0
# Kinds of things that a table of places, bodies and policies names; the helpers of the model are not among them.
UNNAMED = {KOUAN + kind for kind in ("Statistic", "Measure", "Unit", "Interpretation", "DisputedClaim", "Cooperation")}


@dataclass
class Thing:
    """A thing that a name may mean."""

    iri: str
    labels: dict[str, str] = field(default_factory=dict)
    names: list[tuple[str, str, bool]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    within: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    point: tuple[float, float] | None = None
    values: dict[str, list[NamedNode | Literal]] = field(default_factory=lambda: defaultdict(list))

    @property
    def identifier(self) -> str:
        """Return the name after /id/."""
        return self.iri.removeprefix(ID)

    @property
    def label(self) -> str:
        """Return the English label, or any."""
        return self.labels.get("en") or next(iter(self.labels.values()), self.identifier)

    @property
    def wikidata(self) -> str:
        """Return the Wikidata identifier, such as Q92183, or ""."""
        return next((link.removeprefix(WIKIDATA) for link in self.links if link.startswith(WIKIDATA)), "")


@dataclass(frozen=True)
class Term:
    """A class or a property, as a user chooses it."""

    iri: str
    label: str
    description: str
    broader: tuple[str, ...]


class Gazetteer:
    """Every thing of the graph by its names, with the classes and properties that describe it."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.things: dict[str, Thing] = {}
        self.terms: dict[str, Term] = {}
        facts: dict[str, dict[str, set[NamedNode | Literal]]] = defaultdict(lambda: defaultdict(set))
        points: dict[str, tuple[float, float]] = {}
        geometry_of: dict[str, str] = {}
        for quad in quads:
            if quad.graph_name == NamedNode(SHAPES_GRAPH):
                continue
            subject, predicate = _text(quad.subject), quad.predicate.value
            if predicate == HAS_GEOMETRY:
                geometry_of[subject] = _text(quad.object)
            elif predicate == AS_WKT:
                found = POINT.search(_text(quad.object))
                if found:
                    points[subject] = (float(found[1]), float(found[2]))
            elif isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                facts[subject][predicate].add(quad.object)
        self._read_terms(facts)
        for iri, known in facts.items():
            if iri.startswith(ID) and (thing := self._read_thing(iri, known)):
                thing.point = points.get(geometry_of.get(iri, ""))
                self.things[iri] = thing
        self.keys, self.names = self._index()
        self.identifiers = self._identifiers()
        self.predicates = {predicate for thing in self.things.values() for predicate in thing.values}

    def _read_terms(self, facts: dict[str, dict[str, set[NamedNode | Literal]]]) -> None:
        for iri, known in facts.items():
            if iri.startswith(KOUAN):
                broader = sorted(_text(c) for c in known[SUBCLASS] if _text(c).startswith(KOUAN) and _text(c) != iri)
                self.terms[iri] = Term(iri, _in(known[LABEL], "en"), _in(known[DEFINITION], "en"), tuple(broader))

    def _read_thing(self, iri: str, known: dict[str, set[NamedNode | Literal]]) -> Thing | None:
        types = {_text(value) for value in known[TYPE] if _text(value).startswith(KOUAN)}
        if not types or types & UNNAMED:
            return None
        thing = Thing(iri, types=types, within={_text(place) for place in known[LOCATED_IN]})
        for predicate, is_main in ((LABEL, True), (ALTERNATIVE, False), (MISPRINT, False)):
            for value in sorted(known[predicate], key=_text):
                language = (value.language or "") if isinstance(value, Literal) else ""
                thing.names.append((_text(value), language, is_main))
                if is_main:
                    thing.labels[language] = _text(value)
        thing.links = sorted(_text(link) for link in known[SAME_AS])
        for predicate, values in known.items():
            thing.values[predicate] = sorted(values, key=str)
        return thing

    def _index(self) -> tuple[dict[str, set[str]], dict[str, list[tuple[Name, float]]]]:
        keys: dict[str, set[str]] = defaultdict(set)
        names: dict[str, list[tuple[Name, float]]] = {}
        for iri, thing in self.things.items():
            names[iri] = [(read_name(text), MAIN if is_main else ALTERNATIVE_NAME) for text, _, is_main in thing.names]
            pinyin = [text for text, language, _ in thing.names if language == "zh-latn"]
            derived = {spell(text) for text in pinyin for spell in (wade_giles, palladius)} - {""}
            names[iri] += [(read_name(text), DERIVED) for text in sorted(derived)]
            for name, _ in names[iri]:
                for key in {name.key, name.stem, latin(name.text)}:
                    keys[key].add(iri)
        return dict(keys), self._prefer_plain(names)

    def _prefer_plain(self, names: dict[str, list[tuple[Name, float]]]) -> dict[str, list[tuple[Name, float]]]:
        """Return the names with less weight where a bare name is first another thing's: Ruili is the city, not its port."""
        areas: dict[str, set[str]] = defaultdict(set)
        labels: dict[str, set[str]] = defaultdict(set)
        for iri, known in names.items():
            for name, weight in known:
                if AREA in self.things[iri].types:
                    areas[latin(name.stem)].add(iri)
                if weight == MAIN and not name.kind:
                    labels[latin(name.text)].add(iri)

        def weigh(iri: str, name: Name, weight: float) -> float:
            if weight == MAIN or name.kind:
                return weight
            holders = (labels if AREA in self.things[iri].types else areas)[latin(name.text)]
            return weight - UNSAID if holders - {iri} else weight

        return {iri: [(name, weigh(iri, name, weight)) for name, weight in known] for iri, known in names.items()}

    def _identifiers(self) -> dict[str, str]:
        """Return the things by Wikidata identifier and by administrative code, where only one has it."""
        found: dict[str, set[str]] = defaultdict(set)
        for iri, thing in self.things.items():
            for identifier in [thing.wikidata, *(value.value for value in thing.values.get(CODE, []))]:
                found[identifier].add(iri)
        return {identifier: next(iter(iris)) for identifier, iris in found.items() if identifier and len(iris) == 1}

    def class_named(self, text: str) -> str:
        """Return the class that a text names by its IRI, its local name or its label, or ""."""
        wanted = text.removeprefix(KOUAN).removeprefix("kouan:").casefold()
        named = (
            iri
            for iri, term in self.terms.items()
            if wanted in {iri.removeprefix(KOUAN).casefold(), term.label.casefold()}
        )
        return next((iri for iri in named if any(iri in thing.types for thing in self.things.values())), "")

    def find(self, identifier: str) -> Thing | None:
        """Return the thing of an identifier, an IRI, a Wikidata identifier or an administrative code."""
        by_iri = self.things.get(identifier) or self.things.get(ID + identifier)
        if by_iri:
            return by_iri
        return self.things.get(self.identifiers.get(identifier.removeprefix(WIKIDATA), ""))


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def _in(values: Iterable[NamedNode | Literal], language: str) -> str:
    return next((v.value for v in sorted(values, key=str) if isinstance(v, Literal) and v.language == language), "")
