"""Hand requests for pages, and for all else that is made of the whole dataset, to evaluators; keep and send what they make.

What a page needs is made behind the wall: the HTTP process knows its address and its bytes.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from kouan.engine.answer import Answer, Engine, PageAsked
from kouan.errors import RequestError
from kouan.http.cache import Cache, Headers, Variant
from kouan.http.compression import SMALLEST, choose, codings_asked
from kouan.http.conditions import READS
from kouan.http.delivery import delivered, made, sent
from kouan.http.fair_use import FairUse
from kouan.http.parameters import timeout_asked
from kouan.http.turns import Turns
from kouan.http.wsgi import environ_of, header, host_of, prefix_of
from kouan.settings import Settings

# What a page may depend on besides its address and its coding.
LOOKED_AT = ("accept", "accept-language")
# What is answered of all things by their names, which an evaluator has to read first.
BY_NAME = {"reconcile", "wikidata"}

Refuse = Callable[[Any, Any, RequestError], Awaitable[None]]


class PageAddresses:
    """Every address that evaluators answer for."""

    def __init__(self, engine: Engine, refuse: Refuse, cache: Cache, fair_use: FairUse, settings: Settings) -> None:
        self.engine = engine
        self.fair_use = fair_use
        self.refuse = refuse
        self.cache = cache
        self.settings = settings
        self.turns = Turns()

    async def is_repeated(self, scope: Any, proto: Any) -> bool:
        """Return whether the request was answered before, and answer it then."""
        if scope.method not in READS:
            return False
        variant = self.cache.repeated(_key(scope), self.engine.version)
        if variant is None:
            return False
        proto.kept("", self.cache.version)
        await sent(scope, proto, variant, self.settings)
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
            with self.fair_use.using(proto.client):
                answer = await self._ask(proto, PageAsked(environ, body, timeout))
            proto.version = answer.version
        except RequestError as error:
            await self.refuse(scope, proto, error)
            return
        await self._deliver(scope, proto, answer, epoch)

    async def _ask(self, proto: Any, asked: PageAsked) -> Answer:
        if asked.environ["PATH_INFO"].strip("/").partition("/")[0] not in BY_NAME:
            return await self.engine.ask(asked, proto.client_disconnect)
        version, deadline = self.engine.version, time.monotonic() + asked.timeout
        async with self.turns.turn(version, deadline):
            asked = asked._replace(timeout=max(0.0, deadline - time.monotonic()))
            answer = await self.engine.ask(asked, proto.client_disconnect)
            if answer.said["status"] == 200:
                self.turns.ready = version
            return answer

    async def _deliver(self, scope: Any, proto: Any, answer: Answer, epoch: int) -> None:
        status, headers, tag = int(answer.said["status"]), _headers(answer), str(answer.said["tag"])
        coding = choose(codings_asked(scope))
        variant = await made(Variant(headers, answer.body, tag, status), answer.spooled, coding, self.cache)
        key = _key(scope) if tag and status == 200 and answer.version == self.cache.version else None
        await delivered(scope, proto, variant, self.cache, key, epoch, self.settings)


def _key(scope: Any) -> tuple[str, ...]:
    seen_at = (scope.scheme, host_of(scope), prefix_of(scope))
    return (
        scope.path,
        scope.query_string,
        *seen_at,
        *(header(scope, name) for name in LOOKED_AT),
        codings_asked(scope),
    )


def _headers(answer: Answer) -> Headers:
    headers = [(str(name).lower(), str(value)) for name, value in answer.said["headers"]]
    varies = ", ".join(value for name, value in headers if name == "vary")
    # What is small is sent as it is, all else in the coding that the client likes.
    if answer.size < SMALLEST or "accept-encoding" in varies.lower():
        return headers
    varies = f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"
    return [*(each for each in headers if each[0] != "vary"), ("vary", varies)]
