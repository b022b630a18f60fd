"""Describe the dataset, its files and its services for catalogues of data (DCAT 3, DCAT-AP 3). Knows the snapshot, no requests."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from kouan.http.catalogue import SPDX, Describing, date, said, text, typed
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer
from kouan.snapshot.dumps import Dump, offered
from kouan.vocabulary import DCAT, DCT, FOAF, RDFS, SKOS, VCARD, XSD

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
EU = "http://publications.europa.eu/resource/authority/"
THEMES = EU + "data-theme"
# What of the Publications Office's authority tables the description names (DCAT-AP 3, section 7).
LANGUAGES = {"en": "ENG", "zh": "ZHO"}
FILE_TYPES = {"nq": "RDF_N_QUADS", "trig": "RDF_TRIG", "ttl": "RDF_TURTLE", "jsonld": "JSON_LD", "nt": "RDF_N_TRIPLES"}
THEME_NAMES = {
    "GOVE": ("Government and public sector", "政府与公共部门"),
    "INTR": ("International issues", "国际事务"),
    "REGI": ("Regions and cities", "地区与城市"),
    "TRAN": ("Transport", "交通"),
}
SERVICES = (
    ("sparql", "SPARQL 1.1 and 1.2 endpoint", "/sparql", "/sparql", "https://www.w3.org/TR/sparql11-protocol/"),
    (
        "fragments",
        "Triple Pattern Fragments",
        "/fragments",
        "/fragments",
        "https://linkeddatafragments.org/specification/",
    ),
    ("http", "Every address of the server", "/", "/openapi.json", "https://spec.openapis.org/oas/v3.1.0"),
    (
        "reconcile",
        "Reconciliation service",
        "/reconcile",
        "/reconcile",
        "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
    ),
)


def dcat_description(answer: Answer, snapshot: Snapshot, root: str, about: About) -> list[Triple]:
    """Return the DCAT description of the catalogue behind the server at `root`: one dataset, its distributions and services."""
    return list(_Dcat(answer, snapshot, root, about).described())


class _Dcat(Describing):
    def described(self) -> Iterator[Triple]:
        catalogue, home = NamedNode(self.root + "/dcat#catalog"), NamedNode(self.root + "/")
        yield from typed(catalogue, DCAT + "Catalog")
        yield from self.headed(catalogue)
        if not self.about.publishers:
            # Who runs the server publishes its catalogue, which has to have a publisher.
            yield said(catalogue, DCT + "publisher", self.publisher)
        yield said(catalogue, DCAT + "dataset", self.dataset)
        yield from self._languages(catalogue)
        yield from self.agent()
        yield from typed(home, FOAF + "Document")
        yield from typed(self.dataset, DCAT + "Dataset")
        yield from self.headed(self.dataset)
        yield from self._languages(self.dataset)
        yield said(self.dataset, DCT + "identifier", Literal(self.snapshot.version))
        yield said(self.dataset, DCAT + "version", Literal(self.about.version or self.snapshot.version))
        yield said(self.dataset, DCAT + "landingPage", home)
        public = NamedNode(EU + "access-right/PUBLIC")
        yield said(self.dataset, DCT + "accessRights", public)
        yield from typed(public, DCT + "RightsStatement")
        yield from self._contact()
        yield from self._subject(catalogue)
        for name, title, address, description, standard in SERVICES:
            if name == "fragments" and not self.snapshot.is_here:
                continue
            service = NamedNode(f"{self.root}/dcat#{name}")
            yield said(catalogue, DCAT + "service", service)
            yield from typed(service, DCAT + "DataService")
            yield said(service, DCT + "title", Literal(title, language="en"))
            yield from self._address(service, "endpointURL", address)
            yield from self._address(service, "endpointDescription", description)
            yield said(service, DCT + "conformsTo", NamedNode(standard))
            yield from typed(NamedNode(standard), DCT + "Standard")
            yield said(service, DCAT + "servesDataset", self.dataset)
            yield from self.licence(service)
        for dump in offered(self.snapshot):
            yield from self._distribution(dump)
        if not offered(self.snapshot):
            yield from self._endpoint_alone()

    def _address(self, described: NamedNode, name: str, path: str) -> Iterator[Triple]:
        """Yield an address that something is had at; that it is a resource is said for validators that do not infer it."""
        yield said(described, DCAT + name, NamedNode(self.root + path))
        yield from typed(NamedNode(self.root + path), RDFS + "Resource")

    def _languages(self, described: NamedNode) -> Iterator[Triple]:
        for tag in sorted({tag.partition("-")[0] for tag in self.about.titles} & LANGUAGES.keys()):
            language = NamedNode(EU + "language/" + LANGUAGES[tag])
            yield said(described, DCT + "language", language)
            yield from typed(language, DCT + "LinguisticSystem")

    def _contact(self) -> Iterator[Triple]:
        contact = NamedNode(self.root + "/dcat#contact")
        yield said(self.dataset, DCAT + "contactPoint", contact)
        yield from typed(contact, VCARD + "Organization", VCARD + "Kind")
        for language, name in (self.about.publishers or self.about.titles).items():
            yield said(contact, VCARD + "fn", text(name, language))
        address = self.about.contact or self.root + "/help#report"
        yield said(contact, VCARD + ("hasEmail" if address.startswith("mailto:") else "hasURL"), NamedNode(address))

    def _subject(self, catalogue: NamedNode) -> Iterator[Triple]:
        """Yield what the dataset is about, where and when."""
        for language, words in self.about.keywords.items():
            for word in words:
                yield said(self.dataset, DCAT + "keyword", text(word, language))
        if self.about.themes:
            scheme = NamedNode(THEMES)
            yield said(catalogue, DCAT + "themeTaxonomy", scheme)
            yield from typed(scheme, SKOS + "ConceptScheme")
            yield said(scheme, DCT + "title", Literal("Data theme", language="en"))
        for name in self.about.themes:
            theme = NamedNode(f"{THEMES}/{name}")
            yield said(self.dataset, DCAT + "theme", theme)
            yield from typed(theme, SKOS + "Concept")
            yield said(theme, SKOS + "inScheme", NamedNode(THEMES))
            for language, label in zip(("en", "zh"), THEME_NAMES[name], strict=True):
                yield said(theme, SKOS + "prefLabel", Literal(label, language=language))
        for place in self.about.places:
            yield said(self.dataset, DCT + "spatial", NamedNode(place))
            yield from typed(NamedNode(place), DCT + "Location")
        if self.about.period:
            period = self.node("period")
            yield said(self.dataset, DCT + "temporal", period)
            yield from typed(period, DCT + "PeriodOfTime")
            for name, day in zip(("startDate", "endDate"), self.about.period, strict=True):
                yield said(period, DCAT + name, date(day))

    def _distribution(self, dump: Dump) -> Iterator[Triple]:
        node = NamedNode(f"{self.root}/dcat#{dump.name}")
        media_type = NamedNode(MEDIA_TYPES + dump.media_type)
        file_type = NamedNode(EU + "file-type/" + FILE_TYPES[dump.name.rpartition(".")[2]])
        yield said(self.dataset, DCAT + "distribution", node)
        yield from typed(node, DCAT + "Distribution")
        yield said(node, DCT + "title", Literal(dump.name))
        yield said(node, DCT + "description", Literal(dump.says, language="en"))
        yield from self._address(node, "accessURL", "/data")
        yield from self._address(node, "downloadURL", f"/dump/{dump.name}")
        yield said(node, DCAT + "mediaType", media_type)
        yield from typed(media_type, DCT + "MediaType")
        yield said(node, DCT + "format", file_type)
        yield from typed(file_type, DCT + "MediaTypeOrExtent")
        yield said(node, DCT + "modified", Literal(self.snapshot.when, datatype=NamedNode(XSD + "dateTime")))
        yield from self.licence(node)
        if known := dump.known(self.snapshot):
            yield from self._measured(node, *known)

    def _measured(self, node: NamedNode, size: int, digest: str) -> Iterator[Triple]:
        checksum, algorithm = self.node("checksum"), NamedNode(SPDX + "checksumAlgorithm_sha256")
        yield said(node, DCAT + "byteSize", Literal(str(size), datatype=NamedNode(XSD + "nonNegativeInteger")))
        yield said(node, SPDX + "checksum", checksum)
        yield from typed(checksum, SPDX + "Checksum")
        yield said(checksum, SPDX + "algorithm", algorithm)
        yield from typed(algorithm, SPDX + "ChecksumAlgorithm")
        yield said(checksum, SPDX + "checksumValue", Literal(digest, datatype=NamedNode(XSD + "hexBinary")))

    def _endpoint_alone(self) -> Iterator[Triple]:
        """Yield how what is too large for a file is had."""
        node = NamedNode(self.root + "/dcat#endpoint")
        yield said(self.dataset, DCAT + "distribution", node)
        yield from typed(node, DCAT + "Distribution")
        yield from self._address(node, "accessURL", "/sparql")
        yield said(node, DCAT + "accessService", NamedNode(self.root + "/dcat#sparql"))
        yield from self.licence(node)
