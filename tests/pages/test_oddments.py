"""Things of others' data are told apart by whatever they have: numbers, nicknames, names in any language, lists."""

from __future__ import annotations

import re
from html import unescape

import pytest

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def text_of(client, path, **parameters):
    answer = client.get(path, params=parameters, headers=HTML)
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


@pytest.mark.parametrize("view", ["table", "list"])
def test_things_that_have_numbers_for_names_are_told_by_what_stands_before(oddments, view):
    told = text_of(oddments, "/explore", kind="<http://sensors.example/Reading>", view=view)
    assert "temperature/3" in told
    assert "temperature/4" in told


def test_a_thing_is_called_the_same_on_its_page_as_in_lists(oddments):
    told = text_of(oddments, "/thing", iri="http://sensors.example/temperature/3")
    assert "temperature/3 Reading" in told
    assert "station/1" in told


def test_people_are_called_by_both_names_else_by_their_nickname_else_by_their_address(oddments):
    page = oddments.get("/explore", params={"kind": "foaf:Person", "view": "list"}, headers=HTML).text
    assert re.findall(r'<li><a href="/thing[^>]*><span>([^<]*)', page) == ["jo", "Kim Ode", "lee#i"]


def test_a_name_in_a_language_that_the_title_has_not_is_told_too(oddments):
    assert "Also written Hafen von Akaba" in text_of(oddments, "/thing", iri="https://qamus.example/aqaba")


@pytest.mark.parametrize(
    ("name", "members"), [("Skipper", ["Person", "steers", "Boat", "Sailor"]), ("Day", ["Monday", "Tuesday"])]
)
def test_a_list_is_told_by_its_members_and_not_by_its_nodes(oddments, name, members):
    told = text_of(oddments, "/thing", iri=f"https://qamus.example/{name}")
    assert [each for each in members if each not in told] == []
    assert "without a name" not in told
    assert re.search(r"\b(first|rest|nil)\b", told) is None


def test_an_ontology_of_others_is_told_by_its_classes_and_properties(oddments):
    told = text_of(oddments, "/ontology")
    assert "Boat 0 ferry 0" in told
    assert "moors ferry ميناء 0" in told
    assert 'href="/ontology"' in oddments.get("/help", headers=HTML).text


def test_a_text_in_html_is_told_without_its_marks(oddments):
    thing = text_of(oddments, "/thing", iri="https://qamus.example/Ferry")
    found = text_of(oddments, "/search", q="ferry")
    for told in (thing, found):
        assert "A boat for many &amp; all." in told
        assert "&lt;p" not in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ann", "<<( http://ships.example/ann http://ships.example/calls"),
        ("bo", "<<( http://ships.example/ann http://ships.example/calls 2 )>>"),
        ("entry", "<<( http://ships.example/ann http://ships.example/calls http://ships.example/bilbao )>>"),
        ("bilbao", "calls"),
    ],
)
def test_a_thing_of_which_a_statement_speaks_is_told_with_the_statement(statements, name, told):
    assert told in unescape(text_of(statements, "/thing", iri=f"http://ships.example/{name}"))


def test_a_thing_that_only_what_has_no_name_speaks_of_has_a_page(statements):
    assert "http://ships.example/log" in text_of(statements, "/thing", iri="http://ships.example/log")
    assert statements.get("/thing", params={"iri": "http://ships.example/other"}, headers=HTML).status_code == 404


@pytest.mark.parametrize("view", ["table", "list"])
def test_things_of_which_a_statement_speaks_are_explored(statements, view):
    assert "Ann" in text_of(statements, "/explore", kind="<http://ships.example/Ship>", view=view)
    assert "Entry" in text_of(statements, "/class", iri="http://ships.example/Entry")
    told = text_of(
        statements,
        "/explore",
        **{"kind": "<http://ships.example/Ship>", "col": "<http://ships.example/says>", "said": "1", "view": view},
        open="<http://ships.example/says>",
    )
    assert ("&lt;&lt;( http://ships.example/ann" in told) == (view == "table")
