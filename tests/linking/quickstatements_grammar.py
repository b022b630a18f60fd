"""Read commands of QuickStatements strictly, as its help page describes them; written apart from what writes them.

https://www.wikidata.org/wiki/Help:QuickStatements
"""

from __future__ import annotations

import csv
import io
import re

ITEM = r"Q[1-9]\d*"
PROPERTY = r"P[1-9]\d*"
STRING = r'"[^"“”|\t\n]+"'
TEXT = rf"[a-z]{{2,3}}(?:-[a-z]+)*:{STRING}"
DAY = r"\+\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T00:00:00Z/11"
MONTH = r"\+\d{4}-(?:0[1-9]|1[0-2])-01T00:00:00Z/10"
YEAR = r"\+\d{4}-01-01T00:00:00Z/9"
TIME = rf"(?:{DAY}|{MONTH}|{YEAR})"
POINT = r"@-?\d{1,2}(?:\.\d+)?/-?\d{1,3}(?:\.\d+)?"
VALUE = rf"(?:{ITEM}|LAST|{STRING}|{TEXT}|{TIME}|{POINT})"
SOURCES = {
    "S854": r'"https?://[^\s"|<>]+"',
    "S248": ITEM,
    "S1476": TEXT,
    "S577": TIME,
    "S813": TIME,
}
KINDS = {
    "P17": ITEM, "P31": ITEM, "P47": ITEM, "P123": ITEM, "P131": ITEM, "P190": ITEM, "P463": ITEM, "P527": ITEM,
    "P297": r'"[A-Z]{2}"', "P298": r'"[A-Z]{3}"', "P300": r'"[A-Z]{2}-[A-Z0-9]+"', "P1937": r'"[A-Z]{2}[A-Z2-9]{3}"', "P442": r'"\d{6}"',
    "P571": TIME, "P1619": TIME, "P625": POINT, "P1566": r'"\d+"',
}  # fmt: skip


class NotACommand(AssertionError):
    """A line that the tool would not take."""


def read_commands(text):
    """Return the commands as (item, property, value, sources); raises NotACommand at the first line that is none."""
    found = []
    created = False
    assert text == "" or text.endswith("\n")
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.split("\t")
        if cells == ["CREATE"]:
            created = True
            continue
        try:
            subject, what, value, *rest = cells
        except ValueError:
            raise NotACommand(f"line {number} has too few cells: {line!r}") from None
        check(re.fullmatch(ITEM, subject) or (subject == "LAST" and created), number, "subject", subject)
        if re.fullmatch(r"[LA][a-z]{2,3}(?:-[a-z]+)*", what):
            check(re.fullmatch(STRING, value), number, "name", value)
            check(not rest, number, "end", rest)
        else:
            check(re.fullmatch(PROPERTY, what), number, "property", what)
            check(what in KINDS and re.fullmatch(KINDS[what], value), number, f"value of {what}", value)
            check(re.fullmatch(VALUE, value), number, "value", value)
            check(rest and len(rest) % 2 == 0, number, "sources", rest)
            for source, said in zip(rest[::2], rest[1::2], strict=True):
                check(source in SOURCES and re.fullmatch(SOURCES[source], said), number, source, said)
        found.append((subject, what, value, dict(zip(rest[::2], rest[1::2], strict=True))))
    return found


def read_table(text):
    """Return the commands of a table in the same form, each reference of a row begun by a capital S."""
    rows = list(csv.reader(io.StringIO(text)))
    head = rows[0]
    assert head[0] == "qid"
    lines = []
    for row in rows[1:]:
        assert len(row) == len(head)
        subject = row[0] or "LAST"
        lines += ["CREATE"] if not row[0] else []
        cells = [subject]
        for column, cell in zip(head[1:], row[1:], strict=True):
            if cell:
                assert column[0] != "s" or cells[-2].startswith("S"), "a small s goes on with a reference"
                name = column.upper() if column[0] == "s" else column
                cells += [name, f'"{cell}"' if column[0] in "LA" else cell]
        lines.append("\t".join(cells))
    return read_commands("".join(line + "\n" for line in lines))


def check(holds, number, what, value):
    if not holds:
        raise NotACommand(f"line {number}: {value!r} is no {what}")
