"""Give large answers files without names, within the bytes that all of them may have. Knows files, nothing of answers."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path

from kouan.errors import Busy, TooLarge, short_of

# An answer is given so much at a time, so that a small one does not hold what a large one needs.
GRANTED_AT_ONCE = 32 * 1024 * 1024


class Spool:
    """The files of one HTTP process; any thread may ask."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Take the folder that the files stand in and the bytes that they may have together."""
        self.folder = folder
        self.limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """Return the bytes that are given away."""
        return self._taken

    def open(self) -> int:
        """Return a new file without a name, in memory where the folder takes none; raises Busy where nothing does."""
        try:
            # It is made in the folder of the data, and that is not made anew where it is gone: it would be empty.
            self.folder.mkdir(exist_ok=True)
            with contextlib.suppress(OSError, AttributeError):
                return os.open(self.folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
            # Some file systems have only files with names.
            file, name = tempfile.mkstemp(dir=self.folder, prefix=".answer-")
            Path(name).unlink()
            return file
        except OSError:
            # A folder that cannot be written leaves memory, within the same limit.
            try:
                return os.memfd_create("answer", os.MFD_CLOEXEC)
            except OSError as error:
                raise short_of("file") from error

    def grant(self, held: int, wanted: int) -> int:
        """Return the bytes that an answer which holds some may have from now on, for it wants so many at least.

        Raises TooLarge where it could never have them, Busy where others hold what it needs.
        """
        if wanted > self.limit:
            raise TooLarge(
                f"The answer is larger than {self.limit:,} bytes, all that this server has room for; ask for less with LIMIT, "
                "or ask the operator to raise KOUAN_SPOOL.",
                limit="spool",
                bytes=self.limit,
            )
        with self._lock:
            most = self.limit - self._taken + held
            if wanted > most:
                raise Busy(
                    "Other large answers take all the room that this server has for them; try again in a moment."
                )
            given = min(most, wanted + GRANTED_AT_ONCE)
            self._taken += given - held
        return given

    def give_back(self, size: int) -> None:
        """Take back bytes that were granted."""
        with self._lock:
            self._taken -= size
