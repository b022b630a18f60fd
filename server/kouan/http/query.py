"""Answer SPARQL queries over HTTP (SPARQL 1.1 Protocol, section 2.1). Knows requests and formats; the engine evaluates."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from pyoxigraph import NamedNode

from kouan.engine.federation import Federation
from kouan.engine.pool import ClientGone
from kouan.engine.question import Answer, Engine
from kouan.errors import BadRequest, MethodNotAllowed, NotAcceptable, NotFound, RequestError
from kouan.evaluation.question import Question
from kouan.formats.html import STYLE
from kouan.formats.table import Format, formats_of
from kouan.http.arrival import in_loop, is_in_loop
from kouan.http.cache import Cache, Headers, Kept, Variant
from kouan.http.compression import SMALLEST, choose, compress
from kouan.http.connection import break_off
from kouan.http.negotiation import best_of
from kouan.http.parameters import Asked, graph_asked, read_body, read_get, read_graph
from kouan.http.problems import PROBLEM_JSON, problem_body, problem_headers, wants_page
from kouan.http.wsgi import read_all_of
from kouan.settings import Settings
from kouan.sparql.scanning.guard import Inspection, inspect

HTML = "text/html"
METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
# What SPARQLWrapper names in a parameter, whatever its Accept says.
SENT_BY_CLIENTS = {"turtle": "ttl", "n3": "ttl", "json-ld": "jsonld", "rdf+xml": "rdf", "rdf xml": "rdf"}
EXPOSED = "ETag, Kouan-Version, Server-Timing, Content-Disposition, Location"
FOR_EVERYBODY: Headers = [
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", EXPOSED),
    ("x-content-type-options", "nosniff"),
]
PREFLIGHT: Headers = [
    ("allow", ", ".join(METHODS)),
    ("access-control-allow-methods", ", ".join(METHODS)),
    ("access-control-allow-headers", "Accept, Authorization, Content-Type, If-Match, If-None-Match"),
    ("access-control-max-age", "86400"),
]
CACHEABLE = ("cache-control", "public, max-age=60, stale-while-revalidate=600")
# What can change from one request to the next is asked about each time, which costs a 304.
CHANGEABLE = ("cache-control", "public, no-cache")
VARIES = ("vary", "accept, accept-encoding")
TABLE_POLICY = (
    "content-security-policy",
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
)
# A longer query looked at, or more than this compressed in the loop would keep others waiting.
LOOKED_AT_ONCE = 20_000
COMPRESSED_AT_ONCE = 64 * 1024
# Each keeps a thread while it waits; further ones wait their turn.
FEDERATED_AT_ONCE = 8

Page = Callable[[Any, Any, dict[str, Any], bytes], Awaitable[None]]
"""What shows a page: takes the request, what it is about and the body that was read already."""


class QueryAddress:
    """The address /sparql of one HTTP process."""

    def __init__(self, engine: Engine, describe: Callable[[str, str], bytes], page: Page, settings: Settings) -> None:
        self.engine = engine
        self.describe = describe
        self.page = page
        self.settings = settings
        self.version = engine.version
        self.cacheable = CHANGEABLE if settings.token else CACHEABLE
        self.cache = Cache(settings.cache_share, settings.largest_kept)
        self.federation = Federation(settings)
        self.federating = ThreadPoolExecutor(FEDERATED_AT_ONCE)

    async def answer(self, scope: Any, proto: Any) -> None:
        """Answer one request to the address."""
        method = scope.method
        headers = scope.headers
        asked_for = scope.query_string
        accept = headers.get("accept") or ""
        coding = headers.get("accept-encoding") or ""
        self._forget_what_is_past()
        if method == "GET" or method == "HEAD":
            request: tuple[str | bytes, ...] = (asked_for, accept, coding)
            repeated = self.cache.repeated(request)
            if repeated is not None:
                _send(proto, repeated, headers.get("if-none-match"))
                return
        body = b""
        try:
            if method == "GET" or method == "HEAD":
                asked = read_get(asked_for, self.settings)
            elif method == "POST" or method == "QUERY":
                await in_loop()
                body = await read_all_of(scope, proto, self.settings.body_limit)
                content_type = headers.get("content-type") or ""
                request = (asked_for, accept, coding, content_type, body)
                repeated = self.cache.repeated(request)
                if repeated is not None:
                    _send(proto, repeated, headers.get("if-none-match"))
                    return
                asked = read_body(method, asked_for, content_type, body, self.settings)
            elif method == "OPTIONS":
                proto.response_empty(204, [*FOR_EVERYBODY, *PREFLIGHT])
                return
            else:
                raise MethodNotAllowed(f"{method} is not taken here; {', '.join(METHODS)} are.", allow=list(METHODS))
            await self._answer(scope, proto, asked, accept, coding, request, body)
        except RequestError as error:
            await self._refuse(scope, proto, error, accept, body)

    def _forget_what_is_past(self) -> None:
        version = self.engine.version
        if version != self.version:
            self.cache.clear()
            self.version = version

    async def answer_graph(self, scope: Any, proto: Any) -> None:
        """Answer a GET or HEAD of one graph (SPARQL 1.1 Graph Store Protocol, section 5.2)."""
        accept = scope.headers.get("accept") or ""
        try:
            url = f"{scope.scheme}://{scope.headers.get('host') or scope.authority or scope.server}{scope.path}"
            graph = graph_asked(scope.query_string, url, scope.path)
            if graph is None:
                raise BadRequest("Say which graph: /data?graph=IRI or /data?default.")
            if not await asyncio.get_running_loop().run_in_executor(None, self.engine.has_graph, graph):
                raise NotFound(
                    f"There is no graph {graph}; the service description at /sparql lists those that there are."
                )
            asked = read_graph(scope.query_string, graph_query(graph), self.settings)
            coding = scope.headers.get("accept-encoding") or ""
            request = (scope.path, scope.query_string, accept, coding)
            await self._answer(scope, proto, asked, accept, coding, request, b"")
        except RequestError as error:
            await self._refuse(scope, proto, error, accept, b"")

    async def _refuse(self, scope: Any, proto: Any, error: RequestError, accept: str, body: bytes) -> None:
        if isinstance(error, ClientGone):
            proto.response_empty(499, [])
        elif wants_page(accept):
            await in_loop()
            # The page shows the error whatever method met it; the server itself sends no body after HEAD.
            await self.page(scope, proto, {"kouan.error": error, "REQUEST_METHOD": "GET"}, body)
        else:
            headers = [("content-type", PROBLEM_JSON), *problem_headers(error), *FOR_EVERYBODY]
            proto.response_bytes(error.status, headers, problem_body(error, scope.path))

    async def _answer(
        self, scope: Any, proto: Any, asked: Asked, accept: str, coding: str, request: Any, body: bytes
    ) -> None:
        question = asked.question
        if question is None:
            await self._introduce(scope, proto, asked, accept)
            return
        text, settings = question.text, self.settings
        if len(text) < LOOKED_AT_ONCE:
            inspection = inspect(text, length=settings.query_length, nesting=settings.query_nesting)
        else:
            await in_loop()
            look = partial(inspect, text, length=settings.query_length, nesting=settings.query_nesting)
            inspection = await asyncio.get_running_loop().run_in_executor(None, look)
        sent = question
        if inspection.services:
            question = await self._resolved(sent, inspection, asked.timeout)
            asked = asked._replace(question=question)
        chosen = _chosen(inspection.form, asked.format, accept)
        if chosen is None:
            await in_loop()
            await self.page(
                scope, proto, {"kouan.asked": asked, "kouan.form": inspection.form, "kouan.sent": sent.text}, body
            )
            return
        epoch, version = self.cache.epoch, self.engine.version
        # What other servers answered is no function of the dataset.
        if inspection.is_volatile or question is not sent or not version:
            answer = await self._ask(proto, asked, chosen, inspection)
            await self._deliver(scope, proto, answer, chosen, "")
            return
        tag = _entity_tag(version, question, chosen)
        if _matches(scope.headers.get("if-none-match"), tag):
            proto.response_empty(304, [("etag", f'"{tag}"'), self.cacheable, VARIES, *FOR_EVERYBODY])
            return
        kept = self.cache.find(tag)
        if kept is None:
            answer = await self._ask(proto, asked, chosen, inspection)
            if answer.version and answer.version != version:
                # The data moved on meanwhile, and an answer bears the version that it was made of.
                await self._deliver(scope, proto, answer, chosen, _entity_tag(answer.version, question, chosen))
                return
            variant = await self._deliver(scope, proto, answer, chosen, tag)
            if variant is None or self.cache.keep(tag, variant, epoch) is None:
                return
            if len(variant.body) >= SMALLEST and choose(coding):
                # A coding is worth its time when the answer is asked for again.
                return
        else:
            variant = await self._in_coding(kept, tag, choose(coding))
            _send(proto, variant, scope.headers.get("if-none-match"))
        self.cache.remember(request, sum(map(len, request)), tag, variant, epoch)

    async def _ask(self, proto: Any, asked: Asked, chosen: Format, inspection: Inspection) -> Answer:
        assert asked.question is not None
        answer = self.engine.at_hand(asked.question, chosen.media_type, inspection)
        if answer is not None:
            return answer
        begun = None if is_in_loop() else self.engine.begin(asked.question, chosen.media_type, asked.timeout)
        if isinstance(begun, Answer):
            return begun
        await in_loop()
        return await self.engine.ask(asked.question, chosen.media_type, asked.timeout, proto.client_disconnect, begun)

    async def _resolved(self, question: Question, inspection: Inspection, timeout: float) -> Question:
        """Return the question with what other servers answered in the place of every SERVICE; raises RequestError."""
        await in_loop()
        ask = partial(self.federation.resolved, question, inspection, self.engine.answer, timeout)
        return await asyncio.get_running_loop().run_in_executor(self.federating, ask)

    async def _in_coding(self, kept: Kept, tag: str, coding: str) -> Variant:
        plain = kept.variants[""]
        if not coding or len(plain.body) < SMALLEST:
            return plain
        if coding not in kept.variants:
            if len(plain.body) > COMPRESSED_AT_ONCE:
                await in_loop()
                loop = asyncio.get_running_loop()
                smaller = await loop.run_in_executor(None, compress, plain.body, coding)
            else:
                smaller = compress(plain.body, coding)
            coded_tag = f"{tag}-{coding}"
            headers = [(n, f'"{coded_tag}"' if n == "etag" else v) for n, v in plain.headers]
            variant = Variant([*headers, ("content-encoding", coding)], smaller, coded_tag)
            self.cache.add_variant(tag, coding, variant)
            return variant
        return kept.variants[coding]

    async def _deliver(self, scope: Any, proto: Any, answer: Answer, chosen: Format, tag: str) -> Variant | None:
        """Send an answer and return it as it can be kept; None where it cannot."""
        headers = [*_standing(chosen)]
        if tag:
            headers += [("etag", f'"{tag}"'), self.cacheable]
        else:
            headers.append(("cache-control", "no-store"))
        version = answer.version or self.engine.version
        if version:
            headers.append(("kouan-version", version))
        timing = ("server-timing", f"{answer.where};dur={answer.seconds * 1000:.2f}")
        if answer.stream is None:
            proto.response_bytes(200, [*headers, timing], answer.body)
            return Variant(headers, answer.body, tag)
        stream = answer.stream
        if scope.method == "HEAD":
            proto.response_empty(200, headers)
        else:
            # The server reads the pipe and heeds how fast the client takes it, which nothing in here could.
            proto.response_file(200, headers, f"/proc/self/fd/{stream.reader}")
        error = await stream.finished
        if error is not None and not isinstance(error, ClientGone) and scope.method != "HEAD":
            break_off(scope.client)
        stream.close_reader()
        stream.close_writer()
        loop = asyncio.get_running_loop()
        whole = await loop.run_in_executor(None, stream.take_copy)
        return Variant(headers, whole, tag) if whole and error is None else None

    async def _introduce(self, scope: Any, proto: Any, asked: Asked, accept: str) -> None:
        """Answer a request without a query: a form for people, the service description for tools."""
        chosen = _chosen("CONSTRUCT", asked.format, accept)
        await in_loop()
        if chosen is None or chosen.media_type == HTML:
            await self.page(scope, proto, {}, b"")
            return
        address = f"{scope.scheme}://{scope.headers.get('host') or scope.authority or scope.server}{scope.path}"
        body = self.describe(address.rstrip("/"), chosen.media_type)
        headers = [("content-type", chosen.content_type), VARIES, ("cache-control", "public, max-age=60")]
        proto.response_bytes(200, [*headers, *FOR_EVERYBODY], body)


def _standing(chosen: Format) -> Headers:
    """Return the headers that every answer in a format has."""
    standing = STANDING.get(chosen.media_type)
    if standing is None:
        standing = [("content-type", chosen.content_type), VARIES, *FOR_EVERYBODY]
        if chosen.media_type == HTML:
            standing.append(TABLE_POLICY)
        if chosen.file_name:
            standing.append(("content-disposition", f'attachment; filename="{chosen.file_name}"'))
        STANDING[chosen.media_type] = standing
    return standing


STANDING: dict[str, Headers] = {}


def _send(proto: Any, variant: Variant, condition: str | None) -> None:
    if condition is not None and _matches(condition, variant.tag):
        proto.response_empty(304, [h for h in variant.headers if h[0] not in {"content-type", "content-encoding"}])
    else:
        proto.response_bytes(200, variant.headers, variant.body)


def _matches(condition: str | None, tag: str) -> bool:
    """Return whether an If-None-Match names an entity tag, in whatever coding it was sent (RFC 9110, section 13.1.2)."""
    if condition is None:
        return False
    bare = tag.partition("-")[0]
    each = (one.strip().removeprefix("W/").strip('"') for one in condition.split(","))
    return any(one.partition("-")[0] == bare for one in each)


def graph_query(graph: str) -> str:
    """Return the query for the triples of a graph, "" for the default graph."""
    triples = "{ ?s ?p ?o }"
    return f"CONSTRUCT {triples} WHERE " + (f"{{ GRAPH {NamedNode(graph)} {triples} }}" if graph else triples)


def names_graph(engine: Engine, condition: str, graph: str) -> bool:
    """Return whether an If-Match names what GET of a graph answers now, in any format."""
    question = Question(graph_query(graph))
    return any(_matches(condition, _entity_tag(engine.version, question, each)) for each in formats_of("CONSTRUCT"))


def _entity_tag(version: str, question: Question, chosen: Format) -> str:
    dataset = ""
    if question.names_dataset or question.evidence:
        dataset = repr((question.default_graphs, question.named_graphs, question.infer, question.evidence))
    parts = f"{version}\n{chosen.name}{dataset}\n{question.text}"
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _chosen(form: str, name: str, accept: str) -> Format | None:
    """Return the format of the answer; None is the page."""
    available = formats_of(form)
    if name:
        return _named(name, form, available)
    meant, offers = _offers(form)
    media_type = best_of(accept, offers)
    if media_type is None:
        raise NotAcceptable(
            f"The answer to {form} cannot be had as {accept}; it can be had as {', '.join(offers)}.",
            available=list(offers),
        )
    return meant.get(media_type)


def _offers(form: str) -> tuple[dict[str, Format], tuple[str, ...]]:
    if form not in OFFERED:
        meant: dict[str, Format] = {}
        for each in formats_of(form):
            # Who accepts HTML gets the page; the bare table is to be had by its name.
            for media_type in (each.media_type, *each.others) if each.is_available and each.media_type != HTML else ():
                meant.setdefault(media_type, each)
        OFFERED[form] = (meant, (*meant, HTML))
    return OFFERED[form]


OFFERED: dict[str, tuple[dict[str, Format], tuple[str, ...]]] = {}


def _named(name: str, form: str, available: tuple[Format, ...]) -> Format:
    by_name = {each.name: each for each in available} | {each.media_type: each for each in available}
    # A + in an address is a space.
    name = SENT_BY_CLIENTS.get(name, name)
    found = by_name.get(name) or by_name.get(name.replace(" ", "+"))
    if found is None:
        names = [each.name for each in available if each.is_available]
        raise NotAcceptable(f"There is no format {name!r} for {form}; there are {', '.join(names)}.", available=names)
    if not found.is_available:
        raise NotAcceptable(
            f"{found.name} needs {found.library}, which is not installed here; the operator adds it with "
            "pip install 'kouan[tables]'.",
            available=[each.name for each in available if each.is_available],
        )
    return found
