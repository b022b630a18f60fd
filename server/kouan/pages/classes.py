"""Show the classes of any dataset, each with its members. Knows requests and templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound as NothingThere

from kouan.errors import BadRequest, NotFound
from kouan.http.addresses import moved_to
from kouan.http.conditions import READS
from kouan.http.languages import say
from kouan.http.twins import twins
from kouan.pages.amounts import amounts_of
from kouan.pages.class_tables import beyond_first, names_of, several
from kouan.pages.dataset import WITHOUT_CLASS
from kouan.pages.documents import checked
from kouan.pages.front import members_query
from kouan.pages.maps import SmallMap, marks_of, small_map
from kouan.pages.order import TYPE
from kouan.pages.reading import Reading
from kouan.pages.tables import table_twins
from kouan.pages.terms import Value
from kouan.pages.thing_pages import PAGE, page_asked
from kouan.vocabulary import GEO, KOUAN, RDFS, SKOS

# What a list says of each member besides its name, the first that it has.
PLACE = f"<{KOUAN}locatedIn>"


def class_of(iri: str) -> str:
    """Return the address of the page that lists the members of a class."""
    if iri.startswith(KOUAN):
        return "/class/" + quote(iri.removeprefix(KOUAN))
    return "/class?iri=" + quote(iri, safe="")


def add_classes(pages: Blueprint, reading: Callable[[], Reading]) -> None:
    """Add /classes and the page of each class."""

    @pages.get("/classes")
    def classes() -> str:
        now = reading()
        names = now.names(now.sizes)
        listed = [(names[iri], count) for iri, count in now.sizes.items()]
        if now.is_own:
            listed = [each for each in listed if each[0].text.startswith(KOUAN)]
        return render_template("classes.html", classes=listed, without_class=now.dataset.without_class)

    @pages.get("/classes/none")
    def no_class() -> str:
        return _without_class(reading())

    @pages.get("/class/<name>")
    def our_class(name: str) -> str:
        return _shown(reading(), checked(KOUAN + name, name))

    @pages.get("/class")
    def any_class() -> str:
        iri = request.args.get("iri", "")
        if not iri:
            raise BadRequest("Name the class by its IRI: /class?iri=…")
        return _shown(reading(), checked(iri, iri))

    @pages.before_app_request
    def named_class() -> Response | None:
        """Lead from the address of a class's table without its ending, /ports, to the page of the class.

        It is no route, since nothing stands at any other name, whatever the method.
        """
        if request.method not in READS or not isinstance(request.routing_exception, NothingThere):
            return None
        name, given, now = request.path[1:].lower(), request.args.get("class", ""), reading()
        called = names_of(now.sizes).get(name, [])
        if not called:
            return None
        called = [given] if given else called
        if len(called) > 1 and now.number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {beyond_first(called)} }}"):
            raise BadRequest(several(name, called))
        return moved_to(class_of(called[0]))


def _shown(reading: Reading, iri: str) -> str:
    """Return the page of a class, whose table is its twin."""
    if iri not in reading.sizes and not (reading.is_own and iri.startswith(KOUAN) and reading.names([iri])[iri].names):
        raise NotFound(f"Nothing here is a member of a class <{iri}>; /classes lists the classes that there are.")
    where = f"{reading.anywhere(f'?s <{TYPE}> <{iri}>')} FILTER(isIRI(?s))"
    count = reading.number(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {where} }}")
    number, last = page_asked(count)
    rows = reading.rows(f"SELECT DISTINCT ?s {{ {where} }} ORDER BY ?s LIMIT {PAGE} OFFSET {(number - 1) * PAGE}")
    named = reading.named(rows, iri)
    members = [named(row["s"]) for row in rows]
    twins(table_twins("members", f"?class={quote(iri, safe='')}"))
    if last == 1:
        members.sort(key=lambda each: each.in_order)
    return render_template(
        "class.html",
        class_=named({"type": "uri", "value": iri}),
        definition=_definition(reading, iri),
        members=members,
        places=_places(reading, members) if reading.is_own else {},
        amounts=amounts_of(reading, (each.text for each in members)),
        map=_map(reading, members),
        count=count,
        number=number,
        last=last,
        address=class_of(iri),
        query=members_query(iri),
        explored=reading.dataset.names.short(iri),
    )


def _without_class(reading: Reading) -> str:
    """Return the page of what is said to be of no class."""
    count = reading.dataset.without_class
    if not count:
        raise NotFound("Everything here is said to be of a class; /classes lists the classes that there are.")
    number, last = page_asked(count)
    query = f"SELECT DISTINCT ?thing WHERE {{\n  {WITHOUT_CLASS}\n}}\nORDER BY ?thing"
    rows = reading.rows(f"{query} LIMIT {PAGE} OFFSET {(number - 1) * PAGE}")
    named = reading.named(rows)
    members = [named(row["thing"]) for row in rows]
    return render_template(
        "without_class.html", members=members, count=count, number=number, last=last, query=f"{query}\nLIMIT 1000"
    )


def _definition(reading: Reading, iri: str) -> Value | None:
    rows = reading.rows(f"SELECT ?o {{ {reading.anywhere(f'<{iri}> <{SKOS}definition>|<{RDFS}comment> ?o')} }}")
    named = reading.named(rows)
    return next(iter(sorted((named(row["o"]) for row in rows), key=lambda each: bool(each.tongue))), None)


def _places(reading: Reading, members: list[Value]) -> dict[str, list[Value]]:
    """Return in which areas members of our graph lie, the smallest that is stated and not inferred first."""
    values = " ".join(f"<{each.text}>" for each in members)
    rows = reading.rows(
        f"SELECT DISTINCT ?s ?o {{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s {PLACE} ?o }} ?o a <{KOUAN}Province> }} ORDER BY ?s ?o"
    )
    named = reading.named(rows)
    found: dict[str, list[Value]] = {}
    for row in rows:
        found.setdefault(row["s"]["value"], []).append(named(row["o"]))
    return found


def _map(reading: Reading, members: list[Value]) -> SmallMap | None:
    """Return the map of members that have a place; None where fewer than two have."""
    if len(members) < 2:
        return None
    values = " ".join(f"<{each.text}>" for each in members)
    path = f"<{GEO}hasGeometry>/<{GEO}asWKT>"
    rows = reading.rows(f"SELECT DISTINCT ?s ?w {{ VALUES ?s {{ {values} }} {reading.anywhere(f'?s {path} ?w')} }}")
    by_iri = {each.text: each for each in members}
    marks = [mark for row in rows for mark in marks_of(by_iri[row["s"]["value"]], [row["w"]["value"]])]
    found = small_map(marks, ratio=1.9)
    return replace(found, label=str(say("Map of the members"))) if found else None
