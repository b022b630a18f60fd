"""Have an evaluator forked, and wait for it to be ready, in an event loop. Knows processes, no limits and no questions."""

from __future__ import annotations

import asyncio
import contextlib
import time

from kouan.engine.answer import FAILED, READY
from kouan.engine.forker import EVALUATOR
from kouan.engine.work import EvaluatorProcess
from kouan.errors import Busy, DataGone, RequestError, error_said
from kouan.processes.channel import Channel
from kouan.processes.child import Child
from kouan.processes.door import Door
from kouan.processes.memory import resident

SECONDS_TO_START = 10.0
# A write waits no longer for who is to answer from it at once.
SECONDS_TO_PREPARE = 0.5
SECONDS_BETWEEN_TRIES = 0.1
SECONDS_FOR_FORKER = 0.02


async def started(forker: Door, deadline: float, number: int) -> EvaluatorProcess:
    """Return a new evaluator of the version with a number or of a later one, from the forker.

    Raises Busy where none comes in time, DataGone where none can be.
    """
    loop = asyncio.get_running_loop()
    until = min(deadline, time.monotonic() + SECONDS_TO_START)
    while True:
        channel = None
        try:
            connection = forker.connect()
            connection.setblocking(False)
            channel = Channel(connection)
            async with asyncio.timeout(max(0.01, until - time.monotonic())):
                await loop.sock_sendall(connection, EVALUATOR)
                evaluator = await _ready(loop, channel)
            if evaluator.number >= number:
                return evaluator
            # It was forked before the forker had moved to the version that is asked by now.
            evaluator.end()
            await asyncio.sleep(SECONDS_FOR_FORKER)
        except DataGone:
            assert channel is not None
            channel.close()
            raise
        except (OSError, EOFError, TimeoutError) as error:
            if channel is not None:
                channel.close()
            # The forker may be about to be started again.
            if time.monotonic() > until - SECONDS_BETWEEN_TRIES:
                raise Busy(
                    "No evaluator could be started in time; try again in a moment. The operator finds the reason in the "
                    "server's log."
                ) from error
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)


async def prepared(forker: Door, number: int) -> EvaluatorProcess | None:
    """Return a new evaluator of the version with a number, None where none comes in a moment."""
    with contextlib.suppress(RequestError):
        return await started(forker, time.monotonic() + SECONDS_TO_PREPARE, number)
    return None


async def _ready(loop: asyncio.AbstractEventLoop, channel: Channel) -> EvaluatorProcess:
    while (message := channel.next()) is None:
        arrived: asyncio.Future[None] = loop.create_future()
        loop.add_reader(channel.fileno(), _settle, arrived)
        try:
            await arrived
        finally:
            loop.remove_reader(channel.fileno())
        channel.read_some()
    if message.kind == FAILED:
        raise error_said(message.said)
    if message.kind != READY:
        raise EOFError("the evaluator is not ready")
    said = message.said
    child = Child(int(said["pid"]), channel.take_file())
    return EvaluatorProcess(channel, child, int(said["number"]), str(said["version"]), resident(child.pid))


def _settle(waits: asyncio.Future[None]) -> None:
    if not waits.done():
        waits.set_result(None)
