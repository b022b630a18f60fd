"""Send who wants another format than a page's to its twin in that format, or say that there is none. Knows what pages offer.

A view names its twins beside its template:

    twins({"application/geo+json": "/map.geojson"})

What a page signposts as its alternates and descriptions are twins too. Who accepts anything gets the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, Response, g, request

from kouan.errors import NotAcceptable
from kouan.formats.negotiation import WHATEVER, accepted_as, best_of
from kouan.formats.table import BY_MEDIA_TYPE, formats_of
from kouan.http.addresses import sent_to
from kouan.http.languages import extended
from kouan.http.page import ACCEPT_SENT, problem_response

HTML, XHTML, JSON = "text/html", "application/xhtml+xml", "application/json"
# The relations by which a page signposts what says the same.
ALIKE = {"alternate", "describedby"}


def twins(found: Mapping[str, str]) -> None:
    """Let the page that is made be had elsewhere too: by media types, the addresses."""
    g.setdefault("twins", {}).update(found)


def twins_by_query(query: str, form: str = "SELECT") -> None:
    """Let the page that is made be had as the answers to a query of a form."""
    offered = (each for each in formats_of(form) if each.is_available and not each.is_announced)
    twins({each.media_type: "/sparql?" + urlencode({"query": query, "format": each.name}) for each in offered})


def heed_formats(app: Flask, but: frozenset[str]) -> None:
    """Let every address of an application heed `format=` and Accept, but for blueprints and endpoints that do so themselves."""

    @app.before_request
    def accept_what_is_named() -> None:
        if accept := accepted_as(request.args.get("format", "")):
            request.environ[ACCEPT_SENT] = request.headers.get("Accept", "")
            request.environ["HTTP_ACCEPT"] = accept

    @app.after_request
    def heeded(answer: Response) -> Response:
        if answer.status_code != 200 or request.method not in {"GET", "HEAD"}:
            return answer
        return answer if {request.endpoint, request.blueprint} & but else _heeded(answer)


def _heeded(answer: Response) -> Response:
    form, kind = request.args.get("format", ""), answer.mimetype or HTML
    accept = request.headers.get("Accept", "").lower().replace(XHTML, HTML)
    form = "" if form in WHATEVER else form
    if not form and (kind != HTML or not accept):
        return answer
    signposted = [(media_type, target) for relation, target, media_type in g.get("signposts", ()) if relation in ALIKE]
    found = [*g.get("twins", {}).items(), *signposted]
    offers: dict[str, str] = {}
    for media_type, address in ((kind, ""), *found):
        for each in (media_type, *_other_names(media_type)):
            offers.setdefault(each, address)
    wanted = accept if not form or accepted_as(form) else form if "/" in form else ""
    best = best_of(wanted, tuple(offers)) if wanted else None
    if best is None:
        there = list(dict.fromkeys((kind, *(media_type for media_type, _ in found))))
        return problem_response(
            NotAcceptable(
                f"This cannot be had as {form or accept}; it can be had as {', '.join(there)}.", available=there
            )
        )
    if not offers[best]:
        return answer
    mark = request.args.get("bom", "")
    return sent_to(extended(offers[best], {"bom": mark} if mark else {}))


def _other_names(media_type: str) -> tuple[str, ...]:
    known = BY_MEDIA_TYPE.get(media_type)
    return (*(known.others if known else ()), *([JSON] if media_type.endswith("json") else []))
