"""What every command of the command line shares: one sentence for an error, progress, and columns that line up. Knows no command."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kouan.cli import INTERRUPTED, work_begins
from kouan.errors import KouanError

STANDARD = Path("-")
MOST_OF_NAME = 200
TERMINATED = 143
OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A file to write; - or nothing is standard output.",
)


def put(text: str, output: Path | None) -> None:
    """Write a text to a file, or to standard output where none is named or - is; raises KouanError where it cannot be."""
    put_bytes(text.encode("utf-8", "surrogatepass"), output)


def put_bytes(content: bytes, output: Path | None) -> None:
    """Write bytes as `put` writes a text."""
    try:
        if output is None or output == STANDARD:
            # Who starts a program may close it.
            if sys.stdout is None:
                raise OSError(errno.EBADF, "it is closed")
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        _write(content, output)
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "The standard output" if output in {None, STANDARD} else output
        raise KouanError(f"{name} cannot be written: {error.strerror}.") from error


def _write(content: bytes, output: Path) -> None:
    """Write a file whole or not at all: what stood there is kept where a disk is full."""
    target = output.resolve()
    if target.exists() and not (target.is_file() and os.access(target.parent, os.W_OK)):
        # A pipe or a device is written to as it is, and so is a file in a folder that takes no other.
        output.write_bytes(content)
        return
    # A name may have 255 bytes, and what is added to this one has ten.
    begun = os.fsdecode(os.fsencode(target.name)[:MOST_OF_NAME]).encode(errors="ignore").decode()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{begun}.", delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            mode = target.stat().st_mode if target.exists() else 0o666 & ~_mask()
            unfinished.chmod(stat.S_IMODE(mode))
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


def is_there(path: Path) -> bool:
    """Return whether a file is there; one whose name is longer than any can be is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """Turn an error of ours into one sentence on standard error and exit status 1, and an interrupt into status 130.

    Who is asked to end puts away what it began first, also as the first process of a container, which hears of nothing unasked.
    """

    @wraps(command)
    def run(*args: Any, **given: Any) -> None:
        before = end_well(TERMINATED)
        work_begins()
        try:
            command(*args, **given)
        except KouanError as error:
            click.echo(f"kouan: {error.message}" if "\n" not in error.message else f"kouan: {error}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)

    return run


def end_well(status: int) -> Any:
    """Let this process end with a status where it is asked to, on its way out of whatever it does; return what held before.

    Nothing holds, and None is returned, in a thread beside the first.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.signal(signal.SIGTERM, lambda *_: sys.exit(status))


def say(line: str) -> None:
    """Tell of progress, on standard error."""
    click.echo(line, err=True)


def in_columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a head, in columns that line up."""
    cells = [list(head), *map(list, rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _width(text: str) -> int:
    """Return the columns that a text takes in a terminal, where a Chinese character takes two."""
    return sum(2 if "\u2e80" <= c <= "\uffdc" else 1 for c in text)
