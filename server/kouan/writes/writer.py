"""Take writes one at a time, have each worked out in a process of its own, record it, and lead everybody to its version.

Knows processes and their order. The one moment at which a write is made is when the log has its entry: whoever starts as the
writer reads the log first, so that what an earlier one recorded is true for this one too.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from kouan.errors import (
    NO_FILES,
    EngineFailure,
    KouanError,
    RequestError,
    SnapshotError,
    SourceError,
    short_of,
)
from kouan.history.entry import Commit, Entry
from kouan.history.exact import ExactStore
from kouan.history.journal import Place
from kouan.processes.channel import Channel, is_gone, packed
from kouan.processes.door import Door
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import AMISS
from kouan.processes.water_mark import HighWaterMark
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.versions import FOLLOW, SECONDS_TO_ANSWER
from kouan.writes.followers import Followers
from kouan.writes.policy import Policy
from kouan.writes.request import (
    SURROGATES,
    WRITE,
    Request,
    changed_since,
    record_of,
    too_slow,
    used_before,
)
from kouan.writes.work import ENTRY, DatasetState, be_worker, refusal

RECORD = b"C"
SECONDS_BETWEEN_LOOKS = 0.1
# Who knocks says at once what it wants.
SECONDS_TO_SAY = 0.5
# Writes that changed nothing and are known again.
MOST_UNCHANGED = 10_000
# So long a write waits for those who follow; who takes longer catches up alone.
SECONDS_TO_FOLLOW = 1.0
# And so much longer for each quad that has to be read and put in.
SECONDS_A_QUAD = 0.000_2


@dataclass(eq=False)
class PendingWrite:
    """A write that a process works out: who waits for it, and what came of it so far."""

    connection: socket.socket
    request: Request
    pid: int
    pipe: int
    started: float
    said: bytearray = field(default_factory=bytearray)


class Writer:
    """The process that keeps the order of writes."""

    def __init__(
        self,
        snapshot: Snapshot,
        data: ExactStore,
        head: str,
        policy: Policy,
        settings: Settings,
        door: Door,
        heartbeats: Heartbeats,
        told: HighWaterMark,
    ) -> None:
        """Take the latest version, its data, the checksum of the last write in it, and where writes are asked for.

        `told` is the last write that anybody was told of.
        """
        self.heartbeats = heartbeats
        self.told = told
        self.standing = DatasetState(snapshot, data, head, policy)
        self.settings = settings
        self.door = door
        # As they stand when the server starts, whenever a writer does.
        self.places = (Place(snapshot.writes.folder), Place(snapshot.folder))

    def become(self) -> None:
        """Take writes; never returns."""
        try:
            _Writing(self).run()
        except KouanError as error:
            sys.stderr.write(f"{error.message}\n")
            sys.exit(AMISS)


class _Writing:
    """What the writer's process does."""

    def __init__(self, writer: Writer) -> None:
        self.door = writer.door
        self.heartbeats = writer.heartbeats
        self.standing = writer.standing
        self.told = writer.told
        self.settings = writer.settings
        self.journal = writer.standing.snapshot.writes
        self.places = writer.places
        self.turn: contextlib.AbstractContextManager[None] | None = None
        self.made: dict[str, Commit] = {}
        self.newcomers: list[Channel] = []
        self.followers = Followers()
        self.waiting: deque[tuple[socket.socket, Request]] = deque()
        self.work: PendingWrite | None = None
        # What was asked to be made once and changed nothing; the log has the rest, and a writer that is started anew no need of it.
        self.unchanged: dict[str, tuple[str, dict[str, Any]]] = {}
        # A process that shares much memory takes a while to go, which nobody has to wait for.
        self.leaving: list[int] = []
        self.spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def run(self) -> None:
        """Take writes; never returns."""
        with contextlib.suppress(RequestError):
            self._stand()
        while True:
            pipes = [self.work.pipe] if self.work else []
            watched: list[Any] = [self.door, *self.newcomers, *self.followers.inboxes, *pipes]
            readable, _, _ = select.select(watched, [], [], SECONDS_BETWEEN_LOOKS)
            self.heartbeats.beat()
            self.leaving = [pid for pid in self.leaving if os.waitpid(pid, os.WNOHANG) == (0, 0)]
            if self.door in readable:
                self._admit()
            self.followers.hear(readable)
            for inbox in [each for each in self.newcomers if each in readable]:
                self._hear(inbox)
            if self.work and self.work.pipe in readable:
                self._gather(self.work)
            if self.work and time.monotonic() - self.work.started > self.settings.write_timeout:
                self._end(self.work, too_slow(self.settings.write_timeout))
            while not self.work and self.waiting:
                connection, request = self.waiting.popleft()
                if is_gone(connection):
                    # It was told that nobody knows whether it is made, and it is not.
                    connection.close()
                else:
                    self._begin(connection, request)

    def _admit(self) -> None:
        """Take somebody new; where the system gives no file for that, who wants to write is told, with the one that is spare."""
        is_short = False
        try:
            os.close(os.dup(self.spare))
        except OSError:
            is_short = True
            os.close(self.spare)
        try:
            newcomer = self.door.accept()
            newcomer.setblocking(False)
            inbox = Channel(newcomer)
            if not is_short:
                self.newcomers.append(inbox)
            elif (message := inbox.receive_within(SECONDS_TO_SAY)) and message.kind == WRITE:
                _answer(newcomer, refusal(short_of("file")))
            else:
                inbox.close()
        except (OSError, EOFError):
            pass
        finally:
            if is_short:
                self.spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _stand(self) -> None:
        """Be the one who appends to the log as it stands; raises RequestError where its folder is not what it was."""
        for place in self.places:
            place.require()
        if self.turn is None:
            self.turn = self.journal.writing()
            # A writer before this one may still be at its last step.
            self.turn.__enter__()
            self._catch_up()

    def _catch_up(self) -> None:
        """Come to where the log is, and remember by their ids the writes that are in it."""
        for commit in self.journal.commits():
            self.made[commit.id] = commit
            if commit.number > self.standing.snapshot.number:
                self._advance(self.journal.entry(commit.number))

    def _hear(self, inbox: Channel) -> None:
        """Take what somebody new wants, to follow or to write, once all of it has come."""
        try:
            inbox.read_some()
            if (message := inbox.next()) is None:
                return
            self.newcomers.remove(inbox)
            if message.kind == FOLLOW:
                self.followers.add(inbox, self.standing.snapshot, is_first=bool(message.said["first"]))
            else:
                self.waiting.append((inbox.connection, Request.unpacked(message)))
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            self.newcomers = [each for each in self.newcomers if each is not inbox]
            inbox.close()

    def _begin(self, connection: socket.socket, request: Request) -> None:
        """Fork the process that works a write out, unless the answer is known."""
        try:
            self._stand()
        except RequestError as error:
            self._tell(connection, refusal(error))
            return
        if known := self.made.get(request.id):
            self._tell(connection, record_of(known) if known.asked == request.asked() else refusal(used_before(known)))
            return
        asked, record = self.unchanged.get(request.id, ("", {}))
        if asked and not request.is_dry:
            self._tell(connection, record if asked == request.asked() else refusal(used_before()))
            return
        version = self.standing.snapshot.version
        if request.after and request.after != version:
            self._tell(connection, refusal(changed_since(request.after, version)))
            return
        try:
            pid, reader, writer = _forked()
        except OSError as error:
            self._tell(connection, refusal(short_of("file" if error.errno in NO_FILES else "process")))
            return
        if pid == 0:
            os.close(reader)
            # Who waits for this process's parent has to see it end.
            for inbox in (*self.newcomers, *self.followers.inboxes):
                inbox.close()
            for held in (connection, *(each for each, _ in self.waiting)):
                held.close()
            be_worker(self.standing, request, self.settings, writer)
        os.close(writer)
        self.work = PendingWrite(connection, request, pid, reader, time.monotonic())

    def _gather(self, work: PendingWrite) -> None:
        """Take what the process of a write says; its end is the end of the write."""
        some = os.read(work.pipe, 1 << 20)
        if some:
            work.said += some
            return
        self.work = None
        os.close(work.pipe)
        self.leaving.append(work.pid)
        text = work.said.decode("utf-8", SURROGATES)
        if not text.startswith(ENTRY):
            said = refusal(EngineFailure("The process that worked the write out died of it; nothing was changed."))
            with contextlib.suppress(ValueError):
                said = json.loads(text)
            if "error" not in said and not work.request.is_dry:
                self._remember(work.request, said)
            self._tell(work.connection, said)
            return
        # To record a large write takes a while, in which nothing else is done.
        self.heartbeats.beat(ahead=self.settings.write_timeout)
        self._commit(work, text)

    def _remember(self, request: Request, said: dict[str, Any]) -> None:
        """Know a write again that changed nothing, as long as not many others came."""
        self.unchanged[request.id] = (request.asked(), said)
        if len(self.unchanged) > MOST_UNCHANGED:
            del self.unchanged[next(iter(self.unchanged))]

    def _end(self, work: PendingWrite, error: RequestError) -> None:
        self.work = None
        with contextlib.suppress(ProcessLookupError):
            os.kill(work.pid, signal.SIGKILL)
        self.leaving.append(work.pid)
        os.close(work.pipe)
        self._tell(work.connection, refusal(error))

    def _commit(self, work: PendingWrite, text: str) -> None:
        """Record a write, lead everybody to the version that it makes, and tell its client.

        Raises UnsettledError where it may or may not stand: who comes after this process finds it in the log or does not.
        """
        try:
            entry = Entry.parse(text, f"write {self.standing.snapshot.number + 1}")
            self._stand()
            head = self.journal.append(entry, text)
        except RequestError as error:
            self._tell(work.connection, refusal(error))
            return
        except (SourceError, SnapshotError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            failed = EngineFailure(
                "The write could not be recorded; the operator finds why in the log.", id=work.request.id
            )
            self._tell(work.connection, refusal(failed))
            return
        self.made[entry.commit.id] = entry.commit
        self._apply(entry, head)
        # Readers have what they had until there is somebody who can answer them from the new version.
        changed = sum(len(quads) for patch in (entry.written, entry.followed) for quads in (patch.added, patch.removed))
        self.followers.lead(self.standing.snapshot, SECONDS_TO_FOLLOW + SECONDS_A_QUAD * changed, first=True)
        self.followers.lead(self.standing.snapshot, SECONDS_TO_FOLLOW, first=False)
        self._tell(work.connection, record_of(entry.commit))
        # What only the next write needs is seen to when this one's client has its answer.
        self.standing.policy.advance(entry)

    def _tell(self, connection: socket.socket, said: dict[str, Any]) -> None:
        """Tell a client what came of its write; from then on everybody serves the version that it knows of."""
        self.told.reach(self.standing.snapshot.number)
        _answer(connection, said)

    def _advance(self, entry: Entry) -> None:
        self._apply(entry, self.journal.checksum(entry.commit.number))
        self.standing.policy.advance(entry)

    def _apply(self, entry: Entry, head: str) -> None:
        self.standing.data.apply(entry.written)
        self.standing.data.apply(entry.followed)
        self.standing.snapshot = self.standing.snapshot.after(entry.commit)
        self.standing.head = head


def _forked() -> tuple[int, int, int]:
    """Return what os.fork returned and the two ends of a pipe; raises OSError where the system gives no process or no file."""
    reader, writer = os.pipe()
    try:
        return os.fork(), reader, writer
    except OSError:
        os.close(reader)
        os.close(writer)
        raise


def _answer(connection: socket.socket, said: dict[str, Any]) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(SECONDS_TO_ANSWER)
        connection.sendall(packed(RECORD, said))
