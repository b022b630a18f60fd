"""Keep evaluators ready, give each question to one, and end those that pass a limit. Knows processes and limits, no HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kouan.errors
from kouan.engine import frames
from kouan.engine.question import Answer, Question
from kouan.errors import Busy, EngineFailure, RequestError, TooLarge, TooMuchMemory, TooSlow
from kouan.settings import Settings

# An answer up to this size is held until it is whole, so that its status can still be an error.
BUFFERED_BYTES = 1024 * 1024
POLL_SECONDS = 0.05
# After this long an evaluator gives way to the others; it is replaced afterwards, as its priority cannot be raised again.
PATIENCE_SECONDS = 0.3
NICENESS = 15


@dataclass
class Evaluator:
    """An evaluator process, as the server sees it."""

    connection: socket.socket
    pid: int
    resting_memory: int
    gives_way: bool = field(default=False)

    def resident_memory(self) -> int:
        """Return the bytes of memory that it holds now; 0 where it is gone."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):
            return 0
        return pages * resource.getpagesize()

    def end(self) -> None:
        """End it at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.connection.close()


class Pool:
    """The evaluators of one server process; up to `settings.evaluators` work at a time."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.address = address
        self.settings = settings
        self._idle: list[Evaluator] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(settings.evaluators)

    def answer(self, question: Question, media_type: str, timeout: float) -> Answer:
        """Return the answer; raises TooSlow, TooMuchMemory, TooLarge, Busy, EngineFailure or what the query is at fault of."""
        started = time.monotonic()
        deadline = started + timeout
        if not self._places.acquire(timeout=timeout):
            raise Busy(
                f"Every evaluator was taken for {timeout:g} seconds; try again, or ask the operator to raise KOUAN_EVALUATORS."
            )
        try:
            work = _Work(self._take(), question, media_type, timeout, deadline, self.settings)
            buffered = work.start()
        except BaseException:
            self._places.release()
            raise
        if work.finished:
            self._give_back(work.evaluator)
            self._places.release()
            return Answer(buffered, complete=True, seconds=time.monotonic() - started)
        return Answer(self._rest(work, buffered), complete=False, seconds=time.monotonic() - started)

    def _rest(self, work: _Work, buffered: list[bytes]) -> Iterator[bytes]:
        """Yield what is buffered and what follows; a failure ends the evaluator and is raised, so that the answer breaks off."""
        try:
            yield from buffered
            yield from work.rest()
            self._give_back(work.evaluator)
        except BaseException:
            work.evaluator.end()
            raise
        finally:
            self._places.release()

    def _take(self) -> Evaluator:
        with self._lock:
            while self._idle:
                evaluator = self._idle.pop()
                # An idle evaluator has nothing to say: what can be read is the end of it.
                if not select.select([evaluator.connection], [], [], 0)[0]:
                    return evaluator
                evaluator.end()
        return self._fork()

    def _fork(self) -> Evaluator:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.address)
            connection.settimeout(30)
            _, pid = frames.receive(connection)
        except (OSError, EOFError) as error:
            connection.close()
            raise EngineFailure(
                "No evaluator could be started; the operator finds the reason in the server's log."
            ) from error
        evaluator = Evaluator(connection, int(pid), 0)
        evaluator.resting_memory = evaluator.resident_memory()
        return evaluator

    def _give_back(self, evaluator: Evaluator) -> None:
        if (
            evaluator.gives_way
            or evaluator.resident_memory() > evaluator.resting_memory + self.settings.memory_limit // 4
        ):
            evaluator.end()
            return
        with self._lock:
            self._idle.append(evaluator)

    def close(self) -> None:
        """End all evaluators that rest."""
        with self._lock:
            for evaluator in self._idle:
                evaluator.end()
            self._idle.clear()


class _Work:
    """One question with one evaluator, until it is answered or ended."""

    def __init__(
        self,
        evaluator: Evaluator,
        question: Question,
        media_type: str,
        timeout: float,
        deadline: float,
        settings: Settings,
    ) -> None:
        self.evaluator = evaluator
        self.asked = json.dumps(asdict(question) | {"media_type": media_type, "timeout": timeout}).encode()
        self.timeout = timeout
        self.deadline = deadline
        self.settings = settings
        self.finished = False
        self.sent = 0

    def start(self) -> list[bytes]:
        """Return the whole answer, or as much of it as is held back before it streams."""
        buffered: list[bytes] = []
        try:
            frames.send(self.evaluator.connection, frames.ASKED, self.asked)
            while self.sent < BUFFERED_BYTES:
                chunk = self._next()
                if chunk is None:
                    break
                buffered.append(chunk)
        except RequestError as error:
            if isinstance(error, TooSlow | TooMuchMemory | TooLarge | EngineFailure):
                self.evaluator.end()
            raise
        except OSError as error:
            self.evaluator.end()
            raise EngineFailure("The evaluator ended while it was asked; send the query again.") from error
        return buffered

    def rest(self) -> Iterator[bytes]:
        """Yield the chunks that follow."""
        while (chunk := self._next()) is not None:
            yield chunk

    def _next(self) -> bytes | None:
        """Return the next chunk, or None at the end."""
        self._wait()
        connection = self.evaluator.connection
        connection.settimeout(max(0.05, self.deadline - time.monotonic()))
        try:
            kind, payload = frames.receive(connection)
        except TimeoutError as error:
            raise self._too_slow() from error
        except (EOFError, OSError) as error:
            raise self._died() from error
        if kind == frames.CHUNK:
            self.sent += len(payload)
            if self.settings.result_limit and self.sent > self.settings.result_limit:
                raise TooLarge(
                    f"The answer is larger than {self.settings.result_limit:,} bytes; ask for less with LIMIT, or ask the "
                    "operator to raise KOUAN_RESULT_LIMIT.",
                    limit="result_limit",
                )
            return payload
        if kind == frames.FAILED:
            said = json.loads(payload)
            raise _error(said)
        self.finished = True
        return None

    def _wait(self) -> None:
        """Wait until the evaluator says something; raises where it passes a limit before."""
        began = time.monotonic()
        while not select.select([self.evaluator.connection], [], [], POLL_SECONDS)[0]:
            now = time.monotonic()
            if now >= self.deadline:
                raise self._too_slow()
            held = self.evaluator.resident_memory() - self.evaluator.resting_memory
            if held > self.settings.memory_limit:
                raise self._too_much()
            if not self.evaluator.gives_way and now - began > PATIENCE_SECONDS:
                self.evaluator.gives_way = True
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, self.evaluator.pid, NICENESS)

    def _too_slow(self) -> TooSlow:
        return TooSlow(
            f"The query was ended after {self.timeout:g} seconds; ask for less, or for more time with timeout= up to "
            f"{self.settings.timeout_cap:g}.",
            limit="timeout",
            seconds=self.timeout,
        )

    def _too_much(self) -> TooMuchMemory:
        return TooMuchMemory(
            f"The query was ended past {self.settings.memory_limit:,} bytes of memory; ask for less, or ask the operator to "
            "raise KOUAN_MEMORY_LIMIT.",
            limit="memory_limit",
        )

    def _died(self) -> RequestError:
        return EngineFailure(
            "The evaluator died of this query, and of nothing else; the server is well. Write the query in another way."
        )


def _error(said: dict[str, object]) -> RequestError:
    kind = getattr(kouan.errors, str(said["type"]))
    extra = dict(said["extra"])  # type: ignore[call-overload]
    error: RequestError = kind(str(said["message"]), **extra)
    return error
