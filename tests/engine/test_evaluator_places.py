"""Who waits for an evaluator gets the place that is given back meanwhile, and one that was ended is ended once."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

from kouan.engine.paces import Pace
from kouan.engine.places import Places
from kouan.engine.watching import Watch
from kouan.settings import Settings


class Meanwhile(asyncio.SelectorEventLoop):
    """A loop in which a place is given back in the moment in which somebody begins to wait for one."""

    places: Places
    evaluator: object = None

    def create_future(self):
        if self.evaluator is not None:
            evaluator, self.evaluator = self.evaluator, None
            if self.places.put(evaluator):
                self.call_soon(self.places.admit)
        return super().create_future()


def test_place_that_is_given_back_while_one_begins_to_wait_is_had_at_once():
    loop = Meanwhile()
    loop.places = Places(resting=1, most=1)

    async def second() -> float:
        await loop.places.enter(loop, time.monotonic() + 2)
        loop.evaluator = SimpleNamespace(number=0)
        started = time.monotonic()
        await loop.places.enter(loop, started + 2)
        return time.monotonic() - started

    waited: list[float] = []
    thread = threading.Thread(target=lambda: waited.append(loop.run_until_complete(second())))
    thread.start()
    thread.join()
    loop.close()
    assert waited
    assert waited[0] < 1


def test_evaluator_that_was_ended_to_make_room_is_not_ended_again_for_its_time():
    loop, refused = asyncio.new_event_loop(), []
    work = SimpleNamespace(deadline=0.0, started=0.0, most_memory=0)
    evaluator = SimpleNamespace(child=SimpleNamespace(pid=-1), resting_memory=0, yields=False, work=work)
    evaluator.pace_of = lambda *_: Pace.SLOW

    def give_way(one, _pace) -> None:
        one.work = None
        loop.call_soon(loop.stop)

    watch = Watch(Settings(), [evaluator], lambda *said: refused.append(said), give_way)
    watch.look_later(loop)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    thread.join()
    loop.close()
    assert refused == []
