"""Who is shut in reaches no address, starts no program and touches no file, whatever runs in it."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import pytest

from kouan.processes.wall import has_wall, shut_in

pytestmark = pytest.mark.skipif(not has_wall(), reason="this system has no seccomp that is known here")

SELECT = "PREFIX x: <http://127.0.0.1:PORT/x> SELECT * { SERVICEx:{?a ?b ?c} }"


def inside(do: Callable[[], object], **how: object) -> str:
    """Return what came of something that was done behind the wall: done, or the name of the error."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            assert shut_in(**how)
            do()
            said = "done"
        except BaseException as error:
            said = type(error).__name__
        os.write(writer, json.dumps(said).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = json.loads(pipe.read() or b'"killed"')
    os.waitpid(pid, 0)
    return said


def signal_a_thread(pid: int, which: int) -> None:
    """tgkill(2), which Python has no function for."""
    number = {"x86_64": 234, "aarch64": 131}[platform.machine()]
    if ctypes.CDLL(None, use_errno=True).syscall(number, pid, pid, which):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@pytest.mark.parametrize(
    "do",
    [
        socket.socket,
        socket.socketpair,
        lambda: socket.socket(socket.AF_UNIX),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.execv("/bin/true", ["true"]),
        os.fork,
        lambda: os.kill(os.getppid(), 0),
        lambda: os.pidfd_open(os.getppid()),
        lambda: signal_a_thread(os.getppid(), 0),
        lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
        lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
        lambda: os.sched_setaffinity(os.getppid(), {0}),
        lambda: Path("/etc/passwd").read_text(encoding="utf-8"),
        lambda: Path(tempfile.gettempdir(), "kouan-wall").write_text("x", encoding="utf-8"),
        lambda: Path(__file__).rename(f"{__file__}.gone"),
        lambda: Path(tempfile.gettempdir(), "kouan-wall").mkdir(),
    ],
)
def test_what_reaches_out_is_refused(do):
    assert inside(do) == "PermissionError"


def test_limits_and_signals_of_oneself_are_free():
    def do() -> None:
        signal_a_thread(os.getpid(), 0)
        for oneself in (0, os.getpid()):
            resource.prlimit(oneself, resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    assert inside(do) == inside(do, may_fork=True) == "done"


def test_who_may_fork_ends_its_children_and_limits_nobody_else():
    def do() -> None:
        if (child := os.fork()) == 0:
            signal.pause()
        signal_a_thread(child, 9)
        os.waitpid(child, 0)
        resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)

    assert inside(do, may_fork=True) == "PermissionError"


def test_packages_of_one_user_can_be_read_and_nothing_beside_them(tmp_path, monkeypatch):
    packages = tmp_path / "lib" / "site-packages"
    packages.mkdir(parents=True)
    for folder in (packages, tmp_path):
        (folder / "data.txt").write_text("x", encoding="utf-8")
    monkeypatch.syspath_prepend(str(packages))
    assert inside((packages / "data.txt").read_bytes) == "done"
    assert inside((tmp_path / "data.txt").read_bytes) == "PermissionError"


def test_what_work_needs_goes_on():
    ours, theirs = socket.socketpair()

    def work() -> None:
        thread = threading.Thread(target=lambda: theirs.sendall(b"from a thread"))
        thread.start()
        thread.join()
        assert Path(json.__file__).read_bytes()
        assert os.memfd_create("answer") > 0

    with ours, theirs:
        assert inside(work) == "done"
        assert ours.recv(100) == b"from a thread"


def test_folder_that_is_given_can_be_read_and_not_written(tmp_path):
    (tmp_path / "here").write_text("x", encoding="utf-8")
    assert inside(lambda: (tmp_path / "here").read_text(encoding="utf-8"), readable=[tmp_path]) == "done"
    assert (
        inside(lambda: (tmp_path / "new").write_text("x", encoding="utf-8"), readable=[tmp_path]) == "PermissionError"
    )


def test_who_may_write_still_reaches_nobody(tmp_path):
    assert inside(lambda: (tmp_path / "new").write_text("x", encoding="utf-8"), may_write=True) == "done"
    assert inside(socket.socket, may_write=True) == "PermissionError"


@pytest.mark.parametrize(
    "text", [SELECT, SELECT.replace("SERVICEx:", "SERVICESILENT x:"), SELECT.replace("SERVICEx:", "1SERVICE x:")]
)
def test_engine_that_is_given_a_service_past_our_parser_reaches_nobody(text):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        asked = text.replace("PORT", str(listener.getsockname()[1]))

        def ask() -> None:
            results = pyoxigraph.Store().query(asked)
            for _ in results:
                pass

        inside(ask)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize(
    "text", ["LOADx:", "LOAD <http://127.0.0.1:PORT/x>", "INSERT { ?a ?b ?c } WHERE { SERVICEx:{?a ?b ?c} }"]
)
def test_engine_that_is_given_an_update_past_our_parser_reaches_nobody(text):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.3)
        port = str(listener.getsockname()[1])
        asked = f"PREFIX x: <http://127.0.0.1:{port}/x> " + text.replace("PORT", port)
        inside(lambda: pyoxigraph.Store().update(asked))
        with pytest.raises(TimeoutError):
            listener.accept()
