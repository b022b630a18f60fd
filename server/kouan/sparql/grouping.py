"""Have the groups of CONSTRUCT, ASK and DESCRIBE made by an inner SELECT, since the engine makes them in a SELECT only (SPARQL 1.1 Query,
section 18.2.4.1).

    CONSTRUCT { ?x :q 1 } WHERE { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 1)

finds what `CONSTRUCT { ?x :q 1 } WHERE { { SELECT ?x WHERE { ?s :p ?x } GROUP BY ?x HAVING (COUNT(*) > 1) } }` finds: of a group no
other variable has a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from kouan.sparql.editing import Edit
from kouan.sparql.tree import Aggregate, Alias, Query, SubSelect, Var, walk


def is_grouped(tree: Query | SubSelect) -> bool:
    """Return whether a query makes groups of its solutions, or one of all."""
    modifier = tree.modifier
    items = tree.select.items if tree.select else []
    return bool(modifier.group) or any(
        isinstance(node, Aggregate) for part in (*items, *modifier.having, *modifier.order) for node in walk(part)
    )


def grouped(tree: Query) -> Iterator[Edit]:
    """Yield what puts the pattern of a query without SELECT, and what follows it, into an inner SELECT of what it groups by."""
    if tree.select is not None or tree.where is None or not is_grouped(tree):
        return
    keys = [
        each if isinstance(each, Var) else each.variable
        for each in tree.modifier.group
        if isinstance(each, Var | Alias)
    ]
    names = " ".join(f"?{name}" for name in dict.fromkeys(key.name for key in keys)) or "(1 AS ?kouan_group)"
    yield Edit(tree.where.start, tree.end, f"{{ {{ SELECT {names} WHERE {tree.text[tree.where.start : tree.end]} }} }}")
