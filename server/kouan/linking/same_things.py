"""Take what data says is one thing for one thing: it is no namesake of itself. Knows links between things; scores nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Set

from pyoxigraph import Literal, NamedNode

Values = set[NamedNode | Literal]
Facts = Mapping[str, Mapping[str, Values]]


def heads(facts: Facts, named: Set[str], links: Collection[str]) -> dict[str, str]:
    """Return the thing that each thing is told as, which links to it, for those that are told as another.

    What several things link to, and what is one of several of its kind that a thing links to, stays by itself: then no one
    knows which of them is meant.
    """
    told_by: dict[str, set[str]] = defaultdict(set)
    for iri in named:
        same = {value.value for link in links for value in facts[iri].get(link, ())} & named - {iri}
        spaces = Counter(map(space_of, same))
        for each in same:
            # One that is one of several is no other's either.
            told_by[each] |= {iri} if spaces[space_of(each)] == 1 else {iri, each}
    above = {iri: next(iter(tellers)) for iri, tellers in told_by.items() if len(tellers) == 1}
    sizes = Counter(map(space_of, named))
    found: dict[str, str] = {}
    for iri in above:
        # Each link is followed once, however long the chain is.
        path: dict[str, int] = {}
        last = iri
        while last in above and last not in found and last not in path:
            path[last] = len(path)
            last = above[last]
        head = found.get(last, last)
        if last in path:
            # Both say that they are the other: the one that the data has more of its kind of stands for them.
            circle = [*path][path[last] :]
            head = min(circle, key=lambda each: (-sizes[space_of(each)], each))
        found |= dict.fromkeys(path, head)
    return {iri: head for iri, head in found.items() if head != iri}


def as_one(facts: Facts, told_as: Mapping[str, str], links: Collection[str], become: Mapping[str, str]) -> Facts:
    """Return the facts with those of each thing at the one that it is told as.

    `become` is what its properties are there, "" for those of which the other's own suffice.
    """
    if not told_as:
        return facts
    joined: dict[str, dict[str, Values]] = {}
    # The things themselves come first, so that they keep what they may have once.
    for iri in sorted(facts, key=lambda each: each in told_as):
        known = joined.setdefault(told_as.get(iri, iri), {})
        for predicate, values in facts[iri].items():
            moved = become.get(predicate, predicate) if iri in told_as else predicate
            if not moved and predicate in known:
                continue
            kept = values if predicate in links else {_told(value, told_as) for value in values}
            known[moved or predicate] = known.get(moved or predicate, set()) | kept
    return joined


def _told(value: NamedNode | Literal, told_as: Mapping[str, str]) -> NamedNode | Literal:
    return NamedNode(told_as[value.value]) if isinstance(value, NamedNode) and value.value in told_as else value


def space_of(iri: str) -> str:
    """Return the IRI up to its last part."""
    return iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
