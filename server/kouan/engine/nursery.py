"""Hold a snapshot in one single-threaded process and fork evaluators from it. Knows processes; evaluation is elsewhere.

Forking shares the snapshot's memory, which no process changes; it must happen in a process without threads, and a
store on disk is opened after the fork, because its threads do not survive one.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kouan.engine import frames
from kouan.engine.datasets import Datasets
from kouan.engine.evaluation import evaluate
from kouan.engine.question import Question
from kouan.errors import RequestError, SnapshotError, TooLarge, TooMuchMemory
from kouan.settings import Settings
from kouan.snapshot import Snapshot

# Deep but legal queries recurse in the engine; what is not touched of this costs no memory.
STACK_SIZE = 512 * 1024 * 1024
# An evaluator ends itself this long after its deadline, should the server that would have ended it be gone.
GRACE_SECONDS = 5
SECONDS_BETWEEN_LOOKS = 1.0
# After this long a query gives way to the others.
PATIENCE_SECONDS = 0.25
# The server watches memory and says which limit was passed; the kernel's limit is for what grows faster than it looks.
SPARE_MEMORY = 512 * 1024 * 1024
ENDED_WELL = 0
SECONDS_BETWEEN_STARTS = 0.2


def open_store(snapshot: Snapshot) -> Store:
    """Return the store of a snapshot, loaded into memory or opened on disk; raises SnapshotError."""
    try:
        if snapshot.storage == "disk":
            return Store.read_only(str(snapshot.store))
        store = Store()
        store.bulk_load(path=snapshot.store, format=RdfFormat.N_QUADS)
        return store
    except (OSError, SyntaxError, ValueError) as error:
        raise SnapshotError(
            f"{snapshot.folder} cannot be opened ({error}); delete it and run `kouan build`."
        ) from error


class Nursery:
    """The process that evaluators are forked from, restarted when it dies; `address` is where it takes requests."""

    def __init__(self, snapshot: Snapshot, store: Store | None, settings: Settings, address: str) -> None:
        self.snapshot = snapshot
        self.store = store
        self.settings = settings
        self.address = address
        self.pid = 0
        # The nursery and its evaluators see the end of this pipe when this process is gone, however it went.
        self._life, self._lifeline = os.pipe()

    def start(self) -> None:
        """Fork the nursery and watch it."""
        listener = self._listen()
        self._fork(listener)
        threading.Thread(target=self._watch, args=(listener,), daemon=True).start()

    def let_go(self) -> None:
        """Forget the nursery in a forked process, which must not keep it alive."""
        os.close(self._lifeline)
        os.close(self._life)

    def end(self) -> None:
        """End the nursery and, with it, the evaluators that rest."""
        pid, self.pid = self.pid, 0
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self.let_go()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(128)
        return listener

    def _fork(self, listener: socket.socket) -> None:
        gc.collect()
        gc.freeze()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(self._lifeline)
            _be_nursery(listener, self._life, self.store, self.snapshot, self.settings)
        self.pid = pid

    def _watch(self, listener: socket.socket) -> None:
        while True:
            watched = self.pid
            with contextlib.suppress(ChildProcessError):
                os.waitpid(watched, 0)
            if self.pid != watched or not watched:
                listener.close()
                return
            # The listener is ours too, so servers that ask in between only wait.
            time.sleep(SECONDS_BETWEEN_STARTS)
            self._fork(listener)


@contextlib.contextmanager
def nursery(snapshot: Snapshot, store: Store | None, settings: Settings) -> Iterator[Nursery]:
    """Return a running nursery of the snapshot, which ends with the context; `store` is the snapshot in memory."""
    with tempfile.TemporaryDirectory(prefix="kouan-") as folder:
        running = Nursery(snapshot, store, settings, str(Path(folder) / "nursery"))
        running.start()
        try:
            yield running
        finally:
            running.end()


def _be_nursery(
    listener: socket.socket, life: int, store: Store | None, snapshot: Snapshot, settings: Settings
) -> None:
    """Fork an evaluator for each connection until the server is gone; never returns."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            readable, _, _ = select.select([listener.fileno(), life], [], [])
            if life in readable:
                os._exit(ENDED_WELL)
            connection, _ = listener.accept()
            connection.setblocking(True)
            if os.fork() == 0:
                listener.close()
                os.close(life)
                _be_evaluator(connection, store, snapshot, settings)
            connection.close()
    finally:
        os._exit(1)


def _be_evaluator(connection: socket.socket, store: Store | None, snapshot: Snapshot, settings: Settings) -> None:
    """Answer questions until the connection ends, then end the process."""
    try:
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        datasets = Datasets(store or open_store(snapshot))
        threading.stack_size(STACK_SIZE)
        # A thread's stack may still stand when the next one is made.
        _limit_memory(settings.memory_limit + SPARE_MEMORY + 2 * STACK_SIZE)
        connection.sendall(frames.pack(frames.READY, str(os.getpid()).encode()))
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
    """Answer questions until one took long: its thread was made to give way, and only a new one can be as quick again."""
    try:
        while True:
            _, payload = frames.receive(connection)
            started = time.monotonic()
            _answer(connection, datasets, snapshot, settings, clock, payload)
            if time.monotonic() - started > PATIENCE_SECONDS:
                return
    except (EOFError, OSError):
        clock.has_lost_server = True


def _answer(
    connection: socket.socket,
    datasets: Datasets,
    snapshot: Snapshot,
    settings: Settings,
    clock: Clock,
    payload: bytes,
) -> None:
    timeout, media_type, text, default, named, infer = json.loads(payload)
    clock.end = time.monotonic() + timeout + GRACE_SECONDS
    question = Question(text, tuple(default), tuple(named), infer)

    def flows() -> None:
        # From now on who reads sets the pace, and the end of the server is the end of the pipe.
        clock.end = 0.0

    writer = frames.AnswerWriter(connection, settings.result_limit, flows)
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
    said = {"type": type(error).__name__, "message": error.message, "extra": error.extra}
    connection.sendall(frames.pack(frames.FAILED, json.dumps(said).encode()))


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


def _limit_memory(above: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    ceiling = pages * resource.getpagesize() + above
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
