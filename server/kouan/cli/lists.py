"""The commands for designated lists: templates to fill in, one a list, and `kouan fill`, which makes a passage of a filled one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pyoxigraph import Literal, NamedNode, Triple

from kouan.cli.terminal import put, reporting, say
from kouan.errors import KouanError
from kouan.graph.place_names import HAN
from kouan.graph.turtle import write_turtle
from kouan.graph.whole_numbers import whole_number
from kouan.settings import read_settings
from kouan.vocabulary import ID, KOUAN, PREFIXES, RDF, SRC, XSD

if TYPE_CHECKING:
    from kouan.library import Graph
    from kouan.linking.service import Service

COLUMNS = ("place", "thing", "from_year", "until_year")
YEARS = {"from_year": KOUAN + "fromYear", "until_year": KOUAN + "untilYear"}
# What the things on a list are, by what the list holds.
CLASSES = {"ports": "Port", "cities": "City", "zones": "CooperationZone", "counties": "County"}
PREFIX = ID + "list-"
QUERY = """PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?list ?kind ?count ?thing ?place (MIN(?first) AS ?from_year) (MAX(?last) AS ?until_year) {
  ?list a kouan:DesignatedList ; kouan:listsKind ?kind ; kouan:declaredCount ?count .
  OPTIONAL {
    ?entry kouan:entryOf ?list ; kouan:listed ?thing . ?thing rdfs:label ?place . FILTER(LANG(?place) = "zh")
    OPTIONAL { ?entry kouan:fromYear ?first } OPTIONAL { ?entry kouan:untilYear ?last }
  }
} GROUP BY ?list ?kind ?count ?thing ?place ORDER BY ?list ?thing"""


def templates(graph: Graph) -> dict[str, str]:
    """Return a CSV for each designated list by its name: a row for whoever sources name, and empty rows for the rest."""
    found: dict[str, list[list[str]]] = {}
    counts: dict[str, int] = {}
    for row in graph.select(QUERY):
        name = row.list.removeprefix(PREFIX)
        counts[name] = row.count
        rows = found.setdefault(name, [])
        if row.thing:
            rows.append([row.place, row.thing.removeprefix(ID), row.from_year or "", row.until_year or ""])
    tables = {}
    for name, rows in found.items():
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([COLUMNS, *rows, *([[""] * len(COLUMNS)] * (counts[name] - len(rows)))])
        tables[name] = text.getvalue()
    return tables


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passage", required=True, metavar="SOURCE/PASSAGE", help="What says so, such as opinion-2015-72/annex.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="A file to write, triples/SOURCE/PASSAGE.ttl by default."
)
@reporting
def fill(file: Path, passage: str, output: Path | None) -> None:
    """Make the Turtle of a passage of a designated list that a person filled in; each place is found by its name.

    The name of FILE is that of the list. What is not surely found is refused, with what it may mean; write the name after /id/
    into the column thing.

    \b
    Example: kouan fill annex-2015-ports.csv --passage opinion-2015-72/annex
             kouan validate && git diff triples/opinion-2015-72
    """
    from kouan import library
    from kouan.cli.reconciling import service_over

    home = read_settings().home
    known = {row.list: row for row in library.open().select(QUERY)}
    listed = known.get(PREFIX + file.stem)
    if listed is None:
        raise KouanError(
            f"No list is called {file.stem}; there are {', '.join(n.removeprefix(PREFIX) for n in known)}."
        )
    source, _, name = passage.partition("/")
    about = home / "triples" / source / "source.ttl"
    if not name or not about.is_file() or f"<{SRC}{passage}>" not in about.read_text(encoding="utf-8"):
        raise KouanError(f"No passage {passage} is described in triples/{source}/source.ttl; describe it there first.")
    rows = list(_rows(file))
    things = _things(service_over(""), rows, CLASSES[listed.kind])
    if len(set(things)) != len(things) or len(things) > listed.count:
        raise KouanError(f"The list has {listed.count} entries, each once; the table names {len(things)}.")
    triples = [each for row, thing in zip(rows, things, strict=True) for each in _entry(listed.list, thing, row)]
    path = output or home / "triples" / source / f"{name}.ttl"
    put(write_turtle(triples, PREFIXES, f"The list {file.stem}, as {passage} has it."), path)
    say(f"{path}: {len(rows)} of {listed.count} entries")


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not {"place", "thing"} <= set(reader.fieldnames or ()):
            raise KouanError(f"{file} is no template of a list; its first line must be {','.join(COLUMNS)}.")
        for row in reader:
            told = {column: (row.get(column) or "").strip() for column in COLUMNS}
            if any(told.values()):
                yield told


def _things(service: Service, rows: list[dict[str, str]], kind: str) -> list[str]:
    things, doubtful = [], []
    for row in rows:
        thing = service.gazetteer.find(row["thing"]) if row["thing"] else None
        if not row["thing"]:
            candidates = service.candidates([row["place"]], [KOUAN + kind], [], 3)
            thing = candidates[0].thing if candidates and candidates[0].match else None
            may_be = ", ".join(each.thing.identifier for each in candidates)
        else:
            may_be = ""
        if thing:
            things.append(thing.iri)
        else:
            doubtful.append(f"{row['place'] or row['thing']}: {may_be or 'nothing is called so'}")
    if doubtful:
        raise KouanError("Not surely found, so write which thing is meant:\n" + "\n".join(doubtful))
    return things


def _entry(listed: str, thing: str, row: Mapping[str, str]) -> Iterator[Triple]:
    entry = NamedNode(f"{listed}-{thing.removeprefix(ID)}")
    yield Triple(entry, NamedNode(RDF + "type"), NamedNode(KOUAN + "ListEntry"))
    yield Triple(entry, NamedNode(KOUAN + "entryOf"), NamedNode(listed))
    yield Triple(entry, NamedNode(KOUAN + "listed"), NamedNode(thing))
    if row["place"]:
        written = Literal(row["place"], language="zh" if HAN.search(row["place"]) else "en")
        yield Triple(entry, NamedNode(KOUAN + "asWritten"), written)
    for column, predicate in YEARS.items():
        if row[column]:
            if whole_number(row[column]) is None:
                raise KouanError(f"{row[column]!r} of {row['place']} is no year.")
            yield Triple(entry, NamedNode(predicate), Literal(row[column], datatype=NamedNode(XSD + "integer")))
