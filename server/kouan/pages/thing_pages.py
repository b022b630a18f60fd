"""Show the page of a thing, the things that say something of it, and how to cite it. Knows requests and templates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request

from kouan.errors import BadRequest, NotAcceptable, NotFound
from kouan.graph.naming import in_language
from kouan.graph.whole_numbers import whole_number
from kouan.http.addresses import page_of
from kouan.http.languages import language, link, say
from kouan.http.signposts import signpost_page
from kouan.http.site import Site
from kouan.pages.amounts import amounts_of
from kouan.pages.citation import FORMATS as CITATIONS
from kouan.pages.citation import Citation
from kouan.pages.documents import FORMATS, HTML, checked, negotiated, with_types
from kouan.pages.maps import Mark, SmallMap, line_through, marks_of, small_map, up
from kouan.pages.reading import Reading
from kouan.pages.structured import about, kinds_of
from kouan.pages.terms import Value, is_ours
from kouan.pages.things import Description, describe
from kouan.settings import Settings
from kouan.snapshot.about import OWN_PUBLISHER
from kouan.vocabulary import GEO, ID, KOUAN, WD

PAGE = 100
MOST_MARKS = 60
# What stands on the map of a thing besides itself, each with its layer.
AROUND = {
    "hasPort": "port",
    "passesThrough": "city",
    "zoneIn": "city",
    "eventOf": "port",
    "participant": "city",
    "hasGate": "port",
    "partOfPort": "port",
    "centredOn": "city",
}
TYPES = {extension: media_type for extension, (media_type, _) in FORMATS.items()}


class Things:
    """The pages of things of one dataset."""

    def __init__(self, reading: Callable[[], Reading], site: Callable[[], Site], settings: Settings) -> None:
        self.reading = reading
        self.site = site
        self.settings = settings

    def page(self, iri: str) -> str:
        """Return the page of a thing; raises NotFound."""
        reading = self.reading()
        by = request.args.get("by", "")
        if by:
            return self._who(reading, iri, checked(by, by))
        thing = describe(reading, iri)
        found = thing_map(reading, thing)
        point = _point(found.marks) if found and thing.shapes else None
        own_address = page_of(iri, is_own=reading.is_own)
        signpost_page(iri, kinds_of(thing), with_types(self.links(iri)))
        return render_template(
            "thing.html",
            thing=thing,
            map=found,
            point=point,
            links=self.links(iri),
            types=TYPES,
            canonical=request.base_url + ("?iri=" + quote(iri, safe="") if "iri" in request.args else ""),
            own_address=own_address,
            beside=beside_wikidata(thing) if reading.is_own else "",
            structured=about(thing, request.base_url, point),
            query=query_about(iri, reading),
            report=self.report(iri),
            citation=self.citation(thing.value),
            cite_address=link("/cite", iri=iri) + "&",
        )

    def links(self, iri: str) -> list[tuple[str, str]]:
        """Return the formats that a thing can be had in, each with its address."""
        if self.reading().is_own and is_ours(iri):
            name = page_of(iri, is_own=True).removeprefix("/").removeprefix("id/")
            return [(extension, f"/doc/{name}.{extension}") for extension in FORMATS]
        if self.settings.engine:
            described = quote(f"DESCRIBE <{iri}>")
            return [(extension, f"/sparql?query={described}&format={extension}") for extension in FORMATS]
        return [(extension, f"/thing?iri={quote(iri, safe='')}&format={extension}") for extension in FORMATS]

    def report(self, iri: str) -> str:
        """Return where a reader tells of a mistake."""
        if not self.settings.problems:
            return link("/help") + "#report"
        sign = "&" if "?" in self.settings.problems else "?"
        return f"{self.settings.problems}{sign}{urlencode({'subject': iri})}"

    def citation(self, value: Value | None) -> Citation:
        """Return the citation of a thing, or of the dataset where there is none."""
        reading, site = self.reading(), self.site()
        name = str(say("Kouan: a knowledge graph of China's border cities, ports and corridors"))
        return Citation(
            title=value.name if value else "",
            container=name if reading.is_own else site.name,
            publisher=in_language(OWN_PUBLISHER, language())[0] if reading.is_own else site.text("publisher"),
            version=reading.snapshot.version,
            address=value.text if value else request.root_url,
            licence=site.text("licence"),
        )

    def _who(self, reading: Reading, iri: str, by: str) -> str:
        """Return the page of all things that say something of a thing by one property."""
        where = reading.anywhere(f"?s <{by}> <{iri}>") + " FILTER(isIRI(?s))"
        count = reading.number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {where} }}")
        number, last = page_asked(count)
        rows = reading.rows(f"SELECT DISTINCT ?s {{ {where} }} ORDER BY ?s LIMIT {PAGE} OFFSET {(number - 1) * PAGE}")
        named = reading.named(rows, iri, by)
        return render_template(
            "who.html",
            thing=named({"type": "uri", "value": iri}),
            by=named({"type": "uri", "value": by}),
            members=[named(row["s"]) for row in rows],
            amounts=amounts_of(reading, (row["s"]["value"] for row in rows)),
            count=count,
            number=number,
            last=last,
            address=f"{page_of(iri, is_own=reading.is_own)}{'?' if is_ours(iri) else '&'}by={quote(by, safe='')}",
            query=f"SELECT ?thing {{ ?thing <{by}> <{iri}> }}",
        )


def page_asked(count: int, size: int = PAGE) -> tuple[int, int]:
    """Return the number of the page that a request asks for and of the last; NotFound for one that is not there."""
    last = max(1, math.ceil(count / size))
    text = request.args.get("page", "1")
    page = whole_number(text)
    if not page or page > last:
        raise NotFound(f"There is no page {text}; there are {last}.")
    return page, last


def beside_wikidata(thing: Description) -> str:
    """Return the address that shows a thing beside its item in Wikidata, or "" where it is linked with none."""
    is_linked = thing.iri.startswith(ID) and any(each.value.text.startswith(WD) for each in thing.same)
    return "/wikidata/" + thing.iri.removeprefix(ID) if is_linked else ""


def query_about(iri: str, reading: Reading) -> str:
    """Return the query that asks for the facts of a thing, with who says them in our graph."""
    if reading.is_own:
        return f"SELECT ?property ?value ?passage\nWHERE {{\n  GRAPH ?passage {{ <{iri}> ?property ?value }}\n}}"
    return f"SELECT ?property ?value\nWHERE {{\n  <{iri}> ?property ?value\n}}"


def thing_map(reading: Reading, thing: Description) -> SmallMap | None:
    """Return the map of a thing with what belongs to it, None where nothing is known to stand anywhere."""
    marks = marks_of(thing.value, thing.shapes, "self")
    if reading.is_own:
        marks += _around(reading, thing)
    found = small_map(marks)
    return replace(found, label=str(say("Map: {name}", name=thing.value.name))) if found else None


def _around(reading: Reading, thing: Description) -> list[Mark]:
    values = " ".join(f"(<{KOUAN}{name}> '{layer}')" for name, layer in AROUND.items())
    rows = reading.rows(
        f"SELECT DISTINCT ?o ?w ?layer ?p {{ VALUES (?p ?layer) {{ {values} }} <{thing.iri}> ?p ?o ."
        f" ?o <{GEO}hasGeometry>/<{GEO}asWKT> ?w }} ORDER BY ?o LIMIT {MOST_MARKS}"
    )
    named = reading.named(rows)
    marks = [
        mark
        for row in rows
        if row["o"]["value"] != thing.iri
        for mark in marks_of(named(row["o"]), [row["w"]["value"]], row["layer"]["value"])
    ]
    way = [mark.lines[0][0] for mark in marks if mark.kind == "point" and mark.layer == "city"]
    is_way = any(each.value.text == KOUAN + "Corridor" for each in thing.types) and len(way) > 1
    return [line_through(thing.value, way, "schematic"), *marks] if is_way else marks


def _point(marks: list[Mark]) -> tuple[float, float] | None:
    """Return the longitude and the latitude of the thing itself, where it is a point."""
    own = [mark for mark in marks if mark.kind == "point" and mark.layer == "self"]
    if not own:
        return None
    x, y = own[0].lines[0][0]
    return round(x, 4), round(up(y), 4)


def add_things(pages: Blueprint, things: Things, document: Callable[[str, str], Response] | None) -> None:
    """Add the addresses of things by IRI, and of citations; `document` returns that of a thing in a format, where it can be made."""

    @pages.get("/thing")
    def thing() -> Response:
        iri = request.args.get("iri", "")
        if not iri:
            raise BadRequest("Name the thing by its IRI: /thing?iri=…")
        chosen = HTML if document is None else negotiated()
        if document is not None and chosen != HTML:
            return document(checked(iri, iri), chosen)
        return Response(things.page(checked(iri, iri)))

    @pages.get("/cite")
    def cite() -> Response:
        name = request.args.get("format", "text")
        if name not in CITATIONS:
            raise NotAcceptable(
                f"There is no citation in the format {name}; there are {', '.join(CITATIONS)}.",
                available=list(CITATIONS),
            )
        iri = request.args.get("iri", "")
        reading = things.reading()
        value = reading.names([checked(iri, iri)])[iri] if iri else None
        if value is not None and not value.names:
            # What has no name has a page all the same, which offers this.
            value = describe(reading, iri).value
        media_type, extension = CITATIONS[name]
        written = replace(things.citation(value), accessed=datetime.now(UTC).date()).written(name)
        cited = Response(written, content_type=f"{media_type}; charset=utf-8")
        file = "".join(c for c in (iri.rsplit("/", 1)[-1] or "kouan") if c.isalnum() or c in "-_") or "cited"
        cited.headers["Content-Disposition"] = f'inline; filename="{file}.{extension}"'
        # It says on which day it was read.
        cited.headers["Cache-Control"] = "no-store"
        return cited
