"""Let a WSGI application answer the requests of a server that speaks RSGI, each in a thread. Knows no addresses."""

from __future__ import annotations

import asyncio
import io
import ipaddress
import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
# A name of labels, an address in four numbers, or one in brackets, with or without a port (RFC 3986, section 3.2.2; RFC 1035,
# section 2.3.4).
LABEL = "[A-Za-z0-9_-]{1,63}"
HOST = re.compile(
    rf"(?:(?![^:]{{254}}){LABEL}(?:\.{LABEL})*\.?|\[(?P<address>[0-9A-Fa-f:.]{{2,45}})\])(?::[0-9]{{0,5}})?"
)
# What Java's own client says where nobody asked for anything; a browser says more.
OF_JAVA = "text/html, image/gif, image/jpeg, *"
PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Bridge:
    """Answers with a WSGI application."""

    def __init__(self, application: Application, threads: Executor) -> None:
        self.application = application
        self.threads = threads

    async def answer(self, scope: Any, proto: Any, more: dict[str, Any], body: bytes) -> None:
        """Answer a request whose body was read, with more in its environment."""
        environ: dict[str, Any] = environ_of(scope) | more
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(self.threads, called, self.application, environ, body)
        proto.response_bytes(status, headers, content)


def called(application: Application, environ: dict[str, Any], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the status, the headers and the body with which a WSGI application answers (PEP 3333)."""
    said: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        said[:] = [int(status.split(" ", 1)[0]), [(name.lower(), value) for name, value in headers], exc_info]
        return lambda _: None

    server = {
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    content = application(environ | server, start)
    try:
        whole = b"".join(content)
    finally:
        close = getattr(content, "close", None)
        if close is not None:
            close()
    # The server says itself how long the answer is.
    return said[0], [header for header in said[1] if header[0] != "content-length"], whole


def environ_of(scope: Any) -> dict[str, str]:
    """Return what a WSGI environment says of a request (PEP 3333)."""
    host, _, port = (scope.server or "").rpartition(":")
    environ: dict[str, str] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": prefix_of(scope),
        # It comes decoded.
        "PATH_INFO": scope.path.encode("utf-8").decode("latin-1"),
        # What a client sends without encoding it comes as text here, and as bytes in latin-1 there (PEP 3333).
        "QUERY_STRING": scope.query_string.encode("utf-8").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": (scope.client or "").rpartition(":")[0],
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        # The body is decoded before it is passed on, and no other protocol is spoken here (RFC 9110, section 7.8).
        if name in {"content-encoding", "transfer-encoding", "upgrade"}:
            continue
        key = PLAIN.get(name) or "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["HTTP_HOST"] = host_of(scope)
    if "HTTP_ACCEPT" in environ:
        environ["HTTP_ACCEPT"] = header(scope, "accept")
    return environ


def header(scope: Any, name: str) -> str:
    """Return the value of a header, its lines joined where there are several (RFC 9110, section 5.3).

    It is "" where there is none, or none that anybody meant.
    """
    value = ", ".join(scope.headers.get_all(name))
    return "" if value.startswith(OF_JAVA) else value


def is_host(text: str) -> bool:
    """Return whether a text names a host, with its port or without."""
    found = HOST.fullmatch(text)
    return found is not None and (found["address"] is None or _is_address(found["address"]))


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def root_of(scope: Any) -> str:
    """Return the address that all of this stands below, without a slash at its end."""
    return f"{scope.scheme}://{host_of(scope)}{prefix_of(scope)}"


def host_of(scope: Any) -> str:
    """Return the host that a request was sent to, as its client named it: in the target before the header (RFC 9112, section 3.2.2)."""
    return getattr(scope, "host", "") or scope.authority or scope.headers.get("host") or scope.server or ""


def prefix_of(scope: Any) -> str:
    """Return the path below which a client sees all of this, "" where it is the root."""
    return getattr(scope, "prefix", "")
