"""Ask the writer's process for a write, and wait for its record. Knows its door and its next one, nothing of how it writes."""

from __future__ import annotations

import time
from typing import Any

from kouan.errors import NO_FILES, Forbidden, error_said, short_of
from kouan.processes.channel import Channel
from kouan.processes.door import Door
from kouan.settings import Settings
from kouan.writes.request import Request, in_the_queue, unknown

TRIES = 3
SECONDS_BETWEEN_TRIES = 0.05


def ask_writer(writer: Door, request: Request, patience: float) -> dict[str, Any]:
    """Return the record of a write, after everybody who keeps up has moved to its version; raises RequestError.

    Waits for the writes before it, `patience` seconds at most. Where the writer ends meanwhile the next one is asked, who
    knows from the log whether the write was made.
    """
    end, is_said = time.monotonic() + patience, False
    for attempt in range(TRIES):
        try:
            with writer.connect() as connection:
                is_said = True
                connection.settimeout(max(0.1, end - time.monotonic()))
                connection.sendall(request.packed())
                message = Channel(connection).receive_within(max(0.0, end - time.monotonic()))
        except (OSError, EOFError) as error:
            if not is_said and getattr(error, "errno", 0) in NO_FILES:
                raise short_of("file") from error
            time.sleep(SECONDS_BETWEEN_TRIES)
            continue
        if message is None:
            raise unknown(request) if attempt else in_the_queue(request, patience)
        said: dict[str, Any] = message.said
        if "error" in said:
            raise error_said(said["error"])
        return said
    raise unknown(request)


def write_here(writer: Door | None, why_not: str, settings: Settings, request: Request) -> dict[str, Any]:
    """Return the record of a write that the writer makes; raises RequestError, why not where there is none."""
    if writer is None:
        raise Forbidden(why_not)
    return ask_writer(writer, request, settings.write_timeout * 2)
