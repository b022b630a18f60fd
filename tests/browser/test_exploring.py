"""A stranger who knows no query language finds answers by mouse and by keyboard, in our data and in anybody's."""

from __future__ import annotations

from pathlib import Path

import pytest

OTHERS = Path(__file__).parents[1] / "fixtures" / "others"
SEVERAL = {"Erenhot", "Manzhouli", "Ruili", "Suifenhe"}


def names(page) -> set[str]:
    return {each.strip() for each in page.locator("tbody th[scope=row]").all_inner_texts()}


def press_on(page, name: str, *, within: str = "main", most: int = 200) -> None:
    """Go to a link, a button or a summary by the Tab key alone, and press Enter there."""
    wanted = page.locator(f"{within} :is(a, button, summary)").filter(has_text=name).first
    wanted.wait_for()
    handle = wanted.element_handle()
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement === wanted", handle):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the Tab key does not reach {name}")


@pytest.mark.parametrize("javascript", [True, False])
def test_which_border_cities_host_more_than_one_kind_of_zone(open_page, javascript):
    page = open_page("/", javascript=javascript)
    page.locator("nav").get_by_role("link", name="Explore").first.click()
    page.get_by_role("link", name="border city", exact=True).click()
    page.locator("summary").filter(has_text="hosts zone").click()
    page.get_by_role("link", name="more than one kind").locator("visible=true").first.click()
    assert names(page) >= SEVERAL
    # Facing which country, since which year, and said by which grade of source.
    page.locator("summary").filter(has_text="hosts zone").click()
    page.get_by_role("link", name="more hosts zone").click()
    page.get_by_role("link", name="event of, from the other side").click()
    page.get_by_role("link", name="held in year").click()
    page.get_by_role("link", name="as a column").first.click()
    page.locator("summary").filter(has_text="Columns").click()
    page.get_by_label("Show who says it").check()
    page.get_by_role("button", name="Show").last.click()
    row = page.locator("tbody tr").filter(has_text="Suifenhe").inner_text()
    assert "Russia" in row
    assert "2016" in row
    assert "official text" in row
    # It is a query, one click from the editor.
    page.locator("summary").filter(has_text="The query that this is").click()
    assert "kouan:hostsZone" in page.locator("pre code").inner_text()
    page.get_by_role("link", name="Open in the editor").click()
    assert "/sparql" in page.url


def test_the_same_by_keyboard(open_page):
    page = open_page("/explore?kind=kouan:BorderCity")
    press_on(page, "hosts zone")
    press_on(page, "more than one kind", within="details[open]:has(summary:text('hosts zone'))")
    page.wait_for_url("**kinds+2**")
    assert names(page) >= SEVERAL
    press_on(page, "Map")
    page.wait_for_url("**view=map**")
    assert page.locator("svg circle").count() >= len(SEVERAL)


def test_from_a_chinese_name_to_its_item_on_wikidata(open_page):
    page = open_page("/", "zh")
    page.get_by_role("searchbox").first.fill("珲春")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    first = page.locator(".hits > li").first
    assert "珲春" in first.inner_text()
    assert first.get_by_role("link", name="Wikidata Q128674").get_attribute("href").endswith("/entity/Q128674")


@pytest.mark.parametrize("file", ["museums.ttl", "catalogue.ttl", "thesaurus.ttl"])
def test_pages_of_others_have_no_barrier(open_page, barriers, sideways, start, tmp_path, file):
    kinds = {"museums.ttl": "schema:Museum", "catalogue.ttl": "dcat:Dataset", "thesaurus.ttl": "skos:Concept"}
    environment = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    with start([str(OTHERS / file)], environment) as address:
        for path in ("/explore", f"/explore?kind={kinds[file]}", "/search?q=tea", "/timeline"):
            page = open_page(path, at=address)
            assert barriers(page) == []
            page.set_viewport_size({"width": 320, "height": 900})
            assert not sideways(page)
            assert "border cit" not in page.locator("body").inner_text().lower()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_found_stands_on_the_first_screen_of_a_phone(open_page, language):
    page = open_page("/explore?kind=kouan:BorderCity", language, width=390, javascript=False)
    assert page.locator("tbody tr").first.bounding_box()["y"] < 700
    page.locator("summary").filter(has_text={"en": "By kind or by property", "zh": "按类别或属性"}[language]).click()
    page.locator("summary").filter(has_text={"en": "hosts zone", "zh": "设有合作区"}[language]).click()
    page.get_by_role("link", name={"en": "more than one", "zh": "多于一个"}[language], exact=True).locator(
        "visible=true"
    ).last.click()
    assert "hostsZone" in page.url
    # On a wide screen nothing needs to be unfolded.
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator(".narrow summary").first.wait_for(state="hidden")
    page.locator(".narrow .choices a").first.wait_for(state="visible")
