"""The commands under `kouan wikidata`: compare, candidates, export and fetch; nothing is fetched unless one is told to."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kouan.cli.terminal import OUTPUT, in_columns, put, reporting, say
from kouan.errors import KouanError
from kouan.settings import Settings, read_settings
from kouan.snapshot import Snapshot, build_own, current

if TYPE_CHECKING:
    from kouan.linking.wikidata.comparing import SliceComparison
    from kouan.linking.wikidata.slices import Slice
    from kouan.linking.wikidata.statements import Facts

# What --status takes, and the finding that each stands for.
CHOICES = {
    "agree": "agrees",
    "wikidata-lacks": "Wikidata lacks",
    "kouan-lacks": "Kouan lacks",
    "conflict": "conflicts",
    "unknown": "not in the slice",
}
SHOWN = ("label", "item", "property label", "status", "Kouan", "Wikidata", "note")

RELATED = click.option(
    "--related", is_flag=True, help="Take properties in that the mapping calls only related, such as P190."
)
SLICE = click.option(
    "--slice", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A slice of Wikidata: Turtle, N-Triples, JSON-LD, or entity JSON.",
)  # fmt: skip
ENDPOINT = click.option(
    "--endpoint",
    is_flag=False,
    flag_value="",
    help="Ask a SPARQL service now: the one given, else the one that is set.",
)


SINCE = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Leave out what was read before a day, on Kouan's side or in the slice.",
)


@click.group()
def wikidata() -> None:
    """Compare the graph with Wikidata, and write what Wikidata could take from it."""


@wikidata.command()
@SLICE
@ENDPOINT
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "html"]), default="table")
@click.option("--status", "wanted", multiple=True, type=click.Choice(list(CHOICES)), help="Show these only.")
@click.option("--tolerance", type=click.FloatRange(0), help="Kilometres that points may lie apart, whatever the rank.")
@SINCE
@RELATED
@OUTPUT
@reporting
def compare(
    path: Path | None,
    endpoint: str | None,
    form: str,
    wanted: tuple[str, ...],
    tolerance: float | None,
    since: datetime | None,
    related: bool,
    output: Path | None,
) -> None:
    """Say where Kouan and a slice of Wikidata agree, what each lacks, and what conflicts; exit status 1 on a conflict.

    The slice is the one in the package where none is given; it is small and of several dates.

    \b
    Example: kouan wikidata compare --slice Q349983.json
             kouan wikidata compare --status conflict --format csv -o conflicts.csv
    """
    from kouan.linking.wikidata import reports

    comparison = _since(_compare(read_settings(), path, endpoint, related, tolerance), since)
    statuses = [CHOICES[each] for each in wanted] or list(reports.default_statuses())
    if form == "table":
        rows = [[row[column] for column in SHOWN] for row in reports.rows(comparison, statuses)]
        written = in_columns(SHOWN, rows) + "\n"
    else:
        write = {"csv": reports.write_csv, "json": reports.write_json, "html": _page}[form]
        written = write(comparison, statuses)
    put(written, output)
    say(reports.sentence(comparison))
    sys.exit(1 if comparison.count("conflicts") else 0)


@wikidata.command()
@SLICE
@ENDPOINT
@click.option("--format", "form", type=click.Choice(["table", "csv"]), default="table")
@SINCE
@RELATED
@OUTPUT
@reporting
def candidates(
    path: Path | None, endpoint: str | None, form: str, since: datetime | None, related: bool, output: Path | None
) -> None:
    """List what Wikidata has and Kouan lacks, for editors: the term that would hold it, and where it stands in Wikidata.

    \b
    Example: kouan wikidata candidates --format csv -o candidates.csv
             kouan wikidata candidates --slice Q349983.json
    """
    from kouan.linking.wikidata import reports

    comparison = _since(_compare(read_settings(), path, endpoint, related, None), since)
    found = reports.candidates(comparison)
    if form == "table":
        shown = ("label", "property label", "value", "Wikidata reference")
        put(in_columns(shown, [[row[column] for column in shown] for row in found]) + "\n", output)
    else:
        put(reports.write_candidates(comparison), output)
    say(f"{len(found)} candidates for {len({row['thing'] for row in found})} things in {comparison.slice.name}")


@wikidata.command()
@click.option(
    "--against", help="A slice of Wikidata, a file or an endpoint's address; only what it covers and lacks is written."
)
@ENDPOINT
@click.option(
    "--format",
    "form",
    type=click.Choice(["quickstatements", "csv", "openrefine"]),
    default="quickstatements",
    help="Commands of QuickStatements, those as a table, or a schema of edits that OpenRefine imports.",
)
@click.option(
    "--include-licence", "licences", multiple=True, help="Take facts of sources under this licence too, such as MIT."
)
@click.option("--conflicts", is_flag=True, help="Write what Wikidata says otherwise, too.")
@click.option("--create", multiple=True, help="Make a new item for a thing, named as /id/NAME; search Wikidata first.")
@SINCE
@RELATED
@OUTPUT
@reporting
def export(
    against: str | None,
    endpoint: str | None,
    form: str,
    licences: tuple[str, ...],
    conflicts: bool,
    create: tuple[str, ...],
    since: datetime | None,
    related: bool,
    output: Path | None,
) -> None:
    """Write facts that Wikidata could take, with references, for QuickStatements or OpenRefine; nothing is sent.

    Without a slice to hold them against, labels and aliases are left out, because a label overwrites the one that
    is there; a statement that is there already only gets one more reference. Facts of sources under a licence that
    CC0 does not allow are left out unless --include-licence names it.

    \b
    Example: kouan wikidata fetch -o slice.ttl && kouan wikidata export --against slice.ttl -o commands.tsv
    """
    from kouan.linking.wikidata.openrefine import write_schema
    from kouan.linking.wikidata.proposals import Wishes, propose
    from kouan.linking.wikidata.quickstatements import write_commands, write_table

    settings = read_settings()
    path = None
    if against is not None and against.startswith(("http://", "https://")):
        endpoint = against
    elif against is not None:
        path = Path(against)
    comparison = _since(_compare(settings, path, endpoint, related, None), since)
    wishes = Wishes(path is None and endpoint is None, conflicts, create, licences)
    found = propose(comparison, comparison.facts.sources, wishes)
    if form == "openrefine":
        put(write_schema(found, comparison.facts.properties, comparison.labels), output)
    else:
        put(write_commands(found) if form == "quickstatements" else write_table(found), output)
    say(f"{found.count} statements and names, {len(found.new)} new items")
    for why, number in sorted(found.left_out.items()):
        how = "" if " " in why and " or " not in why else f"; --include-licence {why.split(' or ')[0]} takes them"
        say(f"left out: {number} statements, {why}{how}")


@wikidata.command()
@ENDPOINT
@OUTPUT
@RELATED
@reporting
def fetch(endpoint: str | None, output: Path | None, related: bool) -> None:
    """Ask Wikidata's SPARQL service for the linked items, and keep the answer as a dated slice of Turtle.

    \b
    Example: kouan wikidata fetch -o slice.ttl
             kouan wikidata fetch --endpoint http://localhost:7878/query -o slice.ttl
    """
    from kouan.linking.wikidata.fetching import fetch_slice, write_slice

    settings = read_settings()
    facts = _facts(settings, related)
    quads = fetch_slice(facts, endpoint or settings.wikidata_endpoint, settings, progress=say)
    put(write_slice(quads), output)
    say(f"{output or '-'}: {len(quads)} statements")


def _compare(
    settings: Settings, path: Path | None, endpoint: str | None, related: bool, tolerance: float | None
) -> SliceComparison:
    from kouan.linking.wikidata.comparing import compare as hold_against

    if path is not None and endpoint is not None:
        raise KouanError("Give a slice or an endpoint, not both.")
    facts = _facts(settings, related)
    return hold_against(facts, _slice(facts, settings, path, endpoint), tolerance)


def _since(comparison: SliceComparison, since: datetime | None) -> SliceComparison:
    return comparison if since is None else comparison.since(since.date().isoformat())


def _slice(facts: Facts, settings: Settings, path: Path | None, endpoint: str | None) -> Slice:
    from kouan.linking.wikidata.slices import packaged_slice, read_slice, slice_of

    if path is not None:
        return read_slice(path, facts.kinds)
    if endpoint is None:
        return packaged_slice(_own(settings).source_quads(), facts.kinds)
    from kouan.linking.wikidata.fetching import fetch_slice

    address = endpoint or settings.wikidata_endpoint
    return slice_of(fetch_slice(facts, address, settings, progress=say), address, facts.kinds)


def _facts(settings: Settings, related: bool) -> Facts:
    from kouan.linking.wikidata.statements import Facts

    return Facts(_own(settings).source_quads(), related)


def _own(settings: Settings) -> Snapshot:
    return current(settings) or build_own(settings, progress=say)


def _page(comparison: SliceComparison, statuses: Any) -> str:
    from kouan.linking.wikidata.pages import stand_alone

    return stand_alone(comparison, statuses)
