"""What a message of an evaluator means: an answer, or an error. Knows no process."""

from __future__ import annotations

import time

from kouan.engine.answer import FAILED, SERVICES, UNCHANGED, WHOLE, Answer
from kouan.errors import TooSlow, error_said
from kouan.processes.channel import Message
from kouan.settings import Settings

# What ends the work on a question.
DONE = {WHOLE, FAILED, UNCHANGED, SERVICES}


def answer_of(message: Message, version: str, started: float) -> Answer:
    """Return the answer that a message is, or raise the error."""
    if message.kind == FAILED:
        raise error_said(message.said)
    seconds = time.monotonic() - started
    said = message.said
    if message.kind == SERVICES:
        said = {"wanted": said}
    return Answer(message.kind, said, message.body, None, seconds, version=version)


def too_slow(settings: Settings, seconds: float) -> TooSlow:
    """Return the error of a question that was ended at its deadline."""
    seconds = max(0.0, seconds)
    return TooSlow(
        f"The query was ended after {seconds:.3g} seconds; ask for less, or for more time with timeout= up to "
        f"{settings.timeout_cap:g}.",
        limit="timeout",
        seconds=float(f"{seconds:.3g}"),
    )
