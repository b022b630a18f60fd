"""Describe the dataset for tools that look for data: VoID with partitions, DCAT with downloads. Knows the snapshot, no requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.http.dumps import Dump, offered
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer
from kouan.vocabulary import BASE, DCAT, DCT, FOAF, RDF, RDFS, SH, VOID, XSD

SPDX = "http://spdx.org/rdf/terms#"
FORMATS = "http://www.w3.org/ns/formats/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
PREFIXES = {"void": VOID, "dcat": DCAT, "spdx": SPDX, "formats": FORMATS}
Node = NamedNode | BlankNode
# What a name in RDF may be (RFC 3987, as RDF 1.1 Concepts has it in section 3.2).
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")

CLASSES = """SELECT ?class (COUNT(DISTINCT ?thing) AS ?entities) { ?thing a ?class FILTER(isIRI(?class)) }
GROUP BY ?class ORDER BY DESC(?entities) ?class"""
PROPERTIES = """SELECT ?property (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
{ ?s ?property ?o } GROUP BY ?property ORDER BY DESC(?triples) ?property"""
CLASS_PROPERTIES = """SELECT ?class ?property (COUNT(*) AS ?triples) { ?s a ?class ; ?property ?o FILTER(isIRI(?class)) }
GROUP BY ?class ?property ORDER BY ?class ?property"""


def void_description(answer: Answer, snapshot: Snapshot, root: str, about: About) -> list[Triple]:
    """Return the VoID description of the dataset behind the server at `root`, with class and property partitions."""
    return list(_Describing(answer, snapshot, root, about).void())


def dcat_description(answer: Answer, snapshot: Snapshot, root: str, about: About) -> list[Triple]:
    """Return the DCAT 3 description of the dataset and its distributions."""
    return list(_Describing(answer, snapshot, root, about).dcat())


class _Describing:
    def __init__(self, answer: Answer, snapshot: Snapshot, root: str, about: About) -> None:
        self.answer = answer
        self.about = about
        self.snapshot = snapshot
        self.root = root
        self.dataset = NamedNode(root + "/void#dataset")
        self.numbers = count(1)

    def void(self) -> Iterator[Triple]:
        yield _said(self.dataset, RDF + "type", NamedNode(VOID + "Dataset"))
        yield from self._about(self.dataset)
        yield _said(self.dataset, VOID + "sparqlEndpoint", NamedNode(self.root + "/sparql"))
        if self.snapshot.is_own:
            yield _said(self.dataset, VOID + "uriSpace", Literal(BASE))
        yield _said(self.dataset, VOID + "triples", _number(self.snapshot.triples))
        for dump in offered(self.snapshot):
            yield _said(self.dataset, VOID + "dataDump", NamedNode(f"{self.root}/dump/{dump.name}"))
        by_class = self._rows(CLASSES)
        properties = self._rows(PROPERTIES)
        yield _said(self.dataset, VOID + "classes", _number(len(by_class)))
        yield _said(self.dataset, VOID + "properties", _number(len(properties)))
        nodes: dict[str, Node] = {}
        for row in by_class:
            nodes[row["class"]] = node = self._node("class")
            yield _said(self.dataset, VOID + "classPartition", node)
            yield _said(node, VOID + "class", NamedNode(row["class"]))
            yield _said(node, VOID + "entities", _number(int(row["entities"])))
        for row in properties:
            yield from self._partition(self.dataset, row["property"], row["triples"], row["subjects"], row["objects"])
        for row in self._rows(CLASS_PROPERTIES):
            yield from self._partition(nodes[row["class"]], row["property"], row["triples"])
        yield from self._prefixes()

    def dcat(self) -> Iterator[Triple]:
        yield _said(self.dataset, RDF + "type", NamedNode(DCAT + "Dataset"))
        yield from self._about(self.dataset)
        yield _said(self.dataset, DCAT + "version", Literal(self.snapshot.version))
        yield _said(self.dataset, DCAT + "landingPage", NamedNode(self.root + "/"))
        service = NamedNode(self.root + "/dcat#sparql")
        yield _said(service, RDF + "type", NamedNode(DCAT + "DataService"))
        yield _said(service, DCAT + "endpointURL", NamedNode(self.root + "/sparql"))
        yield _said(service, DCAT + "servesDataset", self.dataset)
        for dump in offered(self.snapshot):
            yield from self._distribution(dump)

    def _distribution(self, dump: Dump) -> Iterator[Triple]:
        node = NamedNode(f"{self.root}/dcat#{dump.name}")
        body, digest = dump.content(self.snapshot)
        checksum = self._node("checksum")
        yield _said(self.dataset, DCAT + "distribution", node)
        yield _said(node, RDF + "type", NamedNode(DCAT + "Distribution"))
        yield _said(node, DCAT + "downloadURL", NamedNode(f"{self.root}/dump/{dump.name}"))
        yield _said(node, DCAT + "mediaType", NamedNode(MEDIA_TYPES + dump.media_type))
        yield _said(node, DCAT + "byteSize", _number(len(body)))
        yield from self._licence(node)
        yield _said(node, SPDX + "checksum", checksum)
        yield _said(checksum, SPDX + "algorithm", NamedNode(SPDX + "checksumAlgorithm_sha256"))
        yield _said(checksum, SPDX + "checksumValue", Literal(digest))

    def _about(self, dataset: Node) -> Iterator[Triple]:
        for language, title in self.about.titles.items():
            yield _said(dataset, DCT + "title", _text(title, language))
        for language, description in self.about.descriptions.items():
            yield _said(dataset, DCT + "description", _text(description, language))
        yield from self._publisher(dataset)
        yield from self._licence(dataset)
        yield _said(dataset, DCT + "identifier", Literal(self.snapshot.version))
        yield _said(dataset, FOAF + "homepage", NamedNode(self.root + "/"))

    def _licence(self, described: Node) -> Iterator[Triple]:
        """Yield the licence; what is no address is a statement of rights (DCAT 3, section 6.4.2)."""
        licence = self.about.licence
        if IRI.match(licence):
            yield _said(described, DCT + "license", NamedNode(licence))
        elif licence:
            statement = self._node("rights")
            yield _said(described, DCT + "rights", statement)
            yield _said(statement, RDF + "type", NamedNode(DCT + "RightsStatement"))
            yield _said(statement, RDFS + "label", Literal(licence))

    def _publisher(self, dataset: Node) -> Iterator[Triple]:
        if not self.about.publishers:
            return
        publisher = NamedNode(self.about.publisher_iri) if self.about.publisher_iri else self._node("publisher")
        yield _said(dataset, DCT + "publisher", publisher)
        yield _said(publisher, RDF + "type", NamedNode(FOAF + "Agent"))
        for language, name in self.about.publishers.items():
            yield _said(publisher, FOAF + "name", _text(name, language))

    def _partition(
        self, whole: Node, prop: str, triples: str, subjects: str = "", objects: str = ""
    ) -> Iterator[Triple]:
        node = self._node("property")
        yield _said(whole, VOID + "propertyPartition", node)
        yield _said(node, VOID + "property", NamedNode(prop))
        yield _said(node, VOID + "triples", _number(int(triples)))
        if subjects:
            yield _said(node, VOID + "distinctSubjects", _number(int(subjects)))
            yield _said(node, VOID + "distinctObjects", _number(int(objects)))

    def _prefixes(self) -> Iterator[Triple]:
        for prefix, iri in self.snapshot.prefixes.items():
            node = self._node("prefix")
            yield _said(self.dataset, SH + "declare", node)
            yield _said(node, SH + "prefix", Literal(prefix))
            yield _said(node, SH + "namespace", Literal(iri, datatype=NamedNode(XSD + "anyURI")))

    def _node(self, kind: str) -> BlankNode:
        return BlankNode(f"{kind}{next(self.numbers)}")

    def _rows(self, query: str) -> list[dict[str, str]]:
        bindings = json.loads(self.answer(query, "application/sparql-results+json"))["results"]["bindings"]
        return [{name: term["value"] for name, term in binding.items()} for binding in bindings]


def _said(subject: Node, predicate: str, value: Node | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def _text(text: str, language: str) -> Literal:
    return Literal(text, language=language) if language else Literal(text)


def _number(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(XSD + "integer"))
