"""Serve the data by triple patterns, a page at a time, so that clients evaluate queries themselves (Triple Pattern Fragments).

What a fragment costs is bounded by its page, and it is the same for as long as the version is: clients and caches keep it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flask import Blueprint, Response, render_template, request
from pyoxigraph import BaseDirection, BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kouan.errors import BadRequest, NotAcceptable, NotFound
from kouan.formats.negotiation import best_format, choose
from kouan.formats.table import BY_MEDIA_TYPE, DATASET_FORMATS, GRAPH_FORMATS, Format
from kouan.formats.writing import write_dataset, write_graph
from kouan.graph.whole_numbers import whole_number
from kouan.http.addresses import sent_to
from kouan.http.assets import FOR_EVER
from kouan.http.catalogue import number, said, text, typed
from kouan.http.parameters import IN_PATH
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, is_iri
from kouan.vocabulary import DCT, FOAF, PREFIXES, RDF, VOID

HYDRA = "http://www.w3.org/ns/hydra/core#"
PAGE = 100
# Of a pattern that more fits it is said how many triples there are at most.
COUNTED = 100_000
GENID = ".well-known/genid/"
PLACES = ("subject", "predicate", "object")
LITERAL = re.compile(
    r'"(?P<text>.*)"(?:@(?P<tag>[A-Za-z]+(?:-[A-Za-z0-9]+)*)(?:--(?P<way>ltr|rtl))?|\^\^<?(?P<type>[^<>"]+)>?)?',
    re.DOTALL,
)
# A percent sign that encodes nothing.
BARE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
HTML = BY_MEDIA_TYPE["text/html"]
OFFERED = [each for each in (*DATASET_FORMATS[:3], *GRAPH_FORMATS[:3]) if each is not HTML]
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Fragment:
    """One page of the triples that fit a pattern; `total` is how many fit, or a bound where there are very many."""

    triples: list[Triple]
    total: int
    page: int
    has_next: bool
    root: str
    asked: tuple[tuple[str, str], ...]
    """What the address asks besides the page."""
    address: str
    """That of the page, as it was asked for."""

    def at(self, page: int) -> str:
        """Return the address of a page of the fragment."""
        if page == self.page:
            return self.address
        return self.root + "fragments?" + urlencode([*self.asked, ("page", str(page))])

    @property
    def template(self) -> str:
        """Return the template of all fragments of this version and graph (RFC 6570)."""
        fixed = [pair for pair in self.asked if pair[0] in {"at", "graph"}]
        sign = "&" if fixed else "?"
        return f"{self.root}fragments{'?' + urlencode(fixed) if fixed else ''}{{{sign}subject,predicate,object}}"


def create_fragments(
    store: Callable[[], Store | None], snapshot: Callable[[], Snapshot], about: Callable[[], About]
) -> Blueprint:
    """Return /fragments, and the addresses of nodes without names, which are given names there (RDF 1.1 Concepts, section 3.5)."""
    routes = Blueprint("fragments", __name__)

    @routes.get("/fragments")
    def fragments() -> Response | str:
        data, now = store(), snapshot()
        if data is None:
            raise NotFound("The data stands in another engine, which has no fragments; ask /sparql.")
        asked_version = request.args.get("at", "")
        if asked_version and asked_version != now.version:
            kept = [(name, value) for name, value in request.args.items(multi=True) if name != "at"]
            moved = sent_to("/fragments?" + urlencode([("at", now.version), *kept]), 307)
            moved.headers["Cache-Control"] = "no-store"
            return moved
        chosen = _format()
        found = _fragment(data, now)
        body: str | bytes
        if chosen is HTML:
            given = {name: request.args.get(name, "") for name in (*PLACES, "graph")}
            body = render_template("fragments.html", fragment=found, given=given, version=now.version)
        else:
            body = _written(found, list(_controls(found, now, about())), chosen)
        answer = Response(body, content_type=chosen.content_type if chosen is not HTML else "text/html; charset=utf-8")
        answer.headers["Vary"] = "Accept" if chosen is not HTML else "Accept, Accept-Language"
        if asked_version:
            answer.headers["Cache-Control"] = FOR_EVER
        return answer

    @routes.get(f"/{GENID}<label>")
    def node(label: str) -> Response:
        data = store()
        try:
            is_there = data is not None and any(data.quads_for_pattern(BlankNode(label), None, None, None))
        except ValueError:
            is_there = False
        if not is_there:
            raise NotFound("There is no such node at this version of the data.")
        return sent_to("/fragments?" + urlencode({"subject": f"{request.root_url}{GENID}{label}"}))

    return routes


def _format() -> Format:
    name, accept = request.args.get("format", ""), request.headers.get("Accept", "")
    if name:
        return choose("CONSTRUCT", name, accept) or HTML
    chosen = best_format(accept, [*OFFERED, HTML] if "html" in accept.lower() else OFFERED)
    if chosen is None:
        offers = [each.media_type for each in (*OFFERED, HTML)]
        raise NotAcceptable(f"A fragment can be had as {', '.join(offers)}.", available=offers)
    return chosen


def _fragment(store: Store, snapshot: Snapshot) -> Fragment:
    graph: NamedNode | BlankNode | DefaultGraph = DefaultGraph()
    if request.args.get("graph"):
        named = _term("graph", request.args["graph"])
        if not isinstance(named, NamedNode | BlankNode):
            raise BadRequest("A graph is named by an IRI.")
        graph = named
    pattern = [_term(place, request.args.get(place, "")) for place in PLACES]
    subject, predicate, wanted = pattern
    page = whole_number(request.args.get("page", "1"))
    if not page:
        raise BadRequest("page is a number from 1 on.")
    start = (page - 1) * PAGE
    found: list[Quad] = []
    total, has_next = 0, False
    # A literal is no subject and only an IRI is a predicate: nothing fits such a pattern, which is no error.
    if not isinstance(subject, Literal) and isinstance(predicate, NamedNode | None):
        fitting = store.quads_for_pattern(subject, predicate, wanted, graph)
        found = list(islice(fitting, start, start + PAGE))
        rest = sum(1 for _ in islice(fitting, COUNTED))
        has_next = rest > 0
        total = start + len(found) + rest if found or start == 0 else 0
        if rest == COUNTED:
            total = max(
                total, snapshot.triples if isinstance(graph, DefaultGraph) else snapshot.graphs.get(graph.value, 0)
            )
    if start and not found:
        raise NotFound(f"There is no page {page} of this fragment.")
    # As an IRI: a client may send signs that none can have as they are (RFC 3987, section 3.1).
    root, query = request.root_url, quote(BARE.sub(b"%25", request.query_string), safe=IN_PATH + "?%")
    asked = tuple(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "page")
    named_triples = [_named(quad.triple, root) for quad in found]
    return Fragment(named_triples, total, page, has_next, root, asked, f"{root}fragments{'?' if query else ''}{query}")


def _term(place: str, written: str) -> Any:
    """Return the term that stands in a place of a pattern, None for a variable; raises BadRequest (hydra:ExplicitRepresentation)."""
    written = written.strip()
    if not written or written.startswith("?"):
        return None
    literal = LITERAL.fullmatch(written)
    try:
        if literal and literal["tag"]:
            way = BaseDirection(literal["way"]) if literal["way"] else None
            return Literal(literal["text"], language=literal["tag"], direction=way)
        if literal:
            return Literal(literal["text"], datatype=NamedNode(literal["type"]) if literal["type"] else None)
        iri = written[1:-1] if written.startswith("<") and written.endswith(">") else written
        genid = request.root_url + GENID
        return BlankNode(iri.removeprefix(genid)) if iri.startswith(genid) else NamedNode(iri)
    except ValueError as error:
        raise BadRequest(
            f'{place} is an absolute IRI, a literal such as "text"@en or "1"^^http://www.w3.org/2001/XMLSchema#integer, or nothing.'
        ) from error


def _named(triple: Triple, root: str) -> Triple:
    """Return a triple whose nodes without names have some, by which a client can ask for more of them."""

    def named(term: Any) -> Any:
        if isinstance(term, BlankNode):
            return NamedNode(f"{root}{GENID}{quote(term.value)}")
        return _named(term, root) if isinstance(term, Triple) else term

    return Triple(named(triple.subject), triple.predicate, named(triple.object))


def _controls(found: Fragment, snapshot: Snapshot, about: About) -> Iterator[Triple]:
    """Yield the metadata and the controls of a fragment (Triple Pattern Fragments, section 3).

    Each is said of the page, of what it names as its source, or in words of Hydra: so clients of formats without graphs tell
    them from the data.
    """
    page, dataset = NamedNode(found.address), NamedNode(f"{found.root}fragments#dataset")
    yield said(NamedNode(f"{found.address}#metadata"), FOAF + "primaryTopic", page)
    yield from typed(dataset, VOID + "Dataset", HYDRA + "Collection")
    yield said(dataset, DCT + "isVersionOf", NamedNode(found.root + "void#dataset"))
    yield said(dataset, DCT + "identifier", Literal(snapshot.version))
    yield said(dataset, VOID + "subset", page)
    search = BlankNode("search")
    yield said(dataset, HYDRA + "search", search)
    yield said(search, HYDRA + "template", Literal(found.template))
    yield said(search, HYDRA + "variableRepresentation", NamedNode(HYDRA + "ExplicitRepresentation"))
    for place in PLACES:
        mapping = BlankNode(place)
        yield said(search, HYDRA + "mapping", mapping)
        yield said(mapping, HYDRA + "variable", Literal(place))
        yield said(mapping, HYDRA + "property", NamedNode(RDF + place))
    yield from typed(page, HYDRA + "PartialCollectionView")
    yield said(page, DCT + "source", dataset)
    for language, title in about.titles.items():
        yield said(page, DCT + "title", text(title, language))
    if is_iri(about.licence):
        yield said(page, DCT + "license", NamedNode(about.licence))
    yield said(page, HYDRA + "totalItems", number(found.total))
    yield said(page, VOID + "triples", number(found.total))
    yield said(page, HYDRA + "itemsPerPage", number(PAGE))
    yield said(page, HYDRA + "first", NamedNode(found.at(1)))
    if found.page > 1:
        yield said(page, HYDRA + "previous", NamedNode(found.at(found.page - 1)))
    if found.has_next:
        yield said(page, HYDRA + "next", NamedNode(found.at(found.page + 1)))


def _written(found: Fragment, controls: list[Triple], chosen: Format) -> bytes:
    """Return a fragment in a format: its controls in a graph of their own where the format has graphs."""
    prefixes = PREFIXES | {"hydra": HYDRA, "void": VOID}
    if chosen not in DATASET_FORMATS:
        return write_graph([*found.triples, *controls], chosen.media_type, prefixes, None)
    graph = NamedNode(f"{found.address}#metadata")
    quads = [
        *(Quad(*triple) for triple in found.triples),
        *(Quad(each.subject, each.predicate, each.object, graph) for each in controls),
    ]
    return write_dataset(quads, chosen.media_type, prefixes, None)
