"""Tell what a server serves, for the head of every page: its name, its description, its licence, its publisher.

Of other people's data these come from the settings, else from its own DCAT, VoID, SKOS, schema.org or OWL header.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask

from kouan.errors import KouanError
from kouan.http.addresses import page_of
from kouan.http.languages import CHINESE, ENGLISH, language
from kouan.linking.wikidata.references import licence_name
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.vocabulary import DCT, FOAF, OWL, RDF, RDFS, SCHEMA, SKOS

Answer = Callable[[str, str], bytes]
DC = "http://purl.org/dc/elements/1.1/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
PLAIN_SCHEMA = "http://schema.org/"
# What describes a dataset as a whole, the most telling first.
HEADERS = (
    DCAT + "Catalog",
    VOID + "Dataset",
    OWL + "Ontology",
    SKOS + "ConceptScheme",
    SCHEMA + "DataCatalog",
    PLAIN_SCHEMA + "DataCatalog",
    DCAT + "Dataset",
    SCHEMA + "Dataset",
    PLAIN_SCHEMA + "Dataset",
)
SAID_BY = {
    "name": (DCT + "title", DC + "title", SKOS + "prefLabel", SCHEMA + "name", PLAIN_SCHEMA + "name", RDFS + "label"),
    "description": (
        *(DCT + "description", DC + "description", DCT + "abstract", SCHEMA + "description"),
        *(PLAIN_SCHEMA + "description", SKOS + "definition", RDFS + "comment"),
    ),
    "licence": (DCT + "license", SCHEMA + "license", PLAIN_SCHEMA + "license", DCT + "rights", DC + "rights"),
    "publisher": (
        DCT + "publisher",
        SCHEMA + "publisher",
        PLAIN_SCHEMA + "publisher",
        DC + "publisher",
        DCT + "creator",
    ),
}
NAMES = " ".join(
    f"<{iri}>" for iri in (FOAF + "name", RDFS + "label", SCHEMA + "name", PLAIN_SCHEMA + "name", DCT + "title")
)
QUERY = f"""SELECT DISTINCT ?kind ?s ?p ?o ?name {{
  VALUES ?kind {{ {" ".join(f"<{iri}>" for iri in HEADERS)} }}
  VALUES ?p {{ {" ".join(f"<{iri}>" for said in SAID_BY.values() for iri in said)} }}
  {{ ?s <{RDF}type> ?kind ; ?p ?o }} UNION {{ GRAPH ?g {{ ?s <{RDF}type> ?kind ; ?p ?o }} }}
  OPTIONAL {{ VALUES ?named {{ {NAMES} }} ?o ?named ?name }}
}} LIMIT 2000"""


@dataclass(frozen=True)
class Site:
    """What is served. Each text is held by language, "" for one of no language; `iri` is what the data describes itself as."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    iri: str = ""

    def text(self, name: str) -> str:
        """Return the name, description, licence or publisher in the language of the page, else in any; "" where none is told."""
        told = self.texts.get(name, {})
        return next((told[tag] for tag in (language(), ENGLISH, "", CHINESE, *told) if tag in told), "")

    @property
    def name(self) -> str:
        """Return what the site is called."""
        return self.text("name")


OWN = Site(
    {
        "name": {ENGLISH: "Kouan", CHINESE: "口岸 Kouan"},
        "description": {
            ENGLISH: "What sources say about China's border cities, ports of entry, cooperation zones, policies and corridors: "
            "a graph in which every fact shows its source.",
            CHINESE: "关于中国边境城市、口岸、合作区、政策与走廊的知识图谱，每个事实皆可溯源。",
        },
        "licence": {"": "https://creativecommons.org/licenses/by/4.0/"},
    }
)
UNNAMED = Site({"name": {ENGLISH: "A dataset", CHINESE: "数据集"}})


def read_site(answer: Answer, settings: Settings) -> Site:
    """Return what other people's data says of itself, with what the settings say in its place."""
    rows = json.loads(answer(QUERY, "application/sparql-results+json"))["results"]["bindings"]
    ranked = sorted(rows, key=lambda row: (HEADERS.index(row["kind"]["value"]), row["s"]["value"]))
    # Many datasets side by side are what is described, not what describes.
    heads = {row["s"]["value"] for row in ranked if row["kind"] == ranked[0]["kind"]}
    ours = [row for row in ranked if len(heads) == 1 and row["s"]["value"] in heads]
    texts = UNNAMED.texts | {name: told for name in SAID_BY if (told := _told(ours, SAID_BY[name]))}
    for name in SAID_BY:
        if given := str(getattr(settings, name if name != "name" else "title")):
            texts[name] = {"": given}
    return Site(texts, ours[0]["s"]["value"] if ours else "")


def _told(rows: list[dict[str, Any]], properties: tuple[str, ...]) -> dict[str, str]:
    """Return the texts of the first of some properties that has one, by language."""
    for iri in properties:
        terms = [row.get("name", row["o"]) for row in rows if row["p"]["value"] == iri]
        found = {term.get("xml:lang", "").lower().partition("-")[0]: term["value"] for term in terms}
        if found:
            return found
    return {}


def introduce(app: Flask, answer: Answer, snapshot: Callable[[], Snapshot], settings: Settings) -> None:
    """Give every template of an application `site` and `is_own`."""
    known: dict[str, Site] = {}

    def site() -> Site:
        now = snapshot()
        if now.is_own:
            return OWN
        if now.version not in known:
            known.clear()
            try:
                known[now.version] = read_site(answer, settings)
            except KouanError:
                # A page that says what is wrong is shown all the same.
                return UNNAMED
        return known[now.version]

    @app.context_processor
    def introduced() -> dict[str, Any]:
        is_own = snapshot().is_own
        return {"site": site(), "is_own": is_own, "page_of": partial(page_of, is_own=is_own)}

    app.add_template_filter(licence_name)
