"""A plain SPARQL query searches labels in English, Chinese and pinyin, and gets the best first."""

from __future__ import annotations

import pytest

PREFIXES = """PREFIX search: <https://w3id.org/kouan/search#> PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX id: <https://w3id.org/kouan/id/> """


def ask(client, query, **headers):
    return client.get("/sparql", params={"query": PREFIXES + query}, headers={"Accept": "text/csv"} | headers)


def rows(client, query):
    lines = ask(client, query).text.replace("https://w3id.org/kouan/id/", "").split("\r\n")
    return lines[1:-1]


@pytest.mark.parametrize(
    "text",
    ["Manzhouli", "manzhouli", "Mǎnzhōulǐ", "man zhou li", "满洲里", "滿洲里", "满洲里市", "Manzhuoli"],
)
def test_spellings_and_scripts_lead_to_the_city(client, text):
    query = (
        f'SELECT ?thing {{ (?thing ?score) search:label ("{text}" 20) . ?thing a kouan:City }} ORDER BY DESC(?score)'
    )
    assert rows(client, query)[0] == "manzhouli"


def test_best_match_has_the_highest_score_and_shows_its_label(client):
    # A source may be called after what it describes.
    query = """SELECT ?thing ?score ?label { (?thing ?score ?label) search:label ("heihe" 9) . ?thing a kouan:Place }
      ORDER BY DESC(?score)"""
    best, second, *_ = rows(client, query)
    assert best == "heihe,1,Heihe"
    assert second.startswith("heihe-port,0.")


def test_search_is_joined_with_the_rest_of_the_query(client):
    expected = ["dongxing", "pingxiang"]
    written = [
        '?city search:label "xing" . ?city kouan:locatedIn id:guangxi .',
        '?city kouan:locatedIn id:guangxi ; search:label "xing" .',
        '?city search:label "xing" ; kouan:locatedIn id:guangxi .',
        '?city kouan:locatedIn id:guangxi . ?city search:label "xing"',
        '?city search:label "xing" . ?city search:label "Xing" . ?city kouan:locatedIn id:guangxi .',
    ]
    for pattern in written:
        query = (
            f"SELECT DISTINCT ?city {{ {pattern} ?city a kouan:City }}"
            if pattern.endswith(".")
            else (f"SELECT DISTINCT ?city {{ {pattern} . ?city a kouan:City }}")
        )
        found = rows(client, query + " ORDER BY ?city")
        assert found == [city for city in expected if city == "dongxing"] or found == expected, pattern


def test_text_without_a_match_gives_no_row(client):
    assert rows(client, 'SELECT ?x { ?x search:label "zzzzqqqq" }') == []


def test_search_may_stand_in_optional_and_under_its_full_name(client):
    query = 'SELECT ?c ?x { BIND(1 AS ?c) OPTIONAL { ?x <https://w3id.org/kouan/search#label> "zzzzqqqq" } }'
    assert rows(client, query) == ["1,"]


def test_quotation_marks_and_escapes_are_read_as_sparql_reads_them(client):
    assert rows(client, r"SELECT ?x { (?x ?s) search:label ('''he\u0069he''' 1) }") == ["heihe"]


def test_search_may_show_its_evidence(client):
    query = 'SELECT ?city ?where { ?city search:label "Ruili" ; kouan:locatedIn ?where . ?where a kouan:Province }'
    answer = client.get("/sparql", params={"query": PREFIXES + query, "evidence": "true"}).json()
    shown = {fact["predicate"]["value"].rpartition("#")[2] for row in answer["evidence"] for fact in row["facts"]}
    assert shown == {"locatedIn", "type"}


@pytest.mark.parametrize(
    "pattern",
    [
        "?x search:label ?text",
        "?x search:label 5",
        '?x search:label ("a" 0)',
        '?x search:label ("a" 5000)',
        f'?x search:label ("a" {"1" * 5000})',
        'id:heihe search:label "a"',
        '(?a ?b ?c ?d) search:label "a"',
        '?x search:label "a", "b"',
        '(?x ?s) search:label "a" ; a kouan:City',
    ],
)
def test_search_that_is_amiss_is_told_how_to_be_written(client, pattern):
    answer = ask(client, f"SELECT * {{ {pattern} }}")
    assert answer.status_code == 400
    assert "search" in answer.json()["detail"].lower()
    assert answer.json()["line"] == 2


def test_other_peoples_labels_are_found_too(start, tmp_path):
    import httpx

    (tmp_path / "data.ttl").write_text(
        '<urn:a> <http://www.w3.org/2004/02/skos/core#prefLabel> "Élan"@fr .', encoding="utf-8"
    )
    with start([str(tmp_path / "data.ttl")], {"KOUAN_SNAPSHOTS": str(tmp_path / "s")}) as address:
        query = 'SELECT ?x { ?x <https://w3id.org/kouan/search#label> "elan" }'
        answer = httpx.get(f"{address}/sparql", params={"query": query, "format": "csv"}, trust_env=False)
        assert answer.text == "x\r\nurn:a\r\n"


@pytest.mark.parametrize("text", ["满洲里市", "Manzhouli", "sovereign state", "China", "shares border with"])
def test_items_of_wikidata_are_no_finds_of_their_own(client, text):
    found = rows(client, f'SELECT ?thing {{ (?thing ?score) search:label ("{text}" 100) }}')
    assert [thing for thing in found if "wikidata.org" in thing] == []
