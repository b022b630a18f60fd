"""Which kinds of things a dataset of anybody's has, and how they lie under one another. Knows queries, no page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kouan.pages.asking import Asking
from kouan.vocabulary import GEO, KOUAN, OWL, PROV, QB, RDF, RDFS, SH, SKOS_XL, VOID

MOST_KINDS = 2000
# What describes data, or holds it together, rather than what it is about.
HELPING = (
    OWL,
    RDF,
    RDFS,
    SH,
    VOID,
    PROV,
    QB,
    "http://www.w3.org/ns/oa#",
    "http://www.w3.org/ns/sparql-service-description#",
    GEO + "Geometry",
    SKOS_XL + "Label",
    *(KOUAN + kind for kind in ("Name", "Passage", "DivisionRecord", "Measure", "Unit")),
)
KINDS = f"""SELECT ?kind (COUNT(DISTINCT ?thing) AS ?things) {{ ?thing a ?kind FILTER(isIRI(?kind) && isIRI(?thing)) }}
GROUP BY ?kind ORDER BY DESC(?things) ?kind LIMIT {MOST_KINDS}"""
UNNAMED = f"SELECT DISTINCT ?kind {{ ?thing a ?kind FILTER(isBlank(?thing) && isIRI(?kind)) }} LIMIT {MOST_KINDS}"
BROADER = f"SELECT DISTINCT ?kind ?broader {{ ?kind <{RDFS}subClassOf> ?broader FILTER(isIRI(?broader)) }} LIMIT 50000"


@dataclass(frozen=True)
class Kind:
    """A class, how many things it has, and the kinds below it."""

    iri: str
    things: int
    narrower: tuple[Kind, ...] = ()


class Kinds:
    """The kinds of things of one version of a dataset, read when they are first wanted."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many things with a name of their own each class has, the largest first."""
        return {row["kind"]["value"]: int(row["things"]["value"]) for row in self.asking.rows(KINDS)}

    @cached_property
    def with_unnamed(self) -> frozenset[str]:
        """Return the classes that have members without a name of their own, which no page is of."""
        return frozenset(row["kind"]["value"] for row in self.asking.rows(UNNAMED))

    @cached_property
    def broader(self) -> Mapping[str, frozenset[str]]:
        """Return the classes that each class is under, directly or not, itself left out."""
        direct: dict[str, set[str]] = defaultdict(set)
        for row in self.asking.rows(BROADER):
            direct[row["kind"]["value"]].add(row["broader"]["value"])
        return {kind: frozenset(_reached(kind, direct) - {kind}) for kind in direct}

    def told(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the classes that tell apart some things, by how many of them each has.

        One that is there only because a narrower one has the very same things is left out, as those are that alignments with
        other vocabularies add.
        """
        needless = {
            broader
            for kind, things in counts.items()
            for broader in self.broader.get(kind, ())
            if counts.get(broader) == things and kind not in self.broader.get(broader, ())
        }
        # Of classes that are under each other, and so the same, the first is as good as all.
        for kind, things in counts.items():
            if kind not in needless:
                needless |= {
                    other
                    for other in self.broader.get(kind, ())
                    if kind in self.broader.get(other, ()) and counts.get(other) == things and other > kind
                }
        return {kind: things for kind, things in counts.items() if kind not in needless}

    def narrowest(self, kinds: Iterable[str]) -> list[str]:
        """Return those of some kinds that none of the others is under, but for kinds that are the same."""
        kinds = set(kinds)
        above = {
            broad
            for kind in kinds
            for broad in self.broader.get(kind, ())
            if broad in kinds and kind not in self.broader.get(broad, ())
        }
        return sorted(kinds - above)

    @cached_property
    def tree(self) -> tuple[Kind, ...]:
        """Return the kinds that the dataset is about, each under the narrowest that is above it."""
        return self._under(self.about(self.counts))

    @cached_property
    def helping(self) -> tuple[Kind, ...]:
        """Return the kinds that describe the data and hold it together, where it has others too."""
        told = self.told(self.counts)
        if all(kind.startswith(HELPING) for kind in told):
            return ()
        return tuple(Kind(kind, things) for kind, things in told.items() if kind.startswith(HELPING))

    def about(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the classes that tell apart some things by what the dataset is about, where any does."""
        told = self.told(counts)
        return {kind: things for kind, things in told.items() if not kind.startswith(HELPING)} or told

    def _under(self, counts: Mapping[str, int]) -> tuple[Kind, ...]:
        below: dict[str, list[str]] = defaultdict(list)
        for kind in counts:
            above = [
                other
                for other in self.broader.get(kind, ())
                if other in counts and kind not in self.broader.get(other, ())
            ]
            # The nearest is the one that is itself under most of the others.
            nearest = max(above, key=lambda other: (len(self.broader.get(other, ())), other), default="")
            below[nearest].append(kind)

        def made(kinds: Iterable[str]) -> tuple[Kind, ...]:
            return tuple(Kind(kind, counts[kind], made(below[kind])) for kind in kinds)

        return made(below[""])


def _reached(kind: str, direct: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [kind]
    while waiting:
        for broader in direct.get(waiting.pop(), ()):
            if broader not in reached:
                reached.add(broader)
                waiting.append(broader)
    return reached
