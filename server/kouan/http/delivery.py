"""Send an answer as its client takes it, in the coding that it likes, whole or in part, and keep it. Knows no query and no page.

What is small is sent from memory. What is large stands in a file that all who are sent it share: so that one who reads slowly
costs a pipe, and many cost no more than one.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.http import parse_date

from kouan.engine.answer import Spooled
from kouan.errors import PreconditionFailed
from kouan.http.arrival import in_loop
from kouan.http.cache import NO_HEADERS, Cache, Headers, Variant
from kouan.http.compression import SMALLEST, compress
from kouan.http.ranges import part_of
from kouan.http.sending import send_spooled
from kouan.http.tags import is_met, tag_met
from kouan.http.wsgi import header
from kouan.settings import Settings

# More than this compressed in place would keep others waiting.
COMPRESSED_AT_ONCE = 32 * 1024
# What is larger is sent from a file.
LARGEST_FROM_MEMORY = 512 * 1024
ANOTHER_TAG = "The answer has another entity tag than those that If-Match names."


async def made(plain: Variant, spooled: Spooled | None, coding: str, cache: Cache) -> Variant:
    """Return an answer as it will be sent, in a coding where one is wanted; what was in its file may be in memory then."""
    if spooled is not None:
        if not coding or spooled.size > cache.largest:
            return replace(plain, body=b"", spooled=spooled)
        await in_loop()
        try:
            body = await asyncio.get_running_loop().run_in_executor(None, spooled.read)
        finally:
            spooled.close()
        plain = replace(plain, body=body)
    if not coding or len(plain.body) < SMALLEST or any(name == "content-encoding" for name, _ in plain.headers):
        return plain
    return await _coded(plain, coding)


async def _coded(plain: Variant, coding: str) -> Variant:
    """Return an answer in a coding, with an entity tag of its own (RFC 9110, section 8.8.3.3)."""
    if len(plain.body) > COMPRESSED_AT_ONCE:
        await in_loop()
        body = await asyncio.get_running_loop().run_in_executor(None, compress, plain.body, coding)
    else:
        body = compress(plain.body, coding)
    tag = f"{plain.tag}-{coding}" if plain.tag else ""
    headers = [(name, f'"{tag}"' if name == "etag" else value) for name, value in plain.headers]
    return replace(plain, headers=[*headers, ("content-encoding", coding)], body=body, tag=tag)


async def delivered(
    scope: Any,
    proto: Any,
    variant: Variant,
    cache: Cache,
    key: tuple[str | bytes, ...] | None,
    epoch: int,
    settings: Settings,
    more: Headers = NO_HEADERS,
) -> None:
    """Send an answer, and keep it under a key where there is one and it is not too large."""
    if variant.spooled is None and len(variant.body) > LARGEST_FROM_MEMORY and "range" not in scope.headers:
        variant = replace(variant, body=b"", spooled=in_file(variant.body))
    if key is not None and variant.tag:
        cache.keep(key, sum(map(len, key)), variant, epoch)
    await sent(scope, proto, variant, settings, more)


def in_file(body: bytes) -> Spooled:
    """Return bytes as a file in memory, which many can be sent at once."""
    file = Spooled(os.memfd_create("answer", os.MFD_CLOEXEC), len(body))
    rest = memoryview(body)
    try:
        while rest:
            rest = rest[os.write(file.file, rest) :]
    except OSError:
        file.close()
        raise
    return file


async def sent(scope: Any, proto: Any, variant: Variant, settings: Settings, more: Headers = NO_HEADERS) -> None:
    """Send an answer, and let go of its file, which stays there meanwhile whatever becomes of the rest that is kept.

    Raises PreconditionFailed where the client does not want it as it is.
    """
    try:
        left = _send_at_once(scope, proto, variant, more)
        if left is not None:
            # A quick evaluator's answer may have come this far in the thread that the request arrived in.
            await in_loop()
            await send_spooled(scope, proto, left, settings.slowest_client, more)
    finally:
        if variant.spooled is not None:
            variant.spooled.close()


def _send_at_once(scope: Any, proto: Any, variant: Variant, more: Headers) -> Variant | None:
    """Return what is to be sent from a file; None where something was sent: the answer, a part, or that the client has it."""
    if variant.status == 200:
        if fault := _unmet(scope, variant):
            raise PreconditionFailed(fault)
        if _has_it(scope, variant):
            proto.response_empty(304, _headers_known(scope, variant))
            return None
        if "range" in scope.headers:
            variant = part_of(scope, variant)
    if variant.spooled is not None:
        return variant
    proto.response_bytes(variant.status, [*variant.headers, *more] if more else variant.headers, variant.body)
    return None


def _unmet(scope: Any, variant: Variant) -> str:
    """Return why a client does not want an answer, "" where it does (RFC 9110, sections 13.1 and 13.2.2)."""
    if condition := header(scope, "if-match"):
        strong = ",".join(each for each in condition.split(",") if not each.strip().startswith("W/"))
        is_wanted = condition.strip() == "*" or is_met(strong, variant.tag)
        return "" if is_wanted else ANOTHER_TAG
    if scope.method == "POST" and is_met(header(scope, "if-none-match"), variant.tag):
        return "The answer has an entity tag that If-None-Match names; GET is told so with 304."
    since, changed = parse_date(header(scope, "if-unmodified-since")), _changed(variant)
    if since is None or changed is None or changed <= since:
        return ""
    return "The answer has changed since the time that If-Unmodified-Since names."


def _headers_known(scope: Any, variant: Variant) -> Headers:
    """Return what a 304 says of an answer that is kept, its tag as its client has it: a cache freshens what bears that."""
    tag = tag_met(header(scope, "if-none-match"), variant.tag)
    kept = ((name, value) for name, value in variant.headers if name not in {"content-type", "content-encoding"})
    return [(name, f'"{tag}"' if name == "etag" else value) for name, value in kept]


def _changed(variant: Variant) -> datetime | None:
    return next((parse_date(value) for name, value in variant.headers if name == "last-modified"), None)


def _has_it(scope: Any, variant: Variant) -> bool:
    """Return whether the client has the answer, by its tag or else by its date (RFC 9110, section 13.2.2)."""
    condition = header(scope, "if-none-match")
    if condition:
        return is_met(condition, variant.tag)
    since, changed = parse_date(header(scope, "if-modified-since")), _changed(variant)
    return since is not None and changed is not None and changed <= since
