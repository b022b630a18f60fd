"""The nodes of terms and property paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kouan.sparql.tree.patterns import TriplePattern


@dataclass(slots=True, eq=False)
class Node:
    """What all nodes are: a stretch of the text."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Var(Node):
    """A variable; the name is without its sign."""

    name: str


@dataclass(slots=True, eq=False)
class Iri(Node):
    """An IRI, made absolute; `a` and `()` are the IRIs that they stand for."""

    value: str


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A literal; `datatype` is an IRI, and "" where there is a language."""

    lexical: str
    datatype: str
    language: str = ""
    direction: str = ""


@dataclass(slots=True, eq=False)
class BlankNode(Node):
    """A blank node; the label is "" for []."""

    label: str


@dataclass(slots=True, eq=False)
class Undef(Node):
    """UNDEF in a row of VALUES."""


@dataclass(slots=True, eq=False)
class TripleTerm(Node):
    """<<( subject predicate object )>>."""

    subject: Term
    predicate: Var | Iri
    object: Term


@dataclass(slots=True, eq=False)
class Reifier(Node):
    """~ term; the term is None where a new blank node is meant."""

    term: Var | Iri | BlankNode | None


@dataclass(slots=True, eq=False)
class ReifiedTriple(Node):
    """<< subject predicate object ~ reifier >>."""

    subject: GraphNode
    predicate: Var | Iri
    object: GraphNode
    reifier: Reifier | None


@dataclass(slots=True, eq=False)
class BlankNodePropertyList(Node):
    """[ verb object ; … ]; the subject of its triples is a BlankNode that stands at its bracket."""

    triples: list[TriplePattern]


@dataclass(slots=True, eq=False)
class Collection(Node):
    """( item … ) among triples."""

    items: list[GraphNode]


@dataclass(slots=True, eq=False)
class PathAlternative(Node):
    """path | path | …."""

    parts: list[Path]


@dataclass(slots=True, eq=False)
class PathSequence(Node):
    """path / path / …."""

    parts: list[Path]


@dataclass(slots=True, eq=False)
class PathInverse(Node):
    """^ path."""

    path: Path


@dataclass(slots=True, eq=False)
class PathRepeated(Node):
    """A path followed by ?, * or +."""

    path: Path
    modifier: str


@dataclass(slots=True, eq=False)
class PathNegatedPropertySet(Node):
    """!( iri | ^iri | … )."""

    parts: list[Iri | PathInverse]


Term = Var | Iri | Literal | BlankNode | TripleTerm
GraphNode = Term | BlankNodePropertyList | Collection | ReifiedTriple
Path = Iri | PathAlternative | PathSequence | PathInverse | PathRepeated | PathNegatedPropertySet
Verb = Var | Path
DataValue = Iri | Literal | TripleTerm | Undef
