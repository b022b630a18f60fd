"""Send a part of an answer to who asks for one (RFC 9110, section 14). Knows bytes, no answers.

One range is served; who asks for several gets the whole, as the standard lets a server do.
"""

from __future__ import annotations

import re
from typing import Any

from kouan.engine.answer import Spooled
from kouan.errors import RangeNotSatisfiable
from kouan.http.cache import Headers, Variant

# Nothing has so many bytes that more digits would be needed.
ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
ACCEPTED = ("accept-ranges", "bytes")


def asked_range(scope: Any, tag: str, size: int) -> tuple[int, int] | None:
    """Return from where to where a request wants an answer of so many bytes, (0, 0) where it has nothing there.

    None is all of it: no range, several, or one of a version that is past (If-Range).
    """
    said = scope.headers.get("range")
    if not said or not tag or scope.method != "GET":
        return None
    condition = scope.headers.get("if-range")
    if condition is not None and condition.strip() != f'"{tag}"':
        return None
    found = ONE.fullmatch(said.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
    return (start, end) if start < end else (0, 0)


def part_of(scope: Any, variant: Variant) -> Variant:
    """Return the part of an answer that a request asks for, all of it where it asks for none; its file is that of the whole.

    Raises RangeNotSatisfiable where the answer has nothing there.
    """
    wanted = asked_range(scope, variant.tag, variant.size)
    if wanted is None:
        return variant
    start, end = wanted
    headers: Headers = [header for header in variant.headers if header[0] != "content-length"]
    if start == end:
        raise no_such_part(variant.size)
    said = ("content-range", f"bytes {start}-{end - 1}/{variant.size}")
    spooled = variant.spooled and Spooled(variant.spooled.file, end - start, start=start)
    return Variant([*headers, said], variant.body[start:end], variant.tag, 206, spooled)


def no_such_part(size: int) -> RangeNotSatisfiable:
    """Return the error of who asks for bytes that an answer of so many does not have."""
    return RangeNotSatisfiable(f"The answer has {size:,} bytes, and none where Range asks for some.", size=size)
