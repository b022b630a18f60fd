"""Say which IRIs of a query stand nowhere in the data, and which may have been meant. Knows one store and trees of queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Store
from rapidfuzz import fuzz, process

from kouan.errors import RequestError
from kouan.evaluation.asked_terms import CLASS, PROPERTY, THING, TYPE, asked_terms
from kouan.evaluation.geometry import RELATIONS
from kouan.evaluation.language_terms import NAMES, TERMS, is_term
from kouan.sparql.search import PROPERTY as SEARCH
from kouan.sparql.tree import Iri, Query
from kouan.vocabulary import GEO

MOST_TOLD = 5
# Of a longer one the beginning is told, for a header has to hold it, and nothing is like it.
LONGEST = 500
# The terms of more are not looked through for a likeness.
MOST_QUADS = 500_000
LEAST_LIKENESS, LEAST_ELSEWHERE = 60.0, 85.0
# Nobody states these: their triples are found when they are asked for.
WORKED_OUT = {SEARCH, *(GEO + name for name in RELATIONS)}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z_]+|\d+")
LOCAL = re.compile(r"[^#/:]*\Z")
# What a text declares, and everything in it that may name something: to say that all is known needs no more.
DECLARED = re.compile(r"prefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
# A prefix is looked for where it may begin alone, or a long word would be read from each of its letters on.
NAMED = re.compile(r"<([^<>\s]*)>|(?<![\w.-])([\w.-]*+):([\w.:%-]*)")
# What is told of a prefix that nobody declared.
UNDECLARED = re.compile(r"(the prefix ([\w.-]*): is not declared; declare it with PREFIX \2:) <…>")
# So many IRIs are remembered to stand in the data.
MOST_STANDING = 50_000


@dataclass(frozen=True)
class Unknown:
    """A place of a query that names an IRI in vain, the role that it plays there and the nearest IRI that plays it, or ""."""

    node: Iri
    role: str
    nearest: str

    @property
    def said(self) -> str:
        """Return it as a sentence."""
        told = f"; the nearest {self.role} is <{self.nearest}>" if self.nearest else ""
        iri = self.node.value if len(self.node.value) <= LONGEST else f"{self.node.value[:LONGEST]}…"
        return f"<{iri}> stands nowhere in the data{told}"


class Terms:
    """The IRIs of some data."""

    def __init__(self) -> None:
        self._standing: set[str] = set()

    def may_lack(self, text: str) -> bool:
        """Return whether a query may name an IRI in vain; False is a proof, which costs less than reading the text."""
        if "\\" in text:
            return True
        spaces = dict(DECLARED.findall(text))
        for iri, prefix, local in NAMED.findall(DECLARED.sub(" ", text)):
            whole = iri or spaces.get(prefix, "") + local.rstrip(".")
            if whole in self._standing or is_term(whole):
                continue
            # Without a colon it is relative, or of a prefix that nobody declared.
            if ":" not in whole or not self.stands(whole):
                return True
            if len(self._standing) < MOST_STANDING:
                self._standing.add(whole)
        return False

    def unknown_in(self, tree: Query, graphs: Iterable[str] = ()) -> tuple[Unknown, ...]:
        """Return the first place of each IRI of a query, and of the graphs that it is asked of, that stands nowhere in the data.

        Five at most are returned; graphs of the protocol have no place.
        """
        places: dict[str, tuple[Iri, str]] = {}
        for node, role in (*((Iri(0, 0, graph), THING) for graph in graphs), *asked_terms(tree)):
            if not is_term(node.value) and node.value not in WORKED_OUT:
                places.setdefault(node.value, (node, role))
        lacking = [iri for iri in self.lacking(list(places)) if iri in places][:MOST_TOLD]
        found = (places[iri] for iri in lacking)
        return tuple(Unknown(node, role, self._nearest(node.value, role)) for node, role in found)

    def lacking(self, iris: list[str]) -> list[str]:
        """Return those of some IRIs that stand nowhere, in their order."""
        return [iri for iri in iris if not self.stands(iri)]

    def stands(self, iri: str) -> bool:
        """Return whether an IRI stands in the data; of data that nobody knows none is said to be lacking."""
        del iri
        return True

    def known(self, role: str, space: str) -> dict[str, str]:
        """Return the words of the IRIs of the data that play a role, those that begin with a text at least."""
        del role, space
        return {}

    def _nearest(self, iri: str, role: str) -> str:
        """Return the IRI of the data that is most like another and plays its role, "" where none is alike."""
        if len(iri) > LONGEST:
            return ""
        space = iri.removesuffix(local_name(iri))
        known = (
            self.known(role, space)
            if space not in NAMES
            else {term: words_of(term) for term in TERMS if term.startswith(space)}
        )
        whole = process.extractOne(iri, list(known), scorer=fuzz.ratio, score_cutoff=90)
        if whole is not None:
            return str(whole[0])
        near = {each: words for each, words in known.items() if each.startswith(space)}
        for some, least in ((near, LEAST_LIKENESS), (known, LEAST_ELSEWHERE)):
            alike = process.extractOne(words_of(iri), some, scorer=fuzz.token_sort_ratio, score_cutoff=least)
            if alike is not None:
                return str(alike[2])
        return ""


NO_TERMS = Terms()


class StoredTerms(Terms):
    """The IRIs of one store."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def stands(self, iri: str) -> bool:
        """Return whether an IRI stands in the store."""
        try:
            node = NamedNode(iri)
        except ValueError:
            return False
        places = (
            (node, None, None, None),
            (None, node, None, None),
            (None, None, node, None),
            (None, None, None, node),
        )
        return any(next(self.store.quads_for_pattern(*place), None) is not None for place in places)

    def known(self, role: str, space: str) -> dict[str, str]:
        """Return the words of all IRIs that play a role."""
        del space
        return self._known.get(role, {})

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        """Return the words of the IRIs of the data, by their role; none of data that is too large for that."""
        found: dict[str, dict[str, str]] = {PROPERTY: {}, CLASS: {}, THING: {}}
        if len(self.store) > MOST_QUADS:
            return found
        for quad in self.store.quads_for_pattern(None, None, None, DefaultGraph()):
            found[PROPERTY].setdefault(quad.predicate.value, "")
            if isinstance(quad.subject, NamedNode):
                found[THING].setdefault(quad.subject.value, "")
            if isinstance(quad.object, NamedNode):
                found[CLASS if quad.predicate.value == TYPE else THING].setdefault(quad.object.value, "")
        return {role: {iri: words_of(iri) for iri in sorted(iris)} for role, iris in found.items()}


def words_of(iri: str) -> str:
    """Return the words of an IRI's local name: `kindOfZone` and `kind-of-zone` are alike."""
    return " ".join(WORD.findall(local_name(iri))).lower()


def local_name(iri: str) -> str:
    """Return what an IRI ends in, after its namespace."""
    found = LOCAL.search(iri)
    return found[0] if found else ""


def with_known_prefix(error: RequestError, prefixes: Mapping[str, str]) -> RequestError:
    """Return an error that, where it tells of a prefix that is not declared, says what the data has it for."""
    found = UNDECLARED.match(error.message)
    if found is not None and found[2] in prefixes:
        error.message = f"{found[1]} <{prefixes[found[2]]}>"
    return error
