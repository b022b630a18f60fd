"""Hold a snapshot in one single-threaded process and fork evaluators from it. Knows processes; evaluation is elsewhere.

Forking shares the snapshot's memory, which no process changes; it must happen in a process without threads, and a
store on disk is opened after the fork, because its threads do not survive one.
"""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import sys
from typing import Any

from kouan.engine.answer import FAILED
from kouan.engine.evaluator import MakePages, Served, be_evaluator
from kouan.errors import Busy, KouanError, SnapshotError, damaged
from kouan.history.exact import ExactStore
from kouan.processes.channel import Channel, is_gone, packed
from kouan.processes.child import start
from kouan.processes.door import Door
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import AMISS
from kouan.processes.water_mark import HighWaterMark
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.opening import open_store
from kouan.snapshot.versions import Move, follow, moves, say_moved, unpack_moves

SECONDS_BETWEEN_TRIES = 0.2
EVALUATOR = b"e"


class Forker:
    """The process that evaluators are forked from, for whoever comes to its door.

    Where there is a writer, behind a door of its own, the forker follows it from version to version.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        data: ExactStore | None,
        settings: Settings,
        door: Door,
        heartbeats: Heartbeats,
        writer: Door | None = None,
        pages: MakePages | None = None,
        told: HighWaterMark | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.data = data
        self.settings = settings
        self.door = door
        self.heartbeats = heartbeats
        self.writer = writer
        self.pages = pages
        self.told = told
        self.number = snapshot.number

    def become(self) -> None:
        """Fork an evaluator for each connection; never returns."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        following = _Following(self, self.writer) if self.writer else None
        while True:
            watched: list[Any] = [self.door, *([following.channel] if following and following.channel else [])]
            readable, _, _ = select.select(watched, [], [], SECONDS_BETWEEN_TRIES)
            self.heartbeats.beat()
            if following and (following.channel is None or following.channel in readable):
                # A large write takes a while to be read and put in.
                self.heartbeats.beat(ahead=self.settings.write_timeout)
                following.move()
                self.heartbeats.beat()
            if self.door in readable:
                if following and self.told and self.told.number > self.number:
                    # What anybody was told of is served, whatever became of the writer.
                    self.heartbeats.beat(ahead=self.settings.write_timeout)
                    following.move_to(self.told.number)
                    self.heartbeats.beat()
                with contextlib.suppress(OSError):
                    self._bear()

    def _bear(self) -> None:
        connection = self.door.accept()
        with connection:
            connection.settimeout(1.0)
            if connection.recv(1) != EVALUATOR or is_gone(connection):
                return
            connection.setblocking(True)

            def become() -> None:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                # Who asked may go away meanwhile, as at the server's end, and then there is nobody to be told.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._evaluate(connection)

            # It lives as long as who asks it does, and ends when that does.
            start("evaluator", become, [connection.fileno()], outlives=True).forget()

    def _evaluate(self, connection: socket.socket) -> None:
        """Be an evaluator until who asked goes away, or tell it why there is none."""
        try:
            store = self.data.store if self.data is not None else open_store(self.snapshot)
            served = Served(self.snapshot, store, self.number, self.settings, self.data, self.pages)
            be_evaluator(connection, served)
        except SnapshotError as error:
            sys.stderr.write(f"{error.message}\n")
            # No other one could open it either.
            connection.sendall(packed(FAILED, damaged().said()))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except (OSError, RuntimeError) as error:
            # RuntimeError is Python's word for a thread that the system does not give.
            sys.stderr.write(f"an evaluator could not be started: {error}\n")


class _Following:
    """The forker's channel with the writer, made again whenever it is lost."""

    def __init__(self, forker: Forker, writer: Door) -> None:
        self.forker = forker
        self.writer = writer
        self.channel: Channel | None = None

    def move(self) -> None:
        """Make the moves that the writer tells of; find it again where it ended."""
        try:
            if self.channel is None:
                self.channel = follow(self.writer, first=True)
            self.channel.read_some()
            while (message := self.channel.next()) is not None:
                self._make(unpack_moves(message.head, self.forker.number))
                say_moved(self.channel, self.forker.number)
        except (OSError, EOFError, Busy):
            # The writer ended, or the system gives no file to read the log by: it is followed anew from where this is.
            if self.channel is not None:
                self.channel.close()
            self.channel = None
        except KouanError as error:
            sys.stderr.write(f"{error.message}\n")
            sys.exit(AMISS)

    def move_to(self, number: int) -> None:
        """Make the moves as far as a number that the log has, without the writer."""
        snapshot = self.forker.snapshot
        try:
            self._make(moves(snapshot.folder, snapshot.writes.folder, self.forker.number, number))
        except (OSError, Busy):
            # The system gives no file to read the log by; whoever asks again finds it as it is then.
            return
        except KouanError as error:
            sys.stderr.write(f"{error.message}\n")
            sys.exit(AMISS)

    def _make(self, found: list[Move]) -> None:
        assert self.forker.data is not None
        for move in found:
            move.make(self.forker.data)
            self.forker.snapshot = move.snapshot
            self.forker.number = move.number
