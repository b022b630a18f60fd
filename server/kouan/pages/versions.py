"""Answer for the versions of the ontology (owl:versionIRI): the one that is served, and those before it, which are kept.

Knows the files of the versions; the ontology of today is shown elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kouan.errors import NotFound
from kouan.graph.naming import in_language
from kouan.http.addresses import sent_to
from kouan.http.languages import language, link, say
from kouan.pages.documents import FORMATS, HTML, ONTOLOGY, led, negotiated, serialised
from kouan.pages.reading import Reading
from kouan.vocabulary import KOUAN, ONTOLOGY_GRAPH, OWL, PREFIXES, RDF, RDFS

KINDS = (
    ("Classes", {OWL + "Class"}),
    ("Properties", {OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")}),
)


def add_versions(pages: Blueprint, reading: Callable[[], Reading], folder: Path) -> None:
    """Add the address of each version of the ontology, /ontology/0.1.0; `folder` keeps those before today's as Turtle."""

    @pages.get("/ontology/<int:major>.<int:minor>.<int:patch>")
    def version(major: int, minor: int, patch: int) -> Response | str:
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
        if chosen == HTML:
            return render_template(
                "version.html",
                version=name,
                today=today,
                iri=f"{ONTOLOGY_GRAPH}/{name}",
                links=[(each, link(request.path, format=each)) for each in FORMATS],
                groups=[(say(heading), _terms(quads, types)) for heading, types in KINDS],
            )
        body, media_type = serialised(quads, chosen, PREFIXES)
        return Response(body, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept"})


def _terms(quads: Iterable[Quad], types: set[str]) -> list[tuple[str, str, str]]:
    """Return the terms of ours that a version declares to be of some types: what each is called, in which language, and its name."""
    texts: dict[str, dict[str, str]] = {}
    declared = set()
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or not quad.subject.value.startswith(KOUAN):
            continue
        if quad.predicate.value == RDF + "type" and isinstance(quad.object, NamedNode) and quad.object.value in types:
            declared.add(quad.subject.value)
        elif quad.predicate.value == RDFS + "label" and isinstance(quad.object, Literal):
            texts.setdefault(quad.subject.value, {})[(quad.object.language or "").lower()] = quad.object.value
    return sorted((*in_language(texts.get(iri, {"": iri}), language()), iri.removeprefix(KOUAN)) for iri in declared)
