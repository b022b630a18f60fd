"""Find things of anybody's data by their names and identifiers, and say of each what tells it from others. Knows no page.

Names are found by the index of labels that queries search too; an identifier is a value or an address that few things have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from kouan.errors import QueryError
from kouan.graph.naming import COMMENTED_BY, DESCRIBED_BY, NAMED_BY, NAMING, in_language, plain_text
from kouan.pages.asking import Named
from kouan.pages.dataset import KnownDataset
from kouan.pages.happenings import RECORDS
from kouan.pages.mentions import mentioned
from kouan.vocabulary import DCT, KOUAN, OWL, RDF, RDFS, SCHEMA, SCHEMA_HTTP, SEARCH, SKOS, XSD

LONGEST = 200
MOST_FOUND = 300
# A value that more things have is none of their identifiers.
MOST_OF_ONE_IDENTIFIER = 5
# What is only like the text is left out where something is called so.
CALLED_SO = 0.7
IDENTIFIED = 1.0
# Where nothing is called so almost to the letter, the text may be a sentence that names things.
SURELY = 0.9
# Who looks for a place wants it before what is written of it.
RECORD = 0.85
SAME = (SCHEMA + "sameAs", SCHEMA_HTTP + "sameAs", OWL + "sameAs", SKOS + "exactMatch", SKOS + "closeMatch")
WIKIDATA = "http://www.wikidata.org/entity/"
GEONAMES = "https://sws.geonames.org/{}/"
# By these a thing is said to be within another.
WITHIN = (
    KOUAN + "locatedIn",
    SCHEMA + "containedInPlace",
    SCHEMA_HTTP + "containedInPlace",
    SKOS + "broader",
    DCT + "isPartOf",
)
DESCRIPTION_LENGTH = 200
TERM_KINDS = frozenset(
    (
        *(OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
        *(RDFS + "Class", RDF + "Property"),
    )
)


@dataclass(frozen=True)
class SearchHit:
    """A thing that a text may mean: its names, its kinds, the narrowest first, and which name or value says so."""

    iri: str
    name: Named
    score: float
    matched: Named
    names: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Named, ...] = ()
    within: tuple[Named, ...] = ()
    description: Named = field(default_factory=lambda: Named(""))
    links: tuple[str, ...] = ()
    """Where others speak of the same thing, by addresses."""
    members: int = 0
    """Of a class, how many things it has."""


@dataclass(frozen=True)
class Hits:
    """A page of what was found, how many things were found in all, and how many of them are of each kind."""

    text: str
    found: list[SearchHit]
    total: int
    kinds: list[tuple[Named, int]]


def search(dataset: KnownDataset, text: str, language: str, *, kind: str = "", start: int = 0, most: int = 20) -> Hits:
    """Return the things that a text may mean, the best first; of a kind only, where one is given."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return Hits("", [], 0, [])
    scored = {**_named(dataset, text), **_identified(dataset, text)}
    if max((score for score, _ in scored.values()), default=0.0) < SURELY:
        scored = {**mentioned(dataset, text), **scored}
    kinds = _kinds_of(dataset, list(scored))
    for iri, (score, matched) in scored.items():
        if RECORDS.intersection(kinds[iri]):
            scored[iri] = round(score * RECORD, 3), matched
    ordered = sorted(scored, key=lambda iri: -scored[iri][0])
    counts: dict[str, int] = {}
    for each in kinds.values():
        for one in each:
            counts[one] = counts.get(one, 0) + 1
    told = dataset.kinds.about(dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))
    names = dataset.asking.names(told, language)
    chosen = [iri for iri in ordered if not kind or kind in kinds[iri]]
    page = chosen[start : start + most]
    described = _Describing(dataset, page, kinds, language)
    found = [described(iri, *scored[iri]) for iri in page]
    return Hits(text, found, len(chosen), [(names[one], count) for one, count in list(told.items())[:20]])


def _named(dataset: KnownDataset, text: str) -> dict[str, tuple[float, Named]]:
    try:
        rows = dataset.asking.rows(
            f"SELECT ?thing ?score ?label {{ (?thing ?score ?label) <{SEARCH}label> ({Literal(text)} {MOST_FOUND}) }}"
        )
    except QueryError:
        # There are too many labels for the index: only who knows a name to the letter finds it.
        languages = (
            Literal(text),
            *(Literal(text, language=tag) for tag in ("en", "zh", "de", "fr", "es", "ru", "ja")),
        )
        rows = dataset.asking.rows(
            f"SELECT DISTINCT ?thing (1.0 AS ?score) ?label {{ VALUES ?label {{ {' '.join(map(str, languages))} }} "
            f"VALUES ?by {{ {' '.join(f'<{iri}>' for iri in NAMED_BY)} }} ?thing ?by ?label FILTER(isIRI(?thing)) }} "
            f"LIMIT {MOST_FOUND}"
        )
    found = {
        row["thing"]["value"]: (
            float(row["score"]["value"]),
            Named(row["label"]["value"], row["label"].get("xml:lang", ""), row["thing"]["value"]),
        )
        for row in rows
    }
    is_called_so = any(score >= CALLED_SO for score, _ in found.values())
    return {iri: match for iri, match in found.items() if match[0] >= CALLED_SO or not is_called_so}


def _identified(dataset: KnownDataset, text: str) -> dict[str, tuple[float, Named]]:
    """Return the things that a text identifies: one that has it as a value, or its address, or an address made of it."""
    values = _values(text)
    iris = [iri for iri in _addresses(dataset, text) if _is_iri(iri)]
    named = " ".join(f"<{iri}>" for iri in iris)
    rows = dataset.asking.rows(
        f"SELECT DISTINCT ?thing ?by ?value ?itself {{ {{ VALUES ?value {{ {' '.join(values)} }} ?thing ?by ?value }} UNION "
        f"{{ VALUES ?value {{ {named} }} ?thing ?by ?value FILTER(?by != <{RDF}type>) }} UNION "
        f"{{ VALUES ?thing {{ {named} }} ?thing a ?by BIND(?thing AS ?value) BIND(true AS ?itself) }} FILTER(isIRI(?thing)) }} LIMIT 200"
    )
    by_value: dict[str, dict[str, Named]] = {}
    found: dict[str, tuple[float, Named]] = {}
    for row in rows:
        if "itself" in row:
            found[row["thing"]["value"]] = IDENTIFIED, Named(row["value"]["value"])
        elif row["by"]["value"] not in NAMING:
            things = by_value.setdefault(row["value"]["value"], {})
            things[row["thing"]["value"]] = Named(row["value"]["value"], "", row["by"]["value"])
    few = [things for things in by_value.values() if len(things) <= MOST_OF_ONE_IDENTIFIER]
    return {iri: (IDENTIFIED, value) for things in few for iri, value in things.items()} | found


def _values(text: str) -> list[str]:
    """Return the literals that an identifier may be written as: UN/LOCODE with a space or without, in either case."""
    forms = dict.fromkeys([text, text.upper(), text.replace(" ", "").upper()])
    if re.fullmatch(r"[A-Za-z]{5}", text):
        forms[f"{text[:2]} {text[2:]}".upper()] = None
    values = [str(Literal(form)) for form in forms]
    return values + (
        [str(Literal(text, datatype=NamedNode(XSD + "integer")))] if text.isascii() and text.isdigit() else []
    )


def _addresses(dataset: KnownDataset, text: str) -> Iterable[str]:
    if "://" in text:
        yield text.strip("<>")
    bare = text.removeprefix("wd:").upper()
    if re.fullmatch(r"Q[1-9]\d*", bare):
        yield WIKIDATA + bare
    if re.fullmatch(r"[1-9]\d{3,8}", text):
        yield GEONAMES.format(text)
    prefix, mark, local = text.partition(":")
    if mark and prefix in dataset.names.prefixes:
        yield dataset.names.prefixes[prefix] + local
    elif re.fullmatch(r"[\w.-]+", text):
        yield from (start + text for start in dict.fromkeys(dataset.names.prefixes.values()))


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return not set('<>"{}|\\^` ').intersection(text)


def _kinds_of(dataset: KnownDataset, iris: list[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {iri: [] for iri in iris}
    if iris:
        things = " ".join(f"<{iri}>" for iri in iris)
        for row in dataset.asking.rows(
            f"SELECT DISTINCT ?thing ?kind {{ VALUES ?thing {{ {things} }} ?thing a ?kind FILTER(isIRI(?kind)) }}"
        ):
            kinds[row["thing"]["value"]].append(row["kind"]["value"])
    return kinds


class _Describing:
    """Says of some things what tells each from the others."""

    def __init__(self, dataset: KnownDataset, iris: list[str], kinds: Mapping[str, list[str]], language: str) -> None:
        self.dataset = dataset
        self.kinds = kinds
        self.language = language
        self.texts: dict[str, dict[str, str]] = {iri: {} for iri in iris}
        self.within: dict[str, list[str]] = {iri: [] for iri in iris}
        self.links: dict[str, list[str]] = {iri: [] for iri in iris}
        self._read(iris)
        asking = dataset.asking
        narrowest = {iri: dataset.kinds.narrowest(kinds[iri]) for iri in iris}
        self.narrowest = narrowest
        every = [
            *iris,
            *(k for each in self.narrowest.values() for k in each),
            *(p for each in self.within.values() for p in each),
        ]
        self.names = asking.names(every, language)

    def _read(self, iris: list[str]) -> None:
        if not iris:
            return
        things = " ".join(f"<{iri}>" for iri in iris)
        told = " ".join(f"<{iri}>" for iri in (*DESCRIBED_BY, *COMMENTED_BY))
        for row in self.dataset.asking.rows(
            f"SELECT ?thing ?text {{ VALUES ?thing {{ {things} }} VALUES ?by {{ {told} }} ?thing ?by ?text FILTER(isLiteral(?text)) }}"
        ):
            self.texts[row["thing"]["value"]].setdefault(
                row["text"].get("xml:lang", "").casefold(),
                plain_text(row["text"]["value"], row["text"].get("datatype", "")),
            )
        same = " ".join(f"<{iri}>" for iri in SAME)
        for row in self.dataset.asking.rows(
            f"SELECT DISTINCT ?thing ?same {{ VALUES ?thing {{ {things} }} VALUES ?by {{ {same} }} ?thing ?by ?same "
            f"FILTER(isIRI(?same)) }} ORDER BY DESC(?same)"
        ):
            self.links[row["thing"]["value"]].append(row["same"]["value"])
        places = " ".join(f"<{iri}>" for iri in WITHIN)
        for row in self.dataset.asking.rows(
            f"SELECT ?thing ?place (COUNT(?above) AS ?depth) {{ VALUES ?thing {{ {things} }} VALUES ?by {{ {places} }} "
            f"?thing ?by ?place FILTER(isIRI(?place)) OPTIONAL {{ ?place ?by ?above }} }} "
            f"GROUP BY ?thing ?place ORDER BY DESC(?depth) ?place"
        ):
            if row["place"]["value"] not in self.within[row["thing"]["value"]]:
                self.within[row["thing"]["value"]].append(row["place"]["value"])

    def __call__(self, iri: str, score: float, matched: Named) -> SearchHit:
        kinds = self.kinds[iri]
        text, spoken = in_language(self.texts[iri], self.language)
        is_term = bool(TERM_KINDS.intersection(kinds))
        return SearchHit(
            iri,
            self.names[iri],
            score,
            matched,
            self.dataset.asking.texts(iri),
            tuple(self.names[kind] for kind in self.narrowest[iri]),
            tuple(self.names[place] for place in self.within[iri][:3]),
            Named(text if len(text) <= DESCRIPTION_LENGTH else text[:DESCRIPTION_LENGTH].rstrip() + "…", spoken),
            tuple(self.links[iri]),
            self.dataset.kinds.counts.get(iri, 0) if is_term else 0,
        )
