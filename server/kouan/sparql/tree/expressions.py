"""The nodes of expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kouan.sparql.tree.terms import Iri, Literal, Node, TripleTerm, Var

if TYPE_CHECKING:
    from kouan.sparql.tree.patterns import GroupGraphPattern


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
    """An aggregate; the name may be an IRI, and the argument is None for COUNT(*)."""

    name: str
    argument: Expression | None
    is_distinct: bool
    separator: str | None = None


@dataclass(slots=True, eq=False)
class Exists(Node):
    """NOT? EXISTS group."""

    group: GroupGraphPattern
    is_negated: bool


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
