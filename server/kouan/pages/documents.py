"""Answer for the graph's own IRIs in RDF, and lead each client to the page or the document that it likes. Knows formats."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import Dataset, NamedNode, Quad, RdfFormat, Triple

from kouan.errors import NotAcceptable, NotFound
from kouan.formats.negotiation import best_format
from kouan.formats.table import BY_MEDIA_TYPE
from kouan.formats.writing import write_grouped
from kouan.graph.turtle import write_turtle
from kouan.http.addresses import sent_to
from kouan.http.catalogue import PREFIXES as CATALOGUE_PREFIXES
from kouan.http.languages import link
from kouan.snapshot import Snapshot
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
WHOLE_GRAPHS = ("ontology", "alignments", "shapes")


def add_documents(
    pages: Blueprint, snapshot: Callable[[], Snapshot], described: Callable[[str], list[Triple] | None]
) -> None:
    """Add the addresses that lead to a page or a document, and the documents; `described` knows those of the dataset."""

    @pages.get("/id/<name>")
    @pages.get("/ontology.<extension>")
    @pages.get("/alignments.<extension>")
    @pages.get("/shapes.<extension>")
    @pages.get("/source/<path:name>")
    def named_thing(**names: str) -> Response:
        del names
        return led(request.path.strip("/").removeprefix("id/"))

    @pages.get("/doc/<path:name>.<extension>")
    def document(name: str, extension: str) -> Response:
        if extension not in FORMATS:
            raise NotFound(f"There is no format .{extension}; there are {', '.join('.' + e for e in FORMATS)}.")
        triples = described(name)
        quads = _quads(snapshot(), name) if triples is None else [Quad(*triple) for triple in triples]
        body, media_type = _serialise(quads, extension)
        return Response(body, content_type=f"{media_type}; charset=utf-8")


def led(name: str) -> Response:
    """Return the redirection from what a name stands for to its page or to the document that the client likes best."""
    place, _, extension = name.rpartition(".")
    chosen = SENT_BY_TOOLS.get(extension, extension)
    if not place or chosen not in FORMATS:
        asked = request.args.get("format", "")
        place, chosen = name, SENT_BY_TOOLS.get(asked, asked) if asked else negotiated()
        if asked and chosen not in FORMATS:
            raise NotFound(f"There is no format {asked}; there are {', '.join(FORMATS)}.")
    place = quote(place)
    kept = {name: value for name, value in request.args.items() if name not in {"lang", "format"}}
    return sent_to(link(f"/page/{place}", **kept) if chosen == HTML else f"/doc/{place}.{chosen}")


def negotiated() -> str:
    """Return HTML or the extension of the RDF format that the client likes best; raises NotAcceptable.

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


def iri_of(name: str) -> str:
    """Return the IRI of a thing, source or passage of ours by its name; NotFound where there can be none."""
    standing = name.startswith("source/") or name in WHOLE_GRAPHS
    return checked(BASE + name if standing else BASE + "id/" + name, name)


def checked(iri: str, name: str) -> str:
    """Return an IRI that can stand in a query; NotFound for what is none."""
    try:
        NamedNode(iri)
    except ValueError:
        is_iri = False
    else:
        is_iri = not set('<>"{}|\\^`').intersection(iri) and iri.isprintable() and " " not in iri
    if not is_iri:
        raise NotFound(f"{name} is not a name of a thing; a name has lower-case letters, digits and hyphens.")
    return iri


def _quads(snapshot: Snapshot, name: str) -> list[Quad]:
    iri = iri_of(name)
    whole = name in WHOLE_GRAPHS or name.startswith("source/")
    about = NamedNode(iri)
    quads = [q for q in snapshot.source_quads() if (q.graph_name == about if whole else _is_about(q, about))]
    if whole:
        quads += [q for q in snapshot.source_quads() if q.subject == about and q.graph_name != about]
    if not quads:
        raise NotFound(f"The graph knows nothing of <{iri}>; look at the front page for what it holds.")
    return quads


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
