"""The nodes of triples, groups and all that stands in a group."""

from __future__ import annotations

from dataclasses import dataclass

from kouan.sparql.tree.expressions import Expression
from kouan.sparql.tree.terms import (
    BlankNodePropertyList,
    Collection,
    DataValue,
    GraphNode,
    Iri,
    Node,
    ReifiedTriple,
    Reifier,
    Var,
    Verb,
)


@dataclass(slots=True, eq=False)
class AnnotationBlock(Node):
    """{| verb object ; … |}; the subject of its triples is the reifier before it, or a BlankNode that stands at its bracket."""

    triples: list[TriplePattern]


@dataclass(slots=True, eq=False)
class TriplePattern(Node):
    """One triple pattern; those that were written with ; and , share the nodes of their subject and verb.

    It starts at the first of its terms that belongs to it alone: the subject, the verb after ; or the object after a comma.
    """

    subject: GraphNode
    predicate: Verb
    object: GraphNode
    annotations: tuple[Reifier | AnnotationBlock, ...] = ()


@dataclass(slots=True, eq=False)
class TriplesBlock(Node):
    """Triples in a row; a collection, a bracket or a reified triple may stand there alone."""

    triples: list[TriplePattern | BlankNodePropertyList | Collection | ReifiedTriple]


@dataclass(slots=True, eq=False)
class GroupGraphPattern(Node):
    """{ … }; `variables` are those in scope behind it, in order of first appearance (section 18.2.1)."""

    elements: list[Element]
    variables: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Union(Node):
    """group UNION group UNION …."""

    groups: list[GroupGraphPattern]


@dataclass(slots=True, eq=False)
class Optional(Node):
    """OPTIONAL group."""

    group: GroupGraphPattern


@dataclass(slots=True, eq=False)
class Minus(Node):
    """MINUS group."""

    group: GroupGraphPattern


@dataclass(slots=True, eq=False)
class Lateral(Node):
    """LATERAL group, which is the engine's own (SPARQL-dev, SEP-0006)."""

    group: GroupGraphPattern


@dataclass(slots=True, eq=False)
class GraphGraphPattern(Node):
    """GRAPH name group."""

    name: Var | Iri
    group: GroupGraphPattern


@dataclass(slots=True, eq=False)
class ServiceGraphPattern(Node):
    """SERVICE SILENT? name group."""

    name: Var | Iri
    group: GroupGraphPattern
    is_silent: bool


@dataclass(slots=True, eq=False)
class Filter(Node):
    """FILTER constraint."""

    expression: Expression


@dataclass(slots=True, eq=False)
class Bind(Node):
    """BIND ( expression AS variable )."""

    expression: Expression
    variable: Var


@dataclass(slots=True, eq=False)
class InlineData(Node):
    """VALUES; each row has as many values as there are variables."""

    variables: list[Var]
    rows: list[list[DataValue]]


@dataclass(slots=True, eq=False)
class Alias(Node):
    """( expression AS variable ) in SELECT and GROUP BY."""

    expression: Expression
    variable: Var


@dataclass(slots=True, eq=False)
class SelectClause(Node):
    """SELECT; `modifier` is DISTINCT, REDUCED or ""; there are no items where all variables are selected by *."""

    modifier: str
    items: list[Var | Alias]


@dataclass(slots=True, eq=False)
class OrderCondition(Node):
    """What ORDER BY sorts by."""

    expression: Expression
    is_descending: bool


@dataclass(slots=True, eq=False)
class SolutionModifier(Node):
    """GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET."""

    group: list[Expression | Alias]
    having: list[Expression]
    order: list[OrderCondition]
    limit: int | None
    offset: int | None


@dataclass(slots=True, eq=False)
class SubSelect(Node):
    """A SELECT in a group; `variables` are those that it gives, in the order of its columns."""

    select: SelectClause
    where: GroupGraphPattern
    modifier: SolutionModifier
    values: InlineData | None
    variables: tuple[str, ...]


Element = (
    TriplesBlock
    | GroupGraphPattern
    | Union
    | Optional
    | Minus
    | Lateral
    | GraphGraphPattern
    | ServiceGraphPattern
    | Filter
    | Bind
    | InlineData
    | SubSelect
)
