"""Ask another server that speaks the SPARQL protocol. Limits, formats and pages are ours, evaluation is theirs.

Evaluators without data read what a client wrote and say what is to be asked, as they do for data of our own; what the other
server answers is read by them too, so that garbage and halves are found, and converted where it is of another format.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

from kouan.engine.answer import (
    FAILED,
    GIVEN,
    SERVICES,
    UNCHANGED,
    VERSION_SAID,
    WHOLE,
    Answer,
    Asked,
    Begun,
    Gone,
    PageAsked,
    Spooled,
    converting,
)
from kouan.engine.circuit import Circuit
from kouan.engine.entity_tags import entity_tag
from kouan.engine.federation import Services
from kouan.engine.federation.calling import Calls
from kouan.engine.pool import Pool
from kouan.engine.remote_asking import EXACT, RemoteAsking
from kouan.engine.spool import Spool
from kouan.errors import BadGateway, NotAcceptable, RequestError, SettingsError, TooLarge
from kouan.evaluation.question import Question
from kouan.evaluation.services import JSON
from kouan.formats.negotiation import choose
from kouan.formats.table import BY_MEDIA_TYPE, Format
from kouan.processes.channel import packed
from kouan.processes.door import Door
from kouan.settings import Settings
from kouan.snapshot import Snapshot

# Every engine writes these as they are meant; what some write as XML no parser reads, or reads back.
INSTEAD_OF_XML: dict[Any, Format] = {
    QueryResultsFormat.XML: BY_MEDIA_TYPE[JSON],
    RdfFormat.RDF_XML: BY_MEDIA_TYPE["application/n-triples"],
}
# When the system started, as the clock said once: a clock that is put back later must not bring back what was kept long ago.
BOOTED = time.time() - time.monotonic()


class RemoteEngine:
    """Answers questions by asking the server at `settings.engine`."""

    def __init__(
        self, snapshot: Snapshot, forker: Door, settings: Settings, writes: Synchronized[int], *, share: int = 1
    ) -> None:
        """Take what stands beside the data, the door of the forker, and the count of writes that all processes share."""
        self.snapshot = snapshot
        self.settings = settings
        self.writes = writes
        self.address = engine_address(settings.engine, "KOUAN_ENGINE")
        self._which = sign_of(settings)
        self.circuit = Circuit()
        self.spool = Spool(settings.spools, settings.spool // share)
        at_once = max(1, settings.evaluators_most // share)
        resting = max(1, settings.evaluators // share)
        self.pool = Pool(forker, settings, self.spool, resting=resting, most=at_once, abroad=self._given)
        self.calls = Calls(Services(settings), self._answer_here)
        self._threads = ThreadPoolExecutor(at_once)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def version(self) -> str:
        """Return what stands for a version: the other server has none, so answers are taken to hold for a while."""
        fresh = self.settings.engine_fresh
        return f"{self._which}@{int((BOOTED + time.monotonic()) / fresh)}.{self.writes.value}" if fresh else ""

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, how many requests wait for one, and the bytes that are spooled."""
        return self.pool.gauges() | {"spool_bytes": self.spool.taken}

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on."""
        self._loop = loop
        self.pool.open(loop)

    def keep_up(self) -> None:
        """Do nothing: the other server says what it holds whenever it is asked."""

    def begin(self, asked: Asked | PageAsked, *, is_in_loop: bool) -> None:
        """Return None: the other server is asked from the loop."""

    async def ask(self, asked: Asked | PageAsked, gone: Gone | None = None, begun: Begun | None = None) -> Answer:
        """Return the answer; raises RequestError."""
        del begun
        deadline, version = time.monotonic() + asked.timeout, self.version
        if isinstance(asked, Asked):
            asked = asked._replace(version=version)
        else:
            asked = asked._replace(environ=asked.environ | {VERSION_SAID: version})
        answers: tuple[str, ...] = ()
        while True:
            settled = await self.pool.ask(asked.packed(), deadline, gone)
            if settled.kind != SERVICES:
                break
            answers += await self.calls.answers(settled.said["wanted"], deadline)
            asked = asked.with_services(answers)
        if isinstance(asked, PageAsked):
            # Without a version nothing may be kept.
            said = settled.said if version else settled.said | {"tag": ""}
            return replace(settled, said=said, version=version)
        if settled.kind == UNCHANGED:
            return settled
        question = asked.question._replace(text=settled.body.decode())
        return await self._fetched(asked, question, settled, deadline, gone)

    async def _fetched(
        self, asked: Asked, question: Question, settled: Answer, deadline: float, gone: Gone | None
    ) -> Answer:
        """Return what the other server answers to what was settled, in the next format where that one cannot say it."""
        started, said = time.monotonic(), settled.said
        wanted = BY_MEDIA_TYPE[said["type"]]
        given, body = await self._asked(question, wanted, deadline, gone)
        if isinstance(body, Spooled):
            return Answer(WHOLE, said, b"", body, time.monotonic() - started, "remote", self.version)
        converted = partial(converting, given.media_type, form=said["form"], question=question, body=body)
        try:
            read = await self.pool.ask(converted(wanted=wanted.media_type), deadline, gone)
        except NotAcceptable:
            other = _otherwise(asked, said)
            if other is None:
                raise
            tag = said["tag"] and entity_tag(asked.version, asked.question, other)
            said = said | {"type": other.media_type, "tag": tag}
            read = await self.pool.ask(converted(wanted=other.media_type), deadline, gone)
        # What is already as it is wanted does not come back.
        if read.said["same"]:
            read = replace(read, body=body)
        warnings = (*said.get("warnings", ()), *read.said["warnings"])
        return replace(
            read,
            said=said | {"warnings": warnings},
            seconds=time.monotonic() - started,
            where="remote",
            version=self.version,
        )

    async def _asked(
        self, question: Question, wanted: Format, deadline: float, gone: Gone | None = None
    ) -> tuple[Format, bytes | Spooled]:
        """Return what the other server answers, in a format that can be made the one wanted."""
        loop = asyncio.get_running_loop()
        asking = RemoteAsking(self.address, self.settings, self.circuit, self.spool, deadline)
        rather = INSTEAD_OF_XML.get(wanted.serialiser)
        try:
            asked = partial(asking.ask, question, wanted, rather=rather)
            given, body = await self._in_thread(loop, asking, asked, deadline, gone)
        except TooLarge:
            if rather is None:
                raise
            given, body = await self._in_thread(loop, asking, lambda: asking.ask(question, wanted), deadline, gone)
        if isinstance(body, bytes) and asking.is_amiss(body, given):
            exact = BY_MEDIA_TYPE[EXACT]
            return await self._in_thread(loop, asking, lambda: asking.ask(question, exact), deadline, gone)
        return given, body

    async def _given(self, said: Any, deadline: float) -> bytes:
        """Return the message that tells an evaluator what it wants of the other server, or why it is not to be had."""
        text, default, named, media_type, seconds = said
        deadline = min(deadline, time.monotonic() + seconds) if seconds else deadline
        question = Question(text, tuple(default), tuple(named))
        try:
            given, body = await self._asked(question, BY_MEDIA_TYPE[media_type], deadline)
        except RequestError as error:
            return packed(FAILED, error.said())
        if isinstance(body, Spooled):
            whole = await asyncio.get_running_loop().run_in_executor(self._threads, body.read)
            body.close()
            body = whole
        return packed(GIVEN, given.media_type, body)

    async def _in_thread(
        self,
        loop: asyncio.AbstractEventLoop,
        asking: RemoteAsking,
        ask: Callable[[], tuple[Format, bytes | Spooled]],
        deadline: float,
        gone: Gone | None,
    ) -> tuple[Format, bytes | Spooled]:
        """Return what was answered, in a thread that gives up when the deadline passes or the client goes."""
        watch = asyncio.ensure_future(_when(gone, asking)) if gone is not None else None
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic()) + 0.5):
                return await loop.run_in_executor(self._threads, ask)
        except TimeoutError as error:
            asking.abort()
            raise asking.too_slow() from error
        except asyncio.CancelledError:
            asking.abort()
            raise
        finally:
            if watch is not None:
                watch.cancel()

    def _answer_here(self, query: str, deadline: float) -> str:
        """Return what the other server answers to a query of ours, in a thread, as JSON results."""
        asking = RemoteAsking(self.address, self.settings, self.circuit, self.spool, deadline)
        given, body = asking.ask(Question(query), BY_MEDIA_TYPE[JSON])
        del given
        if isinstance(body, Spooled):
            body.close()
            raise BadGateway("The engine behind this server answers with more than can be joined with a SERVICE.")
        return body.decode("utf-8", "replace")

    def answer(self, query: str, media_type: str, timeout: float) -> bytes:
        """Return the whole answer, in a thread that is not the loop's; raises RequestError."""
        assert self._loop is not None
        asked = Asked(Question(query), timeout, format=media_type)
        return asyncio.run_coroutine_threadsafe(self.ask(asked), self._loop).result().whole()

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples; the default graph is always there."""
        if not name:
            return True
        query = f"ASK {{ GRAPH {NamedNode(name)} {{ ?s ?p ?o }} }}"
        return self.answer(query, "text/csv", self.settings.timeout).strip() == b"true"

    def has_written(self) -> None:
        """Say that the other server's data has changed, to all processes."""
        with self.writes.get_lock():
            self.writes.value += 1


async def _when(gone: Gone, asking: RemoteAsking) -> None:
    await gone()
    asking.abort()


def _otherwise(asked: Asked, said: dict[str, Any]) -> Format | None:
    """Return the format that a client likes best but for the one that was tried; None where it takes no other."""
    if asked.format:
        return None
    try:
        return choose(said["form"], "", asked.accept, frozenset({said["type"].partition(";")[0]}))
    except NotAcceptable:
        return None


def sign_of(settings: Settings) -> str:
    """Return what tells one engine from another, but for a chance: too short to tell anybody its address."""
    return blake2b(settings.engine.encode(), digest_size=2).hexdigest()


def engine_address(setting: str, variable: str) -> SplitResult:
    """Return the address of another server, cut up; raises SettingsError where it is none."""
    address = urlsplit(setting)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise SettingsError(f"{variable} must be the http address of a SPARQL endpoint, not {setting!r}.")
    return address
