"""Say what a query that was answered asks in vain: terms, patterns and functions. Knows what tells of each."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.errors import RequestError
from kouan.evaluation.unknown_functions import unknown_functions
from kouan.evaluation.unknown_terms import Terms
from kouan.evaluation.unread_patterns import unread_patterns
from kouan.sparql.door import read


def warned(terms: Terms, query: str, graphs: Sequence[str], *, is_ours: bool) -> tuple[str, ...]:
    """Return what a query that was answered, and the protocol's graphs, name in vain; an engine that is not ours has other functions."""
    in_query = (*unread_patterns(query), *unknown_functions(query)) if is_ours else ()
    return (*_unknown(terms, query, graphs), *in_query)


def _unknown(terms: Terms, query: str, graphs: Sequence[str]) -> tuple[str, ...]:
    if not (graphs and terms.may_lack("".join(f"<{graph}>" for graph in graphs))) and not terms.may_lack(query):
        return ()
    try:
        return tuple(each.said for each in terms.unknown_in(read(query), graphs))
    except RequestError:
        # What the engine takes and our grammar does not was answered all the same.
        return ()
