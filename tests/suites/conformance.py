"""Write what the suites found as an EARL report into the package, where /conformance serves it (`make conformance`).

The tests of the suites write one JSON file each into a folder; this reads them and knows no test itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.graph.turtle import write_turtle
from kouan.release import VERSION

EARL, DCT, DOAP = "http://www.w3.org/ns/earl#", "http://purl.org/dc/terms/", "http://usefulinc.com/ns/doap#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = {"earl": EARL, "dct": DCT, "doap": DOAP}
SUBJECT = NamedNode("https://w3id.org/kouan/software")
SUITES = "https://w3c.github.io/rdf-tests/sparql/"
SHACL = "https://w3c.github.io/data-shapes/data-shapes-test-suite/tests/core/"
FOLDERS = {
    "protocol": "sparql11/protocol/manifest",
    "gsp-direct": "sparql11/graph-store-protocol/manifest-direct",
    "gsp-indirect": "sparql11/graph-store-protocol/manifest-indirect",
    "service-description": "sparql11/service-description/manifest",
}
OUTCOMES = {"pass": "passed", "lenient": "passed", "full": "passed", "fail": "failed", "partial": "failed"}
REPORT = Path(__file__).parents[2] / "server" / "kouan" / "conformance.ttl"


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    """Return each test's outcome and, where it failed, the reason, by the test's IRI."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if row["verdict"] in OUTCOMES:
                found[_iri(path.stem, row)] = (OUTCOMES[row["verdict"]], row["why"] or "")
    return dict(sorted(found.items()))


def _iri(suite: str, row: dict[str, str]) -> str:
    if "iri" in row:
        return row["iri"]
    if suite == "shacl":
        return SHACL + row["id"]
    group, _, name = row["id"].partition("#")
    return f"{SUITES}{FOLDERS[group]}#{name}"


def report(found: dict[str, tuple[str, str]]) -> str:
    """Return the report as Turtle."""
    return write_turtle(
        _triples(found), PREFIXES, "What the W3C's suites found, asked over HTTP (EARL 1.0); made by make conformance."
    )


def _triples(found: dict[str, tuple[str, str]]) -> Iterator[Triple]:
    def said(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    yield said(SUBJECT, RDF + "type", NamedNode(DOAP + "Project"))
    yield said(SUBJECT, DOAP + "name", Literal("Kouan"))
    yield said(SUBJECT, DOAP + "revision", Literal(VERSION))
    for number, (test, (outcome, why)) in enumerate(found.items()):
        assertion, result = BlankNode(f"a{number}"), BlankNode(f"r{number}")
        yield said(assertion, RDF + "type", NamedNode(EARL + "Assertion"))
        yield said(assertion, EARL + "subject", SUBJECT)
        yield said(assertion, EARL + "test", NamedNode(test))
        yield said(assertion, EARL + "mode", NamedNode(EARL + "automatic"))
        yield said(assertion, EARL + "result", result)
        yield said(result, RDF + "type", NamedNode(EARL + "TestResult"))
        yield said(result, EARL + "outcome", NamedNode(EARL + outcome))
        if outcome == "failed":
            yield said(result, DCT + "description", Literal(why))


if __name__ == "__main__":
    REPORT.write_text(report(outcomes(Path(sys.argv[1]))), encoding="utf-8")
