"""What a name may mean, and what it is described by. Knows no graph and no scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from kouan.linking.identifiers import ITEM, canonical
from kouan.vocabulary import ID, KOUAN

AREA, PORT = KOUAN + "AdministrativeArea", KOUAN + "Port"
# What the word for a kind in a name may say of an area.
AREAS = {KOUAN + kind for kind in ("County", "City", "Prefecture", "Province", "Country")}
TOWN = KOUAN + "Town"
CODE, LOCODE, ISO = KOUAN + "administrativeCode", KOUAN + "unlocode", KOUAN + "isoCode"
CODES = (CODE, LOCODE, ISO, KOUAN + "isoAlpha3")


@dataclass
class Thing:
    """A thing that a name may mean."""

    iri: str
    labels: dict[str, str] = field(default_factory=dict)
    names: list[tuple[str, str, bool]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    within: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    point: tuple[float, float] | None = None
    values: dict[str, list[NamedNode | Literal]] = field(default_factory=lambda: defaultdict(list))
    former: set[str] = field(default_factory=set)
    former_codes: set[str] = field(default_factory=set)
    former_within: set[str] = field(default_factory=set)
    spellings: dict[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """Return the name after /id/."""
        return self.iri.removeprefix(ID)

    @property
    def label(self) -> str:
        """Return the English label, or any."""
        return self.labels.get("en") or next(iter(self.labels.values()), self.identifier)

    @property
    def wikidata(self) -> str:
        """Return the Wikidata identifier, such as Q92183, or ""."""
        return next((item for each in self.links if ITEM.fullmatch(item := canonical(each))), "")

    def label_in(self, *languages: str) -> str | None:
        """Return the label in the first of some languages that it has, or in a form of it: zh-Hans is Chinese."""
        spoken = {language.casefold(): text for language, text in self.labels.items()}
        exact = next((spoken[each] for each in languages if each in spoken), None)
        return exact or next(
            (
                spoken[key]
                for each in languages
                for key in sorted(spoken)
                if key.startswith(f"{each}-") and "latn" not in key
            ),
            None,
        )

    def met(self, called: str) -> str:
        """Return one of its names with what is known of it: Kulja (exonym, Russian in Latin letters)."""
        return f"{called} ({self.spellings[called]})" if called in self.spellings else called

    @cached_property
    def identifiers(self) -> set[str]:
        """Return the identifiers of others, in their one form: items, places of GeoNames, codes."""
        codes = [value.value for predicate in CODES for value in self.values.get(predicate, [])]
        return {canonical(each) or each for each in [*self.links, *codes, *self.former_codes]}


@dataclass(frozen=True)
class Term:
    """A class or a property, as a user chooses it."""

    iri: str
    label: str
    description: str
    broader: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
