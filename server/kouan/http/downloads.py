"""Serve the descriptions and the downloads of the dataset. Knows requests; what is served is made elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Triple

from kouan.errors import NotAcceptable, NotFound
from kouan.formats.negotiation import HTML, best_format, named_among
from kouan.formats.table import GRAPH_FORMATS, GRAPHS_BY_MEDIA_TYPE
from kouan.formats.writing import write_graph
from kouan.graph.turtle import write_turtle
from kouan.http.addresses import moved_to, sent_to
from kouan.http.catalogue import PREFIXES as CATALOGUE_PREFIXES
from kouan.http.descriptions import Described
from kouan.http.languages import link
from kouan.http.signposts import signpost_dataset, signpost_description, signpost_download
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.snapshot.dumps import crate, digests, download, offered
from kouan.vocabulary import PREFIXES

OFFERS = tuple(each for each in GRAPH_FORMATS if each.is_native or each.name == "jsonld")


def create_downloads(snapshot: Callable[[], Snapshot], about: Callable[[], About], described: Described) -> Blueprint:
    """Return the addresses /void, /.well-known/void, /dcat and /dump/…"""
    routes = Blueprint("downloads", __name__)

    @routes.get("/.well-known/void")
    @routes.get("/void")
    def void() -> Response:
        return _negotiated("void", described("void") or [])

    @routes.get("/dcat")
    def dcat() -> Response:
        return _negotiated("dcat", described("dcat") or [])

    @routes.get("/data")
    @routes.get("/dump")
    def listing() -> str:
        signpost_dataset(snapshot())
        now = snapshot()
        sizes = {each.name: known[0] for each in offered(now) if (known := each.known(now))}
        return render_template("data.html", files=offered(now), sizes=sizes, snapshot=now)

    @routes.get("/dump/SHA256SUMS")
    def checksums() -> Response:
        lines = [f"{digest}  {name}\n" for name, digest in digests(snapshot()).items()]
        return Response("".join(lines), content_type="text/plain; charset=utf-8")

    @routes.get("/dump/ro-crate-metadata.json")
    def ro_crate() -> Response:
        signpost_description()
        return Response(crate(snapshot(), about()), content_type="application/ld+json")

    @routes.get("/dump/<name>")
    def dump(name: str) -> Response:
        found = download(snapshot(), name)
        if found is None:
            there = (
                ", ".join(each.name for each in offered(snapshot()))
                or "none, as the data is too large or stands in another engine"
            )
            raise NotFound(f"There is no download {name}; there are {there}.")
        signpost_download()
        body, digest = found.content(snapshot())
        downloaded = Response(body, content_type=f"{found.media_type}; charset=utf-8")
        downloaded.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
        downloaded.headers["Kouan-Version"] = snapshot().version
        downloaded.set_etag(digest[:32])
        downloaded.make_conditional(request)
        return downloaded

    @routes.get("/.well-known/dcat")
    def well_known_dcat() -> Response:
        return moved_to("/dcat")

    return routes


def _negotiated(name: str, triples: list[Triple]) -> Response:
    offers = (*OFFERS, GRAPHS_BY_MEDIA_TYPE[HTML])
    chosen = named_among(request.args.get("format", ""), offers) or best_format(
        request.headers.get("Accept", ""), offers
    )
    if chosen is None:
        there = [each.media_type for each in OFFERS]
        raise NotAcceptable(f"The description can be had as {', '.join(there)}.", available=there)
    if chosen.media_type == HTML:
        answered = sent_to(link(f"/page/{name}"))
    else:
        prefixes = PREFIXES | CATALOGUE_PREFIXES
        if chosen.name == "ttl":
            body = write_turtle(triples, prefixes).encode()
        else:
            body = write_graph(triples, chosen.media_type, prefixes, None)
        answered = Response(body, content_type=chosen.content_type)
        signpost_description()
    answered.headers["Vary"] = "Accept"
    return answered
