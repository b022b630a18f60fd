"""Wire the pages of one dataset together: what each shows is found and told in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from kouan.graph.questions import read_questions
from kouan.history.exact import ExactStore
from kouan.http.addresses import moved_to
from kouan.http.context import Contexts
from kouan.http.descriptions import Described
from kouan.http.languages import CHINESE, ENGLISH, column_head, language, say
from kouan.http.signposts import signpost_dataset
from kouan.http.site import Site
from kouan.http.twins import twins
from kouan.pages.asking import Answer
from kouan.pages.classes import add_classes, class_of
from kouan.pages.dataset import KnownDataset
from kouan.pages.descriptions import facts_in
from kouan.pages.documents import FORMATS, WHOLE_GRAPHS, Documents, add_documents, iri_of, with_types
from kouan.pages.front import FIRST, PLURALS, counts, everything_map
from kouan.pages.question_pages import add_questions
from kouan.pages.reading import Passage, Reading
from kouan.pages.sources import add_sources, passage_page, source_page
from kouan.pages.structured import dataset
from kouan.pages.term_pages import add_terms
from kouan.pages.terms import CAPITAL, Value, spelled
from kouan.pages.thing_pages import Things, add_things
from kouan.pages.versions import add_versions
from kouan.pages.words_pages import add_words
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About
from kouan.vocabulary import BASE, KOUAN, SRC


def create_pages(
    answer: Answer,
    told: Callable[[str], bytes],
    snapshot: Callable[[], Snapshot],
    dataset: Callable[[], KnownDataset],
    site: Callable[[], Site],
    about: Callable[[], About],
    settings: Settings,
    contexts: Contexts,
    described: Described,
    data: ExactStore | None = None,
) -> Blueprint:
    """Return the pages of one dataset, of which `data` is what stands here.

    `answer` evaluates a query and returns the bytes of the media type asked for, `told` its rows in JSON with what they rest on.
    """
    pages = Blueprint("pages", __name__)
    known: dict[str, Reading] = {}

    def reading() -> Reading:
        version = snapshot().version
        if version not in known:
            known.clear()
            known[version] = Reading(dataset())
        return known[version]

    things = Things(reading, site, settings)
    _equip(pages)
    documents = Documents(snapshot, data, described, about, contexts)
    add_documents(pages, documents)
    add_things(pages, things, None if data is None else documents.of_thing)
    add_classes(pages, reading)
    add_sources(pages, reading)
    add_terms(pages, reading, things)
    add_versions(pages, reading, settings.home / "ontology" / "versions")
    add_questions(pages, reading, answer, told, settings.home / "questions")
    add_words(pages, settings)
    _add_front(pages, reading, things, about, settings.home / "questions")

    @pages.get("/page/<path:name>")
    def page(name: str) -> str | Response:
        triples = described(name)
        if triples is not None:
            links = _documents_of(name)
            twins(dict(with_types(links)))
            return render_template(
                "description.html",
                title=say("The dataset (VoID)") if name == "void" else say("The dataset and its downloads (DCAT)"),
                whole=about().title(language()),
                facts=facts_in(reading(), triples),
                links=links,
            )
        if name in WHOLE_GRAPHS:
            return moved_to(f"/{name}")
        iri = iri_of(name)
        if not iri.startswith(SRC):
            return things.page(iri)
        is_source = reading().rows(f"SELECT ?s {{ VALUES ?s {{ <{iri}> }} ?s a <{KOUAN}Source> }}")
        return source_page(reading(), things, iri) if is_source else passage_page(reading(), things, iri)

    return pages


def _documents_of(description: str) -> list[tuple[str, str]]:
    """Return the addresses of a description in RDF, each with its extension."""
    return [(extension, f"/doc/{description}.{extension}") for extension in FORMATS]


def _equip(pages: Blueprint) -> None:
    """Give the templates what they need besides values."""

    @pages.app_template_filter()
    def who(graph: str, passages: dict[str, Passage]) -> Passage:
        """Return what is known of a graph that states a fact."""
        found = passages.get(graph) or Passage(Value(graph, is_here=graph.startswith(BASE)))
        # What the editors say themselves is no passage of a source.
        editors = graph.startswith(SRC + "kouan/") and not found.value.names
        return replace(found, value=replace(found.value, names={language(): say("the editors")})) if editors else found

    @pages.app_template_filter()
    def spoken(name: str) -> str:
        """Return a name that is written in one word in words."""
        return spelled(name)

    @pages.app_template_filter()
    def headed(variable: str) -> tuple[str, str]:
        """Return what a column is headed by in the reader's language, else the variable in words, and in which language that is."""
        name = spelled(variable)
        chinese = column_head(name) if language() == CHINESE else ""
        return (chinese, CHINESE) if chinese else (name, ENGLISH)

    @pages.app_template_filter()
    def breakable(name: str) -> Markup:
        """Return a name that may be broken where a word begins within it."""
        return Markup("<wbr>").join(CAPITAL.split(name))

    @pages.app_context_processor
    def equipped() -> dict[str, Any]:
        return {"class_of": class_of}


def _add_front(
    pages: Blueprint, reading: Callable[[], Reading], things: Things, about: Callable[[], About], questions: Path
) -> None:
    """Add the front page."""

    @pages.get("/")
    def front() -> str:
        now = reading()
        asked = {each.name: each for each in read_questions(questions)} if now.is_own else {}
        signpost_dataset(now.snapshot)
        twins(dict(with_types(_documents_of("void"))))
        return render_template(
            "front.html",
            snapshot=now.snapshot,
            counts=counts(now),
            plurals=PLURALS,
            map=everything_map(now),
            questions=[asked[name] for name in FIRST if name in asked],
            all_questions=len(asked),
            host=request.root_url,
            citation=things.citation(None),
            cite_address="/cite?",
            structured=dataset(about(), now.snapshot, request.root_url),
        )
