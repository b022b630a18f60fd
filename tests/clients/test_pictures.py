"""The five steps of docs/for-linkers.md are done in OpenRefine's own pages, and their pictures are made on the way.

`KOUAN_PICTURES=docs/pictures pytest tests/clients/test_pictures.py` makes those of the page anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from openrefine import PROGRAM, openrefine

DOCS = Path(__file__).parents[2] / "docs"
STEPS = ("1-start", "2-type", "3-say-more", "4-look", "5-columns")
PLACES = [
    ("Hunchun", "Kirin"),
    ("Manchouli", "Nei Mongol"),
    ("綏芬河", "HLJ"),
    ("Khorgas", "Sinkiang"),
    ("Tung-hsing", "桂"),
    ("Yichun", "Jiangxi"),
    ("Suifehne", "N/A"),
]
PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="openrefine is not on this machine (Debian's package openrefine)"
)


@pytest.fixture(scope="module")
def refine(server, tmp_path_factory):
    with openrefine(tmp_path_factory.mktemp("refine"), f"{server}/reconcile") as running:
        yield running


@pytest.fixture
def page(refine, browser):
    """A page of Chromium on a project of OpenRefine that holds the places."""
    project = refine.import_table(["place", "province"], PLACES)
    opened = browser.new_page(viewport={"width": 1100, "height": 620})
    opened.set_default_timeout(20_000)
    opened.goto(str(refine.client.base_url).partition("/command")[0] + f"/project?project={project}")
    opened.wait_for_selector(".data-table")
    yield opened
    opened.close()


def choose(page, *path):
    """Choose from the menu of the first column of names."""
    page.locator(".column-header", has_text="place").locator(".column-header-menu").click()
    for each in path[:-1]:
        page.locator(".menu-item", has_text=each).first.hover()
    page.locator(".menu-item", has_text=path[-1]).last.click()


def test_five_steps_are_done_in_the_dialogs_and_pictured(page, refine, tmp_path):
    folder = Path(os.environ.get("KOUAN_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def picture(step, part):
        # What moves has come to rest.
        page.wait_for_timeout(700)
        part.screenshot(path=folder / f"linkers-{step}.png")

    dialog = page.locator(".dialog-frame").last
    choose(page, "Reconcile", "Start reconciling")
    page.get_by_role("button", name=re.compile("Add standard service", re.IGNORECASE)).click()
    dialog.locator("input").fill(refine.service)
    picture("1-start", dialog)
    dialog.get_by_role("button", name=re.compile("add service", re.IGNORECASE)).click()

    types = page.locator(".recon-dialog-standard-service-panel:visible")
    types.locator(".type-container input").first.wait_for()
    # The list of services lies over the types until it is put away.
    page.locator(".recon-dialog-service-opener").click()
    assert types.locator(".type-container input:checked").get_attribute("value") == "Place"
    picture("2-type", dialog)

    row = types.locator(".detail-container tr", has_text="province")
    row.locator("input[type=checkbox]").check()
    row.locator("input:not([type=checkbox])").press_sequentially("located in", delay=50)
    page.locator(".fbs-item, .fbs-pane li").first.wait_for()
    picture("3-say-more", dialog)
    page.locator(".fbs-item, .fbs-pane li", has_text="located in").first.click()
    page.get_by_role("button", name=re.compile("start reconciling", re.IGNORECASE)).click()

    page.locator(".data-table-recon-candidate").first.wait_for()
    page.locator(".facet-choice", has_text="matched").first.wait_for()
    page.get_by_text("Working").first.wait_for(state="hidden")
    picture("4-look", page)
    matched = page.locator(".data-table-cell-content a[href*='/id/']")
    assert matched.filter(has_text="Manzhouli").count() == 1

    choose(page, "Edit column", "Add columns from reconciled values")
    page.locator(".dialog-frame .suggested-property-container a").first.wait_for()
    for name in ("Wikidata item", "latitude", "label in Chinese"):
        page.locator(".suggested-property-container a", has_text=name).first.click()
        page.locator(".preview-container", has_text=name).wait_for()
    page.locator(".preview-container td", has_text="Q128674").wait_for()
    page.locator(".preview-container td", has_text="满洲里").wait_for()
    picture("5-columns", page.locator(".dialog-frame").last)


@pytest.mark.parametrize("step", STEPS)
def test_page_shows_the_picture_of_each_step(step):
    name = f"linkers-{step}.png"
    assert (DOCS / "pictures" / name).read_bytes().startswith(PNG)
    assert f"(pictures/{name})" in (DOCS / "for-linkers.md").read_text(encoding="utf-8")
