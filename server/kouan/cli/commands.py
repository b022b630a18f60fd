"""The command line: serve, query, validate, build, reason, reconcile, export, wikidata, doctor. Does no work of its own.

Exit status: 0 done, 1 the data or the query is at fault, 2 the command was not understood, 3 and 4 somebody's shapes warn or
inform, 130 it was interrupted.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from kouan.cli.asking import query
from kouan.cli.audit import audit
from kouan.cli.doctor import doctor
from kouan.cli.exports import export
from kouan.cli.history import history, revert, snapshot_of
from kouan.cli.lists import fill
from kouan.cli.operation import backup, reload, restore
from kouan.cli.reasoning import reason
from kouan.cli.reconciling import reconcile
from kouan.cli.terminal import OUTPUT, end_well, put, reporting, say
from kouan.cli.wikidata import wikidata
from kouan.errors import KouanError
from kouan.processes.allocator import tune
from kouan.processes.child import speak_to_anybody
from kouan.release import VERSION
from kouan.settings import CHOICES, read_settings
from kouan.snapshot import build_own

# What was found at worst, as others' shapes say it.
STATUSES = {"": 0, "Violation": 1, "Warning": 3, "Info": 4}
REPORT_FORMATS = ("table", "turtle", "json", "csv", "junit")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="kouan")
def main() -> None:
    """A graph of China's border cities, ports and corridors, and the server that publishes it."""


main.add_command(query)
main.add_command(doctor)
main.add_command(reconcile)
main.add_command(wikidata)
main.add_command(audit)
main.add_command(export)
main.add_command(fill)
main.add_command(history)
main.add_command(revert)
main.add_command(backup)
main.add_command(restore)
main.add_command(reload)
main.add_command(reason)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--host", help="Address to listen on, a name, or unix: and a path.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="HTTP processes.")
@click.option("--lenient", is_flag=True, default=None, help="Leave out what of the files cannot be read, and list it.")
@click.option("--infer", type=click.Choice(CHOICES["infer"]), help="Complete other files by RDFS or OWL 2 RL.")
@reporting
def serve(
    paths: tuple[Path, ...],
    host: str | None,
    port: int | None,
    workers: int | None,
    lenient: bool | None,
    infer: str | None,
) -> None:
    """Serve the graph, or other RDF files and folders, over SPARQL.

    \b
    Example: kouan serve --port 9000
             kouan serve my-data/ more.ttl --infer owl-rl
    """
    speak_to_anybody()
    end_well(0)
    tune()
    from kouan.app.listening import listening
    from kouan.app.serving import serve as run
    from kouan.engine.abroad import snapshot_abroad
    from kouan.engine.evaluator import require_memory

    # A port that is taken is told before anything is built.
    settings = listening(read_settings(host=host, port=port, workers=workers, lenient=lenient, infer=infer))
    # So is memory that cannot be had; what is loaded takes more of it, and is counted then.
    require_memory(settings)
    # What another engine holds is not built here.
    newest = (
        partial(snapshot_abroad, settings) if settings.engine and not paths else partial(snapshot_of, paths, settings)
    )
    sys.exit(run(newest, settings))


@main.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(REPORT_FORMATS), default="table", help="Form of the report.")
@click.option(
    "--shapes",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Shapes to hold files of anybody's against, instead of the graph's own.",
)
@OUTPUT
@reporting
def validate(files: tuple[Path, ...], form: str, shapes: tuple[Path, ...], output: Path | None) -> None:
    """Hold the graph, or some files of it, against the shapes; exit status 1 on a violation.

    With --shapes the exit status tells the worst that was found: 1 a violation, 3 a warning, 4 an information, 0 nothing.

    \b
    Example: kouan validate triples/chen-2018/p32.ttl --format junit
             kouan validate --shapes mine.ttl data.ttl
    """
    from kouan.graph.dataset import read_files, read_home
    from kouan.graph.documents import left_out
    from kouan.graph.turtle import write_turtle
    from kouan.reasoning import closure
    from kouan.validation import FORMATS, with_files
    from kouan.validation import validate as check
    from kouan.validation.sent import hold_files
    from kouan.vocabulary import PREFIXES

    if unread := left_out((*files, *shapes)):
        say(f"kouan: {unread}")
    if shapes:
        if not files:
            raise KouanError("Name the files to hold against the shapes.")
        triples, report, imported = hold_files(files, shapes)
        for each in imported:
            say(f"kouan: The shapes import <{each}>, which was not read; give its file with --shapes, too.")
        if form == "turtle":
            put(write_turtle(triples, PREFIXES) + "\n", output)
            sys.exit(STATUSES.get(report.worst, 1))
    else:
        given = read_files(files)
        dataset = with_files(read_home(read_settings().home), given)
        report = check(dataset, closure(dataset.reasoned()))
        if files:
            report = report.of_files({file.name for file in given.files})
    put(FORMATS[form](report).rstrip("\n") + "\n", output)
    sys.exit(STATUSES.get(report.worst, 1) if shapes else int(not report.conforms))


@main.command()
@click.option("--again", is_flag=True, help="Build even where a fresh snapshot stands.")
@reporting
def build(again: bool) -> None:
    """Make the snapshot: read, close, check, validate, hash, store.

    \b
    Example: kouan build --again
    """
    build_own(read_settings(), progress=click.echo, again=again)


@main.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(["read", "write"]), default="write", help="What it allows.")
@reporting
def token(name: str, scope: str) -> None:
    """Make a token that lets its holder write, or with --scope read ask what a write would change.

    \b
    Example: kouan token editor
    """
    from kouan.http.tokens import new_token

    secret, entry = new_token(name, scope)
    click.echo(f"Give this to {name}, it is not kept:  {secret}")
    click.echo(f"Add this to KOUAN_TOKEN:  {entry}")
