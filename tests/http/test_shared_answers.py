"""Who asks what is being asked already waits for that answer, and never for one that does not come."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from kouan.engine.answer import WHOLE, Answer, Asked
from kouan.errors import TooSlow
from kouan.evaluation.question import Question
from kouan.http.query import QueryAddress
from kouan.settings import read_settings

ASKED = Asked(Question("ASK {}"), 30.0)
ANSWER = Answer(WHOLE, {"form": "ASK", "tag": "one"}, b"true")


class Engine:
    """Answers each time it is asked with the next thing that is said to it, once the test lets it."""

    version = "1"

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.times = 0
        self.go = asyncio.Event()

    def begin(self, *_, **__):
        return None

    async def ask(self, *_):
        self.times += 1
        outcome = self.outcomes.pop(0)
        await self.go.wait()
        await asyncio.sleep(0.01)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


async def outcomes_of_three(engine, monkeypatch):
    async def at_once():
        return None

    monkeypatch.setattr("kouan.http.query.in_loop", at_once)
    address = QueryAddress(engine, None, None, None, read_settings({}))
    proto = SimpleNamespace(client_disconnect=None)
    three = [asyncio.ensure_future(address._ask(proto, ASKED)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    engine.go.set()
    return await asyncio.wait_for(asyncio.gather(*three, return_exceptions=True), 5)


def run(monkeypatch, *outcomes):
    async def all_of_it():
        engine = Engine(*outcomes)
        return await outcomes_of_three(engine, monkeypatch), engine.times

    # The browser's driver leaves a loop of its own in the test process's thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, all_of_it()).result()


def test_three_share_one_answer(monkeypatch):
    assert run(monkeypatch, ANSWER) == ([ANSWER] * 3, 1)


def test_three_share_one_refusal(monkeypatch):
    found, times = run(monkeypatch, slow := TooSlow("too slow"))
    assert found == [slow] * 3
    assert times == 1


@pytest.mark.parametrize("befallen", [OSError("no more files"), asyncio.CancelledError()], ids=["error", "cancelled"])
def test_others_ask_for_themselves_when_who_asked_first_breaks(monkeypatch, befallen):
    found, times = run(monkeypatch, befallen, ANSWER)
    assert isinstance(found[0], type(befallen))
    assert found[1:] == [ANSWER] * 2
    assert times == 2
