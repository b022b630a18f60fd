"""Answer for the graph's own IRIs: a page for people, RDF for tools. Knows addresses and formats; asks Reading for content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import Dataset, NamedNode, Quad, RdfFormat, Triple

from kouan.errors import NotAcceptable, NotFound
from kouan.formats.negotiation import best_format
from kouan.formats.table import BY_MEDIA_TYPE
from kouan.formats.writing import write_grouped
from kouan.graph.questions import read_questions
from kouan.graph.turtle import write_turtle
from kouan.http.catalogue import PREFIXES as CATALOGUE_PREFIXES
from kouan.http.catalogue import dcat_description, void_description
from kouan.pages.reading import Answer, Reading
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.vocabulary import BASE, PREFIXES, SHAPES_GRAPH

HTML = "text/html"
FORMATS = {
    "ttl": ("text/turtle", RdfFormat.TURTLE),
    "nt": ("application/n-triples", RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    "trig": ("application/trig", RdfFormat.TRIG),
    "nq": ("application/n-quads", RdfFormat.N_QUADS),
}
# Other endings that tools try.
SENT_BY_TOOLS = {"owl": "rdf", "xml": "rdf", "turtle": "ttl", "json": "jsonld", "n3": "ttl"}
DESCRIPTIONS = {"void": void_description, "dcat": dcat_description}
WHOLE_GRAPHS = ("ontology", "alignments", "shapes")


def create_pages(
    answer: Answer, snapshot: Callable[[], Snapshot], questions: Path, about: Callable[[], About]
) -> Blueprint:
    """Return the pages of one graph; `answer` evaluates a query and returns the bytes of the media type asked for."""
    pages = Blueprint("pages", __name__)
    readings: dict[str, Reading] = {}

    def reading() -> Reading:
        version = snapshot().version
        if version not in readings:
            readings.clear()
            readings[version] = Reading(answer)
        return readings[version]

    def described(name: str) -> list[Triple]:
        return DESCRIPTIONS[name](answer, snapshot(), request.root_url.rstrip("/"), about())

    @pages.get("/")
    def front() -> str:
        return render_template(
            "front.html",
            reading=reading(),
            snapshot=snapshot(),
            questions=read_questions(questions),
            host=request.root_url,
        )

    @pages.get("/id/<name>")
    @pages.get("/ontology")
    @pages.get("/ontology.<extension>")
    @pages.get("/alignments")
    @pages.get("/alignments.<extension>")
    @pages.get("/shapes")
    @pages.get("/shapes.<extension>")
    @pages.get("/source/<path:name>")
    def thing(**names: str) -> Response:
        del names
        place, _, extension = request.path.strip("/").removeprefix("id/").rpartition(".")
        named = SENT_BY_TOOLS.get(extension, extension)
        if not place or named not in FORMATS:
            place, named = request.path.strip("/").removeprefix("id/"), _negotiate()
        target = f"/page/{place}" if named == HTML else f"/doc/{place}.{named}"
        answered = redirect(target, code=303)
        assert isinstance(answered, Response)
        return answered

    @pages.get("/page/<path:name>")
    def page(name: str) -> str:
        links = [(ext, f"/doc/{name}.{ext}") for ext in FORMATS]
        if name in DESCRIPTIONS:
            facts = reading().facts_in(described(name))
            return render_template("graph.html", facts=facts, links=links, iri=request.root_url + name, name=name)
        if name == "ontology":
            return render_template("ontology.html", reading=reading(), links=links, iri=BASE + name)
        iri = _iri(name)
        if name in WHOLE_GRAPHS:
            return render_template("graph.html", facts=reading().facts_of(iri), links=links, iri=iri, name=name)
        description = reading().describe(iri)
        facts = reading().facts_of(iri) if name.startswith("source/") else []
        return render_template("thing.html", thing=description, facts=facts, links=links)

    @pages.get("/doc/<path:name>.<extension>")
    def document(name: str, extension: str) -> Response:
        if extension not in FORMATS:
            raise NotFound(f"There is no format .{extension}; there are {', '.join('.' + e for e in FORMATS)}.")
        if name in DESCRIPTIONS:
            body, media_type = _serialise([Quad(t.subject, t.predicate, t.object) for t in described(name)], extension)
            return Response(body, content_type=f"{media_type}; charset=utf-8")
        iri = _iri(name)
        whole = name in WHOLE_GRAPHS or name.startswith("source/")
        about = NamedNode(iri)
        quads = [q for q in snapshot().source_quads() if (q.graph_name == about if whole else _is_about(q, about))]
        if whole:
            quads += [q for q in snapshot().source_quads() if q.subject == about and q.graph_name != about]
        if not quads:
            raise NotFound(f"The graph knows nothing of <{iri}>; look at the front page for what it holds.")
        body, media_type = _serialise(quads, extension)
        return Response(body, content_type=f"{media_type}; charset=utf-8")

    return pages


def _negotiate() -> str:
    """Return HTML or the extension of the RDF format that the client likes best.

    A browser names HTML. Who takes anything gets Turtle, and who says nothing RDF/XML, which is all that some tools read that
    load an ontology by its address.
    """
    accept = request.headers.get("Accept", "")
    if not accept:
        return "rdf"
    formats = [BY_MEDIA_TYPE[media_type] for media_type, _ in FORMATS.values()]
    offered = [*formats, BY_MEDIA_TYPE[HTML]] if "html" in accept.lower() else formats
    chosen = best_format(accept, offered)
    if chosen is None:
        raise NotAcceptable(
            "No format that you accept is to be had here.", available=[each.media_type for each in offered]
        )
    return HTML if chosen.media_type == HTML else chosen.name


def _iri(name: str) -> str:
    standing = name.startswith("source/") or name in WHOLE_GRAPHS
    iri = BASE + name if standing else BASE + "id/" + name
    try:
        NamedNode(iri)
    except ValueError:
        is_iri = False
    else:
        is_iri = not set('<>"{}|\\^`').intersection(iri) and iri.isprintable() and " " not in iri
    if not is_iri:
        raise NotFound(f"{name} is not a name of a thing; a name has lower-case letters, digits and hyphens.")
    return iri


def _is_about(quad: Quad, thing: NamedNode) -> bool:
    return thing in (quad.subject, quad.object) and quad.graph_name != NamedNode(SHAPES_GRAPH)


def _serialise(quads: list[Quad], extension: str) -> tuple[bytes, str]:
    media_type, rdf_format = FORMATS[extension]
    prefixes = PREFIXES | CATALOGUE_PREFIXES
    triples = sorted({Triple(q.subject, q.predicate, q.object) for q in quads}, key=str)
    if extension in {"trig", "nq"}:
        # Clients that follow links read the default graph, and prefer these formats.
        every = Dataset([*quads, *(Quad(*triple) for triple in triples)])
        return write_grouped(sorted(every, key=str), rdf_format, prefixes), media_type
    if extension == "ttl":
        return write_turtle(triples, prefixes).encode(), media_type
    return write_grouped(triples, rdf_format, prefixes), media_type
