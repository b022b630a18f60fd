"""The map and the list beside it do the same, by mouse and by keyboard, and the list does without a script."""

from __future__ import annotations

import pytest


def test_list_shows_a_place_on_the_map_by_keyboard(open_page):
    page = open_page("/map")
    page.wait_for_selector(".map .mark, .map .gathered")
    show = page.get_by_role("button", name="Show on the map: Manzhouli", exact=True)
    show.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup")
    assert page.locator(".leaflet-popup a", has_text="Manzhouli").count() == 1
    assert page.locator("[data-chosen]").count() == 1
    assert "#map=" in page.url


def test_layers_and_filter_narrow_the_map_and_the_list(open_page, until):
    page = open_page("/map")
    page.wait_for_selector(".layers")
    shown = page.locator("#places li:visible").count()
    page.get_by_role("checkbox", name="port of entry").uncheck()
    assert page.locator("#places li:visible").count() < shown
    page.get_by_label("Filter the list").fill("满洲里")
    until(page, "document.querySelectorAll('#places li:not([hidden])').length < 8")
    assert page.locator("#places li:visible", has_text="Manzhouli").count() > 0


def test_map_says_what_its_lines_mean_and_can_do_without(open_page):
    page = open_page("/map")
    page.wait_for_selector(".base path.disputed", state="attached")
    assert "no position is implied" in page.locator("figcaption").inner_text()
    assert "schematic" in page.locator("figcaption").inner_text()
    other = open_page("/map?boundaries=none", "zh")
    other.wait_for_selector(".base path.land", state="attached")
    assert other.locator(".base path.disputed, .base path.settled").count() == 0
    assert "不代表任何立场" in other.locator("figcaption").inner_text()


def test_lines_are_no_stops_for_the_keyboard(open_page):
    page = open_page("/map")
    page.wait_for_selector(".map path.outline", state="attached")
    stops = page.evaluate("[...document.querySelectorAll('.map path')].filter(path => path.tabIndex >= 0).length")
    assert stops == 0


def test_names_on_the_map_do_not_cover_each_other(open_page):
    page = open_page("/map#map=6/45/128")
    page.wait_for_selector(".map .name")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.map .name')].map((e) => e.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"
    )
    overlapping = [
        (a, b)
        for place, a in enumerate(boxes)
        for b in boxes[place + 1 :]
        if a[0] + 2 < b[2] and b[0] + 2 < a[2] and a[1] + 3 < b[3] and b[1] + 3 < a[3]
    ]
    assert overlapping == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_map_without_a_script_is_a_list(open_page, language):
    page = open_page("/map", language, javascript=False)
    assert page.locator("#places li").count() > 150


def test_places_are_had_as_geojson(client):
    answer = client.get("/map.geojson")
    assert answer.headers["content-type"] == "application/geo+json; charset=utf-8"
    features = answer.json()["features"]
    assert {each["properties"]["layer"] for each in features} == {
        "city",
        "port of entry",
        "cooperation zone",
        "corridor",
    }
    assert all(
        each["properties"].get("drawn") == "schematic" for each in features if each["geometry"]["type"] == "LineString"
    )


@pytest.mark.parametrize("javascript", [True, False])
def test_what_the_map_is_stands_one_link_away(open_page, javascript):
    page = open_page("/map", javascript=javascript)
    page.wait_for_load_state("networkidle")
    assert page.locator("main a[href*='/about/maps']:visible").count() == 1
