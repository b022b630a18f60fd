"""A writer of a small dataset, without a server around it: what is written, killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kouan.errors import RequestError
from kouan.processes.child import start
from kouan.processes.door import Door
from kouan.processes.heartbeat import Heartbeats
from kouan.processes.supervisor import Generation, Role, Supervisor
from kouan.processes.water_mark import HighWaterMark
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.opening import open_latest
from kouan.writes.asking import ask_writer
from kouan.writes.change import PUT, UPDATE, Payload, Write
from kouan.writes.policy import Author, policy_of
from kouan.writes.request import Request
from kouan.writes.writer import Writer

START = '<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []


class Dataset:
    """Files with a writer; `folder` holds all that there is of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "data.ttl").write_text(START, encoding="utf-8")
        self.settings = replace(read_settings({}), snapshots=folder / "snapshots", token="t", write_timeout=20.0)
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.starts += 1
        self.snapshot = build_foreign([self.folder / "data.ttl"], self.settings, lambda _: None)
        self.opened = open_latest(self.snapshot, self.settings)
        self.journal = self.snapshot.writes
        # As a server does that holds it.
        self.journal.folder.mkdir(parents=True, exist_ok=True)
        self.door, self.told = Door(), HighWaterMark()
        policy = policy_of(self.opened.snapshot, self.opened.data, self.settings)
        data = self.opened.data
        writer = Writer(
            self.opened.snapshot, data, self.opened.head, policy, self.settings, self.door, Heartbeats(), self.told
        )
        kept = (self.door.inside.fileno(),)

        def supervise() -> None:
            rest = Role("server", lambda: time.sleep(3600))
            Supervisor(Generation(rest, [Role("writer", writer.become, kept)], Heartbeats()), drain=1).run()

        self.supervisor = start("test", supervise, kept)

    def end(self) -> None:
        """End the writer as the end of its server would."""
        self.supervisor.end()
        os.waitpid(self.supervisor.pid, 0)
        self.supervisor.forget()
        self.door.close()
        time.sleep(0.05)

    def pid(self) -> int:
        """The writer's process, as soon as there is one."""
        # One that was ended again and again is started less and less often.
        for _ in range(6000):
            for pid in _children(self.supervisor.pid):
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "kouan-writer":
                        return pid
            time.sleep(0.01)
        raise AssertionError("there is no writer")

    def kill(self) -> None:
        # Who was found may have ended meanwhile; the next is killed then.
        for _ in range(10):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid(), signal.SIGKILL)
                return
        raise AssertionError("every writer ended before it could be killed")

    def killed_after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self.kill)
        timer.start()
        return timer

    def ask(self, write: Write, **more):
        return ask_writer(self.door, Request(write, Author("me"), **more), 20.0)

    def update(self, text: str, **more):
        return self.ask(Write(UPDATE, text), **more)

    def put(self, graph: str, turtle: str, **more):
        return self.ask(Write(PUT, graph=graph, payloads=(Payload("text/turtle", turtle),)), **more)

    def standing(self) -> set[str]:
        """What stands, as another process reads it from the disk."""
        opened = open_latest(self.snapshot, self.settings)
        assert not opened.chain.fault, opened.chain
        return {str(quad) for quad in opened.data.all_quads()}


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(tmp_path)
    yield made
    made.end()


__all__ = ["Dataset", "RequestError"]
