"""Write a comparison as a table for the terminal, CSV, JSON or the rows of a page. Knows findings; decides nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from kouan.linking.wikidata.comparing import (
    AGREES,
    CONFLICTS,
    KOUAN_LACKS,
    STATUSES,
    UNKNOWN,
    WIKIDATA_LACKS,
    SliceComparison,
    ValueComparison,
)
from kouan.linking.wikidata.references import Reference
from kouan.vocabulary import WD

SAID = {
    AGREES: "{} agree",
    WIKIDATA_LACKS: "Wikidata lacks {}",
    KOUAN_LACKS: "Kouan lacks {}",
    CONFLICTS: "{} conflict",
    UNKNOWN: "{} are not in the slice",
}
# What explains a finding: who says Kouan's value and of when, and where Wikidata's stands.
ADDED = ("sources", "source dates", "Wikidata reference", "Kouan property")
COLUMNS = (
    "thing",
    "label",
    "item",
    "property",
    "property label",
    "status",
    "Kouan",
    "Wikidata",
    "note",
    "passages",
    *ADDED,
)
# What an editor needs to look into a candidate: where it goes in Kouan, and where it stands in Wikidata and since when.
CANDIDATE = (
    "thing",
    "label",
    "Kouan property",
    "property label",
    "value",
    "value in Kouan",
    "Wikidata reference",
    "slice",
)


def candidates(comparison: SliceComparison) -> list[dict[str, str]]:
    """Return a row for each value that Wikidata has and Kouan lacks, thing by thing, under the term of Kouan that would hold it.

    An item that a thing of Kouan is linked with has that thing, too. A value without a term is left out.
    """
    found = []
    for each in comparison.findings:
        if each.status != KOUAN_LACKS or each.theirs is None or not comparison.term_of(each):
            continue
        known = comparison.facts.thing_of(each.theirs.text)
        cells = (
            each.thing.iri,
            each.thing.label,
            comparison.term_of(each),
            each.property.label,
            comparison.shown(each.theirs),
            known.iri if known else "",
            place_of(each),
            comparison.slice.date,
        )
        found.append(dict(zip(CANDIDATE, cells, strict=True)))
    return found


def rows(
    comparison: SliceComparison, statuses: Collection[str] = STATUSES, language: str = "en"
) -> list[dict[str, str]]:
    """Return a row for each finding with one of the statuses, items by their labels in a language."""
    return [_row(comparison, each, language) for each in comparison.findings if each.status in statuses]


def _row(comparison: SliceComparison, finding: ValueComparison, language: str) -> dict[str, str]:
    cells = (
        finding.thing.iri,
        finding.thing.label,
        finding.thing.wikidata,
        finding.property.id,
        finding.property.label,
        finding.status,
        comparison.shown(finding.ours, language),
        comparison.shown(finding.theirs, language),
        finding.note,
        " ".join(finding.passages),
        "; ".join(each.called(language) for each in comparison.references(finding)),
        "; ".join(dated(each) for each in comparison.references(finding)),
        place_of(finding) if finding.theirs else "",
        comparison.term_of(finding),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def dated(reference: Reference) -> str:
    """Return when a source was published, else when it was read, to the day or the year that is known."""
    known = reference.published or reference.read
    return known.shown if known is not None else ""


def place_of(finding: ValueComparison) -> str:
    """Return the address where Wikidata's value stands, which an editor refers to."""
    part = f"#{finding.property.id}" if finding.property.id.startswith("P") else ""
    return f"https://www.wikidata.org/wiki/{finding.thing.wikidata}{part}"


def summary(comparison: SliceComparison) -> dict[str, int]:
    """Return how many findings have each status."""
    return {status: comparison.count(status) for status in STATUSES}


def sentence(comparison: SliceComparison) -> str:
    """Return the sums in one line, with the slice and its date."""
    sums = ", ".join(said.format(comparison.count(status)) for status, said in SAID.items())
    items = sum(thing.wikidata in comparison.slice.items for thing in comparison.facts.linked())
    dated = f"of {comparison.slice.date}" if comparison.slice.date else "of no known date"
    return f"{items} linked items in {comparison.slice.name}, {dated}: of the values, {sums}"


def write_csv(comparison: SliceComparison, statuses: Collection[str], separator: str = ",") -> str:
    """Return the findings as CSV, or with another character between the cells, with a line of names."""
    return _csv(COLUMNS, rows(comparison, statuses), separator)


def write_candidates(comparison: SliceComparison) -> str:
    """Return the candidates as CSV, with a line of names."""
    return _csv(CANDIDATE, candidates(comparison))


def _csv(columns: Sequence[str], found: Iterable[dict[str, str]], separator: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def write_json(comparison: SliceComparison, statuses: Collection[str]) -> str:
    """Return the sums and the findings as a JSON document."""
    return json.dumps(document(comparison, statuses), ensure_ascii=False, indent=1) + "\n"


def document(comparison: SliceComparison, statuses: Collection[str]) -> dict[str, Any]:
    """Return the sums and the findings as JSON values; values stand as Wikidata holds them."""
    return {
        "slice": {"name": comparison.slice.name, "date": comparison.slice.date},
        "summary": summary(comparison),
        "findings": [
            {
                "thing": each.thing.iri,
                "label": each.thing.label,
                "item": WD + each.thing.wikidata,
                "property": each.property.id,
                "propertyLabel": each.property.label,
                "status": each.status,
                "kouan": each.ours.shown if each.ours else None,
                "wikidata": each.theirs.shown if each.theirs else None,
                "note": each.note,
                "passages": list(each.passages),
                "sources": [
                    {"title": source.called(), "url": source.address, "date": dated(source)}
                    for source in comparison.references(each)
                ],
                "reference": place_of(each) if each.theirs else None,
            }
            for each in comparison.findings
            if each.status in statuses
        ],
    }


def default_statuses() -> tuple[str, ...]:
    """Return the statuses that a reader wants to see first: all but what the slice says nothing of."""
    return tuple(status for status in STATUSES if status != UNKNOWN)
