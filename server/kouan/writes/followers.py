"""Those who follow the versions of a dataset: told of each new one, and waited for a while. Knows channels, no writes."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass

from kouan.processes.channel import Channel
from kouan.snapshot import Snapshot
from kouan.snapshot.versions import MOVED, pack_moves


@dataclass(eq=False)
class Follower:
    """A process that follows the versions, and the last of them that it said to have come to."""

    inbox: Channel
    number: int
    is_first: bool


class Followers:
    """All who follow; whoever ends or takes nothing any more is forgotten, and begins anew from where it is when it can."""

    def __init__(self) -> None:
        self._all: list[Follower] = []

    @property
    def inboxes(self) -> list[Channel]:
        """Return what they say how far they came on."""
        return [each.inbox for each in self._all]

    def add(self, inbox: Channel, snapshot: Snapshot, *, is_first: bool) -> None:
        """Tell somebody new how far the log goes, and everything from there on; raises OSError."""
        inbox.send(pack_moves(snapshot))
        self._all.append(Follower(inbox, snapshot.number, is_first))

    def hear(self, readable: list[Channel]) -> None:
        """Hear how far each has come, or that it ended."""
        for follower in [each for each in self._all if each.inbox in readable]:
            try:
                follower.inbox.read_some()
                while (message := follower.inbox.next()) is not None:
                    if message.kind == MOVED:
                        follower.number = int(message.head)
            except (OSError, EOFError, ValueError):
                self._forget(follower)

    def lead(self, snapshot: Snapshot, seconds: float, *, first: bool) -> None:
        """Tell those who follow, first or then, of the next version, and wait for them a while."""
        frame = pack_moves(snapshot)
        told = [each for each in self._all if each.is_first == first]
        awaited = [each for each in told if each.number == snapshot.number - 1]
        for follower in told:
            try:
                follower.inbox.send(frame)
            except OSError:
                self._forget(follower)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            late = [each.inbox for each in awaited if each in self._all and each.number < snapshot.number]
            if not late:
                return
            self.hear(select.select(late, [], [], max(0.0, end - time.monotonic()))[0])

    def _forget(self, follower: Follower) -> None:
        self._all.remove(follower)
        follower.inbox.close()
