"""How long it takes to parse a query: python benchmarks/parsing.py prints the best of many runs, and where the time goes."""

from __future__ import annotations

import argparse
import timeit
from collections.abc import Callable
from functools import partial

from kouan.sparql.lexer import scan
from kouan.sparql.parser import parse_query
from kouan.sparql.printer import print_tree
from kouan.sparql.telltale import Telltale
from kouan.sparql.tree import walk

SHORT = """PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?port ?name WHERE {
  ?port a kouan:Port ; rdfs:label ?name ; kouan:borders ?country .
  FILTER(LANG(?name) = "en")
  OPTIONAL { ?port kouan:mode ?mode }
} ORDER BY ?name"""
LONG = """PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
SELECT ?city ?name (COUNT(DISTINCT ?port) AS ?ports)
WHERE {
  ?city a kouan:City ; rdfs:label ?name ; kouan:borders/kouan:locatedIn* ?country .
  ?port kouan:inCity ?city ; kouan:mode kouan:Rail , kouan:Road .
  OPTIONAL { ?statistic schema:observationAbout ?port ; kouan:year ?year . FILTER(?year >= 2015) }
  FILTER(LANG(?name) = "en" || LANGMATCHES(LANG(?name), "zh"))
  { ?country a kouan:Country } UNION { ?country a kouan:Region }
  MINUS { ?city kouan:closed true }
}
GROUP BY ?city ?name
HAVING (COUNT(?port) > 1)
ORDER BY DESC(?ports) ?city
LIMIT 50"""


def best(task: Callable[[], object], runs: int, number: int = 100) -> float:
    """Return the least time of one run, in microseconds."""
    return min(timeit.repeat(task, number=number, repeat=runs)) / number * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    print("terminals  lines  absence  cut  parsed  walked  printed   (microseconds, best of all runs)")
    told = Telltale()
    for text in (SHORT, LONG):
        tree = parse_query(text)
        tasks = (partial(told.may_hold, text), partial(scan, text), partial(parse_query, text))
        tasks += (lambda tree=tree: list(walk(tree)), partial(print_tree, tree))
        times = "  ".join(f"{best(task, runs):6.1f}" for task in tasks)
        print(f"{len(scan(text)[0]) - 1:9}  {text.count(chr(10)) + 1:5}  {times}")
    values = "ASK { VALUES ?x {" + " <http://example.org/a>" * 100_000 + " } }"
    print(f"100,000 VALUES: {best(partial(parse_query, values), 3, 1) / 1000:.0f} ms")


if __name__ == "__main__":
    main()
