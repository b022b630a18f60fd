"""Hold an answer back while it is small, and write it to a file of who asked when it is not. Knows no formats.

Nothing of a large answer is sent before all of it is there: so that its status can still be an error, and so that a client
that reads slowly holds a file and not an evaluator.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kouan.engine.answer import END, LARGE, MORE, WHOLE
from kouan.errors import NoSpace, RequestError, error_said
from kouan.evaluation.question import SELECT
from kouan.formats.rows import RowCount
from kouan.processes.channel import Channel, packed

# An answer up to this size goes through the channel.
BUFFERED_BYTES = 1024 * 1024
WRITTEN_AT_ONCE = 256 * 1024


class NoRoom(Exception):
    """Who asked has no room for more of the answer; `reason` is what the client is told."""

    def __init__(self, reason: RequestError) -> None:
        super().__init__(reason.message)
        self.reason = reason


class AnswerWriter:
    """A binary file for serialisers; `said` is what is told of the answer before its bytes."""

    def __init__(self, channel: Channel, limit: int, *, folder: Path, counts: bool = False) -> None:
        """Take the bytes that an answer may have, 0 for any number, where files stand, and whether the rows of tables are counted."""
        self.said: dict[str, Any] = {}
        self._counts = counts
        self._rows: RowCount | None = None
        self._channel = channel
        self._limit = limit
        self._folder = folder
        self._buffer = bytearray()
        self._file = -1
        self._room = 0
        self.written = 0

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken, which is all; raises OverflowError past the limit, NoRoom where none is given."""
        self.written += len(data)
        if self._limit and self.written > self._limit:
            raise OverflowError
        if self._counts and self.said.get("form") == SELECT:
            self._rows = self._rows or RowCount(self.said["type"])
            self._rows.see(data)
        self._buffer += data
        if len(self._buffer) >= (BUFFERED_BYTES if self._file < 0 else WRITTEN_AT_ONCE):
            self._spool()
        return len(data)

    def flush(self) -> None:
        """Do nothing; serialisers call this when they please."""

    def begin_anew(self) -> bool:
        """Forget what was written where none of it has left yet; return whether that is so."""
        if self._file < 0:
            self._buffer.clear()
            self._rows, self.written = None, 0
        return self._file < 0

    def finish(self) -> None:
        """Send the answer whole, or the end of it."""
        rows = {} if self._rows is None else {"rows": self._rows.rows}
        if self._file < 0:
            self._channel.send(packed(WHOLE, self.said | rows, bytes(self._buffer)))
            return
        self._spool()
        self._channel.send(packed(END, {"size": self.written} | rows))

    def close(self) -> None:
        """Close the file where there is one."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _spool(self) -> None:
        if self._file < 0:
            self._room = self._granted(packed(LARGE, self.said))
            self._file = self._channel.take_file()
        while self.written > self._room:
            self._room = self._granted(packed(MORE, {"size": self.written}))
        rest = memoryview(bytes(self._buffer))
        self._buffer.clear()
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise NoRoom(
                NoSpace(
                    f"The disk that holds {self._folder}, where large answers are made, is full; ask for less, or tell the "
                    "operator to make room.",
                    folder=str(self._folder),
                )
            ) from error

    def _granted(self, message: bytes) -> int:
        """Return how many bytes the answer may have in all, after who asked gave them."""
        self._channel.send(message)
        said = self._channel.receive().said
        if "error" in said:
            raise NoRoom(error_said(said["error"]))
        return int(said["room"])
