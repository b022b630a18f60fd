"""The commands on what was written: list it, compact it, take a write back. Does no work of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from kouan.cli.terminal import OUTPUT, put, reporting, say
from kouan.graph.documents import paths_of
from kouan.history.journal import Journal, foreign_journal, own_journal
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_foreign, build_own, current


def snapshot_of(paths: tuple[Path, ...], settings: Settings, *, again: bool = False) -> Snapshot:
    """Return the snapshot of files, or of the graph itself where none are named, built where none is fresh."""
    if not paths:
        standing = None if again else current(settings)
        return standing or build_own(settings, progress=say, again=again)
    if settings.default_graph == "auto" and foreign_journal(paths_of(paths), settings).numbers():
        # What was written to the default graph is served even where nothing can be written any more.
        settings = replace(settings, default_graph="own")
    return build_foreign(paths, settings, progress=say, again=again)


def journal_checks(settings: Settings) -> str:
    """Return what is amiss with the histories and the snapshots that are kept, "" where nothing is; reads all of them."""
    from kouan.snapshot.pruning import all_snapshots

    folders = [path for path in settings.journals.glob("*") if path.is_dir()] if settings.journals.is_dir() else []
    faults = [Journal(folder).check().fault for folder in folders]
    return "\n".join([fault for fault in faults if fault] + all_snapshots(settings).amiss())


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Form of the list.")
@click.option("--compact", is_flag=True, help="Build all that was written into a new snapshot, and fold what is old.")
@OUTPUT
@reporting
def history(paths: tuple[Path, ...], form: str, compact: bool, output: Path | None) -> None:
    """List what was written to the graph, or to other files that were served, by whom and when.

    \b
    Example: kouan history --format json
             kouan history --compact
    """
    settings = read_settings()
    journal = foreign_journal(paths_of(paths), settings) if paths else own_journal(settings)
    if compact:
        _compact(paths, journal, settings)
        return
    commits = journal.commits()
    if form == "json":
        put(json.dumps([commit.shown() for commit in commits], ensure_ascii=False, indent=1) + "\n", output)
        return
    lines = [
        f"{each.number:>4}  {each.when}  {each.who}  +{each.added} -{each.removed}  {each.version[:12]}"
        + (f"  {each.why}" if each.why else "")
        for each in commits
    ]
    put("\n".join(lines or ["Nothing was written."]) + "\n", output)


def _compact(paths: tuple[Path, ...], journal: Journal, settings: Settings) -> None:
    from kouan.snapshot.pruning import compact

    told = compact(journal, lambda: snapshot_of(paths, settings, again=True), settings)
    click.echo(
        f"{told.snapshot.folder} holds all {told.snapshot.number} writes; {told.folded} of them were folded into one, "
        f"and {told.removed} snapshots removed"
    )


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@reporting
def revert(number: int, paths: tuple[Path, ...]) -> None:
    """Take a write back, by a new write that undoes it; no server may be writing meanwhile.

    \b
    Example: kouan revert 3
    """
    from kouan.writes.revert import take_back

    settings = read_settings()
    record = take_back(snapshot_of(paths, settings), number, settings)
    click.echo(
        f"write {record.number} takes write {number} back: +{record.added} -{record.removed}, version {record.version}"
    )
