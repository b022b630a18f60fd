"""Serve /search, its JSON twin, suggestions and the OpenSearch description. Knows requests; asks searching for what is found.

OpenSearch 1.1 (draft 6) describes the search for browsers; what is suggested while one types follows its extension.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, render_template, request

from kouan.errors import BadRequest, NotFound
from kouan.formats.negotiation import HTML, best_of, named_among
from kouan.formats.table import BY_MEDIA_TYPE, SOLUTION_FORMATS
from kouan.graph.naming import AUTHORITIES, local_name
from kouan.graph.question_search import alike
from kouan.graph.questions import LibraryQuestion, read_questions
from kouan.graph.whole_numbers import whole_number
from kouan.http.addresses import page_of
from kouan.http.languages import language, link, say
from kouan.http.twins import twins
from kouan.pages.asking import Named
from kouan.pages.dataset import KnownDataset
from kouan.pages.explore.state import Stage, State, address
from kouan.pages.question_pages import text_of
from kouan.pages.searching import CALLED_SO, RECORD, Hits, SearchHit, search
from kouan.snapshot.about import About

ROWS, MOST_ROWS = 20, 100
SUGGESTED = 8
# Questions that are shown beside things, and where nothing is called so.
BESIDE, INSTEAD = 3, 5
SUGGESTIONS = "application/x-suggestions+json"
DESCRIPTION = "application/opensearchdescription+xml"


def create_search(dataset: Callable[[], KnownDataset], about: Callable[[], About], folder: Path) -> Blueprint:
    """Return the addresses that search the present version of a dataset, and of ours the questions of a folder too."""
    routes = Blueprint("search", __name__)
    library = cache(partial(read_questions, folder))

    def asked(hits: Hits) -> list[LibraryQuestion]:
        most = BESIDE if _is_called_so(hits) else INSTEAD
        return alike(library(), hits.text, most) if dataset().is_own else []

    @routes.get("/search")
    @routes.get("/search.json")
    def found() -> str | Response:
        known = dataset()
        text, kind = request.args.get("q", ""), request.args.get("kind", "")
        most = _number("limit", ROWS, 1, MOST_ROWS)
        start = _number("offset", 0, 0, 10_000) or (_number("page", 1, 1, 1000) - 1) * most
        wanted = known.names.iri(kind) if kind else ""
        if wanted and wanted not in known.kinds.counts:
            raise NotFound(
                f"Nothing here is a member of a class <{wanted}>; /classes lists the classes that there are."
            )
        hits = search(known, text, language(), kind=wanted, start=start, most=most)
        questions = asked(hits)
        if _wants_json():
            return _json(_document(known, hits, kind, start) | {"questions": [_asked(each) for each in questions]})
        pages = max(1, -(-hits.total // most))
        if start // most >= pages:
            raise NotFound(f"There is no page {start // most + 1}; there are {pages}.")
        twin = f"/search.json?{urlencode({'q': text} | ({'kind': kind} if kind else {}))}"
        twins({"application/json": twin})
        return render_template(
            "search.html",
            hits=hits,
            questions=questions,
            is_called_so=_is_called_so(hits),
            text_of=text_of,
            kind=kind,
            asked=text,
            page=start // most + 1,
            pages=pages,
            to=lambda **changed: _to(text, kind, changed),
            short=known.names.short,
            explore=lambda iri: address(State((Stage((), iri),)), known.names),
            matched=partial(_matched, text.casefold()),
            keeper=_keeper,
            twin=twin,
        )

    @routes.get("/search/suggest")
    def suggest() -> Response:
        known = dataset()
        hits = search(known, request.args.get("q", ""), language(), most=SUGGESTED)
        root = request.root_url.rstrip("/")
        said = [
            hits.text,
            [each.name.text for each in hits.found],
            [_told(each) for each in hits.found],
            [root + link(page_of(each.iri, is_own=known.is_own)) for each in hits.found],
        ]
        return _json(said, SUGGESTIONS)

    @routes.get("/opensearch.xml")
    def description() -> Response:
        title = about().title(language())
        root = request.root_url.rstrip("/")
        # The name before what is said of it, where it has one; longer ones are not taken (OpenSearch 1.1, ShortName).
        name = title if len(title) <= 16 else re.split("[:：]", title)[0]
        name = name if len(name) <= 16 else name[:15].rstrip() + "…"
        lines = (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
            f"<ShortName>{escape(name)}</ShortName>",
            f"<Description>{escape(str(say('Search {name} by names and identifiers')).format(name=title))}</Description>",
            f'<Url type="text/html" template={quoteattr(root + "/search?q={searchTerms}")}/>',
            f'<Url type="application/json" template={quoteattr(root + "/search.json?q={searchTerms}")}/>',
            f'<Url type="{SUGGESTIONS}" template={quoteattr(root + "/search/suggest?q={searchTerms}")}/>',
            f'<Image height="16" width="16" type="image/svg+xml">{escape(root)}/static/kouan.svg</Image>',
            "<InputEncoding>UTF-8</InputEncoding>",
            "<OutputEncoding>UTF-8</OutputEncoding>",
            "</OpenSearchDescription>",
        )
        return Response("\n".join(lines) + "\n", content_type=f"{DESCRIPTION}; charset=utf-8")

    return routes


def _is_called_so(hits: Hits) -> bool:
    """Return whether something has the name that is sought, and not only one like it."""
    return bool(hits.found) and hits.found[0].score >= CALLED_SO * RECORD


def _asked(question: LibraryQuestion) -> dict[str, str]:
    page = request.root_url.rstrip("/") + f"/questions/{question.name}"
    return {"en": question.english, "zh": question.chinese, "page": page}


def _wants_json() -> bool:
    """Return whether the twin for programs is asked for, by its address, `format=json` or Accept."""
    offers = [BY_MEDIA_TYPE[HTML], *(each for each in SOLUTION_FORMATS if each.name == "json")]
    named = named_among(request.args.get("format", ""), offers)
    form = named.name if named else ""
    accept = request.headers.get("Accept", "")
    return (
        request.path.endswith(".json")
        or form == "json"
        or (not form and bool(accept) and best_of(accept, ("text/html", "application/json")) == "application/json")
    )


def _number(name: str, otherwise: int, least: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return otherwise
    number = whole_number(text)
    if number is None or number < least:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.")
    return min(number, most)


def _to(text: str, kind: str, changed: dict[str, str]) -> str:
    given = {"q": text, "kind": kind} | changed
    return link(f"/search?{urlencode({name: value for name, value in given.items() if value})}")


def _matched(sought: str, found: SearchHit) -> Named | None:
    """Return the name or the value that a thing was found by, where no name that is shown says why."""
    if sought and sought in found.name.text.casefold():
        return None
    shown = {found.name.text, *(found.names.get(tag, "") for tag in ("en", "zh", ""))}
    return None if found.matched.text in shown or found.matched.text == found.iri else found.matched


def _keeper(address: str) -> str:
    """Return who keeps an address, and its name there: Wikidata Q349983."""
    keeper = next((name for start, name in AUTHORITIES.items() if address.startswith(start)), "")
    return f"{keeper or urlsplit(address).netloc} {local_name(address)}"


def _told(found: SearchHit) -> str:
    """Return one line that tells a thing from others."""
    told = [", ".join(kind.text for kind in found.kinds), ", ".join(place.text for place in found.within)]
    return " · ".join(part for part in told if part) or found.description.text


def _document(known: KnownDataset, hits: Hits, kind: str, start: int) -> dict[str, Any]:
    """Return what was found as JSON values."""
    root = request.root_url.rstrip("/")
    return {
        "query": hits.text,
        "kind": kind,
        "total": hits.total,
        "offset": start,
        "results": [
            {
                "iri": each.iri,
                "short": known.names.short(each.iri),
                "name": each.name.text,
                "names": dict(each.names),
                "kinds": [_term(known, one) for one in each.kinds],
                "within": [_term(known, one) for one in each.within],
                "description": each.description.text,
                "sameAs": list(each.links),
                "score": each.score,
                "matched": {"text": each.matched.text, "language": each.matched.language},
                "page": root + page_of(each.iri, is_own=known.is_own),
            }
            for each in hits.found
        ],
        "kinds": [_term(known, one) | {"count": count} for one, count in hits.kinds],
    }


def _term(known: KnownDataset, named: Named) -> dict[str, Any]:
    return {"iri": named.iri, "short": known.names.short(named.iri), "name": named.text}


def _json(document: Any, media_type: str = "application/json") -> Response:
    text = json.dumps(document, ensure_ascii=False)
    return Response(text, content_type=f"{media_type}; charset=utf-8", headers={"Vary": "Accept, Accept-Language"})
