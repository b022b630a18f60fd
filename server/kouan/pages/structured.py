"""Say what a page is about in schema.org's words, as the JSON-LD that search engines read. Knows descriptions, no HTML."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from kouan.http.languages import CHINESE, language, say
from kouan.pages.things import Description
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.snapshot.dumps import offered
from kouan.vocabulary import BASE, KOUAN

# How long a description may be, and what makes a short one longer.
SHORTEST, LONGEST = 50, 5000
LONGER = "A dataset in RDF that can be read, searched, queried with SPARQL and downloaded here."
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
    kind = next(iter(kinds_of(thing)), "Thing")
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


def kinds_of(thing: Description) -> list[str]:
    """Return what a thing is in the words of schema.org, the narrowest first, none where it has none for it."""
    own = {each.value.text.removeprefix(KOUAN) for each in thing.types}
    return list(dict.fromkeys(KINDS[name] for name in KINDS if name in own))


def dataset(about: About, snapshot: Snapshot, root: str) -> Markup:
    """Return the JSON-LD of the whole dataset behind the server at an address, as finders of data read it."""
    name, description = about.title(language()), about.description(language())
    publisher = {"@type": "Organization", "name": about.publisher(language()), "url": root}
    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": f"{root}void#dataset",
        "name": name,
        "description": described(name, description),
        "url": root,
        "identifier": [BASE, snapshot.version] if snapshot.is_own else snapshot.version,
        "version": about.version or snapshot.version,
        "license": about.licence,
        "isAccessibleForFree": True,
        "inLanguage": sorted({tag for tag in about.titles if tag}),
        "keywords": list(about.keywords.get(language(), next(iter(about.keywords.values()), ()))),
        "creator": publisher if about.publishers else None,
        "publisher": publisher if about.publishers else None,
        "datePublished": about.issued,
        "dateModified": snapshot.when or None,
        "temporalCoverage": "/".join(about.period) if about.period else None,
        "spatialCoverage": {"@type": "Place", "name": str(say("China"))} if about.places else None,
        "includedInDataCatalog": {"@type": "DataCatalog", "name": name, "url": root},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": dump.name,
                "contentUrl": f"{root}dump/{dump.name}",
                "encodingFormat": dump.media_type,
            }
            | ({"contentSize": f"{snapshot.dumps[dump.name][0]} B"} if dump.is_built(snapshot) else {})
            for dump in offered(snapshot)
        ]
        or [
            {
                "@type": "DataDownload",
                "contentUrl": f"{root}sparql",
                "encodingFormat": "application/sparql-results+json",
            }
        ],
    }
    return script({name: value for name, value in said.items() if value})


def described(name: str, description: str) -> str:
    """Return what a dataset is in the 50 to 5000 signs that finders of data ask for."""
    found = description or name
    if len(found) < SHORTEST:
        found = f"{found}{'。' if language() == CHINESE else '. '}{say(LONGER)}"
    return found[:LONGEST]


def script(said: dict[str, Any]) -> Markup:
    """Return a document as it can stand within an HTML script element."""
    text = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(text)
