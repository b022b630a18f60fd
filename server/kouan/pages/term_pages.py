"""Show the ontology and the shapes: an index of each, and a page for every term and shape. Knows requests and templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template

from kouan.errors import NotFound
from kouan.http.addresses import moved_to
from kouan.http.languages import link
from kouan.http.signposts import signpost_page
from kouan.pages.dataset import told_once
from kouan.pages.diagram import of_class, of_ontology
from kouan.pages.documents import HTML, ONTOLOGY, endings_of, extension_of, led, negotiated, with_types
from kouan.pages.ontology import all_shapes, declares_terms, index, require_term, term_page
from kouan.pages.reading import Reading
from kouan.pages.terms import PropertyValues
from kouan.pages.thing_pages import Things
from kouan.pages.things import describe
from kouan.vocabulary import BASE, DCT, KOUAN, OWL, SHAPES_GRAPH, SKOS, VANN

ABOUT = (
    *(OWL + "versionInfo", VANN + "preferredNamespacePrefix", VANN + "preferredNamespaceUri", DCT + "creator"),
    *(DCT + "created", DCT + "modified", DCT + "license", SKOS + "editorialNote", SKOS + "changeNote"),
)


def add_terms(pages: Blueprint, reading: Callable[[], Reading], things: Things) -> None:
    """Add /ontology and /shapes, what stands below them, and their document /alignments for people."""

    def whole(name: str, iri: str = "") -> list[tuple[str, str]]:
        """Return the formats of the document that a page is of, and signpost the page."""
        links = [(extension, f"/doc/{name}.{extension}") for extension in endings_of(name)]
        signpost_page(iri or BASE + name, ["DefinedTerm" if iri else "DefinedTermSet"], with_types(links))
        return links

    def ours() -> Reading:
        now = reading()
        if not now.is_own:
            raise NotFound("This server serves other data than Kouan's graph; /classes lists the classes that it uses.")
        return now

    declared = told_once(lambda: reading().snapshot, lambda: declares_terms(reading().dataset))

    @pages.app_context_processor
    def set_declared() -> dict[str, object]:
        return {"has_terms": declared()}

    @pages.get("/ontology")
    def ontology() -> Response | str:
        if not reading().is_own and declared():
            classes, properties = index(reading())
            return render_template("ontology.html", classes=classes, properties=properties)
        now = ours()
        if negotiated(ONTOLOGY) != HTML:
            return led(ONTOLOGY)
        classes, properties = index(now)
        thing = describe(now, BASE + "ontology")
        return render_template(
            "ontology.html",
            thing=thing,
            about=_about(thing.groups),
            classes=classes,
            properties=properties,
            diagram=of_ontology(now),
            links=whole(ONTOLOGY),
        )

    @pages.get("/ontology/<name>")
    def term(name: str) -> Response | str:
        now = ours()
        extension = extension_of(name)
        if extension or negotiated(ONTOLOGY) != HTML:
            require_term(now, name.removesuffix(extension))
            return led(ONTOLOGY + extension)
        page = term_page(now, name)
        left = [(heading, _plain(found)) for heading, found in page.thing.groups]
        return render_template(
            "term.html",
            page=page,
            thing=page.thing,
            groups=[(heading, found) for heading, found in left if found],
            diagram=of_class(now, page) if page.is_class else None,
            links=whole(ONTOLOGY, page.thing.iri),
            query=_uses_query(page.thing.iri, page.is_class),
            report=things.report(page.thing.iri),
            citation=things.citation(page.thing.value),
            cite_address=link("/cite", iri=page.thing.iri) + "&",
        )

    @pages.get("/alignments")
    def alignments() -> Response | str:
        now = ours()
        if negotiated() != HTML:
            return led("alignments")
        return render_template("alignments.html", aligned=_aligned(now), links=whole("alignments"))

    @pages.get("/shapes")
    def shapes() -> Response | str:
        now = ours()
        if negotiated() != HTML:
            return led("shapes")
        return render_template("shapes.html", shapes=all_shapes(now), links=whole("shapes"))

    @pages.get("/shapes/<name>")
    def shape(name: str) -> Response | str:
        now = ours()
        extension = extension_of(name)
        wanted = name.removesuffix(extension)
        found = next((each for each in all_shapes(now) if each.name == wanted), None)
        if found is None:
            raise NotFound(f"There is no shape {wanted}; /shapes lists those that there are.")
        if extension or negotiated() != HTML:
            return led("shapes" + extension)
        return render_template(
            "shape.html",
            shape=found,
            thing={"iri": found.iri},
            links=whole("shapes", found.iri),
            query=f"SELECT ?shape ?property ?value\nWHERE {{\n  GRAPH <{SHAPES_GRAPH}> {{ <{found.iri}> ?property ?value }}\n}}",
            report=things.report(found.iri),
            citation=things.citation(found.value),
            cite_address=link("/cite", iri=found.iri) + "&",
        )

    @pages.get("/def")
    @pages.get("/def/<name>")
    def moved(name: str = "") -> Response:
        return moved_to(f"/ontology/{quote(name)}" if name else "/ontology", 301)


def _about(groups: list[tuple[str, list[PropertyValues]]]) -> list[PropertyValues]:
    """Return what the head of the ontology says of itself, in the order in which people look for it."""
    found = {each.term.text: each for _, properties in groups for each in properties}
    return [found[iri] for iri in ABOUT if iri in found]


def _plain(properties: list[PropertyValues]) -> list[PropertyValues]:
    """Return what is said of a term besides what its page tells in words."""
    return [
        each for each in properties if not each.term.text.startswith((OWL, "http://www.w3.org/2000/01/rdf-schema#"))
    ]


def _uses_query(iri: str, is_class: bool) -> str:
    return f"SELECT ?thing {{ ?thing a <{iri}> }}" if is_class else f"SELECT ?thing ?value {{ ?thing <{iri}> ?value }}"


def _aligned(reading: Reading) -> list[tuple[Any, list[PropertyValues]]]:
    """Return our terms with what they are aligned with."""
    rows = reading.rows(
        f"SELECT ?s ?p ?o {{ GRAPH <{BASE}alignments> {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?s), '{KOUAN}') && isIRI(?o)) }}"
    )
    named = reading.named(rows)
    by_term: dict[str, list[Any]] = {}
    for row in rows:
        by_term.setdefault(row["s"]["value"], []).append(row)
    told = [
        (named(found[0]["s"]), reading.properties([{"p": r["p"], "o": r["o"]} for r in found], named))
        for found in by_term.values()
    ]
    return sorted(told, key=lambda each: each[0].in_order)
