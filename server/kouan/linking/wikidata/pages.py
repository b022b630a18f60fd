"""Show a comparison as a page of the server, as JSON, CSV and TSV, or as a page that stands alone. Knows templates and requests."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request

from kouan.errors import BadRequest, NotAcceptable, NotFound
from kouan.formats.negotiation import best_of
from kouan.linking.gazetteer import Gazetteer
from kouan.linking.wikidata.comparing import (
    AGREES,
    CONFLICTS,
    KOUAN_LACKS,
    STATUSES,
    TOLERANCE_KM,
    TOWN_KM,
    UNKNOWN,
    WIKIDATA_LACKS,
    SliceComparison,
    compare,
)
from kouan.linking.wikidata.proposals import Wishes, propose
from kouan.linking.wikidata.quickstatements import write_commands
from kouan.linking.wikidata.reports import dated, document, place_of, rows, sentence, summary, write_csv, write_json
from kouan.linking.wikidata.slices import packaged_slice
from kouan.linking.wikidata.statements import Facts
from kouan.snapshot import Snapshot
from kouan.validation.report import short

JSON = "application/json"
OFFERS = {"html": "text/html", "json": JSON, "csv": "text/csv", "tsv": "text/tab-separated-values"}
SEPARATORS = {"csv": ",", "tsv": "\t"}
# What a reader should look at comes first.
ORDER = (CONFLICTS, WIKIDATA_LACKS, KOUAN_LACKS, AGREES, UNKNOWN)
STYLE = Path(__file__).parents[2] / "static" / "kouan.css"


def create_wikidata(snapshot: Callable[[], Snapshot], gazetteer: Callable[[], Gazetteer]) -> Blueprint:
    """Return the address /wikidata: the graph, the things of which `gazetteer` gives, held against the slice that it carries."""
    routes = Blueprint("wikidata", __name__)
    made: dict[str, SliceComparison] = {}

    def comparison() -> SliceComparison:
        now = snapshot()
        if not now.is_own:
            raise NotFound("This server serves other data than Kouan's graph, which has no slice of Wikidata.")
        if now.version not in made:
            quads = list(now.source_quads())
            facts = Facts(quads, gazetteer=gazetteer())
            made.clear()
            made[now.version] = compare(facts, packaged_slice(quads, facts.kinds))
        return made[now.version]

    @routes.get("/wikidata", defaults={"form": ""})
    @routes.get("/wikidata.json", defaults={"form": "json"})
    @routes.get("/wikidata.csv", defaults={"form": "csv"})
    @routes.get("/wikidata.tsv", defaults={"form": "tsv"})
    def report(form: str) -> Response:
        statuses = _statuses()
        form = form or _form()
        if form != "html":
            return _written(comparison(), statuses, form)
        return _html(_page("wikidata.html", comparison(), statuses))

    @routes.get("/wikidata/<name>")
    def both_sides(name: str) -> Response:
        """Return what Kouan and Wikidata say of one thing, side by side, with who says it and when."""
        now = comparison()
        thing = now.facts.gazetteer.find(name)
        if thing is None or not thing.wikidata:
            what = f"{thing.label} has no item in Wikidata that Kouan knows" if thing else f"There is no thing {name!r}"
            raise NotFound(f"{what}; /wikidata lists those that have one.")
        one = replace(now, findings=now.of(thing))
        form = _form()
        if form != "html":
            return _written(one, STATUSES, form)
        # As `kouan wikidata export` does without a slice: the packaged one covers next to nothing that Wikidata may lack.
        offered = propose(one, now.facts.sources, Wishes(unknown=True))
        ordered = sorted(one.findings, key=lambda finding: ORDER.index(finding.status))
        page = render_template(
            "wikidata_thing.html",
            thing=thing,
            one=one,
            findings=[(finding, one.references(finding)) for finding in ordered],
            place_of=place_of,
            dated=dated,
            commands=write_commands(offered),
        )
        return _html(page)

    return routes


def stand_alone(comparison: SliceComparison, statuses: Collection[str]) -> str:
    """Return the comparison as a page that needs no server."""
    with Flask("kouan").app_context():
        style = STYLE.read_text(encoding="utf-8")
        return _page(
            "wikidata_alone.html",
            comparison,
            statuses,
            style=style,
            lang="en",
            _=_in_english,
            retold=str,
            semicolon="; ",
        )


def _in_english(text: str, **values: object) -> str:
    return text.format(**values)


def _statuses() -> list[str]:
    """Return the statuses that a request asks for, all where it asks for none; BadRequest where there is no such one."""
    wanted = request.args.getlist("status")
    unknown = [status for status in wanted if status not in STATUSES]
    if unknown:
        raise BadRequest(f"There is no status {unknown[0]!r}; there are {', '.join(map(repr, STATUSES))}.")
    return wanted or list(STATUSES)


def _form() -> str:
    """Return the name of the format that a request wants, by its address or by what it accepts; raises NotAcceptable."""
    accept = request.headers.get("Accept", "")
    # A browser always names HTML; who takes anything is a program.
    offers = OFFERS.values() if "html" in accept.lower() else sorted(OFFERS.values(), key=lambda each: each != JSON)
    liked = best_of(accept, tuple(offers))
    asked = request.args.get("format", "").lower() or next((name for name in OFFERS if OFFERS[name] == liked), "")
    found = next((name for name in OFFERS if asked in (name, OFFERS[name])), None)
    if found is None:
        raise NotAcceptable(f"The comparison can be had as {', '.join(OFFERS)}.", available=list(OFFERS.values()))
    return found


def _written(comparison: SliceComparison, statuses: Collection[str], form: str) -> Response:
    headers = {"Vary": "Accept"}
    if form == "json":
        text = write_json(comparison, statuses)
    else:
        # By the mark Excel knows that the text is UTF-8.
        is_marked = form == "csv" and request.args.get("bom", "").lower() in {"true", "1"}
        text = "\ufeff" * is_marked + write_csv(comparison, statuses, SEPARATORS[form])
        headers["Content-Disposition"] = f'attachment; filename="kouan-wikidata.{form}"'
    return Response(text, content_type=f"{OFFERS[form]}; charset=utf-8", headers=headers)


def _html(page: str) -> Response:
    return Response(page, content_type="text/html; charset=utf-8", headers={"Vary": "Accept"})


def _page(template: str, comparison: SliceComparison, statuses: Collection[str], **more: object) -> str:
    return render_template(
        template,
        sentence=sentence(comparison),
        slice=document(comparison, ())["slice"],
        summary=summary(comparison),
        found=lambda language: {status: rows(comparison, {status}, language) for status in ORDER if status in statuses},
        mapping=[(short(each.term), each) for each in comparison.facts.mapping.every],
        statuses=ORDER,
        tolerances=TOLERANCE_KM,
        town=TOWN_KM,
        chinese={iri: thing.labels.get("zh", "") for iri, thing in comparison.facts.gazetteer.things.items()},
        **more,
    )
