"""Find the disputed claims: what a source says, what is right, by whom, and why. Knows SPARQL, no HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal

from kouan.pages.asking import Row
from kouan.pages.reading import Reading
from kouan.pages.terms import Value
from kouan.vocabulary import DCT, KOUAN, RDF


@dataclass(frozen=True)
class Claim:
    """A disputed claim: what a source says, what is right, and why."""

    claim: Value
    said: tuple[Value, ...]
    reasons: tuple[Value, ...]
    corrected: tuple[Value, ...]
    sources: tuple[Value, ...]
    authorities: tuple[Value, ...]

    def reason(self) -> Value | None:
        """Return the reason in the language of the page, else in any."""
        return next(iter(sorted(self.reasons, key=lambda each: bool(each.tongue))), None)


def claims_about(reading: Reading, iri: str = "", passage: str = "") -> list[Claim]:
    """Return the disputed claims about a thing, or the one that it is, or those of a passage or source."""
    sides = f"{{ ?c <{RDF}subject>|<{RDF}object> <{iri}> }} UNION {{ VALUES ?c {{ <{iri}> }} ?c <{RDF}subject> ?any }}"
    about = f"{sides} " if iri else ""
    said = f"?c <{DCT}source> ?x FILTER(STRSTARTS(STR(?x), {Literal(passage)}))" if passage else ""
    rows = reading.rows(
        f"SELECT DISTINCT ?c ?s ?p ?o ?right ?reason ?source ?by {{ ?c a <{KOUAN}DisputedClaim> . {about} {said}"
        f" ?c <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o OPTIONAL {{ ?c <{KOUAN}correctedTo> ?right }}"
        f" OPTIONAL {{ ?c <{KOUAN}rejectedBecause> ?reason }} OPTIONAL {{ ?c <{DCT}source> ?source }}"
        f" OPTIONAL {{ ?c <{KOUAN}correctedBy> ?by }} }} ORDER BY ?c"
    )
    named = reading.named(rows)

    def each(found: Iterable[Row], name: str) -> tuple[Value, ...]:
        return tuple({row[name]["value"]: named(row[name]) for row in found if name in row}.values())

    by_claim: dict[str, list[Row]] = {}
    for row in rows:
        by_claim.setdefault(row["c"]["value"], []).append(row)
    return [
        Claim(
            named(found[0]["c"]),
            (named(found[0]["s"]), named(found[0]["p"]), named(found[0]["o"])),
            *(each(found, name) for name in ("reason", "right", "source", "by")),
        )
        for found in by_claim.values()
    ]
