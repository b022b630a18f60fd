"""Describe a dataset inside itself, for tools that ask the endpoint what it holds: VoID, prefixes, questions. Knows no counts of a store.

Completion and language models read this with queries of their own, in the default graph (SIB's sparql-editor, sparql-llm).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from kouan.graph.questions import LibraryQuestion
from kouan.vocabulary import BASE, KOUAN, OWL, QUESTIONS_GRAPH, RDF, RDFS, SH, VOID, VOID_GRAPH, XSD

VOID_EXT = "http://ldf.fi/void-ext#"
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
TYPE = NamedNode(RDF + "type")
Part = tuple[str, ...]
FORMS = {"SELECT": (SH + "select", "SPARQLSelectExecutable"), "ASK": (SH + "ask", "SPARQLAskExecutable")} | {
    "CONSTRUCT": (SH + "construct", "SPARQLConstructExecutable"),
    "DESCRIBE": (SPEX + "describe", "SPARQLDescribeExecutable"),
}
# What the ontology does not declare, since no fact uses it, is declared where it is used: with undeclared words the merge of all
# graphs would be outside OWL 2 DL (OWL 2 Structural Specification, section 5.8.1).
VOID_WORDS = {
    "Class": (VOID + "Dataset",),
    "AnnotationProperty": (
        *(VOID + word for word in ("class", "classes", "classPartition", "entities", "property", "propertyPartition")),
        *(VOID + word for word in ("triples", "uriSpace")),
        *(VOID_EXT + word for word in ("datatype", "datatypePartition")),
        *(SH + word for word in ("declare", "namespace", "prefix")),
    ),
}
QUESTION_WORDS = {
    "Class": (
        SH + "SPARQLExecutable",
        *((SPEX if word.startswith(SPEX) else SH) + kind for word, kind in FORMS.values()),
    ),
    "AnnotationProperty": tuple(word for word, _ in FORMS.values()),
}


def description(
    partitions: Partitions, prefixes: Mapping[str, str], questions: Iterable[LibraryQuestion]
) -> Iterator[Quad]:
    """Yield what a dataset says of itself, in the graphs of its description and of its questions.

    The classes are those of our ontology: those of others repeat them by the alignments.
    """
    yield from void_quads(partitions.said())
    yield from void_quads(_prefixes(prefixes))
    yield from void_quads(_declared(VOID_WORDS))
    asked = NamedNode(QUESTIONS_GRAPH)
    for told in (_declared(QUESTION_WORDS), *map(_question, questions)):
        yield from (Quad(t.subject, t.predicate, t.object, asked) for t in told)


def void_quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    """Yield triples in the graph of the description."""
    graph = NamedNode(VOID_GRAPH)
    return (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)


class Partitions:
    """What each class of our ontology has, counted while triples come and go: things, their properties and what these lead to.

    A part of it is named by what it is about: nothing for the whole, a class, or a class and a property.
    """

    def __init__(self, triples: set[Triple]) -> None:
        self._classes: dict[object, set[str]] = defaultdict(set)
        self._entities: Counter[str] = Counter()
        self._used: Counter[Part] = Counter()
        self._targets: dict[Part, Counter[tuple[str, str]]] = defaultdict(Counter)
        # Two parts may have one name, and then say some things both.
        self._said: Counter[Triple] = Counter(self._tell(()))
        self._before: dict[Part, tuple[Triple, ...]] = {}
        self.change(set(), triples)

    def said(self) -> Iterable[Triple]:
        """Return what is said of the classes."""
        return self._said.keys()

    def change(self, before: set[Triple], after: set[Triple]) -> tuple[set[Triple], set[Triple]]:
        """Return what is said from now on and what is no more, after triples took the place of others.

        Where the classes of a thing change, both have to hold all triples that it is in.
        """
        self._before = {(): tuple(self._tell(()))}
        for triple in before:
            self._count(triple, -1)
        for triple in before - after:
            self._classify(triple, -1)
        for triple in after - before:
            self._classify(triple, 1)
        for triple in after:
            self._count(triple, 1)
        return self._tell_anew()

    def _tell_anew(self) -> tuple[set[Triple], set[Triple]]:
        old = [triple for said in self._before.values() for triple in said]
        new = [triple for part in self._before for triple in self._tell(part)]
        held = {triple for triple in (*old, *new) if triple in self._said}
        self._said.subtract(old)
        self._said.update(new)
        for triple in held:
            if not self._said[triple]:
                del self._said[triple]
        now = {triple for triple in (*old, *new) if triple in self._said}
        return now - held, held - now

    def _classify(self, triple: Triple, by: int) -> None:
        if not is_classing(triple):
            return
        name = triple.object.value  # type: ignore[union-attr]
        self._touch((name,))
        self._entities[name] += by
        if by > 0:
            self._classes[triple.subject].add(name)
        else:
            self._classes[triple.subject].discard(name)

    def _count(self, triple: Triple, by: int) -> None:
        for name in self._classes.get(triple.subject, ()):
            part = (name, triple.predicate.value)
            self._touch(part)
            self._used[part] += by
            for target in _targets(triple, self._classes):
                self._targets[part][target] += by

    def _touch(self, part: Part) -> None:
        if part not in self._before:
            self._before[part] = tuple(self._tell(part))

    def _tell(self, part: Part) -> Iterator[Triple]:
        """Yield what is said of a part now."""
        dataset = NamedNode(VOID_GRAPH)
        if not part:
            yield from _said(dataset, (RDF + "type", NamedNode(VOID + "Dataset")), (VOID + "uriSpace", Literal(BASE)))
            count = sum(1 for entities in self._entities.values() if entities)
            yield from _said(dataset, (VOID + "classes", Literal(count)))
        elif len(part) > 1:
            if self._used[part]:
                yield from _property(part, self._used[part], self._targets[part])
        elif self._entities[part[0]]:
            node, count = _node("class", part[0]), self._entities[part[0]]
            yield from _said(dataset, (VOID + "classPartition", node))
            yield from _said(node, (VOID + "class", NamedNode(part[0])), (VOID + "entities", Literal(count)))


def is_classing(triple: Triple) -> bool:
    """Return whether a triple says that something is in a class of our ontology."""
    return triple.predicate == TYPE and isinstance(triple.object, NamedNode) and triple.object.value.startswith(KOUAN)


def _property(part: Part, count: int, targets: Counter[tuple[str, str]]) -> Iterator[Triple]:
    node = _node("class", *part)
    yield from _said(_node("class", part[0]), (VOID + "propertyPartition", node))
    yield from _said(node, (VOID + "property", NamedNode(part[1])), (VOID + "triples", Literal(count)))
    for (kind, target), number in targets.items():
        if not number:
            continue
        aim = _node("class", *part, target)
        space = VOID if kind == "class" else VOID_EXT
        yield from _said(node, (f"{space}{kind}Partition", aim))
        yield from _said(aim, (f"{space}{kind}", NamedNode(target)), (VOID + "triples", Literal(number)))


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


def _declared(words: Mapping[str, Iterable[str]]) -> Iterator[Triple]:
    for kind, iris in words.items():
        for iri in iris:
            yield from _said(NamedNode(iri), (RDF + "type", NamedNode(OWL + kind)))


def _question(question: LibraryQuestion) -> Iterator[Triple]:
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
