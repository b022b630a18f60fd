"""The command that asks: `kouan query`. Does no work of its own."""

from __future__ import annotations

import gzip
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from kouan.cli.terminal import OUTPUT, STANDARD, in_columns, put_bytes, reporting, say
from kouan.errors import KouanError, QueryError
from kouan.settings import read_settings

# What has no bracket, and no space but in a name that ends as those of queries do, is the name of a file.
NO_QUERY = re.compile(r"[^\s{<]+|[^{<\n]+\.(?:rq|sparql)")
OWN_QUESTIONS = "questions/"
# What a text without quotes is cut to.
KEYWORD = re.compile("SELECT|ASK|CONSTRUCT|DESCRIBE|PREFIX|BASE", re.IGNORECASE)
TABLE = "table"
GZIP, UNWRITTEN = ".gz", {".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz"}
# A file that ends so is one of text, which is no name of CSV here.
TEXT = "text"


@click.command()
@click.argument("words", metavar="QUERY", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    help="Form of the answer: table, or any that a server has: csv, tsv, json, xml, geojson, xlsx, parquet, arrow, html, or of "
    "triples ttl, nt, rdf, jsonld, trig, nq, rj, html. By default as the file is named that is written, or a table.",
)
@click.option("--source", help="A folder or file of RDF, or an endpoint's address; the graph itself by default.")
@OUTPUT
@reporting
def query(words: tuple[str, ...], form: str | None, source: str | None, output: Path | None) -> None:
    """Answer a SPARQL query: its text, a file that holds it, or - for standard input.

    \b
    Example: kouan query 'SELECT ?city WHERE { ?city a kouan:PortCity }' --format csv
             kouan query questions/pilot-zones.rq
    """
    from kouan import library

    query = words[0]
    if len(words) > 1 or KEYWORD.fullmatch(query):
        raise click.UsageError(
            "A query is one argument: put it between single quotes, for a shell cuts it at its spaces."
        )
    text = _query_text(query)
    form = form or _ending(output)
    graph = library.open(source)
    try:
        if form == TABLE:
            # What is named in vain is told below, as all that this command says.
            with warnings.catch_warnings(action="ignore", category=library.UnknownTermWarning):
                put_bytes(_packed((_table(graph, text) + "\n").encode("utf-8", "surrogatepass"), output), output)
        else:
            _put_answer(graph, text, form, output)
    except QueryError as error:
        if error.line is None:
            raise
        name = query if text is not query and query != "-" else "the query"
        raise KouanError(f"{name}:{error.line}:{error.column}: {error.message}") from error
    for warning in graph.warnings:
        say(f"kouan: {warning}")


def _ending(output: Path | None) -> str:
    """Return the form of an answer that the name of a file ends in, a table where it ends in none."""
    from kouan.formats.negotiation import accepted_as

    named = (output.with_suffix("") if output.suffix.lower() == GZIP else output) if output else None
    if output and output.suffix.lower() in UNWRITTEN:
        raise click.UsageError(
            f"{output.name} would be compressed in a way that is only read here; {GZIP} is written, too."
        )
    ending = named.suffix.lower().removeprefix(".") if named else ""
    return ending if ending != TEXT and accepted_as(ending) else TABLE


def _put_answer(graph: Any, text: str, name: str, output: Path | None) -> None:
    """Write the answer to a query in a format; raises NotAcceptable where it has none of that name."""
    from kouan.formats.negotiation import named_among
    from kouan.formats.table import formats_of

    chosen = named_among(name, formats_of(graph.form(text)))
    if chosen is None:
        raise click.UsageError(f"--format {name} leaves the form open; name one, or {TABLE}.")
    is_text = not chosen.library
    if not is_text and output in {None, STANDARD} and sys.stdout.isatty():
        raise click.UsageError(f"{chosen.name} is no text that a terminal shows: name a file with -o, or a pipe.")
    answered = graph.answer(text, chosen.name)
    put_bytes(_packed(answered.rstrip(b"\n") + b"\n" if is_text else answered, output), output)


def _packed(content: bytes, output: Path | None) -> bytes:
    """Return what goes into a file: compressed, where its name ends so."""
    return gzip.compress(content, mtime=0) if output and output.suffix.lower() == GZIP else content


def _query_text(given: str) -> str:
    """Return the text of a query that is given as itself, as a file or as -; raises KouanError where it is no file."""
    if given == "-":
        content, name = sys.stdin.buffer.read(), "Standard input"
    elif NO_QUERY.fullmatch(given):
        path, name = Path(given), given
        if not path.is_file() and given.startswith(OWN_QUESTIONS):
            # The package has them with it.
            path = read_settings().home / given
        if not path.is_file():
            what = "this is a folder" if path.is_dir() else "there is no such file"
            raise KouanError(f"{given}: {what}; give the text of a query, its file, or - for standard input.")
        content = path.read_bytes()
    else:
        return given
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KouanError(f"{name} is not UTF-8 at byte {error.start}; a query is written in UTF-8.") from error


def _table(graph: Any, text: str) -> str:
    from kouan.graph.turtle import write_turtle
    from kouan.vocabulary import PREFIXES

    form = graph.form(text)
    if form == "ASK":
        return "yes" if graph.ask(text) else "no"
    if form != "SELECT":
        return write_turtle(graph.construct(text), PREFIXES).rstrip()
    rows = graph.select(text)
    shown = [[_shorten(v) for v in row.values.values()] for row in rows]
    return f"{in_columns(rows.variables, shown)}\n{len(rows)} {'row' if len(rows) == 1 else 'rows'}"


def _shorten(value: object) -> str:
    from kouan.validation.report import short

    return "" if value is None else short(str(value))
