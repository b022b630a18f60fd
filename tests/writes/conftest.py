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
from kouan.processes.child import Lifeline
from kouan.settings import read_settings
from kouan.snapshot import build_foreign
from kouan.snapshot.opening import open_latest
from kouan.writes.change import PUT, UPDATE, Write
from kouan.writes.policy import Author, policy_of
from kouan.writes.request import Request
from kouan.writes.writer import Writer, ask_writer

START = '<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


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
        self.address = str(self.folder / f"writer-{self.starts}")
        self.lifeline = Lifeline()
        policy = policy_of(self.opened.snapshot, self.opened.data, self.settings)
        data = self.opened.data
        self.writer = Writer(
            self.opened.snapshot, data, self.opened.head, policy, self.settings, self.address, self.lifeline
        )
        self.writer.start()

    def end(self) -> None:
        """End the writer as the end of its server would."""
        self.writer.end()
        self.lifeline.watch()
        os.close(self.lifeline.watched)
        time.sleep(0.05)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.writer.pid, signal.SIGKILL)

    def killed_after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self.kill)
        timer.start()
        return timer

    def ask(self, write: Write, **more):
        return ask_writer(self.address, Request(write, Author("me"), **more), 20.0)

    def update(self, text: str, **more):
        return self.ask(Write(UPDATE, text), **more)

    def put(self, graph: str, turtle: str, **more):
        return self.ask(Write(PUT, graph=graph, payloads=(("text/turtle", turtle),)), **more)

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
