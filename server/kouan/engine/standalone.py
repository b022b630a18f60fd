"""Ask a snapshot without a server: one evaluator, behind the same wall and the same limits, for one program. Knows no HTTP."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kouan.engine.answer import AGAIN, END, LARGE, MORE, READY, SERVICES, SPOOL, Asked, died
from kouan.engine.evaluator import Served, be_evaluator, too_much_memory
from kouan.engine.federation import Services
from kouan.engine.federation.calling import answered
from kouan.engine.heard import answer_of
from kouan.errors import EngineFailure, NotAcceptable, RequestError, TooMuchMemory, TooSlow
from kouan.evaluation.question import Question
from kouan.formats.negotiation import is_called
from kouan.formats.table import BY_MEDIA_TYPE, formats_of
from kouan.processes.channel import Channel, Message, packed
from kouan.processes.memory import resident
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_latest, open_store

SECONDS_TO_START = 120.0
# These end the evaluator that met them.
ENDED = (TooSlow, TooMuchMemory)
SECONDS_BETWEEN_LOOKS = 0.1
# What is held in memory of one answer, for a program that has asked for it.
MOST_BYTES = 1 << 33


class Standalone:
    """Answers questions about one snapshot, one at a time; starts its evaluator when it is first asked."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self.warnings: tuple[str, ...] = ()
        self._services = Services(settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._lock = threading.Lock()

    def answer(self, question: Question, media_type: str, timeout: float) -> bytes:
        """Return the whole answer as a media type; raises what the query is at fault of, or passes.

        What it names in vain is told by `warnings` then.
        """
        asked = Asked(question, timeout, format=media_type)
        self.warnings = ()
        deadline = time.monotonic() + timeout
        with self._lock:
            try:
                try:
                    return self._answer(asked, deadline)
                except EOFError:
                    self.close()
                    return self._answer(asked, deadline, again=True)
            except EOFError as error:
                self.close()
                raise died() from error
            except ENDED:
                self.close()
                raise
            except RequestError:
                # It said so itself, and is ready for the next.
                raise
            except BaseException:
                # An evaluator that is not done with one thing cannot be asked another.
                self.close()
                raise

    def _answer(self, asked: Asked, deadline: float, *, again: bool = False) -> bytes:
        channel = self._channel or self._start()
        if again:
            channel.send(packed(AGAIN, None))
        while True:
            channel.send(asked.packed())
            message = self._heard(channel, deadline)
            if message.kind == LARGE:
                _check_format(message.said, asked.format)
                return self._large(channel, deadline)
            answer = answer_of(message, self.snapshot.version, time.monotonic())
            if answer.kind != SERVICES:
                _check_format(answer.said, asked.format)
                self.warnings = tuple(answer.said.get("warnings", ()))
                return answer.body
            wanted = answer.said["wanted"]
            more = tuple(answered(self._services, each["iri"], each["query"], deadline) for each in wanted)
            asked = asked.with_services(asked.services + more)

    def _large(self, channel: Channel, deadline: float) -> bytes:
        file = os.memfd_create("answer", os.MFD_CLOEXEC)
        try:
            channel.send(packed(SPOOL, {"room": MOST_BYTES}), [file])
            message = self._heard(channel, deadline)
            if message.kind != END:
                answer_of(message, self.snapshot.version, time.monotonic())
                raise EOFError("the evaluator says what nobody asked" if message.kind != MORE else "too large")
            return os.pread(file, int(message.said["size"]), 0)
        finally:
            os.close(file)

    def _heard(self, channel: Channel, deadline: float) -> Message:
        """Return the next message; raises TooSlow or TooMuchMemory past a limit."""
        assert self._process is not None
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                # Nobody asks here over HTTP, where a request says timeout=.
                raise TooSlow(
                    f"The query was ended after {self.settings.timeout:g} seconds; ask for less, or set KOUAN_TIMEOUT to more.",
                    limit="timeout",
                    seconds=self.settings.timeout,
                )
            message = channel.receive_within(min(left, SECONDS_BETWEEN_LOOKS))
            if message is not None:
                return message
            if resident(self._process.pid) - self._resting > self.settings.memory_limit:
                raise too_much_memory(self.settings.memory_limit)

    def _start(self) -> Channel:
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-m",
            __name__,
            str(theirs.fileno()),
            str(self.snapshot.folder),
            self.snapshot.journal,
        ]
        with theirs:
            # What happens on the terminal is told to who asks, who decides.
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
        self._channel = channel = Channel(ours)
        message = channel.receive_within(SECONDS_TO_START)
        if message is None or message.kind != READY:
            raise EngineFailure("No evaluator could be started.")
        os.close(channel.take_file())
        self._resting = resident(self._process.pid)
        return channel

    def close(self) -> None:
        """End the evaluator; the next question starts another."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


def _check_format(said: Mapping[str, Any], wanted: str) -> None:
    """Raise NotAcceptable where an answer has another format than the one that a program asked for."""
    if not is_called(BY_MEDIA_TYPE[said["type"]], wanted):
        there = list(dict.fromkeys(each.name for each in formats_of(said["form"]) if each.is_available))
        raise NotAcceptable(
            f"The answer to this query has no {wanted}; it can be had as {', '.join(there)}.", available=there
        )


def main() -> None:
    """Be the evaluator of the program that started this process, over the socket that it gave."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    settings = read_settings()
    opened = open_latest(replace(Snapshot.read(Path(sys.argv[2])), journal=sys.argv[3]), settings)
    store = opened.data.store if opened.data is not None else open_store(opened.snapshot)
    be_evaluator(connection, Served(opened.snapshot, store, opened.snapshot.number, settings))
    os._exit(0)


if __name__ == "__main__":
    main()
