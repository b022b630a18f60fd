"""Describe a dataset inside itself, for tools that ask the endpoint what it holds: VoID, prefixes, questions. Knows no counts of a store.

Completion and language models read this with queries of their own, in the default graph (SIB's sparql-editor, sparql-llm).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kouan.graph.questions import Question
from kouan.vocabulary import BASE, KOUAN, QUESTIONS_GRAPH, RDF, RDFS, SH, VOID, VOID_GRAPH, XSD

VOID_EXT = "http://ldf.fi/void-ext#"
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
TYPE = NamedNode(RDF + "type")
FORMS = {"SELECT": (SH + "select", "SPARQLSelectExecutable"), "ASK": (SH + "ask", "SPARQLAskExecutable")} | {
    "CONSTRUCT": (SH + "construct", "SPARQLConstructExecutable"),
    "DESCRIBE": (SPEX + "describe", "SPARQLDescribeExecutable"),
}


def description(
    triples: Iterable[Triple], prefixes: Mapping[str, str], questions: Iterable[Question]
) -> Iterator[Quad]:
    """Yield what a dataset says of itself, in the graphs of its description and of its questions.

    The classes are those of our ontology: those of others repeat them by the alignments.
    """
    graph = NamedNode(VOID_GRAPH)
    yield from (Quad(t.subject, t.predicate, t.object, graph) for t in _partitions(set(triples)))
    yield from (Quad(t.subject, t.predicate, t.object, graph) for t in _prefixes(prefixes))
    asked = NamedNode(QUESTIONS_GRAPH)
    for question in questions:
        yield from (Quad(t.subject, t.predicate, t.object, asked) for t in _question(question))


def _partitions(triples: set[Triple]) -> Iterator[Triple]:
    classes: dict[object, set[str]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == TYPE and isinstance(triple.object, NamedNode) and triple.object.value.startswith(KOUAN):
            classes[triple.subject].add(triple.object.value)
    entities = Counter(each for found in classes.values() for each in found)
    used: Counter[tuple[str, str]] = Counter()
    targets: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for triple in triples:
        for subject_class in classes.get(triple.subject, ()):
            key = (subject_class, triple.predicate.value)
            used[key] += 1
            for target in _targets(triple, classes):
                targets[key][target] += 1
    dataset = NamedNode(VOID_GRAPH)
    yield from _said(dataset, (RDF + "type", NamedNode(VOID + "Dataset")), (VOID + "uriSpace", Literal(BASE)))
    yield from _said(dataset, (VOID + "classes", Literal(len(entities))))
    for each, count in entities.items():
        node = _node("class", each)
        yield from _said(dataset, (VOID + "classPartition", node))
        yield from _said(node, (VOID + "class", NamedNode(each)), (VOID + "entities", Literal(count)))
    for key, count in used.items():
        yield from _property(key, count, targets[key])


def _property(key: tuple[str, str], count: int, targets: Counter[tuple[str, str]]) -> Iterator[Triple]:
    node = _node("class", *key)
    yield from _said(_node("class", key[0]), (VOID + "propertyPartition", node))
    yield from _said(node, (VOID + "property", NamedNode(key[1])), (VOID + "triples", Literal(count)))
    for (kind, target), number in targets.items():
        part = _node("class", *key, target)
        space = VOID if kind == "class" else VOID_EXT
        yield from _said(node, (f"{space}{kind}Partition", part))
        yield from _said(part, (f"{space}{kind}", NamedNode(target)), (VOID + "triples", Literal(number)))


def _targets(triple: Triple, classes: Mapping[object, set[str]]) -> Iterator[tuple[str, str]]:
    if isinstance(triple.object, Literal):
        yield "datatype", triple.object.datatype.value
    else:
        yield from (("class", each) for each in classes.get(triple.object, ()))


def _prefixes(prefixes: Mapping[str, str]) -> Iterator[Triple]:
    for prefix, iri in prefixes.items():
        node = NamedNode(f"{VOID_GRAPH}#prefix-{prefix}")
        yield from _said(NamedNode(VOID_GRAPH), (SH + "declare", node))
        namespace = Literal(iri, datatype=NamedNode(XSD + "anyURI"))
        yield from _said(node, (SH + "prefix", Literal(prefix)), (SH + "namespace", namespace))


def _question(question: Question) -> Iterator[Triple]:
    predicate, kind = FORMS[question.form]
    node = NamedNode(f"{QUESTIONS_GRAPH}#{question.name}")
    space = SPEX if kind == "SPARQLDescribeExecutable" else SH
    yield from _said(
        node,
        (RDF + "type", NamedNode(SH + "SPARQLExecutable")),
        (RDF + "type", NamedNode(space + kind)),
        (RDFS + "comment", Literal(question.english, language="en")),
        (RDFS + "comment", Literal(question.chinese, language="zh")),
        (predicate, Literal(question.query)),
    )


def _node(*parts: str) -> NamedNode:
    """Return the name of a partition, made of what it is about."""
    return NamedNode(f"{VOID_GRAPH}#" + "-".join(part.removeprefix(KOUAN).translate(UNNAMED) for part in parts))


UNNAMED = {ord(sign): "_" for sign in ":/#?%"}


def _said(subject: NamedNode, *pairs: tuple[str, NamedNode | Literal]) -> Iterator[Triple]:
    for predicate, value in pairs:
        yield Triple(subject, NamedNode(predicate), value)
