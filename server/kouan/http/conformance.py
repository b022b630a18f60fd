"""Serve what the W3C's suites found of this server, as a page and as EARL (EARL 1.0 Schema). Knows the findings; runs no test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.errors import NotAcceptable
from kouan.formats.negotiation import HTML, best_format
from kouan.formats.table import GRAPH_FORMATS, GRAPHS_BY_MEDIA_TYPE
from kouan.formats.writing import write_graph
from kouan.release import VERSION
from kouan.vocabulary import DCT, PREFIXES, RDF

TABLE = Path(__file__).parent / "conformance.tsv"
HEAD = (
    "# What the W3C's suites found, asked over HTTP; made by make conformance. A line names a folder of tests, those below it\n"
    "# its tests, each passed unless a tab and a reason follow.\n"
)
EARL = "http://www.w3.org/ns/earl#"
DOAP = "http://usefulinc.com/ns/doap#"
SUBJECT = NamedNode("https://w3id.org/kouan/software")
OFFERS = tuple(each.media_type for each in GRAPH_FORMATS)


@dataclass(frozen=True)
class TestOutcome:
    """A test of a suite, and why it failed; "" where it passed."""

    test: str
    why: str

    @property
    def outcome(self) -> str:
        """Return the word that EARL has for it."""
        return "failed" if self.why else "passed"

    @property
    def suite(self) -> str:
        """Return the address of the folder of tests."""
        return self.test.partition("#")[0].rpartition("/")[0]


@cache
def findings() -> tuple[TestOutcome, ...]:
    """Return every test of the table, in its order."""
    found, folder = [], ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            name, _, why = line[2:].partition("\t")
            found.append(TestOutcome(folder + name, why))
        elif not line.startswith("#"):
            folder = line
    return tuple(found)


def table(found: Iterable[TestOutcome]) -> str:
    """Return findings as the table that `findings` reads."""
    lines, last = [HEAD], ""
    for finding in sorted(found, key=lambda each: each.test):
        cut = finding.test.rfind("#" if "#" in finding.test else "/") + 1
        if finding.test[:cut] != last:
            last = finding.test[:cut]
            lines.append(f"{last}\n")
        lines.append(f"  {finding.test[cut:]}" + (f"\t{' '.join(finding.why.split())}" if finding.why else "") + "\n")
    return "".join(lines)


def report(found: Iterable[TestOutcome]) -> Iterator[Triple]:
    """Yield findings as EARL."""
    yield _said(SUBJECT, RDF + "type", NamedNode(DOAP + "Project"))
    yield _said(SUBJECT, DOAP + "name", Literal("Kouan"))
    yield _said(SUBJECT, DOAP + "revision", Literal(VERSION))
    for number, finding in enumerate(found):
        assertion, result = BlankNode(f"a{number}"), BlankNode(f"r{number}")
        yield _said(assertion, RDF + "type", NamedNode(EARL + "Assertion"))
        yield _said(assertion, EARL + "subject", SUBJECT)
        yield _said(assertion, EARL + "test", NamedNode(finding.test))
        yield _said(assertion, EARL + "mode", NamedNode(EARL + "automatic"))
        yield _said(assertion, EARL + "result", result)
        yield _said(result, RDF + "type", NamedNode(EARL + "TestResult"))
        yield _said(result, EARL + "outcome", NamedNode(EARL + finding.outcome))
        if finding.why:
            yield _said(result, DCT + "description", Literal(finding.why))


def _said(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def create_conformance() -> Blueprint:
    """Return the address /conformance."""
    routes = Blueprint("conformance", __name__)

    @routes.get("/conformance")
    def conformance() -> Response:
        chosen = best_format(request.headers.get("Accept", ""), (GRAPHS_BY_MEDIA_TYPE[HTML], *GRAPH_FORMATS))
        if chosen is None:
            raise NotAcceptable(f"The report can be had as {', '.join(OFFERS)}.", available=list(OFFERS))
        if chosen.media_type == HTML and request.headers.get("Accept", "*/*") != "*/*":
            return Response(_page(), content_type="text/html; charset=utf-8")
        media_type = "text/turtle" if chosen.media_type == HTML else chosen.media_type
        body = write_graph(report(findings()), media_type, PREFIXES | {"earl": EARL, "doap": DOAP}, None)
        return Response(body, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})

    return routes


def _page() -> str:
    suites: dict[str, Counter[str]] = {}
    for finding in findings():
        suites.setdefault(finding.suite, Counter())[finding.outcome] += 1
    failed = [finding for finding in findings() if finding.outcome == "failed"]
    return render_template("conformance.html", suites=suites, failed=failed, count=len(findings()))
