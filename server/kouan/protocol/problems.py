"""Turn an error into an answer: problem+json for tools (RFC 9457), a page for browsers. Knows no cause of any error."""

from __future__ import annotations

import json

from flask import Response, render_template, request

from kouan.errors import MethodNotAllowed, RequestError, Unauthorized
from kouan.protocol.negotiation import best_of

PROBLEM_JSON = "application/problem+json"
PROBLEM_BASE = "https://w3id.org/kouan/problem/"
OFFERS = (PROBLEM_JSON, "application/json", "text/html")


def problem_response(error: RequestError) -> Response:
    """Return the answer that says what went wrong and what to do."""
    problem = {
        "type": PROBLEM_BASE + error.slug,
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "instance": request.path,
    } | error.extra
    if _wants_page():
        page = render_template("problem.html", problem=problem, query=request.values.get("query", ""))
        answer = Response(page, status=error.status, content_type="text/html; charset=utf-8")
    else:
        body = json.dumps(problem, ensure_ascii=False)
        answer = Response(body, status=error.status, content_type=PROBLEM_JSON)
    if isinstance(error, MethodNotAllowed) and "allow" in error.extra:
        answer.headers["Allow"] = ", ".join(error.extra["allow"])
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="kouan"'
    if error.status == 503:
        answer.headers["Retry-After"] = "1"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wants_page() -> bool:
    accept = request.headers.get("Accept", "")
    try:
        return bool(accept) and best_of(accept, OFFERS) == "text/html"
    except RequestError:
        return False
