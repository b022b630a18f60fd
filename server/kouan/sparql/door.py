"""What must be known of a query before it is run, at as little cost as its text allows. Knows no store."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.sparql.scanning.guard import inspect

# A text without any of these letters holds nothing that they begin: that needs no parse to know (see `Known`). What has
# them may mean something else by them, and is parsed.
TELLTALE = re.compile(
    r"service|from|load|rand|now|uuid|bnode|construct|search#|hint:|queryhints|geof|geosparql|\\u|\ufeff", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a query: its form ("" where only its answer will tell), whether it is volatile, its services."""

    form: str = ""
    is_volatile: bool = False
    services: bool = False
    warnings: tuple[str, ...] = ()


NOTHING = Known()


def know(text: str, *, length: int, nesting: int, form: bool = False) -> Known:
    """Return what is known of a query; `form` asks for its form whatever it costs.

    Raises TooLarge past `length` characters, QueryError past `nesting` levels of brackets or where it is no query.
    """
    opened = text.count("(") + text.count("{") + text.count("[") + text.count("<<")
    if not form and opened <= nesting and len(text) <= length and TELLTALE.search(text) is None:
        return NOTHING
    found = inspect(text, length=length, nesting=nesting)
    return Known(found.form, found.is_volatile, bool(found.services))
