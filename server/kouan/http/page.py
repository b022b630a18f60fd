"""Show people a query form, an answer or a problem. Knows templates; what is shown comes with the request."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request

from kouan.engine.question import Engine
from kouan.errors import RequestError
from kouan.evaluation.question import Question
from kouan.formats.table import GRAPH_FORMATS, SOLUTION_FORMATS, formats_of
from kouan.http.negotiation import best_of
from kouan.http.problems import PROBLEM_JSON, problem_body, problem_headers, problem_of, wants_page
from kouan.http.views import view_of

REPORTS = (PROBLEM_JSON, "application/json", "text/turtle")
SHOWN_ROWS = 1000
SHOWN_TEXT = 500_000


def create_page(engine: Engine) -> Blueprint:
    """Return the page of /sparql; the address itself answers tools before a request comes here."""
    routes = Blueprint("query", __name__)

    @routes.route("/sparql", methods=["GET", "HEAD", "POST", "QUERY"], provide_automatic_options=False)
    def sparql() -> str:
        error = request.environ.get("kouan.error")
        if isinstance(error, RequestError):
            raise error
        asked = request.environ.get("kouan.asked")
        if asked is None:
            return _render(answered=False)
        environment = request.environ
        return _answered(engine, asked.question, asked.timeout, environment["kouan.form"], environment["kouan.sent"])

    return routes


def problem_response(error: RequestError) -> Response:
    """Return the answer that says what went wrong and what to do."""
    if wants_page(request.headers.get("Accept", "")):
        problem = problem_of(error, request.path)
        body: str | bytes = render_template("problem.html", problem=problem, query=request.values.get("query", ""))
        answer = Response(body, status=error.status, content_type="text/html; charset=utf-8")
    elif _wants_report(error):
        # Only who asks for a report pays for loading the validator.
        from kouan.validation import Finding, Report

        report = Report(tuple(Finding(**finding) for finding in error.extra["report"]))
        answer = Response(report.turtle(), status=error.status, content_type="text/turtle; charset=utf-8")
    else:
        answer = Response(problem_body(error, request.path), status=error.status, content_type=PROBLEM_JSON)
    answer.headers.extend(problem_headers(error))
    return answer


def _wants_report(error: RequestError) -> bool:
    """Return whether a client would rather have what the shapes object to as a SHACL report (SHACL, section 3.6)."""
    accept = request.headers.get("Accept", "")
    return bool(error.extra.get("report")) and bool(accept) and best_of(accept, REPORTS) == "text/turtle"


def _answered(engine: Engine, question: Question, timeout: float, form: str, sent: str) -> str:
    formats = [each.name for each in formats_of(form) if each.is_available and not each.is_announced]
    if form not in {"SELECT", "ASK"}:
        text = engine.answer(question, GRAPH_FORMATS[0].media_type, timeout).decode()
        shown = {"text": text[:SHOWN_TEXT], "cut": len(text) > SHOWN_TEXT}
        return _render(query=sent, answered=True, formats=formats, **shown)
    document = json.loads(engine.answer(question, SOLUTION_FORMATS[0].media_type, timeout))
    rows = document.get("results", {}).get("bindings", [])
    return _render(
        query=sent,
        answered=True,
        formats=formats,
        verdict=document.get("boolean"),
        variables=document["head"].get("vars", []),
        rows=rows[:SHOWN_ROWS],
        total=len(rows),
        evidence=document.get("evidence", [])[:SHOWN_ROWS],
        view=view_of(sent),
    )


def _render(**shown: Any) -> str:
    nothing = {
        "evidence": [],
        "query": "",
        "variables": [],
        "rows": [],
        "total": 0,
        "verdict": None,
        "text": "",
        "formats": [],
        "view": None,
    }
    return render_template("sparql.html", **(nothing | shown))
