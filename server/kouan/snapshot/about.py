"""Say what a dataset is called, what it is, who publishes it and under which licence. Knows headers, no server and no page.

    about = about_dataset(answer, snapshot, settings)
    about.title("zh"), about.description("en"), about.licence, about.publisher("en")

Pages, VoID, DCAT and the reconciliation manifest all take it from here. Of our own graph it is known; of other people's
data the operator's settings say it, else its own header: DCAT (dcat:Catalog, dcat:Dataset), VoID (void:Dataset), schema.org
(Dataset, DataCatalog), SKOS (skos:ConceptScheme) or OWL (owl:Ontology). Where it has none, it is called after its folder or
file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from kouan.graph.naming import COMMENTED_BY, DESCRIBED_BY, NAMED_BY, in_language, local_name, plain_text
from kouan.release import VERSION
from kouan.settings import Settings
from kouan.snapshot.layout import Snapshot
from kouan.vocabulary import CC, DC, DCAT, DCT, OWL, SCHEMA, SCHEMA_HTTP, SKOS, VOID

Answer = Callable[[str, str], bytes]
"""What answers a query as a media type; raises RequestError."""

JSON_RESULTS = "application/sparql-results+json"
# The kinds of headers, the one that speaks of the whole first.
HEADERS = (
    DCAT + "Catalog",
    SCHEMA + "DataCatalog",
    SCHEMA_HTTP + "DataCatalog",
    VOID + "Dataset",
    DCAT + "Dataset",
    SCHEMA + "Dataset",
    SCHEMA_HTTP + "Dataset",
    SKOS + "ConceptScheme",
    OWL + "Ontology",
)
# More heads than this are the data's content, not what describes it.
MOST_HEADS = 50
PARTS = (DCT + "isPartOf", SCHEMA + "isPartOf", SCHEMA_HTTP + "isPartOf", SCHEMA + "includedInDataCatalog")
WHOLES = (DCAT + "dataset", DCAT + "catalog", VOID + "subset", DCT + "hasPart", SCHEMA + "dataset", OWL + "imports")
DESCRIPTIONS = (*DESCRIBED_BY, *COMMENTED_BY, SKOS + "note", SKOS + "scopeNote")
LICENCES = (
    DCT + "license",
    SCHEMA + "license",
    SCHEMA_HTTP + "license",
    CC + "license",
    DCT + "rights",
    DC + "rights",
)
PUBLISHERS = (
    *(DCT + "publisher", SCHEMA + "publisher", SCHEMA_HTTP + "publisher", DC + "publisher"),
    *(DCT + "creator", SCHEMA + "creator", SCHEMA_HTTP + "creator", DC + "creator"),
)
OWN_TITLE = {
    "en": "Kouan: China's border cities, ports of entry, zones, policies and corridors",
    "zh": "口岸：中国边境城市、口岸、合作区、政策与走廊",
}
OWN_DESCRIPTION = {
    "en": "What sources say about China's border cities, ports of entry, cooperation zones, policies and corridors, as a "
    "graph in which every fact shows its source.",
    "zh": "关于中国边境城市、口岸、合作区、政策与走廊的知识图谱，每个事实皆可溯源。",
}
OWN_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
OWN_PUBLISHER = {"en": "The Kouan editors", "zh": "口岸编者"}
# What a name in RDF may be (RFC 3987, as RDF 1.1 Concepts has it in section 3.2).
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
Texts = Mapping[str, str]
"""Texts by their language tags in lower case, "" where they have none."""


@dataclass(frozen=True)
class About:
    """What a dataset says of itself: texts in every language that it has them in, the IRI of its header, or ""."""

    titles: Texts
    descriptions: Texts = field(default_factory=dict)
    licence: str = ""
    """The licence's IRI, or its name where that is all that is said, or ""."""
    publishers: Texts = field(default_factory=dict)
    publisher_iri: str = ""
    version: str = ""
    iri: str = ""
    issued: str = ""
    """The day or the year in which it was first published, or ""."""
    contact: str = ""
    """Where one writes about it: an address of the web or of mail, or ""."""
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    """Codes of the EU's data themes."""
    places: tuple[str, ...] = ()
    """IRIs of the places that it speaks of."""
    period: tuple[str, str] | None = None
    """The years or days that it speaks of, the first and the last."""

    def title(self, language: str) -> str:
        """Return what the dataset is called, for a reader of a language."""
        return in_language(self.titles, language)[0]

    def description(self, language: str) -> str:
        """Return what the dataset is, for a reader of a language, or ""."""
        return in_language(self.descriptions, language)[0]

    def publisher(self, language: str) -> str:
        """Return who publishes the dataset, for a reader of a language, or ""."""
        return in_language(self.publishers, language)[0]


OWN = About(
    OWN_TITLE,
    OWN_DESCRIPTION,
    OWN_LICENCE,
    OWN_PUBLISHER,
    version=VERSION,
    issued="2026-11-23",
    keywords={
        "en": ("China", "border cities", "ports of entry", "border economic cooperation zones", "economic corridors"),
        "zh": ("中国", "边境城市", "口岸", "边境经济合作区", "经济走廊"),
    },
    themes=("REGI", "TRAN", "GOVE", "INTR"),
    places=("http://publications.europa.eu/resource/authority/country/CHN",),
    period=("1949", "2026"),
)


def is_iri(text: str) -> bool:
    """Return whether a text, such as the name of a licence, is an IRI."""
    return IRI.match(text) is not None


def remembered(answer: Answer, snapshot: Callable[[], Snapshot], settings: Settings) -> Callable[[], About]:
    """Return what tells what the present version of a dataset is; it is read once for each."""
    known: dict[str, About] = {}

    def about() -> About:
        now = snapshot()
        if now.version not in known:
            said = about_dataset(answer, now, settings)
            known.clear()
            known[now.version] = said
        return known[now.version]

    return about


def about_dataset(answer: Answer, snapshot: Snapshot, settings: Settings) -> About:
    """Return what a dataset is, as our own graph, the settings or the data's own header say it; raises RequestError."""
    if snapshot.is_own:
        return replace(OWN, contact=settings.problems)
    known = _foreign(answer, snapshot)
    return replace(
        known,
        titles={"": settings.title} if settings.title else known.titles,
        descriptions={"": settings.description} if settings.description else known.descriptions,
        licence=settings.licence or known.licence,
        publishers={"": settings.publisher} if settings.publisher else known.publishers,
        publisher_iri="" if settings.publisher else known.publisher_iri,
        contact=settings.problems,
    )


def _foreign(answer: Answer, snapshot: Snapshot) -> About:
    head = _head(answer)
    said = _said_of(answer, head) if head else []
    titles = _texts(said, NAMED_BY)
    publisher = next((value for wanted in PUBLISHERS for name, value in said if name == wanted), None)
    is_named = publisher is not None and publisher["type"] == "uri"
    named = _texts(_said_of(answer, publisher["value"]), NAMED_BY) if publisher and is_named else {}
    plain = {"": local_name(publisher["value"]) if is_named else publisher["value"]} if publisher else {}
    return About(
        titles=titles or {"": _file_name(snapshot)},
        descriptions=_texts(said, DESCRIPTIONS),
        licence=_first(said, LICENCES),
        publishers=named or plain,
        publisher_iri=publisher["value"] if publisher and is_named else "",
        version=_first(said, (OWL + "versionInfo", DCAT + "version", SCHEMA + "version", DCT + "hasVersion")),
        iri=head,
    )


def _head(answer: Answer) -> str:
    """Return the IRI of the header that speaks of the whole, or "": of one kind, the one that is no other's part."""
    heads = _select(
        answer,
        f"SELECT DISTINCT ?kind ?head {{ VALUES ?kind {{ {_iris(HEADERS)} }} ?head a ?kind FILTER(isIRI(?head)) }} "
        f"ORDER BY ?head LIMIT {MOST_HEADS * len(HEADERS)}",
    )
    for kind in HEADERS:
        found = [row["head"]["value"] for row in heads if row["kind"]["value"] == kind]
        if len(found) > 1 and len(found) <= MOST_HEADS:
            contained = _contained(answer, found)
            found = [head for head in found if head not in contained]
        if len(found) == 1:
            return found[0]
    return ""


def _contained(answer: Answer, heads: list[str]) -> set[str]:
    parts, wholes = "|".join(f"<{iri}>" for iri in PARTS), "|".join(f"<{iri}>" for iri in WHOLES)
    rows = _select(
        answer,
        f"SELECT DISTINCT ?head {{ VALUES ?head {{ {_iris(heads)} }} {{ ?head {parts} ?whole }} UNION "
        f"{{ ?whole {wholes} ?head FILTER(?whole != ?head) }} }}",
    )
    return {row["head"]["value"] for row in rows}


def _said_of(answer: Answer, iri: str) -> list[tuple[str, dict[str, str]]]:
    """Return the properties and values of a thing; of a value without a name of its own, what that is called."""
    names = "|".join(f"<{name}>" for name in NAMED_BY)
    rows = _select(
        answer,
        f"SELECT ?p ?o ?name {{ <{iri}> ?p ?o OPTIONAL {{ ?o {names} ?name FILTER(isBlank(?o)) }} }} "
        f"ORDER BY ?p ?o LIMIT 2000",
    )
    named = ((row["p"]["value"], row.get("name", row["o"])) for row in rows)
    return [(name, value) for name, value in named if value["type"] != "bnode"]


def _texts(said: list[tuple[str, dict[str, str]]], properties: tuple[str, ...]) -> dict[str, str]:
    """Return a text for each language, by the first property that has one in it; none of them longer than a paragraph."""
    texts: dict[str, str] = {}
    for wanted in properties:
        for name, value in said:
            if name == wanted and value["type"] == "literal":
                text = plain_text(value["value"], value.get("datatype", ""))
                texts.setdefault(value.get("xml:lang", "").casefold(), " ".join(text.split())[:2000])
    return texts


def _first(said: list[tuple[str, dict[str, str]]], properties: tuple[str, ...]) -> str:
    return next((value["value"] for wanted in properties for name, value in said if name == wanted), "")


def _file_name(snapshot: Snapshot) -> str:
    """Return a title made of the name of the file, or of the folder that all the files are in."""
    paths = [PurePath(name) for name in snapshot.files]
    if not paths:
        return "RDF"
    holders = [path.parents for path in paths]
    shared = next((folder for folder in holders[0] if all(folder in others for others in holders)), PurePath())
    name = paths[0].name.partition(".")[0] if len(paths) == 1 else shared.name
    return re.sub(r"[-_]+", " ", name).strip() or "RDF"


def _iris(iris: tuple[str, ...] | list[str]) -> str:
    return " ".join(f"<{iri}>" for iri in iris)


def _select(answer: Answer, query: str) -> list[dict[str, dict[str, str]]]:
    rows: list[dict[str, dict[str, str]]] = json.loads(answer(query, JSON_RESULTS))["results"]["bindings"]
    return rows
