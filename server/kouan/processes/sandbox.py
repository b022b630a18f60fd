"""Run a function in a process of its own with bounds on time and memory, without network and files. Knows not what it does.

The processes are forked from one that has loaded the function and the validator and holds nothing of the server.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import sys
import sysconfig
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import kouan.errors
from kouan.errors import BadRequest, Busy, EngineFailure, RequestError, TooMuchMemory, TooSlow, error_said
from kouan.processes.memory import bound

VALIDATOR = "kouan.validation.sent"
AT_A_TIME = 2
SECONDS_TO_WAIT = 10.0
REFUSED = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.remove", "os.rename", "shutil.")
_places = threading.BoundedSemaphore(AT_A_TIME)


def run(function: Callable[..., Any], arguments: tuple[Any, ...], *, timeout: float, memory: int) -> Any:
    """Return what the function returns, or raise the RequestError that it raises.

    Raises Busy, TooSlow, TooMuchMemory or EngineFailure where it does not come to its end.
    """
    if not _places.acquire(timeout=SECONDS_TO_WAIT):
        raise Busy("As many validations as may run at a time are running; try again in a moment.")
    try:
        return _run(function, arguments, timeout, memory)
    finally:
        _places.release()


def _run(function: Callable[..., Any], arguments: tuple[Any, ...], timeout: float, memory: int) -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([function.__module__, VALIDATOR])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_inside, args=(theirs, function, arguments, memory), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(timeout):
            raise TooSlow(
                f"The validation did not end in {timeout:g} seconds; send less, or ask for more time with timeout=.",
                limit="timeout",
                seconds=timeout,
            )
        succeeded, answer = ours.recv()
    except EOFError as error:
        raise EngineFailure("The process that validated died; send less data or simpler shapes.") from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if succeeded:
        return answer
    raise error_said(answer)


def _inside(answers: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], memory: int) -> None:
    try:
        _bound(memory)
        answer: Any = (True, function(*arguments))
    except RequestError as error:
        answer = (False, error.said())
    except MemoryError:
        message = f"The validation was ended past {memory:,} bytes of memory; send less."
        answer = (False, TooMuchMemory(message, limit="memory_limit", bytes=memory).said())
    except RecursionError:
        answer = (False, BadRequest("The shapes lead to themselves, or nest too deep to be followed.").said())
    with contextlib.suppress(BrokenPipeError):
        answers.send(answer)


def _bound(memory: int) -> None:
    bound(memory, for_good=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = {str(Path(place).resolve()) for place in (*sysconfig.get_paths().values(), sys.base_prefix)}
    readable = (*code, str(Path(kouan.errors.__file__).resolve().parent))

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event.startswith(REFUSED):
            raise PermissionError(f"{event} is not allowed in a validation")
        if event == "open" and isinstance(details[0], str | bytes):
            path = os.fsdecode(details[0])
            writes = isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
            if writes or not str(Path(path).resolve()).startswith(readable):
                raise PermissionError(f"{path} may not be opened in a validation")

    sys.addaudithook(watch)
