"""The namespaces of Wikidata's own service, and those that a query may use there undeclared. Knows no services."""

from __future__ import annotations

from kouan.sparql.scanning.lexer import tokens
from kouan.sparql.scanning.prologue import read_prologue
from kouan.vocabulary import GEO, OWL, PROV, RDF, RDFS, SKOS, XSD

WIKIBASE = "http://wikiba.se/ontology#"
BIGDATA = "http://www.bigdata.com/rdf#"
HINT = "http://www.bigdata.com/queryHints#"
WIKIDATA = "http://www.wikidata.org/"
# What Wikidata's service declares by itself (MediaWiki, Wikidata Query Service User Manual, prefixes).
OWN = {
    "bd": BIGDATA,
    "hint": HINT,
    "p": WIKIDATA + "prop/",
    "pq": WIKIDATA + "prop/qualifier/",
    "pqn": WIKIDATA + "prop/qualifier/value-normalized/",
    "pqv": WIKIDATA + "prop/qualifier/value/",
    "pr": WIKIDATA + "prop/reference/",
    "prn": WIKIDATA + "prop/reference/value-normalized/",
    "prv": WIKIDATA + "prop/reference/value/",
    "ps": WIKIDATA + "prop/statement/",
    "psn": WIKIDATA + "prop/statement/value-normalized/",
    "psv": WIKIDATA + "prop/statement/value/",
    "wd": WIKIDATA + "entity/",
    "wdata": WIKIDATA + "wiki/Special:EntityData/",
    "wdno": WIKIDATA + "prop/novalue/",
    "wdref": WIKIDATA + "reference/",
    "wds": WIKIDATA + "entity/statement/",
    "wdt": WIKIDATA + "prop/direct/",
    "wdtn": WIKIDATA + "prop/direct-normalized/",
    "wdv": WIKIDATA + "value/",
    "wikibase": WIKIBASE,
}
PRESET = OWN | {
    "geo": GEO,
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "http://schema.org/",
    "skos": SKOS,
    "xsd": XSD,
}


def preset_for(text: str) -> dict[str, str]:
    """Return the prefixes that a query may use undeclared: none unless it uses one of Wikidata's own so."""
    found = list(tokens(text))
    declared = read_prologue(found)
    used = {token.text.partition(":")[0] for token in found[declared.length :] if token.kind == "prefixed"}
    if not (used - set(declared.prefixes)) & set(OWN):
        return {}
    return {name: iri for name, iri in PRESET.items() if name not in declared.prefixes}


def declarations_for(text: str) -> str:
    """Return PREFIX lines, in one, for what a query of Wikidata's kind leaves undeclared and others use as well, such as rdfs:.

    Without its services a query may hold none of Wikidata's own prefixes any more, and would not be known as such.
    """
    used = {token.text.partition(":")[0] for token in tokens(text) if token.kind == "prefixed"}
    shared = {name: iri for name, iri in preset_for(text).items() if name in used and name not in OWN}
    return "".join(f"PREFIX {name}: <{iri}> " for name, iri in shared.items())
