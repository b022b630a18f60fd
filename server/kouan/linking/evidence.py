"""Say whether what is told beside a name speaks for a thing or against it. Knows areas, values and points; scores nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kouan.graph.great_circle import distance_km
from kouan.graph.place_names import Name, read_name
from kouan.linking.areas import Areas, Held, Said
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.namesakes import PLACE, Namesakes
from kouan.linking.said_values import SaidValues
from kouan.linking.things import AREA, Thing
from kouan.vocabulary import KOUAN

COUNTRY, ORGANIZATION, PROVINCE = KOUAN + "Country", KOUAN + "Organization", KOUAN + "Province"
NEAR_KM, FAR_KM = 60.0, 200.0


@dataclass(frozen=True)
class Clues:
    """What a query knows beside the name: types, areas that hold the thing, identifiers, coordinates, values of properties.

    `facts` are predicates and what is said of them, `names` what else the thing may be called, `demanded` what it must be
    called; `unknown` names the properties that nothing can be compared with.
    """

    types: tuple[str, ...] = ()
    within: tuple[Said, ...] = ()
    identifiers: tuple[Said, ...] = ()
    point: tuple[float, float] | None = None
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    names: tuple[str, ...] = ()
    demanded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


NOTHING = Clues()


class Testimony:
    """What clues say of the things of one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, areas: Areas, namesakes: Namesakes) -> None:
        self.gazetteer = gazetteer
        self.areas = areas
        self.namesakes = namesakes
        self.values = SaidValues(gazetteer)

    def confirms(self, thing: Thing, evidence: Clues) -> bool | None:
        """Return whether evidence speaks for a thing, or against it; None where it says nothing."""
        said = self.said(thing, evidence, self.areas.held(evidence.within), {})
        told = [piece for pieces in said.values() for piece in pieces if piece is not None]
        return False not in told if told else None

    def said(
        self, thing: Thing, evidence: Clues, held: Held, features: dict[str, float | bool]
    ) -> dict[str, list[bool | None]]:
        """Return for each kind of evidence what each piece of it says of the thing: for it, against it, or nothing."""
        identified = [
            _any(self.gazetteer.is_called(thing, each) for each in alternatives(said)) for said in evidence.identifiers
        ]
        facts = [self.values.has(thing.values.get(predicate, []), texts) for predicate, texts in evidence.facts]
        facts += [self._is_named(thing, each, evidence) for each in map(read_name, evidence.names)]
        facts += [False for each in evidence.demanded if not self.values.is_called(thing, each)]
        return {
            "type": [self._is_of_type(thing, evidence)],
            "within": [_any(self._lies_in(thing, known) for known in areas) for areas in held],
            "near": [self._is_near(thing, evidence, features)],
            "identifier": identified,
            "property": facts,
        }

    def may_be_place(self, thing: Thing) -> bool:
        """Return whether a thing may be a place, which all things of other data may."""
        return PLACE in thing.types or not self.gazetteer.is_own

    def _is_named(self, thing: Thing, name: Name, evidence: Clues) -> bool | None:
        """Return whether a name that is given beside the name is the thing's, or another's: 珲春 is not Heihe.

        None where a namesake of the thing has it too, and where nobody is known to have it.
        """
        if self.gazetteer.is_named(thing.iri, name):
            return True if self.namesakes.met(name, thing, evidence.types, []) is None else None
        owners = self.gazetteer.keys.get(name.key, set())
        if thing.iri in owners or not self.gazetteer.is_own:
            return None
        return False if owners or self.namesakes.is_anothers(name, thing) else None

    def _is_of_type(self, thing: Thing, evidence: Clues) -> bool | None:
        return any(kind in thing.types for kind in evidence.types) if evidence.types else None

    def _is_near(self, thing: Thing, evidence: Clues, features: dict[str, float | bool]) -> bool | None:
        """Return whether the thing lies near the point, None where it lies neither near nor far; put the distance in."""
        if not (evidence.point and thing.point):
            return None
        distance = distance_km(evidence.point, thing.point)
        features["distance_km"] = round(distance, 1)
        return True if distance <= NEAR_KM else False if distance > FAR_KM else None

    def _lies_in(self, thing: Thing, known: frozenset[str]) -> bool | None:
        """Return whether one of the areas holds the thing; None where the graph says no more of it than the country.

        An area that the graph does not know holds none of its things, and a thing does not lie in itself: who says that Jilin lies in
        Jilin means the city.
        """
        if known & {*thing.within, *thing.former_within}:
            return True
        if PROVINCE in thing.types and known == {thing.iri}:
            return False
        if thing.iri in known or self.areas.is_former_self(thing, known):
            return None
        if ORGANIZATION in thing.types and not thing.within:
            # A customs office is where the town is that it is called after, as far as the graph has that.
            towns = [self.gazetteer.things[iri] for stem in stems(thing) for iri in self.gazetteer.keys.get(stem, ())]
            seats = [town for town in towns if AREA in town.types]
            return None if any(known & {*seat.within, seat.iri} for seat in seats) or not seats else False
        countries = {place for area in known for place in self.gazetteer.around(area)}
        holders = {place for place in thing.within if place in self.gazetteer.things}
        only_country = all(COUNTRY in self.gazetteer.things[place].types for place in holders)
        # What is no place, as airports in general are, may be a country's, but lies in no part of it.
        is_idea = not self.may_be_place(thing) and not any(
            COUNTRY in self.gazetteer.things[area].types for area in known & self.gazetteer.things.keys()
        )
        is_placed = AREA in thing.types or is_idea or not only_country
        return None if known and not is_placed and holders <= countries else False


def stems(thing: Thing) -> set[str]:
    """Return the labels of a thing without the word for its kind."""
    return {read_name(text).stem for text in thing.labels.values()}


def alternatives(said: Said) -> tuple[str, ...]:
    """Return the values of which one is meant."""
    return (said,) if isinstance(said, str) else said


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Return whether one of several speaks for a thing; None where none says anything."""
    told = [answer for answer in answers if answer is not None]
    return any(told) if told else None
