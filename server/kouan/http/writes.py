"""Take writes over HTTP: SPARQL Update on /update and the Graph Store Protocol on /data. Knows requests; the engine writes.

SPARQL 1.1 Protocol, section 2.2, and SPARQL 1.1 Graph Store HTTP Protocol. Reads of /data are answered as queries are.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, request
from pyoxigraph import RdfFormat

from kouan.engine.answer import Engine
from kouan.errors import BadRequest, Conflict, NotFound, PreconditionFailed, RequestError, TooLarge
from kouan.formats.negotiation import best_of
from kouan.graph.expansion import Options
from kouan.http.body import options_to_read, rdf_of, rdf_of_file, type_of_file
from kouan.http.context import Contexts
from kouan.http.parameters import MULTIPART_TYPE, graph_asked, read_update, truth
from kouan.http.query import graph_tag
from kouan.http.tags import of_states, tags_in
from kouan.http.tokens import READ, WRITE, Token, allowed
from kouan.settings import Settings
from kouan.writes.change import DEFAULT, DELETE, NAMING, PAYLOADS, POST, PUT, UPDATE, WHOLE, Payload, Write
from kouan.writes.policy import Author
from kouan.writes.request import Request, changed_since

METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]
KINDS = {"PUT": PUT, "POST": POST, "DELETE": DELETE}
REASON, KEY = "Kouan-Reason", "Idempotency-Key"
MOST_OF_KEY = 255
CONDITIONS = ("If-Match", "If-None-Match")
# What is never made on is the version of nothing.
NO_VERSION = "-"
EVER = {DEFAULT, WHOLE}
SECONDS_TO_TRY = 10.0
# What clients of SPARQL say that they accept whatever they send, updates too.
OF_RDF = (
    *("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples", "application/rdf+json"),
    *("application/sparql-results+xml", "application/sparql-results+json"),
)

Writes = Callable[[Request], dict[str, Any]]
"""What makes a write and returns its record; raises RequestError."""
Tagged = Callable[[str, str], bool]
"""Whether an If-Match header names what GET of a graph answers now."""


def create_writes(
    engine: Engine,
    write_out: Writes,
    tokens: tuple[Token, ...],
    is_present: Tagged,
    contexts: Contexts,
    settings: Settings,
) -> Blueprint:
    """Return the addresses /update and /data for whatever changes the data."""
    routes = Blueprint("writes", __name__)

    def make(write: Write, token: Token, exists: bool | None = None) -> Response:
        # Whatever could be amiss with the request is found before anything is written.
        wants_record = _wants_record(request.headers.get("Accept", ""))
        asked = identified(
            Request(
                write,
                Author(token.name, unquote(request.headers.get(REASON, ""))),
                after=_expected(engine, write, is_present),
                is_dry=flag("dry-run"),
                reason=flag("reason"),
            )
        )
        if exists is None or "*" not in map(request.headers.get, CONDITIONS):
            record = write_out(asked)
        elif not settings.engine:
            record, exists = _made_on_condition(engine, write_out, asked)
        elif fault := _unmet(exists):
            raise PreconditionFailed(fault)
        else:
            # Another server has no versions of ours: somebody may come in between.
            record = write_out(asked)
        # A graph without triples is none, so that nothing is created by what has none.
        holds = record["added"] > 0 if "added" in record else exists is False and _stands(engine, write.graph)
        created = exists is False and not asked.is_dry and holds
        answer = Response(_json(record), status=201 if created else 200, content_type="application/json")
        if not wants_record:
            answer = Response(status=201 if created else 204)
            del answer.headers["Content-Type"]
        answer.headers["Kouan-Version"] = record["version"]
        if write.kind != UPDATE:
            # Of a graph that was written the tag is the one that GET has; an update has no graph of its own.
            answer.headers["ETag"] = f'"{graph_tag(record["version"], write.graph, request.mimetype)}"'
        answer.headers["Cache-Control"] = "no-store"
        if created:
            answer.headers["Location"] = write.graph
        return answer

    def token() -> Token:
        return allowed(tokens, request.headers.get("Authorization", ""), READ if flag("dry-run") else WRITE)

    @routes.post("/update")
    def update() -> Response:
        return updated(token())

    def patched(graph: str, bearer: Token) -> Response:
        """Make an update that is sent to change the dataset (SPARQL 1.1 Graph Store HTTP Protocol, section 5.7)."""
        if graph != WHOLE:
            raise BadRequest(
                "PATCH takes an update of the whole dataset; send it to /data, and name its graphs in the update."
            )
        return updated(bearer)

    def updated(bearer: Token) -> Response:
        asked = read_update(
            request.query_string.decode("latin-1"), request.headers.get("Content-Type", ""), request.get_data()
        )
        if len(asked.text) > settings.body_limit:
            raise TooLarge(
                f"The update has {len(asked.text):,} characters and may have {settings.body_limit:,}; send it as RDF to /data, "
                "or ask the operator to raise KOUAN_BODY_LIMIT.",
                limit="body_limit",
            )
        return make(Write(UPDATE, asked.text, using=asked.using, using_named=asked.using_named), bearer)

    @routes.route("/data", methods=METHODS)
    @routes.route("/data/<path:name>", methods=METHODS)
    def data(name: str = "") -> Response:
        del name
        bearer = token()
        if "Content-Range" in request.headers and request.method != "GET":
            raise BadRequest("A part of a graph is not taken for the whole (RFC 9110, section 14.5); send all of it.")
        fields = request.form.items(multi=True) if request.mimetype == MULTIPART_TYPE else ()
        graph = graph_asked(request.query_string.decode("latin-1"), request.root_url.rstrip("/"), request.path, fields)
        if graph is None:
            # Graphs with their names go to the whole dataset; a graph without one gets a new name (section 5.5).
            kept = NAMING if request.method == "POST" else NAMING | {RdfFormat.JSON_LD}
            sends_graphs = request.method in {"PUT", "POST"} and any(
                PAYLOADS.get(each) in kept for each in _types_sent()
            )
            names_graphs = request.method == "PATCH" or sends_graphs
            if settings.engine and sends_graphs:
                raise BadRequest(
                    "Say which graph: /data?graph=IRI or /data?default; the engine behind this server keeps the graphs, and takes the "
                    "whole."
                )
            if settings.engine or not (names_graphs or request.method == "POST"):
                raise BadRequest(
                    f"Say which graph: {request.method} /data?graph=IRI or /data?default; the whole is sent as TriG or N-Quads."
                )
            graph = WHOLE if names_graphs else f"{request.root_url}data/{uuid.uuid4()}"
        if request.method == "PATCH":
            return patched(graph, bearer)
        exists = graph == WHOLE or engine.has_graph(graph)
        if request.method == "DELETE" and not exists and graph != DEFAULT:
            raise NotFound(f"There is no graph {graph}.")
        write = Write(KINDS[request.method], graph=graph, base=request.base_url if graph in {DEFAULT, WHOLE} else graph)
        if request.method != "DELETE":
            write = replace(write, payloads=_payloads(contexts, settings.body_limit))
        return make(write, bearer, exists or graph == DEFAULT)

    return routes


def identified(asked: Request) -> Request:
    """Return a request with the id that its client gives it, so that it is made once however often it is sent.

    Raises BadRequest where that is none.
    """
    key = request.headers.get(KEY, "").strip().strip('"')
    if not key:
        return asked
    if len(key) > MOST_OF_KEY or not key.isprintable():
        raise BadRequest(f"{KEY} is of 1 to {MOST_OF_KEY} printable characters.")
    return replace(asked, id=key)


def _types_sent() -> list[str]:
    """Return the media types of what a request carries."""
    if request.mimetype != MULTIPART_TYPE:
        return [request.mimetype]
    return [type_of_file(part) for part in request.files.values()]


def _payloads(contexts: Contexts, limit: int) -> tuple[Payload, ...]:
    """Return what a request carries, the parts of a form each for itself (Graph Store Protocol, section 5.5)."""
    if request.mimetype == MULTIPART_TYPE:
        parts = tuple(
            _payload(
                rdf_of_file(part, "The part", limit),
                type_of_file(part) or part.mimetype,
                options_to_read(part.mimetype, part.mimetype_params, ", ".join(part.headers.getlist("Link"))),
                contexts,
            )
            for _, part in request.files.items(multi=True)
        )
        if not parts:
            raise BadRequest("The form has no file; send each graph as a file with its media type.")
        return parts
    options = options_to_read(request.mimetype, request.mimetype_params, request.headers.get("Link", ""))
    text = rdf_of(request.get_data(), "The body", request.mimetype, request.mimetype_params)
    return (_payload(text, request.mimetype, options, contexts),)


def _payload(text: str, media_type: str, options: Options, contexts: Contexts) -> Payload:
    return Payload(media_type, text, contexts.known_to(text, media_type, options, request.root_url))


def flag(name: str) -> bool:
    """Return whether the address has a flag; raises BadRequest where it is neither true nor false."""
    return truth(request.args, name, False)


def _made_on_condition(engine: Engine, write_out: Writes, asked: Request) -> tuple[dict[str, Any], bool]:
    """Return the record of a write whose graph has to be there, or may not, and whether it was: at the very version it is made on.

    Raises PreconditionFailed, but for what was made before and is sent again.
    """
    end = time.monotonic() + SECONDS_TO_TRY
    while True:
        version, exists = engine.version, asked.write.graph in EVER or engine.has_graph(asked.write.graph)
        fault = _unmet(exists)
        try:
            return write_out(replace(asked, after=NO_VERSION if fault else version)), exists
        except Conflict as error:
            if "version" not in error.extra or (not fault and time.monotonic() > end):
                raise
            if fault:
                raise PreconditionFailed(fault) from None
        # Somebody else was first, of which this process hears in a moment.
        while engine.version == version and time.monotonic() < end:
            time.sleep(0.005)


def _unmet(exists: bool) -> str:
    """Return why a request may not be made as its conditions are, "" where it may."""
    if exists and request.headers.get("If-None-Match") == "*":
        return "The graph is there already, and If-None-Match: * asks that it be not."
    if not exists and request.headers.get("If-Match") == "*":
        return "There is no such graph, and If-Match: * asks that there be one."
    return ""


def _expected(engine: Engine, write: Write, is_present: Tagged) -> str:
    """Return the version that If-Match asks for, "" where it asks for none.

    Raises Conflict where it is past, PreconditionFailed where If-None-Match names what stands (RFC 9110, section 13.1).
    """
    version = engine.version
    # An update is of the whole dataset, whose tag whoever changes it by PATCH has.
    graphs = (write.graph, WHOLE) if write.kind == UPDATE else (write.graph,)

    def named(condition: str) -> list[str]:
        """Return the tags of a condition, none where one of them is that of the graph or of the whole as it is."""
        tags = tags_in(condition)
        return [] if version in tags or any(is_present(condition, each) for each in graphs) else tags

    required, refused = (of_states(request.headers.get(each, "")) for each in CONDITIONS)
    if refused not in {"", "*"} and not named(refused):
        raise PreconditionFailed("The graph has an entity tag that If-None-Match names; nothing was changed.")
    if required in {"", "*"}:
        return ""
    if past := named(required):
        raise changed_since(past[0], version)
    return version


def _stands(engine: Engine, graph: str) -> bool:
    """Return whether a graph that was written stands now, as far as the engine says: what was made is told in any case."""
    try:
        return engine.has_graph(graph)
    except RequestError:
        return False


def _wants_record(accept: str) -> bool:
    """Return whether a client takes JSON rather than what it names of RDF and results, for which it would take our JSON."""
    if not any(each in accept.lower() for each in OF_RDF):
        return True
    return best_of(accept, (*OF_RDF, "application/json")) == "application/json"


def _json(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"
