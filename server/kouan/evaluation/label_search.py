"""Search labels for a query: each search in it is replaced by what it finds. Knows labels, and where a search stands."""

from __future__ import annotations

from collections.abc import Callable

from kouan.evaluation.label_index import LabelIndex, term_of
from kouan.sparql.search import search_in
from kouan.sparql.tree import Query


def with_search(tree: Query, labels: Callable[[], LabelIndex]) -> Query:
    """Return a query with every search replaced by what it finds; raises QueryError, with the place, where one is amiss."""
    while (search := search_in(tree)) is not None:
        tree = search.replaced(tree, map(term_of, labels().find(search.wanted, search.limit)))
    return tree
