"""What the pages of anybody's data keep of one version of it: names, kinds, properties and their inverses. Knows no page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property

from kouan.errors import KouanError
from kouan.pages.asking import Answer, Asking
from kouan.pages.kinds import Kinds
from kouan.pages.ways import Names
from kouan.snapshot import Snapshot
from kouan.vocabulary import OWL, RDF, SKOS

INVERSES = f"""SELECT DISTINCT ?one ?other {{ {{ ?one <{OWL}inverseOf> ?other }}
UNION {{ ?one a <{OWL}SymmetricProperty> BIND(?one AS ?other) }} FILTER(isIRI(?one) && isIRI(?other)) }} LIMIT 20000"""

# What SKOS says of its own properties (SKOS Reference, sections 4.2 and 8.2), which is seldom served with a thesaurus.
OF_SKOS = (
    ("broader", "narrower"),
    ("broaderTransitive", "narrowerTransitive"),
    ("hasTopConcept", "topConceptOf"),
    ("related", "related"),
)


# Of a larger dataset every subject would have to be looked at for one number.
MOST_LOOKED_AT = 2_000_000
WITHOUT_CLASS = f"?thing ?any ?what FILTER(isIRI(?thing)) FILTER NOT EXISTS {{ ?thing <{RDF}type> ?kind }}"


class KnownDataset:
    """One version of a dataset, of which a thing is asked once."""

    def __init__(self, answer: Answer, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.is_own = snapshot.is_own
        self.names = Names({"rdf": RDF} | snapshot.prefixes)
        self.asking = Asking(answer, self.names)
        self.kinds = Kinds(self.asking)

    @cached_property
    def without_class(self) -> int:
        """Return how many things are said to be of no class; 0 where it is not looked for: of ours, and of large data."""
        if self.is_own or self.snapshot.quads > MOST_LOOKED_AT:
            return 0
        return self.asking.number(f"SELECT (COUNT(DISTINCT ?thing) AS ?n) {{ {WITHOUT_CLASS} }}")

    @cached_property
    def inverses(self) -> Mapping[str, frozenset[str]]:
        """Return the properties that say the same from the other side, by property; a symmetric one is its own."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.asking.rows(INVERSES):
            one, other = row["one"]["value"], row["other"]["value"]
            found[one].add(other)
            found[other].add(one)
        for one, other in OF_SKOS:
            found[SKOS + one].add(SKOS + other)
            found[SKOS + other].add(SKOS + one)
        return {iri: frozenset(others) for iri, others in found.items()}


def kept(answer: Answer, snapshot: Callable[[], Snapshot]) -> Callable[[], KnownDataset]:
    """Return what gives the present version of a dataset, the same one until there is another."""
    known: dict[str, KnownDataset] = {}

    def present() -> KnownDataset:
        now = snapshot()
        if now.version not in known:
            known.clear()
            known[now.version] = KnownDataset(answer, now)
        return known[now.version]

    return present


def told_once(snapshot: Callable[[], Snapshot], ask: Callable[[], bool]) -> Callable[[], bool]:
    """Return what tells whether the menu leads to something, asked once for each version; true of our own data."""
    known: dict[str, bool] = {}

    def told() -> bool:
        now = snapshot()
        if now.is_own:
            return True
        if now.version not in known:
            known.clear()
            try:
                known[now.version] = ask()
            except KouanError:
                # A page that says what is wrong is shown all the same.
                return True
        return known[now.version]

    return told
