"""Find how the concepts of a scheme of SKOS lie under one another (SKOS Reference, sections 4 and 8). Knows queries, no HTML."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kouan.pages.reading import Reading
from kouan.pages.terms import Value
from kouan.vocabulary import SKOS

SCHEME = SKOS + "ConceptScheme"
MEMBERSHIP = (SKOS + "inScheme", SKOS + "topConceptOf")
# A larger scheme is narrowed down in /explore.
MOST = 1000
DEEPEST = 30


@dataclass(frozen=True)
class Branch:
    """A concept, and those that are narrower."""

    value: Value
    narrower: tuple[Branch, ...] = ()


def of_scheme(reading: Reading, iri: str) -> tuple[Branch, ...]:
    """Return the concepts of a scheme under one another, each opened once; none where they are too many, or all of one height."""
    within = reading.anywhere(f"?concept <{SKOS}inScheme>|<{SKOS}topConceptOf>|^<{SKOS}hasTopConcept> <{iri}>")
    members = [
        row["concept"]["value"]
        for row in reading.rows(f"SELECT DISTINCT ?concept {{ {within} FILTER(isIRI(?concept)) }} LIMIT {MOST + 1}")
    ]
    if len(members) > MOST:
        return ()
    values = " ".join(f"<{each}>" for each in members)
    under = reading.anywhere(f"?concept <{SKOS}broader>|^<{SKOS}narrower> ?broader")
    below: dict[str, list[str]] = defaultdict(list)
    for row in reading.rows(f"SELECT DISTINCT ?concept ?broader {{ VALUES ?concept {{ {values} }} {under} }}"):
        below[row["broader"]["value"]].append(row["concept"]["value"])
    names = reading.names(members)
    inner = {each for broader, narrower in below.items() if broader in names for each in narrower}
    if not inner:
        return ()

    opened: set[str] = set()

    def made(concepts: list[str], depth: int) -> tuple[Branch, ...]:
        found = []
        for each in sorted(concepts, key=lambda each: names[each].in_order):
            is_new = each not in opened and depth < DEEPEST
            opened.add(each)
            found.append(Branch(names[each], made(below[each], depth + 1) if is_new else ()))
        return tuple(found)

    return made([each for each in members if each not in inner], 0)
