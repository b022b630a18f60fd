"""Look at a query before it is evaluated: its form, its limits, what it may not do. Knows terminals, never evaluates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.errors import Forbidden, QueryError, TooLarge
from kouan.sparql.scanning.lexer import LONG_STRING, STRING, Token, decode_codepoints, place, tokens

FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
# An answer with these is not a function of the dataset, so it may not be kept.
VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}

# What can hold any word and any bracket without meaning it. A name may hold an escaped quotation mark. That each
# alternative starts with a character of its own lets the engine of regular expressions skip to the next one.
OPAQUE = re.compile(rf"""(\\.|{LONG_STRING}|{STRING}|<[^<>"{{}}|^`\\\x00-\x20]*>|\#[^\r\n]*)""", re.DOTALL)
SUSPECT = re.compile(rf"(?i)\b(?:{'|'.join(sorted(VOLATILE | {'SERVICE'}))})\b")
FORM = re.compile(rf"(?i)(?<![\w:?$@.\-\u00B7])(?:{'|'.join(sorted(FORMS | UPDATES))})(?![\w:.\-\u00B7])")


# Queries that differ in nothing but what they look up have one skeleton, and are judged once.
REMEMBERED = 20_000
LONGEST_REMEMBERED = 4_000
_judged: dict[tuple[str, int], tuple[str, bool]] = {}


@dataclass(slots=True)
class Inspection:
    """What the guard found out about a query.

    `skeleton` is its text without strings and comments, its IRIs marked by <; `iris` are these as they are written, in order.
    """

    form: str
    is_volatile: bool
    services: tuple[Token, ...]
    skeleton: str
    iris: list[str]


def inspect(text: str, *, length: int, nesting: int) -> Inspection:
    """Return what kind of query the text is.

    Raises TooLarge past `length` characters, QueryError past `nesting` levels of brackets or where the text is
    no query, both with line and column.
    """
    if len(text) > length:
        raise TooLarge(
            f"The query has {len(text):,} characters and may have {length:,}; send a shorter one, or ask the operator to "
            "raise KOUAN_QUERY_LENGTH.",
            limit="query_length",
        )
    parts = OPAQUE.split(text)
    opaque = parts[1::2]
    parts[1::2] = ["<" if part[0] == "<" else "" for part in opaque]
    skeleton = " ".join(parts)
    iris = [part for part in opaque if part[0] == "<"]
    judged = _judged.get((skeleton, nesting))
    if judged is not None:
        return Inspection(*judged, (), skeleton, iris)
    found = _inspect(text, skeleton, iris, nesting)
    # What an escape means, and where a SERVICE stands, is not in the skeleton.
    if "\\" not in text and not found.services and len(skeleton) < LONGEST_REMEMBERED:
        if len(_judged) > REMEMBERED:
            _judged.clear()
        _judged[skeleton, nesting] = (found.form, found.is_volatile)
    return found


def _inspect(text: str, skeleton: str, iris: list[str], nesting: int) -> Inspection:
    opened = skeleton.count("(") + skeleton.count("{") + skeleton.count("[") + skeleton.count("<<")
    found = FORM.search(skeleton)
    form = found.group().upper() if found else ""
    if (
        "\\" in text
        or opened > nesting
        or form not in FORMS
        or form == "CONSTRUCT"
        or SUSPECT.search(skeleton) is not None
    ):
        return _inspect_closely(text, skeleton, iris, nesting)
    return Inspection(form, False, (), skeleton, iris)


def _inspect_closely(text: str, skeleton: str, iris: list[str], nesting: int) -> Inspection:
    """Return what the terminals say, one by one."""
    decoded = decode_codepoints(text)
    found = list(tokens(decoded))
    # An engine may decode \u escapes before it parses or not; what either reading holds is refused.
    readings = [(decoded, found)] if decoded == text else [(decoded, found), (text, list(tokens(text)))]
    for reading, terminals in readings:
        _refuse_deep(reading, terminals, nesting)
    words = {token.keyword for _, terminals in readings for token in terminals}
    form = _form(decoded, found)
    return Inspection(
        form=form,
        is_volatile=bool(words & VOLATILE) or (form == "CONSTRUCT" and _makes_blank_nodes(found)),
        services=tuple(token for _, terminals in readings for token in terminals if token.keyword == "SERVICE"),
        skeleton=skeleton,
        iris=iris,
    )


def _refuse_deep(text: str, found: list[Token], nesting: int) -> None:
    depth = 0
    for token in found:
        if token.kind == "open":
            depth += 1
            if depth > nesting:
                line, column = place(text, token.start)
                raise QueryError(
                    f"Brackets are nested more than {nesting} deep here; write the query flatter, or ask the operator to "
                    "raise KOUAN_QUERY_NESTING.",
                    line,
                    column,
                    limit="query_nesting",
                )
        elif token.kind == "close":
            depth -= 1


def _form(text: str, found: list[Token]) -> str:
    """Return the form; the first of its words that stands outside the prologue decides."""
    for token in found:
        if token.keyword in FORMS:
            return token.keyword
        if token.keyword in UPDATES:
            line, column = place(text, token.start)
            raise QueryError(
                f"{token.keyword} starts an update, and this address takes queries; send updates to /update.",
                line,
                column,
            )
    line, column = place(text, len(text))
    raise QueryError("This is no SPARQL query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE.", line, column)


def _makes_blank_nodes(found: list[Token]) -> bool:
    """Return whether the template of a CONSTRUCT has blank nodes, whose labels differ each time."""
    start = next((i for i, token in enumerate(found) if token.keyword == "CONSTRUCT"), 0)
    depth = 0
    for token in found[start + 1 :]:
        if token.keyword in {"WHERE", "FROM"}:
            # CONSTRUCT WHERE: the pattern is the template, and its blank nodes are variables that stand for nothing new.
            return False
        if token.kind == "open":
            depth += 1
            if token.text in {"[", "("}:
                return True
        elif token.kind == "close":
            depth -= 1
            if depth == 0:
                return False
        elif token.kind == "blank":
            return True
    return True


def inspect_update(text: str, *, length: int, nesting: int) -> None:
    """Look at an update before it is evaluated (SPARQL 1.1 Update).

    Raises TooLarge past `length` characters, QueryError past `nesting` levels of brackets, Forbidden where it would
    read another address: the engine reaches any that it is told, and follows where that leads.
    """
    if len(text) > length:
        raise TooLarge(
            f"The update has {len(text):,} characters and may have {length:,}; send it as RDF to /data, or ask the operator "
            "to raise KOUAN_BODY_LIMIT.",
            limit="body_limit",
        )
    decoded = decode_codepoints(text)
    for reading in (decoded, text) if decoded != text else (text,):
        found = list(tokens(reading))
        _refuse_deep(reading, found, nesting)
        for token in found:
            if token.keyword in {"SERVICE", "LOAD"}:
                line, column = place(reading, token.start)
                raise Forbidden(
                    f"{token.keyword} is switched off on this server: it reads no other address for an update. Fetch the "
                    "data yourself and send it to /data.",
                    line=line,
                    column=column,
                )
