"""Hold a snapshot open in one single-threaded process and fork evaluators from it. Knows processes; evaluation is elsewhere.

Forking shares the snapshot's memory, which no process changes; it must happen in a process without threads, and a
store on disk is opened after the fork, because its threads do not survive one.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from kouan.engine import frames
from kouan.engine.evaluation import evaluate
from kouan.engine.question import Question
from kouan.errors import RequestError
from kouan.snapshot import Snapshot

# Deep but legal queries recurse in the engine; what is not touched of this costs no memory.
STACK_SIZE = 512 * 1024 * 1024
# The evaluator ends itself this long after its deadline, should the server that would have ended it be gone.
GRACE_SECONDS = 5


def main() -> None:
    """Serve evaluators of the snapshot in the folder named first on the socket named second, until standard input ends."""
    folder, address, memory_limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    snapshot = Snapshot.read(folder)
    store = _open(snapshot) if snapshot.storage == "memory" else None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        gc.collect()
        gc.freeze()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        _serve(listener, store, snapshot, memory_limit)


def _open(snapshot: Snapshot) -> Store:
    if snapshot.storage == "disk":
        return Store.read_only(str(snapshot.store))
    store = Store()
    store.bulk_load(path=snapshot.store, format=RdfFormat.N_QUADS)
    return store


def _serve(listener: socket.socket, store: Store | None, snapshot: Snapshot, memory_limit: int) -> None:
    import select

    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            # The server that started us has closed its end: it is gone, and so are we.
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _evaluator(connection, store, snapshot, memory_limit)
        connection.close()


def _evaluator(connection: socket.socket, store: Store | None, snapshot: Snapshot, memory_limit: int) -> None:
    """Answer questions until the connection ends, then end the process."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.stack_size(STACK_SIZE)
    thread = threading.Thread(target=_answer_all, args=(connection, store, snapshot, memory_limit), daemon=True)
    thread.start()
    thread.join()
    os._exit(0)


def _answer_all(connection: socket.socket, store: Store | None, snapshot: Snapshot, memory_limit: int) -> None:
    store = store or _open(snapshot)
    _limit_memory(memory_limit)
    with contextlib.suppress(EOFError, OSError):
        frames.send(connection, frames.READY, str(os.getpid()).encode())
        while True:
            _, payload = frames.receive(connection)
            _answer(connection, store, snapshot, json.loads(payload))


def _answer(connection: socket.socket, store: Store, snapshot: Snapshot, asked: dict[str, object]) -> None:
    signal_after(float(str(asked["timeout"])) + GRACE_SECONDS)
    question = Question(
        str(asked["text"]),
        tuple(asked["default_graphs"]),  # type: ignore[arg-type]
        tuple(asked["named_graphs"]),  # type: ignore[arg-type]
        bool(asked["infer"]),
    )
    writer = frames.FrameWriter(connection)
    try:
        evaluate(store, question, str(asked["media_type"]), snapshot.prefixes, writer)  # type: ignore[arg-type]
        writer.flush()
        frames.send(connection, frames.END)
    except RequestError as error:
        said = {"type": type(error).__name__, "message": error.message, "extra": error.extra}
        frames.send(connection, frames.FAILED, json.dumps(said).encode())
    except MemoryError:
        os._exit(1)
    signal_after(0)


def signal_after(seconds: float) -> None:
    """Have the kernel end this process after so many seconds; 0 takes that back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory(memory_limit: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    ceiling = pages * resource.getpagesize() + memory_limit
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
