"""Turn an error into a problem document (RFC 9457). Knows no cause of any error and no framework."""

from __future__ import annotations

import json
from typing import Any

from kouan.errors import MethodNotAllowed, RangeNotSatisfiable, RequestError, TooManyRequests, Unauthorized
from kouan.formats.negotiation import best_of

PROBLEM_JSON = "application/problem+json"
PROBLEM_BASE = "https://w3id.org/kouan/problem/"
OFFERS = (PROBLEM_JSON, "application/json", "text/html")


def problem_of(error: RequestError, path: str) -> dict[str, Any]:
    """Return the members of the problem document."""
    return {
        "type": PROBLEM_BASE + error.slug,
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "instance": path,
    } | error.extra


def problem_headers(error: RequestError) -> list[tuple[str, str]]:
    """Return the headers that go with an error, but for its content type."""
    headers = [("cache-control", "no-store"), ("vary", "accept, accept-encoding, accept-language")]
    if isinstance(error, MethodNotAllowed) and "allow" in error.extra:
        headers.append(("allow", ", ".join(error.extra["allow"])))
    if isinstance(error, Unauthorized):
        headers.append(("www-authenticate", 'Bearer realm="kouan"'))
        # Some clients know no other challenge; the token is the password.
        headers.append(("www-authenticate", 'Basic realm="kouan", charset="UTF-8"'))
    if error.extra.get("header") == "content-encoding":
        headers.append(("accept-encoding", ", ".join(error.extra["available"])))
    if isinstance(error, RangeNotSatisfiable):
        headers.append(("content-range", f"bytes */{error.extra['size']}"))
    if error.status == 503:
        headers.append(("retry-after", "1"))
    if isinstance(error, TooManyRequests):
        headers += [("retry-after", str(error.extra["retry_after"])), *rate_headers(error.extra["limits"])]
    return headers


def rate_headers(limits: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return what is allowed and what is left of it (draft-ietf-httpapi-ratelimit-headers-09)."""
    policies = (
        f'"{each["name"]}";q={each["quota"]}' + (f";w={each['window']}" if each["window"] else "") for each in limits
    )
    standing = (f'"{each["name"]}";r={each["left"]};t={each["reset"]}' for each in limits)
    return [("ratelimit-policy", ", ".join(policies)), ("ratelimit", ", ".join(standing))]


def problem_body(error: RequestError, path: str) -> bytes:
    """Return the problem document as JSON."""
    return json.dumps(problem_of(error, path), ensure_ascii=False).encode()


def wants_page(accept: str) -> bool:
    """Return whether a client would rather see a page than a document."""
    try:
        return bool(accept) and best_of(accept, OFFERS) == "text/html"
    except RequestError:
        return False
