"""Answer for the graph's own IRIs in RDF, and lead each client to the page or the document that it likes. Knows formats."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import quote

from flask import Blueprint, Response, request
from pyoxigraph import BlankNode, Dataset, Literal, NamedNode, Quad, RdfFormat, Triple

from kouan.errors import NotAcceptable, NotFound
from kouan.formats.jsonld import write_short
from kouan.formats.negotiation import best_format, named_among
from kouan.formats.owl import OWL_BY_NAME, OWL_FORMATS, write_owl
from kouan.formats.table import BY_MEDIA_TYPE, Format
from kouan.formats.writing import write_graph, write_grouped
from kouan.graph.turtle import write_turtle
from kouan.history.exact import ExactStore
from kouan.http.addresses import sent_to
from kouan.http.context import COMPACTED, Contexts
from kouan.http.context import MEDIA_TYPE as CONTEXT_TYPE
from kouan.http.context import NAME as CONTEXT_NAME
from kouan.http.languages import extended, link
from kouan.http.signposts import signpost_description, signpost_document
from kouan.pages.form_words import form_words
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, is_iri
from kouan.vocabulary import BASE, DCT, FOAF, ONTOLOGY_GRAPH, OWL, RDF, SHAPES_GRAPH, SRC, VOID, XSD

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
# As jQuery has it for text; rdflib likes whatever comes more than that.
WHATEVER_COMES = re.compile(r"\*/\*\s*(?:;\s*q=(?:0\.01|1(?:\.0*)?)\s*)?(?:,|$)")
LIKED_TEXT = re.compile(r"text/plain(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
# A thing that half the data speaks of has no document without end.
MOST_QUADS = 20_000
MOST_SOURCES = 200
PAGES = ("html", "htm")
TYPE = NamedNode(RDF + "type")
ONTOLOGY, SHAPES = "ontology", "shapes"
WHOLE_GRAPHS = (ONTOLOGY, "alignments", SHAPES)


class Documents:
    """The documents of one dataset; `data` is what stands here of it, `described` knows those of the whole."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        data: ExactStore | None,
        described: Callable[[str], list[Triple] | None],
        about: Callable[[], About],
        contexts: Contexts,
    ) -> None:
        self.snapshot, self.data, self.described, self.about = snapshot, data, described, about
        self.contexts = contexts

    def is_known(self, name: str) -> bool:
        """Return whether anything is said of what a name stands for, or in it."""
        return name in WHOLE_GRAPHS or next(self._quads(name), None) is not None

    def document(self, name: str, extension: str) -> Response:
        """Return the document of a thing, a passage, a whole graph or the dataset, with what is to be known of it itself."""
        triples = self.described(name)
        quads = list(self._quads(name)) if triples is None else [Quad(*triple) for triple in triples]
        if not quads:
            raise NotFound(f"The graph knows nothing of <{iri_of(name)}>; look at the front page for what it holds.")
        if extension in OWL_BY_NAME:
            # Axioms, and no statements of the document itself.
            quads = [quad for quad in quads if quad.graph_name == NamedNode(ONTOLOGY_GRAPH)]
        if triples is not None:
            signpost_description()
        if triples is not None or extension in OWL_BY_NAME:
            return self._written(quads, extension)
        return self._told(iri_of(name), quads, f"/doc/{quote(name)}.", extension)

    def of_thing(self, iri: str, extension: str) -> Response:
        """Return the document of anything that the data speaks of, by its IRI; raises NotFound."""
        quads = list(islice(self._around(NamedNode(iri)), MOST_QUADS))
        if not quads:
            raise NotFound(f"The data knows nothing of <{iri}>; look at the front page for what it holds.")
        return self._told(iri, quads, f"/thing?iri={quote(iri, safe='')}&format=", extension)

    def _told(self, iri: str, quads: list[Quad], address: str, extension: str) -> Response:
        """Return a document of a thing with what is to be known of itself; its addresses in each format begin alike."""
        plain = address.removesuffix("&format=").removesuffix(".")
        said = list(self._about(iri, request.root_url.rstrip("/") + plain, quads))
        if Triple(NamedNode(iri), TYPE, NamedNode(OWL + "Ontology")) in {quad.triple for quad in quads}:
            said += list(_declared(said))
        quads += said
        others = [(media_type, address + each) for each, (media_type, _) in FORMATS.items() if each != extension]
        if iri == ONTOLOGY_GRAPH:
            others += [(each.media_type, address + each.name) for each in OWL_FORMATS]
        if extension == "jsonld":
            # PyLD's own loader fails at a document with more than one.
            others = others[:1]
        signpost_document(iri, plain.replace("/doc/", "/page/", 1), others)
        return self._written(quads, extension)

    def _written(self, quads: list[Quad], extension: str) -> Response:
        if extension == "jsonld" and (COMPACTED in request.headers.get("Accept", "") or "context" in request.args):
            written = io.BytesIO()
            ordered = sorted({quad.triple for quad in quads}, key=str)
            address = request.root_url + CONTEXT_NAME
            write_short(ordered, self.contexts.terms(), self.contexts.prefixes, address, written)
            return Response(written.getvalue(), content_type=CONTEXT_TYPE, headers={"Vary": "Accept"})
        body, media_type = serialised(quads, extension, self.contexts.prefixes)
        return Response(body, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})

    def _around(self, thing: NamedNode) -> Iterator[Quad]:
        """Yield what is said of a thing, of the nodes within it that no other document is of, and what speaks of it."""
        if self.data is None:
            return
        waiting: list[NamedNode | BlankNode] = [thing]
        seen: set[NamedNode | BlankNode] = {thing}
        part = thing.value + "#"
        while waiting:
            node = waiting.pop()
            for quad in self.data.about(node, is_object=node == thing):
                yield quad
                found = quad.object
                if isinstance(found, NamedNode) and not found.value.startswith(part):
                    continue
                if isinstance(found, NamedNode | BlankNode) and found not in seen:
                    seen.add(found)
                    waiting.append(found)

    def _quads(self, name: str) -> Iterator[Quad]:
        iri = iri_of(name)
        node, is_whole = NamedNode(iri), name in WHOLE_GRAPHS or name.startswith("source/")
        if self.data is None:
            every = self.snapshot().source_quads()
            yield from (q for q in every if node in (q.subject, q.object) or (is_whole and q.graph_name == node))
            return
        if is_whole:
            yield from self.data.quads(iri)
        if name == SHAPES:
            yield from form_words(self.data)
        shapes = NamedNode(SHAPES_GRAPH)
        for quad in self._around(node):
            is_wanted = quad.subject == node or quad.object != node if is_whole else quad.graph_name != shapes
            if is_wanted and quad.graph_name != node:
                yield quad

    def _about(self, iri: str, address: str, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Yield what a document says of itself: its topic, its dataset, its licence, its sources and its date."""
        page, about = NamedNode(address), self.about()
        yield Quad(page, TYPE, NamedNode(FOAF + "Document"))
        yield Quad(page, NamedNode(FOAF + "primaryTopic"), NamedNode(iri))
        yield Quad(page, NamedNode(VOID + "inDataset"), NamedNode(f"{request.root_url}void#dataset"))
        if is_iri(about.licence):
            yield Quad(page, NamedNode(DCT + "license"), NamedNode(about.licence))
        when = Literal(self.snapshot().when, datatype=NamedNode(XSD + "dateTime"))
        yield Quad(page, NamedNode(DCT + "modified"), when)
        graphs = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}
        if self.snapshot().is_own:
            # A passage stands below its source; what Kouan itself says has none above it.
            sources = (graph for graph in graphs if graph.startswith(SRC))
            graphs = {g if g.startswith(SRC + "kouan/") else SRC + g[len(SRC) :].partition("/")[0] for g in sources}
        for source in sorted(graphs)[:MOST_SOURCES]:
            yield Quad(page, NamedNode(DCT + "source"), NamedNode(source))


def _declared(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the declarations, without which OWL 2 DL allows an ontology no words (OWL 2 Structural Specification, section 5.8.2)."""
    for quad in quads:
        is_class = quad.predicate == TYPE
        word = quad.object if is_class else quad.predicate
        if isinstance(word, NamedNode):
            yield Quad(word, TYPE, NamedNode(OWL + ("Class" if is_class else "AnnotationProperty")))


def add_documents(pages: Blueprint, documents: Documents) -> None:
    """Add the addresses that lead to a page or a document, and the documents."""

    @pages.get("/id/<name>")
    @pages.get("/ontology.<extension>")
    @pages.get("/alignments.<extension>")
    @pages.get("/shapes.<extension>")
    @pages.get("/source/<path:name>")
    @pages.get("/doc/<path:name>")
    def named_thing(**names: str) -> Response:
        del names
        name = request.path.strip("/").removeprefix("id/").removeprefix("doc/")
        if not documents.is_known(parted(name)[0]):
            raise NotFound(f"The graph knows nothing of <{iri_of(name)}>; look at the front page for what it holds.")
        return led(name)

    @pages.get("/doc/<path:name>.<extension>")
    def document(name: str, extension: str) -> Response:
        if extension not in endings_of(name):
            raise NotFound(
                f"There is no format .{extension}; there are {', '.join('.' + e for e in endings_of(name))}."
            )
        return documents.document(name, extension)


def endings_of(name: str) -> tuple[str, ...]:
    """Return the extensions of the documents of a name; the ontology has some in OWL's own syntaxes too."""
    return (*FORMATS, *OWL_BY_NAME) if name == ONTOLOGY else tuple(FORMATS)


def media_type_of(extension: str) -> str:
    """Return the media type of the documents with an extension."""
    return OWL_BY_NAME[extension].media_type if extension in OWL_BY_NAME else FORMATS[extension][0]


def parted(name: str) -> tuple[str, str]:
    """Return a name and the extension of the format that it ends in, "" where that is none."""
    place, _, extension = name.rpartition(".")
    chosen = HTML if extension in PAGES else SENT_BY_TOOLS.get(extension, extension)
    return (place, chosen) if place and chosen in {HTML, *endings_of(place)} else (name, "")


def with_types(links: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return addresses with their media types, of addresses with their extensions."""
    return [(media_type_of(extension), address) for extension, address in links]


def led(name: str) -> Response:
    """Return the redirection from what a name stands for to its page or to the document that the client likes best."""
    place, chosen = parted(name)
    if not chosen:
        chosen = negotiated(place)
    place = quote(place)
    kept = {name: value for name, value in request.args.items() if name not in {"lang", "format"}}
    short = {"context": ""} if chosen == "jsonld" and "context" in kept else {}
    return sent_to(link(f"/page/{place}", **kept) if chosen == HTML else extended(f"/doc/{place}.{chosen}", short))


def named_format(name: str = "") -> str:
    """Return HTML or the extension of the format of a name's documents that the address names, "" where it names none.

    Raises NotAcceptable for one that there is not.
    """
    asked = request.args.get("format", "")
    if asked in PAGES:
        return HTML
    chosen = named_among(SENT_BY_TOOLS.get(asked.lower(), asked), (*_formats_of(name), BY_MEDIA_TYPE[HTML]))
    return "" if chosen is None else HTML if chosen.media_type == HTML else chosen.name


def _formats_of(name: str) -> list[Format]:
    return [
        *(BY_MEDIA_TYPE[media_type] for media_type, _ in FORMATS.values()),
        *(OWL_FORMATS if name == ONTOLOGY else ()),
    ]


def extension_of(name: str) -> str:
    """Return the ending of a name that says a format of RDF, with its dot; "" where there is none."""
    _, dot, extension = name.rpartition(".")
    return dot + extension if extension in endings_of(ONTOLOGY) or extension in SENT_BY_TOOLS else ""


def negotiated(name: str = "") -> str:
    """Return HTML or the extension of the format of a name's documents that the client names, else likes best; raises NotAcceptable.

    A browser names HTML. Who takes anything gets Turtle, and who says nothing RDF/XML, which is all that some tools read that
    load an ontology by its address.
    """
    if named := named_format(name):
        return named
    accept = request.headers.get("Accept", "").lower()
    if not accept:
        return "rdf"
    if WHATEVER_COMES.search(accept) and "json" not in accept:
        # Who takes anything and likes text best, as jQuery does, means no N-Triples by it: Turtle is text too.
        accept = LIKED_TEXT.sub("text/turtle", accept)
    formats = _formats_of(name)
    offered = [*formats, BY_MEDIA_TYPE[HTML]] if "html" in accept else formats
    chosen = best_format(accept.replace("application/xhtml+xml", HTML), offered)
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


def serialised(quads: list[Quad], extension: str, prefixes: Mapping[str, str]) -> tuple[bytes, str]:
    """Return quads in the format of an extension, with its media type."""
    media_type = media_type_of(extension)
    triples = sorted({Triple(q.subject, q.predicate, q.object) for q in quads}, key=str)
    if extension in OWL_BY_NAME:
        return write_owl(extension, triples, prefixes), media_type
    rdf_format = FORMATS[extension][1]
    if extension in {"trig", "nq"}:
        # Clients that follow links read the default graph, and prefer these formats.
        every = Dataset([*quads, *(Quad(*triple) for triple in triples)])
        return write_grouped(sorted(every, key=str), rdf_format, prefixes), media_type
    if extension == "ttl":
        return write_turtle(triples, prefixes).encode(), media_type
    return write_graph(triples, media_type, prefixes, None), media_type
