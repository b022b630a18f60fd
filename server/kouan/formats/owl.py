"""Write an ontology in the syntaxes that are OWL's own. Knows triples, no addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import IO, Any

import pyhornedowl
from pyhornedowl.model import DisjointClasses
from pyoxigraph import NamedNode, RdfFormat, Triple

from kouan.formats.table import Format
from kouan.formats.writing import write_grouped
from kouan.vocabulary import OWL, RDF

ALL_DISJOINT = NamedNode(OWL + "AllDisjointClasses")
XML = "owx"


def write_owl(name: str, triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return the axioms that triples say (OWL 2 Mapping to RDF Graphs, section 3) in the syntax of one of OWL_FORMATS."""
    ordered = sorted(triples, key=str)
    document = write_grouped(ordered, RdfFormat.RDF_XML, prefixes).decode()
    ontology = pyhornedowl.open_ontology_from_string(document, "rdf")
    # The library passes over these in RDF.
    for classes in _all_disjoint(ordered):
        ontology.add_axiom(DisjointClasses([ontology.class_(iri) for iri in classes]))
    # And in XML it would write short names where whole ones have to stand.
    if name != XML:
        ontology.prefix_mapping.add_default_prefix_names()
        for prefix, iri in prefixes.items():
            ontology.prefix_mapping.add_prefix(prefix, iri)
    syntax: Any = name
    return ontology.save_to_string(syntax).encode()


def _all_disjoint(triples: Iterable[Triple]) -> list[list[str]]:
    """Return the classes of each owl:AllDisjointClasses, by their IRIs."""
    lists: dict[tuple[Any, str], Any] = {(each.subject, each.predicate.value): each.object for each in triples}
    found = []
    for axiom, predicate in [key for key in lists if key[1] == OWL + "members"]:
        if lists.get((axiom, RDF + "type")) != ALL_DISJOINT:
            continue
        classes, rest = [], lists[axiom, predicate]
        while (first := lists.get((rest, RDF + "first"))) is not None:
            classes.append(first.value)
            rest = lists[rest, RDF + "rest"]
        found.append(classes)
    return found


def _written(name: str, triples: Iterable[Triple], prefixes: Mapping[str, str], output: IO[bytes]) -> None:
    output.write(write_owl(name, triples, prefixes))


# OWL 2 XML Serialization; OWL 2 Structural Specification, section 3.7. What the library writes as Manchester syntax, which has no
# place for axioms about classes without names, the OWL API does not read.
OWL_FORMATS = tuple(
    Format(name, media_type, partial(_written, name))
    for name, media_type in (
        (XML, "application/owl+xml"),
        ("ofn", "text/owl-functional"),
    )
)
OWL_BY_NAME = {each.name: each for each in OWL_FORMATS}
