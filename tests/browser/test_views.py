"""Results are drawn as a reader needs them: names whole, years as times, points between numbers, heads over their columns."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

PREFIXES = """PREFIX kouan: <https://w3id.org/kouan/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.fixture
def result(open_page):
    """What opens the editor with the answer of a query."""

    def opened(query, language="en", width=1280):
        page = open_page(f"/sparql#query={quote(query)}", language, width)
        page.wait_for_selector("#result table, #result svg")
        return page

    return opened


def test_years_are_drawn_as_a_timeline_where_that_is_asked_for(result):
    page = result(
        f"#defaultView:Timeline\n{PREFIXES}SELECT ?event ?year {{ ?event a kouan:Opening ; kouan:heldYear ?year }}"
    )
    page.wait_for_selector("#result svg")
    assert re.search(r"1954\s+opening of Jinshuihe", page.locator("#result svg").text_content())


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 390), ("zh", 1280)])
def test_names_of_a_timeline_are_whole_on_a_narrow_screen_and_can_be_scrolled_to(result, sideways, language, width):
    query = f"#defaultView:Timeline\n{PREFIXES}SELECT ?event ?year {{ ?event a kouan:Opening ; kouan:heldYear ?year }}"
    page = result(query, language, width)
    page.wait_for_selector("#result svg")
    cut = page.evaluate("""() => {
        const svg = document.querySelector("#result svg").getBoundingClientRect();
        const names = [...document.querySelectorAll("#result svg text")].map(each => [each.textContent, each.getBoundingClientRect()]);
        return names.filter(([, box]) => box.left < svg.left || box.right > svg.right).map(([text]) => text);
    }""")
    assert cut == []
    assert page.evaluate("document.querySelector('#result svg text').getBoundingClientRect().height") > 12
    assert not sideways(page)


def test_chinese_names_of_bars_are_whole(result):
    query = "SELECT ?country (COUNT(?city) AS ?n) { ?city a kouan:BorderCity ; kouan:bordersCountry ?country } GROUP BY ?country"
    page = result(f"#defaultView:BarChart\n{PREFIXES}{query}", "zh")
    page.wait_for_selector("#result svg")
    cut = page.evaluate("""() => {
        const left = document.querySelector("#result svg").getBoundingClientRect().left;
        const names = [...document.querySelectorAll("#result svg text")];
        return names.filter(each => each.getBoundingClientRect().left < left).map(each => each.textContent);
    }""")
    assert cut == []


def test_points_stand_between_two_numbers(result):
    query = "SELECT ?city ?near ?far { ?city a kouan:BorderCity ; kouan:kilometresToBoundary ?near ; kouan:kilometresToCapital ?far }"
    page = result(f"#defaultView:ScatterChart\n{PREFIXES}{query}")
    page.wait_for_selector("#result svg")
    chosen = page.evaluate("[...document.querySelectorAll('#result .tools select')].map(each => each.value)")
    assert chosen[1:3] == ["near", "far"]


def test_the_head_of_a_column_of_numbers_stands_over_them(result):
    page = result(f"{PREFIXES}SELECT ?port ?year {{ ?port a kouan:Port ; kouan:openedYear ?year }}")
    assert page.locator("#result th.number").inner_text() == "year"
    for part in ("th.number", "th.number button"):
        assert page.evaluate(f"getComputedStyle(document.querySelector('#result {part}')).textAlign") == "right"


def test_view_for_which_an_answer_has_no_column_is_told_and_not_said_to_be_missing(result):
    page = result(f"#defaultView:Map\n{PREFIXES}SELECT ?port ?year {{ ?port a kouan:Port ; kouan:openedYear ?year }}")
    assert "no column of the answer has what it shows" in page.locator("#result .note").inner_text()


def test_options_of_a_map_are_those_of_wikidatas_service(result):
    query = """SELECT ?city ?wkt ?country { ?city a kouan:BorderCity ; kouan:bordersCountry ?country .
        ?city <http://www.opengis.net/ont/geosparql#hasGeometry>/<http://www.opengis.net/ont/geosparql#asWKT> ?wkt }"""
    options = '{"layer":"?country","hide":["?country"]}'
    page = result(f"#defaultView:Map{options}\n{PREFIXES}{query}", "zh")
    page.wait_for_selector(".leaflet-container")
    assert "俄罗斯 (" in page.locator("#result .panel").inner_text()
    page.locator(".leaflet-marker-icon", has_text="阿勒泰").first.click()
    page.wait_for_selector("dl.told")
    assert page.locator("dl.told dt").all_inner_texts() == ["city"]


def test_pivot_names_what_it_shows_and_holds_apart_what_is_called_alike(result, until):
    query = """SELECT ?thing ?n { VALUES (?thing ?n) { (<https://w3id.org/kouan/id/pingxiang> 1) (<urn:one/p01> 2) (<urn:other/p01> 3) }
        ?filler a kouan:BorderCity } ORDER BY ?n"""
    page = result(PREFIXES + query)
    page.get_by_role("tab", name="Pivot").click()
    until(page, "document.querySelector('#result tbody').textContent.includes('Pingxiang')")
    assert sorted(page.locator("#result tbody th").all_inner_texts()) == ["Pingxiang", "p01", "p01"]


def test_button_that_copies_the_frame_of_an_embedding_looks_like_one(result):
    page = result(f"{PREFIXES}SELECT ?port ?year {{ ?port a kouan:Port ; kouan:openedYear ?year }}")
    page.get_by_text("Embed", exact=True).click()
    page.get_by_role("button", name="Copy", exact=True).wait_for()
    said = page.evaluate("getComputedStyle(document.querySelector('.menu[open] p button')).borderTopStyle")
    assert said == "solid"


@pytest.mark.parametrize("language", ["Python", "Julia"])
def test_a_query_that_ends_with_a_quote_is_told_whole(result, language):
    query = f'{PREFIXES}SELECT ?port {{ ?port a kouan:Port ; rdfs:label "Heihe\\u0020port of entry"@en }} # "\\\\"'
    page = result(query)
    page.get_by_text("Code", exact=True).click()
    page.get_by_label("Code").select_option(label=language)
    code = page.locator(".menu[open] pre").inner_text()
    if language == "Python":
        told = compile(code, "snippet", "exec").co_consts
        assert query in told
    else:
        # Julia reads backslashes before a quote by twos, and the last of an odd number takes it into the text.
        held = re.search(r'raw"""((?:[^"\\]|\\+"|\\)*?)"""\n', code)[1]
        assert re.sub(r'(\\+)"', lambda found: found[1][: len(found[1]) // 2] + '"', held) == query
