"""Tell what a server serves, for the head of every page: its name, its description, its licence, its publisher.

What they are is read elsewhere; here stands what a template says of them in the language of its page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask

from kouan.errors import KouanError
from kouan.graph.naming import in_language
from kouan.http.addresses import page_of
from kouan.http.languages import CHINESE, ENGLISH, language
from kouan.linking.wikidata.references import licence_name
from kouan.snapshot import Snapshot
from kouan.snapshot.about import OWN_DESCRIPTION, OWN_LICENCE, About, Texts


@dataclass(frozen=True)
class Site:
    """What is served. Each text is held by language, "" for one of no language; `iri` is what the data describes itself as."""

    texts: Mapping[str, Texts] = field(default_factory=dict)
    iri: str = ""

    def text(self, name: str) -> str:
        """Return the name, description, licence or publisher in the language of the page, else in any; "" where none is told."""
        return in_language(self.texts.get(name, {}), language())[0]

    def tongue(self, name: str) -> str:
        """Return in which language such a text is, "" where it is that of the page or not known."""
        tag = in_language(self.texts.get(name, {}), language())[1]
        return "" if tag.partition("-")[0] == language() else tag

    @property
    def name(self) -> str:
        """Return what the site is called."""
        return self.text("name")


OWN = Site(
    {
        "name": {ENGLISH: "Kouan", CHINESE: "口岸 Kouan"},
        "description": OWN_DESCRIPTION,
        "licence": {"": OWN_LICENCE},
    }
)
UNNAMED = Site({"name": {ENGLISH: "A dataset", CHINESE: "数据集"}})


def introduce(app: Flask, about: Callable[[], About], snapshot: Callable[[], Snapshot]) -> Callable[[], Site]:
    """Give every template of an application `site`, `is_own` and `page_of`; return what tells the site."""

    def site() -> Site:
        if snapshot().is_own:
            return OWN
        try:
            known = about()
        except KouanError:
            # A page that says what is wrong is shown all the same.
            return UNNAMED
        said = {"name": known.titles, "description": known.descriptions, "publisher": known.publishers}
        return Site(said | {"licence": {"": known.licence} if known.licence else {}}, known.iri)

    @app.context_processor
    def introduced() -> dict[str, Any]:
        is_own = snapshot().is_own
        return {
            "site": site(),
            "is_own": is_own,
            "page_of": partial(page_of, is_own=is_own),
            "has_graphs": bool(snapshot().graphs),
        }

    app.add_template_filter(licence_name)
    return site
