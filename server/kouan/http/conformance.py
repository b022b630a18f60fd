"""Serve what the W3C's suites found of this server, as a page and as EARL. Knows the report; runs no test."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from kouan.errors import NotAcceptable
from kouan.formats.negotiation import best_of
from kouan.formats.table import GRAPH_FORMATS
from kouan.formats.writing import write_graph
from kouan.vocabulary import DCT, PREFIXES

REPORT = Path(__file__).parent.parent / "conformance.ttl"
EARL = "http://www.w3.org/ns/earl#"
EVERY = f"""PREFIX earl: <{EARL}> SELECT ?test ?outcome ?why {{
  ?assertion earl:test ?test ; earl:result ?result . ?result earl:outcome ?outcome .
  OPTIONAL {{ ?result <{DCT}description> ?why }}
}} ORDER BY ?test"""
OFFERS = tuple(each.media_type for each in GRAPH_FORMATS)


@dataclass(frozen=True)
class Finding:
    """A test of a suite, its outcome and, where it failed, why."""

    test: str
    outcome: str
    why: str

    @property
    def suite(self) -> str:
        """Return the address of the folder of tests."""
        return self.test.partition("#")[0].rpartition("/")[0]


@cache
def findings() -> tuple[Finding, ...]:
    """Return every test of the report, by its name."""
    store = Store()
    store.extend(parse(path=REPORT, format=RdfFormat.TURTLE))
    rows = store.query(EVERY)
    assert isinstance(rows, QuerySolutions)
    return tuple(
        Finding(row["test"].value, row["outcome"].value.removeprefix(EARL), row["why"].value if row["why"] else "")
        for row in rows
    )


def create_conformance() -> Blueprint:
    """Return the address /conformance."""
    routes = Blueprint("conformance", __name__)

    @routes.get("/conformance")
    def conformance() -> Response:
        chosen = best_of(request.headers.get("Accept", ""), ("text/html", *OFFERS))
        if chosen is None:
            raise NotAcceptable(f"The report can be had as {', '.join(OFFERS)}.", available=list(OFFERS))
        if chosen == "text/html" and request.headers.get("Accept", "*/*") != "*/*":
            return Response(_page(), content_type="text/html; charset=utf-8")
        media_type = "text/turtle" if chosen == "text/html" else chosen
        triples = [quad.triple for quad in parse(path=REPORT, format=RdfFormat.TURTLE)]
        body = write_graph(triples, media_type, PREFIXES | {"earl": EARL}, None)
        return Response(body, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})

    return routes


def _page() -> str:
    suites: dict[str, Counter[str]] = {}
    for finding in findings():
        suites.setdefault(finding.suite, Counter())[finding.outcome] += 1
    failed = [finding for finding in findings() if finding.outcome == "failed"]
    return render_template("conformance.html", suites=suites, failed=failed, count=len(findings()))
