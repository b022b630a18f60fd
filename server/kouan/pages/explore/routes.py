"""Serve /explore: choose a kind of thing, narrow it, go on to what it leads to. Knows requests; asks Page for what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from kouan.errors import NotFound
from kouan.http.addresses import moved_to
from kouan.http.languages import language, link, say
from kouan.http.twins import twins_by_query
from kouan.pages.dataset import KnownDataset
from kouan.pages.explore.page import Page
from kouan.pages.explore.state import ROWS, Reader, Stage, State, address
from kouan.pages.kinds import Kind

FORM = {"way", "how", "value"}


def create_explore(dataset: Callable[[], KnownDataset]) -> Blueprint:
    """Return the page that explores the present version of a dataset by links and forms."""
    routes = Blueprint("explore", __name__)

    @routes.get("/browse")
    def browse() -> Response:
        return moved_to("/explore", 301)

    @routes.get("/explore")
    def explore() -> str | Response:
        known = dataset()
        given = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
        state = Reader(known.names).read(given)
        if any(name in FORM for name, _ in given):
            # What a form sends becomes the address that says the same.
            return redirect(link(address(state, known.names)), code=303)
        if not state.stages:
            return _kinds(known)
        page = Page(known, state, language())
        first = state.stages[0]
        if first.kind and len(state.stages) == 1 and not first.filters and not page.facets.total:
            raise NotFound(
                f"Nothing here is a member of a class <{first.kind}>; /classes lists the classes that there are."
            )
        pages = max(1, -(-min(page.facets.total, 100_000) // ROWS))
        if state.page > pages:
            raise NotFound(f"There is no page {state.page}; there are {pages}.")
        shown = _drawn(page) if state.view == "map" else _listed(page)
        twins_by_query(str(shown["query"]))
        return render_template(
            "explore.html", page=page, state=state, pages=pages, around=_around(page, pages), **shown
        )

    return routes


def _kinds(known: KnownDataset) -> str:
    kinds = known.kinds
    iris = [kind.iri for kind in (*_flat(kinds.tree), *kinds.helping)]
    names = known.asking.names(iris, language())

    def to(kind: str) -> str:
        return address(State((Stage((), kind),)), known.names)

    return render_template(
        "explore_kinds.html",
        tree=kinds.tree,
        helping=kinds.helping,
        without_class=known.without_class,
        names=names,
        to=to,
    )


def _flat(kinds: tuple[Kind, ...]) -> list[Kind]:
    return [each for kind in kinds for each in (kind, *_flat(kind.narrower))]


def _listed(page: Page) -> dict[str, object]:
    columns = page.columns if page.state.view == "table" else ()
    heads = [(page.names.written(way), page.way_name(way)) for way in columns]
    return {
        "lines": page.results.lines(columns),
        "heads": [
            (written, name, page.to(_sorted(page.state, written)), _order(page.state, written))
            for written, name in heads
        ],
        "by_name": (page.to(_sorted(page.state, "")), _order(page.state, "")),
        "query": page.results.query(columns),
    }


def _drawn(page: Page) -> dict[str, object]:
    drawn = page.results.map()
    if drawn is not None:
        drawn = replace(drawn, label=str(say("Map; the same things stand in the list below")))
    return {"map": drawn, "query": page.results.query((), is_map=True)}


def _sorted(state: State, way: str) -> State:
    """Return the state in the order of a column, or in the other order where it is in that one."""
    sort = f"-{way}" if state.sort == way and way else way
    return replace(state, sort=sort, page=1)


def _order(state: State, way: str) -> str:
    """Return how a column is ordered, as ARIA says it."""
    if state.sort.lstrip("-") != way:
        return "none"
    return "descending" if state.sort.startswith("-") else "ascending"


def _around(page: Page, pages: int) -> dict[str, str]:
    """Return the addresses of the pages before and after."""
    at = page.state.page
    places = {"before": at - 1, "after": at + 1}
    return {name: page.to(replace(page.state, page=number)) for name, number in places.items() if 0 < number <= pages}
