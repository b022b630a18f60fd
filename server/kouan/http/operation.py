"""Tell an operator, and a client, how the server is and what it allows. Knows no query; asks nothing but whether an evaluator answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from kouan.engine.answer import Engine
from kouan.http.counters import METRICS_TYPE, Counters
from kouan.http.fair_use import FairUse
from kouan.http.problems import rate_headers, wants_page
from kouan.processes.wall import has_wall
from kouan.release import VERSION
from kouan.settings import Settings

TEXT = "text/plain; charset=utf-8"
# What a client's share or the server's state is now is no answer to keep.
NOW = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
CLIENT = "kouan.client"
Amiss = Callable[[], str]
"""What says what is amiss with the data as it stands now, so that nothing is written; "" where nothing is."""
LIMITS = (
    "timeout",
    "timeout_cap",
    "memory_limit",
    "result_limit",
    "query_length",
    "query_nesting",
    "query_siblings",
    "body_limit",
)


def well() -> str:
    """Return that nothing is amiss."""
    return ""


def create_operation(
    engine: Engine, counters: Counters, fair_use: FairUse, settings: Settings, amiss: Amiss
) -> Blueprint:
    """Return /health, /ready, /metrics and /limits."""
    routes = Blueprint("operation", __name__)

    @routes.get("/health")
    def health() -> Response:
        if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "application/json":
            said = {"status": "ok", "kouan": VERSION, "version": engine.version, "wall": has_wall(), "fault": amiss()}
            return _now(jsonify(said))
        return _now(Response("ok\n" if has_wall() else "ok, without a wall around evaluators\n", content_type=TEXT))

    @routes.get("/ready")
    def ready() -> Response:
        engine.answer("ASK {}", "text/csv", settings.timeout)
        fault = amiss()
        return _now(Response(f"ready, read only: {fault}\n" if fault else "ready\n", content_type=TEXT))

    @routes.get("/metrics")
    def metrics() -> Response:
        page = counters.page(engine.version, engine.snapshot.triples)
        return _now(Response(page, content_type=METRICS_TYPE))

    @routes.get("/limits")
    def limits() -> Response:
        client = request.environ.get(CLIENT, "")
        standing = [each._asdict() for each in fair_use.allowances(client)] if fair_use.is_metered(client) else []
        if wants_page(request.headers.get("Accept", "")):
            answer = Response(render_template("limits.html", settings=settings, standing=standing))
        else:
            said: dict[str, Any] = {name: getattr(settings, name) for name in LIMITS}
            shares = {
                "seconds": settings.client_seconds,
                "errors": settings.client_errors,
                "queries": settings.client_queries,
            }
            answer = jsonify({"limits": said, "shares": shares, "standing": standing})
        if standing:
            answer.headers.extend(rate_headers(standing))
        return _now(answer)

    return routes


def _now(answer: Response) -> Response:
    answer.headers.update(NOW)
    return answer
