"""Hold the things that names may mean, with all that tells them apart. Knows the graph's quads; knows nothing of scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from kouan.graph.place_names import HAN, Name, latin, read_name
from kouan.graph.postal import postal
from kouan.graph.romanisation import is_pinyin, palladius, wade_giles
from kouan.linking.identifiers import canonical, sort_of
from kouan.linking.provinces import other_names
from kouan.vocabulary import GEO, ID, KOUAN, RDF, RDFS, SCHEMA, SHAPES_GRAPH, SKOS

LABEL, ALTERNATIVE, MISPRINT, TYPE = RDFS + "label", SKOS + "altLabel", SKOS + "hiddenLabel", RDF + "type"
SUBCLASS, DEFINITION = RDFS + "subClassOf", SKOS + "definition"
SAME_AS, LOCATED_IN = SCHEMA + "sameAs", KOUAN + "locatedIn"
HAS_GEOMETRY, AS_WKT = GEO + "hasGeometry", GEO + "asWKT"
WIKIDATA = "http://www.wikidata.org/entity/"
POINT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)")
AREA = KOUAN + "AdministrativeArea"
CODE, LOCODE = KOUAN + "administrativeCode", KOUAN + "unlocode"
CODES = (CODE, LOCODE, KOUAN + "isoCode", KOUAN + "isoAlpha3")
# How near to certain a name of each sort is, when a query is its very letters.
MAIN, ALTERNATIVE_NAME, CALLED_SO, DERIVED = 96.0, 94.0, 93.0, 90.0
# What a division was called and coded once is a record of its own, without a name.
RECORD_OF, NAME_THEN, CODE_THEN = KOUAN + "recordOf", KOUAN + "nameThen", KOUAN + "code"
PORT = KOUAN + "Port"
# What a thing loses whose name says its kind, such as a port of entry, to a name that does not.
UNSAID = 8.0


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
    former: set[str] = field(default_factory=set)
    former_codes: set[str] = field(default_factory=set)

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

    @cached_property
    def identifiers(self) -> set[str]:
        """Return the identifiers of others, in their one form: items, places of GeoNames, codes."""
        codes = [value.value for predicate in CODES for value in self.values.get(predicate, [])]
        return {canonical(each) or each for each in [*self.links, *codes, *self.former_codes]}


@dataclass(frozen=True)
class Term:
    """A class or a property, as a user chooses it."""

    iri: str
    label: str
    description: str
    broader: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


class Known(NamedTuple):
    """A name of a thing: how near to certain it is to the letter, and what it loses where its kind is not written."""

    name: Name
    weight: float
    unsaid: float


class Gazetteer:
    """Every thing of the graph by its names, with the classes and properties that describe it."""

    is_own = True
    identifier_space, schema_space = ID, KOUAN

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
                if not self.is_own and isinstance(quad.object, Literal):
                    # Other data is asked for the points by their things.
                    facts[subject][predicate].add(quad.object)
            elif isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                facts[subject][predicate].add(quad.object)
        self._read_terms(facts)
        self._read_things(facts)
        for iri, geometry in geometry_of.items():
            if iri in self.things and geometry in points:
                self.things[iri].point = points[geometry]
        self._read_former(facts)
        self.keys, self.names = self._index()
        # What somebody wrote may be written with a slip; a spelling that was made from another is met to the letter only.
        self.written = {
            key
            for names in self.names.values()
            for name, weight, _ in names
            if weight > DERIVED or weight in {ALTERNATIVE_NAME - UNSAID, CALLED_SO - UNSAID}
            for key in (name.key, name.stem, latin(name.text))
        }
        self.identifiers = self._identifiers()
        self.predicates = {predicate for thing in self.things.values() for predicate in thing.values}

    def _read_things(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        for iri, known in facts.items():
            if (iri.startswith(ID) or not self.is_own) and (thing := self._read_thing(iri, known)):
                self.things[iri] = thing

    def _read_former(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        """Give the things the names and codes of the times before, which are records of their own."""
        for known in facts.values():
            for thing in (self.things.get(_text(each)) for each in known.get(RECORD_OF, ())):
                if thing:
                    current = {text for text, _, _ in thing.names}
                    thing.former |= {_text(name) for name in known.get(NAME_THEN, ())} - current
                    thing.former_codes |= {_text(code) for code in known.get(CODE_THEN, ())}

    def _read_terms(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        for iri, known in facts.items():
            if iri.startswith(KOUAN):
                broader = sorted(
                    _text(c) for c in known.get(SUBCLASS, ()) if _text(c).startswith(KOUAN) and _text(c) != iri
                )
                labels = {v.language or "": v.value for v in known.get(LABEL, ()) if isinstance(v, Literal)}
                self.terms[iri] = Term(
                    iri, _in(known.get(LABEL, ()), "en"), _in(known.get(DEFINITION, ()), "en"), tuple(broader), labels
                )

    def _read_thing(self, iri: str, known: Mapping[str, set[NamedNode | Literal]]) -> Thing | None:
        types = {_text(value) for value in known.get(TYPE, ()) if _text(value).startswith(KOUAN)}
        if not types:
            return None
        thing = Thing(iri, types=types, within={_text(place) for place in known.get(LOCATED_IN, ())})
        for predicate, is_main in ((LABEL, True), (ALTERNATIVE, False), (MISPRINT, False)):
            for value in sorted(known.get(predicate, ()), key=_text):
                language = (value.language or "") if isinstance(value, Literal) else ""
                thing.names.append((_text(value), language, is_main))
                if is_main:
                    thing.labels[language] = _text(value)
        if not thing.names:
            return None
        thing.links = sorted(_text(link) for link in known.get(SAME_AS, ()))
        for predicate, values in known.items():
            thing.values[predicate] = sorted(values, key=str)
        return thing

    def _index(self) -> tuple[dict[str, set[str]], dict[str, list[Known]]]:
        keys: dict[str, set[str]] = defaultdict(set)
        names: dict[str, list[tuple[Name, float]]] = {}
        for iri, thing in self.things.items():
            names[iri] = [(read_name(text), MAIN if is_main else ALTERNATIVE_NAME) for text, _, is_main in thing.names]
            names[iri] += [(read_name(text), CALLED_SO) for text in sorted(thing.former)]
            if KOUAN + "Province" in thing.types:
                codes = [value.value for value in thing.values[CODE]]
                names[iri] += [(read_name(text), CALLED_SO) for code in codes for text in other_names(code)]
            pinyin = [text for text, language, _ in thing.names if language == "zh-latn"]
            derived = {spell(text) for text in pinyin for spell in (wade_giles, palladius)} - {""}
            derived |= {spelled for text in pinyin for spelled in postal(text)}
            names[iri] += [(read_name(text), DERIVED) for text in sorted(derived)]
        self._name_seats(names)
        for iri, known in names.items():
            for name, _ in known:
                for key in {name.key, name.stem, latin(name.text)}:
                    keys[key].add(iri)
        return dict(keys), self._prefer_plain(names)

    def _name_seats(self, names: dict[str, list[tuple[Name, float]]]) -> None:
        """Give a city the bare names of the prefecture that is named after it: قەشقەر is Kashgar before its prefecture."""
        seats: dict[str, set[str]] = defaultdict(set)
        for iri, known in names.items():
            for name, weight in known:
                if weight == MAIN and not name.kind and AREA in self.things[iri].types:
                    seats[name.stem].add(iri)
        for area, known in list(names.items()):
            stems = {name.stem for name, weight in known if weight == MAIN and name.kind}
            bare = [(name, ALTERNATIVE_NAME) for name, weight in known if weight == ALTERNATIVE_NAME and not name.kind]
            for seat in (each for stem in stems for each in seats[stem]):
                if area in self.things[seat].within and AREA in self.things[area].types:
                    has = {name.key for name, _ in names[seat]}
                    names[seat] += [(name, weight) for name, weight in bare if name.key not in has]

    def _prefer_plain(self, names: dict[str, list[tuple[Name, float]]]) -> dict[str, list[Known]]:
        """Return the names with less weight where a bare name is first another thing's: Ruili is the city, not its port."""
        areas: dict[str, set[str]] = defaultdict(set)
        labels: dict[str, set[str]] = defaultdict(set)
        bare: dict[str, set[str]] = defaultdict(set)
        seats: dict[str, set[str]] = defaultdict(set)
        for iri, known in names.items():
            for name, weight in known:
                if AREA in self.things[iri].types:
                    areas[latin(name.stem)].add(iri)
                if weight == MAIN and not name.kind:
                    labels[latin(name.text)].add(iri)
                if weight > DERIVED and not name.kind:
                    bare[latin(name.text)].add(iri)
                    if any(heavy == MAIN and not each.kind for each, heavy in known) and AREA in self.things[iri].types:
                        seats[latin(name.text)].add(iri)

        def weigh(iri: str, name: Name, weight: float) -> float:
            if weight == MAIN or name.kind:
                return weight
            if AREA not in self.things[iri].types:
                holders = areas[latin(name.text)]
            else:
                # A prefecture whose label says so has its bare name after the city.
                says_kind = all(each.kind for each, heavy in names[iri] if heavy == MAIN)
                holders = (seats if says_kind else labels)[latin(name.text)]
            return weight - UNSAID if holders - {iri} else weight

        def unsaid(iri: str, name: Name) -> float:
            is_alone = not bare[latin(name.stem)] - {iri}
            if AREA in self.things[iri].types:
                return 0.0 if is_alone else UNSAID
            if name.kind == PORT:
                # Abroad the graph has ports and few of their towns, which the bare name rather means.
                return UNSAID / 2 if is_alone and _is_telling(name.stem) and self._is_placed(iri) else UNSAID
            return 2 * UNSAID

        return {
            iri: [Known(name, weigh(iri, name, weight), unsaid(iri, name)) for name, weight in known]
            for iri, known in names.items()
        }

    def _is_placed(self, iri: str) -> bool:
        """Return whether the data says more of where a thing lies than its country."""
        holders = [self.things[place] for place in self.things[iri].within if place in self.things]
        return any(AREA in holder.types and KOUAN + "Country" not in holder.types for holder in holders)

    def _identifiers(self) -> dict[str, set[str]]:
        """Return the things by every identifier that they have, in its one form."""
        found: dict[str, set[str]] = defaultdict(set)
        for iri, thing in self.things.items():
            for identifier in thing.identifiers:
                found[identifier].add(iri)
        return dict(found)

    def class_named(self, text: str) -> str:
        """Return the class that a text names by its IRI, its local name or its label, or ""."""
        wanted = text.removeprefix(KOUAN).removeprefix("kouan:").casefold()
        named = (
            iri
            for iri, term in self.terms.items()
            if wanted in {iri.removeprefix(KOUAN).casefold(), term.label.casefold()}
        )
        return next((iri for iri in named if any(iri in thing.types for thing in self.things.values())), "")

    def is_holder(self, predicate: str) -> bool:
        """Return whether a property leads from a thing to what holds it."""
        return predicate == LOCATED_IN

    def predicate_named(self, text: str) -> str:
        """Return the property of the data that a text names by its IRI, its local name or its label, or ""."""
        if text in self.predicates:
            return text
        wanted = folded(text.removeprefix("kouan:"))
        return next((each for each in sorted(self.predicates) if wanted in self._called(each)), "")

    def _called(self, predicate: str) -> set[str]:
        term = self.terms.get(predicate)
        return {folded(re.split("[#/]", predicate)[-1]), folded(term.label) if term else ""} - {""}

    def find(self, identifier: str) -> Thing | None:
        """Return the thing of an identifier as `identifiers.canonical` reads them, where only one thing has it."""
        by_iri = self.things.get(identifier) or self.things.get(ID + identifier)
        if by_iri:
            return by_iri
        known = canonical(identifier)
        found = self.identifiers.get(known, set())
        return self.things.get(known) or (self.things[next(iter(found))] if len(found) == 1 else None)

    def is_called(self, thing: Thing, identifier: str) -> bool | None:
        """Return whether an identifier, in whatever form, is one of the thing; None where it has none of the sort."""
        known = canonical(identifier) or identifier
        if known in {thing.iri, thing.identifier} or known in thing.identifiers:
            return True
        sort = sort_of(known)
        return False if sort == ID or sort in {sort_of(each) for each in thing.identifiers} - {""} else None


def _is_telling(stem: str) -> bool:
    """Return whether a bare name is hardly another place's: three characters, or a word that is no pinyin."""
    return len(stem) >= 3 if HAN.search(stem) else len(stem) >= 5 and not is_pinyin(stem)


def folded(text: str) -> str:
    """Return the name of a term without case, spaces and marks: "Located in" is locatedIn."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def _in(values: Iterable[NamedNode | Literal], language: str) -> str:
    return next((v.value for v in sorted(values, key=str) if isinstance(v, Literal) and v.language == language), "")
