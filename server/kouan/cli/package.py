"""Pack the tables for people without SPARQL: a Frictionless Data Package (v1), with GeoJSON and a GeoPackage. Knows files and schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kouan import library
from kouan.formats.geopackage import write_geopackage
from kouan.graph.questions import LibraryQuestion
from kouan.graph.tables import GEOMETRY, read_tables
from kouan.settings import Settings

NAME = "kouan"
DESCRIPTOR, LAYERS = "datapackage.json", "kouan.gpkg"
LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}
KINDS = {int: "integer", float: "number"}
SOURCES_QUERY = """PREFIX dct: <http://purl.org/dc/terms/> PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?title (SAMPLE(?address) AS ?path)
WHERE { ?source a kouan:Source ; rdfs:label ?title ; dct:identifier ?address . FILTER(LANG(?title) = "en") }
GROUP BY ?title ORDER BY ?title"""


def write_package(folder: Path, settings: Settings) -> list[Path]:
    """Write each table as CSV and, where it has points, as GeoJSON, all as a GeoPackage, and what they are; return the files."""
    graph = library.open()
    folder.mkdir(parents=True, exist_ok=True)
    tables = read_tables(settings.home)
    rows: dict[str, library.Rows] = {name: graph.select(table.query) for name, table in tables.items()}
    written = []
    for name, table in tables.items():
        written.append(_write(folder / f"{name}.csv", rows[name].to_csv()))
        if GEOMETRY in rows[name].variables:
            features = graph._asked.ask(table.query, "application/geo+json").decode()
            written.append(_write(folder / f"{name}.geojson", features))
    layers = {name: [row.values for row in found] for name, found in rows.items()}
    write_geopackage(folder / LAYERS, layers, GEOMETRY)
    written.append(folder / LAYERS)
    described = json.dumps(_descriptor(graph, tables, rows), ensure_ascii=False, indent=2)
    return [*written, _write(folder / DESCRIPTOR, described + "\n")]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _descriptor(
    graph: library.Graph, tables: Mapping[str, LibraryQuestion], rows: Mapping[str, library.Rows]
) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "id": "https://w3id.org/kouan/",
        "title": "Kouan: China's border cities, ports, zones and policies",
        "version": graph.version,
        "licenses": [LICENCE],
        "sources": [{"title": row.title, "path": row.path} for row in graph.select(SOURCES_QUERY)],
        "resources": [_resource(table, rows[name]) for name, table in tables.items()],
    }


def _resource(table: LibraryQuestion, rows: library.Rows) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.english,
        "description": table.chinese,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": [_field(name, [row[name] for row in rows]) for name in rows.variables]},
    }


def _field(name: str, values: Sequence[Any]) -> dict[str, Any]:
    kinds = {type(value) for value in values if value is not None}
    kind = "number" if kinds == {int, float} else KINDS.get(kinds.pop(), "string") if len(kinds) == 1 else "string"
    return {"name": name, "title": name.replace("_", " "), "type": kind}
