"""Wire the parts into one application: Flask for the pages, the query address before it. Does nothing else."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from kouan.engine.question import Engine
from kouan.errors import KouanError, MethodNotAllowed, NotFound, RequestError
from kouan.evaluation.question import Question
from kouan.http.arrival import in_loop
from kouan.http.conformance import create_conformance
from kouan.http.description import service_description
from kouan.http.downloads import create_downloads
from kouan.http.history import create_history
from kouan.http.page import create_page, problem_response
from kouan.http.problems import PROBLEM_JSON, problem_body, problem_headers
from kouan.http.query import FOR_EVERYBODY, QueryAddress, names_graph
from kouan.http.tokens import read_tokens
from kouan.http.validate import create_validation
from kouan.http.writes import create_writes
from kouan.http.wsgi import Bridge, read_all_of
from kouan.linking.routes import create_reconciliation
from kouan.linking.wikidata.pages import create_wikidata
from kouan.pages import create_pages
from kouan.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"
)
THREADS = 16
QUERY_PATHS = {"/sparql", "/sparql/"}
READS = {"GET", "HEAD"}
UNFORESEEN = "Something went wrong here that we did not foresee; it is in the operator's log."

log = logging.getLogger("kouan")


class Trouble(RequestError):
    """Something that we did not foresee; says nothing of the inside."""

    status = 500
    title = "Something went wrong here"


def create_app(engine: Engine, settings: Settings) -> Flask:
    """Return the application that serves the pages over one engine."""
    app = Flask("kouan")
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.body_limit

    def answer(query: str, media_type: str) -> bytes:
        return engine.answer(Question(query), media_type, settings.timeout)

    app.register_blueprint(create_page(engine))
    app.register_blueprint(create_downloads(answer, lambda: engine.snapshot))
    app.register_blueprint(create_validation(lambda: engine.snapshot, settings))
    app.register_blueprint(create_reconciliation(lambda: engine.snapshot))
    app.register_blueprint(create_wikidata(lambda: engine.snapshot))
    app.register_blueprint(create_pages(answer, lambda: engine.snapshot, settings.home / "questions"))

    tokens = read_tokens(settings.token)
    app.register_blueprint(create_writes(engine, tokens, partial(names_graph, engine), settings))
    app.register_blueprint(create_conformance())
    app.register_blueprint(create_history(engine, tokens, lambda: engine.snapshot.writes))

    @app.get("/health")
    def health() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

    @app.get("/ready")
    def ready() -> Response:
        answer("ASK {}", "text/csv")
        return Response("ready\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

    app.context_processor(lambda: {"is_own": engine.snapshot.is_own})
    _handle_errors(app)
    app.after_request(_add_headers)
    return app


class Served:
    """What one HTTP process serves, in the way that the HTTP server calls it (RSGI)."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.bridge = Bridge(create_app(engine, settings).wsgi_app, ThreadPoolExecutor(THREADS))

        def describe(address: str, media_type: str) -> bytes:
            return service_description(
                engine.snapshot,
                address,
                media_type,
                takes_writes=bool(settings.token),
                evaluates_here=not settings.engine,
                calls_others=settings.federation and bool(settings.services),
            )

        self.query = QueryAddress(engine, describe, self.bridge.answer, settings)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start working in a loop."""
        self.engine.open(loop)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        try:
            if scope.path in QUERY_PATHS:
                await self.query.answer(scope, proto)
                return
            await in_loop()
            if scope.method in READS and (scope.path == "/data" or scope.path.startswith("/data/")):
                await self.query.answer_graph(scope, proto)
            else:
                body = await read_all_of(scope, proto, self.settings.body_limit)
                await self.bridge.answer(scope, proto, {}, body)
        except RequestError as error:
            _refuse(scope, proto, error)
        except Exception as error:
            log.error("unforeseen", exc_info=error)
            _refuse(scope, proto, Trouble(UNFORESEEN))


def _refuse(scope: Any, proto: Any, error: RequestError) -> None:
    headers = [("content-type", PROBLEM_JSON), *problem_headers(error), *FOR_EVERYBODY]
    proto.response_bytes(error.status, headers, problem_body(error, scope.path))


def _handle_errors(app: Flask) -> None:
    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return problem_response(error)

    @app.errorhandler(KouanError)
    def ours(error: KouanError) -> Response:
        log.error("%s", error.message)
        return problem_response(Trouble("The server's own data is at fault; its operator finds the reason in the log."))

    @app.errorhandler(HTTPException)
    def standard(error: HTTPException) -> Response:
        if error.code == 404:
            return problem_response(NotFound(f"Nothing stands at {request.path}; the front page lists what there is."))
        if error.code == 405:
            allowed = sorted(getattr(error, "valid_methods", None) or [])
            return problem_response(
                MethodNotAllowed(f"{request.method} is not taken here; {', '.join(allowed)} are.", allow=allowed)
            )
        trouble = Trouble(error.description or error.name)
        trouble.status = error.code or 500
        trouble.title = error.name
        return problem_response(trouble)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("unforeseen", exc_info=error)
        return problem_response(Trouble(UNFORESEEN))


def _add_headers(answer: Response) -> Response:
    for name, value in FOR_EVERYBODY:
        answer.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        if answer.status_code == 200:
            answer.status_code = 204
            del answer.headers["Content-Type"]
        answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET, HEAD, OPTIONS")
        answer.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type, If-Match, If-None-Match"
        answer.headers["Access-Control-Max-Age"] = "86400"
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        answer.headers.setdefault("Vary", "Accept")
    return answer
