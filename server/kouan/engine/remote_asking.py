"""Send one query to another server and take what it answers, in a thread. Knows HTTP as a client; reads no answer."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import SplitResult, urlencode

from pyoxigraph import QueryResultsFormat

from kouan.engine.answer import Spooled
from kouan.engine.circuit import Circuit
from kouan.engine.evaluator import too_large
from kouan.engine.http_client import connect, headers_for, path_of, safe
from kouan.engine.nesting import Nesting
from kouan.engine.settling import ASK_AS_ROWS
from kouan.engine.spool import Spool
from kouan.engine.writer import BUFFERED_BYTES
from kouan.errors import NO_FILES, BadGateway, Busy, QueryError, RequestError, TooLarge, TooSlow, short_of
from kouan.evaluation.question import Question
from kouan.formats.table import GRAPH_FORMATS, GRAPHS_BY_MEDIA_TYPE, SOLUTION_FORMATS, SOLUTIONS_BY_MEDIA_TYPE, Format
from kouan.formats.table import VERSION as ANNOUNCED
from kouan.settings import Settings

# These say everything that an answer holds, and every engine writes one of them.
CONVERTED = {"json", "xml", "nt", "ttl", "rdf"}
# Every server writes this one alike.
EXACT = "application/sparql-results+xml"
READ_AT_ONCE = 64 * 1024
SECONDS_TO_SEE = 0.5
CONVERTED_BYTES = 64 * 1024 * 1024
# No text within these holds such an end; JSON has brackets, and texts that look like any end.
ENDS: dict[Any, bytes] = {QueryResultsFormat.XML: b"</sparql>"}
SEEN_OF_END = 64
# Virtuoso says so when it gave up midway and sends what it has with status 200.
PARTIAL = ("x-sql-state", "x-sparql-anytime")


class RemoteAsking:
    """One question on its way to the other server and back; may be given up from another thread."""

    def __init__(
        self, address: SplitResult, settings: Settings, circuit: Circuit, spool: Spool, deadline: float
    ) -> None:
        self.address = address
        self.settings = settings
        self.circuit = circuit
        self.spool = spool
        self.deadline = deadline
        self.seconds = deadline - time.monotonic()
        self._connection: http.client.HTTPConnection | None = None
        self._is_given_up = False

    def ask(
        self, question: Question, wanted: Format, *, rather: Format | None = None
    ) -> tuple[Format, bytes | Spooled]:
        """Return what was answered and in which format, one that can be made the one wanted; raises RequestError.

        Where another format is rather asked for, one of both is had whole: TooLarge is raised past what can be converted.
        """
        self.circuit.enter()
        try:
            found = self._ask(question, wanted, rather or wanted)
        except TimeoutError as error:
            # A slow query is its sender's; only an engine that does not answer even the smallest is left alone.
            if not self._is_given_up and not self._is_alive():
                self.circuit.fail(surely=True)
            raise self.too_slow() from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, OSError) and error.errno in NO_FILES:
                raise short_of("file") from error
            if not self._is_given_up:
                self.circuit.fail()
            raise BadGateway(
                "The engine behind this server cannot be reached or broke off; try again later."
            ) from error
        except BadGateway:
            self.circuit.fail()
            raise
        except RequestError:
            self.circuit.succeed()
            raise
        finally:
            self._end()
        self.circuit.succeed()
        return found

    def _ask(self, question: Question, wanted: Format, rather: Format) -> tuple[Format, bytes | Spooled]:
        response = self._send(question, rather)
        _refuse(response)
        given = _format_of(response, rather)
        chunks = self._chunks(response)
        body = bytearray()
        is_passed_on = given.serialiser == wanted.serialiser and rather is wanted
        most = BUFFERED_BYTES if is_passed_on else CONVERTED_BYTES
        for chunk in chunks:
            body += chunk
            if len(body) >= most:
                break
        else:
            return given, bytes(body)
        if not is_passed_on:
            raise TooLarge(
                f"The engine behind this server does not write {wanted.media_type}, and the answer is too large to "
                "convert; ask for another format or for less.",
                limit="converted_bytes",
            )
        return given, self._spooled(given, bytes(body), chunks)

    def _spooled(self, given: Format, first: bytes, chunks: Iterator[bytes]) -> Spooled:
        """Return the whole of a large answer in a file; raises BadGateway where it has no end, which it shows at least."""
        file, size, granted, nesting, last = self.spool.open(), 0, 0, Nesting(), b""
        is_json = given.serialiser == QueryResultsFormat.JSON
        try:
            for chunk in chain([first], chunks):
                size, granted = self._write(file, chunk, size, granted)
                last = (last + chunk)[-SEEN_OF_END:]
                if is_json:
                    nesting.add(chunk)
            if not (nesting.is_whole if is_json else last.rstrip().endswith(ENDS.get(given.serialiser, b""))):
                raise BadGateway("The engine behind this server broke off in the middle of its answer.")
        except BaseException:
            os.close(file)
            self.spool.give_back(granted)
            raise
        return Spooled(file, size, lambda: self.spool.give_back(granted))

    def _write(self, file: int, chunk: bytes, size: int, granted: int) -> tuple[int, int]:
        if size + len(chunk) > granted:
            granted = self.spool.grant(granted, size + len(chunk))
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(file, rest) :]
        return size + len(chunk), granted

    def is_amiss(self, body: bytes, given: Format) -> bool:
        """Return whether rows do not start as their format says: Virtuoso's TSV, and what it answers to ASK."""
        if given.serialiser == QueryResultsFormat.TSV:
            return bool(body) and not body.startswith((b"?", b"$", b"\n", b"\r", b"true", b"false"))
        return ASK_AS_ROWS in body[:500] and given.media_type != EXACT

    def abort(self) -> None:
        """Give up, from another thread: whoever waits for the other server stops waiting."""
        self._is_given_up = True
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _is_alive(self) -> bool:
        self.deadline = time.monotonic() + SECONDS_TO_SEE
        try:
            return self._send(Question("ASK {}"), SOLUTION_FORMATS[0]).status < 500
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            self._end()

    def _send(self, question: Question, wanted: Format) -> http.client.HTTPResponse:
        left = self._left()
        self._connection = connection = connect(self.address, left)
        connection.sock.settimeout(self._left())
        fields = [("query", question.text)]
        fields += [("default-graph-uri", graph) for graph in question.default_graphs]
        fields += [("named-graph-uri", graph) for graph in question.named_graphs]
        headers = {"Accept": _accept(wanted), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields).encode()
        connection.request("POST", path_of(self.address), body, headers | headers_for(self.settings))
        return connection.getresponse()

    def _chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """Yield what arrives; raises OSError where it ends before it should."""
        limit, received = self.settings.result_limit, 0
        while True:
            if self._connection is not None and self._connection.sock is not None:
                self._connection.sock.settimeout(self._left())
            chunk = response.read1(READ_AT_ONCE)
            if not chunk:
                if response.length:
                    raise http.client.IncompleteRead(b"")
                return
            received += len(chunk)
            if limit and received > limit:
                raise too_large(limit)
            yield chunk

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0 or self._is_given_up:
            raise TimeoutError
        return left

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def too_slow(self) -> TooSlow:
        """Return the error of a question that the other server did not answer in time."""
        return TooSlow(
            f"The engine behind this server did not answer in {self.seconds:.3g} seconds; ask for less, or for more time "
            f"with timeout= up to {self.settings.timeout_cap:g}.",
            limit="timeout",
            seconds=round(self.seconds, 3),
        )


def _families(wanted: Format) -> list[tuple[Format, ...]]:
    """Return the formats that can be converted to the one wanted: of tables, of graphs, or both where it writes both."""
    families = []
    if wanted.media_type in SOLUTIONS_BY_MEDIA_TYPE:
        families.append(SOLUTION_FORMATS)
    if wanted.media_type in GRAPHS_BY_MEDIA_TYPE:
        families.append(GRAPH_FORMATS)
    return families


def _accept(wanted: Format) -> str:
    """Return an Accept header: what is wanted, else what can be converted to it."""
    first = [wanted.media_type.removesuffix(ANNOUNCED)] if wanted.is_native else []
    others = [
        f"{each.media_type};q=0.5"
        for family in _families(wanted)
        for each in family
        if each.name in CONVERTED and each.media_type not in first
    ]
    return ", ".join([*first, *others])


def _format_of(response: http.client.HTTPResponse, wanted: Format) -> Format:
    """Return the format that an answer has; of those with one media type, the one of the wanted family."""
    media_type = (response.headers.get_content_type() or "").lower()
    candidates = [each for family in _families(wanted) for each in family if each.is_native]
    for each in [wanted, *candidates] if wanted.is_native else candidates:
        if media_type in {each.media_type.removesuffix(ANNOUNCED), *each.others}:
            return each
    raise BadGateway(
        f"The engine behind this server answered with {media_type or 'no media type'}, which is no answer."
    )


def _refuse(response: http.client.HTTPResponse) -> None:
    """Raise what an answer means that is none."""
    if response.status == 200:
        if any(response.headers.get(name) for name in PARTIAL):
            raise BadGateway(
                "The engine behind this server gave up midway and sent a part of the answer; ask for less."
            )
        return
    message = safe(response.read(8192))
    if response.status in {400, 422}:
        raise QueryError(f"The engine behind this server refused the query{message}")
    if response.status in {429, 503}:
        raise Busy(f"The engine behind this server is busy{message}")
    if response.status in {408, 504}:
        raise TooSlow(f"The engine behind this server gave up on the query{message}", limit="engine")
    raise BadGateway(f"The engine behind this server answered with status {response.status}.")
