"""The timeline says what happened when, exactly as precise as it is said, and who says so."""

from __future__ import annotations

import re

import pytest

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def entries(text: str) -> list[tuple[str, str, str]]:
    """Return the date for machines, the date for people and the name of each entry."""
    found = re.findall(r'<time datetime="([^"]+)">([^<]+)</time>\s*<div><a [^>]*><span[^>]*>([^<]*)', text)
    return [(iso, spoken, name.strip()) for iso, spoken, name in found]


def test_a_day_a_month_and_a_year_are_each_shown_as_no_more_than_they_are(museums):
    # Where the numbers of a shelf start is no year.
    found = entries(museums.get("/timeline", headers=HTML).text)
    assert found == [
        ("1780", "1780", "Chart of 1780"),
        ("1911-05-04", "4 May 1911", "Tide Museum"),
        ("1954", "1954", "Lamp Museum"),
        ("1987-06", "June 1987", "Rope Walk"),
    ]
    # Of data without sources nobody is promised who says so.
    assert "who says so" not in museums.get("/timeline", headers=HTML).text
    chinese = entries(museums.get("/timeline?lang=zh", headers=HTML).text)
    assert [spoken for _, spoken, _ in chinese] == ["1780年", "1911年5月4日", "1954年", "1987年6月"]


def test_it_is_narrowed_by_kind_property_and_years(museums):
    assert [name for _, _, name in entries(museums.get("/timeline?kind=schema:Map", headers=HTML).text)] == [
        "Chart of 1780"
    ]
    by = museums.get("/timeline?by=schema:foundingDate&from=1950&to=1960", headers=HTML).text
    assert [name for _, _, name in entries(by)] == ["Lamp Museum"]
    assert 'value="1950"' in by


def test_what_is_told_by_year_month_and_day_is_one_happening_with_its_sources(client):
    text = client.get("/timeline?kind=kouan:Agreement&from=1992&to=1992", headers=HTML).text
    found = [each for each in entries(text) if "Alashankou" in each[2]]
    assert [(iso, spoken) for iso, spoken, _ in found] == [("1992-08-10", "10 August 1992")]
    entry = text[text.index("Alashankou") :].partition("</li>")[0]
    assert re.search(r'<small class="said"><a href="/source/[^"]+">', entry)


def test_records_of_sources_are_there_only_where_they_are_asked_for(client):
    every = client.get("/timeline", headers=HTML).text
    shown = re.sub(r"<option.*?</option>", "", every)
    assert "record of a division" not in shown
    assert "population count" not in shown
    assert entries(client.get("/timeline?kind=kouan:Source", headers=HTML).text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_happened_has_a_name_for_people(client, language):
    for kind in ("", "kouan:ListEntry", "kouan:Name"):
        found = entries(client.get("/timeline", params={"lang": language, "kind": kind}, headers=HTML).text)
        assert found
        assert [name for _, _, name in found if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+){2,}", name)] == []


def test_a_month_is_never_made_of_a_year_alone(client):
    query = (
        "PREFIX kouan: <https://w3id.org/kouan/ontology#> SELECT ?event { ?event kouan:heldYear ?y "
        "FILTER NOT EXISTS { ?event kouan:heldMonth|kouan:heldOn ?m } }"
    )
    rows = client.get("/sparql", params={"query": query, "format": "json"}).json()["results"]["bindings"]
    plain = {row["event"]["value"].rpartition("/")[2] for row in rows}
    checked, page, text = 0, 1, 'rel="next"'
    while 'rel="next"' in text:
        text = client.get(f"/timeline?by=kouan:heldYear&page={page}", headers=HTML).text
        found = re.findall(r'<time datetime="([^"]*)">[^<]+</time>\s*<div><a href="/id/([^"]+)"', text)
        assert all(len(iso) == 4 for iso, name in found if name in plain)
        checked, page = checked + len(found), page + 1
    assert checked


@pytest.mark.parametrize("query", ["from=then", "page=0", "kind=nobody:Knows"])
def test_what_cannot_be_meant_is_refused(client, query):
    assert client.get(f"/timeline?{query}", headers=HTML).status_code == 400


def test_data_without_dates_says_so(thesaurus):
    assert "no date" in thesaurus.get("/timeline", headers=HTML).text


def test_dates_of_a_catalogue_are_shown(catalogue):
    assert [(iso, name) for iso, _, name in entries(catalogue.get("/timeline", headers=HTML).text)] == [
        ("2019-03-02", "Trees along the streets"),
        ("2020-11-30", "The budget"),
        ("2021", "Bus stops"),
    ]


def test_what_the_name_of_a_happening_says_is_not_said_again(client):
    text = client.get("/timeline?kind=kouan:Approval&lang=en", headers=HTML).text
    told = re.findall(r"<span>(approval of [^<]+)</span></a> <span class=\"muted\">(.*?)</span>\n", text)
    assert told
    assert {re.sub("<[^>]*>", "", kinds).strip() for _, kinds in told} == {""}


def test_a_year_that_its_source_tells_as_an_event_is_told_once(client):
    address = "/timeline?from=1954&to=1957&lang=en"
    names = [name for _, _, name in entries(client.get(address, headers=HTML).text)]
    ports = ["Dulong port of entry, 1954", "Jinshuihe port of entry, 1954", "Aidian port of entry, 1957"]
    assert names == [f"opening of {port}" for port in ports]
    asked = client.get(f"{address}&by=kouan:openedYear", headers=HTML).text
    assert [name for _, _, name in entries(asked)] == ["Jinshuihe port of entry", "Aidian port of entry"]
