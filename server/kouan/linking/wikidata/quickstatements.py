"""Write proposals as commands of QuickStatements, tab-separated (V1 and V2) or as CSV. Knows its grammar; chooses nothing.

See https://www.wikidata.org/wiki/Help:QuickStatements. A statement stands once for each of its references: the tool
adds a reference to the statement that is there.
"""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from kouan.linking.wikidata.proposals import Proposal, Proposals
from kouan.linking.wikidata.references import Reference
from kouan.linking.wikidata.values import ITEM, POINT, TEXT, TIME, WikidataValue

URL, STATED_IN, TITLE, PUBLISHED, RETRIEVED = "S854", "S248", "S1476", "S577", "S813"
# In a table a capital S begins a reference, and a small one goes on with it: the address begins, or else the title.
REFERENCE_COLUMNS = (URL, TITLE, *(part.lower() for part in (STATED_IN, TITLE, PUBLISHED, RETRIEVED)))
# The tool reads a bar as a tab, a curled quotation mark as a straight one, and has no way to write one in a text.
UNWRITABLE = ('"', "“", "”", "|", "\t", "\n", "\r")

LEFT_IN_ADDRESSES = "%/:=&?~#+!$,;@()*[]'"


def write_commands(proposals: Proposals) -> str:
    """Return the commands, one a line."""
    lines = [line for proposal in proposals.known for line in _lines(proposal.subject, proposal)]
    for made in proposals.new:
        lines.append("CREATE")
        lines += [line for proposal in made for line in _lines("LAST", proposal)]
    return "".join(line + "\n" for line in lines)


def write_table(proposals: Proposals) -> str:
    """Return the commands as CSV: a row for each statement and reference, an empty `qid` for a new item's first row."""
    columns = ["qid"]
    properties = {proposal.property for made in (proposals.known, *proposals.new) for proposal in made}
    places: dict[str, int] = {}
    for property in sorted(properties, key=_column_order):
        places[property] = len(columns)
        columns.append(property)
        columns += REFERENCE_COLUMNS if property.startswith("P") else ()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for proposal in proposals.known:
        writer.writerows(_rows(proposal.subject, proposal, places, len(columns)))
    for made in proposals.new:
        rows = [row for proposal in made for row in _rows("LAST", proposal, places, len(columns))]
        for number, row in enumerate(rows):
            writer.writerow(row if number else ["", *row[1:]])
    return text.getvalue()


def _lines(subject: str, proposal: Proposal) -> list[str]:
    value = _written(proposal.value)
    if value is None:
        return []
    start = [subject, proposal.property, value]
    if not proposal.references:
        return ["\t".join(start)]
    referred = [parts for each in proposal.references if (parts := _parts(each))]
    return ["\t".join([*start, *(cell for part in parts for cell in part)]) for parts in referred]


def _rows(subject: str, proposal: Proposal, places: dict[str, int], width: int) -> list[list[str]]:
    value = _written(proposal.value)
    if value is None:
        return []
    # Labels and aliases stand bare in a table; strings keep their quotation marks.
    shown = proposal.value.text if proposal.value.kind == TEXT else value
    rows = []
    for parts in [_parts(each) for each in proposal.references] if proposal.references else [[]]:
        if proposal.references and not parts:
            continue
        row = [subject, *[""] * (width - 1)]
        place = places[proposal.property]
        row[place] = shown
        for number, (part, cell) in enumerate(parts):
            row[place + 1 + REFERENCE_COLUMNS.index(part.lower() if number else part)] = cell
        rows.append(row)
    return rows


def _parts(reference: Reference) -> list[tuple[str, str]]:
    """Return the parts of a reference; a title that cannot be written is left out where an address says enough."""
    parts = [(URL, f'"{quote(reference.url, safe=LEFT_IN_ADDRESSES)}"')] if reference.url else []
    if reference.title and _is_writable(reference.title):
        parts.append((TITLE, f'{reference.language}:"{reference.title}"'))
    if reference.item:
        parts.append((STATED_IN, reference.item))
    for part, value in ((PUBLISHED, reference.published), (RETRIEVED, reference.read)):
        if value is not None:
            parts.append((part, _time(value)))
    return parts


def _written(value: WikidataValue) -> str | None:
    """Return a value as a command writes it, or None where the grammar has no way to."""
    if value.kind == ITEM:
        return value.text
    if value.kind == POINT:
        longitude, latitude = value.text.split()
        return f"@{latitude}/{longitude}"
    if value.kind == TIME:
        return _time(value)
    return f'"{value.text}"' if _is_writable(value.text) else None


def _time(value: WikidataValue) -> str:
    return f"+{value.text}T00:00:00Z/{value.precision}"


def _is_writable(text: str) -> bool:
    return not any(mark in text for mark in UNWRITABLE)


def _column_order(property: str) -> tuple[int, int, str]:
    return "LAP".index(property[0]), int(property[1:]) if property[0] == "P" else 0, property
