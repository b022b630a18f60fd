"""The namespaces of Wikidata's own service, and those that a query may use there undeclared. Knows no services."""

from __future__ import annotations

from kouan.vocabulary import GEO, GEOF, OWL, PROV, RDF, RDFS, SKOS, XSD

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
    "geof": GEOF,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "http://schema.org/",
    "skos": SKOS,
    "xsd": XSD,
}
