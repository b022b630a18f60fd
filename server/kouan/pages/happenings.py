"""Find what happened when, in anybody's data, exactly as precise as it is said. Knows dates, no page.

A date is a literal of a type of XML Schema for one, or a whole number by a property that is called a year. What one thing
says of one happening by several properties, as of a year, a month and a day (heldYear, heldMonth, heldOn), is one happening.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kouan.graph.naming import local_name
from kouan.pages.dataset import KnownDataset
from kouan.vocabulary import INFERRED_GRAPH, KOUAN, OWL, QB, XSD

MOST_DATES = 20_000
# No more of very large data is looked through.
MOST_TRIPLES = 2_000_000
# To find out for the menu whether there is a date, no more is looked through.
MOST_SEARCHED = 200_000
TYPES = tuple(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
WRITTEN = re.compile(r"(-?\d{4,})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*|Z|[+-]\d\d:\d\d)?\Z")
# No other whole number is a year: where a text starts and ends is none.
YEARLY = r"([yY]ear|valid(From|Until)|period(Start|End))$"
MONTHLY = r"[mM]onth$"
MONTH = re.compile(r"0*\d{1,2}", re.ASCII)
PART = re.compile(r"(?:Year|Month|On|Date)$")
EARLIEST, LATEST = 1000, 2200
# The kind of the event that a year of ours is of.
EVENTS = {"openedYear": "Opening", "approvedYear": "Approval"}
# What counts, and what speaks of sources, is no happening unless it is asked for.
RECORDS = frozenset(
    (
        *(
            KOUAN + kind
            for kind in ("Source", "Passage", "DivisionRecord", "Statistic", "DisputedClaim", "Interpretation", "Name")
        ),
        *(QB + kind for kind in ("Observation", "Slice", "DataSet")),
        OWL + "Ontology",
    )
)


@dataclass(frozen=True, order=True)
class When:
    """A year, and a month and a day of it, each 0 where it is not said."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def iso(self) -> str:
        """Return the date as HTML and ISO 8601 write it, no more precise than it is."""
        parts = [f"{self.year:05d}" if self.year < 0 else f"{self.year:04d}"]
        return "-".join(parts + [f"{part:02d}" for part in (self.month, self.day) if part])


@dataclass(frozen=True)
class Happening:
    """What a thing says happened when: the property that says it most precisely, and the kinds of the thing."""

    when: When
    thing: str
    by: str
    value: str
    kinds: tuple[str, ...] = ()
    is_repeated: bool = False
    """Whether the very sources that say it tell of it as an event too."""

    @property
    def is_event(self) -> bool:
        """Return whether the thing is what happened, such as an approval that was held on a day: its kind says it all."""
        return local_name(self.by).startswith("held")


def has_dates(dataset: KnownDataset) -> bool:
    """Return whether a dataset says when anything was, or is too large to be looked through for that."""
    return dataset.snapshot.triples > MOST_SEARCHED or bool(dataset.asking.rows(_dated(dataset, 1)))


def _dated(dataset: KnownDataset, most: int) -> str:
    """Return the query for at most so many dates."""
    all_of_it = "?thing ?by ?value"
    looked_at = (
        f"{{ SELECT ?thing ?by ?value {{ {all_of_it} }} LIMIT {MOST_TRIPLES} }}"
        if dataset.snapshot.triples > MOST_TRIPLES
        else all_of_it
    )
    types = ", ".join(f"<{kind}>" for kind in TYPES)
    return (
        f"SELECT ?thing ?by ?value {{ {looked_at} FILTER(isLiteral(?value) && isIRI(?thing) && (DATATYPE(?value) IN ({types}) "
        f'|| (DATATYPE(?value) = <{XSD}integer> && REGEX(STR(?by), "{YEARLY}|{MONTHLY}")))) }} LIMIT {most}'
    )


def happenings_of(dataset: KnownDataset) -> list[Happening]:
    """Return all that happened, in order of time; those of no precise day of a year come before those of its days."""
    rows = dataset.asking.rows(_dated(dataset, MOST_DATES))
    said: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        by, value = row["by"]["value"], row["value"]["value"]
        said[row["thing"]["value"], PART.sub("", by)].append((by, value))
    found = [each for (thing, _), facts in said.items() for each in _happenings(thing, facts)]
    kinds = _kinds(dataset, {each.thing for each in found})
    repeated = _repeated(dataset) if dataset.is_own else set()
    return sorted(
        (
            replace(each, kinds=kinds.get(each.thing, ()), is_repeated=(each.thing, each.by) in repeated)
            for each in found
        ),
        key=lambda each: (each.when, each.thing, each.by),
    )


def _happenings(thing: str, facts: list[tuple[str, str]]) -> Iterable[Happening]:
    """Yield what one thing says of one happening: its most precise dates, and no year that one of them has."""
    dated: list[Happening] = []
    months = [int(value) for by, value in facts if re.search(MONTHLY, local_name(by)) and MONTH.fullmatch(value)]
    for by, value in facts:
        if re.search(MONTHLY, local_name(by)):
            continue
        when = _when(value)
        if when is None or (value.lstrip("-").isdigit() and not EARLIEST <= when.year <= LATEST):
            continue
        if not when.month and len(months) == 1 and 1 <= months[0] <= 12 and re.search(YEARLY, local_name(by)):
            when = When(when.year, months[0])
        dated.append(Happening(when, thing, by, value))
    for each in dated:
        if not any(_is_more_precise(other.when, each.when) for other in dated):
            yield each


def _repeated(dataset: KnownDataset) -> set[tuple[str, str]]:
    """Return which years of things, by property, each source that says one tells as an event of that year too."""
    kinds = " ".join(f"(<{KOUAN}{by}> <{KOUAN}{kind}>)" for by, kind in EVENTS.items())
    rows = dataset.asking.rows(
        f"SELECT ?thing ?by ?graph (MAX(?held = ?year) AS ?again) {{ VALUES (?by ?kind) {{ {kinds} }} "
        f"GRAPH ?graph {{ ?thing ?by ?year }} FILTER(?graph != <{INFERRED_GRAPH}>) "
        f"OPTIONAL {{ ?event <{KOUAN}eventOf> ?thing ; a ?kind . GRAPH ?graph {{ ?event <{KOUAN}heldYear> ?held }} }} }} "
        f"GROUP BY ?thing ?by ?graph"
    )
    told: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        told[row["thing"]["value"], row["by"]["value"]].append(row.get("again", {}).get("value") == "true")
    return {fact for fact, again in told.items() if all(again)}


def _is_more_precise(one: When, other: When) -> bool:
    if one.year != other.year or one == other:
        return False
    return (not other.month and bool(one.month)) or (one.month == other.month and not other.day and bool(one.day))


def _when(text: str) -> When | None:
    found = WRITTEN.match(text)
    if found is None:
        return None
    month, day = int(found[2] or 0), int(found[3] or 0)
    return When(int(found[1]), month, day) if month <= 12 and day <= 31 else None


def _kinds(dataset: KnownDataset, things: set[str]) -> Mapping[str, tuple[str, ...]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    ordered = sorted(things)
    for start in range(0, len(ordered), 1000):
        some = " ".join(f"<{iri}>" for iri in ordered[start : start + 1000])
        for row in dataset.asking.rows(
            f"SELECT DISTINCT ?thing ?kind {{ VALUES ?thing {{ {some} }} ?thing a ?kind FILTER(isIRI(?kind)) }}"
        ):
            kinds[row["thing"]["value"]].append(row["kind"]["value"])
    return {thing: tuple(each) for thing, each in kinds.items()}


def sources_of(dataset: KnownDataset, happenings: list[Happening]) -> dict[Happening, list[tuple[str, str, str]]]:
    """Return who says each: the graph, and of our own its source and the grade of that, else ""."""
    if not happenings:
        return {}
    facts = " ".join(f"(<{each.thing}> <{each.by}>)" for each in {(h.thing, h.by): h for h in happenings}.values())
    told = f"OPTIONAL {{ ?graph <{KOUAN}passageOf> ?source . OPTIONAL {{ ?source <{KOUAN}grade> ?grade }} }}"
    rows = dataset.asking.rows(
        f"SELECT DISTINCT ?thing ?by ?value ?graph ?source ?grade {{ VALUES (?thing ?by) {{ {facts} }} "
        f"GRAPH ?graph {{ ?thing ?by ?value }} FILTER(?graph != <{INFERRED_GRAPH}>) {told if dataset.is_own else ''} }} "
        f"ORDER BY ?graph"
    )
    by_fact: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        said = tuple(row.get(name, {}).get("value", "") for name in ("graph", "source", "grade"))
        by_fact[row["thing"]["value"], row["by"]["value"], row["value"]["value"]].append((said[0], said[1], said[2]))
    return {each: by_fact.get((each.thing, each.by, each.value), []) for each in happenings}
