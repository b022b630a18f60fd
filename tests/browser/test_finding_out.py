"""What somebody who knows no SPARQL finds out from the front page, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest


def tab_to(page, name, most=80):
    """Go on with the Tab key to the link or the field that is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || '').trim()"
        ):
            return
    raise AssertionError(f"{name} is not reached in {most} steps")


def test_which_border_cities_host_more_than_one_kind_of_zone(open_page):
    page = open_page("/")
    page.get_by_role("link", name="Which border cities host more than one kind of zone?").click()
    row = page.get_by_role("row").filter(has_text="Erenhot")
    assert "cross-border economic cooperation zone" in row.inner_text()
    row.get_by_role("link", name="Erenhot").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Erenhot")


def test_the_same_by_keyboard_in_chinese(open_page):
    page = open_page("/", "zh")
    tab_to(page, "跳过地图", 30)
    page.keyboard.press("Enter")
    tab_to(page, "哪些边境城市设有不止一种合作区？", 10)
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/**")
    assert page.locator("html").get_attribute("lang") == "zh"
    assert page.get_by_role("link", name="二连浩特").count() >= 1


@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_chinese_name_to_its_wikidata_item(open_page, javascript):
    page = open_page("/", "zh", javascript=javascript)
    page.locator("#q").fill("珲春")
    page.locator("#q").press("Enter")
    page.locator("main a[href^='/id/']").filter(has_text="珲春").first.click()
    item = page.get_by_text(re.compile(r"Wikidata[：:]")).get_by_role("link").first
    assert re.fullmatch(r"http://www\.wikidata\.org/entity/Q\d+", item.get_attribute("href"))


@pytest.mark.parametrize(
    ("thing", "fact", "passage"),
    [
        ("manzhouli", "Manzhouli key pilot zone", "Chen Wei 2018, paragraph 32"),
        ("heihe", "Russia", "Neighbours of cities"),
        ("ruili", "Myanmar", "Neighbours of counties"),
    ],
)
def test_who_says_so(open_page, thing, fact, passage):
    page = open_page(f"/page/{thing}")
    line = page.locator("main .facts li").filter(has_text=fact).filter(has=page.locator("details")).first
    line.locator("summary").first.click()
    said = line.locator("details li").filter(has_text=passage).first
    said.wait_for(state="visible")
    said.get_by_role("link").first.click()
    page.get_by_role("heading", name="What this passage states").wait_for(state="visible")


def test_language_is_a_click_away_and_stays(open_page):
    page = open_page("/page/heihe")
    page.get_by_role("link", name="中文").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("黑河")
    page.locator("main .facts a").filter(has_text="黑龙江").first.click()
    assert page.locator("html").get_attribute("lang") == "zh"


def test_citation_and_iri_are_copied(open_page):
    page = open_page("/page/heihe")
    page.get_by_role("button", name="Copy").first.click()
    # What is copied is there a moment after the click.
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "https://w3id.org/kouan/id/heihe"


def test_page_of_a_thing_draws_what_surrounds_it_and_asks_for_all_like_it(open_page, until):
    page = open_page("/page/manzhouli")
    page.get_by_text("Draw what it is linked with").click()
    until(page, "Number(document.querySelector('.network')?.dataset.nodes) > 5")
    page.get_by_role("link", name="Query all like this: hosts zone").click()
    page.wait_for_selector("#result tbody tr")
    assert page.locator("#result tbody tr").count() > 5
    # Names come a moment after the rows that they are for.
    page.get_by_role("link", name="Manzhouli key pilot zone").wait_for()
