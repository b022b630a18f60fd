"""Send an answer as its client takes it, in the coding that it likes, whole or in part, and keep it. Knows no query and no page.

What is small is sent from memory. What is large stands in a file that all who are sent it share: so that one who reads slowly
costs a pipe, and many cost no more than one.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import Any

from werkzeug.http import parse_date

from kouan.engine.answer import Spooled
from kouan.http.arrival import in_loop
from kouan.http.cache import Cache, Headers, Variant
from kouan.http.compression import SMALLEST, compress
from kouan.http.ranges import part_of
from kouan.http.sending import send_spooled
from kouan.http.wsgi import header
from kouan.settings import Settings

# More than this compressed in place would keep others waiting.
COMPRESSED_AT_ONCE = 32 * 1024
# What is larger is sent from a file.
LARGEST_FROM_MEMORY = 512 * 1024
NO_HEADERS: Headers = []


async def made(plain: Variant, spooled: Spooled | None, coding: str, scope: Any, cache: Cache) -> Variant:
    """Return an answer as it will be sent, in a coding where one is wanted; what was in its file may be in memory then."""
    if spooled is not None:
        if not (coding or "range" in scope.headers) or spooled.size > cache.largest:
            return replace(plain, body=b"", spooled=spooled)
        await in_loop()
        body = await asyncio.get_running_loop().run_in_executor(None, spooled.read)
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
    try:
        if not send(scope, proto, variant, more):
            assert variant.spooled is not None
            # A quick evaluator's answer may have come this far in the thread that the request arrived in.
            await in_loop()
            await send_spooled(scope, proto, [*variant.headers, *more], variant.spooled, settings.slowest_client)
    finally:
        if variant.spooled is not None:
            variant.spooled.close()


def in_file(body: bytes) -> Spooled:
    """Return bytes as a file in memory, which many can be sent at once."""
    file = os.memfd_create("answer", os.MFD_CLOEXEC)
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(file, rest) :]
    return Spooled(file, len(body))


def send(scope: Any, proto: Any, variant: Variant, more: Headers = NO_HEADERS) -> bool:
    """Return whether an answer was sent at once, a part of it, or that the client has it already; not what is in a file."""
    if variant.status == 200 and _has_it(scope, variant):
        proto.response_empty(304, [h for h in variant.headers if h[0] not in {"content-type", "content-encoding"}])
        return True
    if "range" in scope.headers:
        if variant.spooled is not None:
            variant = replace(variant, body=variant.spooled.read(), spooled=None)
        variant = part_of(scope, variant)
    if variant.spooled is not None:
        return False
    proto.response_bytes(variant.status, [*variant.headers, *more] if more else variant.headers, variant.body)
    return True


def _has_it(scope: Any, variant: Variant) -> bool:
    """Return whether the client has the answer, by its tag or else by its date (RFC 9110, section 13.2.2)."""
    condition = header(scope, "if-none-match")
    if condition:
        return is_met(condition, variant.tag)
    said = header(scope, "if-modified-since")
    if not said:
        return False
    since = parse_date(said)
    changed = next((parse_date(value) for name, value in variant.headers if name == "last-modified"), None)
    return since is not None and changed is not None and changed <= since


def is_met(condition: str, tag: str) -> bool:
    """Return whether an If-None-Match names an entity tag, or the same without a coding (RFC 9110, section 13.1.2)."""
    named = {each.strip().removeprefix("W/").strip('"') for each in condition.split(",")}
    return bool(tag) and bool(named & {"*", tag, tag.partition("-")[0]})


async def send_kept(scope: Any, proto: Any, variant: Variant, settings: Settings) -> None:
    """Send an answer that is kept in a file; it stays there meanwhile, whatever becomes of the rest that is kept."""
    spooled = variant.spooled
    assert spooled is not None
    try:
        await send_spooled(scope, proto, variant.headers, spooled, settings.slowest_client)
    finally:
        spooled.close()
