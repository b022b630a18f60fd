"""One write as it is recorded: who made it and when, from which version to which, and what it changed. Knows text, no files.

Each entry names the checksum of the one before it and ends in its own, so that none can be missing, swapped or altered.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from kouan.errors import SourceError
from kouan.history.patch import BEGIN, END, Patch

# Older entries have a map as it is, which is no term of RDF; a text of JSON is also one of N-Triples.
HEADER = re.compile(r"H (\w+) (\".*\"|\d+|\{.*\}) \.")
MAPS = {"counts"}
CHECKSUM = "# sha256 "


@dataclass(frozen=True)
class Commit:
    """What is recorded of a write beside the quads that it changed.

    `id` is that of the request, and `asked` a checksum of what it asked for. `base` tells the files that the write was made on
    from others: where they are others than before, `before` may be too. `counts` says by how many quads each graph grew, the
    default graph as "".
    """

    number: int
    who: str
    when: str
    why: str
    before: str
    version: str
    added: int
    removed: int
    id: str = ""
    asked: str = ""
    base: str = ""
    previous: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return what people are told of the write, as JSON values."""
        told = ("number", "who", "when", "why", "before", "version", "added", "removed", "id")
        return {name: getattr(self, name) for name in told}


@dataclass(frozen=True)
class Entry:
    """A write: what is recorded of it, what was written, and what followed from that."""

    commit: Commit
    written: Patch
    followed: Patch = field(default_factory=Patch)

    def text(self) -> str:
        """Return the entry as the text of its file."""
        said = {each.name: getattr(self.commit, each.name) for each in fields(Commit)}
        said |= {name: json.dumps(said[name], ensure_ascii=False) for name in MAPS}
        head = "".join(f"H {name} {json.dumps(value, ensure_ascii=False)} .\n" for name, value in said.items())
        body = head + self.written.text() + (self.followed.text() if self.followed else "")
        return f"{body}{CHECKSUM}{_checksum(body)}\n"

    @classmethod
    def parse(cls, text: str, name: str) -> Entry:
        """Return the entry of a text; raises SourceError, with its name, where it is not as it was written."""
        checksum_of(text, name)
        said, lines = _read(text, name)
        patches: list[Patch] = []
        start = 0
        for place, line in enumerate(lines):
            if line == BEGIN:
                start = place + 1
            elif line == END:
                patches.append(Patch.of_lines(lines[start:place], name))
        if not 1 <= len(patches) <= 2:
            raise SourceError(f"{name} holds {len(patches)} transactions, and a write has one or two.")
        return cls(_commit(said, name), *patches)


def checksum_of(text: str, name: str) -> str:
    """Return the checksum that an entry ends in; raises SourceError where the rest of it is not what that was made of."""
    if not text.endswith("\n") or "\n" not in text[:-1]:
        raise SourceError(f"{name} breaks off before its end.")
    start = text.rindex("\n", 0, -1) + 1
    last = text[start:-1]
    if not last.startswith(CHECKSUM):
        raise SourceError(f"{name} breaks off before its end.")
    if last.removeprefix(CHECKSUM) != _checksum(text[:start]):
        raise SourceError(f"{name} was altered after it was written: its checksum does not hold.")
    return last.removeprefix(CHECKSUM)


def commit_of(text: str, name: str) -> Commit:
    """Return what is recorded of a write; raises SourceError where its entry is not as it was written."""
    checksum_of(text, name)
    return _commit(_read(text[: text.index("\n" + BEGIN) + 1], name)[0], name)


def now() -> str:
    """Return the time as entries say it."""
    return time_of(time.time())


def now_after(when: str) -> str:
    """Return the time as entries say it, a second after an earlier one where the clock was put back since: no two share a second."""
    time_now = now()
    if not when or time_now >= when:
        return time_now
    return time_of(datetime.fromisoformat(when).timestamp() + 1)


def time_of(seconds: float) -> str:
    """Return a time of seconds since 1970 as entries say it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def chained(version: str, patch: Patch) -> str:
    """Return the version that a patch leads to from another, for data too large to be hashed anew for each write."""
    return hashlib.sha256(f"{version}\n{patch.text()}".encode()).hexdigest()


def _read(text: str, name: str) -> tuple[dict[str, Any], list[str]]:
    """Return the headers and the lines after them. Only \\n ends a line: a literal may hold every other sign that looks so."""
    lines = text.split("\n")
    said: dict[str, Any] = {}
    for place, line in enumerate(lines):
        header = HEADER.fullmatch(line)
        if header is None:
            return said, lines[place:]
        try:
            value = json.loads(header[2])
            said[header[1]] = json.loads(value) if header[1] in MAPS and isinstance(value, str) else value
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{name} has a header that cannot be read: {line[:60]!r}.") from error
    return said, []


def _commit(said: dict[str, Any], name: str) -> Commit:
    if not all(isinstance(said[each], dict) for each in MAPS & said.keys()):
        raise SourceError(f"{name} has a header that is no map.")
    try:
        return Commit(**said)
    except TypeError as error:
        raise SourceError(f"{name} has not the headers of a write ({error}).") from error


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
