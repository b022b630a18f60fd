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
    pages = -(-every["total"] // len(every["results"]))
    asked = ({"q": "Manzhouli", "page": page} for page in range(1, pages + 1))
    found = {one["iri"] for each in asked for one in client.get("/search.json", params=each).json()["results"]}
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


@pytest.mark.parametrize("query", ["limit=many", "offset=-1", "kind=nobody:Knows"])
def test_what_cannot_be_meant_is_refused(client, query):
    assert client.get(f"/search.json?q=heihe&{query}").status_code == 400


@pytest.mark.parametrize("path", ["/search", "/search.json"])
def test_a_kind_that_nothing_is_of_is_told(client, path):
    refused = client.get(path, params={"q": "Manchouli", "kind": "kouan:Prot"})
    assert (refused.status_code, "ontology#Prot" in refused.text) == (404, True)
    assert client.get(path, params={"q": "Manchouli", "kind": "kouan:Port"}).status_code == 200


def test_a_format_that_the_search_has_not_is_406(client):
    refused = client.get("/search.json?q=heihe&format=xml")
    assert (refused.status_code, refused.json()["available"]) == (406, ["html", "json"])


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Which border cities host more than one kind of zone?", "en"),
        ("border cities with more than one zone type", "en"),
        ("哪些边境城市有多种合作区", "zh"),
    ],
)
@pytest.mark.parametrize("path", ["/search", "/questions"])
def test_a_question_in_ones_own_words_leads_to_the_one_that_is_answered(client, path, text, language):
    page = client.get(path, params={"q": text, "lang": language}, headers=HTML).text
    found = re.findall(r'href="(/questions/[^"?]*)', page.split("<main", 1)[1])
    assert "/questions/cities-with-more-kinds-of-zones" in found[:2]


def test_the_twin_tells_the_questions_too_and_the_name_of_a_thing_asks_none(client):
    asked = client.get("/search.json", params={"q": "cities that host more than one kind of zone"}).json()["questions"]
    assert asked[0]["zh"] == "哪些边境城市设有不止一种合作区？"
    assert asked[0]["page"].endswith("/questions/cities-with-more-kinds-of-zones")
    assert client.get("/search.json", params={"q": "Heihe"}).json()["questions"] == []


def test_the_search_of_others_data_speaks_of_no_questions_of_ours(museums):
    answer = museums.get("/search.json", params={"q": "Which border cities host more than one kind of zone?"})
    assert answer.json()["questions"] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("sentence", "thing", "question"),
    [
        ("which ports to Mongolia opened since 2000", "id:mongolia", "openings-and-who-says-so"),
        ("population of heihe", "id:heihe", "population-of-border-counties"),
        ("珲春有哪些口岸", "id:hunchun", "ports-near-city"),
    ],
)
def test_a_sentence_leads_to_the_things_that_it_names_and_to_questions_of_its_kind(
    client, sentence, thing, question, language
):
    assert thing in found(client, sentence, lang=language)
    page = client.get("/search", params={"q": sentence, "lang": language}, headers=HTML).text
    assert f'href="/questions/{question}' in page
    assert page.index(f"/questions/{question}") < page.index(thing.replace("id:", "/id/"))


def test_a_name_within_a_longer_one_is_not_what_a_sentence_names(client):
    things = found(client, "trade between Inner Mongolia and its neighbours")
    assert "id:inner-mongolia" in things
    assert not {"id:mongolia", "wd:Q711"} & set(things)


def test_a_sentence_names_things_of_others_data_too(thesaurus):
    assert found(thesaurus, "how is green tea made") == ["ex:green"]


def test_that_nothing_is_called_so_is_not_said_twice(client):
    page = client.get("/search", params={"q": "qqqqxyz"}, headers=HTML).text
    assert '<p role="status" class="hidden">0 things found.</p>' in page
