"""Things of any data are found by their names, in any script and spelling, and by their identifiers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

HTML = {"Accept": "text/html", "Accept-Language": "en"}
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def found(client, text: str, **more: str) -> list[str]:
    answer = client.get("/search.json", params={"q": text, **more})
    assert answer.status_code == 200, answer.text
    return [each["short"] for each in answer.json()["results"]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Heihe", "id:heihe"),
        ("黑河", "id:heihe"),
        ("hēihé", "id:heihe"),
        ("滿洲里", "id:manzhouli"),
        ("Hei-ho", "id:heihe"),
        ("Хэйхэ", "id:heihe"),
        ("Q349983", "id:heihe"),
        ("wd:Q349983", "id:heihe"),
        ("http://www.wikidata.org/entity/Q349983", "id:heihe"),
        ("231100", "id:heihe"),
        ("id:heihe", "id:heihe"),
        ("https://w3id.org/kouan/id/heihe", "id:heihe"),
        ("border city", "kouan:BorderCity"),
    ],
)
def test_a_thing_is_found_by_any_of_its_names_and_identifiers(client, text, first):
    assert found(client, text)[0] == first


def test_a_code_of_the_united_nations_is_found_with_and_without_its_space(client):
    query = "SELECT ?port ?code { ?port <https://w3id.org/kouan/ontology#unlocode> ?code } ORDER BY ?code LIMIT 1"
    row = client.get("/sparql", params={"query": query, "format": "json"}).json()["results"]["bindings"][0]
    code = row["code"]["value"].replace(" ", "")
    for text in (code, code.lower(), f"{code[:2]} {code[2:]}"):
        results = client.get("/search.json", params={"q": text}).json()["results"]
        assert row["port"]["value"] in [each["iri"] for each in results]


def test_the_page_and_its_twin_say_the_same(client):
    twin = client.get("/search.json", params={"q": "Khorgos"}).json()
    page = client.get("/search", params={"q": "Khorgos"}, headers=HTML).text
    shown = re.findall(r'<h2><a href="([^"]*)"', page)
    assert shown == ["/" + each["page"].split("/", 3)[3] for each in twin["results"]]
    assert f"{twin['total']} things found." in page
    assert '<span class="other" lang="zh">霍尔果斯</span>' in page


def test_the_twin_is_had_by_its_address_by_format_and_by_accept(client):
    said = client.get("/search.json", params={"q": "Tumen"}).json()
    assert client.get("/search", params={"q": "Tumen", "format": "json"}).json() == said
    assert client.get("/search", params={"q": "Tumen"}, headers={"Accept": "application/json"}).json() == said


def test_what_is_found_is_narrowed_by_kind(client):
    every = client.get("/search.json", params={"q": "Manzhouli"}).json()
    kind = next(each for each in every["kinds"] if each["count"] < every["total"])
    some = client.get("/search.json", params={"q": "Manzhouli", "kind": kind["short"]}).json()
    assert 0 < some["total"] == kind["count"]
    rest = client.get("/search.json", params={"q": "Manzhouli", "page": 2}).json()
    found = {one["iri"] for one in every["results"] + rest["results"]}
    assert len(found) == every["total"]
    assert all(each["iri"] in found for each in some["results"])
    page = client.get("/search", params={"q": "Manzhouli"}, headers=HTML).text
    assert f'href="/search?q=Manzhouli&amp;kind={kind["short"].replace(":", "%3A")}"' in page


def test_a_kind_that_is_found_leads_to_its_members(client):
    page = client.get("/search", params={"q": "border city"}, headers=HTML).text
    assert 'href="/explore?kind=kouan:BorderCity"' in page


def test_a_chinese_name_leads_to_its_item_on_wikidata(client):
    page = client.get("/search", params={"q": "珲春"}, headers=HTML).text
    assert re.search(r'href="http://www.wikidata.org/entity/Q128674" rel="external">Wikidata Q128674<', page)
    assert "http://www.wikidata.org/entity/Q128674" in client.get("/search.json?q=珲春").json()["results"][0]["sameAs"]


def test_what_is_written_of_a_place_comes_after_the_place(client):
    results = client.get("/search.json", params={"q": "黑河口岸"}).json()["results"]
    kinds = [{kind["short"] for kind in each["kinds"]} for each in results]
    assert "kouan:Source" not in kinds[0]
    assert any("kouan:Source" in each for each in kinds)


def test_nothing_found_says_what_to_do(client):
    page = client.get("/search", params={"q": "qqqqxyz"}, headers=HTML).text
    assert "Nothing here is called so" in page
    assert 'href="/explore"' in page


def test_text_of_a_reader_is_shown_and_not_run(client):
    page = client.get("/search", params={"q": '<script>"alert(1)" } {'}, headers=HTML)
    assert page.status_code == 200
    assert "<script>" not in page.text


@pytest.mark.parametrize("query", ["limit=many", "offset=-1", "format=xml", "kind=nobody:Knows"])
def test_what_cannot_be_meant_is_refused(client, query):
    assert client.get(f"/search.json?q=heihe&{query}").status_code == 400


def test_a_browser_learns_how_to_search_and_is_given_suggestions(client):
    page = client.get("/search", headers=HTML).text
    address = re.search(r'rel="search" type="application/opensearchdescription\+xml" href="([^"]+)"', page)[1]
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    templates = {url.get("type"): url.get("template") for url in ET.fromstring(answer.text).iter(OPENSEARCH + "Url")}
    suggested = client.get(templates["application/x-suggestions+json"].replace("{searchTerms}", "heih"))
    text, names, told, addresses = suggested.json()
    assert (text, names[0]) == ("heih", "Heihe")
    assert "border city" in told[0]
    assert addresses[0].endswith("/id/heihe")
    assert client.get(templates["text/html"].replace("{searchTerms}", "heihe"), headers=HTML).status_code == 200


def test_names_of_others_are_searched_too(museums, thesaurus, catalogue):
    assert found(museums, "tide museum")[0] == "ex:tide"
    assert found(museums, "House of the Tide")[0] == "ex:tide"
    assert found(museums, "M-001") == ["ex:tide"]
    assert found(thesaurus, "普洱茶")[0] == found(thesaurus, "puercha")[0] == found(thesaurus, "Puerh")[0] == "ex:puer"
    assert found(thesaurus, "D-1") == ["ex:puer"]
    assert found(catalogue, "bus stops")[0] == "ex:buses"
    page = thesaurus.get("/search", params={"q": "pu'er"}, headers=HTML).text
    assert "Dark tea" in page  # where it stands
    assert "珲春" not in page
    assert "Thesaurus of tea" in thesaurus.get("/opensearch.xml", headers=HTML).text


def test_what_names_say_the_other_way_round_in_skos_is_told_once(thesaurus):
    page = thesaurus.get("/thing", params={"iri": "https://tea.example/term/tea"}, headers={"Accept": "text/html"}).text
    assert "top concept of" in page
    assert "has top concept" not in page
    assert page.index(">Dark tea<") < page.index(">Green tea<")


def test_search_says_what_found_a_thing_only_where_its_name_does_not(client):
    page = client.get("/search", params={"q": "heihe"}, headers={"Accept": "text/html"}).text
    assert "Heihe port of entry" in page
    assert ">Heihe port</mark>" not in page
    page = client.get("/search", params={"q": "Manchouli"}, headers={"Accept": "text/html"}).text
    assert "<mark" in page
