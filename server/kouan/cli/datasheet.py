"""Write docs/data-sheet.md: what the graph holds, how well, and what is missing, in tables. Knows queries and Markdown."""

from __future__ import annotations

from kouan import library
from kouan.cli.audit import audited
from kouan.settings import Settings
from kouan.vocabulary import DCT, GEO, ID, KOUAN, RDFS, SCHEMA, SRC

PREFIX = (
    f"PREFIX dct: <{DCT}> PREFIX geo: <{GEO}> PREFIX id: <{ID}> PREFIX kouan: <{KOUAN}> "
    f"PREFIX rdfs: <{RDFS}> PREFIX schema: <{SCHEMA}>\n"
)
HEAD = """# Data sheet

What the graph holds and how well, counted from the graph itself. Made by `kouan export datasheet`; what each source
states and which things lack what is in [coverage](coverage.md), how to take the tables away in
[for researchers](for-researchers.md).
"""
# Where the editors say which facts they read again in their sources, and how many were wrong.
READ_AGAIN = f"<{SRC}kouan-audit>"
CHINESE_PORT = "?port a kouan:Port ; kouan:locatedIn id:china ."
HAS = "(SUM(IF(EXISTS {{ {} }}, 1, 0)) AS ?{})"
# Each table: its heading, what stands above it, and the query that fills it.
TABLES = (
    (
        "What there is",
        "",
        "SELECT ?kind (COUNT(DISTINCT ?thing) AS ?things) WHERE { "
        "VALUES ?class { kouan:Country kouan:Province kouan:Prefecture kouan:County kouan:City kouan:BorderCity kouan:Port "
        "kouan:RailPort kouan:RoadPort kouan:WaterPort kouan:AirPort kouan:RailwayCrossing kouan:CooperationZone "
        "kouan:ResidentsTradeZone kouan:BondedZone kouan:FreeTradeZone kouan:ProposedZone kouan:CorpsRegiment kouan:Policy "
        "kouan:Corridor kouan:CooperationPlatform kouan:Membership kouan:SisterCityAgreement kouan:Event kouan:DivisionRecord "
        "kouan:Name kouan:DesignatedList kouan:ListEntry kouan:PopulationCount kouan:PortFlow kouan:Statistic "
        "kouan:DisputedClaim kouan:Source kouan:Passage } "
        '?thing a ?class . ?class rdfs:label ?kind FILTER(LANG(?kind) = "en") } GROUP BY ?kind ORDER BY ?kind',
    ),
    (
        "Chinese ports by the border they stand at",
        "A port is counted at the border of the port that it faces.",
        f"SELECT ?border (COUNT(?port) AS ?ports) {HAS.format('?port geo:hasGeometry ?any', 'with_point')} "
        f"{HAS.format('?port kouan:unlocode ?any', 'with_UN_LOCODE')} {HAS.format('?port kouan:status ?any', 'with_status')} "
        f"WHERE {{ {{ SELECT DISTINCT ?port ?border WHERE {{ {CHINESE_PORT} OPTIONAL {{ ?port kouan:facesPort/kouan:locatedIn "
        '?country . ?country a kouan:Country ; rdfs:label ?name FILTER(LANG(?name) = "en") } '
        'BIND(COALESCE(?name, "no counterpart found") AS ?border) } } } GROUP BY ?border ORDER BY ?border',
    ),
    (
        "How precise the points of Chinese ports are",
        "",
        f"SELECT ?precision (COUNT(DISTINCT ?port) AS ?ports) WHERE {{ {CHINESE_PORT} OPTIONAL {{ ?port geo:hasGeometry ?point . "
        '?point kouan:precision ?known } BIND(COALESCE(?known, "no point") AS ?precision) } '
        "GROUP BY ?precision ORDER BY ?precision",
    ),
    (
        "What could not be found of Chinese ports",
        "Searched for in the sources that the graph names, and not found there.",
        f"SELECT ?missing (COUNT(DISTINCT ?port) AS ?ports) WHERE {{ {CHINESE_PORT} ?port kouan:notRecorded ?missing }} "
        "GROUP BY ?missing ORDER BY ?missing",
    ),
    (
        "Counties at the land border by province",
        "",
        f"SELECT ?province (COUNT(?county) AS ?counties) {HAS.format('?county geo:hasGeometry ?any', 'with_point')} "
        f"{HAS.format('?count kouan:refArea ?county ; kouan:refYear 2020', 'counted_in_2020')} "
        "WHERE { { SELECT DISTINCT ?county ?province WHERE { ?county a kouan:County ; kouan:bordersCountry ?country ; "
        'kouan:locatedIn ?holder . ?holder a kouan:Province ; rdfs:label ?province FILTER(LANG(?province) = "en") } } } '
        "GROUP BY ?province ORDER BY ?province",
    ),
    (
        "Sources by grade",
        "",
        "SELECT ?grade (COUNT(DISTINCT ?source) AS ?sources) WHERE { ?source kouan:grade ?grade } GROUP BY ?grade ORDER BY ?grade",
    ),
)


def data_sheet(settings: Settings) -> str:
    """Return the page as Markdown."""
    graph = library.open()
    parts = [HEAD]
    for heading, above, query in TABLES:
        rows = graph.select(PREFIX + query)
        columns = [name.replace("_", " ") for name in rows.variables]
        lines = [_row(["" if value is None else str(value) for value in row.values.values()]) for row in rows]
        parts.append(_section(heading, above, columns, lines))
    checks = audited(settings)
    checked, differing = sum(each.things for each in checks), sum(len(each.differing) for each in checks)
    lines = [_row([each.what, each.against, str(each.things), str(len(each.differing))]) for each in checks]
    above = f"`kouan audit` looked at {checked} things; {differing} differ ({100 * differing / checked:.1f} %), and are named by it."
    said = graph.select(f'{PREFIX}SELECT ?said {{ {READ_AGAIN} dct:description ?said FILTER(LANG(?said) = "en") }}')
    above = "\n\n".join([above, *(str(row.said) for row in said)])
    parts.append(_section("The last audit", above, ["what", "held against", "checked", "differ"], lines))
    return "\n".join(parts)


def _section(heading: str, above: str, columns: list[str], lines: list[str]) -> str:
    rule = _row(["---"] * len(columns))
    return "\n".join([f"## {heading}", "", *([above, ""] if above else []), _row(columns), rule, *lines, ""])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
