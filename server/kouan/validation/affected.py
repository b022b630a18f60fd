"""Say which nodes a change can make a shape judge otherwise than before. Knows what shapes read; judges nothing itself.

A core constraint reads triples along paths from its node (SHACL, sections 2 to 4); so a triple that changed concerns those nodes
that a path leads from to it. What reads more than that, as a query does, is judged whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial

import rdflib
from rdflib.namespace import RDF, RDFS
from rdflib.namespace import SH as S

Node = rdflib.term.Node
Triple = tuple[Node, Node, Node]
# A property, and whether it is followed against its direction.
Step = tuple[Node, bool]
Path = tuple[Step, ...]

# These look at a value itself, or count values.
OF_VALUES = {
    *(S.minCount, S.maxCount, S.datatype, S.nodeKind, S.pattern, S.flags, S.minLength, S.maxLength, S.hasValue),
    *(S.minInclusive, S.maxInclusive, S.minExclusive, S.maxExclusive, S.languageIn, S.uniqueLang, S["in"]),
    *(S.qualifiedMinCount, S.qualifiedMaxCount),
}
TARGETS = (S.targetClass, S.targetNode, S.targetSubjectsOf, S.targetObjectsOf)
SAID = {*TARGETS, S.path, S.message, S.severity, S.deactivated, S.name, S.description, S.order, S.group}
OF_PROPERTIES = {S.equals, S.disjoint, S.lessThan, S.lessThanOrEquals}
OF_SHAPES = {S.property, S.node, S["not"], S.qualifiedValueShape}
OF_LISTS = {S["and"], S["or"], S.xone}
LONGEST_PATH = 8


class ReadsMore(Exception):
    """A shape reads what no path from its node leads to."""


class ShapesReading:
    """What each of some shapes reads, by its name; a shape that reads more than paths lead to has none."""

    def __init__(self, shapes: rdflib.Graph, names: Iterable[str]) -> None:
        self.shapes = shapes
        self.paths: dict[str, set[Path]] = {}
        for name in names:
            try:
                self.paths[name] = set(self._read(rdflib.URIRef(name), ()))
            except ReadsMore:
                continue

    def concerned(self, data: rdflib.Graph, changed: Iterable[Triple]) -> dict[str, set[Node]] | None:
        """Return by shape the nodes to be judged again, after data changed; None where all are, for a class has other members.

        Shapes that read more than paths lead to are not in it, and have to be judged whole.
        """
        triples = list(changed)
        if any(predicate == RDFS.subClassOf for _, predicate, _ in triples):
            return None
        named = {node for subject, _, value in triples for node in (subject, value)}
        kinds_of = cache(partial(_kinds, data))
        return {
            name: {node for node in named | _leading(data, triples, paths) if self._targets(name, node, data, kinds_of)}
            for name, paths in self.paths.items()
        }

    def _read(self, shape: Node, here: Path) -> Iterator[Path]:
        """Yield the paths from a node, which leads here, to all that a shape reads."""
        if len(here) > LONGEST_PATH:
            raise ReadsMore
        path = self.shapes.value(shape, S.path)
        values = [here] if path is None else [here + each for each in self._paths(path)]
        yield from values
        for predicate, value in self.shapes.predicate_objects(shape):
            if predicate in OF_VALUES or predicate in SAID or not str(predicate).startswith(str(S)):
                continue
            if predicate == S["class"]:
                yield from ((*each, (RDF.type, False)) for each in values)
            elif predicate in OF_PROPERTIES:
                yield (*here, (value, False))
            elif predicate in OF_SHAPES or predicate in OF_LISTS:
                nested = [value] if predicate in OF_SHAPES else list(self.shapes.items(value))
                yield from (found for each in values for inner in nested for found in self._read(inner, each))
            else:
                raise ReadsMore

    def _paths(self, path: Node) -> list[Path]:
        """Return what a property path follows, one by one; raises ReadsMore for what has no end."""
        if isinstance(path, rdflib.URIRef):
            return [((path, False),)]
        inverse, choice = self.shapes.value(path, S.inversePath), self.shapes.value(path, S.alternativePath)
        if isinstance(inverse, rdflib.URIRef):
            return [((inverse, True),)]
        if choice is not None:
            return [found for each in self.shapes.items(choice) for found in self._paths(each)]
        raise ReadsMore

    def _targets(self, name: str, node: Node, data: rdflib.Graph, kinds_of: Callable[[Node], frozenset[Node]]) -> bool:
        """Return whether a shape is about a node."""
        shape = rdflib.URIRef(name)
        classes = set(self.shapes.objects(shape, S.targetClass))
        if (shape, RDF.type, RDFS.Class) in self.shapes:
            classes.add(shape)
        return (
            bool(classes & kinds_of(node))
            or node in self.shapes.objects(shape, S.targetNode)
            or any((node, each, None) in data for each in self.shapes.objects(shape, S.targetSubjectsOf))
            or any((None, each, node) in data for each in self.shapes.objects(shape, S.targetObjectsOf))
        )


def _kinds(data: rdflib.Graph, node: Node) -> frozenset[Node]:
    """Return the classes of a node, and those above them."""
    found: set[Node] = set()
    for kind in data.objects(node, RDF.type):
        found.update(filter(None, data.transitive_objects(kind, RDFS.subClassOf)))
    return frozenset(found)


def _leading(data: rdflib.Graph, triples: Iterable[Triple], paths: Iterable[Path]) -> set[Node]:
    """Return the nodes from which a path leads to one of the triples."""
    found: set[Node] = set()
    for path in paths:
        for place, (predicate, is_inverse) in enumerate(path):
            nodes = {o if is_inverse else s for s, p, o in triples if p == predicate}
            for before, was_inverse in reversed(path[:place]):
                nodes = {
                    each
                    for node in nodes
                    for each in (data.objects(node, before) if was_inverse else data.subjects(before, node))
                }
            found |= nodes
    return found
