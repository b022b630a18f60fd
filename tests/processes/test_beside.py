"""Work that is done beside other work comes back whole, and is done here where its process ends or stands still."""

from __future__ import annotations

import os
import time

import pytest

from kouan.processes import beside as module
from kouan.processes.beside import beside


def ended() -> bytes:
    os._exit(1)


def stands_still() -> bytes:
    time.sleep(60)
    return b"late"


def test_result_of_any_size_comes_back():
    with beside(lambda: b"x" * 1_000_000, lambda: b"instead") as result:
        assert result() == b"x" * 1_000_000


@pytest.mark.parametrize("work", [ended, stands_still])
def test_what_the_process_does_not_do_is_done_here(work, monkeypatch):
    monkeypatch.setattr(module, "LEAST_PATIENCE", 0.2)
    with beside(work, lambda: b"instead") as result:
        assert result() == b"instead"
