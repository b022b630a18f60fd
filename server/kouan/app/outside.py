"""What an HTTP process answers by itself: writes, history, its own health; all else is made by evaluators. Wires, no more."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, request
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]
from pyoxigraph import RdfFormat

from kouan.engine.answer import Engine
from kouan.errors import BadRequest, RequestError
from kouan.http.addresses import WholeNumber
from kouan.http.arrival import in_loop
from kouan.http.assets import create_assets
from kouan.http.body import has_body, read_all_of
from kouan.http.conditions import READS, heed_conditions
from kouan.http.context import Contexts
from kouan.http.counters import Counters
from kouan.http.fair_use import FairUse
from kouan.http.forwarded import Front
from kouan.http.head import require_bounded, require_one_of_each
from kouan.http.history import create_history
from kouan.http.languages import LANGUAGES, speak
from kouan.http.observation import Observer
from kouan.http.operation import CLIENT, Amiss, create_operation, well
from kouan.http.page import handle_errors, problem_response, unforeseen
from kouan.http.pages import PageAddresses
from kouan.http.parameters import FORM_TYPE, MULTIPART_TYPE, QUERY_TYPE, UPDATE_TYPE, body_limit, in_utf8
from kouan.http.problems import PROBLEM_JSON, problem_body, problem_headers, wants_page
from kouan.http.query import FOR_EVERYBODY, QueryAddress, names_graph
from kouan.http.request import AddressedRequest
from kouan.http.site import introduce
from kouan.http.tokens import read_tokens
from kouan.http.twins import heed_formats
from kouan.http.writes import Writes, create_writes
from kouan.http.wsgi import Bridge, header, prefix_of
from kouan.processes.heartbeat import SECONDS_BETWEEN_BEATS, Heartbeats
from kouan.processes.memory import resident
from kouan.settings import Settings
from kouan.snapshot.about import remembered
from kouan.writes.change import JSON_TYPE, NAMING, PAYLOADS

THREADS = 16
# A page that says what is wrong waits no longer to say of what.
SECONDS_FOR_A_HEADER = 2.0
QUERY_PATHS = {"/sparql", "/sparql/"}
# What writes heeds formats itself, and a probe gets its answer whatever it asks.
THEMSELVES = frozenset({"writes", "static", "operation.health", "operation.ready", "operation.metrics"})
# How the target that is no address comes, and the methods that some address takes.
OF_THE_SERVER = {"*", "/*"}
SPOKEN = ("GET", "HEAD", "POST", "QUERY", "PUT", "PATCH", "DELETE", "OPTIONS")
# What is answered without an evaluator, by the first part of its path.
OUTSIDE = {"update", "data", "history", "health", "ready", "metrics", "limits", "static"}
# These read a body in its charset themselves.
READ_IN_CHARSETS = {"update", "data"}

# What is told of a process as it is, whatever it lacks.
OF_THE_MOMENT = frozenset({"/health", "/ready", "/metrics", "/limits"})

# What may stand in the address of the downloads besides, and names no graph.
LANGUAGE_ALONE = {f"lang={code}" for code in LANGUAGES}
# Who looks for the description of a service takes triples too, or reads pages.
OF_DESCRIPTIONS = ("/turtle", "/n-triples", "/rdf+xml", "/html", "sparql-results")
# What may hold graphs with their names, and can be no query.
OF_GRAPHS = {name for name, each in PAYLOADS.items() if each in NAMING | {RdfFormat.JSON_LD}} - {JSON_TYPE}
# What is named in an address.
QUERY_NAMED = re.compile(r"(?:^|&)query=")
UPDATE_FIELD = re.compile(rb"(?:^|&)update=[^&]")
# In the head of a part, for a query may say the same in a text.
UPDATE_PART = re.compile(rb"""^content-disposition:[^\r\n]*;\s*name="?update["\s;]""", re.IGNORECASE | re.MULTILINE)
GRAPH_NAMED = re.compile(r"(?:^|&)(?:graph(?:-uri)?=|default(?:=|&|$))")


@dataclass(frozen=True)
class Shared:
    """What all HTTP processes of a server share; made before they are forked."""

    heartbeats: Heartbeats
    counters: Counters
    fair_use: FairUse


def create_outside(engine: Engine, write_out: Writes, settings: Settings, shared: Shared, amiss: Amiss = well) -> Flask:
    """Return the application of what needs no evaluator."""
    app = Flask("kouan")
    app.request_class = AddressedRequest
    app.url_map.strict_slashes = False
    app.url_map.converters["int"] = WholeNumber
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.body_limit
    tokens = read_tokens(settings.token)
    app.register_blueprint(create_assets())

    def answer(query: str, media_type: str) -> bytes:
        return engine.answer(query, media_type, SECONDS_FOR_A_HEADER)

    contexts = Contexts(answer, lambda: engine.snapshot)
    app.register_blueprint(create_writes(engine, write_out, tokens, partial(names_graph, engine), contexts, settings))
    app.register_blueprint(create_history(engine, write_out, tokens, lambda: engine.snapshot.writes))

    app.register_blueprint(create_operation(engine, shared.counters, shared.fair_use, settings, amiss))

    @app.before_request
    def show_error() -> Response | None:
        error = request.environ.get("kouan.error")
        return problem_response(error) if isinstance(error, RequestError) else None

    speak(app)
    introduce(app, remembered(answer, lambda: engine.snapshot, settings), lambda: engine.snapshot)
    handle_errors(app)
    heed_formats(app, THEMSELVES)
    heed_conditions(app)

    @app.after_request
    def challenge(answer: Response) -> Response:
        told = answer.headers.getlist("WWW-Authenticate")
        if told and settings.challenge != "both":
            answer.headers.setlist(
                "WWW-Authenticate", [each for each in told if each.lower().startswith(settings.challenge)]
            )
        return answer

    return app


class RsgiApplication:
    """What one HTTP process serves, in the way that the HTTP server calls it (RSGI)."""

    def __init__(
        self,
        engine: Engine,
        write_out: Writes,
        settings: Settings,
        shared: Shared,
        number: int,
        amiss: Amiss = well,
    ) -> None:
        """Take which of the HTTP processes this is, and what says what is amiss with what is served."""
        self.shared = shared
        self.number = number
        self.engine = engine
        self.settings = settings
        threads = started_threads(THREADS)
        self.observer = Observer(shared.counters, settings)
        application = create_outside(engine, write_out, settings, shared, amiss)
        self.outside = Bridge(application.wsgi_app, threads)
        self.front = Front.of(settings)
        self.query = QueryAddress(engine, self._page, self._refuse, shared.fair_use, settings)
        self.pages = PageAddresses(engine, self._refuse, self.query.cache, shared.fair_use, settings)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start working in a loop."""
        self.engine.open(loop)
        self.shared.heartbeats.serve()
        self.shared.fair_use.begin(self.number)
        self._beat(loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self.shared.heartbeats.beat()
        cache, gauges = self.query.cache, self.engine.gauges()
        memory = resident(os.getpid())
        self.shared.counters.tell(cache_bytes=cache.size, cache_hits=cache.hits, memory_bytes=memory, **gauges)
        loop.call_later(SECONDS_BETWEEN_BEATS, self._beat, loop)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request: the one place that says who answers what."""
        if self.front is not None:
            scope = self.front.seen(scope)
        proto = self.observer.exchange(scope, proto)
        try:
            require_bounded(scope)
            require_one_of_each(scope)
            path = scope.path
            if path not in OF_THE_MOMENT:
                self.engine.keep_up()
            if scope.method == "OPTIONS" and path in OF_THE_SERVER:
                # It asks of the server in general (RFC 9110, section 9.3.7).
                proto.response_empty(204, [("allow", ", ".join(SPOKEN))])
                return
            if path in QUERY_PATHS or (path == "/" and _is_query(scope)):
                await self._at_one_address(scope, proto)
                return
            place = path[1:].partition("/")[0]
            if place not in OUTSIDE and not has_body(scope) and await self.pages.is_repeated(scope, proto):
                return
            await in_loop()
            if place == "data" and scope.method in READS:
                await self._at_data(scope, proto)
                return
            body = await read_all_of(scope, proto, body_limit(scope, self.settings))
            require_reason(scope)
            if place not in READ_IN_CHARSETS:
                kinds = (FORM_TYPE, JSON_TYPE) if place == "reconcile" else (FORM_TYPE,)
                body = in_utf8(header(scope, "content-type"), body, *kinds)
            if place in OUTSIDE:
                await self.outside.answer(scope, proto, {CLIENT: proto.client}, body)
            else:
                await self._page(scope, proto, body)
        except RequestError as error:
            await in_loop()
            await self._refuse(scope, proto, error)
        except ProtocolClosed:
            # The client hung up in the middle of what it sent.
            return
        except Exception as error:
            _say(scope, proto, unforeseen(error))

    async def _at_one_address(self, scope: Any, proto: Any) -> None:
        """Answer a request to /sparql, where some clients send updates and graphs too."""
        names_graph = "query=" not in scope.query_string and GRAPH_NAMED.search(scope.query_string)
        is_read = scope.method in READS
        # A client of graphs that asks for all of them names none, and takes nothing but formats that have their names (Jena).
        accept = header(scope, "accept").lower()
        asks_all = not scope.query_string and "/trig" in accept and not any(each in accept for each in OF_DESCRIPTIONS)
        if is_read and (names_graph or (asks_all and self.settings.token)):
            await in_loop()
            await self.query.answer_graph(scope, proto, "/data")
            return
        if not self.settings.token or is_read:
            await self.query.answer(scope, proto)
            return
        await in_loop()
        body = await read_all_of(scope, proto, body_limit(scope, self.settings))
        content_type = (scope.headers.get("content-type") or "").partition(";")[0].strip().lower()
        has_field = (content_type == FORM_TYPE and UPDATE_FIELD.search(body) is not None) or (
            content_type == MULTIPART_TYPE and UPDATE_PART.search(body) is not None
        )
        # What stands in a text of JSON has its quotation marks escaped.
        has_member = content_type == JSON_TYPE and b'"update"' in body
        is_update = content_type == UPDATE_TYPE or has_field or has_member
        sends_graphs = scope.method in {"PUT", "POST"} and content_type in OF_GRAPHS
        has_graphs = sends_graphs and "query=" not in scope.query_string
        if is_update or names_graph or has_graphs:
            require_reason(scope)
            place = "/update" if is_update else "/data"
            await self.outside.answer(scope, proto, {"PATH_INFO": place}, body)
        else:
            await self.query.answer(scope, proto, body)

    async def _at_data(self, scope: Any, proto: Any) -> None:
        """Answer for a graph by its name (SPARQL 1.1 Graph Store Protocol), or show who reads pages what can be downloaded."""
        named = scope.query_string and scope.query_string not in LANGUAGE_ALONE
        if named or scope.path.strip("/") != "data" or not wants_page(header(scope, "accept")):
            await self.query.answer_graph(scope, proto)
        elif not await self.pages.is_repeated(scope, proto):
            await self._page(scope, proto, b"")

    async def _page(self, scope: Any, proto: Any, body: bytes) -> None:
        await self.pages.answer(scope, proto, body)

    async def _refuse(self, scope: Any, proto: Any, error: RequestError) -> None:
        if error.status == 499:
            proto.response_empty(499, [])
        elif wants_page(header(scope, "accept")):
            # The page shows the error whatever method met it; the server itself sends no body after HEAD.
            await self.outside.answer(scope, proto, {"kouan.error": error, "REQUEST_METHOD": "GET"}, b"")
        else:
            _say(scope, proto, error)


def require_reason(scope: Any) -> None:
    """Raise BadRequest where a write has a reason that cannot be read."""
    if "kouan-reason" in scope.headers and scope.headers.get("kouan-reason") is None:
        raise BadRequest(
            "Kouan-Reason holds characters that no header can; send them percent-encoded, as in %E5%8F%A3%E5%B2%B8."
        )


def _is_query(scope: Any) -> bool:
    """Return whether a request asks a query, as clients do at the root that were given the address of the server alone."""
    content_type = (scope.headers.get("content-type") or "").strip().lower()
    return bool(QUERY_NAMED.search(scope.query_string)) or (
        scope.method in {"POST", "QUERY"} and content_type.startswith((FORM_TYPE, QUERY_TYPE, JSON_TYPE))
    )


def started_threads(number: int) -> ThreadPoolExecutor:
    """Return threads that have started: one that could not be later would leave what it was to do to another, or to nobody."""
    threads, all_there = ThreadPoolExecutor(number), threading.Barrier(number)
    for _ in range(number):
        threads.submit(all_there.wait)
    return threads


def _say(scope: Any, proto: Any, error: RequestError) -> None:
    headers = [("content-type", PROBLEM_JSON), *problem_headers(error), *FOR_EVERYBODY]
    proto.response_bytes(error.status, headers, problem_body(error, prefix_of(scope) + scope.path))
