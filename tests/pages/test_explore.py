"""Anybody explores any data by links: kinds, what narrows them, where they lead, and the query that it is."""

from __future__ import annotations

import html
import re

import httpx
import pytest

HTML = {"Accept": "text/html", "Accept-Language": "en"}
JSON = {"Accept": "application/sparql-results+json"}
KOUAN = "PREFIX kouan: <https://w3id.org/kouan/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
SEVERAL_KINDS = """SELECT DISTINCT ?city { ?city a kouan:BorderCity ; kouan:hostsZone ?one, ?other .
VALUES (?k ?l) { (kouan:PilotZone kouan:BorderEconomicCooperationZone)
(kouan:PilotZone kouan:CrossBorderEconomicCooperationZone)
(kouan:BorderEconomicCooperationZone kouan:CrossBorderEconomicCooperationZone) } ?one a ?k . ?other a ?l }"""


def page(client: httpx.Client, address: str) -> str:
    answer = client.get(address, headers=HTML, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def links(text: str) -> dict[str, str]:
    """Return the addresses of links by what they say."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', text, re.DOTALL)
    plain = ((re.sub(r"<[^>]+>", "", said).strip(), html.unescape(address)) for address, said in found)
    return dict(reversed(list(plain)))


def part(text: str, heading: str) -> str:
    """Return the part of the page that is about one property."""
    return next(
        each
        for each in text.split("<details")
        if re.search(rf"<summary>{heading}\s", each.partition("</summary>")[0] + " ")
    )


def names(text: str) -> set[str]:
    """Return the names of the things in the table."""
    return {re.sub(r"<[^>]+>", "", row).strip() for row in re.findall(r'<th scope="row">(.*?)</th>', text, re.DOTALL)}


def shown_query(text: str) -> str:
    return html.unescape(re.search(r"<pre[^>]*><code>(.*?)</code>", text, re.DOTALL)[1])


def rows(client: httpx.Client, query: str) -> list[dict[str, dict[str, str]]]:
    return client.get("/sparql", params={"query": query}, headers=JSON).json()["results"]["bindings"]


def test_kinds_are_listed_with_how_many_things_each_has(client):
    text = page(client, "/explore")
    count = len(rows(client, f"{KOUAN} SELECT DISTINCT ?x {{ ?x a kouan:BorderCity }}"))
    assert re.search(rf">border city</a> <span[^>]*>{count}<", text)
    # The alignments with other vocabularies repeat it.
    assert "schema:Place" not in text


def test_which_border_cities_host_more_than_one_kind_of_zone_is_found_by_links_alone(client):
    cities = page(client, links(page(client, "/explore"))["border city"])
    text = page(client, links(part(cities, "hosts zone"))["more than one kind"])
    wanted = rows(client, KOUAN + SEVERAL_KINDS)
    assert len(names(text)) == len(wanted) > 3
    assert {"Erenhot", "Manzhouli", "Ruili"} <= names(text)
    assert "hosts zone: more than one kind" in text
    # Facing which country.
    assert re.search(r"Mongolia</span></a>", text)


def test_the_year_and_the_grade_of_the_source_are_columns(client):
    address = (
        "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kinds+2&col=kouan:hostsZone"
        "&col=kouan:hostsZone/^kouan:eventOf/kouan:heldYear&said=1"
    )
    text = page(client, address)
    suifenhe = re.search(r"Suifenhe</span></a></th>(.*?)</tr>", text, re.DOTALL)[1]
    assert "2016" in suifenhe
    assert "official text" in suifenhe


def test_a_grade_narrows_to_what_such_sources_say(client):
    cities = page(client, "/explore?kind=kouan:BorderCity&open=kouan:hostsZone")
    text = page(client, links(part(cities, "hosts zone"))["official text"])
    wanted = rows(
        client,
        KOUAN
        + """SELECT DISTINCT ?city { ?city a kouan:BorderCity . GRAPH ?p {
        { ?city kouan:hostsZone ?z } UNION { ?z kouan:zoneIn ?city } } ?p kouan:passageOf/kouan:grade "official text" }""",
    )
    assert len(names(text)) == len(wanted) > 0


@pytest.mark.parametrize(
    "address",
    [
        "/explore?kind=kouan:BorderCity",
        "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kinds+2&f=kouan:bordersCountry+is+id:russia",
        "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+none&f=kouan:hasPort+many+2",
        "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kind+kouan:PilotZone&go=kouan:hostsZone&kind=kouan:PilotZone",
        "/explore?kind=kouan:Event&f=kouan:heldYear+from+1990&f=kouan:heldYear+to+1994",
        "/explore?kind=kouan:CooperationZone&go=^kouan:eventOf",
    ],
)
def test_the_query_that_is_shown_finds_what_is_shown(client, address):
    text = page(client, address)
    query = shown_query(text)
    variable = re.search(r"SELECT DISTINCT \?(\w+)", query)[1]
    found = {row[variable]["value"] for row in rows(client, query)}
    total = int(re.search(r'<h1>.*?class="number">([\d,]+)<', text, re.DOTALL)[1].replace(",", ""))
    assert len(found) == total > 0


def test_going_along_a_property_leads_to_the_next_kind_of_thing(client):
    cities = page(
        client, "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kinds+2&open=kouan:hostsZone+kouan:PilotZone"
    )
    zones = page(client, links(part(cities, "hosts zone"))["Go on to these →"])
    assert "Erenhot key pilot zone for development and opening up" in names(zones)
    assert not any("Border Economic" in name for name in names(zones))
    assert page(client, links(zones)["border city"]).count("hosts zone: more than one kind")


def test_what_a_form_sends_becomes_an_address_to_share(client):
    given = {"kind": "kouan:Event", "way": "kouan:heldYear", "how": "from", "value": "2010"}
    answer = client.get("/explore", params=given, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/explore?kind=kouan:Event&f=kouan:heldYear+from+2010",
    )


@pytest.mark.parametrize(
    "query",
    [
        "kind=kouan:BorderCity&f=kouan:hostsZone+is+%22x%22+.+%7D",
        "kind=kouan:BorderCity&f=kouan:hostsZone+eats+2",
        "kind=kouan:BorderCity&f=kouan:hostsZone+many+two",
        "kind=kouan:BorderCity&f=kouan:hostsZone+many+10000",
        "kind=kouan:BorderCity&f=kouan:heldYear+from+yesterday",
        "kind=nobody:Knows",
        "kind=%3Chttp://a%3E+b%3E",
        "f=kouan:hostsZone+any",
        "kind=kouan:City&go=kouan:a/kouan:b/kouan:c/kouan:d/kouan:e",
    ],
)
def test_an_address_that_says_nothing_is_refused_with_what_to_do(client, query):
    answer = client.get(f"/explore?{query}", headers=HTML)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_text_of_a_reader_is_a_value_and_no_query(client):
    text = page(client, '/explore?kind=kouan:City&f=kouan:administrativeCode+text+%22) || true || CONTAINS("a", "')
    assert not names(text)


def test_page_and_words_are_in_the_readers_language(client):
    text = client.get("/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kinds+2&lang=zh", headers=HTML).text
    assert '<html lang="zh">' in text
    assert "多于一类" in text
    assert "二连浩特" in names(text)
    assert links(text)["俄罗斯"].endswith("lang=zh")


def test_data_in_the_terms_of_schema_org_is_explored_like_our_own(museums):
    assert re.search(r">Museum</a> <span[^>]*>4<", page(museums, "/explore"))
    text = page(museums, "/explore?kind=schema:Museum&f=schema:foundingDate+from+1954")
    assert names(text) == {"Lamp Museum", "Rope Walk"}
    assert "border" not in re.sub(r"<link[^>]*>", "", text)
    assert names(page(museums, "/explore?kind=schema:Museum&f=schema:exhibit+many+2")) == {"Tide Museum"}
    # Of the two, one is a map.
    assert names(page(museums, "/explore?kind=schema:Museum&f=schema:exhibit+kinds+2")) == {"Tide Museum"}
    keyword = page(museums, "/explore?kind=schema:Museum&f=schema:keywords+is+%22sea%22")
    assert names(keyword) == {"Tide Museum", "Rope Walk"}


def test_what_is_at_a_place_is_drawn_with_a_list_that_says_the_same(museums):
    text = page(museums, "/explore?kind=schema:Museum&view=map")
    assert "3 of 4 have a place" in text
    assert text.count("<circle") == 3
    assert links(text)["Lamp Museum"] == "/thing?iri=https%3A%2F%2Fmuseums.example%2Flamp"


def test_a_thesaurus_is_walked_from_narrower_to_broader_and_back(thesaurus):
    text = page(thesaurus, "/explore?kind=skos:Concept&f=skos:broader+is+%3Chttps://tea.example/term/tea%3E")
    assert names(text) == {"Green tea", "Dark tea"}
    below = page(thesaurus, "/explore?kind=skos:Concept&f=skos:broader+none&go=^skos:broader")
    assert names(below) == {"Green tea", "Dark tea", "Wet piling"}
    chinese = thesaurus.get("/explore?kind=skos:Concept", headers=HTML | {"Accept-Language": "zh"}).text
    assert "普洱茶" in names(chinese)


def test_a_catalogue_is_narrowed_by_who_publishes(catalogue):
    text = page(catalogue, "/explore?kind=dcat:Dataset")
    works = page(catalogue, links(text)["The public works"])
    assert names(works) == {"Trees along the streets", "Bus stops"}


def test_what_has_no_name_of_its_own_is_left_out(catalogue):
    text = page(catalogue, "/explore?kind=dcat:Distribution")
    assert names(text) == {"Trees, CSV", "Trees, GeoJSON", "Bus stops, CSV"}
    assert "isIRI" in shown_query(text)
    assert "isIRI" not in shown_query(page(catalogue, "/explore?kind=dcat:Dataset"))
    gone = page(catalogue, "/explore?kind=dcat:Dataset&go=dcat:distribution")
    assert names(gone) == {"Trees, CSV", "Trees, GeoJSON", "Bus stops, CSV"}


def test_names_are_shown_as_they_are_written(thesaurus):
    text = page(
        thesaurus,
        "/explore?kind=skos:Concept&f=skos:related+none&f=^skos:related+is+%3Chttps://tea.example/term/puer%3E",
    )
    assert "related, from the other side: Pu&#39;er tea" in text
    assert "&amp;#39;" not in text


def test_browse_as_others_call_it_leads_to_explore(client):
    answer = client.get("/browse", headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"].endswith("/explore")


def test_query_asks_for_names_in_the_language_that_the_data_has_them_in(start, tmp_path):
    (tmp_path / "haefen.ttl").write_text(
        "@prefix : <http://ex.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        ':Hafen a rdfs:Class ; rdfs:label "Hafen"@de .\n'
        ':a a :Hafen ; rdfs:label "Emden"@de . :b a :Hafen ; rdfs:label "Aurich"@de .\n',
        encoding="utf-8",
    )
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path / "snapshots"), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    with (
        start([str(tmp_path / "haefen.ttl")], settings) as address,
        httpx.Client(base_url=address, timeout=30) as served,
    ):
        text = page(served, "/explore?kind=%3Chttp://ex.org/Hafen%3E")
        assert names(text) == {"Aurich", "Emden"}
        found = rows(served, shown_query(text))
    assert [each["hafenLabel"]["value"] for each in found] == ["Aurich", "Emden"]
