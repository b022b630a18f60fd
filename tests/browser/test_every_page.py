"""What holds for every page: no barrier, nothing sideways, nothing from elsewhere, and no script needed to read it."""

from __future__ import annotations

import pytest

# Every kind of page that there is; a new one is a line here.
PAGES = [
    "/",
    "/sparql",
    "/sparql?query=SELECT%20%3Fs%20%7B%20%3Fs%20a%20%3Chttps%3A%2F%2Fw3id.org%2Fkouan%2Fontology%23BorderCity%3E%20%7D",
    "/map",
    "/page/manzhouli",
    "/page/china",
    "/page/china-mongolia-russia-economic-corridor",
    "/page/china?by=https://w3id.org/kouan/ontology%23locatedIn",
    "/classes",
    "/class/BorderCity",
    "/sources",
    "/ontology",
    "/ontology/BorderCity",
    "/ontology/hasPort",
    "/alignments",
    "/shapes",
    "/shapes/Port",
    "/questions",
    "/questions/cities-with-more-kinds-of-zones",
    "/data",
    "/page/void",
    "/help",
    "/limits",
    "/accessibility",
    "/about/maps",
    "/history",
    "/conformance",
    "/validate",
    "/wikidata",
    "/page/source/chen-2018",
    "/page/source/chen-2018/p32",
    "/explore",
    "/explore?kind=kouan:BorderCity&open=kouan:hostsZone",
    "/explore?kind=kouan:BorderCity&f=kouan:hostsZone+kinds+2&view=map",
    "/search?q=heihe",
    "/search?q=qqqq",
    "/timeline?kind=kouan:Policy",
]
SIZES = ((1280, 900), (390, 844))
# What a theme can break; all else is the same in both.
OF_THEMES = ("color-contrast", "link-in-text-block")
SCREENS = 12
# A table that is folded away takes no height from the page.
LENGTH = """document.documentElement.scrollHeight - [...document.querySelectorAll("table")]
    .filter(each => each.checkVisibility()).reduce((sum, each) => sum + each.offsetHeight, 0)"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_barrier_in_either_theme_or_width(open_page, barriers, path, language):
    page = open_page(path, language)
    page.wait_for_load_state("networkidle")
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for theme, rules in (("light", ()), ("dark", OF_THEMES)):
            page.emulate_media(color_scheme=theme)
            found += [f"{width} {theme} {each}" for each in barriers(page, rules)]
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_page_is_no_longer_than_a_dozen_screens_and_fills_one(open_page, path):
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(LENGTH) <= SCREENS * height
        assert page.evaluate("document.querySelector('footer').getBoundingClientRect().bottom") >= height - 1


@pytest.mark.parametrize("path", PAGES)
def test_page_scrolls_only_one_way_on_a_narrow_screen(open_page, sideways, path):
    page = open_page(path, "zh", 320)
    page.wait_for_load_state("networkidle")
    assert not sideways(page)


@pytest.mark.parametrize("path", PAGES)
def test_page_is_complete_without_scripts(open_page, sideways, path):
    page = open_page(path, javascript=False)
    assert page.locator("main h1").count() == 1
    assert len(page.locator("main").inner_text()) > 50
    assert not sideways(page)


@pytest.mark.parametrize(
    ("path", "said"),
    [("/ontology", "city – has port → port of entry"), ("/ontology/PortCity", "Each one is also: city")],
)
def test_diagram_is_told_in_words_where_it_would_lie_sideways(open_page, path, said):
    page = open_page(path)
    page.locator(".diagram svg").wait_for(state="visible")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".diagram svg").wait_for(state="hidden")
    assert said in page.locator("main").inner_text()
