"""Describe what the dataset holds (VoID): counts, partitions, vocabularies, examples, links to other datasets. Knows no requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from kouan.formats.table import GRAPH_FORMATS
from kouan.graph.naming import AUTHORITIES, local_name
from kouan.http.catalogue import FORMATS, Describing, Node, number, said, typed
from kouan.http.description import FORMAT_NAMES, SD
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, Answer
from kouan.snapshot.dumps import offered
from kouan.vocabulary import BASE, DCT, FOAF, KOUAN, OWL, RDFS, SCHEMA, SCHEMA_HTTP, SH, SKOS, VOID, XSD

CLASSES = """SELECT ?class (COUNT(DISTINCT ?thing) AS ?entities) (MIN(?thing) AS ?first)
{ ?thing a ?class FILTER(isIRI(?class) && isIRI(?thing)) } GROUP BY ?class ORDER BY DESC(?entities) ?class"""
PROPERTIES = """SELECT ?property (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
{ ?s ?property ?o } GROUP BY ?property ORDER BY DESC(?triples) ?property"""
CLASS_PROPERTIES = """SELECT ?class ?property (COUNT(*) AS ?triples) { ?s a ?class ; ?property ?o FILTER(isIRI(?class)) }
GROUP BY ?class ?property ORDER BY ?class ?property"""
SUBJECTS = "SELECT (COUNT(DISTINCT ?s) AS ?subjects) { ?s ?p ?o }"
OBJECTS = "SELECT (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }"
# Those of nodes without names are classes of the dataset too (VoID, section 4.6).
ALL_CLASSES = "SELECT (COUNT(DISTINCT ?class) AS ?classes) { ?s a ?class }"
ENTITIES = "SELECT (COUNT(DISTINCT ?s) AS ?entities) { ?s ?p ?o FILTER(isIRI(?s)) }"
OWN_ENTITIES = ENTITIES.replace("isIRI(?s)", f'STRSTARTS(STR(?s), "{BASE}")')
# What says that two names are of one thing, or nearly: its objects lie in another dataset.
LINKING = (
    *(OWL + "sameAs", SKOS + "exactMatch", SKOS + "closeMatch", SKOS + "broadMatch", SKOS + "narrowMatch"),
    *(SKOS + "relatedMatch", SCHEMA + "sameAs", SCHEMA_HTTP + "sameAs", RDFS + "seeAlso"),
)
EXAMPLES = 5


def void_description(answer: Answer, snapshot: Snapshot, root: str, about: About) -> list[Triple]:
    """Return the VoID description of the dataset behind the server at `root`, with class and property partitions."""
    return list(_Void(answer, snapshot, root, about).described())


class _Void(Describing):
    def described(self) -> Iterator[Triple]:
        page = NamedNode(self.root + "/void")
        yield from typed(page, VOID + "DatasetDescription")
        yield said(page, DCT + "title", Literal("Description in VoID", language="en"))
        yield said(page, DCT + "title", Literal("VoID 描述", language="zh"))
        yield said(page, FOAF + "primaryTopic", self.dataset)
        yield from typed(self.dataset, VOID + "Dataset")
        yield from self.headed(self.dataset)
        if self.about.publishers:
            yield from self.agent()
        yield said(self.dataset, DCT + "identifier", Literal(self.snapshot.version))
        yield from self._accessed()
        by_class, properties = self.rows(CLASSES), self.rows(PROPERTIES)
        yield said(self.dataset, VOID + "triples", number(self.snapshot.triples))
        yield said(self.dataset, VOID + "properties", number(len(properties)))
        counts = {
            "classes": ALL_CLASSES,
            # What is described and has a name of this dataset's, whatever type it says (VoID, section 4.6).
            "entities": OWN_ENTITIES if self.snapshot.is_own else ENTITIES,
            "distinctSubjects": SUBJECTS,
            "distinctObjects": OBJECTS,
        }
        for name, query in counts.items():
            yield said(self.dataset, VOID + name, number(int(next(iter(self.rows(query)[0].values())))))
        yield from self._vocabularies({row["class"] for row in by_class} | {row["property"] for row in properties})
        nodes: dict[str, Node] = {}
        for row in by_class:
            nodes[row["class"]] = node = self.node("class")
            yield said(self.dataset, VOID + "classPartition", node)
            yield said(node, VOID + "class", NamedNode(row["class"]))
            yield said(node, VOID + "entities", number(int(row["entities"])))
        for row in properties:
            yield from self._partition(self.dataset, row["property"], row["triples"], row["subjects"], row["objects"])
        for row in self.rows(CLASS_PROPERTIES):
            if row["class"] in nodes:
                yield from self._partition(nodes[row["class"]], row["property"], row["triples"])
        kinds = [row for row in by_class if row["class"].startswith(KOUAN)] or by_class
        for example in list(dict.fromkeys(row["first"] for row in kinds))[:EXAMPLES]:
            yield said(self.dataset, VOID + "exampleResource", NamedNode(example))
        yield from self._linksets()
        yield from self._prefixes()

    def _accessed(self) -> Iterator[Triple]:
        """Yield how the data is had: by queries, by files, by names, by search."""
        endpoint, service = NamedNode(self.root + "/sparql"), self.node("service")
        yield said(self.dataset, VOID + "sparqlEndpoint", endpoint)
        # Clients of SPARQL that are given the address of the server look for this.
        yield from typed(service, SD + "Service")
        yield said(service, SD + "endpoint", endpoint)
        yield said(self.dataset, VOID + "openSearchDescription", NamedNode(self.root + "/opensearch.xml"))
        if self.snapshot.is_own:
            yield said(self.dataset, VOID + "uriSpace", Literal(BASE))
            yield said(self.dataset, VOID + "rootResource", NamedNode(BASE + "ontology"))
        for dump in offered(self.snapshot):
            yield said(self.dataset, VOID + "dataDump", NamedNode(f"{self.root}/dump/{dump.name}"))
        for each in GRAPH_FORMATS:
            if each.name in FORMAT_NAMES:
                yield said(self.dataset, VOID + "feature", NamedNode(FORMATS + FORMAT_NAMES[each.name]))

    def _vocabularies(self, terms: set[str]) -> Iterator[Triple]:
        spaces = {term[: max(term.rfind("#"), term.rfind("/"), term.rfind(":")) + 1] for term in terms}
        for space in sorted(spaces):
            yield said(self.dataset, VOID + "vocabulary", NamedNode(space))

    def _partition(
        self, whole: Node, prop: str, triples: str, subjects: str = "", objects: str = ""
    ) -> Iterator[Triple]:
        node = self.node("property")
        yield said(whole, VOID + "propertyPartition", node)
        yield said(node, VOID + "property", NamedNode(prop))
        yield said(node, VOID + "triples", number(int(triples)))
        if subjects:
            yield said(node, VOID + "distinctSubjects", number(int(subjects)))
            yield said(node, VOID + "distinctObjects", number(int(objects)))

    def _linksets(self) -> Iterator[Triple]:
        """Yield how many links of each kind lead to each dataset outside (VoID, section 5)."""
        wanted = " ".join(f"<{each}>" for each in LINKING)
        starts = " || ".join(f'STRSTARTS(STR(?o), "{start}")' for start in AUTHORITIES)
        counted: dict[tuple[str, str], int] = defaultdict(int)
        for row in self.rows(
            f"SELECT ?p ?space (COUNT(*) AS ?n) {{ {{ VALUES ?p {{ {wanted} }} ?s ?p ?o }} UNION "
            f"{{ ?s ?p ?o FILTER({starts}) FILTER(?p NOT IN ({wanted.replace('> <', '>, <')})) }} FILTER(isIRI(?o)) "
            'BIND(REPLACE(STR(?o), "^([A-Za-z][A-Za-z0-9+.-]*:(//[^/]*/)?).*$", "$1", "s") AS ?space) } GROUP BY ?p ?space'
        ):
            if not BASE.startswith(row["space"]):
                counted[row["space"], row["p"]] += int(row["n"])
        for (space, predicate), links in sorted(counted.items()):
            name = "".join(sign if sign.isalnum() else "-" for sign in f"{space}-{predicate}")
            linkset, target = NamedNode(f"{self.root}/void#links-{name}"), self._outside(space)
            yield from typed(linkset, VOID + "Linkset")
            yield said(linkset, DCT + "title", Literal(f"{local_name(predicate)} → {_keeper(space)}"))
            yield said(self.dataset, VOID + "subset", linkset)
            yield said(linkset, VOID + "subjectsTarget", self.dataset)
            yield said(linkset, VOID + "objectsTarget", target)
            yield said(linkset, VOID + "linkPredicate", NamedNode(predicate))
            yield said(linkset, VOID + "triples", number(links))
        for space in sorted({space for space, _ in counted}):
            target = self._outside(space)
            yield from typed(target, VOID + "Dataset")
            yield said(target, DCT + "title", Literal(_keeper(space)))
            yield said(target, VOID + "uriSpace", Literal(space))
            if space.startswith("http"):
                yield said(target, FOAF + "homepage", NamedNode(space))

    def _outside(self, space: str) -> NamedNode:
        return NamedNode(f"{self.root}/void#at-" + "".join(sign if sign.isalnum() else "-" for sign in space))

    def _prefixes(self) -> Iterator[Triple]:
        for prefix, iri in self.snapshot.prefixes.items():
            node = self.node("prefix")
            yield said(self.dataset, SH + "declare", node)
            yield said(node, SH + "prefix", Literal(prefix))
            yield said(node, SH + "namespace", Literal(iri, datatype=NamedNode(XSD + "anyURI")))


def _keeper(space: str) -> str:
    """Return who keeps the names in a space, else the space."""
    return next((name for start, name in AUTHORITIES.items() if start.startswith(space)), space)
