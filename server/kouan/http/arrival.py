"""Let a request be answered by the thread that it arrives in, and go on in the event loop where it must wait.

Going from thread to thread costs more than most answers do. Knows threads and coroutines, no requests.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

from kouan.errors import short_of


class ArrivalLoop(asyncio.SelectorEventLoop):
    """An event loop that takes over a coroutine where it first has to wait; until there it runs where it was made."""

    def call_soon_threadsafe(  # type: ignore[override]  # What was run already has no handle.
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle | None:
        """Run the coroutine among the arguments as far as it comes without waiting, then schedule the callback."""
        if args and type(args[0]) is types.CoroutineType:
            try:
                args[0].send(None)
            except StopIteration:
                return None
        return super().call_soon_threadsafe(callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run a function in a thread; raises Busy where the system gives none."""
        try:
            return super().run_in_executor(executor, func, *args)
        except RuntimeError as error:
            raise short_of("thread") from error


def is_in_loop() -> bool:
    """Return whether this is the thread of the loop, where waiting for anything keeps all others waiting."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@types.coroutine
def in_loop() -> Generator[None, None, None]:
    """Go on in the loop, where waiting is possible; each coroutine must do so before it first waits."""
    if not is_in_loop():
        yield
