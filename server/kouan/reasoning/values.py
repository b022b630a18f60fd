"""Tell which value a literal means and of which datatypes that value is (OWL 2 Syntax, section 4; XML Schema 1.1, part 2).

Knows no triples. Values are as OWL 2 has them: a double is no decimal, and noon in one zone is not the same hour in another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from pyoxigraph import Literal

from kouan.formats.lexical_forms import MOST_DIGITS, is_well_formed
from kouan.vocabulary import INTEGERS, OWL, RDF, RDFS, XSD

# A kind of values, a form in which the value is written, and its language.
Value = tuple[str, str, str]

STRING, TEXT, REAL, MOMENT, DURATION = "string", "text", "real", "dateTime", "duration"
# Whose values are of one kind; kinds have no value in common.
KINDS = {
    **dict.fromkeys((*INTEGERS, XSD + "decimal", OWL + "real", OWL + "rational"), REAL),
    **{XSD + name: STRING for name in ("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN")},
    **dict.fromkeys((XSD + "dateTime", XSD + "dateTimeStamp"), MOMENT),
    **dict.fromkeys((XSD + "duration", XSD + "dayTimeDuration", XSD + "yearMonthDuration"), DURATION),
    **{
        XSD + name: name
        for name in ("double", "float", "boolean", "date", "time", "hexBinary", "base64Binary", "anyURI")
    },
    **{XSD + name: name for name in ("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay")},
    RDF + "langString": TEXT,
    RDF + "XMLLiteral": "XMLLiteral",
}
# Datatypes of which no value is read here; the value of two different texts may be one.
UNREAD = {RDF + "XMLLiteral", OWL + "real", OWL + "rational"}
NO_TIME = "PT0S"
PARTS = re.compile(
    r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]+))?S)?"
)
ZONE = re.compile(r"[+-]00:00\Z")
END_OF_DAY = re.compile(r"(?:(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})(T))?24:00:00(?:\.0+)?")


def value_of(literal: Literal) -> Value | None:
    """Return the value of a literal, the same for each form of it; None where it has none or its datatype is not known."""
    if literal.language:
        return TEXT, literal.value, f"{literal.language.lower()} {literal.direction or ''}"
    datatype, text = literal.datatype.value, literal.value
    kind = KINDS.get(datatype)
    if kind is None or datatype in UNREAD or not is_well_formed(datatype, text):
        return None
    if kind in {MOMENT, DURATION} and len(text) > MOST_DIGITS:
        return None
    return kind, WRITTEN.get(kind, _in_time)(text), ""


def is_of(value: Value, datatype: str) -> bool:
    """Return whether a value is one of a datatype; True for what is none that is known."""
    kind, text, _ = value
    if datatype == RDF + "PlainLiteral":
        return kind in {STRING, TEXT}
    if datatype not in KINDS or (text == NO_TIME and KINDS[datatype] == kind == DURATION):
        return True
    return KINDS[datatype] == kind and is_well_formed(datatype, text)


def is_datatype(name: str) -> bool:
    """Return whether a name is that of a datatype of which it is known which values it has."""
    return name in KINDS or name in {RDF + "PlainLiteral", RDFS + "Literal"}


def _as_it_is(text: str) -> str:
    return text


def _real(text: str) -> str:
    whole, _, part = text.lstrip("+-").partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    number = f"{whole}.{part}" if part else whole
    return f"-{number}" if text.startswith("-") and number != "0" else number


def _double(text: str) -> str:
    return repr(float(text)).replace("inf", "INF").replace("nan", "NaN")


def _float(text: str) -> str:
    with np.errstate(over="ignore", under="ignore"):
        return str(np.float32(float(text))).replace("inf", "INF").replace("nan", "NaN")


def _boolean(text: str) -> str:
    return "true" if text in {"true", "1"} else "false"


def _in_time(text: str) -> str:
    """Return a moment, a day or an hour in one form; the zone is part of what it is."""
    text = ZONE.sub("Z", text)
    text = re.sub(r"^-(0000)", r"\1", END_OF_DAY.sub(_next_day, text))
    return re.sub(r"(:[0-9]{2})(?:\.0+|(\.[0-9]*[1-9])0*)(?![0-9])", r"\1\2", text)


def _next_day(found: re.Match[str]) -> str:
    year, month, day, at = found.groups()
    if not year:
        return "00:00:00"
    number = int(year)
    # The calendar is the same every 400 years, and Python knows no year before the first.
    cycle = date(2000 + number % 400, int(month), int(day))
    later = cycle + timedelta(days=1)
    number += later.year - cycle.year
    return f"{'-' if number < 0 else ''}{abs(number):04}-{later:%m-%d}{at}00:00:00"


def _duration(text: str) -> str:
    found = PARTS.fullmatch(text)
    assert found is not None
    sign, *numbers, part = found.groups(default="0")
    years, months, days, hours, minutes, seconds = map(int, numbers)
    months += 12 * years
    time = _real(f"{((days * 24 + hours) * 60 + minutes) * 60 + seconds}.{part}")
    written = (f"{months}M" if months else "") + (f"T{time}S" if time != "0" else "")
    return f"{'-' if sign == '-' else ''}P{written}" if written else NO_TIME


WRITTEN: dict[str, Callable[[str], str]] = {
    REAL: _real,
    STRING: _as_it_is,
    "anyURI": _as_it_is,
    "double": _double,
    "float": _float,
    "boolean": _boolean,
    "hexBinary": str.upper,
    "base64Binary": lambda text: text.replace(" ", ""),
    DURATION: _duration,
}
