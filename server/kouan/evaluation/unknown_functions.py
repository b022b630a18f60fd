"""Say which functions and units of measure a query names that are not known here, and so give no value. Knows no data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz, process

from kouan.errors import RequestError
from kouan.evaluation.geometry import FUNCTIONS
from kouan.evaluation.unknown_terms import LEAST_ELSEWHERE, LEAST_LIKENESS, LONGEST, MOST_TOLD, local_name
from kouan.sparql.door import read
from kouan.sparql.functions import NAMED_AGGREGATES
from kouan.sparql.tree import FunctionCall, Iri, Query, ServiceGraphPattern, walk
from kouan.vocabulary import FUNCTION, GEOF, XSD

# SPARQL 1.2 Query, section 17.5, and the datatypes that the engine makes besides.
CASTS = (
    *("boolean", "double", "float", "decimal", "integer", "string", "dateTime", "date", "time"),
    *("duration", "dayTimeDuration", "yearMonthDuration", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay"),
)
KNOWN = FUNCTIONS | NAMED_AGGREGATES | {XSD + name for name in CASTS}
# Where a unit stands among the arguments.
MEASURED_IN = {
    GEOF + name: at for name, at in {"area": 1, "buffer": 2, "distance": 2, "length": 1, "perimeter": 1}.items()
}
# Nothing else calls a function by its IRI.
CALL = re.compile(r"(?:>|:[\w.%\\-]*+)\s*+\(")


def unknown_functions(text: str) -> tuple[str, ...]:
    """Return a sentence for each function and each unit of a query that is not known here, five at most."""
    if not CALL.search(text):
        return ()
    try:
        found = dict.fromkeys(_sentences(read(text)))
    except RequestError:
        # What the engine takes and our grammar does not was answered all the same.
        return ()
    return tuple(found)[:MOST_TOLD]


def _sentences(tree: Query) -> Iterator[str]:
    for call in walk(tree, ServiceGraphPattern):
        if not isinstance(call, FunctionCall):
            continue
        name, at = call.name.value, MEASURED_IN.get(call.name.value, 0)
        if name not in KNOWN and not name.startswith(FUNCTION):
            yield f"<{name[:LONGEST]}> is no function that is known here and gives no value{_nearest(name, KNOWN)}"
        elif at and len(call.arguments) > at and isinstance(unit := call.arguments[at], Iri):
            known = _units()
            if unit.value not in known:
                yield (
                    f"<{unit.value[:LONGEST]}> is no unit that is known here, and what is measured in it has no value"
                    f"{_nearest(unit.value, known)}"
                )


def _units() -> frozenset[str]:
    # Its libraries are loaded by who measures.
    from kouan.evaluation.geometry.measures import DEGREES, METRES, SQUARED

    return frozenset({*METRES, *DEGREES, *SQUARED})


def _nearest(iri: str, known: Iterable[str]) -> str:
    """Return what names the one that is most like another, among those of its own namespace first; "" where none is."""
    name = local_name(iri).lower()
    if not name or len(iri) > LONGEST:
        return ""
    names = {each: local_name(each).lower() for each in sorted(known)}
    near = {each: word for each, word in names.items() if each.startswith(iri.removesuffix(local_name(iri)))}
    for some, least in ((near, LEAST_LIKENESS), (names, LEAST_ELSEWHERE)):
        alike = process.extractOne(name, some, scorer=fuzz.ratio, score_cutoff=least)
        if alike is not None:
            return f"; the nearest is <{alike[2]}>"
    return ""
