"""The command that hands out: `kouan export`, the graph, its pages, its tables and all of them as a package. Does no work of its own."""

from __future__ import annotations

from pathlib import Path

import click

from kouan.cli.history import snapshot_of
from kouan.cli.terminal import OUTPUT, put, put_bytes, reporting
from kouan.errors import KouanError
from kouan.history.journal import own_journal
from kouan.settings import Settings, read_settings

PAGES = ("coverage", "configuration", "nquads", "turtle", "written", "distances", "datasheet", "package", "templates")
TABLES = ("ports", "zones", "counties", "policies", "observations", "flows", "memberships", "events", "lists", "names")
FORMATS = {"csv": "text/csv", "json": "application/sparql-results+json", "geojson": "application/geo+json"}


@click.command()
@click.argument("what", type=click.Choice([*PAGES, *TABLES]))
@click.option("--format", "form", type=click.Choice([*FORMATS, "gpkg"]), default="csv", help="Form of a table.")
@OUTPUT
@reporting
def export(what: str, form: str, output: Path | None) -> None:
    """Print a page, the graph or a table of it; put what was written or computed into triples/; or pack all tables.

    \b
    Example: kouan export ports --format csv -o ports.csv
             kouan export package -o kouan-tables
             kouan export written && git diff triples/
    """
    settings = read_settings()
    if what in TABLES:
        _table(what, form, output, settings)
    elif what == "package":
        from kouan.cli.package import write_package

        folder = output or Path("kouan-tables")
        put("".join(f"{path}\n" for path in write_package(folder, settings)), None)
    elif what == "templates":
        put("".join(f"{path}\n" for path in _write_templates(output or Path("lists"))), None)
    else:
        put(_page(what, settings), output)


def _table(name: str, form: str, output: Path | None, settings: Settings) -> None:
    from kouan import library
    from kouan.formats.geojson import unplaced
    from kouan.formats.geopackage import write_geopackage
    from kouan.graph.tables import GEOMETRY, read_tables

    graph, query = library.open(), read_tables(settings.home)[name].query
    if form == "geojson" and GEOMETRY not in query:
        put_bytes(unplaced([row.values for row in graph.select(query)]), output)
    elif form != "gpkg":
        put_bytes(graph._asked.ask(query, FORMATS[form]), output)
    elif output is None:
        raise KouanError("A GeoPackage is a file: name one with --output.")
    else:
        write_geopackage(output, {name: [row.values for row in graph.select(query)]}, GEOMETRY)


def _page(what: str, settings: Settings) -> str:
    from kouan.graph.dataset import read_home
    from kouan.graph.turtle import write_turtle
    from kouan.vocabulary import PREFIXES

    if what == "configuration":
        from kouan.settings import configuration_page

        return configuration_page()
    if what == "coverage":
        from kouan.graph.coverage import coverage_page

        return coverage_page(read_home(settings.home))
    if what == "written":
        from kouan.history.overlay import write_out

        journal = own_journal(settings)
        paths = write_out(journal.written(journal.check().number).added, settings.home, PREFIXES)
        return "".join(f"{path}\n" for path in paths)
    if what == "datasheet":
        from kouan.cli.datasheet import data_sheet

        return data_sheet(settings)
    if what == "distances":
        return "".join(f"{path}\n" for path in _measure(settings))
    if what == "nquads":
        from kouan.snapshot.opening import open_latest

        quads = open_latest(snapshot_of((), settings), settings).snapshot.source_quads()
        return "".join(sorted(f"{quad} .\n" for quad in quads))
    triples = {quad.triple for quad in read_home(settings.home).asserted()}
    return write_turtle(triples, PREFIXES, "Everything that Kouan's sources state, merged.")


def _write_templates(folder: Path) -> list[Path]:
    from kouan import library
    from kouan.cli.lists import templates

    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{name}.csv": text for name, text in templates(library.open()).items()}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)


def _measure(settings: Settings) -> list[Path]:
    from kouan import library
    from kouan.cli.distances import measured

    files = measured(library.open())
    for path, text in files.items():
        (settings.home / path).write_text(text, encoding="utf-8")
    return list(files)
