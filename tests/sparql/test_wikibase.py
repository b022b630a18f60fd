"""Queries that were written for Wikidata's own service run here: its prefixes, its label service, its hints."""

from __future__ import annotations

import httpx
import pytest

DATA = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <http://schema.org/> . @prefix s: <https://schema.org/> .
wd:Q1 wdt:P31 wd:Q515 ; wdt:P1082 10 ; rdfs:label "One"@en , "一"@zh , "Uno"@it ;
    skos:altLabel "First"@en , "Eins"@de , "Best"@en ; schema:description "the first"@en .
wd:Q2 wdt:P31 wd:Q515 ; wdt:P1082 5 ; rdfs:label "二"@zh , "Zwei"@mul .
wd:Q3 wdt:P31 wd:Q515 .
<urn:three> s:sameAs wd:Q3 ; rdfs:label "Three"@en .
wd:Q515 rdfs:label "city"@en .
"""
SERVICE = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en". }'


@pytest.fixture(scope="module")
def wikidata(start, tmp_path_factory):
    """A client of a server of a few statements of Wikidata's kind."""
    folder = tmp_path_factory.mktemp("wikidata")
    (folder / "slice.ttl").write_text(DATA, encoding="utf-8")
    with (
        start([str(folder / "slice.ttl")], {"KOUAN_SNAPSHOTS": str(folder / "snapshots")}) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        yield client


def ask(client, query, **parameters):
    accept = {"Accept": "application/sparql-results+json"}
    return client.get("/sparql", params={"query": query, **parameters}, headers=accept)


def rows(client, query):
    answer = ask(client, query)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    return [
        tuple(row.get(v, {}).get("value") for v in document["head"]["vars"]) for row in document["results"]["bindings"]
    ]


def labels(client, languages, variable="itemLabel"):
    service = f'SERVICE wikibase:label {{ bd:serviceParam wikibase:language "{languages}". }}'
    query = f"SELECT ?{variable} {{ ?item wdt:P31 wd:Q515 . {service} }} ORDER BY ?item"
    return [row[0] for row in rows(client, query)]


def test_labels_come_in_the_first_language_that_has_one(wikidata):
    assert labels(wikidata, "en,zh") == ["One", "二", "Three"]
    assert labels(wikidata, "zh,en") == ["一", "二", "Three"]
    assert labels(wikidata, "it") == ["Uno", "Q2", "Q3"]
    assert labels(wikidata, "[AUTO_LANGUAGE],en,mul") == ["One", "Zwei", "Three"]
    assert labels(wikidata, "[AUTO_LANGUAGE]") == ["One", "Q2", "Three"]


def test_other_names_and_descriptions_are_looked_up_too(wikidata):
    assert labels(wikidata, "en", "itemAltLabel") == ["Best, First", None, None]
    assert labels(wikidata, "en", "itemDescription") == ["the first", None, None]


def test_labels_can_be_asked_for_by_name(wikidata):
    service = (
        'SERVICE wikibase:label { bd:serviceParam wikibase:language "zh", "en" . '
        "?item rdfs:label ?name ; schema:description ?about . ?kind rdfs:label ?what }"
    )
    query = f"SELECT ?name ?about ?what {{ ?item wdt:P31 ?kind ; wdt:P1082 10 . {service} }}"
    assert rows(wikidata, query) == [("一", "the first", "city")]


def test_labels_can_be_grouped_and_come_out_of_subqueries(wikidata):
    query = f"SELECT ?kindLabel (COUNT(*) AS ?n) {{ ?item wdt:P31 ?kind {SERVICE} }} GROUP BY ?kindLabel"
    assert rows(wikidata, query) == [("city", "3")]
    inner = f"SELECT ?item ?itemLabel {{ ?item wdt:P1082 ?n {SERVICE} }} ORDER BY DESC(?n) LIMIT 1"
    assert rows(wikidata, f"SELECT ?itemLabel {{ {{ {inner} }} ?item wdt:P31 ?kind }}") == [("One",)]
    assert rows(wikidata, f"SELECT ?n ?nLabel {{ wd:Q1 wdt:P1082 ?n {SERVICE} }}") == [("10", "10")]


def test_construct_takes_labels(wikidata):
    query = f"CONSTRUCT {{ ?item rdfs:comment ?itemLabel }} WHERE {{ ?item wdt:P1082 10 . {SERVICE} }}"
    answer = wikidata.get("/sparql", params={"query": query}, headers={"Accept": "application/n-triples"})
    assert answer.text.strip().endswith('"One"@en .')


def test_comments_and_hints_of_wikidata_change_nothing(wikidata):
    query = f"""#defaultView:Map
    SELECT ?item ?itemLabel WHERE {{
      hint:Query hint:optimizer "None" .
      ?item wdt:P1082 10 . hint:Prior hint:runFirst true .
      {SERVICE}
    }}"""
    assert rows(wikidata, query) == [("http://www.wikidata.org/entity/Q1", "One")]


def test_answer_with_labels_is_kept_like_any_other(wikidata):
    query = f"SELECT ?itemLabel {{ ?item wdt:P1082 10 . {SERVICE} }}"
    tag = ask(wikidata, query).headers["etag"]
    json = "application/sparql-results+json"
    again = wikidata.get("/sparql", params={"query": query}, headers={"If-None-Match": tag, "Accept": json})
    assert again.status_code == 304


def test_prefixes_of_wikidata_are_known_in_queries_that_use_its_own(wikidata):
    assert rows(wikidata, 'SELECT ?x { ?x rdfs:label "One"@en ; wdt:P31 wd:Q515 }') != []
    assert rows(wikidata, "PREFIX wd: <urn:other:> SELECT ?x { ?x wdt:P31 wd:Q515 }") == []
    refused = ask(wikidata, "SELECT ?x { ?x rdfs:label ?y }")
    assert (refused.status_code, refused.json()["column"]) == (400, 16)


def test_prefixes_are_known_where_only_the_service_uses_one_of_wikidatas_own(wikidata):
    assert rows(wikidata, f'SELECT ?x ?xLabel {{ ?x rdfs:label "One"@en . {SERVICE} }}')[0][1] == "One"


def test_what_the_label_service_does_not_have_is_said_with_its_place(wikidata):
    refused = ask(wikidata, "SELECT * { ?x wdt:P31 ?y\n SERVICE wikibase:label { ?x rdfs:comment ?z } }")
    assert (refused.status_code, refused.json()["line"]) == (400, 2)
    assert "rdfs:comment" in refused.json()["detail"]


def test_other_services_of_wikidata_are_refused_by_name(wikidata):
    refused = ask(wikidata, 'SELECT * { SERVICE wikibase:mwapi { bd:serviceParam wikibase:api "Search" } }')
    assert refused.status_code == 403
    assert "wikibase:label" in refused.json()["detail"]


def test_own_graph_answers_a_query_of_wikidatas_kind_with_labels_of_its_slice_and_else_with_ours(client):
    query = f"""SELECT ?item ?itemLabel {{
      ?thing <https://schema.org/sameAs> ?item .
      VALUES ?item {{ wd:Q148 wd:Q1001036 }} {SERVICE} }} ORDER BY ?itemLabel"""
    assert [row[1] for row in rows(client, query)] == ["Erenhot", "People's Republic of China"]
