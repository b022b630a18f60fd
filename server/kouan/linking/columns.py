"""The columns that a table can get from what its cells mean, one value each. Knows things; knows no protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kouan.linking.gazetteer import Gazetteer
from kouan.linking.identifiers import GEONAMES
from kouan.linking.things import CODE, LOCODE, Thing
from kouan.vocabulary import KOUAN

COUNTY, CITY, PREFECTURE = KOUAN + "County", KOUAN + "City", KOUAN + "Prefecture"
# A value of a cell: text, a number, or another thing.
Cell = str | float | Thing | None


@dataclass(frozen=True)
class Column:
    """A column: its name, what it holds, words that it is found by, and how its cell is had from a thing."""

    id: str
    name: str
    description: str
    words: str
    read: Callable[[Thing, Gazetteer], Cell]
    kind: str = ""

    def is_found_by(self, text: str) -> bool:
        """Return whether somebody who typed the text may mean the column."""
        wanted = text.casefold()
        return any(wanted in each.casefold() for each in (self.id, self.name, self.words))


def _holder(thing: Thing, gazetteer: Gazetteer, kind: str) -> Thing | None:
    """Return the area of a kind that holds a thing, the thing itself where it is of the kind."""
    places = [gazetteer.things[iri] for iri in sorted(thing.within | {thing.iri}) if iri in gazetteer.things]
    return next((place for place in places if _is_of_rank(place, kind)), None)


def _is_of_rank(place: Thing, kind: str) -> bool:
    # A city that is no county stands where a prefecture does.
    is_city = kind == PREFECTURE and CITY in place.types and COUNTY not in place.types
    return kind in place.types or is_city


def _area(kind: str) -> Callable[[Thing, Gazetteer], Cell]:
    return lambda thing, gazetteer: _holder(thing, gazetteer, KOUAN + kind)


def _code(predicate: str) -> Callable[[Thing, Gazetteer], Cell]:
    return lambda thing, _: next((value.value for value in thing.values.get(predicate, ())), None)


def _geonames(thing: Thing, _: Gazetteer) -> Cell:
    return next((each.removeprefix(GEONAMES) for each in sorted(thing.identifiers) if each.startswith(GEONAMES)), None)


def _wkt(thing: Thing, _: Gazetteer) -> Cell:
    return f"POINT({thing.point[0]:g} {thing.point[1]:g})" if thing.point else None


COLUMNS = {
    column.id: column
    for column in (
        Column(
            "wikidata",
            "Wikidata item",
            "the identifier of the same thing in Wikidata, such as Q128674",
            "wiki qid sameAs link identifier",
            lambda thing, _: thing.wikidata or None,
        ),
        Column(
            "geonames", "GeoNames number", "the number of the same place in GeoNames", "sameAs identifier", _geonames
        ),
        Column(
            "latitude",
            "latitude",
            "degrees north (WGS 84)",
            "coordinate coordinates location point lat",
            lambda thing, _: thing.point[1] if thing.point else None,
        ),
        Column(
            "longitude",
            "longitude",
            "degrees east (WGS 84)",
            "coordinate coordinates location point lon lng",
            lambda thing, _: thing.point[0] if thing.point else None,
        ),
        Column(
            "wkt",
            "coordinates as WKT",
            "a point, longitude first: POINT(130.36 42.87)",
            "coordinate coordinates location point geometry",
            _wkt,
        ),
        Column(
            "labelEn", "label in English", "its name in English", "label name", lambda thing, _: thing.labels.get("en")
        ),
        Column(
            "labelZh",
            "label in Chinese",
            "its name in simplified Chinese",
            "label name",
            lambda thing, _: thing.labels.get("zh"),
        ),
        Column("country", "country", "the country that it lies in", "area", _area("Country"), "Country"),
        Column(
            "province",
            "province",
            "the province or region that it lies in",
            "area region",
            _area("Province"),
            "Province",
        ),
        Column(
            "prefecture",
            "prefecture",
            "the prefecture, league or city of that rank that it lies in",
            "area league",
            _area("Prefecture"),
            "Prefecture",
        ),
        Column(
            "adminCode",
            "administrative code",
            "the six digits of GB/T 2260",
            "code gb division P442",
            _code(CODE),
        ),
        Column("unlocode", "UN/LOCODE", "the code of a port, such as CNHEK", "code locode P1937", _code(LOCODE)),
    )
}
