"""Read and write the files of a history on a disk that may be full, read only or gone. Knows files, not what is in them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from kouan.errors import (
    NO_FILES,
    DataGone,
    DataReadOnly,
    NoSpace,
    RequestError,
    SnapshotError,
    SourceError,
    short_of,
)

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def take_name(unfinished: Path, path: Path) -> None:
    """Give a file its name unless that is taken, so that a write never replaces another; raises FileExistsError."""
    try:
        os.link(unfinished, path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
            raise
        # A file system without links; the lock alone keeps others out there.
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        unfinished.rename(path)


def to_disk(path: Path) -> None:
    """Make what was written to a file or a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def no_space(folder: Path) -> NoSpace:
    """Return the error of a disk that is full."""
    return NoSpace(
        f"The disk that holds {folder} is full; nothing was changed. Make room and try again.", folder=str(folder)
    )


def unwritable(folder: Path, error: OSError) -> RequestError | SnapshotError:
    """Return the error of a folder that took no write, by what the system said."""
    if error.errno in FULL:
        return no_space(folder)
    if error.errno in NO_FILES:
        return short_of("file")
    if error.errno == errno.EROFS:
        return DataReadOnly(
            f"The file system that holds {folder} is read only, and so is the data; mount it for writing, or set KOUAN_JOURNAL "
            "to a folder that can be written, and start the server anew.",
            folder=str(folder),
        )
    if not folder.is_dir() and error.errno == errno.ENOENT:
        return DataGone(f"The folder {folder} is gone, so nothing can be written; put it back.", folder=str(folder))
    return SnapshotError(f"{folder} cannot be written ({error.strerror}); set KOUAN_JOURNAL to a folder that can.")


def text_of(path: Path) -> str:
    """Return what a file says; raises SourceError where it cannot be read, Busy where the system gives no file for that."""
    if path.exists() and not path.is_file():
        # Whoever reads from a pipe waits for somebody who writes.
        raise SourceError(f"{path} is no file.")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} was altered after it was written: it is not UTF-8.") from error
    except OSError as error:
        if error.errno in NO_FILES:
            raise short_of("file") from error
        raise SourceError(f"{path} cannot be read ({error.strerror}).") from error
