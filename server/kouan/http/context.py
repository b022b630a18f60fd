"""Make the JSON-LD context of a dataset, at an address of its own: documents that name it are short. Knows terms, no documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from pyoxigraph import RdfFormat

from kouan.formats.jsonld import ContextTerm, definitions
from kouan.formats.table import READABLE
from kouan.graph.expansion import Options
from kouan.http.catalogue import PREFIXES as CATALOGUE_PREFIXES
from kouan.snapshot import Snapshot
from kouan.snapshot.about import Answer
from kouan.vocabulary import KOUAN, OWL, PREFIXES, RDFS, SKOS

COMPACTED = "http://www.w3.org/ns/json-ld#compacted"
NAME = "context.jsonld"
MEDIA_TYPE = f'application/ld+json;profile="{COMPACTED}"'
DECLARED = f"""SELECT ?term ?kind (MIN(STR(?range)) AS ?value) {{
  VALUES ?kind {{ <{OWL}Class> <{OWL}ObjectProperty> <{OWL}DatatypeProperty> <{OWL}AnnotationProperty> }}
  ?term a ?kind FILTER(STRSTARTS(STR(?term), "{KOUAN}")) OPTIONAL {{ ?term <{RDFS}range> ?range FILTER(isIRI(?range)) }}
}} GROUP BY ?term ?kind ORDER BY ?term ?kind"""
NAMES = {
    RDFS + "label": ContextTerm("label", "@language"),
    RDFS + "comment": ContextTerm("comment", "@language"),
    SKOS + "altLabel": ContextTerm("altLabel", "@language"),
    SKOS + "definition": ContextTerm("definition", "@language"),
}


class Contexts:
    """The context of each version of a dataset, read once."""

    def __init__(self, answer: Answer, snapshot: Callable[[], Snapshot]) -> None:
        self.answer, self.snapshot = answer, snapshot
        self._known: dict[str, dict[str, ContextTerm]] = {}

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Return the prefixes that documents and their context use."""
        return PREFIXES | CATALOGUE_PREFIXES if self.snapshot().is_own else self.snapshot().prefixes

    def terms(self) -> Mapping[str, ContextTerm]:
        """Return the terms of our ontology by their IRIs, with the names that things have; of other data the latter alone."""
        version = self.snapshot().version
        if version not in self._known:
            self._known.clear()
            self._known[version] = NAMES | (self._declared() if self.snapshot().is_own else {})
        return self._known[version]

    def document(self) -> bytes:
        """Return the context as a document (JSON-LD 1.1, section 3.1)."""
        context = definitions(self.terms(), self.prefixes)
        return json.dumps({"@context": context}, ensure_ascii=False, indent=1).encode() + b"\n"

    def known_to(self, text: str, media_type: str, options: Options, root: str) -> Options:
        """Return how a document is read, with the context itself where it may name its address below the root of the server."""
        address = root + NAME
        # Some libraries put a backslash before each / (RFC 8259, section 7).
        is_named = READABLE.get(media_type) == RdfFormat.JSON_LD and address in text.replace("\\/", "/")
        if not is_named and options.expand_context != address:
            return options
        return options._replace(known=address, known_context=self.document().decode())

    def _declared(self) -> dict[str, ContextTerm]:
        found: dict[str, ContextTerm] = {}
        for row in json.loads(self.answer(DECLARED, "application/sparql-results+json"))["results"]["bindings"]:
            iri, kind = row["term"]["value"], row["kind"]["value"]
            value = row["value"]["value"] if "value" in row else ""
            links = kind == OWL + "ObjectProperty"
            plain = kind != OWL + "DatatypeProperty" or value.endswith(("#string", "#langString", "#Literal"))
            found.setdefault(iri, ContextTerm(iri.removeprefix(KOUAN), "@id" if links else "" if plain else value))
        # A name of which a prefix is made is none of a term.
        return {iri: term for iri, term in found.items() if term.name not in self.prefixes}
