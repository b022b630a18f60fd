"""Find contradictions that the OWL 2 RL rules for false name (OWL 2 Profiles, tables 5 to 8). Knows closed triples only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kouan.vocabulary import INTEGERS, OWL, RDF, RDFS, XSD

TYPE = NamedNode(RDF + "type")
FIRST, REST = NamedNode(RDF + "first"), NamedNode(RDF + "rest")


def has_clash(triples: Iterable[Triple]) -> bool:
    """Return whether the closed triples contradict each other by a rule that needs no search."""
    return next(_clashes(_Index(triples)), None) is not None


class _Index:
    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by: dict[NamedNode, dict[object, set[object]]] = defaultdict(lambda: defaultdict(set))
        for triple in triples:
            self.by[triple.predicate][triple.subject].add(triple.object)

    def of_type(self, name: str) -> list[NamedNode]:
        wanted = NamedNode(OWL + name)
        return [s for s, types in self.by[TYPE].items() if wanted in types and isinstance(s, NamedNode)]

    def members(self, node: object) -> list[object]:
        found: list[object] = []
        while isinstance(node, BlankNode):
            found += self.by[FIRST][node]
            node = next(iter(self.by[REST][node]), None)
        return found


def _clashes(index: _Index) -> Iterator[object]:
    yield from _disjoint(index)
    for each in index.of_type("IrreflexiveProperty"):
        yield from (s for s, objects in index.by[each].items() if s in objects)
    for each in index.of_type("AsymmetricProperty"):
        pairs = {(s, o) for s, objects in index.by[each].items() for o in objects}
        yield from ((s, o) for s, o in pairs if (o, s) in pairs)
    for each in index.of_type("FunctionalProperty"):
        yield from (s for s, o in index.by[each].items() if len({v for v in o if isinstance(v, Literal)}) > 1)
    yield from _wrong_literals(index)


def _disjoint(index: _Index) -> Iterator[object]:
    groups = [index.members(node) for nodes in index.by[NamedNode(OWL + "members")].values() for node in nodes]
    groups += [[s, o] for s, objects in index.by[NamedNode(OWL + "disjointWith")].items() for o in objects]
    for group in groups:
        apart = set(group)
        yield from (s for s, types in index.by[TYPE].items() if len(types & apart) > 1)
    nothing = NamedNode(OWL + "Nothing")
    yield from (s for s, types in index.by[TYPE].items() if nothing in types)


def _wrong_literals(index: _Index) -> Iterator[object]:
    for each, ranges in index.by[NamedNode(RDFS + "range")].items():
        for wanted in ranges:
            if isinstance(each, NamedNode) and isinstance(wanted, NamedNode) and wanted.value.startswith(XSD):
                for values in index.by[each].values():
                    yield from (v for v in values if isinstance(v, Literal) and not _fits(v, wanted.value))


def _fits(literal: Literal, wanted: str) -> bool:
    datatype = literal.datatype.value
    return datatype == wanted or (wanted in {XSD + "decimal", XSD + "integer"} and datatype in INTEGERS)
