"""The queries of the benchmark, each in many variants that differ in what they look up. Knows no server."""

from __future__ import annotations

import random
from dataclasses import dataclass

from generate import ID, SEED, SYLLABLES

PREFIXES = f"""PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX id: <{ID}>
"""
JSON = "application/sparql-results+json"
VARIANTS = 200


@dataclass(frozen=True)
class Measured:
    """A kind of query, its variants and the format it is asked in."""

    name: str
    texts: tuple[str, ...]
    accept: str = JSON
    is_download: bool = False


def queries(cities: int) -> list[Measured]:
    """Return the query set for a graph of so many cities."""
    chance = random.Random(SEED + 1)
    city = [f"<{ID}city-{chance.randrange(cities)}>" for _ in range(VARIANTS)]
    province = [f"<{ID}province-{chance.randrange(max(5, cities // 40))}>" for _ in range(VARIANTS)]
    corridor = [f"<{ID}corridor-{chance.randrange(max(3, cities // 100))}>" for _ in range(VARIANTS)]
    word = [chance.choice(SYLLABLES) + chance.choice(SYLLABLES) + str(chance.randrange(10)) for _ in range(VARIANTS)]
    rows = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 100000"

    def each(template: str, values: list[str]) -> tuple[str, ...]:
        return tuple(PREFIXES + template.replace("VALUE", value) for value in values)

    return [
        Measured("lookup", tuple(f"SELECT ?p ?o WHERE {{ {c} ?p ?o }}" for c in city)),
        Measured(
            "label search",
            each('SELECT ?s ?l WHERE { ?s rdfs:label ?l FILTER(CONTAINS(LCASE(?l), "VALUE")) } LIMIT 20', word),
        ),
        Measured(
            "3-hop join",
            each(
                "SELECT ?city ?port ?label WHERE { VALUE kouan:passesThrough ?city . ?city kouan:hasPort ?port . "
                "?port rdfs:label ?label }",
                corridor,
            ),
        ),
        Measured(
            "join, 50 rows",
            each(
                "SELECT ?city ?label ?port WHERE { ?city kouan:locatedIn VALUE ; rdfs:label ?label ; kouan:hasPort ?port }"
                " LIMIT 50",
                province,
            ),
        ),
        Measured("path", each("SELECT ?x WHERE { VALUE kouan:locatedIn+ ?x }", city)),
        Measured(
            "group by",
            each(
                "SELECT ?type (COUNT(?port) AS ?n) WHERE { ?city kouan:locatedIn VALUE ; kouan:hasPort ?port . ?port a ?type }"
                " GROUP BY ?type",
                province,
            ),
        ),
        Measured(
            "optional, union",
            each(
                "SELECT ?city ?zone ?label WHERE { { ?city kouan:locatedIn VALUE } UNION { ?city kouan:liesOn VALUE } "
                "OPTIONAL { ?city kouan:hostsZone ?zone . ?zone rdfs:label ?label } }",
                province,
            ),
        ),
        Measured(
            "order by, limit",
            each(
                "SELECT ?city ?n WHERE { ?city kouan:locatedIn VALUE ; kouan:population ?n } ORDER BY DESC(?n) LIMIT 10",
                province,
            ),
        ),
        Measured(
            "construct",
            each("CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s kouan:locatedIn VALUE ; rdfs:label ?l }", province),
            "application/n-triples",
        ),
        Measured("100,000 rows, JSON", (rows,), JSON, is_download=True),
        Measured("100,000 rows, CSV", (rows,), "text/csv", is_download=True),
        Measured("100,000 rows, XML", (rows,), "application/sparql-results+xml", is_download=True),
    ]


def mix(measured: list[Measured]) -> Measured:
    """Return a mix as real logs have it: few queries make most of the requests."""
    chance = random.Random(SEED + 2)
    small = [text for each in measured if each.accept == JSON and not each.is_download for text in each.texts[:40]]
    weights = [1 / (rank + 1) for rank in range(len(small))]
    chance.shuffle(small)
    return Measured("mix with repeats", tuple(chance.choices(small, weights, k=2000)))
