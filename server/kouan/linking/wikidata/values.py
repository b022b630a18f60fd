"""Hold values as Wikidata holds them, and say when two of them are the same. Knows datatypes; knows no things and no files."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from kouan.graph.great_circle import distance_km
from kouan.graph.place_names import read_name
from kouan.vocabulary import WD, XSD

ITEM, POINT, TIME, STRING, TEXT = "item", "point", "time", "string", "text"
YEAR, MONTH, DAY = 9, 10, 11
QID = re.compile(r"Q[1-9][0-9]*\Z")
DEGREES = r"(-?\d{1,3}(?:\.\d*)?(?:[eE]-?\d{1,2})?)"
WKT = re.compile(rf"\s*POINT\s*\(\s*{DEGREES}\s+{DEGREES}\s*\)\s*\Z", re.IGNORECASE | re.ASCII)
DATE = re.compile(r"[+]?(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*)?\Z", re.ASCII)
WHOLE_DATE = 10


@dataclass(frozen=True, order=True)
class WikidataValue:
    """An item by its Q, a point as "longitude latitude", a date as 2016-04-27, a string, or a text in a language."""

    kind: str
    text: str
    language: str = ""
    precision: int = 0

    @property
    def shown(self) -> str:
        """Return the value as a reader expects it: a point with its latitude first, a date as precise as it is."""
        if self.kind == POINT:
            longitude, latitude = self.text.split()
            return f"{latitude}, {longitude}"
        return self.text[: {YEAR: 4, MONTH: 7}.get(self.precision, WHOLE_DATE)] if self.kind == TIME else self.text


def item(identifier: str) -> WikidataValue:
    """Return an item by its Q."""
    return WikidataValue(ITEM, identifier)


def point(text: str) -> WikidataValue | None:
    """Return the point that a WKT literal holds, or None where it holds none."""
    found = WKT.match(text)
    return WikidataValue(POINT, f"{_plain(found[1])} {_plain(found[2])}") if found else None


def time(text: str, precision: int = 0) -> WikidataValue | None:
    """Return the date that a literal holds, as precise as it is written or as is said; None where it holds none, or a decade."""
    found = DATE.match(text)
    if not found:
        return None
    year, month, day = found[1], found[2], found[3]
    written = DAY if day and day != "00" else MONTH if month and month != "00" else YEAR
    precision = min(precision or written, written)
    if precision < YEAR:
        return None
    month = month if precision >= MONTH and month else "01"
    day = day if precision >= DAY and day else "01"
    return WikidataValue(TIME, f"{year}-{month}-{day}", precision=precision)


def read_term(term: NamedNode | Literal, kind: str) -> WikidataValue | None:
    """Return what Wikidata's RDF says as a truthy value (wdt:), or None where it cannot be compared.

    A truthy date has lost its precision; the first of January is taken for a year.
    """
    if kind == ITEM:
        identifier = term.value.removeprefix(WD)
        return item(identifier) if isinstance(term, NamedNode) and QID.match(identifier) else None
    if not isinstance(term, Literal):
        return None
    if kind == POINT:
        return point(term.value)
    if kind == TIME:
        said = term.datatype.value in {XSD + "gYear", XSD + "gYearMonth"}
        return time(term.value, YEAR if not said and term.value[5:10] == "01-01" else 0)
    return WikidataValue(STRING, term.value)


def is_same(one: WikidataValue, other: WikidataValue, tolerance_km: float) -> bool:
    """Return whether two values of one kind say the same: points within the tolerance, dates as far as both are precise."""
    if one.kind == POINT and other.kind == POINT:
        return apart_km(one, other) <= tolerance_km
    if one.kind == TIME and other.kind == TIME:
        length = {YEAR: 4, MONTH: 7}.get(min(one.precision, other.precision), WHOLE_DATE)
        return one.text[:length] == other.text[:length]
    if one.kind == TEXT and other.kind == TEXT:
        return is_same_name(one.text, other.text)
    return (one.kind, one.text.casefold()) == (other.kind, other.text.casefold())


def is_same_name(one: str, other: str) -> bool:
    """Return whether two names are the same but for script, case, marks and the word for the kind of place."""
    first, second = read_name(one), read_name(other)
    return first.key == second.key or (first.stem == second.stem and (not first.kind or not second.kind))


def apart_km(one: WikidataValue, other: WikidataValue) -> float:
    """Return how far two points lie apart, in kilometres."""
    return distance_km(_degrees(one), _degrees(other))


def _degrees(value: WikidataValue) -> tuple[float, float]:
    longitude, latitude = value.text.split()
    return float(longitude), float(latitude)


def _plain(number: str) -> str:
    """Return a number as it was written, without zeros that say nothing."""
    return f"{float(number):.9f}".rstrip("0").rstrip(".") if "." in number or "e" in number.lower() else number
