"""Start a child process that has what it is given and nothing else, and end it for certain. Knows not what it does."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.errors import SettingsError

PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36
STANDARD = (0, 1, 2)
LEAST_FILES, MOST_FILES = 64, 65_536
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
OPEN_FILES = Path("/proc/self/fd")
INHERITED = (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2)


@dataclass(frozen=True)
class Child:
    """A process by its number and by a handle that can never mean another one (pidfd_open(2))."""

    pid: int
    handle: int

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send the process a signal; nothing where it has ended."""
        with contextlib.suppress(ProcessLookupError, OSError):
            signal.pidfd_send_signal(self.handle, how)

    def forget(self) -> None:
        """Close the handle."""
        with contextlib.suppress(OSError):
            os.close(self.handle)


class _Standard(io.FileIO):
    """A standard file that takes whatever is said, though its disk is full or nobody is there any more to read it."""

    def write(self, said: Any) -> int:
        """Return how many bytes were taken, which is all of them."""
        with contextlib.suppress(OSError):
            return super().write(said) or len(said)
        return len(said)


def _standard(number: int) -> io.TextIOWrapper:
    file = io.BufferedWriter(_Standard(number, "w", closefd=False))
    return io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def speak_to_anybody() -> None:
    """Let this process and those that it starts not depend on who hears them: what cannot be told is not told.

    Standard files that are closed lead nowhere, so that no other file takes their numbers.
    """
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout, sys.stderr = _standard(1), _standard(2)


def start(name: str, become: Callable[[], None], keep: Iterable[int] = (), *, outlives: bool = False) -> Child:
    """Return a child of a name that becomes what it is told and ends with that; it keeps the standard files and those given.

    Raises OSError where the system gives none. Call this in a process of one thread. The child goes when this process goes,
    unless it outlives it: then it has to see for itself whether anybody needs it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # What stands now is shared with the child as long as neither of the two touches it.
    gc.freeze()
    parent = os.getpid()
    # Python forgets in the child what arrived there before it ran: until it has no handlers of its parent's, signals wait.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INHERITED)
    try:
        pid = os.fork()
    finally:
        if os.getpid() == parent:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if pid:
        try:
            return Child(pid, os.pidfd_open(pid))
        except OSError:
            # Nobody could end it for certain.
            os.kill(pid, signal.SIGKILL)
            raise
    status = 1
    try:
        call_oneself(name)
        if outlives:
            # Who was stopped sees nothing: as long as it is looked after by nobody, it is not left so.
            _when_parent_ends(signal.SIGCONT)
        else:
            end_with_parent(parent)
        for each in INHERITED:
            signal.signal(each, signal.SIG_DFL)
        # The terminal's Ctrl-C goes to everybody; who started us decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _close_all_but({*STANDARD, *keep})
        # What is written goes to the standard files, whatever stood in their place in the parent.
        sys.stdout, sys.stderr = _standard(1), _standard(2)
        become()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let who asks this process to end wait until what is made here can be put away by who made it."""
    asked: list[int] = []
    before = {
        each: signal.signal(each, lambda number, _: asked.append(number)) for each in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in asked:
            signal.raise_signal(number)


def end(pid: int, started: int) -> bool:
    """Return whether the process with a number that was started then was there, after it was killed."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    child = Child(pid, handle)
    try:
        # From here on nobody else is meant, whoever has the number.
        if is_there := started_at(pid) == started:
            child.end()
        return is_there
    finally:
        child.forget()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def adopt() -> None:
    """Let what outlives a process below this one be a child of this one then, and not of the first of all."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def is_stopped(pid: int) -> bool:
    """Return whether a process was stopped by a signal, and does nothing until it is told to go on."""
    return _told(pid)[0] == "T"


def has_ended(pid: int) -> bool:
    """Return whether a process is gone, though who started it may not have heard of that yet."""
    return _told(pid)[0] in {"0", "Z", "X"}


def started_at(pid: int) -> int:
    """Return when a process was started, by which it is told from another with its number; 0 where it has ended."""
    return int(_told(pid)[19])


def processor_seconds(pid: int) -> float:
    """Return the seconds that a process has spent on a processor, 0 where it has ended."""
    told = _told(pid)
    return (int(told[11]) + int(told[12])) / TICKS_A_SECOND


def _told(pid: int) -> list[str]:
    """Return what the system tells of a process from its state on (proc_pid_stat(5)), nothing but 0 where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def allow_many_files() -> None:
    """Let this process and those that it starts open as many files as they may, a connection being one.

    Raises SettingsError where these are too few for any of them to work.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < LEAST_FILES:
        raise SettingsError(
            f"The limit of open files of a process (ulimit -n) is {most:,}, and a server needs {LEAST_FILES} at least, "
            "and one more for each connection; raise it."
        )
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, MOST_FILES), most))


def require_processes(least: int) -> None:
    """Raise SettingsError where this user may start fewer processes and threads than a server has at rest."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    # The kernel holds nobody to it who may do everything.
    if limit == resource.RLIM_INFINITY or os.getuid() == 0:
        return
    left = limit - _tasks_of(os.getuid())
    if left < least:
        raise SettingsError(
            f"The limit of processes and threads of this user (ulimit -u) leaves {max(0, left):,}, and a server with these "
            f"settings needs {least:,}: raise it, or lower KOUAN_WORKERS and KOUAN_EVALUATORS."
        )


def _tasks_of(user: int) -> int:
    found = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += len(list((entry / "task").iterdir())) if entry.stat().st_uid == user else 0
    return found


def call_oneself(name: str) -> None:
    """Let the system's lists of processes show what this one is, in 15 characters."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"kouan-{name}".encode(), 0, 0, 0)


def end_with_parent(parent: int) -> None:
    """Let the kernel end this process when its parent ends; end it now where that has gone already."""
    _when_parent_ends(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _when_parent_ends(how: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how, 0, 0, 0)


def _close_all_but(keep: set[int]) -> None:
    for entry in [int(each.name) for each in OPEN_FILES.iterdir()] if OPEN_FILES.is_dir() else range(3, 1024):
        if entry not in keep:
            with contextlib.suppress(OSError):
                os.close(entry)
