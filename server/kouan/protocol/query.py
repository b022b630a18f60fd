"""Answer SPARQL queries over HTTP (SPARQL 1.1 Protocol, section 2.1). Knows requests and formats; the engine evaluates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from kouan.engine import Answer, Engine, Question
from kouan.engine.formats import GRAPH_FORMATS, SOLUTION_FORMATS, Format, formats_of
from kouan.engine.guard import Inspection, inspect, refuse_services
from kouan.errors import BadRequest, MethodNotAllowed, NotAcceptable, TooLarge, UnsupportedMediaType
from kouan.protocol.description import service_description
from kouan.protocol.negotiation import best_of
from kouan.settings import Settings
from kouan.snapshot import Snapshot

QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
FORM_TYPE = "application/x-www-form-urlencoded"
HTML = "text/html"
METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
SINGLE = ("query", "timeout", "format", "infer", "version")
MULTIPLE = ("default-graph-uri", "named-graph-uri")
SHOWN_ROWS = 1000
VERSIONS = {"1.0", "1.1", "1.2", "1.2-basic"}


@dataclass(frozen=True)
class Asked:
    """A query request, read: the question, how long it may take and the format it names."""

    question: Question
    timeout: float
    format: str


def create_query(engine: Engine, snapshot: Callable[[], Snapshot], settings: Settings) -> Blueprint:
    """Return the /sparql address of an engine."""
    routes = Blueprint("query", __name__)

    @routes.route("/sparql", methods=list(METHODS), provide_automatic_options=False)
    @routes.route("/sparql/", methods=list(METHODS), provide_automatic_options=False)
    def sparql() -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers={"Allow": ", ".join(METHODS)})
        given = _parameters(settings)
        if "query" not in given:
            return _introduce(given, snapshot(), settings)
        asked = _read(given, settings)
        inspection = inspect(asked.question.text, length=settings.query_length, nesting=settings.query_nesting)
        refuse_services(asked.question.text, inspection)
        return _answer(engine, asked, inspection)

    return routes


def _parameters(settings: Settings) -> MultiDict[str, str]:
    """Return the request's parameters, wherever the protocol lets them stand (section 2.1, table 1)."""
    given: MultiDict[str, str] = MultiDict(request.args)
    if request.method in {"POST", "QUERY"}:
        if (request.content_length or 0) > settings.body_limit:
            raise TooLarge(f"The body is larger than {settings.body_limit:,} bytes.", limit="body_limit")
        media_type = request.mimetype
        if media_type == QUERY_TYPE:
            if "query" in given:
                raise BadRequest("The query stands both in the body and in the address; send it once.")
            given.add("query", _decoded(request.get_data()))
        elif media_type == FORM_TYPE and request.method == "POST":
            given.update(request.form)
            if "update" in given:
                raise BadRequest("This address takes queries; send updates to /update.")
            if "query" not in given:
                raise BadRequest('The form has no field "query".')
        elif media_type == UPDATE_TYPE:
            raise BadRequest("This address takes queries; send updates to /update.")
        else:
            raise UnsupportedMediaType(
                f"The body has the media type {media_type or 'of nothing'}; send {QUERY_TYPE}, or {FORM_TYPE} by POST."
            )
    for name in SINGLE:
        if len(given.getlist(name)) > 1:
            raise BadRequest(f"The parameter {name} stands {len(given.getlist(name))} times; send it once.")
    if "update" in given:
        raise BadRequest("An update changes data and cannot be sent here; POST it to /update.")
    return given


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8 at byte {error.start}.") from error


def _read(given: MultiDict[str, str], settings: Settings) -> Asked:
    if "\ufffd" in given["query"] and b"%EF%BF%BD" not in request.query_string.upper() and request.method == "GET":
        raise BadRequest("The query is not UTF-8.")
    if given.get("version", "1.1") not in VERSIONS:
        raise BadRequest(
            f"There is no SPARQL version {given['version']!r} here; there are {', '.join(sorted(VERSIONS))}."
        )
    default, named = (tuple(given.getlist(name)) for name in MULTIPLE)
    infer = {"true": True, "false": False, "": True}.get(given.get("infer", ""))
    if infer is None:
        raise BadRequest(f"infer is true or false, not {given['infer']!r}.")
    return Asked(
        Question(given["query"], default, named, infer),
        _timeout(given.get("timeout", ""), settings),
        given.get("format", ""),
    )


def _timeout(text: str, settings: Settings) -> float:
    if not text:
        return settings.timeout
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= settings.timeout_cap:
        raise BadRequest(f"timeout is a number of seconds above 0 and up to {settings.timeout_cap:g}, not {text!r}.")
    return seconds


def _answer(engine: Engine, asked: Asked, inspection: Inspection) -> Response:
    chosen = _chosen(inspection.form, asked.format)
    version = engine.version
    tag = None if inspection.is_volatile or not version else _entity_tag(version, asked, chosen)
    if tag and tag in request.if_none_match:
        answered = Response(status=304)
    elif chosen is None:
        answered = Response(_page(engine, asked, inspection), content_type="text/html; charset=utf-8")
    else:
        answer = engine.answer(asked.question, chosen.media_type, asked.timeout)
        answered = Response(_chunks(answer), content_type=chosen.content_type)
        if not answer.complete:
            answered.headers["X-Accel-Buffering"] = "no"
        answered.headers["Server-Timing"] = f"query;dur={answer.seconds * 1000:.1f}"
    if tag:
        answered.set_etag(tag)
        answered.headers["Cache-Control"] = "public, max-age=60, stale-while-revalidate=600"
    else:
        answered.headers["Cache-Control"] = "no-store"
    answered.headers["Vary"] = "Accept, Accept-Encoding"
    if version:
        answered.headers["Kouan-Version"] = version
    return answered


def _chunks(answer: Answer) -> list[bytes] | Iterator[bytes]:
    return [answer.body()] if answer.complete else iter(answer.chunks)


def _entity_tag(version: str, asked: Asked, chosen: Format | None) -> str:
    parts = [version, asked.question, chosen.name if chosen else HTML]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _chosen(form: str, name: str) -> Format | None:
    """Return the format of the answer; None is the page."""
    available = formats_of(form)
    if name:
        by_name = {each.name: each for each in available} | {each.media_type: each for each in available}
        if name in {"html", HTML}:
            return None
        if name not in by_name:
            names = ", ".join([*(each.name for each in available), "html"])
            raise NotAcceptable(
                f"There is no format {name!r} for {form}; there are {names}.", available=names.split(", ")
            )
        return by_name[name]
    meant = {media_type: each for each in available for media_type in (each.media_type, *each.others)}
    offers = (*meant, HTML)
    media_type = best_of(request.headers.get("Accept", ""), offers)
    if media_type is None:
        raise NotAcceptable(
            f"The answer to {form} cannot be had as {request.headers['Accept']}; it can be had as {', '.join(offers)}.",
            available=list(offers),
        )
    return meant.get(media_type)


def _page(engine: Engine, asked: Asked, inspection: Inspection) -> str:
    """Return a page with the query and its answer, for people."""
    variables: list[str] = []
    rows: list[dict[str, Any]] = []
    text, verdict = "", None
    if inspection.form in {"SELECT", "ASK"}:
        document = json.loads(engine.answer(asked.question, SOLUTION_FORMATS[0].media_type, asked.timeout).body())
        verdict = document.get("boolean")
        variables = document["head"].get("vars", [])
        rows = document.get("results", {}).get("bindings", [])
    else:
        text = engine.answer(asked.question, GRAPH_FORMATS[0].media_type, asked.timeout).body().decode()
    return render_template(
        "sparql.html",
        query=asked.question.text,
        variables=variables,
        rows=rows[:SHOWN_ROWS],
        total=len(rows),
        verdict=verdict,
        text=text,
        answered=True,
        formats=[each.name for each in formats_of(inspection.form)],
    )


def _introduce(given: MultiDict[str, str], snapshot: Snapshot, settings: Settings) -> Response:
    """Answer a request without a query: a form for people, the service description for tools (section 2.4 of its standard)."""
    if request.method not in {"GET", "HEAD"}:
        raise BadRequest("There is no query; send one as query= or as a body of application/sparql-query.")
    offers = (*(each.media_type for each in GRAPH_FORMATS), HTML)
    if given.get("format"):
        names = {each.name: each.media_type for each in GRAPH_FORMATS} | {"html": HTML}
        chosen = names.get(given["format"])
    else:
        chosen = best_of(request.headers.get("Accept", ""), offers)
    if chosen is None:
        raise NotAcceptable("The service description cannot be had so.", available=list(offers))
    if chosen == HTML:
        page = render_template(
            "sparql.html", query="", variables=[], rows=[], total=0, verdict=None, text="", answered=False, formats=[]
        )
        return Response(page, content_type="text/html; charset=utf-8", headers={"Vary": "Accept"})
    body = service_description(snapshot, request.base_url.rstrip("/"), chosen, settings)
    content_type = next(each.content_type for each in GRAPH_FORMATS if each.media_type == chosen)
    return Response(body, content_type=content_type, headers={"Vary": "Accept"})


def refuse_method(methods: list[str]) -> MethodNotAllowed:
    """Return the error for a method that an address does not take."""
    return MethodNotAllowed(f"{request.method} is not taken here; {', '.join(methods)} are.", allow=methods)
