"""Find what other things say of a thing, each fact once however it is put. Knows inverses and who says what, no HTML."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.pages.order import SAME
from kouan.pages.reading import Reading
from kouan.pages.terms import PropertyValues, Statement, Value
from kouan.vocabulary import INFERRED_GRAPH, KOUAN, RDF

MOST = 4000
SHOWN = 12
# As many are put in the order of their names.
NAMED = 200
# What disputed claims and links hold of a thing is told elsewhere on its page.
# A place within, and who has a port: the thing's own facts have named it already.
AT_IT = {KOUAN + "locatedIn", KOUAN + "portOf"}
ELSEWHERE = {RDF + "subject", RDF + "object", *SAME}
Told = dict[str, set[str]]
"""Which graphs say it, by the IRI of the thing that it is said of."""


def coming(reading: Reading, iri: str) -> dict[str, Told]:
    """Return what other things say of a thing, by property."""
    # In our graph the words of other vocabularies repeat ours.
    repeated = f"FILTER(?g != <{INFERRED_GRAPH}> || STRSTARTS(STR(?p), '{KOUAN}'))" if reading.is_own else ""
    rows = reading.rows(
        f"SELECT ?p ?o ?g {{ {reading.anywhere(f'?o ?p <{iri}>')} {repeated} FILTER(isIRI(?o) && ?o != <{iri}>) }} LIMIT {MOST}"
    )
    found: dict[str, Told] = {}
    for row in rows:
        graphs = found.setdefault(row["p"]["value"], {}).setdefault(row["o"]["value"], set())
        graphs.update({row["g"]["value"]} if "g" in row else ())
    return found


def without_repeats(
    reading: Reading, iri: str, own: Mapping[str, Mapping[str, Statement]], said: dict[str, Told]
) -> list[PropertyValues]:
    """Return what others say and the thing's own facts do not; who says a fact from the other side is added to that fact."""
    values = {text for statements in own.values() for text in statements}
    left: dict[str, Told] = {}
    for prop, told in said.items():
        mirror = {text: s for other in reading.dataset.inverses.get(prop, ()) for text, s in own.get(other, {}).items()}
        for thing, graphs in told.items():
            if thing in mirror:
                mirror[thing].graphs = sorted({*mirror[thing].graphs, *graphs})
            elif prop not in ELSEWHERE and not (thing in values and (graphs == {INFERRED_GRAPH} or prop in AT_IT)):
                left.setdefault(prop, {})[thing] = graphs
    first = {prop: sorted(told, key=lambda each: (told[each] == {INFERRED_GRAPH}, each)) for prop, told in left.items()}
    names = reading.names({*first, *(each for things in first.values() for each in things[:NAMED])})
    for prop, things in first.items():
        named = sorted(things[:NAMED], key=lambda each: (left[prop][each] == {INFERRED_GRAPH}, names[each].in_order))
        first[prop] = named + things[NAMED:]
    is_cut = sum(len(told) for told in said.values()) >= MOST // 2
    return sorted(
        (
            PropertyValues(
                names[prop],
                [Statement(names[each], sorted(left[prop][each])) for each in things[:SHOWN]],
                _count(reading, iri, prop) if is_cut else len(things),
            )
            for prop, things in first.items()
        ),
        key=lambda each: each.term.name,
    )


def mirrors(reading: Reading, incoming: list[PropertyValues]) -> dict[str, Value]:
    """Return, for properties by which others speak of a thing, the one that says the same from its side, where there is one."""
    inverses = {each.term.text: reading.dataset.inverses.get(each.term.text, frozenset()) for each in incoming}
    found = {prop: next(iter(others)) for prop, others in inverses.items() if len(others) == 1 and prop not in others}
    names = reading.names(found.values())
    return {prop: names[other] for prop, other in found.items()}


def _count(reading: Reading, iri: str, prop: str) -> int:
    return reading.number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {reading.anywhere(f'?s <{prop}> <{iri}>')} }}")
