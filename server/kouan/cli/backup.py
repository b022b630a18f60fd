"""The commands that copy what is served into one file, and bring it back. Does no work of its own."""

from __future__ import annotations

from pathlib import Path

import click

from kouan.cli.terminal import reporting
from kouan.errors import KouanError
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
