"""Parse a query or an update into one tree (SPARQL 1.2). Knows the language, and nothing of what is asked of which store.

>>> query = parse_query("SELECT * { ?s ?p ?o . SERVICE <http://example.org/sparql> { ?o ?q ?r } }")
>>> [query.text[service.name.start : service.name.end] for service in query.services]
['<http://example.org/sparql>']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from kouan.errors import QuerySyntaxError
from kouan.sparql.cursor import NESTING
from kouan.sparql.depth import RoomFor
from kouan.sparql.tree import Query, Update
from kouan.sparql.updates import UpdateReader

Tree = TypeVar("Tree", Query, Update)


def parse_query(
    text: str, *, base: str = "", prefixes: Mapping[str, str] | None = None, nesting: int = NESTING
) -> Query:
    """Return the tree of a query (SPARQL 1.2 Query, section 19); raises QuerySyntaxError where a rule is broken.

    `base` and `prefixes` hold where the text declares nothing else; brackets may be open `nesting` deep.
    """
    reader = UpdateReader(text, base, prefixes, nesting)
    return _read(reader, reader.query)


def parse_update(
    text: str, *, base: str = "", prefixes: Mapping[str, str] | None = None, nesting: int = NESTING
) -> Update:
    """Return the tree of an update (SPARQL 1.2 Update, section 3); raises QuerySyntaxError where a rule is broken."""
    reader = UpdateReader(text, base, prefixes, nesting)
    return _read(reader, reader.update)


def _read(reader: UpdateReader, rule: Callable[[], Tree]) -> Tree:
    try:
        with RoomFor(reader.nesting):
            return rule()
    except RecursionError:
        line, column = reader.place(reader.starts[reader.at])
        message = "brackets nest deeper here than can be read; write it flatter"
    raise QuerySyntaxError(message, line, column)
