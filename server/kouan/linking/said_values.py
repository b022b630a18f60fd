"""Compare what is said of a thing's property with the values that it has. Knows names, terms and numbers; scores nothing."""

from __future__ import annotations

import re
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from kouan.graph.place_names import read_name
from kouan.linking.areas import is_unknown
from kouan.linking.gazetteer import Gazetteer, folded
from kouan.linking.likeness import is_exact
from kouan.linking.things import Thing

# A spreadsheet makes 1992.0 of a year, writes thousands apart, and OpenRefine gives a day an hour.
NUMBER = re.compile(r"[+-]?\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?")
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?")


class SaidValues:
    """What the properties of the things of one gazetteer are said to be."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def has(self, values: list[NamedNode | Literal], texts: tuple[str, ...]) -> bool | None:
        """Return whether one of the texts is one of the values; None where there is no value, or no text says anything."""
        wanted = [text for text in texts if not is_unknown(text)]
        if not values or not wanted:
            return None
        known = {form for value in values for form in (plain(value.value), *self._terms(value.value))}
        things = {value.value for value in values if value.value in self.gazetteer.things}
        return any(self._is_one(text, known, things) for text in wanted)

    def _is_one(self, text: str, known: set[str], things: set[str]) -> bool:
        thing = self.gazetteer.find(text)
        if {plain(text), folded(text)} & known or (thing and thing.iri in things):
            return True
        return any(self.is_called(self.gazetteer.things[iri], text) for iri in things)

    def is_called(self, thing: Thing, text: str, by_its_kind: bool = False) -> bool:
        """Return whether a thing is called so to the letter: Ruili port, or Ruili, is the port of entry at Ruili.

        `by_its_kind` tells it from what has the name without the word for a kind: Ruili is the city alone.
        """
        name = read_name(text)
        names = (known.name for known in self.gazetteer.names[thing.iri])
        return any(
            name.key == each.key
            or (is_exact(name, each) and (name.kind in {each.kind, *thing.types} or not (name.kind or by_its_kind)))
            for each in names
        )

    def _terms(self, iri: str) -> set[str]:
        """Return what a class or a property is called, as names of terms are compared."""
        term = self.gazetteer.terms.get(iri)
        named = (re.split("[#/]", iri)[-1], term.label, *term.labels.values()) if term else ()
        return {folded(each) for each in named} - {""}


def plain(text: str) -> str:
    """Return a value in one form: a number without zeros behind the point, a day without an hour, else small letters."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        number = Decimal(re.sub("[ ,]", "", text))
        return format(number.normalize(), "f")
    midnight = MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text.casefold()
