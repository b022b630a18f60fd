"""Let a query be sorted by values of several kinds, of which the engine has no order that its sorting could rely on.

It compares numbers by their value, and anything else with a number by its text: 9 stands before 10, 10 before "5", and "5" before
9. Its sorting ends the process where it meets such a circle. Among values of one kind there is none.
"""

from __future__ import annotations

from kouan.sparql import tree as nodes
from kouan.sparql.editing import Edit
from kouan.sparql.rewriting import rewritten
from kouan.vocabulary import XSD


def sorted_by_kind(tree: nodes.Query) -> nodes.Query:
    """Return the tree of a query that sorts by what kind of value there is first, and among those of one kind by their value."""
    return rewritten(tree, [_edit(tree, node) for node in nodes.walk(tree) if isinstance(node, nodes.OrderCondition)])


def _edit(tree: nodes.Query, condition: nodes.OrderCondition) -> Edit:
    said = tree.text[condition.expression.start : condition.expression.end]
    direction = "DESC" if condition.is_descending else "ASC"
    # Texts stand among each other, whether or not a language is told.
    of_others = f"IF(LANG({said}) = '', DATATYPE({said}), <{XSD}string>)"
    kind = f"IF(isNumeric({said}), <{XSD}decimal>, {of_others})"
    return Edit(condition.start, condition.start, f"{direction}({kind}) ")
