"""Say with the shapes what tools need that make a form of them (Sparnatural). Knows the ontology's and the shapes' graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kouan.history.exact import ExactStore
from kouan.vocabulary import ONTOLOGY_GRAPH, RDF, RDFS, SH, SHAPES_GRAPH

DASH = "http://datashapes.org/dash#"
TYPE = NamedNode(RDF + "type")
LABEL, SUBCLASS = NamedNode(RDFS + "label"), NamedNode(RDFS + "subClassOf")
TARGET_CLASS, PATH, PROPERTY = NamedNode(SH + "targetClass"), NamedNode(SH + "path"), NamedNode(SH + "property")
CALLED = {"en": "name", "zh": "名称"}


def form_words(data: ExactStore) -> Iterator[Quad]:
    """Yield what the classes and properties of shapes are called, which class is part of which, and by what members are named."""
    shapes = list(data.quads(SHAPES_GRAPH))
    terms = {quad.object for quad in shapes if quad.predicate in {TARGET_CLASS, PATH}}
    for quad in data.quads(ONTOLOGY_GRAPH):
        if quad.subject in terms and (quad.predicate == LABEL or (quad.predicate == SUBCLASS and quad.object in terms)):
            yield quad
    yield from _named(shapes)


def _named(shapes: list[Quad]) -> Iterator[Quad]:
    """Yield a property shape that asks for no more than that one, of each shape of a class whose members another one names.

    A form takes one shape for a class, and looks there, and at the classes above, for the name of a member.
    """
    naming = {quad.subject for quad in shapes if quad.predicate == PATH and quad.object == LABEL}
    having = {quad.subject for quad in shapes if quad.predicate == PROPERTY and quad.object in naming}
    by_class = defaultdict(set)
    for quad in shapes:
        if quad.predicate == TARGET_CLASS:
            by_class[quad.object].add(quad.subject)
    lacking = {shape for about in by_class.values() if about & having for shape in about - having}
    if lacking:
        name = BlankNode("name")
        yield Quad(name, TYPE, NamedNode(SH + "PropertyShape"))
        yield Quad(name, PATH, LABEL)
        yield Quad(name, NamedNode(DASH + "propertyRole"), NamedNode(DASH + "LabelRole"))
        yield Quad(name, NamedNode(SH + "datatype"), NamedNode(RDF + "langString"))
        for language, word in CALLED.items():
            yield Quad(name, NamedNode(SH + "name"), Literal(word, language=language))
        for shape in sorted(lacking, key=str):
            yield Quad(shape, PROPERTY, name)
