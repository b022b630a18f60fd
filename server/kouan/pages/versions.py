"""Answer for the versions of the ontology (owl:versionIRI): the one that is served, and those before it, which are kept.

Knows the files of the versions; the ontology of today is shown elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response
from pyoxigraph import RdfFormat, parse

from kouan.errors import NotFound
from kouan.http.addresses import sent_to
from kouan.http.languages import link
from kouan.pages.documents import HTML, ONTOLOGY, led, negotiated, serialised
from kouan.pages.reading import Reading
from kouan.vocabulary import ONTOLOGY_GRAPH, OWL, PREFIXES


def add_versions(pages: Blueprint, reading: Callable[[], Reading], folder: Path) -> None:
    """Add the address of each version of the ontology, /ontology/0.1.0; `folder` keeps those before today's as Turtle."""

    @pages.get("/ontology/<int:major>.<int:minor>.<int:patch>")
    def version(major: int, minor: int, patch: int) -> Response:
        name = f"{major}.{minor}.{patch}"
        asked = f"SELECT ?o {{ GRAPH <{ONTOLOGY_GRAPH}> {{ <{ONTOLOGY_GRAPH}> <{OWL}versionInfo> ?o }} }}"
        [today] = [row["o"]["value"] for row in reading().rows(asked)] or [""]
        kept = {path.stem: path for path in folder.glob("*.turtle")} if today else {}
        chosen = negotiated(ONTOLOGY)
        if name == today:
            return sent_to(link("/ontology")) if chosen == HTML else led(ONTOLOGY)
        if name not in kept:
            raise NotFound(
                f"There is no version {name} of the ontology; there are {', '.join([*sorted(kept), today])}."
            )
        quads = list(parse(path=kept[name], format=RdfFormat.TURTLE))
        # There are no pages of what is past.
        body, media_type = serialised(quads, "ttl" if chosen == HTML else chosen, PREFIXES)
        return Response(body, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})
