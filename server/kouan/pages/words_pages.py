"""Show what is told in words: help, accessibility, about the maps. Knows settings and templates, no data."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from kouan.http.addresses import sent_to
from kouan.settings import Settings

PAGES = {
    "/help": "help.html",
    "/accessibility": "accessibility.html",
    "/about/maps": "about_maps.html",
}


def add_words(pages: Blueprint, settings: Settings) -> None:
    """Add a page for each of the texts, written in both languages."""
    for address, template in PAGES.items():
        pages.add_url_rule(
            address,
            endpoint=template.removesuffix(".html"),
            view_func=lambda template=template: render_template(template, settings=settings),
        )

    @pages.get("/favicon.ico")
    def icon() -> Response:
        return sent_to(url_for("static", filename="icon.png"), 301)
