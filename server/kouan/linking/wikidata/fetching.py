"""Take a dated slice of Wikidata from its SPARQL service, politely: in batches, one at a time, and waiting when it asks to.

Knows what is to be asked of an item; the client of other SPARQL services does the asking, within its bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kouan.engine.federation import AllowedEndpoint, Services
from kouan.errors import BadGateway, Busy, RequestError, TooLarge
from kouan.evaluation.services import RemoteRows, rows_of
from kouan.graph.turtle import write_turtle
from kouan.linking.wikidata.comparing import LANGUAGES
from kouan.linking.wikidata.slices import NAMES
from kouan.linking.wikidata.statements import Facts
from kouan.linking.wikidata.values import ITEM, QID
from kouan.settings import Settings
from kouan.vocabulary import DCT, PREFIXES, RDF, RDFS, VOID, WD, WDT, XSD

BATCH = 50
TRIES = 4
SECONDS_TO_WAIT, MOST_SECONDS_TO_WAIT = 5, 120
# So many levels stand between a county and its country, at most.
LEVELS = 4
PLACES = ("P131", "P17")
# What every query selects.
ASKED = ("s", "p", "o")
LABEL = RDFS + "label"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def fetch_slice(facts: Facts, address: str, settings: Settings, progress: Callable[[str], None]) -> list[Quad]:
    """Return what the service says of every linked item, of the areas above them and of the names of all that they name.

    Raises RequestError, which names the service, where it cannot be asked or passes a bound.
    """
    asking = _Asking(address, settings, progress)
    linked = sorted((thing.wikidata for thing in facts.linked()), key=_number)
    quads = asking.ask(linked, [WDT + id for id in facts.properties] + list(NAMES))
    known = set(linked)
    for _ in range(LEVELS):
        above = _values(quads, {WDT + place for place in PLACES}) - known
        if not above:
            break
        known |= above
        quads += asking.ask(sorted(above, key=_number), [*(WDT + place for place in PLACES), LABEL])
    items = {WDT + id for id, property in facts.properties.items() if property.kind == ITEM}
    quads += asking.ask(sorted(_values(quads, items) - known, key=_number), [LABEL])
    return [*_description(facts, address), *quads]


def fetch_said(
    patterns: Iterable[str], address: str, settings: Settings, progress: Callable[[str], None]
) -> list[Quad]:
    """Return the statements that a SPARQL service gives for patterns of ?s ?p ?o; raises as `fetch_slice` does."""
    # All that is said of names is asked at once, and who waits sits at a terminal.
    patient = replace(settings, service_timeout=max(settings.service_timeout, settings.timeout_cap))
    asking = _Asking(address, patient, progress)
    return [quad for pattern in patterns for quad in asking.quads(f"SELECT DISTINCT ?s ?p ?o WHERE {{ {pattern} }}")]


def write_slice(quads: Iterable[Quad]) -> str:
    """Return a slice as Turtle."""
    prefixes = PREFIXES | {"wd": WD, "wdt": WDT, "void": VOID}
    return write_turtle(
        (quad.triple for quad in quads), prefixes, "A slice of Wikidata, as its SPARQL service gave it."
    )


class _Asking:
    """One service, asked one batch after another."""

    def __init__(self, address: str, settings: Settings, progress: Callable[[str], None]) -> None:
        try:
            is_address = urlsplit(address).scheme in {"http", "https"} and bool(urlsplit(address).hostname)
        except ValueError:
            is_address = False
        if not is_address or address.split() != [address]:
            raise RequestError(
                f"{address!r} is no http address of a SPARQL service; correct it, or KOUAN_WIKIDATA_ENDPOINT."
            )
        # Whoever runs the command says whom to ask, so this one service may be asked wherever it stands.
        self.settings = replace(settings, federation=True, services=address, services_private=True, service_fresh=0)
        self.services = Services(self.settings)
        self.remote: AllowedEndpoint = self.services.remote(address)
        self.progress = progress
        self.rows = 0

    def ask(self, items: list[str], predicates: list[str]) -> list[Quad]:
        """Return what the service says of the items by these predicates."""
        quads: list[Quad] = []
        for start in range(0, len(items), BATCH):
            some = items[start : start + BATCH]
            quads += self.quads(_query(some, predicates))
            self.progress(f"{self.remote.iri}: {start + len(some)} of {len(items)} items, {self.rows} statements")
        return quads

    def quads(self, query: str) -> Iterator[Quad]:
        """Yield the rows of a query for a subject, a predicate and a value."""
        answer = self._patiently(query)
        self.rows += len(answer.rows)
        if self.rows > self.settings.service_rows:
            raise TooLarge(
                f"The service <{self.remote.iri}> answers with more than {self.settings.service_rows:,} rows; "
                "raise KOUAN_SERVICE_ROWS if that many are right.",
                limit="service_rows",
            )
        if answer.rows and not set(ASKED) <= set(answer.variables):
            raise BadGateway(f"The service <{self.remote.iri}> answers with other columns than it was asked for.")
        for row in answer.rows:
            said = dict(zip(answer.variables, row, strict=True))
            subject, predicate, value = (said[variable] for variable in ASKED)
            if (
                isinstance(subject, NamedNode)
                and isinstance(predicate, NamedNode)
                and isinstance(value, NamedNode | Literal)
            ):
                yield Quad(subject, predicate, value)

    def _patiently(self, query: str, tried: int = 1) -> RemoteRows:
        """Return the answer, after as many tries and seconds as the service asks for; Busy where those are too many."""
        try:
            fetched = self.services.ask(self.remote, query, self.settings.service_timeout)
            return rows_of(self.remote.iri, {"type": fetched.media_type, "body": fetched.body})
        except Busy as error:
            wait = int(error.extra.get("retry_after", SECONDS_TO_WAIT * tried))
            if tried == TRIES or wait > MOST_SECONDS_TO_WAIT:
                raise
            self.progress(f"{self.remote.iri} is busy; asking again in {wait} seconds")
            time.sleep(wait)
        return self._patiently(query, tried + 1)


def _query(items: list[str], predicates: list[str]) -> str:
    languages = ", ".join(f'"{tag}"' for tags in LANGUAGES.values() for tag in tags)
    return (
        "SELECT ?s ?p ?o WHERE {\n"
        f"  VALUES ?s {{ {' '.join(f'<{WD}{item}>' for item in items)} }}\n"
        f"  VALUES ?p {{ {' '.join(f'<{predicate}>' for predicate in predicates)} }}\n"
        "  ?s ?p ?o .\n"
        f'  FILTER(!ISLITERAL(?o) || LANG(?o) IN ("", {languages}))\n'
        "}"
    )


def _values(quads: Iterable[Quad], predicates: set[str]) -> set[str]:
    """Return the items that are values of the predicates."""
    named = {str(getattr(q.object, "value", "")) for q in quads if q.predicate.value in predicates}
    return {iri.removeprefix(WD) for iri in named if QID.match(iri.removeprefix(WD))}


def _description(facts: Facts, address: str) -> list[Quad]:
    """Return what the slice says of itself: when it was taken, from where, and what it covers (VoID)."""
    slice_ = BlankNode("slice")
    today = datetime.now(UTC).date().isoformat()
    quads = [
        Quad(slice_, NamedNode(RDF + "type"), NamedNode(VOID + "Dataset")),
        Quad(slice_, NamedNode(DCT + "issued"), Literal(today, datatype=NamedNode(XSD + "date"))),
        Quad(slice_, NamedNode(DCT + "license"), NamedNode(CC0)),
        Quad(slice_, NamedNode(VOID + "sparqlEndpoint"), NamedNode(address)),
    ]
    for number, predicate in enumerate([*(WDT + id for id in facts.properties), *NAMES]):
        part = BlankNode(f"part{number}")
        quads.append(Quad(slice_, NamedNode(VOID + "propertyPartition"), part))
        quads.append(Quad(part, NamedNode(VOID + "property"), NamedNode(predicate)))
    return quads


def _number(item: str) -> int:
    return int(item[1:])
