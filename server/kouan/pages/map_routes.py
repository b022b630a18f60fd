"""Serve the map of a dataset, its list and its GeoJSON. Knows requests; what has a place is read elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request

from kouan.graph.place_names import alphabetical
from kouan.http.addresses import page_of
from kouan.http.languages import CHINESE, ENGLISH, language, link
from kouan.http.twins import twins
from kouan.pages.dataset import KnownDataset, told_once
from kouan.pages.map_page import Layer, has_places, layers_of
from kouan.settings import Settings


def create_map(dataset: Callable[[], KnownDataset], settings: Settings) -> Blueprint:
    """Return the addresses /map and /map.geojson."""
    routes = Blueprint("map", __name__)
    known: dict[str, list[Layer]] = {}

    def layers() -> list[Layer]:
        now = dataset()
        if now.snapshot.version not in known:
            known.clear()
            known[now.snapshot.version] = layers_of(now.asking, is_own=now.is_own)
        return known[now.snapshot.version]

    placed = told_once(lambda: dataset().snapshot, lambda: has_places(dataset().asking))

    @routes.app_context_processor
    def set_here() -> dict[str, object]:
        return {
            "map_tiles": settings.map_tiles,
            "map_boundaries": settings.map_boundaries,
            "has_places": placed(),
        }

    @routes.get("/map")
    def page() -> str:
        twins({"application/geo+json": "/map.geojson"})
        boundaries = settings.map_boundaries != "none" and request.args.get("boundaries") != "none"
        shown = [
            (layer, sorted(layer.places, key=lambda place: alphabetical(place.name(language())))) for layer in layers()
        ]
        return render_template("map.html", layers=shown, boundaries=boundaries)

    @routes.get("/map.geojson")
    def places() -> Response:
        features = [
            _feature(layer, at, is_own=dataset().is_own) for layer in layers() for at in range(len(layer.places))
        ]
        document = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        headers = {"Content-Disposition": 'inline; filename="places.geojson"'}
        return Response(document, content_type="application/geo+json; charset=utf-8", headers=headers)

    return routes


def _feature(layer: Layer, at: int, *, is_own: bool) -> dict[str, Any]:
    place = layer.places[at]
    said = {
        "iri": place.iri,
        "name": place.name(ENGLISH),
        "name_zh": place.name(CHINESE),
        "layer": layer.name(ENGLISH),
        "layer_zh": layer.name(CHINESE),
        "page": request.root_path + link(page_of(place.iri, is_own=is_own)),
    }
    if place.stops:
        said |= {"says": place.told(ENGLISH), "says_zh": place.told(CHINESE), "drawn": "schematic"}
    return {"type": "Feature", "id": f"{layer.iri} {place.iri}", "geometry": place.geometry, "properties": said}
