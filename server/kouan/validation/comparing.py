"""Compare values as SHACL does, by SPARQL's `<` and `<=` (SHACL, sections 4.3 and 4.5.3; SPARQL 1.1 Query, section 17.3).

The validator compares by Python's order, to which `true`, a text of an unknown datatype and NaN are no more than 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import rdflib
from pyoxigraph import QueryBoolean, Store
from pyshacl.constraints.core import property_pair_constraints as pairs
from pyshacl.constraints.core import value_range_constraints as ranges
from rdflib.namespace import XSD

from kouan.formats.lexical_forms import is_well_formed
from kouan.validation.asking import to_oxigraph

LESS, AT_MOST = "<", "<="
# These are in the same order everywhere.
EXACT = {int, Decimal}


@lru_cache(maxsize=10_000)
def holds(one: rdflib.term.Node, operator: str, other: rdflib.term.Node) -> bool:
    """Return whether one value is less than another, or at most it; values that cannot be compared are neither."""
    if not isinstance(one, rdflib.Literal) or not isinstance(other, rdflib.Literal):
        return False
    # A text in a language is in no order (section 17.3); nor is what is no byte, which the engine takes for a number.
    if one.language or other.language:
        return False
    if not all(is_well_formed(str(each.datatype), str(each)) for each in (one, other)):
        return False
    # Of truth values the engine knows no order.
    are_truths = one.datatype == other.datatype == XSD.boolean
    if are_truths or (type(one.value) in EXACT and type(other.value) in EXACT):
        return bool(one.value < other.value or (operator == AT_MOST and one.value == other.value))
    verdict = Store().query(f"ASK {{ FILTER({to_oxigraph(one)} {operator} {to_oxigraph(other)}) }}")
    assert isinstance(verdict, QueryBoolean)
    return bool(verdict)


def compared(one: rdflib.Literal, other: rdflib.Literal) -> int:
    """Return -1, 0 or 1 for less, equal or more; raises TypeError where the values cannot be compared."""
    if holds(one, LESS, other):
        return -1
    if holds(one, AT_MOST, other):
        return 0
    if holds(other, LESS, one):
        return 1
    raise TypeError(f"{one.n3()} and {other.n3()} cannot be compared")


def _pairwise(operator: str) -> Callable[..., tuple[bool, list[Any]]]:
    """Return what tells the values of a focus node that are not less than all values of another property, or at most these."""

    def evaluate(
        component: Any, values: Iterable[rdflib.term.Node], others: Iterable[rdflib.term.Node], data: Any, focus: Any
    ) -> tuple[bool, list[Any]]:
        known = [*others]
        wrong = [value for value in values for other in known if not holds(value, operator, other)]
        return bool(wrong), [component.make_v_result(data, focus, value_node=value) for value in wrong]

    return evaluate


def compare_as_sparql() -> None:
    """Let the validator compare so, in this process."""
    setattr(ranges, "compare_literal", compared)  # noqa: B010
    setattr(pairs.LessThanConstraintComponent, "_compare_lt", _pairwise(LESS))  # noqa: B010
    setattr(pairs.LessThanOrEqualsConstraintComponent, "_compare_ltoe", _pairwise(AT_MOST))  # noqa: B010
