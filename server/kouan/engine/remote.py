"""Ask another server that speaks the SPARQL protocol. Knows HTTP as a client; limits are ours, evaluation is theirs.

What the other server answers in another format than the one wanted is converted; what it says when it fails is passed
on as text, without what could tell of its inside.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from kouan.engine.circuit import Circuit
from kouan.engine.forker import too_large
from kouan.engine.http_client import connect, headers_for, path_of, safe
from kouan.engine.lane import Begun
from kouan.engine.question import Answer, Gone, Stream, read_all
from kouan.errors import BadGateway, BadRequest, Busy, QueryError, RequestError, SettingsError, TooLarge, TooSlow
from kouan.evaluation.geometry import OURS
from kouan.evaluation.label_search import searches
from kouan.evaluation.question import Question
from kouan.formats.table import (
    BY_MEDIA_TYPE,
    GRAPH_FORMATS,
    GRAPHS_BY_MEDIA_TYPE,
    SOLUTION_FORMATS,
    SOLUTIONS_BY_MEDIA_TYPE,
    Format,
)
from kouan.formats.table import (
    VERSION as ANNOUNCED,
)
from kouan.formats.writing import write, write_graph
from kouan.processes.channel import BUFFERED_BYTES
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.sparql.scanning.guard import Inspection
from kouan.sparql.wikidata import adapt
from kouan.writes.remote import send_write
from kouan.writes.request import Request

# These say everything that an answer holds, and every engine writes one of them.
CONVERTED = {"json", "xml", "nt", "ttl", "rdf"}
# Every server writes this one alike.
ASK_AS_ROWS = b'"__ASK_RETVAL"'
EXACT = "application/sparql-results+xml"
READ_AT_ONCE = 64 * 1024
SECONDS_TO_SEE = 0.5
CONVERTED_BYTES = 64 * 1024 * 1024
# Virtuoso says so when it gave up midway and sends what it has with status 200.
PARTIAL = ("x-sql-state", "x-sparql-anytime")


class RemoteEngine:
    """Answers questions by asking the server at `settings.engine`."""

    def __init__(self, snapshot: Snapshot, settings: Settings, writes: Synchronized[int] | None = None) -> None:
        """Take the snapshot of our own that stands beside the data, and the count of writes that all processes share."""
        self.snapshot = snapshot
        self.settings = settings
        self.writes = writes or multiprocessing.Value("Q")
        self.address = _address(settings.engine, "KOUAN_ENGINE")
        self.update_address = _address(settings.engine_update or settings.engine, "KOUAN_ENGINE_UPDATE")
        self.circuit = Circuit()
        self.threads = ThreadPoolExecutor(settings.evaluators_most)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def version(self) -> str:
        """Return what stands for a version: the other server has none, so answers are taken to hold for a while."""
        fresh = self.settings.engine_fresh
        return f"{self.settings.engine}@{int(time.time() / fresh)}.{self.writes.value}" if fresh else ""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on."""
        self._loop = loop

    def at_hand(self, question: Question, media_type: str, inspection: Inspection) -> Answer | None:
        """Return None: nothing is at hand here."""

    def begin(self, question: Question, media_type: str, timeout: float) -> None:
        """Return None: the other server is asked from the loop."""

    async def ask(
        self, question: Question, media_type: str, timeout: float, gone: Gone | None = None, begun: Begun | None = None
    ) -> Answer:
        """Return the answer; raises RequestError. The other server cannot be told that the client has gone."""
        del gone, begun
        if not question.infer:
            raise BadRequest("infer=false is not to be had here: the engine behind this server decides what it infers.")
        if searches(question.text):
            raise BadRequest("Label search is not to be had here: the engine behind this server keeps the labels.")
        # Beside a SERVICE of another server they were rewritten already, with functions of our own.
        if OURS in question.text or adapt(question.text) != question.text:
            raise BadRequest(
                "What only this server's own engine has is not to be had here, such as the services and hints of Wikidata's: "
                "another engine evaluates; write it in plain SPARQL."
            )
        if question.evidence:
            raise BadRequest("Evidence is not to be had here: the engine behind this server keeps the graphs.")
        self.circuit.enter()
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        asking = _Asking(self, question, BY_MEDIA_TYPE[media_type], started + timeout, timeout)
        body, whole = await loop.run_in_executor(self.threads, asking.start)
        seconds = time.monotonic() - started
        if whole:
            return Answer(body, seconds=seconds, where="remote")
        reader, writer = os.pipe()
        held = os.dup(writer)
        stream = Stream(reader, held, loop.create_future())

        def finish(error: RequestError | None) -> None:
            if not stream.finished.done():
                stream.finished.set_result(error)

        def pump() -> None:
            error = asking.pump(body, writer)
            loop.call_soon_threadsafe(finish, error)

        self.threads.submit(pump)
        return Answer(stream=stream, seconds=seconds, where="remote")

    def answer(self, question: Question, media_type: str, timeout: float) -> bytes:
        """Return the whole answer, in a thread that is not the loop's; raises RequestError."""
        assert self._loop is not None
        return read_all(asyncio.run_coroutine_threadsafe(self.ask(question, media_type, timeout), self._loop).result())

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples; the default graph is always there."""
        asked = Question(f"ASK {{ GRAPH {NamedNode(name)} {{ ?s ?p ?o }} }}") if name else None
        return asked is None or self.answer(asked, "text/csv", self.settings.timeout).strip() == b"true"

    def write(self, request: Request) -> dict[str, Any]:
        """Return the record of a write that the other server carried out; raises RequestError."""
        record = send_write(self.update_address, self.settings, request)
        with self.writes.get_lock():
            self.writes.value += 1
        return record | {"version": self.version}


def _address(setting: str, variable: str) -> SplitResult:
    address = urlsplit(setting)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise SettingsError(f"{variable} must be the http address of a SPARQL endpoint, not {setting!r}.")
    return address


class _Asking:
    """One question on its way to the other server and back, in a thread."""

    def __init__(
        self, engine: RemoteEngine, question: Question, wanted: Format, deadline: float, timeout: float
    ) -> None:
        self.engine = engine
        self.question = question
        self.wanted = wanted
        self.deadline = deadline
        self.timeout = timeout
        self.received = 0
        self.response: http.client.HTTPResponse | None = None
        self.connection: http.client.HTTPConnection | None = None

    def start(self) -> tuple[bytes, bool]:
        """Return what was answered so far, and whether it is all."""
        try:
            response = self._send()
            _refuse(response)
            given = _format_of(response, self.wanted)
            if given.serialiser != self.wanted.serialiser:
                return _convert(self._all(CONVERTED_BYTES), given, self.wanted), True
            body = b"".join(self._chunks(BUFFERED_BYTES))
            if _is_amiss(body, given):
                return self._exactly(), True
            whole = response.isclosed() or response.length == 0
            if whole:
                self._end()
            self.engine.circuit.succeed()
            return body, whole
        except TimeoutError as error:
            self._end()
            # A slow query is its sender's; only an engine that does not answer even the smallest is left alone.
            if not self._is_alive():
                self.engine.circuit.fail(surely=True)
            raise self._too_slow() from error
        except (OSError, http.client.HTTPException) as error:
            self._end()
            self.engine.circuit.fail()
            raise BadGateway(
                "The engine behind this server cannot be reached or broke off; try again later."
            ) from error
        except RequestError as error:
            self._end()
            if isinstance(error, BadGateway):
                self.engine.circuit.fail()
            else:
                self.engine.circuit.succeed()
            raise

    def _exactly(self) -> bytes:
        """Return the answer made of one in XML."""
        self._end()
        self.received = 0
        wanted, self.wanted = self.wanted, BY_MEDIA_TYPE[EXACT]
        response = self._send()
        _refuse(response)
        body, given = self._all(CONVERTED_BYTES), _format_of(response, self.wanted)
        self.engine.circuit.succeed()
        if ASK_AS_ROWS in body:
            body, given = _yes_or_no(body), BY_MEDIA_TYPE["application/sparql-results+json"]
        return _convert(body, given, wanted)

    def pump(self, body: bytes, writer: int) -> RequestError | None:
        """Write the rest of the answer to a pipe; return what went wrong."""
        try:
            _write(writer, body)
            for chunk in self._chunks(0):
                _write(writer, chunk)
        except TimeoutError:
            return self._too_slow()
        except BrokenPipeError:
            return None
        except (OSError, http.client.HTTPException):
            return BadGateway("The engine behind this server broke off.")
        except RequestError as error:
            return error
        finally:
            os.close(writer)
            self._end()
        return None

    def _is_alive(self) -> bool:
        self.deadline = time.monotonic() + SECONDS_TO_SEE
        self.question = Question("ASK {}")
        try:
            return self._send().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            self._end()

    def _send(self) -> http.client.HTTPResponse:
        address, settings = self.engine.address, self.engine.settings
        self.connection = connect(address, self.deadline - time.monotonic())
        self._set_timeout()
        fields = [("query", self.question.text)]
        fields += [("default-graph-uri", graph) for graph in self.question.default_graphs]
        fields += [("named-graph-uri", graph) for graph in self.question.named_graphs]
        headers = {
            "Accept": _accept(self.wanted),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", path_of(address), urlencode(fields).encode(), headers | headers_for(settings))
        self.response = self.connection.getresponse()
        return self.response

    def _chunks(self, most: int) -> Iterator[bytes]:
        """Yield what arrives, up to a size; 0 is all of it."""
        assert self.response is not None
        limit = self.engine.settings.result_limit
        taken = 0
        while not most or taken < most:
            self._set_timeout()
            chunk = self.response.read1(READ_AT_ONCE)
            if not chunk:
                if self.response.length:
                    raise http.client.IncompleteRead(b"")
                return
            taken += len(chunk)
            self.received += len(chunk)
            if limit and self.received > limit:
                raise too_large(limit)
            yield chunk

    def _all(self, most: int) -> bytes:
        body = b"".join(self._chunks(most))
        if len(body) >= most:
            raise TooLarge(
                f"The engine behind this server does not write {self.wanted.media_type}, and the answer is too large to "
                "convert; ask for another format or for less.",
                limit="converted_bytes",
            )
        self._end()
        return body

    def _set_timeout(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.settimeout(left)

    def _end(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def _too_slow(self) -> TooSlow:
        return TooSlow(
            f"The engine behind this server did not answer in {self.timeout:g} seconds; ask for less, or for more time "
            f"with timeout= up to {self.engine.settings.timeout_cap:g}.",
            limit="timeout",
            seconds=self.timeout,
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


def _is_amiss(body: bytes, given: Format) -> bool:
    """Return whether rows do not start as their format says: Virtuoso's TSV, and what it answers to ASK."""
    if given.serialiser == QueryResultsFormat.TSV:
        return bool(body) and not body.startswith((b"?", b"$", b"\n", b"\r", b"true", b"false"))
    return ASK_AS_ROWS in body[:500]


def _yes_or_no(body: bytes) -> bytes:
    """Return the answer to ASK in JSON, made of a row of XML with 1 or 0."""
    rows = parse_query_results(body, format=QueryResultsFormat.XML)
    assert isinstance(rows, QuerySolutions)
    is_so = any(row[0] is not None and row[0].value == "1" for row in rows)
    return json.dumps({"head": {}, "boolean": is_so}).encode()


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


def _convert(body: bytes, given: Format, wanted: Format) -> bytes:
    """Return an answer in the wanted format."""
    try:
        if isinstance(given.serialiser, RdfFormat):
            triples = dict.fromkeys(quad.triple for quad in parse(body, format=given.serialiser))
            return write_graph(triples, wanted.media_type, {}, None)
        if isinstance(given.serialiser, QueryResultsFormat):
            return write(parse_query_results(body, format=given.serialiser), wanted.media_type, {}, None)
    except (SyntaxError, ValueError) as error:
        raise BadGateway("The engine behind this server sent an answer that cannot be read.") from error
    raise BadGateway("The engine behind this server answered in a format of another kind.")


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]
