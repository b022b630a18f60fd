"""Hand requests for pages, and for all else that is made of the whole dataset, to evaluators; keep and send what they make.

What a page needs is made behind the wall: the HTTP process knows its address and its bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kouan.engine.answer import Answer, Engine, PageAsked
from kouan.errors import RequestError
from kouan.http.arrival import in_loop
from kouan.http.cache import Cache, Headers, Variant
from kouan.http.compression import choose
from kouan.http.delivery import delivered, made, send, send_kept
from kouan.http.fair_use import FairUse
from kouan.http.parameters import timeout_asked
from kouan.http.wsgi import environ_of, header, host_of, prefix_of
from kouan.settings import Settings

READS = {"GET", "HEAD"}
# What a page may depend on besides its address.
LOOKED_AT = ("accept", "accept-language", "accept-encoding")

Refuse = Callable[[Any, Any, RequestError], Awaitable[None]]


class PageAddresses:
    """Every address that evaluators answer for."""

    def __init__(self, engine: Engine, refuse: Refuse, cache: Cache, fair_use: FairUse, settings: Settings) -> None:
        self.engine = engine
        self.fair_use = fair_use
        self.refuse = refuse
        self.cache = cache
        self.settings = settings

    async def is_repeated(self, scope: Any, proto: Any) -> bool:
        """Return whether the request was answered before, and answer it then."""
        if scope.method not in READS:
            return False
        variant = self.cache.repeated(_key(scope), self.engine.version)
        if variant is None:
            return False
        proto.kept("", self.cache.version)
        if not send(scope, proto, variant):
            await in_loop()
            await send_kept(scope, proto, variant, self.settings)
        elif variant.spooled is not None:
            variant.spooled.close()
        return True

    async def answer(self, scope: Any, proto: Any, body: bytes) -> None:
        """Answer a request whose body was read, in the loop."""
        epoch = self.cache.epoch
        try:
            environ = environ_of(scope)
            # The server sends no body after HEAD, and what is kept serves both.
            if environ["REQUEST_METHOD"] == "HEAD":
                environ["REQUEST_METHOD"] = "GET"
            content_type = scope.headers.get("content-type") or ""
            timeout = timeout_asked(scope.query_string, content_type, body, self.settings)
            asked = PageAsked(environ, body, timeout)
            with self.fair_use.using(proto.client):
                answer = await self.engine.ask(asked, proto.client_disconnect)
            proto.version = answer.version
        except RequestError as error:
            await self.refuse(scope, proto, error)
            return
        await self._deliver(scope, proto, answer, epoch)

    async def _deliver(self, scope: Any, proto: Any, answer: Answer, epoch: int) -> None:
        status, headers, tag = int(answer.said["status"]), _headers(answer), str(answer.said["tag"])
        coding = choose(header(scope, "accept-encoding")) if "range" not in scope.headers else ""
        variant = await made(Variant(headers, answer.body, tag, status), answer.spooled, coding, scope, self.cache)
        key = _key(scope) if tag and status == 200 and answer.version == self.cache.version else None
        await delivered(scope, proto, variant, self.cache, key, epoch, self.settings)


def _key(scope: Any) -> tuple[str, ...]:
    seen_at = (scope.scheme, host_of(scope), prefix_of(scope))
    return (scope.path, scope.query_string, *seen_at, *(header(scope, name) for name in LOOKED_AT))


def _headers(answer: Answer) -> Headers:
    return [(str(name).lower(), str(value)) for name, value in answer.said["headers"]]
