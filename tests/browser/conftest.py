"""A real browser on a real server: what a page may not do is watched for on every page that a test opens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}

Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, server: str) -> Iterator[Open]:
    """What opens a path of the server in a browser of its own, and finds fault at the end with what no page may do.

    `allowed` are statuses of answers that the browser's console may complain of, such as 404, or its own words; `at` is another server.
    """
    contexts: list[Any] = []
    faults: list[str] = []

    def opened(
        path: str,
        language: str = "en",
        width: int = 1280,
        *,
        dark: bool = False,
        javascript: bool = True,
        allowed: tuple[int | str, ...] = (),
        at: str = "",
    ) -> Any:
        origin = at or server
        context = browser.new_context(
            locale=LOCALES[language],
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
        page = context.new_page()
        page.set_default_timeout(15_000)

        def hears(message: Any) -> None:
            told = (each if isinstance(each, str) else f"status of {each}" for each in allowed)
            expected = any(each in message.text for each in told)
            if message.type == "error" and not expected:
                faults.append(f"{path}: the console says {message.text}")

        def sees(request: Any) -> None:
            if not request.url.startswith((origin, "data:", "blob:", "about:")):
                faults.append(f"{path}: asks {request.url}")

        page.on("console", hears)
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.on("request", sees)
        page.goto(origin + path)
        return page

    yield opened
    for context in contexts:
        if context.cookies():
            faults.append(f"a page set cookies: {context.cookies()}")
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core, which the browser's packages bring."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python web/assets.py installs it")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def barriers(axe_source: str) -> Callable[..., list[str]]:
    """What returns the violations of WCAG 2.2 AA that axe finds on a page, by all rules or some: the rule and where."""

    def found(page: Any, rules: tuple[str, ...] = ()) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe_source)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
        options = json.dumps({"runOnly": only, "resultTypes": ["violations"]})
        result = page.evaluate(f"axe.run(document, {options})")
        return [
            f"{each['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
            for each in result["violations"]
            for node in each["nodes"]
        ]

    return found


@pytest.fixture
def until() -> Callable[[Any, str], None]:
    """What waits until an expression holds on a page; the page's policy lets no text be evaluated from inside."""

    def waits(page: Any, expression: str) -> None:
        for _ in range(300):
            if page.evaluate(expression):
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"after 15 seconds it does not hold that {expression}")

    return waits


@pytest.fixture
def sideways() -> Callable[[Any], bool]:
    """What returns whether a page can be scrolled sideways."""
    return lambda page: bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
