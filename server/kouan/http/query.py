"""Answer SPARQL queries over HTTP (SPARQL 1.1 Protocol, section 2.1): read, recognise, ask, keep, send. Parses no query.

A request that was answered before is recognised by its bytes and answered from memory. Any other is handed to the engine as it
came, with what the client accepts, and what comes back is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode

from kouan.engine.answer import UNCHANGED, WHOLE_DATASET, Answer, Asked, Engine
from kouan.engine.entity_tags import entity_tag
from kouan.engine.work import ClientGone
from kouan.errors import BadRequest, MethodNotAllowed, NotAcceptable, NotFound, RequestError
from kouan.evaluation.question import Question
from kouan.formats.html import STYLE
from kouan.formats.negotiation import FORMS, best_format, forms_as_pages
from kouan.formats.negotiation import choose as liked_best
from kouan.formats.table import BY_MEDIA_TYPE, DATASET, Format, formats_of
from kouan.http.arrival import in_loop, is_in_loop
from kouan.http.body import read_all_of, refuse_body
from kouan.http.cache import Cache, Headers, Variant
from kouan.http.compression import choose, codings_asked
from kouan.http.delivery import delivered, made, sent
from kouan.http.fair_use import FairUse
from kouan.http.parameters import graph_asked, query_limit, read_body, read_get, read_graph
from kouan.http.ranges import ACCEPTED
from kouan.http.tags import bare_tags, is_met, tag_known
from kouan.http.wsgi import header, root_of
from kouan.settings import Settings

METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
# Where writes are allowed, a graph that is named at this address is written there.
WRITING = {"PUT", "PATCH", "DELETE"}
HTML = "text/html"
# What a header holds as it is (RFC 9110, section 5.5).
PRINTABLE = "".join(map(chr, range(32, 127)))
READ_AT_ONCE = 128 * 1024
EXPOSED = (
    "ETag, Kouan-Version, Kouan-Warning, Server-Timing, Accept-Ranges, Content-Disposition, Content-Range, Link, Location, "
    "Retry-After"
)
FOR_EVERYBODY: Headers = [
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", EXPOSED),
    ("x-content-type-options", "nosniff"),
]
UNCHANGING = "public, max-age=60, stale-while-revalidate=600"
# What can change from one request to the next is asked about each time, which costs a 304.
CHANGEABLE = "public, no-cache"
VARIES = ("vary", "accept, accept-encoding")
TABLE_POLICY = (
    "content-security-policy",
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
)

Page = Callable[[Any, Any, bytes], Awaitable[None]]
"""What shows a browser a page of a request whose body was read."""
Refuse = Callable[[Any, Any, RequestError], Awaitable[None]]
"""What shows a browser what went wrong."""


class SharedAnswer:
    """A question that is being asked, and those who wait for its answer besides who asked first."""

    def __init__(self) -> None:
        self._others: list[asyncio.Future[Answer | RequestError]] = []

    async def shared(self) -> Answer | None:
        """Return the answer that another one asked for; None where that is nobody else's. Raises what it met."""
        waits: asyncio.Future[Answer | RequestError] = asyncio.get_running_loop().create_future()
        self._others.append(waits)
        found = await waits
        if isinstance(found, ClientGone):
            return None
        if isinstance(found, RequestError):
            raise found
        # An answer without a tag is one of this moment, such as that of NOW(), and each gets its own.
        return found if found.said.get("tag") else None

    def settle(self, found: Answer | RequestError) -> None:
        """Tell everybody who waits."""
        for waits in self._others:
            if not waits.done():
                if isinstance(found, Answer) and found.spooled is not None and found.said.get("tag"):
                    found.spooled.hold()
                waits.set_result(found)
        self._others.clear()


class QueryAddress:
    """The address /sparql of one HTTP process, and what is read of /data."""

    def __init__(self, engine: Engine, page: Page, refuse: Refuse, fair_use: FairUse, settings: Settings) -> None:
        self.engine = engine
        self.fair_use = fair_use
        self.page = page
        self.refuse = refuse
        self.settings = settings
        self.cacheable = caching(settings)
        self.cache = Cache(settings.cache_share, settings.largest_kept)
        # Who asks what is being asked of the same version waits for that answer.
        self._asking: dict[tuple[str, Asked], SharedAnswer] = {}

    async def answer(self, scope: Any, proto: Any, body: bytes | None = None) -> None:
        """Answer one request to the address, whose body may have been read."""
        method, headers = scope.method, scope.headers
        accept, coding = header(scope, "accept"), codings_asked(scope)
        try:
            if method == "GET" or method == "HEAD":
                refuse_body(scope)
                request: tuple[str | bytes, ...] = (scope.query_string, accept, coding)
                if await self._is_repeated(scope, proto, request):
                    return
                asked = read_get(scope.query_string, self.settings)
                body = body or b""
            elif method == "POST" or method == "QUERY":
                await in_loop()
                if body is None:
                    body = await read_all_of(scope, proto, query_limit(self.settings))
                content_type = headers.get("content-type") or ""
                request = (scope.query_string, accept, coding, content_type, body)
                if await self._is_repeated(scope, proto, request):
                    return
                read = partial(read_body, method, scope.query_string, content_type, body, self.settings)
                # A long form is read beside the loop.
                is_long = len(body) > READ_AT_ONCE
                asked = await asyncio.get_running_loop().run_in_executor(None, read) if is_long else read()
            elif method == "OPTIONS":
                proto.response_empty(204, preflight(scope, METHODS))
                return
            else:
                said = f"{method} is not taken here; {', '.join(METHODS)} are."
                if method in WRITING and self.settings.token:
                    said += " With ?graph=IRI or ?default it changes a graph."
                raise MethodNotAllowed(said, allow=list(METHODS))
            if asked is None or (not asked.format and "html" in accept.lower() and forms_as_pages(accept) == FORMS):
                await in_loop()
                await self.page(scope, proto, body)
                return
            await self._answer(scope, proto, asked._replace(accept=accept), coding, request)
        except NotAcceptable as error:
            await in_loop()
            # Whoever knows the form of the query says that a page of it is what is liked best.
            is_page = error.extra.get("available") == [HTML]
            await (self.page(scope, proto, body or b"") if is_page else self.refuse(scope, proto, error))
        except RequestError as error:
            await in_loop()
            await self.refuse(scope, proto, error)

    async def answer_graph(self, scope: Any, proto: Any, path: str = "") -> None:
        """Answer a GET or HEAD of one graph (SPARQL 1.1 Graph Store Protocol, section 5.2), or of all, as if at another path."""
        accept, coding = header(scope, "accept"), codings_asked(scope)
        try:
            refuse_body(scope)
            graph = graph_asked(scope.query_string, root_of(scope), path or scope.path)
            asked = read_graph(
                scope.query_string, graph_query(WHOLE_DATASET if graph is None else graph), self.settings
            )
            if graph is None and self.settings.engine:
                raise BadRequest(
                    "Say which graph: /data?graph=IRI or /data?default; the engine behind this server keeps the graphs, and the whole "
                    "is to be had there."
                )
            if graph is None and not _takes_graphs(asked.format, accept):
                raise BadRequest(
                    "Say which graph: /data?graph=IRI or /data?default; or ask for the whole as TriG, N-Quads or JSON-LD."
                )
            request = (scope.path, WHOLE_DATASET if graph is None else graph, scope.query_string, accept, coding)
            if await self._is_repeated(scope, proto, request):
                return
            if graph is not None and not await asyncio.get_running_loop().run_in_executor(
                None, self.engine.has_graph, graph
            ):
                raise NotFound(
                    f"There is no graph {graph}; the service description at /sparql lists those that there are."
                )
            if not self.settings.engine:
                asked = asked._replace(graph=WHOLE_DATASET if graph is None else graph)
            form, text = (DATASET, "trig") if graph is None else ("CONSTRUCT", "ttl")
            if "html" in accept.lower() and not asked.format and liked_best(form, "", accept) is None:
                # A browser has no page of a graph, and shows text.
                asked = asked._replace(format=text)
            await self._answer(scope, proto, asked._replace(accept=accept), coding, request)
        except RequestError as error:
            await in_loop()
            await self.refuse(scope, proto, error)

    async def _is_repeated(self, scope: Any, proto: Any, request: tuple[str | bytes, ...]) -> bool:
        """Return whether the request was answered before, and answer it then."""
        variant = self.cache.repeated(request, self.engine.version)
        if variant is None:
            return False
        proto.kept(variant.form, self.cache.version, variant.rows)
        await sent(scope, proto, variant, self.settings)
        return True

    async def _answer(
        self, scope: Any, proto: Any, asked: Asked, coding: str, request: tuple[str | bytes, ...]
    ) -> None:
        # Whoever sends a POST is told that the condition is not met once the answer is there.
        condition = header(scope, "if-none-match") if scope.method != "POST" else ""
        chosen = choose(coding) if coding else ""
        if condition:
            asked = asked._replace(unless=bare_tags(condition, chosen))
        epoch = self.cache.epoch
        proto.query = asked.question.text
        with self.fair_use.using(proto.client):
            answer = await self._ask(proto, asked)
        form = proto.form = str(answer.said.get("form", ""))
        proto.version = answer.version or self.cache.version
        proto.rows = answer.said.get("rows")
        if answer.kind == UNCHANGED:
            tag = tag_known(condition, answer.said["tag"], chosen)
            proto.response_empty(304, [("etag", f'"{tag}"'), self.cacheable, VARIES, *FOR_EVERYBODY])
            return
        tag = answer.said["tag"]
        variant = await made(
            Variant(self._headers(answer, asked.note), answer.body, tag, form=form, rows=proto.rows),
            answer.spooled,
            chosen,
            self.cache,
        )
        timing = [("server-timing", f"{answer.where};dur={answer.seconds * 1000:.2f}")]
        key = request if tag and answer.version == self.cache.version else None
        await delivered(scope, proto, variant, self.cache, key, epoch, self.settings, timing)

    async def _ask(self, proto: Any, asked: Asked) -> Answer:
        begun = self.engine.begin(asked, is_in_loop=is_in_loop())
        if isinstance(begun, Answer):
            return begun
        await in_loop()
        key = self.engine.version, asked
        while begun is None and (standing := self._asking.get(key)) is not None:
            shared = await standing.shared()
            if shared is not None:
                return shared
        standing = self._asking.setdefault(key, SharedAnswer())
        try:
            answer = await self.engine.ask(asked, proto.client_disconnect, begun)
        except BaseException as error:
            # Whatever befell who asked first, the others are told, or ask for themselves.
            standing.settle(error if isinstance(error, RequestError) else ClientGone("Who asked first is gone."))
            raise
        finally:
            if self._asking.get(key) is standing:
                del self._asking[key]
        standing.settle(answer)
        return answer

    def _headers(self, answer: Answer, note: str) -> Headers:
        headers = [*standing_headers(BY_MEDIA_TYPE[answer.said["type"]])]
        if answer.said["tag"]:
            headers += [("etag", f'"{answer.said["tag"]}"'), self.cacheable, ACCEPTED]
        else:
            headers.append(("cache-control", "no-store"))
        version = answer.version or self.engine.version
        if version:
            headers.append(("kouan-version", version))
        warnings = (*answer.said.get("warnings", ()), *([note] if note else ()))
        headers += [("kouan-warning", quote(warning, safe=PRINTABLE)) for warning in warnings]
        return headers


def caching(settings: Settings) -> tuple[str, str]:
    """Return the header that says how long an answer may be kept elsewhere (RFC 9111, section 5.2.2)."""
    if settings.fresh < 0:
        return "cache-control", CHANGEABLE if settings.token else UNCHANGING
    return "cache-control", f"public, max-age={settings.fresh}" if settings.fresh else CHANGEABLE


def preflight(scope: Any, methods: tuple[str, ...]) -> Headers:
    """Return the headers that let a page of another origin send what it asks to send (Fetch, section 3.2.3)."""
    asked = (
        scope.headers.get("access-control-request-headers")
        or "Accept, Authorization, Content-Type, If-Match, If-None-Match"
    )
    return [
        *FOR_EVERYBODY,
        ("allow", ", ".join(methods)),
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-allow-headers", asked),
        ("access-control-max-age", "86400"),
        ("vary", "access-control-request-headers"),
    ]


WHOLE_QUERY = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"


def _takes_graphs(name: str, accept: str) -> bool:
    """Return whether a format is wanted whose graphs have names."""
    # One that is named has to be one of them, whatever is accepted besides.
    if not name:
        return best_format(accept, formats_of(DATASET)) is not None
    try:
        return liked_best(DATASET, name, "none/none") is not None
    except NotAcceptable:
        return False


def graph_query(graph: str) -> str:
    """Return the query for the triples of a graph, "" for the default graph, or for those of all."""
    if graph == WHOLE_DATASET:
        return WHOLE_QUERY
    triples = "{ ?s ?p ?o }"
    return f"CONSTRUCT {triples} WHERE " + (f"{{ GRAPH {NamedNode(graph)} {triples} }}" if graph else triples)


def standing_headers(chosen: Format) -> Headers:
    """Return the headers that every answer in a format has."""
    found = STANDING.get(chosen.media_type)
    if found is None:
        found = [("content-type", chosen.content_type), VARIES, *FOR_EVERYBODY]
        if chosen.media_type == HTML:
            found.append(TABLE_POLICY)
        if chosen.file_name:
            found.append(("content-disposition", f'attachment; filename="{chosen.file_name}"'))
        STANDING[chosen.media_type] = found
    return found


STANDING: dict[str, Headers] = {}


def graph_tag(version: str, graph: str, media_type: str) -> str:
    """Return the entity tag of what GET of a graph answers at a version in a format, in Turtle where it has none such."""
    formats = formats_of("CONSTRUCT")
    chosen = next((each for each in formats if media_type in (each.media_type, *each.others)), formats[0])
    return entity_tag(version, Question(graph_query(graph)), chosen)


def names_graph(engine: Engine, condition: str, graph: str) -> bool:
    """Return whether an If-Match names what GET of a graph answers now, in any format."""
    question = Question(graph_query(graph))
    return any(is_met(condition, entity_tag(engine.version, question, each)) for each in formats_of("CONSTRUCT"))
