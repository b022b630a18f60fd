"""Serve what machines look for by a name that all servers have: descriptions of the interfaces, sitemaps, robots, the context."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response, request

from kouan.errors import NotFound
from kouan.http.context import Contexts
from kouan.http.openapi import MEDIA_TYPE, openapi
from kouan.http.sitemap import sitemap
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer

LINKSET = "application/linkset+json"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
# Pages may be read by robots; what each address asks anew may not.
ROBOTS = "User-agent: *\nDisallow: /sparql?\nDisallow: /explore?\nDisallow: /search\nDisallow: /reconcile\nDisallow: /fragments?\n"


def create_well_known(
    answer: Answer, snapshot: Callable[[], Snapshot], about: Callable[[], About], contexts: Contexts
) -> Blueprint:
    """Return /openapi.json, /.well-known/api-catalog, /context.jsonld, /sitemap.xml with its parts, and /robots.txt."""
    routes = Blueprint("well-known", __name__)

    def root() -> str:
        return request.root_url.rstrip("/")

    @routes.get("/openapi.json")
    def described() -> Response:
        return Response(openapi(snapshot(), about(), root()), content_type=MEDIA_TYPE)

    @routes.get("/.well-known/api-catalog")
    def api_catalog() -> Response:
        answered = Response(
            _catalogue(root(), has_store=snapshot().is_here), content_type=f'{LINKSET}; profile="{PROFILE}"'
        )
        answered.headers["Link"] = f'<{root()}/.well-known/api-catalog>; rel="api-catalog"'
        return answered

    @routes.get("/context.jsonld")
    def context() -> Response:
        return Response(contexts.document(), content_type="application/ld+json")

    @routes.get("/sitemap.xml")
    @routes.get("/sitemap-<int:number>.xml")
    def pages(number: int | None = None) -> Response:
        found = sitemap(answer, snapshot(), root(), number)
        if found is None:
            raise NotFound(f"There is no part {number} of the sitemap; /sitemap.xml lists those that there are.")
        return Response(found, content_type="application/xml")

    @routes.get("/robots.txt")
    def robots() -> Response:
        return Response(f"{ROBOTS}\nSitemap: {root()}/sitemap.xml\n", content_type="text/plain; charset=utf-8")

    return routes


def _catalogue(root: str, *, has_store: bool) -> bytes:
    """Return the interfaces of the server with what describes each (RFC 9727, section 4; RFC 9264)."""

    def to(address: str, media_type: str) -> list[dict[str, str]]:
        return [{"href": root + address, "type": media_type}]

    document, help_ = to("/openapi.json", MEDIA_TYPE), to("/help", "text/html")
    status = to("/health", "application/json")
    described = {
        "/": {
            "service-desc": document,
            "service-doc": help_,
            "status": status,
            "service-meta": to("/dcat", "text/turtle"),
        },
        "/sparql": {"service-desc": to("/sparql", "text/turtle"), "service-doc": help_, "status": status},
        "/reconcile": {"service-desc": to("/reconcile", "application/json"), "service-doc": help_, "status": status},
    }
    if has_store:
        described["/fragments"] = {
            "service-desc": to("/fragments", "text/turtle"),
            "service-doc": help_,
            "status": status,
        }
    links = [{"anchor": root + place, **relations} for place, relations in described.items()]
    # The catalogue lists what it catalogues too (RFC 9727, section 3.1).
    items = [{"anchor": f"{root}/.well-known/api-catalog", "item": [{"href": root + place} for place in described]}]
    return json.dumps({"linkset": [*items, *links]}, indent=1).encode() + b"\n"
