"""A child has what it is given and nothing else, and goes when its parent goes."""

from __future__ import annotations

import signal
import subprocess
import sys

from watched import states, wait_until

# start() is for a process of one thread, so each test runs in one.
HEAD = """
import os, sys, time, signal
from kouan.processes.child import start
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", HEAD + script], capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


def test_child_has_the_files_that_it_is_given_and_no_others():
    script = """
kept, other = os.pipe()
import socket; listener = socket.socket()
def show():
    mine = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
    print([each for each in mine if os.path.exists(f"/proc/self/fd/{each}")], kept)
child = start("test", show, [kept])
os.waitpid(child.pid, 0)
"""
    said = run(script)
    kept = said.split()[-1]
    assert said == f"[{kept}] {kept}"


def test_what_is_asked_to_end_ends_and_the_handle_means_nobody_else_afterwards():
    script = """
child = start("test", lambda: time.sleep(60))
child.end()
print(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]))
child.end()
child.forget()
"""
    assert run(script) == str(-signal.SIGKILL)


def test_child_that_is_asked_to_end_before_it_runs_ends():
    # On one processor, the parent goes on while the child has not begun; Python forgets what comes to a child before it runs.
    script = """
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
signal.signal(signal.SIGTERM, lambda *_: None)
ended = set()
for _ in range(50):
    child = start("test", lambda: time.sleep(3))
    child.end(signal.SIGTERM)
    ended.add(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]))
print(*ended)
"""
    assert run(script) == str(-signal.SIGTERM)


def test_child_that_fails_says_why_and_how():
    script = """
def fail(): raise ValueError("of this")
child = start("test", fail)
print(os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", HEAD + script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "1"
    assert "ValueError: of this" in done.stderr


def test_child_goes_when_its_parent_is_killed():
    script = "print(start('test', lambda: time.sleep(60)).pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", HEAD + script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        assert wait_until(lambda: states(pid) <= {"Z"}, 2)
