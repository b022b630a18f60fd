"""What must be known of a query before it is run, at as little cost as its text allows. Knows no store."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import NamedTuple

from kouan.errors import QuerySyntaxError, TooLarge
from kouan.settings import Settings
from kouan.sparql.cursor import NESTING
from kouan.sparql.parser import parse_query
from kouan.sparql.query import is_volatile
from kouan.sparql.telltale import Telltale
from kouan.sparql.tree import (
    And,
    Arithmetic,
    GroupGraphPattern,
    Node,
    Or,
    PathAlternative,
    PathSequence,
    Query,
    SelectClause,
    SolutionModifier,
    TriplesBlock,
    Union,
    Update,
    walk,
)
from kouan.sparql.wikidata import OWN, PRESET, adapt
from kouan.vocabulary import BASE

# A text without any of these letters holds nothing that they begin, so that the engine may have it as it is.
TELLTALE = Telltale(["\\", "\ufeff", "group_concat", "search", "hint:", "queryhints", "opengis", "<<", "having"])
# What the engine reads or plans by calling itself for each of them.
CHAINS: tuple[type[Node], ...] = (And, Arithmetic, GroupGraphPattern, Or, PathAlternative, PathSequence)
CHAINS += (SelectClause, SolutionModifier, TriplesBlock, Union)


class Limits(NamedTuple):
    """How long a query may be, how deep its brackets may nest, and how many things may stand side by side in one of them."""

    length: int = sys.maxsize
    nesting: int = NESTING
    siblings: int = sys.maxsize

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that are set."""
        return cls(settings.query_length, settings.query_nesting, settings.query_siblings)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a query: its form ("" where only its answer will tell), whether it is volatile, whether it asks others.

    `tree` is that of the query in plain SPARQL, and None where the text holds nothing that has to be known; `is_adapted` tells
    whether it was written for Wikidata's own service.
    """

    form: str = ""
    is_volatile: bool = False
    services: bool = False
    warnings: tuple[str, ...] = ()
    tree: Query | None = None
    is_adapted: bool = False


NOTHING = Known()
UNBOUNDED = Limits()


def know(text: str, limits: Limits = UNBOUNDED, *, form: bool = False) -> Known:
    """Return what is known of a query; `form` asks for its form whatever it costs.

    Raises TooLarge where it is too long, QuerySyntaxError past another limit or where it is no query, QueryError where one of
    Wikidata's own services is asked for what it does not have.
    """
    if len(text) > limits.length:
        raise TooLarge(
            f"The query has {len(text):,} characters and may have {limits.length:,}; send a shorter one, or ask the operator "
            "to raise KOUAN_QUERY_LENGTH.",
            limit="query_length",
        )
    if not form and _is_flat(text, limits.nesting) and _has_room(text, limits) and not TELLTALE.may_differ(text):
        return NOTHING
    tree = read(text, limits.nesting)
    if not _has_room(text, limits):
        refuse_many(tree, tree, limits.siblings)
    # The services that Wikidata's server has inside are ours, and nobody else is asked about them.
    plain = adapt(tree)
    return Known(tree.form, is_volatile(plain), bool(plain.services), (), plain, plain is not tree)


def read(text: str, nesting: int = NESTING) -> Query:
    """Return the tree of a query; one that uses a prefix of Wikidata's own undeclared may leave out others as it could there."""
    tree = parse_query(text, base=BASE, prefixes=PRESET, nesting=nesting)
    borrowed = tree.prologue.borrowed
    return tree if not borrowed or borrowed & OWN.keys() else parse_query(text, base=BASE, nesting=nesting)


def refuse_many(tree: Query | Update, part: Node, siblings: int) -> None:
    """Raise QuerySyntaxError where too many things stand side by side: the engine takes them one within the other."""
    for node in walk(part):
        if not isinstance(node, CHAINS):
            continue
        for name in node.__slots__:
            each = getattr(node, name)
            if isinstance(each, list) and len(each) > siblings and isinstance(each[siblings], Node):
                raise QuerySyntaxError(
                    f"{siblings:,} things may stand side by side in one group, list or chain, and this is one more; ask for "
                    "less, write values as VALUES, or ask the operator to raise KOUAN_QUERY_SIBLINGS",
                    *tree.place(each[siblings].start),
                    limit="query_siblings",
                )


def opened(text: str) -> int:
    """Return how many brackets a text may open."""
    return text.count("(") + text.count("{") + text.count("[") + text.count("<<")


def _is_flat(text: str, nesting: int) -> bool:
    """Return whether the brackets of a text cannot nest too deep, nor the signs before values, which count with them."""
    return opened(text) + text.count("!") + text.count("+") + text.count("-") <= nesting


def _has_room(text: str, limits: Limits) -> bool:
    """Return whether a text is too short for too many siblings: each of them has two characters at least."""
    return len(text) <= 2 * limits.siblings
