"""Hold Kouan's statements against a slice of Wikidata, and say of each what agrees, what lacks and what conflicts.

Knows both sides; knows no form of report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kouan.linking.things import Thing
from kouan.linking.wikidata.mapping import Property
from kouan.linking.wikidata.references import Reference
from kouan.linking.wikidata.slices import ALIAS, LABEL, Item, Slice
from kouan.linking.wikidata.statements import Facts, WikidataStatement
from kouan.linking.wikidata.values import ITEM, POINT, TEXT, WikidataValue, apart_km, is_same, is_same_name
from kouan.vocabulary import KOUAN

AGREES, WIKIDATA_LACKS, KOUAN_LACKS, CONFLICTS, UNKNOWN = STATUSES = (
    "agrees",
    "Wikidata lacks",
    "Kouan lacks",
    "conflicts",
    "not in the slice",
)
# How far apart two points of one thing may lie: a large area has its middle in one source and its seat in another.
TOLERANCE_KM = {"Country": 600.0, "Province": 300.0, "Prefecture": 100.0, "County": 50.0, "City": 25.0}
TOWN_KM = 10.0
# Wikidata has Chinese names in several scripts; any of them answers to ours.
LANGUAGES = {"en": ("en", "en-gb", "en-us"), "zh": ("zh", "zh-hans", "zh-cn", "zh-hant", "zh-hk", "zh-tw")}
CLASS = "P31"


@dataclass(frozen=True)
class ValueComparison:
    """What one value of Kouan and one of Wikidata make of each other; either may be missing."""

    thing: Thing
    property: Property
    status: str
    ours: WikidataValue | None
    theirs: WikidataValue | None
    note: str = ""
    passages: tuple[str, ...] = ()


@dataclass(frozen=True)
class SliceComparison:
    """Every finding about one slice, and how to name the items in it."""

    facts: Facts
    slice: Slice
    findings: tuple[ValueComparison, ...]

    def count(self, status: str) -> int:
        """Return how many findings have a status."""
        return sum(finding.status == status for finding in self.findings)

    def references(self, finding: ValueComparison) -> list[Reference]:
        """Return the sources that say Kouan's value of a finding; of a name that no passage says, the editors."""
        found = self.facts.sources.references(finding.passages)
        if found or finding.ours is None or finding.ours.kind != TEXT:
            return found
        return [replace(self.facts.sources.editors, url=finding.thing.iri)]

    def term_of(self, finding: ValueComparison) -> str:
        """Return the term of Kouan that the property of a finding is met by, or ""."""
        met = (c.term for c in self.facts.mapping.correspondences if c.property.id == finding.property.id)
        return next(met, "")

    def since(self, date: str) -> SliceComparison:
        """Return the findings of which either side was read on a date or after it: what an earlier look cannot have had."""
        kept = tuple(f for f in self.findings if self._is_since(f, date))
        return SliceComparison(self.facts, self.slice, kept)

    def _is_since(self, finding: ValueComparison, date: str) -> bool:
        if finding.ours is None:
            # A slice of several dates says the first and the last.
            return self.slice.date[-10:] >= date
        return any(each.read is not None and each.read.text >= date for each in self.references(finding))

    def of(self, thing: Thing) -> tuple[ValueComparison, ...]:
        """Return the findings about one thing."""
        return tuple(finding for finding in self.findings if finding.thing.iri == thing.iri)

    @property
    def labels(self) -> dict[str, str]:
        """Return what each item is called: by Kouan where it is linked, else by the slice."""
        known = {identifier: item.label for identifier, item in self.slice.items.items() if item.label}
        return known | {thing.wikidata: thing.label for thing in self.facts.linked()}

    def shown(self, value: WikidataValue | None, language: str = "en") -> str:
        """Return a value as a reader of a language expects it, an item with its label."""
        if value is None:
            return ""
        if value.kind != ITEM:
            return value.shown
        thing = self.facts.thing_of(value.text)
        known = self.slice.items.get(value.text)
        called = (known.labels if known else {}) | (thing.labels if thing else {})
        label = called.get(language) or (thing.label if thing else known.label if known else "")
        return f"{label} ({value.text})" if label else value.text


def compare(facts: Facts, slice: Slice, tolerance_km: float | None = None) -> SliceComparison:
    """Return what the graph and the slice make of each other, thing by thing and property by property."""
    found: list[ValueComparison] = []
    for thing in facts.linked():
        found += _Pair(facts, slice, thing, tolerance_km).findings()
    return SliceComparison(facts, slice, tuple(found))


def tolerance_of(thing: Thing) -> float:
    """Return how many kilometres two points of a thing may lie apart, by its rank."""
    return max((km for kind, km in TOLERANCE_KM.items() if KOUAN + kind in thing.types), default=TOWN_KM)


class _Pair:
    """One thing and its item."""

    def __init__(self, facts: Facts, slice: Slice, thing: Thing, tolerance_km: float | None) -> None:
        self.facts, self.slice, self.thing = facts, slice, thing
        self.item = slice.items.get(thing.wikidata) or Item()
        self.tolerance = tolerance_of(thing) if tolerance_km is None else tolerance_km

    def findings(self) -> Iterator[ValueComparison]:
        """Return what is found of the names and of each property that either side has."""
        yield from self._names()
        ours: dict[str, list[WikidataStatement]] = {}
        for statement in self.facts.statements.get(self.thing.iri, []):
            ours.setdefault(statement.property.id, []).append(statement)
        for identifier, property in self.facts.properties.items():
            theirs = sorted(v for v in self.item.statements.get(identifier, ()) if v.kind == property.kind)
            stated = ours.get(identifier, [])
            if identifier == CLASS:
                yield from self._classes(property, stated, theirs)
            elif property.kind != ITEM:
                yield from self._single(property, stated, theirs)
            elif self._is_of_places(property):
                yield from self._place(property, stated, theirs)
            else:
                yield from self._set(property, stated, theirs)

    def _is_of_places(self, property: Property) -> bool:
        """Return whether the property leads from a thing up to what holds it."""
        mapping = self.facts.mapping
        return any(c.property.id == property.id and c.term in mapping.transitive for c in mapping.correspondences)

    def _is_matched_class(self, value: WikidataValue) -> bool:
        """Return whether Kouan could say a class: one of ours stands for it, and is not said by a narrower one."""
        of_ours = {item for kind, item in self.facts.mapping.classes.items() if kind in self.thing.types}
        narrowest = {s.value.text for s in self.facts.statements.get(self.thing.iri, []) if s.property.id == CLASS}
        return value.text in self.facts.mapping.classes.values() and value.text not in of_ours - narrowest

    def _lacking(self, what: str) -> str:
        return WIKIDATA_LACKS if self.slice.covers(self.thing.wikidata, what) else UNKNOWN

    def _found(
        self,
        property: Property,
        status: str,
        ours: WikidataStatement | None,
        theirs: WikidataValue | None,
        note: str = "",
    ) -> ValueComparison:
        value = ours.value if ours else None
        return ValueComparison(self.thing, property, status, value, theirs, note, ours.passages if ours else ())

    def _single(
        self, property: Property, ours: list[WikidataStatement], theirs: list[WikidataValue]
    ) -> Iterator[ValueComparison]:
        """Return findings of a property that has one value: another value is a conflict."""
        for statement in ours:
            same = next((v for v in theirs if is_same(statement.value, v, self.tolerance)), None)
            if same is not None:
                yield self._found(property, AGREES, statement, same, self._distance(statement.value, same))
            elif theirs:
                near = min(theirs, key=lambda v: apart_km(v, statement.value) if v.kind == POINT else 0)
                yield self._found(property, CONFLICTS, statement, near, self._explain(statement.value, near))
            else:
                yield self._found(property, self._lacking(property.id), statement, None)
        if not ours:
            for value in theirs:
                yield self._found(property, KOUAN_LACKS, None, value)

    def _explain(self, ours: WikidataValue, theirs: WikidataValue) -> str:
        """Return what is known of two values that differ: how far they are apart, or that a code is the one before."""
        if theirs.text in self.thing.former_codes:
            return "Wikidata has a code that it had before"
        return self._distance(ours, theirs)

    def _distance(self, one: WikidataValue, other: WikidataValue) -> str:
        if one.kind != POINT:
            return ""
        return f"{apart_km(one, other):.1f} km apart, {self.tolerance:g} km are allowed"

    def _set(
        self, property: Property, ours: list[WikidataStatement], theirs: list[WikidataValue]
    ) -> Iterator[ValueComparison]:
        """Return findings of a property with many values: neither side can contradict the other."""
        stated = {statement.value for statement in ours}
        for statement in ours:
            is_there = statement.value in theirs
            status = AGREES if is_there else self._lacking(property.id)
            yield self._found(property, status, statement, statement.value if is_there else None)
        for value in theirs:
            if value not in stated:
                yield self._found(property, KOUAN_LACKS, None, value)

    def _classes(
        self, property: Property, ours: list[WikidataStatement], theirs: list[WikidataValue]
    ) -> Iterator[ValueComparison]:
        """Return findings of what a thing is: another class in Wikidata may say ours and more."""
        for statement in ours:
            if theirs and statement.value not in theirs:
                yield self._found(property, UNKNOWN, statement, theirs[0], "a class of Wikidata may be narrower")
            else:
                yield from self._set(property, [statement], [v for v in theirs if v == statement.value])
        for value in theirs:
            if self._is_matched_class(value) and value not in {statement.value for statement in ours}:
                yield self._found(property, KOUAN_LACKS, None, value)

    def _place(
        self, property: Property, ours: list[WikidataStatement], theirs: list[WikidataValue]
    ) -> Iterator[ValueComparison]:
        """Return findings of where a thing lies: a wider or a narrower area on the same way up is no conflict."""
        above = self.facts.areas_of(self.thing)
        for statement in ours:
            related = [
                (v, note) for v in theirs if (note := self._on_the_way(v, statement.value.text, above)) is not None
            ]
            if related:
                value, note = min(related, key=lambda pair: (pair[1] != "", pair[0]))
                yield self._found(property, AGREES, statement, value, note)
            elif not theirs:
                yield self._found(property, self._lacking(property.id), statement, None)
            else:
                why = self._why(theirs[0])
                yield self._found(property, UNKNOWN if why else CONFLICTS, statement, theirs[0], why)
        if not ours and (self.thing.iri, property.id) not in self.facts.unlinked:
            for value in theirs:
                yield self._found(property, KOUAN_LACKS, None, value)
        elif not ours:
            # Kouan names an area that has no item here; whether it is the same one, nobody can say.
            for value in theirs:
                status = AGREES if value.text in above else UNKNOWN
                yield self._found(property, status, None, value, "" if status == AGREES else "Kouan's area has no item")

    def _on_the_way(self, theirs: WikidataValue, nearest: str, above: set[str]) -> str | None:
        """Return how Wikidata's area stands to ours, "" for the very same; None where it is on no way that is known."""
        if theirs.text == nearest:
            return ""
        if theirs.text in above:
            return "Wikidata names a wider area"
        return "Wikidata names a nearer area" if nearest in self._areas_above(theirs.text) else None

    def _areas_above(self, identifier: str) -> set[str]:
        areas = self.slice.lies_in(identifier)
        for each in {identifier, *areas}:
            thing = self.facts.thing_of(each)
            areas |= self.facts.areas_of(thing) if thing else set()
        return areas

    def _why(self, theirs: WikidataValue) -> str:
        """Return why nothing can be said of an area: nothing here tells where it lies; "" where something does."""
        is_known = self._areas_above(theirs.text) or self.facts.thing_of(theirs.text)
        return "" if is_known else f"nothing here says where {theirs.text} lies"

    def _names(self) -> Iterator[ValueComparison]:
        for language, tags in LANGUAGES.items():
            label = self.thing.labels.get(language)
            if not label:
                continue
            property = Property(f"L{language}", f"label ({language})", TEXT)
            ours = WikidataValue(TEXT, label, language)
            theirs = [(tag, self.item.labels[tag]) for tag in tags if tag in self.item.labels]
            other = WikidataValue(TEXT, theirs[0][1], theirs[0][0]) if theirs else None
            said = self.facts.saying(self.thing, label, language)
            yield ValueComparison(self.thing, property, *self._name(ours, other, tags), said)
            yield from self._aliases(language, tags)

    def _name(
        self, ours: WikidataValue, theirs: WikidataValue | None, tags: tuple[str, ...]
    ) -> tuple[str, WikidataValue, WikidataValue | None, str]:
        if theirs is None:
            return self._lacking(LABEL), ours, None, ""
        if is_same_name(ours.text, theirs.text):
            return AGREES, ours, theirs, "" if ours.text == theirs.text else "but for its form"
        language = ours.language
        if any(is_same_name(name, theirs.text) for name, tag, _ in self.thing.names if tag == language):
            return AGREES, ours, theirs, "another name in Kouan"
        aliases = {alias for tag in tags for alias in self.item.aliases.get(tag, ())}
        if any(is_same_name(alias, ours.text) for alias in aliases):
            return AGREES, ours, theirs, "an alias in Wikidata"
        return CONFLICTS, ours, theirs, ""

    def _aliases(self, language: str, tags: tuple[str, ...]) -> Iterator[ValueComparison]:
        property = Property(f"A{language}", f"alias ({language})", TEXT)
        theirs = {alias for tag in tags for alias in self.item.aliases.get(tag, ())}
        labels = {self.item.labels[tag] for tag in tags if tag in self.item.labels}
        ours = [name for name, tag, is_main in self.thing.names if tag == language and not is_main]
        for name in ours:
            value = WikidataValue(TEXT, name, language)
            same = value if name in theirs | labels else None
            status = AGREES if same else self._lacking(ALIAS)
            said = self.facts.saying(self.thing, name, language)
            yield ValueComparison(self.thing, property, status, value, same, passages=said)
        for alias in sorted(theirs - set(ours) - set(self.thing.labels.values())):
            yield ValueComparison(self.thing, property, KOUAN_LACKS, None, WikidataValue(TEXT, alias, language))
