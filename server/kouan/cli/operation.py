"""The commands on a server that runs: begin anew with newer data, copy what is served, bring it back. Does no work of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import click

from kouan.cli.terminal import reporting
from kouan.errors import KouanError
from kouan.processes.child import has_ended
from kouan.settings import read_settings

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="Write over a file that is there.")
@reporting
def backup(file: Path, overwrite: bool) -> None:
    """Copy the snapshots and all that was written into one file; a server may serve and write meanwhile.

    \b
    Example: kouan backup kouan-backup.tar
    """
    from kouan.snapshot.backup import back_up

    if file.exists() and not overwrite:
        raise KouanError(f"{file} is there already; name another file, or say --overwrite.")
    kept = back_up(read_settings(), file)
    click.echo(f"{file}: {len(kept.versions)} snapshots and {kept.writes} writes, {kept.size:,} bytes")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Move a history that is there aside.")
@reporting
def restore(file: Path, overwrite: bool) -> None:
    """Bring back what a backup holds, after every file of it was checked; no server may write meanwhile.

    \b
    Example: kouan restore kouan-backup.tar
    """
    from kouan.snapshot.backup import restore as bring_back

    kept = bring_back(read_settings(), file, over=overwrite)
    click.echo(f"{file}: {len(kept.versions)} snapshots and {kept.writes} writes are back")


@click.command()
@click.option(
    "--pid", type=click.IntRange(1), help="The server, where several serve from the same folder of snapshots."
)
@click.option("--wait", type=click.FloatRange(0), default=300.0, help="Seconds to wait until it serves the newer data.")
@reporting
def reload(pid: int | None, wait: float) -> None:
    """Let a running server begin anew with what its files say now; requests go on meanwhile. As a SIGHUP does.

    \b
    Example: kouan reload
    """
    from kouan.app.serving import RENEWED, servers

    snapshots = read_settings().snapshots
    found = {number: folder for number, folder in servers(snapshots).items() if pid in (None, number)}
    if not found:
        raise KouanError(f"No server serves from {snapshots} on this machine; KOUAN_SNAPSHOTS names another folder.")
    if len(found) > 1:
        raise KouanError(
            f"Several servers serve from {snapshots}: name one with --pid, of {', '.join(map(str, found))}."
        )
    ((number, folder),) = found.items()
    before = _said(folder / RENEWED)
    _require_room(folder)
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGHUP)
    end = time.monotonic() + wait
    while (said := _said(folder / RENEWED)) in {before, ""}:
        if time.monotonic() > end:
            raise KouanError(
                f"The server {number} was asked and had not begun anew after {wait:g} seconds; see its log."
            )
        if has_ended(number):
            raise KouanError(f"The server {number} ended meanwhile; see its log.")
        time.sleep(0.1)
    _, outcome, what = said.split(" ", 2)
    click.echo(what.strip())
    sys.exit(0 if outcome == "done" else 1)


def _require_room(folder: Path) -> None:
    """Raise KouanError where nothing can be written to a folder: neither newer data nor what came of it."""
    room = folder / "room"
    try:
        # As much as a file takes at least.
        room.write_bytes(bytes(4096))
    except OSError as error:
        raise KouanError(
            f"Nothing can be written to {folder.parent} ({error.strerror}), where newer data would stand; what was served is "
            "served on."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            room.unlink()


def _said(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8")
    return ""
