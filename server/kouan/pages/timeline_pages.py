"""Serve /timeline: what happened when, and who says so. Knows requests; asks happenings for what is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from kouan.errors import BadRequest
from kouan.graph.whole_numbers import whole_number
from kouan.http.languages import CHINESE, language, link, say
from kouan.http.twins import twins_by_query
from kouan.pages.asking import Named
from kouan.pages.dataset import KnownDataset, told_once
from kouan.pages.happenings import RECORDS, TYPES, Happening, When, happenings_of, has_dates, sources_of

ROWS = 50
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
YEAR = re.compile(r"-?\d{1,4}\Z")


@dataclass(frozen=True)
class Choice:
    """What narrows the timeline: a kind of thing, a property, and the first and the last year."""

    kind: str = ""
    by: str = ""
    first: int | None = None
    last: int | None = None

    def holds(self, each: Happening) -> bool:
        """Return whether something that happened is chosen; records of ours only where their kind or property is asked for."""
        if (self.kind and self.kind not in each.kinds) or (self.by and each.by != self.by):
            return False
        if not self.kind and not self.by and (each.is_repeated or RECORDS.intersection(each.kinds)):
            return False
        return (self.first is None or each.when.year >= self.first) and (
            self.last is None or each.when.year <= self.last
        )


def create_timeline(dataset: Callable[[], KnownDataset]) -> Blueprint:
    """Return the timeline of the present version of a dataset."""
    routes = Blueprint("timeline", __name__)
    known: dict[str, list[Happening]] = {}

    def happenings() -> list[Happening]:
        version = dataset().snapshot.version
        if version not in known:
            found = happenings_of(dataset())
            known.clear()
            known[version] = found
        return known[version]

    dated = told_once(lambda: dataset().snapshot, lambda: has_dates(dataset()))

    @routes.app_context_processor
    def for_the_menu() -> dict[str, bool]:
        return {"has_dates": dated()}

    @routes.get("/timeline")
    def timeline() -> str:
        now, every = dataset(), happenings()
        choice = _choice(now)
        chosen = [each for each in every if choice.holds(each)]
        page, pages = _page(len(chosen))
        shown = chosen[(page - 1) * ROWS : page * ROWS]
        sources = sources_of(now, shown)
        iris = {iri for each in shown for iri in (each.thing, each.by, *now.kinds.narrowest(each.kinds))}
        iris |= {iri for said in sources.values() for one in said for iri in one[:2] if iri}
        names = now.asking.names(iris, language())
        query = _query(now, choice)
        twins_by_query(query)
        return render_template(
            "timeline.html",
            years=[(year, list(of_year)) for year, of_year in groupby(shown, key=lambda each: each.when.year)],
            total=len(chosen),
            every=len(every),
            choice=choice,
            page=page,
            pages=pages,
            names=names,
            sources=sources,
            kinds_of=lambda each: _told_kinds(now.kinds.narrowest(each.kinds)[:2], each, names),
            spoken=spoken,
            kinds=_named_counts(now, _counted(now, every)),
            properties=_named_counts(now, dict(Counter(each.by for each in every).most_common(40))),
            decades=sorted(Counter(each.when.year // 10 * 10 for each in chosen).items()),
            short=now.names.short,
            to=lambda **changed: _to(changed),
            query=query,
        )

    return routes


def spoken(when: When) -> str:
    """Return a date in the reader's language, no more precise than it is said."""
    year = str(when.year) if when.year > 0 else str(say("{year} BC", year=1 - when.year))
    if language() == CHINESE:
        return f"{year}年" + (f"{when.month}月" if when.month else "") + (f"{when.day}日" if when.day else "")
    month = MONTHS[when.month - 1] if when.month else ""
    return " ".join(part for part in (str(when.day or ""), month, year) if part)


def _told_kinds(kinds: Iterable[str], happening: Happening, names: Mapping[str, Named]) -> list[Named]:
    """Return of some kinds those that the name of what happened does not say: an approval of Heihe is an approval."""
    said = names[happening.thing].text.casefold()
    return [names[kind] for kind in kinds if not (happening.is_event and names[kind].text.casefold() in said)]


def _choice(dataset: KnownDataset) -> Choice:
    given = request.args
    kind, by = given.get("kind", ""), given.get("by", "")
    return Choice(
        dataset.names.iri(kind) if kind else "", dataset.names.iri(by) if by else "", _year("from"), _year("to")
    )


def _year(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if text and not YEAR.match(text):
        raise BadRequest(f"{name} must be a year, such as 1992, not {text!r}.")
    return int(text) if text else None


def _page(total: int) -> tuple[int, int]:
    pages = max(1, -(-total // ROWS))
    page = whole_number(request.args.get("page", "1"))
    if not page:
        raise BadRequest(f"page must be a whole number from 1 to {pages}.")
    return min(page, pages), pages


def _counted(dataset: KnownDataset, every: Iterable[Happening]) -> dict[str, int]:
    counts = Counter(kind for each in every for kind in each.kinds)
    return dataset.kinds.about(dict(counts.most_common(60)))


def _named_counts(dataset: KnownDataset, counts: dict[str, int]) -> list[tuple[Named, int]]:
    names = dataset.asking.names(counts, language())
    return [(names[iri], count) for iri, count in counts.items()]


def _to(changed: dict[str, object]) -> str:
    given = {name: request.args.get(name, "") for name in ("kind", "by", "from", "to")}
    given |= {name.rstrip("_"): str(value) for name, value in changed.items()}
    kept = urlencode({name: value for name, value in given.items() if value}, safe=":")
    return link(f"/timeline?{kept}" if kept else "/timeline")


def _query(dataset: KnownDataset, choice: Choice) -> str:
    """Return a query that finds the dates of what is chosen, as far as they are typed as dates."""
    by = f"<{choice.by}>" if choice.by else "?property"
    kind = f"  ?thing a <{choice.kind}> .\n" if choice.kind else ""
    types = ", ".join(dataset.names.short(each) for each in TYPES)
    dated = "" if choice.by else f"  FILTER(DATATYPE(?date) IN ({types}))\n"
    names = "?thing ?date" if choice.by else "?thing ?property ?date"
    query = f"SELECT DISTINCT {names}\nWHERE {{\n{kind}  ?thing {by} ?date .\n{dated}}}\nORDER BY ?date"
    return "#defaultView:Timeline\n" + dataset.names.declared(query)
