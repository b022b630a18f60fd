"""The command `kouan reconcile`: a table of names gets identifiers, and a person decides about what is doubtful."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kouan.cli.history import snapshot_of
from kouan.cli.terminal import STANDARD, is_there, put, put_bytes, reporting, say
from kouan.errors import KouanError
from kouan.graph.whole_numbers import whole_number
from kouan.settings import read_settings

if TYPE_CHECKING:
    from kouan.linking.candidate import Candidate
    from kouan.linking.service import Service
    from kouan.linking.tables import Ask, DoubtfulName, Reply

NONE, SKIP, BACK, STOP, HELP = "n", "s", "b", "q", "?"
AT_THE_FIRST = "  This is the first."
KEYS = f"""  number  the name means this candidate; that is kept, and not asked again
  {NONE}       it means none of them, which is kept, too
  {SKIP}       leave it: nothing is kept, and it is asked the next time; what was said of it just now is taken back
  {BACK}       back to the name before, to say it anew
  {STOP}       stop; what was decided is kept, and the table is written with it
A candidate stands with its score, of 100, and what speaks for it: how alike the names are, and what else the row says."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--column",
    "columns",
    required=True,
    multiple=True,
    metavar="COLUMN[=PROPERTY]",
    help="A column that holds names; with a property, one that says more of those before it, such as province=locatedIn.",
)
@click.option("--type", "kind", default="", help="A class that all the things have, such as City.")
@click.option("--type-column", default="", help="A column that holds the class; --column NAME=type is the same.")
@click.option("--within", default="", help="A column that holds the province; --column NAME=locatedIn is the same.")
@click.option("--code", default="", help="A column that holds an identifier; --column NAME=id is the same.")
@click.option("--point", default="", help="A column that holds longitude and latitude, such as 127.5 50.25.")
@click.option("--against", default="", help="Other data: RDF files, a folder, or the address of a SPARQL endpoint.")
@click.option("-i", "--interactive", is_flag=True, help="Ask about each doubtful name; a key chooses.")
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of decisions, read first and added to; FILE.decisions.csv is, where it is there or one is asked.",
)
@click.option(
    "--sssom", type=click.Path(path_type=Path, allow_dash=True), help="Write what is sure or decided as SSSOM."
)
@click.option("--encoding", default="", help="The encoding of a CSV or TSV; else its mark, or UTF-8, GB 18030 or Big5.")
@click.option(
    "--delimiter", default="", help="What parts the columns of a CSV or TSV, such as ; or tab; else its rows tell."
)
@click.option("--sheet", default="", help="The sheet of a workbook; else the first.")
@click.option(
    "--header-row",
    type=click.IntRange(min=1),
    default=1,
    help="The row, or line, that names the columns; else the first.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A file to write, beside the input by default; - is standard output.",
)
@click.option("--overwrite", is_flag=True, help="Write over a file that is there, the input too.")
@reporting
def reconcile(
    file: Path,
    columns: tuple[str, ...],
    kind: str,
    type_column: str,
    within: str,
    code: str,
    point: str,
    against: str,
    interactive: bool,
    decisions: Path | None,
    sssom: Path | None,
    encoding: str,
    delimiter: str,
    sheet: str,
    header_row: int,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Add identifiers to the names of a table (CSV, TSV, XLSX, Parquet); nothing is fetched but from --against an endpoint.

    \b
    Example: kouan reconcile places.csv --column place --column province=locatedIn
             kouan reconcile places.xlsx --column from --column to --type Port --interactive --sssom links.tsv
    """
    from kouan.linking.any_table import Layout
    from kouan.linking.decisions import Decisions, write_sssom
    from kouan.linking.table_files import read_table
    from kouan.linking.tables import Columns, Reconciliation

    target = output or file.with_name(f"{file.stem}.reconciled{file.suffix}")
    is_standard = target == STANDARD
    if not is_standard and target.suffix.lower() != file.suffix.lower():
        raise KouanError(f"{target.name} would be of another kind than {file.name}; give it the ending {file.suffix}.")
    _require_free(target, "--output", overwrite)
    if decisions is not None and not interactive and not is_there(decisions):
        raise KouanError(f"There is no file {decisions}; --interactive begins one.")
    kept = decisions or file.with_name(f"{file.name}.decisions.csv")
    if sssom is not None:
        if sssom != STANDARD and sssom.resolve() in {file.resolve(), target.resolve()}:
            raise KouanError(f"{sssom} would be the table and its mappings at once; name another file with --sssom.")
        _require_free(sssom, "--sssom", overwrite)
    for path, option in ((file, "--decisions"), (target, "--output"), (sssom, "--sssom")):
        # Whatever is overwritten, decisions are not.
        if path not in {None, STANDARD} and path.resolve() == kept.resolve():
            raise KouanError(
                f"{path} would hold the decisions and something else at once; name another file with {option}."
            )
    table = read_table(file, Layout(encoding, delimiter, sheet, header_row))
    for note in table.notes:
        say(note)
    names, said = _read_columns(columns, table.columns)
    said += [(column, pid, "") for column, pid in _older(type_column, within, code, point) if column]
    if not names:
        raise KouanError(
            f"Say which column holds the names, such as --column '{table.columns[0]}'; {file.name} has {', '.join(table.columns)}."
        )
    service = service_over(against)
    wanted = service.gazetteer.class_named(kind) if kind else ""
    if kind and not wanted:
        raise KouanError(f"There is no class {kind}; there are City, County, Port and others, see /ontology.")
    work = Reconciliation(table, Columns(tuple(names), tuple(said), wanted), service, Decisions(kept))
    with click.progressbar(
        length=len(table.rows), label="names", file=sys.stderr, hidden=sys.stderr is None or not sys.stderr.isatty()
    ) as bar:
        work.match(bar.update)
    if interactive:
        try:
            work.ask(_person(service))
        except (KeyboardInterrupt, click.Abort):
            if kept.exists():
                say(f"\nWhat was decided is kept in {kept}; ask again to go on.")
            raise
    try:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / file.name
            counts = work.write(written)
            content = written.read_bytes()
    except OSError as error:
        raise KouanError(f"The folder for temporary files cannot be written to: {error.strerror}.") from error
    put_bytes(content, target)
    if sssom is not None:
        put(write_sssom(work.mapped(), f"Names of {file.name}"), sssom)
    say(f"{target}: " + ", ".join(f"{count} {status}" for status, count in counts.items()))


def _require_free(path: Path, option: str, overwrite: bool) -> None:
    if path != STANDARD and is_there(path) and not overwrite:
        raise KouanError(f"{path} is there already; name another file with {option}, or say --overwrite.")


def _older(type_column: str, within: str, code: str, point: str) -> list[tuple[str, str]]:
    return [(type_column, "type"), (within, "locatedIn"), (code, "id"), (point, "point")]


def _read_columns(given: tuple[str, ...], there: list[str]) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Return the columns of names, and those of properties with the names that they speak of; a column may have = in its name.

    Where properties stand between names, each speaks of the name before it; else every one speaks of all of them.
    """
    names: list[str] = []
    said: list[tuple[str, str, str]] = []
    for each in given:
        column, equals, pid = each.rpartition("=")
        if equals and each not in there:
            said.append((column, pid, names[-1] if names else ""))
        elif each not in names:
            names.append(each)
    is_apart = any(of and of != names[-1] for _, _, of in said)
    return names, said if is_apart else [(column, pid, "") for column, pid, _ in said]


def service_over(against: str) -> Service:
    """Return the service over our graph, over other files, or over what an endpoint tells of its things."""
    from kouan.linking.gazetteer import Gazetteer
    from kouan.linking.matching import Matcher
    from kouan.linking.other_data import OtherData, patterns, read_named
    from kouan.linking.service import Service

    settings = read_settings()
    if not against:
        gazetteer = Gazetteer(snapshot_of((), settings).source_quads())
    elif against.startswith(("http://", "https://")):
        from kouan.linking.wikidata.fetching import fetch_said

        quads = fetch_said(patterns(), against, settings, progress=say)
        gazetteer = OtherData(quads, settings.reconcile_holders.split())
    else:
        if not Path(against).exists():
            raise KouanError(f"There is no file or folder {against}; an endpoint begins with http:// or https://.")
        from pyoxigraph import QueryTriples, RdfFormat

        from kouan.snapshot.opening import open_store

        store = open_store(snapshot_of((Path(against),), settings))

        def construct(query: str) -> bytes:
            told = store.query(query, use_default_graph_as_union=True)
            return told.serialize(format=RdfFormat.N_TRIPLES) or b"" if isinstance(told, QueryTriples) else b""

        gazetteer = OtherData(read_named(construct), settings.reconcile_holders.split())
    if not gazetteer.things:
        raise KouanError(f"Nothing in {against or 'the graph'} has a name.")
    return Service(gazetteer, Matcher(gazetteer))


def _person(service: Service) -> Ask:
    """Return what shows a doubtful name with its candidates, and reads a key."""
    from kouan.linking.tables import Reply

    replies = {NONE: Reply.NONE, SKIP: Reply.LATER, BACK: Reply.BACK, STOP: Reply.STOP, "": Reply.STOP}

    def ask(question: DoubtfulName) -> Candidate | Reply:
        candidates = question.candidates
        _show(question, service)
        while True:
            key = _key()
            if (chosen := whole_number(key)) and chosen <= len(candidates):
                return candidates[chosen - 1]
            if key == HELP:
                say(KEYS)
            elif key == BACK and question.number == 1:
                say(AT_THE_FIRST)
            elif key in replies:
                return replies[key]

    return ask


def _show(question: DoubtfulName, service: Service) -> None:
    asked, decision = question.asked, question.decision
    say(f"\n{question.number} of {question.count}: {asked.name}" + (f"  ({asked.evidence})" if asked.evidence else ""))
    for number, each in enumerate(question.candidates, 1):
        why = ", ".join(f"{name} {value}" for name, value in service.features(each).items())
        say(f"  {number}  {each.score:5.1f}  {each.thing.label}: {service.shown.describe(each.thing)}")
        say(f"            {why}")
    if decision is not None:
        say(f"  You said: {decision.label or decision.id or 'none of them'}")
    numbers = "1" if len(question.candidates) == 1 else f"1-{len(question.candidates)}"
    say(f"  {numbers} choose, {NONE} none of them, {SKIP} leave it, {BACK} back, {STOP} stop, {HELP} help")


def _key() -> str:
    """Return a key that is pressed, or the next character of what is sent; "" at its end."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        return click.getchar().casefold()
    while (sent := sys.stdin.read(1)).isspace():
        continue
    return sent.casefold()
