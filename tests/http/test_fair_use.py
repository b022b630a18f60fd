"""What runs for a client is counted right, whichever threads and processes answer it at the same moments."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest

from kouan.http.fair_use import FairUse
from kouan.settings import Settings

CLIENT = "198.51.100.7"
SETTINGS = replace(Settings(), workers=2, client_queries=9_999, client_seconds=1e9)


def _ask_often(fair_use: FairUse, times: int) -> None:
    for _ in range(times):
        with fair_use.using(CLIENT):
            pass


def test_nothing_runs_after_all_was_answered_by_several_processes():
    fair_use = FairUse(SETTINGS)
    children = []
    for number in range(2):
        if (pid := os.fork()) == 0:
            fair_use.begin(number)
            _ask_often(fair_use, 20_000)
            os._exit(0)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
    assert fair_use.standing(CLIENT).running == 0


def test_nothing_runs_after_all_was_answered_by_several_threads():
    fair_use = FairUse(SETTINGS)
    fair_use.begin(0)
    threads = [threading.Thread(target=_ask_often, args=(fair_use, 5_000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fair_use.standing(CLIENT).running == 0


@pytest.mark.parametrize("number", [0, 1])
def test_who_follows_a_process_that_was_killed_begins_with_nothing(number):
    fair_use = FairUse(SETTINGS)
    if (pid := os.fork()) == 0:
        fair_use.begin(number)
        held = fair_use.using(CLIENT)
        held.__enter__()
        os._exit(0)
    os.waitpid(pid, 0)
    assert fair_use.standing(CLIENT).running == 1
    fair_use.begin(number)
    assert fair_use.standing(CLIENT).running == 0
