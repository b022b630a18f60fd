"""Tell what VoID and DCAT say of the dataset, which stands in no graph, as a page for people. Knows triples, no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from kouan.graph.naming import NAMED_BY, in_language
from kouan.http.languages import language
from kouan.pages.asking import Row
from kouan.pages.reading import Reading
from kouan.pages.terms import PropertyValues, Statement, Value
from kouan.vocabulary import SH, VOID

DEEP = 4
# The properties of a class, say; the RDF has them all.
MOST_WITHIN = 10


def facts_in(reading: Reading, triples: Iterable[Triple]) -> list[tuple[Value, list[PropertyValues]]]:
    """Return what triples state by subject, nodes without names within what names them."""
    rows: list[Row] = [dict(zip("spo", map(_binding, triple), strict=True)) for triple in triples]
    by_dataset, called = reading.named(rows), _called(rows)
    # Links are told by what they say, not by the end of their name.
    linked = {row["s"]["value"]: row["o"] for row in rows if row["p"]["value"] == VOID + "linkPredicate"}
    targets = {row["s"]["value"]: row["o"]["value"] for row in rows if row["p"]["value"] == VOID + "objectsTarget"}
    by_subject: dict[str, list[Row]] = {}
    for row in rows:
        by_subject.setdefault(row["s"]["value"], []).append({"p": row["p"], "o": row["o"]})

    def named(term: Mapping[str, Any]) -> Value:
        value = by_dataset(term)
        if value.text in linked:
            keeper, _ = in_language(called.get(targets.get(value.text, ""), {"": ""}), language())
            return replace(value, names={language(): f"{by_dataset(linked[value.text]).name} → {keeper}"})
        return value if value.names else replace(value, names=called.get(value.text, {}))

    def opened(each: PropertyValues, depth: int) -> PropertyValues:
        return replace(each, statements=[Statement(within(s.value, depth)) for s in each.statements])

    def within(value: Value, depth: int) -> Value:
        if value.kind != "bnode" or depth == DEEP or value.text not in by_subject:
            return value
        parts = [
            replace(part, statements=part.statements[:MOST_WITHIN], count=len(part.statements))
            for part in reading.properties(by_subject[value.text], named)
        ]
        return replace(value, parts=tuple(opened(part, depth + 1) for part in parts))

    return [
        (named({"type": "uri", "value": subject}), [opened(p, 0) for p in reading.properties(found, named)])
        for subject, found in by_subject.items()
        if not subject.startswith("_:")
    ]


def _called(rows: list[Row]) -> dict[str, dict[str, str]]:
    """Return what the description itself calls the things in it, by language."""
    names: dict[str, dict[str, str]] = {}
    # A vocabulary is known by its prefix.
    prefixes = {row["s"]["value"]: row["o"]["value"] for row in rows if row["p"]["value"] == SH + "prefix"}
    for row in rows:
        if row["p"]["value"] == SH + "namespace" and row["s"]["value"] in prefixes:
            names[row["o"]["value"]] = {"": prefixes[row["s"]["value"]]}
    naming = (row for row in rows if row["p"]["value"] in NAMED_BY and row["s"]["type"] == "uri")
    for row in sorted(naming, key=lambda row: NAMED_BY.index(row["p"]["value"])):
        names.setdefault(row["s"]["value"], {}).setdefault(row["o"].get("xml:lang", ""), row["o"]["value"])
    return names


def _binding(term: object) -> dict[str, str]:
    """Return a term as SPARQL results have it in JSON (SPARQL 1.1 Query Results JSON Format, section 3.2.2)."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, Literal):
        tagged = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value} | tagged
    return {"type": "bnode", "value": str(term)}
