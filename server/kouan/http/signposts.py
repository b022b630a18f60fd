"""Tell machines in Link headers what belongs to an answer (RFC 8288, FAIR Signposting). Knows requests, and what is told of the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from flask import Flask, Response, g, request

from kouan.formats.table import GRAPHS_BY_MEDIA_TYPE
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, is_iri
from kouan.snapshot.dumps import offered
from kouan.vocabulary import BASE, SCHEMA

# Signs of an address that stay as they are in a header (RFC 3986, section 2).
KEPT = ":/?#[]@!$&'()*+,;=%~"
PUBLISHER = "/dcat#publisher"
# The page of the whole dataset, whatever a client takes.
WHOLE = "/dump"
# What a machine is led to first of what it can be told in.
TOLD_IN = ("text/turtle", "application/ld+json")


def signpost(relation: str, target: str, media_type: str = "") -> None:
    """Let the answer of this request lead to a target by a relation; the type is what is found there."""
    g.setdefault("signposts", []).append((relation, quote(target, safe=KEPT), media_type))


def lead_on(app: Flask, about: Callable[[], About]) -> None:
    """Add to every answer of an application where its signposts lead, and to each that has some whose the dataset is."""

    @app.after_request
    def led(answer: Response) -> Response:
        if answer.status_code != 200 or "signposts" not in g:
            return answer
        dataset = about()
        if is_iri(dataset.licence):
            signpost("license", dataset.licence)
        if dataset.publishers:
            signpost("author", dataset.publisher_iri or PUBLISHER)
        for relation, target, media_type in g.signposts:
            kind = f'; type="{media_type}"' if media_type else ""
            answer.headers.add("Link", f'<{target}>; rel="{relation}"{kind}')
        return answer


def signpost_page(iri: str, kinds: Iterable[str], documents: Iterable[tuple[str, str]]) -> None:
    """Signpost the page of a thing: its name, its kinds, and its documents, each a media type and an address."""
    signpost("cite-as", iri)
    for kind in ("AboutPage", *kinds):
        signpost("type", SCHEMA + kind)
    _signpost_documents(documents)
    signpost("collection", WHOLE, "text/html")


def signpost_document(iri: str, page: str, documents: Iterable[tuple[str, str]]) -> None:
    """Signpost a document of a thing, which has a page, and can be had in other formats too."""
    signpost("describes", iri)
    signpost("cite-as", iri)
    signpost("type", SCHEMA + "Dataset")
    for media_type, address in documents:
        signpost("alternate", address, media_type)
    signpost("collection", page, "text/html")
    signpost("collection", WHOLE, "text/html")


def signpost_dataset(snapshot: Snapshot) -> None:
    """Signpost the page of the whole dataset: what describes it, its files and its services."""
    signpost("cite-as", BASE if snapshot.is_own else request.root_url)
    signpost("type", SCHEMA + "AboutPage")
    signpost("type", SCHEMA + "Dataset")
    for name in ("void", "dcat"):
        for media_type in TOLD_IN:
            signpost("describedby", f"/doc/{name}.{GRAPHS_BY_MEDIA_TYPE[media_type].name}", media_type)
    signpost("describedby", "/dump/ro-crate-metadata.json", "application/ld+json")
    for dump in offered(snapshot):
        signpost("item", f"/dump/{dump.name}", dump.media_type)
    signpost("api-catalog", "/.well-known/api-catalog", "application/linkset+json")
    signpost("service-desc", "/openapi.json", "application/vnd.oai.openapi+json")
    signpost("service-doc", "/help", "text/html")


def signpost_description() -> None:
    """Signpost what describes the whole dataset (FAIR Signposting Profile, metadata resources)."""
    signpost("describes", WHOLE, "text/html")


def signpost_download() -> None:
    """Signpost a file of the whole dataset (FAIR Signposting Profile, content resources)."""
    signpost("type", SCHEMA + "Dataset")
    signpost("collection", WHOLE, "text/html")


def _signpost_documents(documents: Iterable[tuple[str, str]]) -> None:
    for media_type, address in documents:
        signpost("alternate", address, media_type)
        if media_type in TOLD_IN:
            signpost("describedby", address, media_type)
            signpost("item", address, media_type)
