"""Hold the things that names may mean, with all that tells them apart. Knows the graph's quads; knows nothing of scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from pyoxigraph import Literal, NamedNode, Quad

from kouan.graph.place_names import Name, latin, read_name
from kouan.linking.division_records import FormerAreas
from kouan.linking.holding import all_above
from kouan.linking.identifiers import canonical, sort_of
from kouan.linking.naming import ALTERNATIVE_NAME, CALLED_SO, DERIVED, UNSAID, NameIndex
from kouan.linking.things import Term, Thing
from kouan.vocabulary import BASE, GEO, ID, KOUAN, RDF, RDFS, SCHEMA, SHAPES_GRAPH, SKOS

LABEL, ALTERNATIVE, MISPRINT, TYPE = RDFS + "label", SKOS + "altLabel", SKOS + "hiddenLabel", RDF + "type"
SUBCLASS, DEFINITION = RDFS + "subClassOf", SKOS + "definition"
SAME_AS, LOCATED_IN = SCHEMA + "sameAs", KOUAN + "locatedIn"
HAS_GEOMETRY, AS_WKT = GEO + "hasGeometry", GEO + "asWKT"
# What stands elsewhere, such as in passages and in the slice of Wikidata, is no thing of ours and no term.
OURS = (ID, KOUAN)
POINT = re.compile(r"POINT\s*\(\s*(-?\d+\.?\d*)\s+(-?\d+\.?\d*)\s*\)")
# A name that is a thing, with what is known of it.
LITERAL_FORM = "http://www.w3.org/2008/05/skos-xl#literalForm"
NAME_OF, NAME_KIND, NAME_SYSTEM, FROM_YEAR, UNTIL_YEAR = (
    KOUAN + word for word in ("nameOf", "nameKind", "nameSystem", "fromYear", "untilYear")
)
FORMER = "former"


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
        shapes = NamedNode(SHAPES_GRAPH)
        for node, relation, value, graph in quads:
            if graph == shapes:
                continue
            subject, predicate = _text(node), relation.value
            if self.is_own and not subject.startswith(OURS):
                continue
            if predicate == HAS_GEOMETRY:
                geometry_of[subject] = _text(value)
            elif predicate == AS_WKT:
                found = POINT.search(_text(value))
                if found:
                    points[subject] = (float(found[1]), float(found[2]))
                if not self.is_own and isinstance(value, Literal):
                    # Other data is asked for the points by their things.
                    facts[subject][predicate].add(value)
            elif isinstance(node, NamedNode) and isinstance(value, NamedNode | Literal):
                facts[subject][predicate].add(value)
        self._read_terms(facts)
        self._read_things(facts)
        for iri, geometry in geometry_of.items():
            if iri in self.things and geometry in points:
                self.things[iri].point = points[geometry]
        self._read_spellings(facts)
        self.former_areas = FormerAreas(facts, self.things)
        named = NameIndex(self.things)
        self.keys, self.names = named.keys, named.known
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
        above = all_above({iri: thing.within for iri, thing in self.things.items()})
        for iri, thing in self.things.items():
            thing.within = above[iri]

    def _read_spellings(self, facts: Mapping[str, Mapping[str, set[NamedNode | Literal]]]) -> None:
        """Tell the things of their names that are nodes: of what kind each is, in which system or language, and from when to when."""
        for known in [each for each in facts.values() if NAME_OF in each]:
            years = [_text(next(iter(known.get(predicate, ())), "")) for predicate in (FROM_YEAR, UNTIL_YEAR)]
            said = [
                _text(value)
                for predicate in (NAME_KIND, NAME_SYSTEM)
                for value in sorted(known.get(predicate, ()), key=str)
            ]
            for form in known.get(LITERAL_FORM, ()):
                tag = (
                    [form.language] if isinstance(form, Literal) and form.language and NAME_SYSTEM not in known else []
                )
                note = ", ".join([*said, *tag, *(["\N{EN DASH}".join(years)] if any(years) else [])])
                for thing in (self.things.get(_text(each)) for each in known[NAME_OF]):
                    if thing:
                        thing.spellings[read_name(_text(form)).text] = note
                        if FORMER in said and _text(form) not in {text for text, _, _ in thing.names}:
                            thing.former.add(_text(form))

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
        # A name without its space is as it was told.
        if whole := next(
            (iri for iri in (space + text for space in ("", KOUAN, SCHEMA, BASE)) if iri in self.predicates), ""
        ):
            return whole
        return self._predicates_by_name.get(folded(text.removeprefix("kouan:")), "")

    @cached_property
    def _predicates_by_name(self) -> dict[str, str]:
        """The properties by what they are called, folded; of two that are called the same, the first by its IRI."""
        found: dict[str, str] = {}
        for each in sorted(self.predicates):
            for name in self._called(each):
                found.setdefault(name, each)
        return found

    def _called(self, predicate: str) -> set[str]:
        term = self.terms.get(predicate)
        named = (term.label, *term.labels.values()) if term else ()
        return {folded(each) for each in (re.split("[#/]", predicate)[-1], *named)} - {""}

    def find(self, identifier: str) -> Thing | None:
        """Return the thing of an identifier as `identifiers.canonical` reads them, where only one thing has it."""
        by_iri = self.things.get(identifier) or self.things.get(ID + identifier)
        if by_iri:
            return by_iri
        known = canonical(identifier)
        found = self.identifiers.get(known, set())
        return self.things.get(known) or (self.things[next(iter(found))] if len(found) == 1 else None)

    def is_named(self, thing: str, name: Name) -> bool:
        """Return whether a thing has a name, with the word for its kind that it may have."""
        return any(known.name.key == name.key for known in self.names[thing])

    def around(self, area: str) -> set[str]:
        """Return what holds an area of today, or what holds what a former one became."""
        return self.things[area].within if area in self.things else self.former_areas.within[area]

    def is_called(self, thing: Thing, identifier: str) -> bool | None:
        """Return whether an identifier, in whatever form, is one of the thing; None where it has none of the sort."""
        known = canonical(identifier) or identifier
        if known in {thing.iri, thing.identifier} or known in thing.identifiers or ID + identifier == thing.iri:
            return True
        if ID + identifier in self.things:
            # The identifier that our own service hands out is its address without what all have in common.
            return False
        sort = sort_of(known)
        return False if sort == ID or sort in {sort_of(each) for each in thing.identifiers} - {""} else None


def folded(text: str) -> str:
    """Return the name of a term without case, spaces and marks: "Located in" is locatedIn."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def _in(values: Iterable[NamedNode | Literal], language: str) -> str:
    return next((v.value for v in sorted(values, key=str) if isinstance(v, Literal) and v.language == language), "")
