"""Answer what is asked over a channel, in a process of its own behind the wall. Knows one snapshot; keeps no clock.

Who asks keeps the time and ends this process where it takes too long; this one ends itself when nobody asks any more.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from select import POLLIN, POLLRDHUP, poll
from typing import Any

from pyoxigraph import Store

from kouan.engine.answer import (
    AGAIN,
    CONVERT,
    FAILED,
    GIVEN,
    PAGE_ASKED,
    QUERY,
    READY,
    SERVICES,
    SURROGATES,
    UNCHANGED,
    WANTED,
    WHOLE_DATASET,
    Asked,
    PageAsked,
)
from kouan.engine.entity_tags import entity_tag, matches
from kouan.engine.settling import convert, plain_for_others
from kouan.engine.writer import AnswerWriter, NoRoom
from kouan.errors import (
    KouanError,
    NotAcceptable,
    NotFound,
    RequestError,
    SettingsError,
    TooLarge,
    TooMuchMemory,
    error_said,
    own_fault,
)
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.in_vain import warned
from kouan.evaluation.question import Question
from kouan.evaluation.services import JSON, WantsServices, resolved
from kouan.evaluation.terms_abroad import TermsAbroad
from kouan.evaluation.unknown_terms import with_known_prefix
from kouan.formats.negotiation import HTML, choose
from kouan.formats.table import BY_MEDIA_TYPE, DATASET
from kouan.formats.writing import write_dataset, write_graph
from kouan.history.exact import ExactStore
from kouan.processes.channel import Channel, Message, packed
from kouan.processes.memory import bound, collect_seldom, room_left
from kouan.processes.wall import shut_in
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import exact_quads
from kouan.sparql.door import Known, Limits, know

# Whose answer is longer has found something.
SMALL_ANSWER = 600
# Nobody waits longer for a warning that another server has a part in.
SECONDS_TO_WARN = 1.0
# Deep but legal queries recurse in the engine; what is not touched of this costs no memory.
STACK_SIZE = 512 * 1024 * 1024
# The server watches memory and says which limit was passed; the kernel's limit is for what grows faster than it looks.
# A thread's stack may still stand when the next one is made.
MORE_MEMORY = 512 * 1024 * 1024 + 2 * STACK_SIZE

Page = Callable[[PageAsked], tuple[dict[str, Any], bytes]]
"""What makes a page: returns its status and headers, and whether it may be kept, and its bytes."""
AskOut = Callable[[Question, str, float], bytes]
"""What asks the server that holds the data, in a media type and for so many seconds at most, 0 for as long as there are."""
MakePages = Callable[[Snapshot, Datasets, ExactStore | None, AskOut], Page]


@dataclass(frozen=True)
class Served:
    """What an evaluator serves: a snapshot, its store, the number of its version, its terms as they were
    written where it is in memory, and what makes pages of it."""

    snapshot: Snapshot
    store: Store
    number: int
    settings: Settings
    data: ExactStore | None = None
    pages: MakePages | None = None


def require_memory(settings: Settings) -> None:
    """Raise SettingsError where the evaluators forked from this process cannot have what they are to have."""
    left, option = room_left() or (None, "")
    if left is not None and left < settings.memory_limit + MORE_MEMORY:
        least = settings.memory_limit + MORE_MEMORY - left
        lower = f", or lower KOUAN_MEMORY_LIMIT to {left - MORE_MEMORY}" if left > MORE_MEMORY else ""
        raise SettingsError(
            f"The limit of this process's memory (ulimit {option}) leaves {left:,} bytes, and an evaluator needs {least:,} "
            f"more: raise it by that{lower}."
        )


def be_evaluator(connection: socket.socket, served: Served) -> None:
    """Answer until the other side is gone; returns then."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    collect_seldom()
    channel = Channel(connection)
    handle = os.pidfd_open(os.getpid())
    evaluator = Evaluator(channel, served)
    threading.stack_size(STACK_SIZE)
    settings = served.settings
    shut_in([*served.snapshot.places, settings.snapshots, settings.journals, settings.home])
    bound(settings.memory_limit + MORE_MEMORY, for_good=True)
    ready = {"number": served.number, "version": served.snapshot.version, "pid": os.getpid()}
    channel.send(packed(READY, ready), [handle])
    os.close(handle)
    gone = poll()
    gone.register(connection, POLLRDHUP)
    # Whoever is asked next waits for a thread that is as quick as the first, so that one is started at once.
    gone.register(evaluator.worked, POLLIN)
    while not evaluator.has_ended:
        thread = threading.Thread(target=evaluator.work, daemon=True)
        thread.start()
        while thread.is_alive() and not evaluator.has_ended:
            # Whatever a query is doing, it is for nobody once the other side is gone.
            if any(file == connection.fileno() for file, _ in gone.poll(1000)):
                return
            thread.join(0.01)
        os.eventfd_read(evaluator.worked)
    return


class Evaluator:
    """Answers one thing after another."""

    def __init__(self, channel: Channel, served: Served) -> None:
        self.channel = channel
        self.served = served
        self.datasets = Datasets(served.store)
        self.limits = Limits.of(served.settings)
        self.has_ended = False
        self.worked = os.eventfd(0, os.EFD_CLOEXEC)
        self.terms_abroad = terms_abroad(served.settings, self._ask_out)
        self._page: Page | None = None

    def work(self) -> None:
        """Answer until this thread was made to give way for something: only a new thread can be as quick again."""
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        try:
            while (message := self._heard()) is not None:
                self._answer(message)
                if os.getpriority(os.PRIO_PROCESS, 0) > usual:
                    return
            self.has_ended = True
        except BaseException:
            # What nobody foresaw ends the evaluator at once, so that who waits for it is told.
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)
        finally:
            os.eventfd_write(self.worked, 1)

    def _heard(self) -> Message | None:
        """Return what is asked next, None where nobody is left to ask."""
        try:
            return self.channel.receive()
        except (EOFError, OSError):
            return None

    def _answer(self, message: Message) -> None:
        settings = self.served.settings
        counts = settings.log != "none"
        writer = AnswerWriter(self.channel, settings.result_limit, folder=settings.spools, counts=counts)
        try:
            if message.kind == QUERY:
                self._query(Asked.unpacked(message), writer)
            elif message.kind == CONVERT:
                self._convert(message, writer)
            elif message.kind == PAGE_ASKED:
                said, body = self._made_page(PageAsked.unpacked(message))
                writer.said = said
                writer.write(body)
                writer.finish()
        except RequestError as error:
            self._fail(with_known_prefix(error, self.served.snapshot.prefixes))
        except WantsServices as error:
            self.channel.send(packed(SERVICES, [wanted._asdict() for wanted in error.wanted]))
        except NoRoom as error:
            self._fail(error.reason)
        except OverflowError:
            self._fail(too_large(settings.result_limit))
        except MemoryError:
            self._fail(too_much_memory(settings.memory_limit))
        except (BrokenPipeError, ConnectionResetError):
            # Nobody is there to be told.
            self.has_ended = True
        except KouanError as error:
            sys.stderr.write(f"{error.message}\n")
            self._fail(own_fault())
        finally:
            self.datasets.by_kind = message.kind == AGAIN
            writer.close()

    def _fail(self, error: RequestError) -> None:
        self.channel.send(packed(FAILED, error.said()))

    def _query(self, asked: Asked, writer: AnswerWriter) -> None:
        """Answer in the format that is liked best of those that can say what was found."""
        try:
            self._answer_query(asked, writer, frozenset())
        except NotAcceptable:
            # What the first one lacks is told, and what to ask for instead.
            if not self._is_answered_otherwise(asked, writer):
                raise

    def _is_answered_otherwise(self, asked: Asked, writer: AnswerWriter) -> bool:
        tried = writer.said.get("type", "").partition(";")[0]
        if not tried or asked.format or not writer.begin_anew():
            return False
        try:
            self._answer_query(asked, writer, frozenset({tried}))
        except NotAcceptable:
            return False
        return True

    def _answer_query(self, asked: Asked, writer: AnswerWriter, without: frozenset[str]) -> None:
        """Settle what is asked, run it and write the answer: each step in a module of its own."""
        settings, snapshot = self.served.settings, self.served.snapshot
        form = bool(asked.unless) or asked.question.evidence or bool(settings.engine)
        known = know(asked.question.text, self.limits, form=form)
        question = self._resolved(asked, known)

        def chosen(form: str) -> str:
            found = choose(form, asked.format, asked.accept, without)
            if found is None:
                raise NotAcceptable(
                    "A page is for browsers, which say so; ask for a format by its name.", available=[HTML]
                )
            writer.said = {"form": form, "type": found.media_type, "tag": "", "warnings": known.warnings}
            # What other servers answered is no function of the dataset.
            if not known.is_volatile and not known.services:
                version = asked.version if settings.engine else snapshot.version
                writer.said["tag"] = entity_tag(version, asked.question, found) if version else ""
            return found.media_type

        if asked.unless and known.form:
            chosen(known.form)
            if matches(asked.unless, writer.said["tag"]):
                self.channel.send(packed(UNCHANGED, writer.said))
                return
        if settings.engine:
            text = plain_for_others(question, known)
            chosen(known.form)
            writer.write(text.encode("utf-8", SURROGATES))
            writer.finish()
            return
        if asked.graph == WHOLE_DATASET:
            data = self.served.data
            every = data.whole() if data is not None else exact_quads(snapshot)
            write_dataset(every, chosen(DATASET), snapshot.prefixes, writer)  # type: ignore[arg-type]
            writer.finish()
            return
        if asked.graph is not None:
            quads = exact_quads(snapshot, asked.graph, self.served.data)
            write_graph((quad.triple for quad in quads), chosen("CONSTRUCT"), snapshot.prefixes, writer)  # type: ignore[arg-type]
            writer.finish()
            return
        kept = known if question is asked.question else None
        evaluate(self.datasets, question, chosen, snapshot.prefixes, writer, kept)  # type: ignore[arg-type]
        if writer.written <= SMALL_ANSWER + BY_MEDIA_TYPE[writer.said["type"]].frame:
            text = asked.question.text
            writer.said["warnings"] = warned(self.datasets.terms, text, asked.question.graphs, is_ours=True)
        writer.finish()

    def _convert(self, message: Message, writer: AnswerWriter) -> None:
        """Read what the server that holds the data answered to a query, and write it as it is wanted."""
        given, wanted, form, query, *graphs = message.said
        writer.said = {"same": False, "warnings": ()}
        is_same = convert(message.body, given, wanted, form, writer)  # type: ignore[arg-type]
        warnings = warned(self.terms_abroad, query, graphs, is_ours=False) if len(message.body) <= SMALL_ANSWER else ()
        writer.said = {"same": is_same, "warnings": warnings}
        writer.finish()

    def _resolved(self, asked: Asked, known: Known) -> Question:
        """Return the question with what other servers answered in the place of every SERVICE; raises WantsServices."""
        if not known.services:
            return asked.question
        datasets = None if self.served.settings.engine else self.datasets
        return resolved(datasets, asked.question, asked.services, self.served.settings, known)

    def _made_page(self, asked: PageAsked) -> tuple[dict[str, Any], bytes]:
        if self.served.pages is None:
            raise NotFound("This server makes no pages.")
        if self._page is None:
            self._page = self.served.pages(self.served.snapshot, self.datasets, self.served.data, self._ask_out)
        return self._page(asked)

    def _ask_out(self, question: Question, media_type: str, seconds: float = 0.0) -> bytes:
        """Return what the server that holds the data answers, which is fetched by who asks this process."""
        known = know(question.text, self.limits, form=True)
        text = plain_for_others(question, known)
        said = [text, question.default_graphs, question.named_graphs, media_type, seconds]
        self.channel.send(packed(WANTED, said))
        message = self.channel.receive()
        if message.kind == FAILED:
            raise error_said(message.said)
        if message.kind != GIVEN:
            raise EOFError("the server says what nobody asked")
        output = BytesIO()
        return (
            message.body if convert(message.body, message.said, media_type, known.form, output) else output.getvalue()
        )


def terms_abroad(settings: Settings, ask_out: AskOut) -> TermsAbroad:
    """Return the IRIs of the data of the server that `ask_out` asks."""
    return TermsAbroad(lambda query: ask_out(Question(query), JSON, SECONDS_TO_WARN), settings.engine_fresh)


def too_large(limit: int) -> TooLarge:
    """Return the error of an answer past its limit."""
    return TooLarge(
        f"The answer is larger than {limit:,} bytes; ask for less with LIMIT, or ask the operator to raise "
        "KOUAN_RESULT_LIMIT.",
        limit="result_limit",
        bytes=limit,
    )


def too_much_memory(limit: int) -> TooMuchMemory:
    """Return the error of a query past its limit of memory."""
    return TooMuchMemory(
        f"The query was ended past {limit:,} bytes of memory; ask for less, or ask the operator to raise "
        "KOUAN_MEMORY_LIMIT.",
        limit="memory_limit",
        bytes=limit,
    )
