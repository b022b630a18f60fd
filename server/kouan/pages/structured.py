"""Say what a page is about in schema.org's words, as the JSON-LD that search engines read. Knows descriptions, no HTML."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from kouan.pages.things import Description
from kouan.vocabulary import KOUAN

# What our classes are there, the narrowest first.
KINDS = {
    "Country": "Country",
    "City": "City",
    "County": "AdministrativeArea",
    "AdministrativeArea": "AdministrativeArea",
    "Port": "CivicStructure",
    "CooperationZone": "AdministrativeArea",
    "Person": "Person",
    "Organization": "Organization",
    "Event": "Event",
    "Policy": "Legislation",
    "Source": "CreativeWork",
    "Passage": "CreativeWork",
    "Place": "Place",
}


def about(thing: Description, address: str, point: tuple[float, float] | None) -> Markup:
    """Return the JSON-LD of a thing at an address; a point is its longitude and latitude."""
    own = [each.value.text.removeprefix(KOUAN) for each in thing.types]
    kind = next((KINDS[name] for name in KINDS if name in own), "Thing")
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "@id": thing.iri,
        "url": address,
        "name": [{"@value": name, "@language": tag} if tag else name for tag, name in thing.value.names.items()],
        "alternateName": sorted({each.text for each in thing.alternatives}),
        "sameAs": sorted({each.value.text for each in thing.same if each.value.is_linked}),
    }
    if thing.definition is not None:
        said["description"] = thing.definition.text
    if point is not None and kind not in {"Thing", "Person", "Event"}:
        said["geo"] = {"@type": "GeoCoordinates", "longitude": point[0], "latitude": point[1]}
    return script({name: value for name, value in said.items() if value})


def dataset(
    name: str, description: str, licence: str, address: str, version: str, dumps: list[tuple[str, str]]
) -> Markup:
    """Return the JSON-LD of the whole dataset; each dump is its address and its media type."""
    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": name,
        "description": description or name,
        "license": licence,
        "url": address,
        "version": version,
        "distribution": [
            {"@type": "DataDownload", "contentUrl": place, "encodingFormat": media} for place, media in dumps
        ],
    }
    return script({name: value for name, value in said.items() if value})


def script(said: dict[str, Any]) -> Markup:
    """Return a document as it can stand within an HTML script element."""
    text = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)
