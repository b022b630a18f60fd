"""Tell whether a literal is written as its datatype asks (XML Schema 1.1, part 2). Knows lexical forms; makes no values."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache

from kouan.formats.xml import FIRST
from kouan.vocabulary import INTEGERS, XSD

YEAR, MONTH, DAY = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
DATE = rf"(?P<year>{YEAR})-(?P<month>{MONTH})-(?P<day>{DAY})"
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
FLOAT = rf"{NUMBER}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"
SECONDS = r"(?:[0-9]+(?:\.[0-9]+)?S)?"
HOURS = rf"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?{SECONDS})?"
LATER = rf"{FIRST}\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
SIX = "[A-Za-z0-9+/] ?"
BASE64 = f"(?:(?:{SIX}){{4}})*(?:(?:{SIX}){{3}}[A-Za-z0-9+/]|(?:{SIX}){{2}}[AEIMQUYcgkosw048] ?=|{SIX}[AQgw] ?= ?=)?"
FORMS = {
    **dict.fromkeys(INTEGERS, r"[+-]?[0-9]+"),
    **dict.fromkeys((XSD + "double", XSD + "float"), FLOAT),
    XSD + "decimal": NUMBER,
    XSD + "boolean": "true|false|1|0",
    XSD + "date": f"{DATE}{ZONE}?",
    XSD + "dateTime": f"{DATE}T{CLOCK}{ZONE}?",
    XSD + "dateTimeStamp": f"{DATE}T{CLOCK}{ZONE}",
    XSD + "time": f"{CLOCK}{ZONE}?",
    XSD + "gYear": f"{YEAR}{ZONE}?",
    XSD + "gYearMonth": f"{YEAR}-{MONTH}{ZONE}?",
    XSD + "gMonth": f"--{MONTH}{ZONE}?",
    XSD + "gMonthDay": f"--(?P<month>{MONTH})-(?P<day>{DAY}){ZONE}?",
    XSD + "gDay": f"---{DAY}{ZONE}?",
    XSD + "duration": rf"-?P(?!\Z)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?{HOURS}",
    XSD + "dayTimeDuration": rf"-?P(?!\Z)(?:[0-9]+D)?{HOURS}",
    XSD + "yearMonthDuration": r"-?P(?!\Z)(?:[0-9]+Y)?(?:[0-9]+M)?",
    XSD + "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    XSD + "base64Binary": BASE64,
    XSD + "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    XSD + "normalizedString": r"[^\t\n\r]*",
    XSD + "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    XSD + "Name": f"[{FIRST}:][{LATER}:]*",
    XSD + "NCName": f"[{FIRST}][{LATER}]*",
    XSD + "NMTOKEN": f"[{LATER}:]+",
}
READ = {datatype: re.compile(form) for datatype, form in FORMS.items()}
# The least and the greatest of whole numbers (sections 3.4.13 to 3.4.25).
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    **{XSD + name: (-(2**bits), 2**bits - 1) for name, bits in (("byte", 7), ("short", 15), ("int", 31), ("long", 63))},
    **{
        XSD + name: (0, 2**bits - 1)
        for name, bits in (("unsignedByte", 8), ("unsignedShort", 16), ("unsignedInt", 32), ("unsignedLong", 64))
    },
    XSD + "nonNegativeInteger": (0, None),
    XSD + "positiveInteger": (1, None),
    XSD + "nonPositiveInteger": (None, 0),
    XSD + "negativeInteger": (None, -1),
}
# Python reads no whole number of more digits without being asked twice; all that are bounded have fewer.
MOST_DIGITS = 4_000
# A year with 29 days in February, and one without.
LEAP, COMMON = 2000, 2001


@lru_cache(maxsize=10_000)
def is_well_formed(datatype: str, text: str) -> bool:
    """Return whether a text is of the lexical space of a datatype, and means a value of it; True for what is not of XML Schema."""
    form = READ.get(datatype)
    if form is None:
        return True
    found = form.fullmatch(text)
    if found is None:
        return False
    if datatype in BOUNDS:
        least, most = BOUNDS[datatype]
        number = int(text[:1].strip("0123456789") + (text.lstrip("+-").lstrip("0") or "0")[:MOST_DIGITS])
        return (least is None or number >= least) and (most is None or number <= most)
    parts = found.groupdict()
    if "day" in parts:
        year = int(parts["year"].lstrip("-")[-4:]) if "year" in parts else LEAP
        return int(parts["day"]) <= _days(year, int(parts["month"]))
    return True


def _days(year: int, month: int) -> int:
    """Return how many days a month has; the last four digits of a year tell whether it is a leap year."""
    return calendar.monthrange(LEAP if calendar.isleap(year) else COMMON, month)[1]
