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
    DataGone,
    EngineFailure,
    Forbidden,
    KouanError,
    RequestError,
    SnapshotError,
    SourceError,
    error_said,
)
from kouan.history.entry import Commit, Entry
from kouan.history.exact import ExactStore
from kouan.history.journal import Place
from kouan.processes.channel import Channel, packed
from kouan.processes.door import Door
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import AMISS
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.versions import FOLLOW, MOVED, SECONDS_TO_ANSWER, pack_moves
from kouan.writes.policy import Policy
from kouan.writes.request import (
    SURROGATES,
    Request,
    changed_since,
    in_the_queue,
    record_of,
    too_slow,
    unknown,
    used_before,
)
from kouan.writes.work import ENTRY, Standing, be_worker, refusal

RECORD = b"C"
SECONDS_BETWEEN_LOOKS = 0.1
# So long a write waits for those who follow; who takes longer catches up alone.
SECONDS_TO_FOLLOW = 1.0
# And so much longer for each quad that has to be read and put in.
SECONDS_A_QUAD = 0.000_2
TRIES = 3
SECONDS_BETWEEN_TRIES = 0.05


@dataclass(eq=False)
class Work:
    """A write that a process works out: who waits for it, and what came of it so far."""

    connection: socket.socket
    request: Request
    pid: int
    pipe: int
    started: float
    said: bytearray = field(default_factory=bytearray)


@dataclass(eq=False)
class Follower:
    """A process that follows the versions, and the last of them that it said to have come to."""

    inbox: Channel
    number: int
    is_first: bool


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
    ) -> None:
        """Take the latest version, its data, the checksum of the last write in it, and where writes are asked for."""
        self.heartbeats = heartbeats
        self.standing = Standing(snapshot, data, head, policy)
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
        self.settings = writer.settings
        self.journal = writer.standing.snapshot.writes
        self.places = writer.places
        self.turn: contextlib.AbstractContextManager[None] | None = None
        self.made: dict[str, Commit] = {}
        self.newcomers: list[Channel] = []
        self.followers: list[Follower] = []
        self.waiting: deque[tuple[socket.socket, Request]] = deque()
        self.work: Work | None = None
        # A process that shares much memory takes a while to go, which nobody has to wait for.
        self.leaving: list[int] = []

    def run(self) -> None:
        """Take writes; never returns."""
        with contextlib.suppress(DataGone):
            self._stand()
        while True:
            pipes = [self.work.pipe] if self.work else []
            followers = [each.inbox for each in self.followers]
            watched: list[Any] = [self.door, *self.newcomers, *followers, *pipes]
            readable, _, _ = select.select(watched, [], [], SECONDS_BETWEEN_LOOKS)
            self.heartbeats.beat()
            self.leaving = [pid for pid in self.leaving if os.waitpid(pid, os.WNOHANG) == (0, 0)]
            if self.door in readable:
                with contextlib.suppress(OSError):
                    newcomer = self.door.accept()
                    newcomer.setblocking(False)
                    self.newcomers.append(Channel(newcomer))
            for follower in [each for each in self.followers if each.inbox in readable]:
                self._listen(follower)
            for inbox in [each for each in self.newcomers if each in readable]:
                self._hear(inbox)
            if self.work and self.work.pipe in readable:
                self._gather(self.work)
            if self.work and time.monotonic() - self.work.started > self.settings.write_timeout:
                self._end(self.work, too_slow(self.settings.write_timeout))
            while not self.work and self.waiting:
                self._begin(*self.waiting.popleft())

    def _stand(self) -> None:
        """Be the one who appends to the log as it stands; raises DataGone where its folder is not what it was."""
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
                inbox.send(pack_moves(self.standing.snapshot))
                self.followers.append(Follower(inbox, self.standing.snapshot.number, bool(message.said["first"])))
            else:
                self.waiting.append((inbox.connection, Request.unpacked(message)))
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            self.newcomers = [each for each in self.newcomers if each is not inbox]
            inbox.close()

    def _listen(self, follower: Follower) -> None:
        """Hear how far a process has come, or that it ended."""
        try:
            follower.inbox.read_some()
            while (message := follower.inbox.next()) is not None:
                if message.kind == MOVED:
                    follower.number = int(message.head)
        except (OSError, EOFError, ValueError):
            self._forget(follower)

    def _forget(self, follower: Follower) -> None:
        self.followers.remove(follower)
        follower.inbox.close()

    def _begin(self, connection: socket.socket, request: Request) -> None:
        """Fork the process that works a write out, unless the answer is known."""
        try:
            self._stand()
        except DataGone as error:
            _answer(connection, refusal(error))
            return
        known = self.made.get(request.id)
        if known:
            _answer(connection, record_of(known) if known.asked == request.asked() else refusal(used_before(known)))
            return
        version = self.standing.snapshot.version
        if request.after and request.after != version:
            _answer(connection, refusal(changed_since(request.after, version)))
            return
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            # Who waits for this process's parent has to see it end.
            for inbox in (*self.newcomers, *(each.inbox for each in self.followers)):
                inbox.close()
            for held in (connection, *(each for each, _ in self.waiting)):
                held.close()
            be_worker(self.standing, request, self.settings, writer)
        os.close(writer)
        self.work = Work(connection, request, pid, reader, time.monotonic())

    def _gather(self, work: Work) -> None:
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
            died = refusal(EngineFailure("The process that worked the write out died of it; nothing was changed."))
            with contextlib.suppress(ValueError):
                died = json.loads(text)
            _answer(work.connection, died)
            return
        # To record a large write takes a while, in which nothing else is done.
        self.heartbeats.beat(ahead=self.settings.write_timeout)
        self._commit(work, text)

    def _end(self, work: Work, error: RequestError) -> None:
        self.work = None
        with contextlib.suppress(ProcessLookupError):
            os.kill(work.pid, signal.SIGKILL)
        self.leaving.append(work.pid)
        os.close(work.pipe)
        _answer(work.connection, refusal(error))

    def _commit(self, work: Work, text: str) -> None:
        """Record a write, lead everybody to the version that it makes, and tell its client."""
        try:
            entry = Entry.parse(text, f"write {self.standing.snapshot.number + 1}")
            self._stand()
            head = self.journal.append(entry, text)
        except RequestError as error:
            _answer(work.connection, refusal(error))
            return
        except (SourceError, SnapshotError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            failed = EngineFailure(
                "The write could not be recorded; the operator finds why in the log.", id=work.request.id
            )
            _answer(work.connection, refusal(failed))
            return
        self.made[entry.commit.id] = entry.commit
        self._apply(entry, head)
        # Readers have what they had until there is somebody who can answer them from the new version.
        changed = sum(len(quads) for patch in (entry.written, entry.followed) for quads in (patch.added, patch.removed))
        self._lead(SECONDS_TO_FOLLOW + SECONDS_A_QUAD * changed, first=True)
        self._lead(SECONDS_TO_FOLLOW, first=False)
        _answer(work.connection, record_of(entry.commit))
        # What only the next write needs is seen to when this one's client has its answer.
        self.standing.policy.advance(entry)

    def _advance(self, entry: Entry) -> None:
        self._apply(entry, self.journal.checksum(entry.commit.number))
        self.standing.policy.advance(entry)

    def _apply(self, entry: Entry, head: str) -> None:
        self.standing.data.apply(entry.written)
        self.standing.data.apply(entry.followed)
        self.standing.snapshot = self.standing.snapshot.after(entry.commit)
        self.standing.head = head

    def _lead(self, seconds: float, *, first: bool) -> None:
        """Tell those who follow, first or then, of the next version, and wait for them a while."""
        snapshot = self.standing.snapshot
        frame = pack_moves(snapshot)
        told = [each for each in self.followers if each.is_first == first]
        awaited = [each for each in told if each.number == snapshot.number - 1]
        for follower in told:
            try:
                follower.inbox.send(frame)
            except OSError:
                # It takes nothing any more; it begins anew from where it is when it does.
                self._forget(follower)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            late = [each for each in awaited if each in self.followers and each.number < snapshot.number]
            if not late:
                return
            ready, _, _ = select.select([each.inbox for each in late], [], [], max(0.0, end - time.monotonic()))
            for follower in late:
                if follower.inbox in ready:
                    self._listen(follower)


def _answer(connection: socket.socket, said: dict[str, Any]) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(SECONDS_TO_ANSWER)
        connection.sendall(packed(RECORD, said))


def ask_writer(writer: Door, request: Request, patience: float) -> dict[str, Any]:
    """Return the record of a write, after everybody who keeps up has moved to its version; raises RequestError.

    Waits for the writes before it, `patience` seconds at most. Where the writer ends meanwhile the next one is asked, who
    knows from the log whether the write was made.
    """
    end = time.monotonic() + patience
    for _ in range(TRIES):
        try:
            with writer.connect() as connection:
                connection.settimeout(max(0.1, end - time.monotonic()))
                connection.sendall(request.packed())
                message = Channel(connection).receive_within(max(0.0, end - time.monotonic()))
        except (OSError, EOFError):
            time.sleep(SECONDS_BETWEEN_TRIES)
            continue
        if message is None:
            raise in_the_queue(request, patience)
        said: dict[str, Any] = message.said
        if "error" in said:
            raise error_said(said["error"])
        return said
    raise unknown(request)


def write_here(writer: Door | None, why_not: str, settings: Settings, request: Request) -> dict[str, Any]:
    """Return the record of a write that the writer makes; raises RequestError, why not where there is none."""
    if writer is None:
        raise Forbidden(why_not)
    return ask_writer(writer, request, settings.write_timeout * 2)
