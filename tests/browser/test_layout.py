"""What stands together stays together: names, marks and labels, on wide and narrow screens."""

from __future__ import annotations

from pathlib import Path

import pytest

OTHERS = Path(__file__).parents[1] / "fixtures" / "others"

# How many lines each match fills, and of which height one line of it is.
LINES = """selector => [...document.querySelectorAll(selector)].map(each => {
    const heights = [...each.getClientRects()].map(box => box.height);
    return {text: each.textContent, rects: heights.length, height: each.getBoundingClientRect().height};
})"""


def test_a_name_in_the_other_language_begins_a_line_rather_than_break_within(open_page):
    page = open_page("/search?q=heihe", width=390)
    names = page.evaluate(LINES, ".hits h2 .other")
    assert len(names) > 10
    assert [each["text"] for each in names if each["rects"] > 1 or each["height"] > 40] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_mark_that_asks_for_more_like_a_fact_stands_on_the_line_of_its_property(open_page, width):
    page = open_page("/page/hunchun", width=width)
    apart = page.evaluate("""() => [...document.querySelectorAll("th a.like")].map(mark => {
        const box = mark.getBoundingClientRect(), name = mark.parentElement.querySelector("a").getClientRects()[0];
        return Math.abs(box.top + box.height / 2 - name.top - name.height / 2);
    })""")
    assert len(apart) > 5
    assert max(apart) < 6


@pytest.mark.parametrize("thing", ["manzhouli", "khorgos-port"])
def test_drawing_of_what_a_thing_is_linked_with_widens_no_narrow_page(open_page, sideways, until, thing):
    page = open_page(f"/page/{thing}", width=320)
    page.get_by_text("Draw what it is linked with").click()
    until(page, "Number(document.querySelector('.network')?.dataset.nodes) > 5")
    assert not sideways(page)


def test_chinese_and_letters_are_set_apart(open_page):
    page = open_page("/page/hunchun", "zh")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).textAutospace") == "normal"


def test_labels_of_a_form_stand_on_one_line(open_page):
    page = open_page("/timeline", "zh")
    tops = page.evaluate(
        "[...document.querySelectorAll('.filters label')].map(each => Math.round(each.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1


@pytest.mark.parametrize("path", ["/page/source/chen-2018/p32", "/questions/cities-with-more-kinds-of-zones"])
def test_what_comes_before_and_what_after_stand_on_lines_of_their_own(open_page, path):
    page = open_page(path, width=390)
    boxes = page.evaluate(
        "[...document.querySelectorAll('nav.pages a')].map(each => each.getBoundingClientRect()).map(box => [box.top, box.bottom])"
    )
    (_, before), (after, _) = boxes
    assert after >= before - 1


def test_arabic_is_read_from_right_to_left_and_turns_nothing_around(open_page, start, tmp_path):
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    with start([str(OTHERS / "oddments.ttl")], settings) as address:
        page = open_page("/thing?iri=https://qamus.example/aqaba", at=address)
        lead = page.locator("p.lead")
        assert lead.evaluate("each => getComputedStyle(each).unicodeBidi") == "plaintext"
        assert lead.evaluate("each => getComputedStyle(each).textAlign") == "left"
        page.goto(f"{address}/explore?kind=%3Chttps://qamus.example/Port%3E")
        name, number = page.evaluate("""() => {
            const range = document.createRange(), head = document.querySelector("h1");
            range.selectNodeContents(head.firstChild);
            return [range.getBoundingClientRect().left, head.querySelector(".number").getBoundingClientRect().left];
        }""")
        assert number > name


def test_a_word_of_one_character_in_the_menu_is_wide_enough_to_be_met(open_page, barriers, start, tmp_path):
    settings = {"KOUAN_SNAPSHOTS": str(tmp_path), "KOUAN_WORKERS": "1", "KOUAN_EVALUATORS": "1"}
    with start([str(OTHERS / "oddments.ttl")], settings) as address:
        page = open_page("/ontology", "zh", 390, at=address)
        assert barriers(page) == []
