"""After a write one evaluator reads the names of all things, and who asks meanwhile waits for it instead of reading them too."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest

from kouan.engine.answer import WHOLE, Answer, PageAsked
from kouan.errors import Busy
from kouan.http.pages import PageAddresses
from kouan.http.turns import Turns
from kouan.settings import read_settings


def in_a_loop(work):
    """Return what a coroutine returns in a loop of its own; a browser's tests leave theirs running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def asked(turns: Turns, version: str, seconds: float, done: list[str], name: str, patience: float = 5.0):
    async def ask() -> None:
        async with turns.turn(version, time.monotonic() + patience):
            await asyncio.sleep(seconds)
            done.append(name)
            turns.ready = version

    return ask()


def test_first_goes_alone_and_the_others_after_it():
    async def all_of_them() -> list[str]:
        turns, done = Turns(), []
        first = asyncio.ensure_future(asked(turns, "1", 0.2, done, "first"))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, *(asked(turns, "1", 0.0, done, "other") for _ in range(5)))
        return done

    assert in_a_loop(all_of_them())[0] == "first"


def test_who_takes_long_keeps_others_waiting_no_longer_than_a_moment(monkeypatch):
    monkeypatch.setattr("kouan.http.turns.SECONDS_OF_PATIENCE", 0.1)

    async def all_of_them() -> list[str]:
        turns, done = Turns(), []
        turns.ready = "1"
        long = asyncio.ensure_future(asked(turns, "1", 1.0, done, "long"))
        await asyncio.sleep(0.05)
        await asyncio.gather(long, asked(turns, "1", 0.0, done, "short"))
        return done

    assert in_a_loop(all_of_them()) == ["short", "long"]


def test_who_waits_for_the_first_until_the_deadline_is_told():
    async def both() -> None:
        turns, done = Turns(), []
        first = asyncio.ensure_future(asked(turns, "1", 0.5, done, "first"))
        await asyncio.sleep(0.05)
        with pytest.raises(Busy):
            await asked(turns, "1", 0.0, done, "other", patience=0.1)
        await first

    in_a_loop(both())


class Evaluators:
    """An engine of which each evaluator reads for a while before its first answer at a version; the last that rested is asked."""

    def __init__(self) -> None:
        self.version = "1"
        self.resting: list[str] = []
        self.readings = 0

    async def ask(self, *_: object) -> Answer:
        version = self.version
        if not self.resting or self.resting.pop() != version:
            self.readings += 1
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.001)
        self.resting.append(version)
        return Answer(WHOLE, {"status": 200})


@pytest.mark.parametrize(("path", "readings"), [("/reconcile", 1), ("/reconcile/suggest/entity", 1), ("/map", 8)])
def test_names_are_read_once_after_a_write_however_many_ask(path, readings):
    engine = Evaluators()
    settings = replace(read_settings({}), workers=1)
    pages = PageAddresses(engine, None, None, None, settings)
    proto = SimpleNamespace(client_disconnect=None)

    async def asked_by_many() -> None:
        for version in ("1", "2"):
            engine.version, engine.readings = version, 0
            await asyncio.gather(*(pages._ask(proto, PageAsked({"PATH_INFO": path}, b"", 30.0)) for _ in range(8)))
            assert engine.readings == readings

    in_a_loop(asked_by_many())
