"""Tell which things of a dataset have a place, in layers, for the map and its list. Knows SPARQL and geometry, no HTML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import shapely
import shapely.geometry

from kouan.graph.naming import in_language, local_name
from kouan.http.languages import CHINESE, in_chinese
from kouan.pages.asking import Asking
from kouan.pages.points import COVERED, PAIR_WAYS, holder_of
from kouan.pages.terms import spelled
from kouan.vocabulary import GEO, KOUAN, OWL, RDF, RDFS

Json = dict[str, Any]

MOST_PLACES = 5000
MOST_LAYERS = 6
# How a thing says where it is: by a geometry, or by latitude and longitude, its own or of a place that it names. A path that
# may be empty would be looked for from every node of the data.
PLACED = f"""{{ ?at <{GEO}hasGeometry>/<{GEO}asWKT> ?wkt }} UNION {{ ?at <{GEO}asWKT> ?wkt }} UNION {{ ?at {COVERED} ?wkt }} UNION """
PLACED += " UNION ".join(
    pattern
    for east, north in PAIR_WAYS
    for pair in [f"{north} ?lat ; {east} ?long"]
    for pattern in (f"{{ ?at {pair} }}", f"{{ ?at {holder_of(east)} [ {pair} ] }}")
)
# What has a place is found first: few have one, and all have a class.
CLASSES = f"""SELECT ?class (COUNT(DISTINCT ?at) AS ?count) {{ {{ SELECT DISTINCT ?at {{ {PLACED} }} }} ?at a ?class
FILTER(isIRI(?class)) }} GROUP BY ?class ORDER BY DESC(?count) ?class LIMIT 60"""
# A layer of our own: its class, and how its members come to a place.
OWN_LAYERS = (
    ("City", f"?thing a <{KOUAN}City> BIND(?thing AS ?at)"),
    ("Port", f"?thing a <{KOUAN}Port> BIND(?thing AS ?at)"),
    ("CooperationZone", f"?thing a <{KOUAN}CooperationZone> ; <{KOUAN}zoneIn> ?at"),
    ("Corridor", f"?thing a <{KOUAN}Corridor> . ?at <{KOUAN}liesOn> ?thing"),
)
LINES = {KOUAN + "Corridor"}


@dataclass
class Located:
    """A thing with its names by language, its layer and its geometry as GeoJSON; `stops` are what a line joins, by name."""

    iri: str
    layer: str
    names: dict[str, str]
    geometry: Json
    stops: list[dict[str, str]] = field(default_factory=list)

    def name(self, language: str) -> str:
        """Return what it is called in a language, else in any."""
        return in_language(self.names, language)[0] or local_name(self.iri)

    @property
    def at(self) -> str:
        """Return its place, or the places that it joins, as pairs of longitude and latitude; of an area a point in it.

        A map of the whole border shows no less than a hundred metres.
        """
        shape = shapely.geometry.shape(self.geometry)
        drawn = shape if shape.geom_type in {"Point", "LineString"} else shape.representative_point()
        return " ".join(f"{round(x, 3)},{round(y, 3)}" for x, y, *_ in drawn.coords)

    def told(self, language: str) -> str:
        """Return the names of what it joins."""
        return " · ".join(in_language(names, language)[0] for names in self.stops)


@dataclass
class Layer:
    """A kind of things on the map."""

    iri: str
    names: dict[str, str]
    places: list[Located]

    def name(self, language: str) -> str:
        """Return what the kind is called in a language, else in any."""
        word = spelled(self.iri)
        return (
            in_language(self.names, language)[0] or (in_chinese(self.iri, word) if language == CHINESE else "") or word
        )


def layers_of(asking: Asking, *, is_own: bool) -> list[Layer]:
    """Return the layers of a dataset, most important first; nothing where no thing says where it is."""
    wanted = [(KOUAN + name, pattern) for name, pattern in OWN_LAYERS] if is_own else list(_found(asking))
    names = _names(asking, [iri for iri, _ in wanted])
    layers = [Layer(iri, names.get(iri, {}), list(_places(asking, iri, pattern))) for iri, pattern in wanted]
    return [layer for layer in layers if layer.places]


def has_places(asking: Asking) -> bool:
    """Return whether anything of a dataset says where it is."""
    return bool(asking.rows(f"SELECT ?at {{ {PLACED} }} LIMIT 1"))


def _names(asking: Asking, iris: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what things are called, by language tag, for those that have a name."""
    return {iri: texts for iri in asking.names(iris, "") if (texts := asking.texts(iri))}


def _found(asking: Asking) -> Iterator[tuple[str, str]]:
    """Yield the classes that the most placed things have; those of schemas themselves tell nothing."""
    rows = [row["class"]["value"] for row in asking.rows(CLASSES)]
    kinds = [iri for iri in rows if not iri.startswith((OWL, RDF, RDFS, GEO))]
    for iri in kinds[:MOST_LAYERS]:
        yield iri, f"?thing a <{iri}> BIND(?thing AS ?at)"


def _places(asking: Asking, layer: str, pattern: str) -> Iterator[Located]:
    rows = asking.rows(
        f"SELECT DISTINCT ?thing ?at ?wkt ?lat ?long {{ {pattern} {{ {PLACED} }} FILTER(isIRI(?thing)) }} "
        f"ORDER BY ?thing ?at LIMIT {MOST_PLACES}",
    )
    names = _names(asking, [row[key]["value"] for row in rows for key in ("thing", "at") if row[key]["type"] == "uri"])
    for iri, group in groupby(rows, key=lambda row: row["thing"]["value"]):
        placed = {row["at"]["value"]: shape for row in group if (shape := _shape(row)) is not None}
        if not placed:
            continue
        if layer in LINES:
            line = _line(list(placed.values()))
            ordered = sorted(placed, key=lambda each: line.index(placed[each].coords[0]))
            shape = shapely.LineString(line) if len(line) > 1 else shapely.Point(line[0])
            yield Located(
                iri,
                layer,
                names.get(iri, {}),
                _geojson(shape),
                [names.get(each, {"": local_name(each)}) for each in ordered],
            )
        else:
            yield Located(iri, layer, names.get(iri, {}), _geojson(next(iter(placed.values()))))


def _shape(row: dict[str, dict[str, str]]) -> Any:
    """Return the geometry of a row; None for text that is none, or in another reference system than longitude and latitude."""
    if "wkt" not in row:
        try:
            return shapely.Point(float(row["long"]["value"]), float(row["lat"]["value"]))
        except ValueError:
            return None
    system, _, text = row["wkt"]["value"].rpartition(">")
    if system and "CRS84" not in system:
        return None
    try:
        shape = shapely.from_wkt(text.strip())
    except shapely.errors.ShapelyError:
        return None
    return None if shape.is_empty else shape


def _geojson(shape: Any) -> Json:
    found: Json = json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-5)))
    return found


def _line(shapes: list[Any]) -> list[tuple[float, float]]:
    """Return the points in an order that keeps the line through them short, from the westernmost on."""
    left = sorted({shape.centroid.coords[0] for shape in shapes})
    ordered = [left.pop(0)]
    while left:
        at = shapely.Point(ordered[-1])
        ordered.append(min(left, key=lambda point: shapely.distance(at, shapely.Point(point))))
        left.remove(ordered[-1])
    return ordered
