"""Keep a process beside the server: forked from it, restarted when it dies, gone when the server is. Knows not what it does."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import time
from abc import ABC, abstractmethod

SECONDS_BETWEEN_STARTS = 0.2


class Lifeline:
    """A pipe of which the server holds one end: who watches the other sees the server end, however it went."""

    def __init__(self) -> None:
        self.watched, self._held = os.pipe()

    def watch(self) -> None:
        """Let go of the server's end in a process that only watches."""
        os.close(self._held)

    def let_go(self) -> None:
        """Forget the pipe in a process that neither is the server nor watches it."""
        os.close(self._held)
        os.close(self.watched)


class ChildProcess(ABC):
    """A process that takes requests at an address, a socket in the file system."""

    def __init__(self, address: str, lifeline: Lifeline) -> None:
        self.address = address
        self.lifeline = lifeline
        self.pid = 0

    @abstractmethod
    def become(self, listener: socket.socket) -> None:
        """Be the process; never returns."""

    def start(self) -> None:
        """Fork the process and watch it."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(128)
        self._fork(listener)
        threading.Thread(target=self._watch, args=(listener,), daemon=True).start()

    def end(self) -> None:
        """End the process."""
        pid, self.pid = self.pid, 0
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _fork(self, listener: socket.socket) -> None:
        gc.collect()
        gc.freeze()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            try:
                self.lifeline.watch()
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                self.become(listener)
            finally:
                os._exit(1)
        self.pid = pid

    def _watch(self, listener: socket.socket) -> None:
        while True:
            watched = self.pid
            with contextlib.suppress(ChildProcessError):
                os.waitpid(watched, 0)
            if self.pid != watched or not watched:
                listener.close()
                return
            # The listener is ours too, so those who ask in between only wait.
            time.sleep(SECONDS_BETWEEN_STARTS)
            self._fork(listener)
