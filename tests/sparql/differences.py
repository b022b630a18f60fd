"""Where the engine reads what the standard does not allow: rules with names, most of which prove themselves by a repair.

A text that we refuse and the engine reads is explained where mending it by these rules gives a text that we read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kouan.errors import QuerySyntaxError
from kouan.sparql.expressions import CALLS
from kouan.sparql.functions import AGGREGATES
from kouan.sparql.lexer import NAME, scan
from kouan.sparql.parser import parse_query, parse_update
from kouan.sparql.tree import Query, Update

WORDS = sorted(
    CALLS
    | AGGREGATES
    | set(
        re.findall(
            r"\w+",
            "SELECT ASK CONSTRUCT DESCRIBE WHERE DISTINCT REDUCED FROM NAMED PREFIX BASE VERSION GROUP BY HAVING ORDER ASC DESC "
            "LIMIT OFFSET VALUES UNDEF OPTIONAL MINUS LATERAL GRAPH SERVICE SILENT FILTER BIND AS UNION IN SEPARATOR INSERT DELETE "
            "DATA WITH USING LOAD INTO CLEAR CREATE DROP ADD MOVE COPY TO DEFAULT ALL A TRUE FALSE",
        )
    ),
    key=len,
    reverse=True,
)
JOINED = re.compile(rf"(?:{'|'.join(WORDS)})(?=[\w:.\-])", re.IGNORECASE)
SIGNED = re.compile(r"[+-](?:\s|#.*\n)+(?=\.?[0-9])")
LABEL = re.compile(rf"_:(?:[{NAME}]|\.(?=[{NAME}]))+")
# A name up to its second dot.
DOTTED = re.compile(r"[^:]*:(?:\\.|[^.\\])*\.+(?:\\.|[^.\\])*")
MOST_REPAIRS = 40


class Explained(NamedTuple):
    """The rules that explain a text, and its tree as the engine reads it; the tree is None where no repair is known."""

    rules: set[str]
    tree: Query | Update | None


# What no repair is made for: a part of the message, and the rule.
UNREPAIRED = {
    "an aggregate": "aggregates where the standard has none",
    "a reifier or an annotation may not follow": "annotations of an inverse path",
    "expected a variable or an IRI as subject": "literals as subjects in triple terms of expressions",
}


def explained(text: str, *, is_update: bool) -> Explained | None:
    """Return what explains that the engine reads a text that we refuse; None where nothing does."""
    rules: set[str] = set()
    for _ in range(MOST_REPAIRS):
        try:
            return Explained(rules, (parse_update if is_update else parse_query)(text))
        except QuerySyntaxError as error:
            for part, rule in UNREPAIRED.items():
                if part in error.message:
                    return Explained(rules | {rule}, None)
            repaired = _repaired(text, error, is_update=is_update)
            if repaired is None:
                return None
            rule, text = repaired
            rules.add(rule)
    return None


def _repaired(text: str, error: QuerySyntaxError, *, is_update: bool) -> tuple[str, str] | None:
    assert error.line is not None
    assert error.column is not None
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    kinds, starts, ends = scan(text)
    here = next((number for number, start in enumerate(starts) if start >= at), len(starts) - 1)
    if "stands in two basic graph patterns" in error.message:
        return "labels after BIND and VALUES", f"{text[:at]}?other{at}{LABEL.sub('', text[at:], count=1)}"
    if "has dots at more than one place" in error.message:
        dotted = DOTTED.match(text, at)
        assert dotted is not None
        return "dots at one place of a name only", f"{text[: dotted.end()]} {text[dotted.end() :]}"
    if "which is no legal IRI" in error.message and kinds[here] == "pname":
        # It takes the prefix for a name of its own, and what follows for the next one.
        colon = text.index(":", at) + 1
        return "a name that is no legal IRI is two", f"{text[:colon]} {text[colon:]}"
    looked_at = [here - 1] if here else []
    if "a row of VALUES" in error.message:
        looked_at = [number for number in range(here, len(starts)) if ")" not in kinds[here:number]]
    for number in looked_at:
        dotted = DOTTED.match(text, starts[number]) if kinds[number] == "pname" else None
        if dotted is not None and dotted.end() < ends[number]:
            # What follows the second dot begins a pattern for it, or a number: `e:a.b.FILTER(1)`, `(e:a.b.5)`.
            return "dots at one place of a name only", f"{text[: dotted.end()]} {text[dotted.end() :]}"
    if kinds[here] == ";" and "an operation starts" in error.message:
        return "a semicolon without an operation", text[: starts[here]] + " " + text[ends[here] :]
    is_between = is_update and "expected '.' between two triples" in error.message
    if is_between and not text.startswith(".", starts[here]):
        return "no dot between triples of an update", f"{text[:at]} . {text[at:]}"
    for number in (here, here - 1, here + 1):
        if not 0 <= number < len(starts):
            continue
        start = starts[number]
        joined = JOINED.match(text, start)
        if joined and joined.end() < ends[number] and kinds[number] != "var":
            return "no word boundaries", f"{text[: joined.end()]} {text[joined.end() :]}"
        signed = SIGNED.match(text, start)
        if signed:
            return "white space between sign and number", text[: start + 1] + text[signed.end() :]
        if kinds[number] == "number" and text[start] == ".":
            return "a dot that ends a triple before digits", f"{text[: start + 1]} {text[start + 1 :]}"
    return None
