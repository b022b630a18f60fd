"""Find all that the page of a thing shows: its facts in order, who says each, what is disputed, where it is. Knows no HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kouan.errors import NotFound
from kouan.graph.naming import SHOWN_BY
from kouan.pages.amounts import amounts_of
from kouan.pages.asking import Row
from kouan.pages.claims import Claim, claims_about
from kouan.pages.hierarchy import MEMBERSHIP, SCHEME, Branch, of_scheme
from kouan.pages.incoming import coming, mirrors, without_repeats
from kouan.pages.order import ALTERNATIVES, DEFINITIONS, GEOMETRY, SAME, TYPE, told_in_order
from kouan.pages.points import COVERED, points_of
from kouan.pages.reading import NOT_SHAPES, Named, Passage, Reading
from kouan.pages.terms import PropertyValues, Statement, Value, in_one_language
from kouan.vocabulary import DCT, GEO, KOUAN, RDF, SCHEMA

WKT = GEO + "asWKT"
FIRST, REST = RDF + "first", RDF + "rest"
WITHIN = KOUAN + "locatedIn"
# From a value to itself, or where it is a list to its nodes and its members.
MEMBERS = f"<{REST}>*/<{FIRST}>?"
LATITUDES = {"http://www.w3.org/2003/01/geo/wgs84_pos#lat", SCHEMA + "latitude", "http://schema.org/latitude"}
LONGITUDES = {"http://www.w3.org/2003/01/geo/wgs84_pos#long", SCHEMA + "longitude", "http://schema.org/longitude"}
# Said of each thing for tools, and by the page as a whole already.
APART = {TYPE, *SHOWN_BY, *ALTERNATIVES, *DEFINITIONS, *SAME, *GEOMETRY}


@dataclass(frozen=True)
class Description:
    """All that a page shows of one thing."""

    value: Value
    types: list[Statement]
    alternatives: list[Value]
    definitions: list[Statement]
    groups: list[tuple[str, list[PropertyValues]]]
    same: list[Statement]
    shapes: list[str]
    """Where it is, as well-known text."""
    incoming: list[PropertyValues]
    mirrors: dict[str, Value]
    """By which property the thing itself would say what others say by one, where there is such a property."""
    hierarchy: tuple[Branch, ...]
    """The concepts of a scheme under one another."""
    amounts: dict[str, str]
    """What observations that speak of it count, by their IRIs."""
    claims: list[Claim]
    passages: dict[str, Passage]
    sources: list[tuple[Value, str, list[Value]]] = field(default_factory=list)

    @property
    def iri(self) -> str:
        """Return the IRI of the thing."""
        return self.value.text

    @property
    def definition(self) -> Value | None:
        """Return what it is in a sentence, in the language of the page where there is one."""
        return next(iter(sorted((s.value for s in self.definitions), key=lambda each: bool(each.tongue))), None)


def describe(reading: Reading, iri: str) -> Description:
    """Return what the dataset knows of a thing; NotFound where it knows nothing."""
    rows = reading.rows(f"SELECT ?p ?o ?g {{ {reading.anywhere(f'<{iri}> ?p ?o')} {NOT_SHAPES} }}")
    said = coming(reading, iri)
    if not rows and not said and iri not in reading.snapshot.graphs and not _is_value(reading, iri):
        raise NotFound(
            f"The graph knows nothing of <{iri}>; search for it, or look at the classes of things there are."
        )
    inner = _inner(reading, iri) if any(row["o"]["type"] == "bnode" for row in rows) else {}
    rows = _unlisted(rows, inner)
    inner = {node: _unlisted(about, inner) for node, about in inner.items()}
    named = reading.named([*rows, *(row for found in inner.values() for row in found)], iri)
    properties = [_opened(each, inner, reading, named) for each in reading.properties(rows, named)]
    properties = [_nearest_first(reading, each) if each.term.text == WITHIN else each for each in properties]
    by_iri = {each.term.text: each for each in properties}
    own = {each.term.text: {s.value.text: s for s in each.statements} for each in properties}
    incoming = without_repeats(reading, iri, own, said)
    is_scheme = TYPE in by_iri and any(s.value.text == SCHEME for s in by_iri[TYPE].statements)
    hierarchy = of_scheme(reading, iri) if is_scheme else ()
    if hierarchy:
        incoming = [each for each in incoming if each.term.text not in MEMBERSHIP]
    told = _told(reading, properties)
    graphs = {graph for each in [*told, *incoming] for s in each.statements for graph in s.stated}
    graphs |= {graph for name in (TYPE, *SAME) if name in by_iri for s in by_iri[name].statements for graph in s.stated}
    passages = reading.passages(graphs)
    itself = named({"type": "uri", "value": iri})
    return Description(
        value=itself,
        types=_types(reading, by_iri),
        alternatives=_also_called(itself, by_iri),
        definitions=[s for name in sorted(DEFINITIONS) if name in by_iri for s in by_iri[name].statements],
        groups=told_in_order(in_one_language(each for each in told if each.term.text not in APART)),
        same=[s for name in SAME if name in by_iri for s in by_iri[name].statements],
        shapes=_places(reading, iri, by_iri),
        incoming=incoming,
        mirrors=mirrors(reading, incoming),
        hierarchy=hierarchy,
        amounts=amounts_of(reading, (s.value.text for each in incoming for s in each.statements)),
        claims=claims_about(reading, iri) if reading.is_own else [],
        passages=passages,
        sources=_sources(reading, iri, passages) if reading.is_own else [],
    )


def _is_value(reading: Reading, iri: str) -> bool:
    """Return whether anything at all has a thing as its value, what has no name too."""
    return bool(reading.rows(f"SELECT ?p {{ {reading.anywhere(f'?s ?p <{iri}>')} {NOT_SHAPES} }} LIMIT 1"))


def _inner(reading: Reading, iri: str) -> dict[str, list[Row]]:
    """Return what is said of the nodes without names within a thing, two deep, by node; those of lists count with what has them."""
    first = f"<{iri}> ?a ?h . ?h {MEMBERS} ?b . ?b ?p ?o"
    second = f"<{iri}> ?a ?h . ?h {MEMBERS} ?m . ?m ?n ?k . ?k {MEMBERS} ?b . ?b ?p ?o"
    found: dict[str, list[Row]] = {}
    for pattern, nodes in ((first, "hb"), (second, "hmkb")):
        filters = " && ".join(f"isBlank(?{node})" for node in nodes)
        query = f"SELECT DISTINCT ?b ?p ?o {{ {reading.anywhere(pattern)} FILTER({filters}) }} LIMIT 500"
        for row in reading.rows(query):
            said = {"p": row["p"], "o": row["o"]}
            if said not in found.setdefault(row["b"]["value"], []):
                found[row["b"]["value"]].append(said)
    return found


def _nearest_first(reading: Reading, within: PropertyValues) -> PropertyValues:
    """Return the places that a thing lies in, each before those that it lies in itself."""
    values = " ".join(f"<{each.value.text}>" for each in within.statements)
    rows = reading.rows(
        f"SELECT ?place (COUNT(DISTINCT ?above) AS ?n) {{ VALUES ?place {{ {values} }} ?place <{WITHIN}> ?above }} GROUP BY ?place"
    )
    above = {row["place"]["value"]: int(row["n"]["value"]) for row in rows}
    return replace(within, statements=sorted(within.statements, key=lambda each: -above.get(each.value.text, 0)))


def _unlisted(rows: list[Row], inner: dict[str, list[Row]]) -> list[Row]:
    """Return rows with the members of a list in its place (RDF Schema 1.1, section 5.2)."""
    said = {node: {row["p"]["value"]: row["o"] for row in about} for node, about in inner.items()}

    def members(term: dict[str, str]) -> Iterator[dict[str, str]]:
        seen: set[str] = set()
        while term["type"] == "bnode" and FIRST in said.get(term["value"], {}) and term["value"] not in seen:
            seen.add(term["value"])
            yield said[term["value"]][FIRST]
            term = said[term["value"]].get(REST, {"type": ""})

    return [row | {"o": each} for row in rows for each in (list(members(row["o"])) or [row["o"]])]


def _opened(
    prop: PropertyValues, inner: dict[str, list[Row]], reading: Reading, named: Named, depth: int = 0
) -> PropertyValues:
    """Return a property whose values without names say what they hold."""
    statements = []
    for each in prop.statements:
        if each.value.kind == "bnode" and each.value.text in inner and depth < 2:
            parts = reading.properties(inner[each.value.text], named)
            opened = tuple(_opened(part, inner, reading, named, depth + 1) for part in parts)
            statements.append(replace(each, value=replace(each.value, parts=opened)))
        else:
            statements.append(each)
    return replace(prop, statements=statements)


def _told(reading: Reading, properties: list[PropertyValues]) -> list[PropertyValues]:
    """Return the properties that a page lists: not those that the alignments alone repeat in the words of others."""
    if not reading.is_own:
        return properties
    return [p for p in properties if p.term.text.startswith(KOUAN) or not all(s.is_inferred for s in p.statements)]


def _also_called(thing: Value, by_iri: dict[str, PropertyValues]) -> list[Value]:
    """Return the other names of a thing, and what it is called in languages that its title has not."""
    called = [s.value for name in (*SHOWN_BY, *ALTERNATIVES) if name in by_iri for s in by_iri[name].statements]
    by_text = {each.text: each for each in called if each.text not in {thing.name, thing.other[0]}}
    return list(by_text.values())


def _types(reading: Reading, by_iri: dict[str, PropertyValues]) -> list[Statement]:
    """Return the classes of a thing, the narrowest first; of our graph only our own."""
    statements = by_iri[TYPE].statements if TYPE in by_iri else []
    if not reading.is_own:
        return statements
    statements = [s for s in statements if s.value.text.startswith(KOUAN)] or statements
    return sorted(statements, key=lambda s: (reading.sizes.get(s.value.text, 0), s.value.text))


def _places(reading: Reading, iri: str, by_iri: dict[str, PropertyValues]) -> list[str]:
    """Return where a thing is as well-known text: by its own geometry, by its latitude and longitude, or in another way."""
    if GEOMETRY & by_iri.keys():
        rows = reading.rows(
            f"SELECT DISTINCT ?w {{ {reading.anywhere(f'<{iri}> <{GEO}hasGeometry>|<{GEO}hasDefaultGeometry> ?x . ?x <{WKT}> ?w')} }}"
        )
        return [row["w"]["value"] for row in rows]
    if WKT in by_iri:
        return [s.value.text for s in by_iri[WKT].statements]
    latitude = next((by_iri[p].statements[0].value.text for p in LATITUDES if p in by_iri), "")
    longitude = next((by_iri[p].statements[0].value.text for p in LONGITUDES if p in by_iri), "")
    if latitude and longitude:
        return [f"POINT({longitude} {latitude})"]
    if reading.is_own:
        return []
    rows = reading.rows(f"SELECT DISTINCT ?w {{ {reading.anywhere(f'<{iri}> {COVERED} ?w')} }}")
    found = points_of(reading.asking, f"VALUES ?thing {{ <{iri}> }}", "thing", 1)
    return [row["w"]["value"] for row in rows] or [f"POINT({each.east} {each.north})" for each in found]


def _sources(reading: Reading, iri: str, passages: dict[str, Passage]) -> list[tuple[Value, str, list[Value]]]:
    """Return the sources that say something of a thing or where it is, each with its grade and the licences it states."""
    values = " ".join(f"<{graph}>" for graph in passages)
    rows = reading.rows(
        f"SELECT DISTINCT ?source ?grade ?licence {{ {{ VALUES ?passage {{ {values} }} ?passage <{KOUAN}passageOf> ?source }}"
        f" UNION {{ <{iri}> <{GEO}hasGeometry>/<{DCT}source>/<{KOUAN}passageOf> ?source }}"
        f" OPTIONAL {{ ?source <{KOUAN}grade> ?grade }} OPTIONAL {{ ?source <{DCT}license>|<{DCT}rights> ?licence }} }}"
    )
    named = reading.named(rows)
    found: dict[str, tuple[Value, str, list[Value]]] = {}
    for row in rows:
        entry = found.setdefault(
            row["source"]["value"], (named(row["source"]), row["grade"]["value"] if "grade" in row else "", [])
        )
        if "licence" in row and named(row["licence"]) not in entry[2]:
            entry[2].append(named(row["licence"]))
    return [
        (source, grade, _in_one_language(licences)) for source, grade, licences in sorted(found.values(), key=_by_name)
    ]


def _by_name(entry: tuple[Value, str, list[Value]]) -> tuple[str, str]:
    return entry[0].in_order


def _in_one_language(values: list[Value]) -> list[Value]:
    """Return values without those that say the same in another language than the page's."""
    readable = [value for value in values if not value.tongue]
    return readable or values
