"""Put the expression of a column in the place of its name where the engine lets nobody use that (SPARQL 1.1 Query, section 18.2.4.4)."""

from __future__ import annotations

from collections.abc import Iterator

from kouan.errors import QuerySyntaxError
from kouan.sparql.editing import Edit, edited, replace
from kouan.sparql.tree import Aggregate, Alias, Exists, Node, Query, SubSelect, Update, Var, walk

# A column that uses another one twice is twice as long, and one that uses it twice four times.
MOST_PUT = 100_000


def reused(tree: Query | Update) -> Iterator[Edit]:
    """Yield what puts the expression of a column in the place of its name, where another column of groups or HAVING uses it.

    The engine lets no column use it, and gives it no value in HAVING. Raises QuerySyntaxError where that would be without end.
    """
    put = 0
    for node in walk(tree):
        if not isinstance(node, Query | SubSelect) or node.select is None:
            continue
        said: dict[str, str] = {}
        for item in (*node.select.items, *node.modifier.having):
            expression = item.expression if isinstance(item, Alias) else item
            used = [each for each in _free(expression) if each.name in said]
            put += sum(len(said[each.name]) for each in used)
            if put > MOST_PUT:
                raise QuerySyntaxError(
                    f"The columns of this SELECT use each other so often that more than {MOST_PUT:,} characters would be asked; "
                    "name them in an inner SELECT, and use them outside of it",
                    *tree.place(expression.start),
                )
            edits = [replace(each, f"({said[each.name]})") for each in used]
            yield from edits
            if isinstance(item, Alias):
                start, end = expression.start, expression.end
                moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
                said[item.variable.name] = edited(tree.text[start:end], moved)


def _free(expression: Node) -> Iterator[Var]:
    """Return the variables of an expression outside of its aggregates, whose variables are those of the pattern."""
    return (node for node in walk(expression, Aggregate, Exists) if isinstance(node, Var))
