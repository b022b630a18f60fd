"""Say in RDF what descriptions of the dataset share: its title, publisher, licence and dates. Knows the snapshot, no requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer, is_iri
from kouan.vocabulary import DCAT, DCT, FOAF, RDF, RDFS, VCARD, VOID, XSD

SPDX = "http://spdx.org/rdf/terms#"
FORMATS = "http://www.w3.org/ns/formats/"
PREFIXES = {"void": VOID, "dcat": DCAT, "spdx": SPDX, "formats": FORMATS, "vcard": VCARD}
Node = NamedNode | BlankNode


class Describing:
    """What a description of the dataset behind the server at `root` is made with."""

    def __init__(self, answer: Answer, snapshot: Snapshot, root: str, about: About) -> None:
        self.answer, self.snapshot, self.root, self.about = answer, snapshot, root, about
        self.dataset = NamedNode(root + "/void#dataset")
        self.publisher = NamedNode(about.publisher_iri or root + "/dcat#publisher")
        self.numbers = count(1)

    def headed(self, described: Node) -> Iterator[Triple]:
        """Yield what is said of the dataset and of the catalogue it stands in: title, publisher, licence, dates, home."""
        for language, title in self.about.titles.items():
            yield said(described, DCT + "title", text(title, language))
        for language, description in (self.about.descriptions or self.about.titles).items():
            yield said(described, DCT + "description", text(description, language))
        if self.about.publishers:
            yield said(described, DCT + "publisher", self.publisher)
            yield said(described, DCT + "creator", self.publisher)
        yield from self.licence(described)
        if self.about.issued:
            yield said(described, DCT + "issued", date(self.about.issued))
        if self.snapshot.when:
            yield said(described, DCT + "modified", Literal(self.snapshot.when, datatype=NamedNode(XSD + "dateTime")))
        yield said(described, FOAF + "homepage", NamedNode(self.root + "/"))

    def agent(self) -> Iterator[Triple]:
        """Yield who the publisher is: one of whom nothing is known is called as the dataset is."""
        yield from typed(self.publisher, FOAF + "Agent")
        for language, name in (self.about.publishers or self.about.titles).items():
            yield said(self.publisher, FOAF + "name", text(name, language))

    def licence(self, described: Node) -> Iterator[Triple]:
        """Yield the licence; what is no address is a statement of rights (DCAT 3, section 6.4.2)."""
        licence = self.about.licence
        if is_iri(licence):
            yield said(described, DCT + "license", NamedNode(licence))
            yield from typed(NamedNode(licence), DCT + "LicenseDocument")
        elif licence:
            statement = self.node("rights")
            yield said(described, DCT + "rights", statement)
            yield from typed(statement, DCT + "RightsStatement")
            yield said(statement, RDFS + "label", Literal(licence))

    def node(self, kind: str) -> BlankNode:
        """Return a new node without a name."""
        return BlankNode(f"{kind}{next(self.numbers)}")

    def rows(self, query: str) -> list[dict[str, str]]:
        """Return the solutions of a query, each the texts of its terms by variable."""
        bindings = json.loads(self.answer(query, "application/sparql-results+json"))["results"]["bindings"]
        return [{name: term["value"] for name, term in binding.items()} for binding in bindings]


def said(subject: Node, predicate: str, value: Node | Literal) -> Triple:
    """Return a triple."""
    return Triple(subject, NamedNode(predicate), value)


def typed(subject: Node, *classes: str) -> Iterator[Triple]:
    """Yield what something is."""
    yield from (said(subject, RDF + "type", NamedNode(each)) for each in classes)


def text(words: str, language: str) -> Literal:
    """Return a text in a language, "" for none."""
    return Literal(words, language=language) if language else Literal(words)


def number(value: int) -> Literal:
    """Return an integer."""
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))


def date(day: str) -> Literal:
    """Return a day or a year, as DCAT takes both (DCAT 3, section 6.15)."""
    return Literal(day, datatype=NamedNode(XSD + ("date" if len(day) > 4 else "gYear")))
