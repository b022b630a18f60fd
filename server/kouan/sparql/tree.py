"""The tree of a query or an update. Knows what there is in SPARQL 1.2, and nothing of how it is read, written or evaluated.

Every node tells where it stands: `text[node.start:node.end]` is what was read, where `text` is that of the Query or Update.
The names are those of the standard's grammar (SPARQL 1.2 Query, section 19.8); a chain of equal operators is one node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(slots=True, eq=False)
class Node:
    """What all nodes are: a stretch of the text."""

    start: int
    end: int


# ---- terms


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


# ---- property paths


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


# ---- graph patterns


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
class Graph(Node):
    """GRAPH name group."""

    name: Var | Iri
    group: GroupGraphPattern


@dataclass(slots=True, eq=False)
class Service(Node):
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


# ---- expressions


@dataclass(slots=True, eq=False)
class Or(Node):
    """operand || operand || …."""

    operands: list[Expression]


@dataclass(slots=True, eq=False)
class And(Node):
    """operand && operand && …."""

    operands: list[Expression]


@dataclass(slots=True, eq=False)
class Comparison(Node):
    """left operator right, for =, !=, <, >, <= and >=."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False)
class In(Node):
    """operand NOT? IN ( expression, … )."""

    operand: Expression
    choices: list[Expression]
    is_negated: bool


@dataclass(slots=True, eq=False)
class Arithmetic(Node):
    """operand operator operand …, from the left to the right; all operators are + and -, or all are * and /."""

    operands: list[Expression]
    operators: list[str]


@dataclass(slots=True, eq=False)
class Unary(Node):
    """!, + or - before an operand."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False)
class BuiltInCall(Node):
    """A function of SPARQL; the name is in capitals."""

    name: str
    arguments: list[Expression]


@dataclass(slots=True, eq=False)
class FunctionCall(Node):
    """A function that is named by an IRI."""

    name: Iri
    arguments: list[Expression]


@dataclass(slots=True, eq=False)
class Aggregate(Node):
    """An aggregate; the argument is None for COUNT(*)."""

    name: str
    argument: Expression | None
    is_distinct: bool
    separator: str | None = None


@dataclass(slots=True, eq=False)
class Exists(Node):
    """NOT? EXISTS group."""

    group: GroupGraphPattern
    is_negated: bool


# ---- queries


@dataclass(slots=True, eq=False)
class Prologue(Node):
    """What BASE, PREFIX and VERSION declare; what was set before is in there too."""

    base: str
    prefixes: dict[str, str]
    version: str = ""


@dataclass(slots=True, eq=False)
class DatasetClause(Node):
    """FROM NAMED? iri, or USING NAMED? iri in an update."""

    graph: Iri
    is_named: bool


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


@dataclass(slots=True, eq=False)
class Query(Node):
    """A query; `form` is SELECT, ASK, CONSTRUCT or DESCRIBE.

    `text` is what the offsets count in. `variables` are the columns of a SELECT, in their order. `template` is None but for
    CONSTRUCT with a template, `targets` are those of DESCRIBE, none for *. `services` and `volatile` (calls whose value is
    another each time) are all that stand anywhere in the query, in the order of the text.
    """

    text: str
    prologue: Prologue
    form: str
    select: SelectClause | None
    template: TriplesBlock | None
    targets: list[Var | Iri]
    dataset: list[DatasetClause]
    where: GroupGraphPattern | None
    modifier: SolutionModifier
    values: InlineData | None
    variables: tuple[str, ...]
    services: list[Service]
    volatile: list[BuiltInCall]


# ---- updates


@dataclass(slots=True, eq=False)
class QuadsNotTriples(Node):
    """GRAPH name { triples } in an update."""

    name: Var | Iri
    block: TriplesBlock | None


@dataclass(slots=True, eq=False)
class Quads(Node):
    """{ … } of an update."""

    parts: list[TriplesBlock | QuadsNotTriples]


@dataclass(slots=True, eq=False)
class InsertData(Node):
    """INSERT DATA quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class DeleteData(Node):
    """DELETE DATA quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class DeleteWhere(Node):
    """DELETE WHERE quads."""

    quads: Quads


@dataclass(slots=True, eq=False)
class Modify(Node):
    """WITH iri DELETE quads INSERT quads USING … WHERE group."""

    graph: Iri | None
    delete: Quads | None
    insert: Quads | None
    using: list[DatasetClause]
    where: GroupGraphPattern


@dataclass(slots=True, eq=False)
class Load(Node):
    """LOAD SILENT? source INTO GRAPH graph."""

    source: Iri
    graph: Iri | None
    is_silent: bool


@dataclass(slots=True, eq=False)
class Clear(Node):
    """CLEAR or DROP; `name` says which, `target` is a graph, DEFAULT, NAMED or ALL."""

    name: str
    target: Iri | str
    is_silent: bool


@dataclass(slots=True, eq=False)
class Create(Node):
    """CREATE SILENT? GRAPH graph."""

    graph: Iri
    is_silent: bool


@dataclass(slots=True, eq=False)
class Transfer(Node):
    """ADD, MOVE or COPY, as `name` says; None is the default graph."""

    name: str
    source: Iri | None
    target: Iri | None
    is_silent: bool


@dataclass(slots=True, eq=False)
class Update(Node):
    """An update request; `text`, `services` and `volatile` as with Query."""

    text: str
    prologue: Prologue
    operations: list[Operation]
    services: list[Service]
    volatile: list[BuiltInCall]


Term = Var | Iri | Literal | BlankNode | TripleTerm
GraphNode = Term | BlankNodePropertyList | Collection | ReifiedTriple
Path = Iri | PathAlternative | PathSequence | PathInverse | PathRepeated | PathNegatedPropertySet
Verb = Var | Path
DataValue = Iri | Literal | TripleTerm | Undef
Element = (
    TriplesBlock
    | GroupGraphPattern
    | Union
    | Optional
    | Minus
    | Lateral
    | Graph
    | Service
    | Filter
    | Bind
    | InlineData
    | SubSelect
)
Expression = (
    Var
    | Iri
    | Literal
    | TripleTerm
    | Or
    | And
    | Comparison
    | In
    | Arithmetic
    | Unary
    | BuiltInCall
    | FunctionCall
    | Aggregate
    | Exists
)
Operation = InsertData | DeleteData | DeleteWhere | Modify | Load | Clear | Create | Transfer

_names: dict[type, tuple[str, ...]] = {}


def children(node: Node) -> list[Node]:
    """Return the nodes right below one, in the order of its fields; a term that triples share comes once for each."""
    kind = type(node)
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(
            f.name for f in fields(node) if f.name not in {"start", "end", "services", "volatile"}
        )
    found: list[Node] = []
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, list | tuple):
            for each in value:
                if isinstance(each, Node):
                    found.append(each)
                elif isinstance(each, list):
                    found += each
    return found


def walk(node: Node) -> Iterator[Node]:
    """Return a node and all below it, each before what it holds; a tree of any depth is walked."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(children(node))
