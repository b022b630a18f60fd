"""Tell finders which pages there are and since when they are as they are (sitemaps.org). Knows addresses, asks for names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from xml.sax.saxutils import escape

from kouan.http.addresses import page_of
from kouan.snapshot import Snapshot
from kouan.snapshot.about import Answer
from kouan.vocabulary import BASE, ID, QUESTIONS_GRAPH, SHAPES_GRAPH

# A file may name 50,000 pages; of more things than these the rest is found by links.
PAGES_IN_FILE = 10_000
MOST_FILES = 50
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PLACES = (
    "",
    "explore",
    "classes",
    "map",
    "timeline",
    "sparql",
    "data",
    "help",
    "accessibility",
    "about/maps",
    "conformance",
)
OWN_PLACES = ("questions", "sources", "ontology", "shapes", "alignments", "wikidata")
THINGS = "SELECT DISTINCT ?s { ?s ?p ?o FILTER(isIRI(?s)) }"
OWN_THINGS = (
    f"SELECT DISTINCT ?s {{ {{ ?s ?p ?o }} UNION {{ GRAPH <{SHAPES_GRAPH}> {{ ?s a ?c }} }} "
    f'FILTER(STRSTARTS(STR(?s), "{BASE}")) }}'
)


def sitemap(answer: Answer, snapshot: Snapshot, root: str, number: int | None = None) -> bytes | None:
    """Return the sitemap of the server at `root`, an index where there are many pages, or a part; None for one that is not there."""
    things = OWN_THINGS if snapshot.is_own else THINGS
    most = PAGES_IN_FILE * MOST_FILES
    count = int(_column(answer, f"SELECT (COUNT(*) AS ?n) {{ {{ {things} LIMIT {most} }} }}", "n")[0])
    files = max(1, -(-count // PAGES_IN_FILE))
    if number is None and files > 1:
        parts = "".join(_entry("sitemap", f"{root}/sitemap-{n}.xml", snapshot) for n in range(1, files + 1))
        return _document("sitemapindex", parts)
    place = number or 1
    if not 1 <= place <= files:
        return None
    query = f"{things} ORDER BY ?s LIMIT {PAGES_IN_FILE} OFFSET {(place - 1) * PAGES_IN_FILE}"
    pages = [_page(iri, snapshot) for iri in _column(answer, query, "s")]
    fixed = [f"/{each}" for each in (*PLACES, *(OWN_PLACES if snapshot.is_own else ()))] if place == 1 else []
    found: Iterable[str] = dict.fromkeys([*fixed, *(page for page in pages if page)])
    return _document("urlset", "".join(_entry("url", root + page, snapshot) for page in found))


def _page(iri: str, snapshot: Snapshot) -> str:
    """Return the address of the page of a thing, "" where it stands on that of another."""
    if snapshot.is_own and iri.startswith(QUESTIONS_GRAPH + "#"):
        return "/questions/" + iri.removeprefix(QUESTIONS_GRAPH + "#")
    address = page_of(iri, is_own=snapshot.is_own)
    if "#" in address:
        return ""
    own = snapshot.is_own and iri.startswith((ID, BASE + "source/"))
    return "/page/" + address.removeprefix("/id/").removeprefix("/") if own else address


def _entry(kind: str, address: str, snapshot: Snapshot) -> str:
    since = f"<lastmod>{snapshot.when}</lastmod>" if snapshot.when else ""
    return f"<{kind}><loc>{escape(address)}</loc>{since}</{kind}>\n"


def _document(kind: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} {SPACE}>\n{content}</{kind}>\n'.encode()


def _column(answer: Answer, query: str, name: str) -> list[str]:
    rows = json.loads(answer(query, "application/sparql-results+json"))["results"]["bindings"]
    return [row[name]["value"] for row in rows]
