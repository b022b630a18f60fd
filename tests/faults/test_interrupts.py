"""Whoever is asked to end hears it, whatever it is just about."""

from __future__ import annotations

import sys
import threading
from itertools import count

import pytest

from kouan.app.http_server import Interrupt

STEPS = 40


@pytest.mark.parametrize("step", range(STEPS))
def test_question_that_comes_over_who_begins_to_wait_wakes_it(step):
    interrupt, steps = Interrupt(), count()

    def come_over(frame, event, _):
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == step:
            # What a signal's handler does, between two steps of the thread that it interrupts.
            interrupt.set()
        return come_over

    def wait():
        sys.settrace(come_over)
        interrupt.wait()
        sys.settrace(None)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(0.05)
    if waiting.is_alive():
        # It has come so far that it waits, and is woken from there.
        threading.Thread(target=interrupt.set, daemon=True).start()
        waiting.join(2)
    assert not waiting.is_alive()
    # It stays awake until it is told to forget.
    interrupt.wait()
    interrupt.clear()
    interrupt.set()
    interrupt.wait()
