"""The namespaces that Kouan writes and reads. Knows no terms beyond those that the code itself relies on."""

from __future__ import annotations

BASE = "https://w3id.org/kouan/"
KOUAN = BASE + "ontology#"
ID = BASE + "id/"
SRC = BASE + "source/"
SHAPE = BASE + "shapes#"
# Our own functions in SPARQL, and the property that searches labels.
FUNCTION = BASE + "function#"
SEARCH = BASE + "search#"

ONTOLOGY_GRAPH = BASE + "ontology"
ALIGNMENTS_GRAPH = BASE + "alignments"
SHAPES_GRAPH = BASE + "shapes"
INFERRED_GRAPH = SRC + "kouan/inferred"
VOID_GRAPH = SRC + "kouan/void"
QUESTIONS_GRAPH = SRC + "kouan/questions"
# The graphs of what was seen of Wikidata itself; they speak of its items, not of our things.
WIKIDATA_SLICE = SRC + "wikidata/"

# Creative Commons' own terms.
CC = "http://creativecommons.org/ns#"
DC = "http://purl.org/dc/elements/1.1/"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
GEO = "http://www.opengis.net/ont/geosparql#"
GEOF = "http://www.opengis.net/def/function/geosparql/"
METRE = "http://www.opengis.net/def/uom/OGC/1.0/metre"
KILOMETRE = "http://www.opengis.net/def/uom/OGC/1.0/kilometre"
OA = "http://www.w3.org/ns/oa#"
ORG = "http://www.w3.org/ns/org#"
OWL = "http://www.w3.org/2002/07/owl#"
PROV = "http://www.w3.org/ns/prov#"
QB = "http://purl.org/linked-data/cube#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA = "https://schema.org/"
# The same, as older data has it.
SCHEMA_HTTP = "http://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOS_XL = "http://www.w3.org/2008/05/skos-xl#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
VANN = "http://purl.org/vocab/vann/"
VOID = "http://rdfs.org/ns/void#"
WD = "http://www.wikidata.org/entity/"
WDT = "http://www.wikidata.org/prop/direct/"
XSD = "http://www.w3.org/2001/XMLSchema#"

# Every datatype of whole numbers (XML Schema 1.1, part 2, section 3.4), and those of others.
INTEGERS = {
    *(XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "nonPositiveInteger")),
    *(XSD + name for name in ("positiveInteger", "negativeInteger", "unsignedInt", "unsignedLong")),
    *(XSD + name for name in ("unsignedShort", "unsignedByte")),
}
REALS = {XSD + name for name in ("decimal", "double", "float")}

PREFIXES = {
    "dct": DCT,
    "foaf": FOAF,
    "geo": GEO,
    "id": ID,
    "kouan": KOUAN,
    "oa": OA,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "qb": QB,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "shape": SHAPE,
    "skos": SKOS,
    "src": SRC,
    "vann": VANN,
    "xsd": XSD,
}
