"""Work one write out, in a process that ends with it. Knows data and policies; what is decided elsewhere is when and by whom."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kouan.engine.evaluator import STACK_SIZE, too_much_memory
from kouan.errors import EngineFailure, KouanError, RequestError, short_of
from kouan.history.entry import Commit, Entry, now_after
from kouan.history.exact import ExactStore
from kouan.history.patch import LONGEST_LINE
from kouan.processes.memory import bound
from kouan.processes.wall import shut_in
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.writes.change import UNDO, change, too_long, undone
from kouan.writes.policy import Policy
from kouan.writes.request import SURROGATES, Request

SHOWN_PATCH = 200_000
# What an entry begins with, and nothing else that a worker says.
ENTRY = "H "
SECONDS_BETWEEN_LOOKS = 0.2


@dataclass
class DatasetState:
    """Where a dataset stands: its version, its data, the checksum of its last write, and what may be written to it."""

    snapshot: Snapshot
    data: ExactStore
    head: str
    policy: Policy


def be_worker(standing: DatasetState, request: Request, settings: Settings, pipe: int) -> None:
    """Work a write out and say what came of it, then end the process; it ends before where nobody waits for it any more."""
    parent = os.getppid()
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        snapshot, asks_reasoner = standing.snapshot, request.reason
        # The reasoner is a program of its own, which reads a file; it reaches nobody either.
        readable = [snapshot.folder.parent, settings.snapshots, settings.journals, settings.home]
        shut_in(readable, may_write=asks_reasoner, may_fork=True, may_start=asks_reasoner)
        threading.stack_size(STACK_SIZE)
        thread = threading.Thread(target=_say, args=(standing, request, settings, pipe), daemon=True)
        thread.start()
        while thread.is_alive() and os.getppid() == parent:
            thread.join(SECONDS_BETWEEN_LOOKS)
    except RuntimeError:
        # Python's word for a thread that the system does not give.
        os.write(pipe, json.dumps(refusal(short_of("thread"))).encode())
    except BaseException as error:
        sys.stderr.write(f"a write could not be worked out: {error!r}\n")
    os._exit(0)


def _say(standing: DatasetState, request: Request, settings: Settings, pipe: int) -> None:
    # Who asked may have been killed meanwhile, and then nobody hears what came of it.
    with contextlib.suppress(BrokenPipeError), os.fdopen(pipe, "wb") as output:
        said = outcome(standing, request, settings)
        text = said.text() if isinstance(said, Entry) else json.dumps(said)
        output.write(text.encode("utf-8", SURROGATES))


def outcome(standing: DatasetState, request: Request, settings: Settings) -> Entry | dict[str, Any]:
    """Return what came of a write: the entry to be recorded, or what else the client is told as JSON values."""
    try:
        return _outcome(standing, request, settings)
    except RequestError as error:
        return refusal(error)
    except MemoryError:
        return refusal(too_much_memory(settings.memory_limit))
    except KouanError as error:
        sys.stderr.write(f"{error.message}\n")
        failure = EngineFailure("The write met data of the server's own that is at fault; nothing was changed.")
        return refusal(failure)


def _outcome(standing: DatasetState, request: Request, settings: Settings) -> Entry | dict[str, Any]:
    snapshot, data = standing.snapshot, standing.data
    data.grown.clear()
    with _limited_memory(settings.memory_limit + 2 * STACK_SIZE):
        if request.write.kind == UNDO:
            patch = undone(data, snapshot.writes.entry(int(request.write.text)).written)
        else:
            patch = change(data, request.write)
    if patch.longest() > LONGEST_LINE:
        raise too_long()
    if not patch:
        return {"before": snapshot.version, "version": snapshot.version, "added": 0, "removed": 0}
    revision = standing.policy.revise(snapshot.version, data, patch, reason=request.reason)
    data.apply(revision.followed)
    commit = Commit(
        number=snapshot.number + 1,
        who=request.author.who,
        when=now_after(snapshot.when),
        why=request.author.why,
        before=snapshot.version,
        version=revision.version,
        added=len(patch.added),
        removed=len(patch.removed),
        id=request.id,
        asked=request.asked(),
        base=snapshot.base,
        previous=standing.head,
        counts={graph: count for graph, count in sorted(data.grown.items()) if count},
    )
    if request.is_dry:
        text = patch.text()
        told = {name: getattr(commit, name) for name in ("before", "version", "added", "removed")}
        return told | {"dry_run": True, "patch": text[:SHOWN_PATCH], "patch_is_whole": len(text) <= SHOWN_PATCH}
    return Entry(commit, patch, revision.followed)


def refusal(error: RequestError) -> dict[str, Any]:
    """Return an error as what a client is told."""
    return {"error": error.said()}


@contextlib.contextmanager
def _limited_memory(above: int) -> Iterator[None]:
    """Let this process take so much memory more, and no more than that, for a while."""
    before = bound(above)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
