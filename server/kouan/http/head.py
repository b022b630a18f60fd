"""Bound the headers of a request before anybody reads them (RFC 6585, section 5), and refuse those that two readers read apart."""

from __future__ import annotations

from typing import Any

from kouan.errors import BadRequest, HeadersTooLarge
from kouan.http.wsgi import is_host

# All of them together; browsers, clients and the proxies that stand between keep well below it.
MOST_CHARACTERS = 32 * 1024
SENT_ONCE = ("content-type", "transfer-encoding", "authorization", "idempotency-key", "kouan-reason")
MOST_SHOWN = 80


def is_bounded(scope: Any) -> bool:
    """Return whether the headers of a request are no longer than any client needs."""
    return sum(map(len, scope.headers.values())) <= MOST_CHARACTERS


def require_bounded(scope: Any) -> None:
    """Raise HeadersTooLarge where the headers of a request are longer than any client needs."""
    if not is_bounded(scope):
        raise HeadersTooLarge(
            f"The headers of the request have more than {MOST_CHARACTERS:,} characters; send shorter ones, and a long query "
            "in the body of a POST."
        )


def require_one_of_each(scope: Any) -> None:
    """Raise BadRequest where a header that tells what a request is stands more than once, or HTTP/1.1 names no host.

    RFC 9112, sections 3.2 and 6.3: who reads another one of them than a proxy before it serves another request.
    """
    hosts = scope.headers.get_all("host")
    if len(hosts) != 1 and scope.http_version == "1.1":
        raise BadRequest(f"HTTP/1.1 has one header Host, and this request has {len(hosts) or 'none'}.")
    for host in (*hosts, scope.authority):
        if host and not is_host(host):
            raise BadRequest(f"{host[:MOST_SHOWN]!r} is no host: a name or an address, and a port where it has one.")
    if scope.method in {"GET", "HEAD"}:
        return
    for name in SENT_ONCE:
        if len(scope.headers.get_all(name)) > 1:
            raise BadRequest(f"The header {name} stands more than once; send it once.")
    if (scope.headers.get("transfer-encoding") or "chunked").strip().lower() != "chunked":
        raise BadRequest(
            "Of the transfer codings, chunked alone is taken here; say what a body is coded in as its Content-Encoding."
        )
