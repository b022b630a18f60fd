"""Serve reconciliation over HTTP: 0.2 on /reconcile, the 1.0 draft on /reconcile/1.0. Knows requests; asks Service for answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, after_this_request, render_template, request

from kouan.errors import BadRequest, NotFound
from kouan.graph.whole_numbers import whole_number
from kouan.linking.asked import Json, as_mapping
from kouan.linking.draft import Draft
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.matching import Matcher
from kouan.linking.other_data import OtherData, read_named
from kouan.linking.sent import fields, refuse_unreadable
from kouan.linking.service import Service
from kouan.linking.things import Thing
from kouan.snapshot import Snapshot

CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,80}\Z")
SUGGESTED, MOST_SUGGESTED = 20, 500
FORM_OF_0_2 = re.compile(r"(?:queries|query|extend)=")
LOST = (
    "This is the draft of version 1.0 of the Reconciliation Service API, which takes queries in JSON at "
    "/reconcile/1.0/match; clients of version 0.2, such as OpenRefine 3, use /reconcile."
)
# Clients on other sites show the preview in a frame; it runs nothing and sends nothing.
FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"


def kept_gazetteer(
    snapshot: Callable[[], Snapshot], construct: Callable[[str], bytes], holders: Sequence[str]
) -> Callable[[], Gazetteer]:
    """Return what gives the things of the present snapshot by their names, read once for each version.

    Of other data than our own, `construct` answers queries in N-Triples, and `holders` are the properties that the settings
    name as leading to what holds a thing.
    """
    known: dict[str, Gazetteer] = {}

    def gazetteer() -> Gazetteer:
        now = snapshot()
        if now.version not in known:
            known.clear()
            known[now.version] = (
                Gazetteer(now.source_quads()) if now.is_own else OtherData(read_named(construct), holders)
            )
        return known[now.version]

    return gazetteer


def create_reconciliation(gazetteer: Callable[[], Gazetteer], name: Callable[[], str]) -> Blueprint:
    """Return the reconciliation service over what `gazetteer` gives of the present data, called `name` where it is others'."""
    routes = Blueprint("reconciliation", __name__, url_prefix="/reconcile")
    services: list[Service] = []

    def draft() -> Draft:
        after_this_request(_by_language)
        # zh-Hans is as Chinese as zh is.
        wanted = [tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0]
        return Draft(service(), next((tag for tag in wanted if tag in {"en", "zh"}), "en"))

    def service() -> Service:
        known = gazetteer()
        if not services or services[0].gazetteer is not known:
            called = {} if known.is_own else {"name": name()}
            services[:] = [Service(known, Matcher(known), **called)]
        return services[0]

    def find(identifier: str) -> Thing:
        thing = service().gazetteer.find(identifier)
        if thing is None:
            raise NotFound(f"There is no thing {identifier!r}; suggest/entity finds things by name.")
        return thing

    routes.before_request(refuse_unreadable)

    @routes.route("", methods=["GET", "POST"])
    @routes.route("/", methods=["GET", "POST"])
    def reconcile() -> Response:
        given = fields()
        if "queries" in given:
            return _json(service().match(_parse(given["queries"], "queries")))
        if "query" in given:
            return _json(service().match({"query": _single(given["query"])})["query"])
        if "extend" in given:
            return _json(service().extend(_parse(given["extend"], "extend")))
        # Not every client says that its JSON is JSON.
        body = request.get_data(as_text=True)
        if request.is_json or (request.method == "POST" and not request.form and body.strip()):
            return _json(_answer(_parse(body, "the body")))
        if request.method == "POST" and given:
            raise BadRequest("A form has queries, query or extend; this one has " + ", ".join(sorted(given)) + ".")
        return _json(service().manifest(request.base_url.rstrip("/")))

    def _answer(body: Any) -> Json:
        """Return the answer to a body in JSON: a batch under "queries" or bare, or an extension under "extend"."""
        body = as_mapping(body, "the body")
        if "extend" in body:
            return service().extend(body["extend"])
        if isinstance(body.get("queries"), list):
            raise BadRequest("A list of queries is for the draft of version 1.0, which is at /reconcile/1.0/match.")
        return service().match(body.get("queries", body))

    @routes.get("/suggest/<kind>")
    @routes.get("/1.0/suggest/<kind>")
    def suggest(kind: str) -> Response:
        if kind not in {"entity", "type", "property"}:
            raise NotFound(f"There is nothing to suggest of kind {kind}; there are entity, type and property.")
        is_draft = "/1.0/" in request.path
        # 0.2 calls cursor what the draft calls offset (Suggest Queries).
        skipped = _whole("offset" if is_draft and "offset" in request.args else "cursor", 0)
        most = min(_whole("limit", SUGGESTED) or SUGGESTED, MOST_SUGGESTED)
        asked = draft() if is_draft else service()
        found = asked.suggest(kind, request.args.get("prefix", ""), skipped + most)
        return _json({"result": found["result"][skipped:]})

    @routes.get("/flyout/<kind>")
    def flyout(kind: str) -> Response:
        identifier = request.args.get("id", "")
        if kind == "entity":
            thing = find(identifier)
            text = render_template("flyout.html", name=thing.label, text=service().shown.describe(thing))
            return _json({"id": identifier, "html": text})
        found = (
            [t for t in service().shown.terms(kind) if t["id"] == identifier] if kind in {"type", "property"} else []
        )
        if not found and kind == "property" and identifier in {p["id"] for p in service().shown.proposed("")}:
            found = [service().shown.meta(identifier) | {"description": ""}]
        if not found:
            raise NotFound(f"There is no {kind} {identifier!r}; suggest/{kind} lists them.")
        text = render_template("flyout.html", name=found[0]["name"], text=found[0]["description"])
        return _json({"id": identifier, "html": text})

    @routes.get("/preview")
    @routes.get("/1.0/preview")
    def preview() -> Response:
        thing = find(request.args.get("id", ""))
        shown = draft().shown
        page = render_template("preview.html", thing=thing, name=shown.name(thing), text=shown.describe(thing))
        return Response(page, headers={"Content-Security-Policy": FRAMED})

    @routes.get("/properties")
    @routes.get("/1.0/extend/propose")
    def propose() -> Response:
        limit = _whole("limit", 0)
        shown = draft().shown if "/1.0/" in request.path else service().shown
        return _json(service().propose(request.args.get("type", ""), limit, shown))

    @routes.route("/1.0", methods=["GET", "POST"])
    @routes.route("/1.0/", methods=["GET", "POST"])
    def manifest() -> Response:
        _refuse_0_2()
        return _json(draft().manifest(request.base_url.rstrip("/")))

    @routes.post("/1.0/match")
    def match() -> Response:
        return _json(draft().match(_body_of_draft()))

    @routes.post("/1.0/extend")
    def extend() -> Response:
        return _json(draft().extend(_body_of_draft()))

    return routes


def _whole(name: str, default: int) -> int:
    """Return the whole number in a parameter, or the default where it is not there; BadRequest for anything else."""
    given = whole_number(request.args.get(name, str(default)))
    if given is None:
        raise BadRequest(f"{name} must be a whole number.")
    return given


def _refuse_0_2() -> None:
    """Raise BadRequest where a client of 0.2 asks at the address of the draft, as it would not understand the answer."""
    if {"queries", "query", "extend"} & set(request.values) or request.method == "POST":
        raise BadRequest(LOST)


def _body_of_draft() -> Any:
    """Return the body of a request of the draft, which is JSON whatever it says it is; BadRequest for a form of 0.2."""
    body = request.get_data(as_text=True)
    if FORM_OF_0_2.match(body):
        raise BadRequest(LOST)
    return _parse(body, "the body")


def _single(text: str) -> Any:
    """Return the one query of the parameter `query`: a JSON object, or the bare text of a name."""
    return _parse(text, "query") if text.lstrip().startswith("{") else {"query": text}


def _parse(text: str, what: str) -> Any:
    try:
        # What .NET and PowerShell write begins with a byte order mark.
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{what} is not valid JSON: {error}.") from error


def _json(document: Any) -> Response:
    # Half a surrogate pair, which a client may send in JSON, is sent back in the way that it can be written.
    text = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
    callback = request.values.get("callback", "")
    if callback:
        if not CALLBACK.match(callback):
            raise BadRequest("callback must be the name of a function.")
        return Response(b"%s(%s);" % (callback.encode(), text), content_type="application/javascript; charset=utf-8")
    return Response(text, content_type="application/json; charset=utf-8")


def _by_language(answer: Response) -> Response:
    answer.vary.add("Accept-Language")
    return answer
