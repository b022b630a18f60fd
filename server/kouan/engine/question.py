"""What is asked of an engine and what it answers. Knows no store and no HTTP."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kouan.errors import RequestError
from kouan.evaluation.question import Question
from kouan.snapshot import Snapshot
from kouan.sparql.scanning.guard import Inspection

if TYPE_CHECKING:
    from kouan.engine.lane import Begun
    from kouan.writes.request import Request


@dataclass
class Stream:
    """A large answer on its way through a pipe; `finished` holds None, or the error that it broke off with.

    `copy` is a file in memory that holds all of it afterwards, or nothing where it was too large to be kept.
    """

    reader: int
    writer: int
    finished: asyncio.Future[RequestError | None]
    copy: int = -1

    def close_reader(self) -> None:
        """Close our end for reading; the pipe lives on in whoever else has opened it."""
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1

    def take_copy(self) -> bytes:
        """Return the copy of an answer that has finished, and let go of it."""
        if self.copy < 0:
            return b""
        with os.fdopen(self.copy, "rb") as file:
            self.copy = -1
            file.seek(0)
            return file.read()

    def close_writer(self) -> None:
        """Let the reader see the end of the answer."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1


@dataclass
class Answer:
    """The answer: its bytes, or the stream of them where they are too many to hold; "" is a version not known."""

    body: bytes = b""
    stream: Stream | None = field(default=None)
    seconds: float = 0.0
    where: str = "evaluator"
    version: str = ""


Gone = Callable[[], Awaitable[None]]
"""Something that returns when the client has gone away."""


def read_all(answer: Answer) -> bytes:
    """Return an answer's bytes; raises what its stream broke off with."""
    stream = answer.stream
    if stream is None:
        return answer.body
    reader = os.dup(stream.reader)

    async def end() -> Any:
        error = await stream.finished
        stream.close_writer()
        return error

    loop = stream.finished.get_loop()
    ending = asyncio.run_coroutine_threadsafe(end(), loop)
    with os.fdopen(reader, "rb") as pipe:
        body = pipe.read()
    error = ending.result()
    stream.take_copy()
    if error is not None:
        raise error
    return body


class Engine(Protocol):
    """Something that answers questions about one version of one dataset."""

    @property
    def version(self) -> str:
        """Return the version of the dataset, or "" where it is not known."""

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot that is asked now, or what stands in its place where the data is elsewhere."""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on."""

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples, for the threads of the pages; "" is the default graph, which is always there."""

    def write(self, request: Request) -> dict[str, Any]:
        """Return the record of a write, for the threads of the pages; raises RequestError."""

    def at_hand(self, question: Question, media_type: str, inspection: Inspection) -> Answer | None:
        """Return the answer at once, in any thread, or None where that could take long; raises RequestError."""

    def begin(self, question: Question, media_type: str, timeout: float) -> Answer | Begun | None:
        """Return the answer where it comes at once, for the thread that the question arrives in, else what was begun of it.

        None is nothing; raises RequestError.
        """

    async def ask(
        self,
        question: Question,
        media_type: str,
        timeout: float,
        gone: Gone | None = None,
        begun: Begun | None = None,
    ) -> Answer:
        """Return the answer as a media type, for the loop of the HTTP process; raises RequestError."""

    def answer(self, question: Question, media_type: str, timeout: float) -> bytes:
        """Return the whole answer as a media type, for the threads of the pages; raises RequestError."""
