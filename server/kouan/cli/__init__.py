"""The command line, which can be ended while it still loads what it needs. Does no work of its own."""

from __future__ import annotations

import os
import signal
from typing import Any

INTERRUPTED = 130


def main() -> None:
    """Do what the command line says."""
    # While modules load there is nothing to end well, and an exception out of the midst of them says nothing to anybody.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_at_once)
    from kouan.cli.commands import main as command

    command()


def work_begins() -> None:
    """Let a command see to it from now on that it is interrupted."""
    if signal.getsignal(signal.SIGINT) is _end_at_once:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end_at_once(*_: Any) -> None:
    os._exit(INTERRUPTED)
