"""Say which IRIs of a query stand nowhere in data that another server holds. Asks it in SPARQL; knows no HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from kouan.errors import RequestError
from kouan.evaluation.asked_terms import CLASS, PROPERTY, THING
from kouan.evaluation.unknown_terms import MOST_QUADS, MOST_STANDING, Terms, words_of
from kouan.sparql.iris import is_absolute_iri
from kouan.vocabulary import RDF

# So many IRIs of one query are looked for, each in a part of one query of ours.
MOST_ASKED = 25
# So many may be looked through for a likeness.
MOST_KNOWN = 20_000
ANYWHERE = "{{ {0} }} UNION {{ GRAPH ?g {{ {0} }} }}"
# What of so many triples is an IRI that plays a role; more of them are not asked to be read.
PLAYED = {
    PROPERTY: ("?iri", "?s ?iri ?o"),
    CLASS: ("?iri", f"?s <{RDF}type> ?iri"),
    THING: ("?iri", "?iri ?p ?o"),
}


class TermsAbroad(Terms):
    """The IRIs of the data of another server, of which what was seen is remembered for some seconds."""

    def __init__(self, ask: Callable[[str], bytes], seconds: float) -> None:
        """Take what asks the other server for results in JSON."""
        super().__init__()
        self.ask = ask
        self.seconds = seconds
        self._until = 0.0
        self._seen: dict[tuple[str, str], dict[str, str]] = {}

    def stands(self, iri: str) -> bool:
        """Return whether an IRI was seen in the data lately."""
        self._forget()
        return iri in self._standing

    def lacking(self, iris: list[str]) -> list[str]:
        """Return those of some IRIs that stand nowhere, in their order; none where the other server does not say."""
        self._forget()
        wanted = [iri for iri in iris if iri not in self._standing and is_absolute_iri(iri)][:MOST_ASKED]
        standing = self._iris(f"SELECT ?iri {{ {' UNION '.join(map(_standing, wanted))} }}") if wanted else []
        if standing is None:
            return []
        if len(self._standing) < MOST_STANDING:
            self._standing.update(standing)
        return [iri for iri in wanted if iri not in standing]

    def known(self, role: str, space: str) -> dict[str, str]:
        """Return the words of the IRIs that play a role, of things only those that begin with a text."""
        key = role, space if role == THING else ""
        if key not in self._seen:
            name, triple = PLAYED[role]
            begins = f"FILTER(STRSTARTS(STR({name}), {json.dumps(space)}))" if role == THING else "FILTER(isIRI(?iri))"
            some = f"SELECT {name} {{ {ANYWHERE.format(triple)} }} LIMIT {MOST_QUADS}"
            found = self._iris(f"SELECT DISTINCT {name} {{ {{ {some} }} {begins} }} LIMIT {MOST_KNOWN}")
            self._seen[key] = {iri: words_of(iri) for iri in sorted(found or ())}
        return self._seen[key]

    def _iris(self, query: str) -> list[str] | None:
        try:
            rows = json.loads(self.ask(query))["results"]["bindings"]
            return [row["iri"]["value"] for row in rows]
        except (RequestError, ValueError, KeyError):
            return None

    def _forget(self) -> None:
        """Forget what was seen long ago: nobody tells what is written there."""
        if time.monotonic() > self._until:
            self._standing.clear()
            self._seen.clear()
            self._until = time.monotonic() + self.seconds


def _standing(iri: str) -> str:
    """Return a pattern that has one solution where an IRI stands somewhere, however often it does."""
    triples = (f"<{iri}> ?p ?o", f"?s <{iri}> ?o", f"?s ?p <{iri}>")
    places = " UNION ".join([*map(ANYWHERE.format, triples), f"{{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"])
    return f"{{ SELECT (<{iri}> AS ?iri) {{ {places} }} LIMIT 1 }}"
