"""Show people a query form, an answer or a problem. Knows templates; what is shown is asked elsewhere."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable

from kouan.engine.answer import Asked
from kouan.engine.evaluator import SMALL_ANSWER
from kouan.errors import (
    NO_FILES,
    BadRequest,
    KouanError,
    MethodNotAllowed,
    NotFound,
    RequestError,
    Trouble,
    own_fault,
    short_of,
)
from kouan.evaluation.question import Question
from kouan.formats.negotiation import best_of, choose
from kouan.formats.table import GRAPH_FORMATS, SOLUTION_FORMATS, formats_of
from kouan.http.body import NO_BODY, media_type_of
from kouan.http.languages import language
from kouan.http.parameters import UPDATE_TYPE, read_body, read_get
from kouan.http.problems import PROBLEM_JSON, problem_body, problem_headers, problem_of, wants_page
from kouan.http.query import FOR_EVERYBODY
from kouan.http.ranges import no_such_part
from kouan.http.views import view_of
from kouan.settings import Settings
from kouan.sparql.door import Limits, know

REPORTS = (PROBLEM_JSON, "application/json", "text/turtle")
# Where the Accept header stands that was sent, where an address names a format in place of it.
ACCEPT_SENT = "kouan.accept"
SHOWN_ROWS = 1000
SHOWN_TEXT = 500_000
# Of a count of hundreds, the page names the first passages, and a download has all.
SHOWN_PASSAGES = 12
UNFORESEEN = "Something went wrong here that we did not foresee; it is in the operator's log."
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'"
)
# What leads to an address of this server in a page; those of static files are made with the path.
ROOTED = re.compile(r'(\b(?:href|src|action|formaction|data-[a-z-]+)=")/(?!/|[^"]*/static/)')

# What an answer can be downloaded as, by what it is.
OFFERED = {
    kind: [
        {"name": each.name, "type": each.media_type}
        for each in formats_of(form)
        if each.is_available and not each.is_announced
    ]
    for kind, form in (("SELECT", "SELECT"), ("ASK", "ASK"), ("GRAPH", "CONSTRUCT"))
}

Ask = Callable[[Question, str], bytes]
"""What answers a question as a media type; raises RequestError."""
Warn = Callable[[str, Sequence[str]], tuple[str, ...]]
"""What says what a query and the graphs that it is asked of name in vain."""
Naming = Callable[[Sequence[Mapping[str, Any]], Iterable[str]], Callable[[Mapping[str, Any]], Any]]
"""What returns, for rows of results in JSON and more IRIs, what gives each term of them as a page shows it, by its name."""
Describe = Callable[[str, str], bytes]
"""What describes the service at an address as a media type."""

log = logging.getLogger("kouan")


def create_query_page(
    ask: Ask, describe: Describe, warn: Warn, naming: Naming, first: Callable[[], str], settings: Settings
) -> Blueprint:
    """Return the page of /sparql, which opens with a first query, and the description of the service for who asks nothing."""
    routes = Blueprint("query", __name__)

    @routes.route("/sparql", methods=["GET", "HEAD", "POST", "QUERY"], provide_automatic_options=False)
    def sparql() -> Response | str:
        asked = _read(settings)
        accept = request.headers.get("Accept", "")
        if asked is None:
            chosen = choose("CONSTRUCT", request.args.get("format", ""), accept)
            if chosen is None or chosen.media_type == "text/html":
                return _render(first=first())
            description = describe(request.base_url, chosen.media_type)
            return Response(description, content_type=chosen.content_type, headers={"Vary": "Accept"})
        text = asked.question.text
        known = know(text, Limits.of(settings), form=True)
        page = Response(_answered(ask, warn, naming, asked.question, known.form))
        if known.is_volatile or known.services:
            # As of the bare answer: it is one of this moment.
            page.headers["Cache-Control"] = "no-store"
        return page

    return routes


def _read(settings: Settings) -> Asked | None:
    query_string = request.query_string.decode("latin-1")
    if request.method in {"GET", "HEAD"}:
        return read_get(query_string, settings)
    return read_body(request.method, query_string, request.content_type or "", request.get_data(), settings)


def _answered(ask: Ask, warn: Warn, naming: Naming, question: Question, form: str) -> str:
    formats = [each.name for each in formats_of(form) if each.is_available and not each.is_announced]
    if form not in {"SELECT", "ASK"}:
        text = ask(question, GRAPH_FORMATS[0].media_type).decode()
        shown: dict[str, Any] = {"text": text[:SHOWN_TEXT], "cut": len(text) > SHOWN_TEXT}
        shown["warnings"] = warn(question.text, question.graphs) if len(text) <= SMALL_ANSWER else ()
        return _render(query=question.text, answered=True, formats=formats, **shown)
    document = json.loads(ask(question, SOLUTION_FORMATS[0].media_type))
    rows = document.get("results", {}).get("bindings", [])
    evidence = document.get("evidence", [])[:SHOWN_ROWS]
    passages = {iri for told in evidence for iri in told["passages"][:SHOWN_PASSAGES]}
    inner = {iri for row in rows[:SHOWN_ROWS] for term in row.values() for iri in _within(term)}
    return _render(
        query=question.text,
        answered=True,
        formats=formats,
        verdict=document.get("boolean"),
        variables=document["head"].get("vars", []),
        rows=rows[:SHOWN_ROWS],
        total=len(rows),
        evidence=evidence,
        named=naming(rows[:SHOWN_ROWS], passages | inner),
        view=view_of(question.text),
        warnings=warn(question.text, question.graphs) if len(rows) <= 1 else (),
    )


def _within(term: Mapping[str, Any]) -> Iterator[str]:
    """Yield the IRIs in a triple term."""
    if term["type"] == "triple":
        for part in term["value"].values():
            yield from [part["value"]] if part["type"] == "uri" else _within(part)


def _render(**shown: Any) -> str:
    nothing = {
        "answered": False,
        "evidence": [],
        "most": SHOWN_PASSAGES,
        "query": "",
        "first": "",
        "offered": OFFERED,
        "variables": [],
        "rows": [],
        "total": 0,
        "verdict": None,
        "text": "",
        "formats": [],
        "view": None,
        "warnings": (),
    }
    return render_template("sparql.html", **(nothing | shown))


def problem_response(error: RequestError) -> Response:
    """Return the answer that says what went wrong and what to do: to a browser as a page, whatever format its address names."""
    if wants_page(request.environ.get(ACCEPT_SENT) or request.headers.get("Accept", "")):
        problem = problem_of(error, request.root_path + request.path)
        body: str | bytes = render_template("problem.html", problem=problem, query=_query_sent())
        answer = Response(body, status=error.status, content_type="text/html; charset=utf-8")
    elif _wants_report(error):
        # Only who asks for a report pays for loading the validator.
        from kouan.validation import Finding, Report

        report = Report(tuple(Finding(**finding) for finding in error.extra["report"]))
        answer = Response(report.turtle(), status=error.status, content_type="text/turtle; charset=utf-8")
    else:
        answer = Response(
            problem_body(error, request.root_path + request.path), status=error.status, content_type=PROBLEM_JSON
        )
    answer.headers.extend(problem_headers(error))
    return answer


def _query_sent() -> str:
    """Return the query that a page was asked for, to be shown again; "" where none can be read."""
    try:
        return request.values.get("query", "")
    except HTTPException:
        return ""


def _wants_report(error: RequestError) -> bool:
    """Return whether a client would rather have what the shapes object to as a SHACL report (SHACL, section 3.6)."""
    accept = request.headers.get("Accept", "")
    return bool(error.extra.get("report")) and bool(accept) and best_of(accept, REPORTS) == "text/turtle"


def unforeseen(error: Exception) -> RequestError:
    """Return what a client is told of an error that nobody saw coming, after the log was told all of it."""
    log.error("unforeseen", exc_info=error)
    if isinstance(error, OSError) and error.errno in NO_FILES:
        return short_of("file")
    return Trouble(UNFORESEEN)


def handle_errors(app: Flask) -> None:
    """Let one handler turn every error into an answer, and every answer have the headers that all have."""

    @app.before_request
    def bare() -> None:
        """Refuse a body where there is nothing to do with it, and one of two minds; a method that is not taken is told first."""
        if request.routing_exception is None:
            media_type_of(request.headers.get("Content-Type", ""))
        if request.method in {"GET", "HEAD"} and request.content_length and request.routing_exception is None:
            raise BadRequest(NO_BODY)

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return problem_response(error)

    @app.errorhandler(KouanError)
    def ours(error: KouanError) -> Response:
        log.error("%s", error.message)
        return problem_response(own_fault())

    @app.errorhandler(HTTPException)
    def standard(error: HTTPException) -> Response:
        if error.code == 404:
            return problem_response(NotFound(f"Nothing stands at {request.path}; the front page lists what there is."))
        if error.code == 405:
            allowed = sorted(getattr(error, "valid_methods", None) or [])
            return problem_response(
                MethodNotAllowed(f"{request.method} is not taken here; {', '.join(allowed)} are.", allow=allowed)
            )
        if isinstance(error, RequestedRangeNotSatisfiable):
            return problem_response(no_such_part(error.length or 0))
        trouble = Trouble(error.description or error.name)
        trouble.status = error.code or 500
        trouble.title = error.name
        return problem_response(trouble)

    @app.errorhandler(Exception)
    def others(error: Exception) -> Response:
        if isinstance(error, MemoryError):
            raise error
        return problem_response(unforeseen(error))

    app.after_request(_add_headers)


def _below(answer: Response) -> Response:
    """Lead every link of an answer below the path that a proxy serves it at."""
    for name, start in (("Location", "/"), ("Link", "</")):
        values = [
            (start[:-1] + request.root_path + value.removeprefix(start[:-1])) if value.startswith(start) else value
            for value in answer.headers.getlist(name)
        ]
        if values:
            answer.headers.setlist(name, values)
    if answer.mimetype == "text/html":
        # No text of a page has a quotation mark that is not escaped.
        answer.set_data(ROOTED.sub(rf"\1{request.root_path}/", answer.get_data(as_text=True)))
    return answer


def _add_headers(answer: Response) -> Response:
    if request.root_path:
        answer = _below(answer)
    for name, value in FOR_EVERYBODY:
        answer.headers.setdefault(name, value)
    if "PATCH" in (answer.headers.get("Allow", "") if request.method == "OPTIONS" else request.method):
        # RFC 5789, sections 2.2 and 3.1.
        answer.headers["Accept-Patch"] = UPDATE_TYPE
    if request.method == "OPTIONS":
        if answer.status_code == 200:
            answer.status_code = 204
            del answer.headers["Content-Type"]
        answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET, HEAD, OPTIONS")
        answer.headers["Access-Control-Allow-Headers"] = request.headers.get(
            "Access-Control-Request-Headers", "Accept, Authorization, Content-Type, If-Match, If-None-Match"
        )
        answer.headers["Access-Control-Max-Age"] = "86400"
    if answer.mimetype == "text/html":
        tiles = current_app.config.get("TILES", "")
        policy = CONTENT_SECURITY_POLICY.replace("data:", f"data: {tiles}") if tiles else CONTENT_SECURITY_POLICY
        answer.headers.setdefault("Content-Security-Policy", policy)
        is_page = answer.status_code == 200 or answer.status_code >= 400
        answer.headers.setdefault("Vary", "Accept, Accept-Language" if is_page else "Accept")
        if is_page:
            answer.headers.setdefault("Content-Language", language())
    return answer
