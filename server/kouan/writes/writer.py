"""Take writes one at a time, work each out in a process of its own, and lead everybody to the next version.

Knows processes and their order; what a write changes and whether it may stand is worked out elsewhere.
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
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from kouan.engine.evaluator import STACK_SIZE, too_much_memory
from kouan.errors import Busy, Conflict, EngineFailure, Forbidden, KouanError, RequestError, TooSlow, error_said
from kouan.history.patch import Patch
from kouan.processes.channel import Channel, packed
from kouan.processes.memory import bound
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.versions import FOLLOW, MOVED, SECONDS_TO_ANSWER, Move, pack_moves
from kouan.writes.change import UNDO, Write, change
from kouan.writes.policy import Author, Revisable

WRITE = b"U"
RECORD = b"C"
SECONDS_BETWEEN_LOOKS = 0.1
SHOWN_PATCH = 200_000


@dataclass(frozen=True)
class Request:
    """A write as it is asked for: what, by whom and why, after which version, and whether only to say what it would do."""

    write: Write
    author: Author
    after: str = ""
    is_dry: bool = False
    reason: bool = False

    def packed(self) -> bytes:
        """Return the request as a frame."""
        said = vars(self) | {"write": vars(self.write), "author": vars(self.author)}
        return packed(WRITE, said)

    @classmethod
    def unpacked(cls, payload: bytes) -> Request:
        """Return the request of a frame's payload."""
        said = json.loads(payload)
        write = said.pop("write")
        write |= {"using": tuple(write["using"]), "using_named": tuple(write["using_named"])}
        write["payloads"] = tuple((media_type, text) for media_type, text in write["payloads"])
        return cls(write=Write(**write), author=Author(**said.pop("author")), **said)


@dataclass(eq=False)
class Work:
    """A write that a process works out: who waits for it, and what came of it so far."""

    connection: socket.socket
    request: Request
    pid: int
    pipe: int
    started: float
    said: bytearray = field(default_factory=bytearray)


class Writer:
    """The process that keeps the order of writes; its moves are files in `folder`."""

    def __init__(
        self,
        snapshot: Snapshot,
        store: Store,
        settings: Settings,
        listener: socket.socket,
        revisable: Revisable,
        folder: Path,
    ) -> None:
        self.snapshot = snapshot
        self.store = store
        self.settings = settings
        self.revisable = revisable
        self.listener = listener
        self.folder = folder

    def become(self) -> None:
        """Take writes until the server is gone; never returns."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.revisable.prepare()
        _Writing(self.listener, self.store, self).run()


class _Writing:
    """What the writer's process does."""

    def __init__(self, listener: socket.socket, store: Store, writer: Writer) -> None:
        self.listener = listener
        self.store = store
        self.writer = writer
        self.settings = writer.settings
        self.snapshot = writer.snapshot
        self.moves: list[Move] = []
        self.newcomers: list[socket.socket] = []
        self.followers: list[socket.socket] = []
        self.waiting: deque[tuple[socket.socket, Request]] = deque()
        self.work: Work | None = None

    def run(self) -> None:
        """Take writes until the server is gone; never returns."""
        self._catch_up()
        while True:
            pipes = [self.work.pipe] if self.work else []
            watched: list[Any] = [self.listener, *self.newcomers, *self.followers, *pipes]
            readable, _, _ = select.select(watched, [], [], SECONDS_BETWEEN_LOOKS)
            if self.listener in readable:
                self.newcomers.append(self.listener.accept()[0])
            for follower in [each for each in self.followers if each in readable]:
                # A follower says nothing between two moves, so this is its end.
                self._forget(follower)
            for connection in [each for each in self.newcomers if each in readable]:
                self._hear(connection)
            if self.work and self.work.pipe in readable:
                self._gather(self.work)
            if self.work and time.monotonic() - self.work.started > self.settings.write_timeout:
                self._end(self.work, _too_slow(self.settings.write_timeout))
            if not self.work and self.waiting:
                self._begin(*self.waiting.popleft())

    def _catch_up(self) -> None:
        """Make the moves that an earlier writer of this server made."""
        for path in sorted(self.writer.folder.glob("*.move")):
            move = Move.unpacked(json.loads(path.read_text(encoding="utf-8")))
            move.make(self.store)
            self.snapshot = move.snapshot
            self.moves.append(move)

    def _hear(self, connection: socket.socket) -> None:
        """Take what somebody new wants: to follow, or to write."""
        self.newcomers.remove(connection)
        connection.settimeout(SECONDS_TO_ANSWER)
        try:
            kind, payload, _ = Channel(connection).receive()
            if kind == FOLLOW:
                connection.sendall(pack_moves(self.moves[int(payload) :]))
                self.followers.append(connection)
            else:
                self.waiting.append((connection, Request.unpacked(payload)))
        except (OSError, EOFError, ValueError):
            connection.close()

    def _forget(self, follower: socket.socket) -> None:
        self.followers.remove(follower)
        follower.close()

    def _begin(self, connection: socket.socket, request: Request) -> None:
        """Fork the process that works a write out."""
        if request.after and request.after != self.snapshot.version:
            _answer(connection, _refusal(changed_since(request.after, self.snapshot.version)))
            return
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._be_writer(request, writer)
        os.close(writer)
        self.work = Work(connection, request, pid, reader, time.monotonic())

    def _be_writer(self, request: Request, pipe: int) -> None:
        """Work a write out and say what came of it; never returns."""
        try:
            self.listener.close()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            threading.stack_size(STACK_SIZE)
            thread = threading.Thread(target=self._work_out, args=(request, pipe))
            thread.start()
            thread.join()
        finally:
            os._exit(0)

    def _work_out(self, request: Request, pipe: int) -> None:
        with os.fdopen(pipe, "wb") as output:
            try:
                said = self._outcome(request)
            except RequestError as error:
                said = _refusal(error)
            except MemoryError:
                said = _refusal(too_much_memory(self.settings.memory_limit))
            except KouanError as error:
                sys.stderr.write(f"{error.message}\n")
                said = _refusal(
                    EngineFailure("The write met data of the server's own that is at fault; nothing was changed.")
                )
            output.write(json.dumps(said).encode())

    def _outcome(self, request: Request) -> dict[str, Any]:
        with _limited_memory(self.settings.memory_limit + 2 * STACK_SIZE):
            patch = change(self.store, request.write)
        if not patch:
            return self._nothing()
        revision = self.writer.revisable.revise(self.snapshot, self.store, patch, request.author, reason=request.reason)
        said = {
            "before": self.snapshot.version,
            "version": revision.snapshot.version,
            "added": len(patch.added),
            "removed": len(patch.removed),
        }
        if request.is_dry:
            text = patch.text()
            return said | {"dry_run": True, "patch": text[:SHOWN_PATCH], "patch_is_whole": len(text) <= SHOWN_PATCH}
        number = len(self.moves) + 1
        patch_path = self.writer.folder / f"{number:06}.patch"
        patch_path.write_text(revision.move.text(), encoding="utf-8")
        move = Move(number, revision.snapshot, patch_path)
        return said | {"move": move.packed(), "name": revision.name, "text": revision.text}

    def _nothing(self) -> dict[str, Any]:
        return {"before": self.snapshot.version, "version": self.snapshot.version, "added": 0, "removed": 0}

    def _gather(self, work: Work) -> None:
        """Take what the process of a write says; its end is the end of the write."""
        some = os.read(work.pipe, 1 << 20)
        if some:
            work.said += some
            return
        self.work = None
        os.close(work.pipe)
        os.waitpid(work.pid, 0)
        try:
            said = json.loads(bytes(work.said))
        except ValueError:
            said = _refusal(EngineFailure("The process that worked the write out died of it; nothing was changed."))
        if "move" in said:
            said = self._commit(said)
        _answer(work.connection, said)

    def _end(self, work: Work, error: RequestError) -> None:
        self.work = None
        with contextlib.suppress(ProcessLookupError):
            os.kill(work.pid, signal.SIGKILL)
        os.waitpid(work.pid, 0)
        os.close(work.pipe)
        _answer(work.connection, _refusal(error))

    def _commit(self, said: dict[str, Any]) -> dict[str, Any]:
        """Record a write, then lead everybody to the version that it makes."""
        move = Move.unpacked(said.pop("move"))
        path = self.writer.folder / f"{move.number:06}.move"
        pending = path.with_suffix(".pending")
        pending.write_text(json.dumps(move.packed()), encoding="utf-8")
        commit = self.writer.revisable.journal.append(said.pop("name"), said.pop("text"))
        pending.rename(path)
        move.make(self.store)
        self.snapshot = move.snapshot
        self.moves.append(move)
        frame = pack_moves([move])
        for follower in list(self.followers):
            self._lead(follower, frame)
        return said | {"commit": commit.number, "when": commit.when, "who": commit.who}

    def _lead(self, follower: socket.socket, frame: bytes) -> None:
        """Lead a process to the next version; one that does not come along has to start anew."""
        try:
            follower.settimeout(SECONDS_TO_ANSWER)
            follower.sendall(frame)
            if Channel(follower).receive().kind != MOVED:
                raise EOFError
        except (OSError, EOFError):
            self._forget(follower)


@contextlib.contextmanager
def _limited_memory(above: int) -> Any:
    """Let this process take so much memory more, and no more than that, for a while."""
    before = bound(above)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def changed_since(version: str, now: str) -> Conflict:
    """Return the error of a write that was meant for another version."""
    return Conflict(
        f"The data is at version {now[:12]} and not at {version[:12]} any more; read it again and write what is still right.",
        version=now,
    )


def _too_slow(seconds: float) -> TooSlow:
    return TooSlow(
        f"The write was ended after {seconds:g} seconds and nothing was changed; write less at a time, or ask the operator "
        "to raise KOUAN_WRITE_TIMEOUT.",
        limit="write_timeout",
        seconds=seconds,
    )


def _refusal(error: RequestError) -> dict[str, Any]:
    return {"error": error.said()}


def _answer(connection: socket.socket, said: dict[str, Any]) -> None:
    with contextlib.suppress(OSError), connection:
        connection.settimeout(SECONDS_TO_ANSWER)
        connection.sendall(packed(RECORD, said))


def ask_writer(address: str, request: Request, patience: float) -> dict[str, Any]:
    """Return the record of a write, after everybody has moved to its version; raises RequestError.

    Waits for the writes before it, `patience` seconds at most.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        try:
            connection.connect(address)
            connection.sendall(request.packed())
            payload = Channel(connection).receive().head
        except TimeoutError as error:
            raise Busy(
                f"Other writes took more than {patience:g} seconds; it is not known yet whether this one was made: read "
                "the history before you send it again."
            ) from error
        except (OSError, EOFError) as error:
            raise EngineFailure(
                "The process that keeps the writes ended; read the history before you send the write again."
            ) from error
    said: dict[str, Any] = json.loads(payload)
    if "error" in said:
        raise error_said(said["error"])
    return said


def write_here(address: str, settings: Settings, request: Request) -> dict[str, Any]:
    """Return the record of a write that the writer at an address makes; raises RequestError."""
    if not address:
        raise Forbidden(
            "This dataset is on disk, and only those in memory take writes; its operator can raise KOUAN_MEMORY_QUADS."
        )
    return ask_writer(address, request, settings.write_timeout * 2)


def undo(patch: Patch) -> Write:
    """Return the write that undoes a patch."""
    return Write(UNDO, patch.text())
