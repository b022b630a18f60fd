"""Keep what the library makes of conditional requests to what RFC 9110, section 13, says. Knows no answers."""

from __future__ import annotations

from flask import Flask, Response, request

from kouan.errors import PreconditionFailed
from kouan.http.delivery import ANOTHER_TAG
from kouan.http.page import problem_response

READS = {"GET", "HEAD"}


def heed_conditions(app: Flask) -> None:
    """Let every address of an application send no answer with a 412, and know * for the tag of whatever it has."""

    @app.before_request
    def any_is_met() -> None:
        if request.method in READS and request.headers.get("If-Match") == "*":
            del request.environ["HTTP_IF_MATCH"]

    @app.after_request
    def unmet(answer: Response) -> Response:
        is_told = request.method not in READS or "kouan.error" in request.environ
        return answer if answer.status_code != 412 or is_told else problem_response(PreconditionFailed(ANOTHER_TAG))
