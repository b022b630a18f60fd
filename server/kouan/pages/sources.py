"""Show where the facts come from: the list of sources, each source by its passages, each passage with its facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from flask import Blueprint, render_template, request

from kouan.errors import NotFound
from kouan.http.languages import link
from kouan.http.signposts import signpost_page
from kouan.http.twins import twins
from kouan.pages.asking import Named as Title
from kouan.pages.asking import Row
from kouan.pages.claims import claims_about
from kouan.pages.documents import with_types
from kouan.pages.order import LABEL
from kouan.pages.reading import Named, Passage, Reading
from kouan.pages.tables import table_twins
from kouan.pages.terms import PropertyValues, Value, in_one_language
from kouan.pages.thing_pages import Things, page_asked, query_about
from kouan.pages.things import describe
from kouan.vocabulary import DCT, KOUAN, SRC

SUBJECTS = 60
PASSAGES = 24
FEW = 6
GRADES = ("official text", "official list", "maintained data set", "encyclopaedia", "press", "other")


@dataclass
class Listed:
    """A source in the list of all."""

    value: Value
    grade: str = ""
    issued: str = ""
    facts: int = 0
    passages: int = 0


@dataclass
class Told:
    """A passage on the page of its source: what it states, in part, and what of it is left out."""

    passage: Passage
    number: int
    facts: list[tuple[Value, list[PropertyValues]]] = field(default_factory=list)
    left_out: list[Value] = field(default_factory=list)
    disputes: int = 0


def add_sources(pages: Blueprint, reading: Callable[[], Reading]) -> None:
    """Add /sources; the pages of sources and passages stand under /page/source/."""

    @pages.get("/sources")
    def sources() -> str:
        now = reading()
        if not now.is_own:
            raise NotFound("This server serves other data than Kouan's graph, which lists no sources.")
        twins(table_twins("sources"))
        graded: dict[str, list[Listed]] = {grade: [] for grade in GRADES}
        for each in all_sources(now):
            graded.setdefault(each.grade or "other", []).append(each)
        return render_template("sources.html", graded={grade: found for grade, found in graded.items() if found})


def all_sources(reading: Reading) -> list[Listed]:
    """Return every source by name, with how many facts its passages state."""
    rows = reading.rows(
        f"SELECT ?s ?grade ?issued ?p {{ ?s a <{KOUAN}Source> OPTIONAL {{ ?s <{KOUAN}grade> ?grade }}"
        f" OPTIONAL {{ ?s <{DCT}issued> ?issued }} OPTIONAL {{ ?p <{KOUAN}passageOf> ?s }} }}"
    )
    named = reading.named(rows)
    found: dict[str, Listed] = {}
    seen: set[tuple[str, str]] = set()
    for row in rows:
        source = row["s"]["value"]
        each = found.setdefault(source, Listed(named(row["s"])))
        each.grade = row["grade"]["value"] if "grade" in row else each.grade
        each.issued = row["issued"]["value"] if "issued" in row else each.issued
        passage = row["p"]["value"] if "p" in row else ""
        if passage and (source, passage) not in seen:
            seen.add((source, passage))
            each.passages += 1
            each.facts += reading.snapshot.graphs.get(passage, 0)
    return sorted(found.values(), key=lambda each: each.value.in_order)


def source_page(reading: Reading, things: Things, iri: str) -> str:
    """Return the page of a source: what it is, and its passages with the facts of each."""
    thing = describe(reading, iri)
    passages = _passages(reading, iri)
    number, last = page_asked(len(passages), PASSAGES)
    shown = passages[(number - 1) * PASSAGES : number * PASSAGES]
    _fill(reading, shown)
    claims = claims_about(reading, passage=iri + "/")
    for told in shown:
        told.disputes = sum(told.passage.value.text in {s.text for s in claim.sources} for claim in claims)
    return render_template(
        "source.html",
        thing=thing,
        titles=_titles(reading, iri, thing.value),
        told=shown,
        claims=claims,
        number=number,
        last=last,
        all=passages,
        facts=sum(each.passage.facts for each in passages),
        address="/page/" + iri.removeprefix("https://w3id.org/kouan/"),
        **_around(reading, things, iri, thing.value),
    )


def _titles(reading: Reading, iri: str, value: Value) -> list[Title]:
    """Return the titles of a work, each in its language, but what the page is called by already."""
    rows = reading.rows(
        f"SELECT DISTINCT ?title {{ <{iri}> <{DCT}title> ?title FILTER(isLiteral(?title)) }} ORDER BY ?title"
    )
    titles = [Title(row["title"]["value"], row["title"].get("xml:lang", "")) for row in rows]
    return [each for each in titles if each.text not in (value.name, value.other[0])]


def passage_page(reading: Reading, things: Things, iri: str) -> str:
    """Return the page of a passage, or of another graph of ours: what it states, by subject."""
    thing = describe(reading, iri)
    count = reading.number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
    number, last = page_asked(count, SUBJECTS)
    facts = facts_of(reading, iri, number)
    passage = reading.passages([iri]).get(iri)
    siblings = _passages(reading, passage.source.text) if passage and passage.source else []
    place = next((n for n, each in enumerate(siblings) if each.passage.value.text == iri), -1)
    return render_template(
        "passage.html",
        thing=thing,
        passage=passage,
        facts=facts,
        count=reading.snapshot.graphs.get(iri, 0),
        claims=claims_about(reading, passage=iri) if passage else [],
        number=number,
        last=last,
        previous=siblings[place - 1].passage.value if place > 0 else None,
        following=siblings[place + 1].passage.value if 0 <= place < len(siblings) - 1 else None,
        address="/page/" + iri.removeprefix("https://w3id.org/kouan/"),
        **_around(reading, things, iri, thing.value),
    )


def _around(reading: Reading, things: Things, iri: str, value: Value) -> dict[str, object]:
    signpost_page(iri, ["CreativeWork"], with_types(things.links(iri)))
    return {
        "links": things.links(iri),
        "canonical": request.base_url,
        "query": query_about(iri, reading)
        if not iri.startswith(SRC)
        else f"SELECT ?thing ?property ?value\nWHERE {{\n  GRAPH <{iri}> {{ ?thing ?property ?value }}\n}}",
        "report": things.report(iri),
        "citation": things.citation(value),
        "cite_address": link("/cite", iri=iri) + "&",
    }


def _passages(reading: Reading, source: str) -> list[Told]:
    """Return the passages of a source in their order."""
    rows = reading.rows(
        f"SELECT DISTINCT ?p ?n {{ ?p <{KOUAN}passageOf> <{source}> OPTIONAL {{ ?p <{KOUAN}number> ?n }} }} ORDER BY ?n ?p"
    )
    known = reading.passages(row["p"]["value"] for row in rows)
    return [
        Told(known[row["p"]["value"]], int(row["n"]["value"]) if "n" in row else place)
        for place, row in enumerate(rows, 1)
    ]


def _fill(reading: Reading, told: list[Told]) -> None:
    """Give passages their first facts, and what is left out of them."""
    values = " ".join(f"<{each.passage.value.text}>" for each in told)
    if not values:
        return
    rows = reading.rows(
        f"SELECT ?g ?s ?p ?o {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o FILTER(!isBlank(?s)) }} }} LIMIT 4000"
    )
    left = reading.rows(f"SELECT ?g ?o {{ VALUES ?g {{ {values} }} ?g <{KOUAN}leftOut> ?o }}")
    few: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["s"]["value"], row["p"]["value"], row["o"]["value"])):
        few.setdefault(row["g"]["value"], []).append(row)
    shown = {graph: found[: FEW * 3] for graph, found in few.items()}
    named = reading.named([*(row for found in shown.values() for row in found), *left])
    for each in told:
        graph = each.passage.value.text
        each.facts = _by_subject(reading, shown.get(graph, []), named)[:FEW]
        each.left_out = [named(row["o"]) for row in left if row["g"]["value"] == graph]


def facts_of(reading: Reading, graph: str, number: int) -> list[tuple[Value, list[PropertyValues]]]:
    """Return what a named graph states of one page of its subjects."""
    rows = reading.rows(
        f"SELECT ?s ?p ?o {{ {{ SELECT DISTINCT ?s {{ GRAPH <{graph}> {{ ?s ?x ?y }} }} ORDER BY ?s LIMIT {SUBJECTS}"
        f" OFFSET {(number - 1) * SUBJECTS} }} GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    )
    return _by_subject(reading, rows, reading.named(rows))


def _by_subject(reading: Reading, rows: list[Row], named: Named) -> list[tuple[Value, list[PropertyValues]]]:
    found = []
    for _, group in groupby(sorted(rows, key=lambda r: r["s"]["value"]), key=lambda r: r["s"]["value"]):
        members = list(group)
        subject = named(members[0]["s"])
        properties = in_one_language(reading.properties([{"p": row["p"], "o": row["o"]} for row in members], named))
        # That it is called what the heading calls it needs no line.
        found.append((subject, [each for each in properties if each.term.text != LABEL] or properties))
    return sorted(found, key=lambda each: (each[0].kind != "uri", each[0].in_order))
