"""Hold a snapshot in one single-threaded process and fork evaluators from it. Knows processes; evaluation is elsewhere.

Forking shares the snapshot's memory, which no process changes; it must happen in a process without threads, and a
store on disk is opened after the fork, because its threads do not survive one.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
import time

from pyoxigraph import Store

from kouan.errors import RequestError, SnapshotError, TooLarge, TooMuchMemory
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.question import Question
from kouan.history.exact import ExactStore
from kouan.processes import channel
from kouan.processes.child import SECONDS_BETWEEN_STARTS, ChildProcess, Lifeline
from kouan.processes.memory import bound
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_store
from kouan.snapshot.versions import Move, follow, say_moved, unpack_moves

# Deep but legal queries recurse in the engine; what is not touched of this costs no memory.
STACK_SIZE = 512 * 1024 * 1024
# An evaluator ends itself this long after its deadline, should the server that would have ended it be gone.
GRACE_SECONDS = 5
SECONDS_BETWEEN_LOOKS = 1.0
# The server watches memory and says which limit was passed; the kernel's limit is for what grows faster than it looks.
SPARE_MEMORY = 512 * 1024 * 1024
ENDED_WELL = 0


class Forker(ChildProcess):
    """The process that evaluators are forked from.

    Where there is a writer, at `writer`, the forker follows it from version to version.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        data: ExactStore | None,
        settings: Settings,
        address: str,
        lifeline: Lifeline,
        writer: str = "",
    ) -> None:
        super().__init__(address, lifeline)
        self.snapshot = snapshot
        self.data = data
        self.settings = settings
        self.writer = writer
        self.moves = snapshot.number

    def become(self, listener: socket.socket) -> None:
        """Fork an evaluator for each connection until the server is gone; never returns."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        following = _Following(self) if self.writer else None
        while True:
            watched: list[int] = [
                listener.fileno(),
                self.lifeline.watched,
                *([following.fileno()] if following else []),
            ]
            readable, _, _ = select.select(watched, [], [])
            if self.lifeline.watched in readable:
                os._exit(ENDED_WELL)
            if following and following.fileno() in readable:
                following.move()
            if listener.fileno() in readable:
                self._bear(listener)

    def _bear(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.setblocking(True)
        if os.fork() == 0:
            listener.close()
            os.close(self.lifeline.watched)
            _be_evaluator(
                connection, self.data.store if self.data is not None else None, self.snapshot, self.settings, self.moves
            )
        connection.close()


class _Following:
    """The forker's connection with the writer."""

    def __init__(self, forker: Forker) -> None:
        self.forker = forker
        self._connect()

    def fileno(self) -> int:
        return self.connection.fileno()

    def move(self) -> None:
        """Make the moves that the writer tells of; find it again where it ended."""
        try:
            _, payload = channel.receive(self.connection)
        except (OSError, EOFError):
            self.connection.close()
            self._connect()
            return
        self._make(unpack_moves(payload))
        # A writer that ended meanwhile is found again at the next look.
        with contextlib.suppress(OSError):
            say_moved(self.connection, self.forker.moves)

    def _connect(self) -> None:
        while True:
            try:
                self.connection, moves = follow(self.forker.writer, self.forker.moves)
            except OSError:
                if select.select([self.forker.lifeline.watched], [], [], SECONDS_BETWEEN_STARTS)[0]:
                    os._exit(ENDED_WELL)
                continue
            self._make(moves)
            return

    def _make(self, moves: list[Move]) -> None:
        for move in moves:
            assert self.forker.data is not None
            move.make(self.forker.data)
            self.forker.snapshot = move.snapshot
            self.forker.moves = move.number


def _be_evaluator(
    connection: socket.socket, store: Store | None, snapshot: Snapshot, settings: Settings, moves: int
) -> None:
    """Answer questions until the connection ends, then end the process."""
    try:
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        datasets = Datasets(store or open_store(snapshot))
        threading.stack_size(STACK_SIZE)
        # A thread's stack may still stand when the next one is made.
        bound(settings.memory_limit + SPARE_MEMORY + 2 * STACK_SIZE, for_good=True)
        connection.sendall(channel.pack(channel.READY, f"{os.getpid()} {moves} {snapshot.version}".encode()))
        clock = Clock()
        while not clock.is_past() and not clock.has_lost_server:
            thread = threading.Thread(
                target=_answer_some, args=(connection, datasets, snapshot, settings, clock), daemon=True
            )
            thread.start()
            while thread.is_alive() and not clock.is_past():
                thread.join(SECONDS_BETWEEN_LOOKS)
    except SnapshotError as error:
        sys.stderr.write(f"{error.message}\n")
    except OSError:
        return
    finally:
        os._exit(ENDED_WELL)


class Clock:
    """When the question that is being answered must have been answered, should the server that sees to it be gone."""

    def __init__(self) -> None:
        self.end = 0.0
        self.has_lost_server = False

    def is_past(self) -> bool:
        """Return whether the evaluator has outlived its question."""
        return bool(self.end) and time.monotonic() > self.end


def _answer_some(
    connection: socket.socket, datasets: Datasets, snapshot: Snapshot, settings: Settings, clock: Clock
) -> None:
    """Answer questions until the thread was made to give way for one: only a new thread can be as quick again."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        while True:
            _, payload = channel.receive(connection)
            _answer(connection, datasets, snapshot, settings, clock, payload)
            if os.getpriority(os.PRIO_PROCESS, 0) > usual:
                return
    except (EOFError, OSError):
        clock.has_lost_server = True
    finally:
        if sys.exc_info()[0] is not None:
            # What nobody foresaw ends the evaluator at once, so that who waits for it is told.
            sys.excepthook(*sys.exc_info())
            os._exit(1)


def _answer(
    connection: socket.socket,
    datasets: Datasets,
    snapshot: Snapshot,
    settings: Settings,
    clock: Clock,
    payload: bytes,
) -> None:
    timeout, media_type, text, default, named, infer, evidence = json.loads(payload)
    clock.end = time.monotonic() + timeout + GRACE_SECONDS
    question = Question(text, tuple(default), tuple(named), infer, evidence)

    def flows() -> None:
        # From now on who reads sets the pace, and the end of the server is the end of the pipe.
        clock.end = 0.0

    writer = channel.AnswerWriter(connection, settings.result_limit, settings.largest_kept, flows)
    try:
        evaluate(datasets, question, media_type, snapshot.prefixes, writer)  # type: ignore[arg-type]
        writer.finish()
    except RequestError as error:
        _fail(connection, error)
    except OverflowError:
        _fail(connection, too_large(settings.result_limit))
    except MemoryError:
        _fail(connection, too_much_memory(settings.memory_limit))
    except BrokenPipeError:
        # Nobody reads the answer any more.
        _fail(connection, RequestError("The client went away."))
    finally:
        writer.close()
        clock.end = 0.0


def _fail(connection: socket.socket, error: RequestError) -> None:
    connection.sendall(channel.pack(channel.FAILED, json.dumps(error.said()).encode()))


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
