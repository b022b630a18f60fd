"""Describe the service and its dataset (SPARQL 1.1 Service Description, VoID). Knows the snapshot; knows no requests."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.evaluation.geometry import FUNCTIONS
from kouan.formats.table import GRAPH_FORMATS, SOLUTION_FORMATS
from kouan.formats.writing import write_graph
from kouan.graph.turtle import write_turtle
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.sparql.functions import NAMED_AGGREGATES
from kouan.sparql.search import PROPERTY as SEARCH_PROPERTY
from kouan.vocabulary import BASE, DCT, PREFIXES, RDF, RDFS, VOID, XSD
from kouan.writes.change import PAYLOADS

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
ON_NUMBERS = (
    'Numbers of one datatype that are equal are one term in SPARQL: after INSERT DATA { <urn:s> <urn:p> 1, "01"^^xsd:integer, '
    '"+1"^^xsd:integer } a query finds one row, "1"^^xsd:integer; "1.0"^^xsd:decimal is another. xsd:nonNegativeInteger and the '
    "other datatypes derived from xsd:integer come out as it. /data, dumps, history and validation keep each term as it was written."
)
FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nq": "N-Quads",
}


def service_description(
    snapshot: Snapshot,
    about: About,
    endpoint: str,
    media_type: str,
    *,
    takes_writes: bool,
    evaluates_here: bool,
    calls_others: bool,
) -> bytes:
    """Return the description of the service at an address as an RDF media type."""
    triples = list(_describe(snapshot, about, endpoint, takes_writes, evaluates_here, calls_others))
    prefixes = PREFIXES | {"sd": SD, "void": VOID, "formats": FORMATS}
    if media_type == "text/turtle":
        return write_turtle(triples, prefixes).encode()
    return write_graph(triples, media_type, prefixes, None)


def _describe(
    snapshot: Snapshot, about: About, endpoint: str, takes_writes: bool, evaluates_here: bool, calls_others: bool
) -> Iterator[Triple]:
    service, dataset, default = BlankNode("service"), BlankNode("dataset"), BlankNode("default")

    def said(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(predicate), value)

    yield said(service, RDF + "type", NamedNode(SD + "Service"))
    yield said(service, SD + "endpoint", NamedNode(endpoint))
    for language in ("SPARQL10Query", "SPARQL11Query", *(["SPARQL11Update"] if takes_writes else [])):
        yield said(service, SD + "supportedLanguage", NamedNode(SD + language))
    if calls_others:
        yield said(service, SD + "feature", NamedNode(SD + "BasicFederatedQuery"))
    for each in (*SOLUTION_FORMATS, *GRAPH_FORMATS):
        if each.name in FORMAT_NAMES:
            yield said(service, SD + "resultFormat", NamedNode(FORMATS + FORMAT_NAMES[each.name]))
    for each in (format for format in GRAPH_FORMATS if takes_writes and format.media_type in PAYLOADS):
        if each.name in FORMAT_NAMES:
            yield said(service, SD + "inputFormat", NamedNode(FORMATS + FORMAT_NAMES[each.name]))
    if evaluates_here:
        yield said(service, RDFS + "comment", Literal(ON_NUMBERS, language="en"))
        yield said(service, SD + "propertyFeature", NamedNode(SEARCH_PROPERTY))
    # Another engine has functions of its own, which are not known here.
    for function in sorted(FUNCTIONS if evaluates_here else ()):
        yield said(service, SD + "extensionFunction", NamedNode(function))
    for aggregate in sorted(NAMED_AGGREGATES if evaluates_here else ()):
        yield said(service, SD + "extensionAggregate", NamedNode(aggregate))
    yield said(service, SD + "defaultDataset", dataset)
    yield said(dataset, RDF + "type", NamedNode(SD + "Dataset"))
    yield said(dataset, RDF + "type", NamedNode(VOID + "Dataset"))
    for tag, title in about.titles.items():
        yield said(dataset, DCT + "title", Literal(title, language=tag) if tag else Literal(title))
    if about.licence.startswith(("http://", "https://")):
        yield said(dataset, DCT + "license", NamedNode(about.licence))
    if snapshot.is_own:
        yield said(dataset, VOID + "uriSpace", Literal(BASE))
    yield said(dataset, DCT + "identifier", Literal(snapshot.version))
    yield said(dataset, VOID + "triples", _count(snapshot.triples))
    yield said(dataset, SD + "defaultGraph", default)
    yield said(default, RDF + "type", NamedNode(SD + "Graph"))
    yield said(default, VOID + "triples", _count(snapshot.triples))
    for iri, count in snapshot.graphs.items():
        # A graph that a blank node names has no name by which another could ask for it.
        if ":" not in iri:
            continue
        node, graph = BlankNode(), BlankNode()
        yield said(dataset, SD + "namedGraph", node)
        yield said(node, RDF + "type", NamedNode(SD + "NamedGraph"))
        yield said(node, SD + "name", NamedNode(iri))
        yield said(node, SD + "graph", graph)
        yield said(graph, RDF + "type", NamedNode(SD + "Graph"))
        yield said(graph, VOID + "triples", _count(count))


def _count(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
