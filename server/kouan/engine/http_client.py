"""Reach another server, say who we are, and pass on what it says when it fails. Knows HTTP as a client, no questions."""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from urllib.parse import SplitResult, quote

from kouan.release import VERSION
from kouan.settings import Settings

SECONDS_TO_CONNECT = 10.0
SHOWN_OF_MESSAGE = 300
ASCII = "".join(map(chr, range(128)))
MARKUP = re.compile(r"(?:<[^>]{0,200}>|\s)+")
INSIDE = re.compile(r"(?i)\bat [\w.$]+\([\w.$ ]*(?::\d+)?\)|Traceback|(?:/[\w.-]+){3,}|\b\d{1,3}(?:\.\d{1,3}){3}\b")


def connect(address: SplitResult, seconds: float) -> http.client.HTTPConnection:
    """Return a connection whose every step may take so many seconds; raises OSError where there is nobody."""
    left = max(0.1, min(SECONDS_TO_CONNECT, seconds))
    assert address.hostname is not None
    if address.scheme == "https":
        context = ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            address.hostname, address.port, timeout=left, context=context
        )
    else:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=left)
    try:
        connection.connect()
    except TimeoutError as error:
        # Not our deadline but their silence, unless the two are one.
        raise OSError("no connection") from error
    connection.sock.settimeout(seconds)
    return connection


@contextlib.contextmanager
def whole_within(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Hang up after some seconds, however steadily the other side goes on to say a little; raises TimeoutError then."""
    late = threading.Event()
    # A connection forgets its socket once an answer has begun that ends with it.
    reached = connection.sock

    def hang_up() -> None:
        late.set()
        with contextlib.suppress(OSError):
            reached.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if late.is_set():
            raise TimeoutError


def path_of(address: SplitResult) -> str:
    """Return what stands in the first line of a request to an address: of an IRI, as the URI that it stands for."""
    return quote((address.path or "/") + (f"?{address.query}" if address.query else ""), ASCII)


def headers_for(settings: Settings) -> dict[str, str]:
    """Return the headers that say who asks."""
    headers = {"User-Agent": f"Kouan/{VERSION}"}
    if settings.engine_user:
        secret = base64.b64encode(f"{settings.engine_user}:{settings.engine_password}".encode()).decode()
        headers["Authorization"] = f"Basic {secret}"
    return headers


def safe(body: bytes) -> str:
    """Return what the other server said as the end of a sentence; nothing where it tells of its inside."""
    text = MARKUP.sub(" ", body.decode("utf-8", "replace")).strip()
    found = INSIDE.search(text)
    if found:
        text = text[: found.start()].strip()
    text = "".join(character for character in text if character.isprintable())
    return f": {text[:SHOWN_OF_MESSAGE].rstrip('. ')}." if text else "."
