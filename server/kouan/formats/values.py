"""Read literals as the values that their datatypes give them (XML Schema 1.1, part 2). Knows lexical forms; writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kouan.formats.lexical_forms import FLOAT, NUMBER
from kouan.vocabulary import INTEGERS, XSD

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# A moment that Python holds: to the microsecond.
MOMENT = DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6}0*)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
# How each datatype is written, and what reads it.
READ: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    **dict.fromkeys(INTEGERS, (re.compile(r"[+-]?[0-9]+"), int)),
    **dict.fromkeys((XSD + "double", XSD + "float"), (re.compile(FLOAT), float)),
    XSD + "decimal": (re.compile(NUMBER), Decimal),
    XSD + "boolean": (re.compile("true|false|1|0"), {"true": True, "1": True, "false": False, "0": False}.__getitem__),
    XSD + "date": (re.compile(DAY), date.fromisoformat),
    XSD + "dateTime": (re.compile(MOMENT), datetime.fromisoformat),
}


def read_value(datatype: str, text: str) -> Any:
    """Return the whole number, Decimal, float, truth, date or datetime that a literal is.

    Raises ValueError where the text is no value of its datatype, where Python has none such, and for every other datatype.
    """
    form, read = READ.get(datatype, (None, None))
    if form is None or read is None or form.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no value of <{datatype}> that can be read.")
    return read(text)


def read_number(datatype: str, text: str) -> int | float:
    """Return a whole number, or another one that a double is to the last digit; raises ValueError where there is none."""
    value = read_value(datatype, text)
    if isinstance(value, Decimal):
        number = float(value)
        if Decimal(repr(number)) != value:
            raise ValueError(f"{text} has more digits than a double.")
        return number
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{text!r} is no number.")
    return value
