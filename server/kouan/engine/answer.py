"""What an engine is asked and what it answers. Knows no store and no HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Protocol

from kouan.errors import EngineFailure
from kouan.evaluation.question import Question
from kouan.processes.channel import Message, pack, packed
from kouan.snapshot import Snapshot

# What is said to an evaluator: a query, a request for a page, the file that a large answer goes to; and before a query, that
# another one did not survive it.
QUERY, PAGE_ASKED, CONVERT, SPOOL, AGAIN = b"Q", b"H", b"C", b"F", b"A"
# What an evaluator says: it is ready; the whole answer; the head of a large one; it needs more room; its end; an error;
# the client has it already; other servers have to be asked first; a browser wants a page of it.
READY, WHOLE, LARGE, MORE, END = b"R", b"W", b"L", b"M", b"E"
FAILED, UNCHANGED, SERVICES = b"X", b"N", b"S"
# Between them: what the server that holds the data is to be asked, and what it answered.
WANTED, GIVEN = b"P", b"G"
SURROGATES = "surrogatepass"
# Where the environment of a request for a page says the version of data that stands elsewhere.
VERSION_SAID = "kouan.version"
# Stands for all graphs where one is asked for; it is the IRI of none.
WHOLE_DATASET = "*"
_HEADS: dict[tuple[Any, ...], bytes] = {}
MOST_HEADS, LONGEST_HEAD = 256, 4096
# Who has a file is counted by any thread.
_HOLDING = threading.Lock()


class Asked(NamedTuple):
    """A query as a client asks it: besides the question what it accepts, and what it has already.

    `format` is the name or the media type of the one format wanted; `unless` is the value of If-None-Match; `services` are
    the solutions that other servers gave so far, each as it was answered, in the order in which they were wanted. `version` is
    that of data which only who asks knows; a `graph` is asked for its triples as they were written, whatever the text says,
    and the whole dataset for its quads. `note` is what the client is to be told of the request itself, whatever the answer.
    """

    question: Question
    timeout: float
    accept: str = ""
    format: str = ""
    unless: str = ""
    services: tuple[str, ...] = ()
    version: str = ""
    graph: str | None = None
    note: str = ""

    def packed(self) -> bytes:
        """Return the message that asks an evaluator."""
        question = self.question
        key = (question.default_graphs, question.named_graphs, question.infer, question.evidence)
        lengths, body = _before(self.services, question.text.encode("utf-8", SURROGATES))
        head = _head(self.timeout, self.accept, self.format, self.unless, lengths, self.version, self.graph, key)
        return pack(QUERY, head, body)

    def with_services(self, answers: tuple[str, ...]) -> Asked:
        """Return the same with what other servers answered."""
        return self._replace(services=answers)

    @classmethod
    def unpacked(cls, message: Message) -> Asked:
        """Return what a message asks."""
        timeout, accept, name, unless, lengths, version, graph, (default, named, infer, evidence) = message.said
        services, text = _parted(lengths, message.body)
        question = Question(text.decode("utf-8", SURROGATES), tuple(default), tuple(named), infer, evidence)
        return cls(question, timeout, accept, name, unless, services, version, graph)


def _before(services: tuple[str, ...], body: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return the lengths of what other servers gave, and it before a body: a head may not be as long as that is."""
    given = [each.encode("utf-8", SURROGATES) for each in services]
    return tuple(map(len, given)), b"".join([*given, body])


def _parted(lengths: list[int], body: bytes) -> tuple[tuple[str, ...], bytes]:
    """Return what other servers gave, and the body that it stands before."""
    ends = list(accumulate(lengths, initial=0))
    return tuple(body[start:end].decode("utf-8", SURROGATES) for start, end in pairwise(ends)), body[ends[-1] :]


def _head(*said: Any) -> bytes:
    # Clients say the same about every query that they send, and no more than a few words.
    head = _HEADS.get(said)
    if head is None:
        head = json.dumps(said).encode()
        if len(head) <= LONGEST_HEAD:
            if len(_HEADS) >= MOST_HEADS:
                _HEADS.clear()
            _HEADS[said] = head
    return head


class PageAsked(NamedTuple):
    """A request for something that is made of the whole dataset: a WSGI environment (PEP 3333) and the request's body."""

    environ: dict[str, str]
    body: bytes
    timeout: float
    services: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """Return the message that asks an evaluator."""
        lengths, body = _before(self.services, self.body)
        return packed(PAGE_ASKED, [self.timeout, self.environ, lengths], body)

    def with_services(self, answers: tuple[str, ...]) -> PageAsked:
        """Return the same with what other servers answered."""
        return self._replace(services=answers)

    @classmethod
    def unpacked(cls, message: Message) -> PageAsked:
        """Return what a message asks."""
        timeout, environ, lengths = message.said
        services, body = _parted(lengths, message.body)
        return cls(environ, body, timeout, services)


@dataclass(slots=True)
class Spooled:
    """A large answer in a file of its own, without a name: `size` bytes from `start` on that nothing changes any more."""

    file: int
    size: int
    release: Callable[[], None] | None = None
    holders: int = 1
    start: int = 0

    def hold(self) -> None:
        """Let one more have it, who closes it too."""
        with _HOLDING:
            self.holders += 1

    def read(self) -> bytes:
        """Return all of it."""
        return os.pread(self.file, self.size, self.start)

    def close(self) -> None:
        """Let go of the file, as the last who has it."""
        with _HOLDING:
            self.holders -= 1
            is_last = self.holders == 0 and self.file >= 0
            file, self.file = (self.file, -1) if is_last else (-1, self.file)
        if is_last:
            os.close(file)
            if self.release is not None:
                self.release()


@dataclass(slots=True)
class Answer:
    """An answer: what is said of it, and its bytes, in memory or spooled.

    Of a query `said` has its form, its media type, its entity tag ("" where it may not be kept), the columns or warnings that
    the sender should know of; of a page its status and headers. `kind` tells an answer from what is to be done first.
    """

    kind: bytes
    said: dict[str, Any]
    body: bytes = b""
    spooled: Spooled | None = None
    seconds: float = 0.0
    where: str = "evaluator"
    version: str = ""

    @property
    def size(self) -> int:
        """Return how many bytes the answer has."""
        return len(self.body) if self.spooled is None else self.spooled.size

    def whole(self) -> bytes:
        """Return the bytes, wherever they are, and let go of the file."""
        if self.spooled is None:
            return self.body
        body = self.spooled.read()
        self.spooled.close()
        return body


def converting(given: str, wanted: str, form: str, question: Question, body: bytes) -> bytes:
    """Return the message that has what another server answers to a query of a form read, and converted to another media type."""
    return packed(CONVERT, [given, wanted, form, question.text, *question.graphs], body)


Gone = Callable[[], Awaitable[None]]
"""Something that returns when the client has gone away."""


@dataclass(slots=True)
class Begun:
    """A question that an evaluator works on outside of the loop, and when it began."""

    evaluator: Any
    deadline: float
    started: float


class Engine(Protocol):
    """Something that answers questions about one version of one dataset."""

    @property
    def version(self) -> str:
        """Return the version of the dataset, or "" where it is not known."""

    @property
    def snapshot(self) -> Snapshot:
        """Return the snapshot that is asked now, or what stands in its place where the data is elsewhere."""

    def gauges(self) -> dict[str, float]:
        """Return how many evaluators rest and work, how many requests wait for one, and the bytes that are spooled."""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work in a loop from now on."""

    def keep_up(self) -> None:
        """Come to the last write that anybody was told of, in whatever thread; raises RequestError where that cannot be."""

    def begin(self, asked: Asked | PageAsked, *, is_in_loop: bool) -> Answer | Begun | None:
        """Return the answer where it comes at once, for the thread that the question arrives in, else what was begun of it.

        None is nothing; raises RequestError.
        """

    async def ask(self, asked: Asked | PageAsked, gone: Gone | None = None, begun: Begun | None = None) -> Answer:
        """Return the answer, for the loop of the HTTP process; raises RequestError."""

    def answer(self, query: str, media_type: str, timeout: float) -> bytes:
        """Return the whole answer to a query of ours, in a thread that is not the loop's; raises RequestError."""

    def has_graph(self, name: str) -> bool:
        """Return whether a graph has triples, in a thread that is not the loop's; "" is the default graph, always there."""


def died() -> EngineFailure:
    """Return the error of a query that its evaluator did not survive."""
    return EngineFailure(
        "The evaluator died of this query, and of nothing else; the server is well. Write the query in another way."
    )
