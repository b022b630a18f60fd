"""What is made of the dataset: pages, descriptions, downloads, reconciliation, validation; in evaluators, behind the wall.

Wires the parts together over one dataset, and does nothing else.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from flask import Flask
from werkzeug.http import http_date

from kouan.engine.abroad import SECONDS as SECONDS_TO_COUNT
from kouan.engine.abroad import snapshot_abroad
from kouan.engine.answer import VERSION_SAID, PageAsked
from kouan.engine.evaluator import AskOut, MakePages, Page, terms_abroad
from kouan.evaluation.dataset_view import Datasets
from kouan.evaluation.evaluate import evaluate
from kouan.evaluation.in_vain import warned
from kouan.evaluation.question import Question
from kouan.evaluation.services import JSON, WantsServices, resolved
from kouan.evaluation.unknown_terms import NO_TERMS, Terms
from kouan.history.exact import ExactStore
from kouan.http.addresses import WholeNumber
from kouan.http.assets import create_assets
from kouan.http.conditions import READS, heed_conditions
from kouan.http.conformance import create_conformance
from kouan.http.context import Contexts
from kouan.http.description import service_description
from kouan.http.descriptions import kept_descriptions
from kouan.http.downloads import create_downloads
from kouan.http.fragments import create_fragments
from kouan.http.languages import speak
from kouan.http.page import Ask, create_query_page, handle_errors
from kouan.http.query import caching
from kouan.http.ranges import ACCEPTED
from kouan.http.request import AddressedRequest
from kouan.http.signposts import lead_on
from kouan.http.site import introduce
from kouan.http.twins import heed_formats
from kouan.http.validate import create_validation
from kouan.http.well_known import create_well_known
from kouan.http.wsgi import called
from kouan.linking.routes import create_reconciliation, kept_gazetteer
from kouan.linking.wikidata.pages import create_wikidata
from kouan.pages import create_pages, create_tables
from kouan.pages.dataset import kept
from kouan.pages.explore import create_explore
from kouan.pages.map_routes import create_map
from kouan.pages.reading import Reading
from kouan.pages.search_pages import create_search
from kouan.pages.timeline_pages import create_timeline
from kouan.pages.vocabulary import first_query
from kouan.pages.workbench import create_workbench, remembered_vocabulary
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.snapshot.about import remembered
from kouan.sparql.door import know

# These change with no version of the data.
UNKEPT = {"no-store", "private"}
# What heeds `format=` and Accept itself, or answers a protocol that has no such thing.
THEMSELVES = frozenset({"query", "reconciliation", "static", "pages.cite"})


def pages_of(settings: Settings) -> MakePages:
    """Return what an evaluator makes pages with."""

    def make(snapshot: Snapshot, datasets: Datasets, data: ExactStore | None, ask_out: AskOut) -> Page:
        services: list[tuple[str, ...]] = [()]
        standing = [snapshot]

        def ask_here(question: Question, media_type: str) -> bytes:
            known = know(question.text)
            plain = resolved(datasets, question, services[0], settings, known)
            kept = known if plain is question else None
            return evaluate(datasets, plain, lambda _: media_type, snapshot.prefixes, None, kept)

        def count(query: str) -> bytes:
            return ask_out(Question(query), JSON, SECONDS_TO_COUNT)

        def ask_abroad(question: Question, media_type: str) -> bytes:
            return ask_out(resolved(None, question, services[0], settings), media_type, 0.0)

        if settings.engine:
            app = create_inside(ask_abroad, lambda: standing[0], settings, terms_abroad(settings, ask_out))
        else:
            held = data or ExactStore(datasets.store, merged=False)
            app = create_inside(ask_here, lambda: standing[0], settings, datasets.terms, held)

        def page(asked: PageAsked) -> tuple[dict[str, Any], bytes]:
            services[0] = asked.services
            if settings.engine:
                # Where who asks says no version, nothing of the data may be kept.
                version = asked.environ.get(VERSION_SAID) or uuid4().hex
                if version != standing[0].version:
                    standing[0] = snapshot_abroad(settings, count, version)
            return answered(app, asked, snapshot, settings)

        return page

    return make


def create_inside(
    ask: Ask,
    snapshot: Callable[[], Snapshot],
    settings: Settings,
    terms: Terms = NO_TERMS,
    data: ExactStore | None = None,
) -> Flask:
    """Return the application of everything that is made of the dataset; `data` is what stands here of it."""
    # What a file's ending means is known here, not to the system: evaluators cannot read its list, and all say the same.
    mimetypes.knownfiles.clear()
    mimetypes.init()
    app = Flask("kouan")
    app.request_class = AddressedRequest
    # What has no handler here has one around us.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map.strict_slashes = False
    app.url_map.converters["int"] = WholeNumber
    app.config["TILES"] = "{0.scheme}://{0.netloc}".format(urlsplit(settings.map_tiles)) if settings.map_tiles else ""
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.body_limit

    def answer(query: str, media_type: str) -> bytes:
        return ask(Question(query), media_type)

    def told(query: str) -> bytes:
        return ask(Question(query, evidence=True), JSON)

    about = remembered(answer, snapshot, settings)

    def describe(address: str, media_type: str) -> bytes:
        return service_description(
            snapshot(),
            about(),
            address.rstrip("/"),
            media_type,
            takes_writes=bool(settings.token),
            evaluates_here=not settings.engine,
            calls_others=settings.federation and bool(settings.services),
        )

    vocabulary = remembered_vocabulary(answer, snapshot)

    def first() -> str:
        return first_query(answer, snapshot())

    def naming(rows: Sequence[Mapping[str, Any]], more: Iterable[str]) -> Callable[[Mapping[str, Any]], Any]:
        return Reading(dataset()).named(rows, *more)

    dataset = kept(answer, snapshot)
    app.register_blueprint(create_assets())
    app.register_blueprint(create_workbench(answer, vocabulary, terms.unknown_in, settings))
    app.register_blueprint(
        create_query_page(ask, describe, partial(warned, terms, is_ours=not settings.engine), naming, first, settings)
    )
    described = kept_descriptions(answer, snapshot, about)
    app.register_blueprint(create_downloads(snapshot, about, described))
    contexts = Contexts(answer, snapshot)
    app.register_blueprint(create_well_known(answer, snapshot, about, contexts))
    app.register_blueprint(create_fragments(lambda: data.store if data is not None else None, snapshot, about))
    app.register_blueprint(create_validation(snapshot, contexts, settings))

    def construct(query: str) -> bytes:
        return answer(query, "application/n-triples")

    gazetteer = kept_gazetteer(snapshot, construct, settings.reconcile_holders.split())
    app.register_blueprint(create_wikidata(snapshot, gazetteer))
    app.register_blueprint(create_map(dataset, settings))
    app.register_blueprint(create_explore(dataset))
    app.register_blueprint(create_search(dataset, about, settings.home / "questions"))
    app.register_blueprint(create_timeline(dataset))
    app.register_blueprint(create_tables(answer, snapshot, settings.home / "questions"))
    app.register_blueprint(create_conformance())
    speak(app)
    site = introduce(app, about, snapshot)
    app.register_blueprint(create_reconciliation(gazetteer, lambda: site().name))
    app.register_blueprint(
        create_pages(answer, told, snapshot, dataset, site, about, settings, contexts, described, data)
    )
    # What is added last is asked first: an address that is told is led below the path of a proxy afterwards.
    handle_errors(app)
    heed_formats(app, THEMSELVES)
    heed_conditions(app)
    lead_on(app, about)

    @app.errorhandler(WantsServices)
    def passed_on(error: WantsServices) -> Any:
        raise error

    return app


def answered(app: Flask, asked: PageAsked, snapshot: Snapshot, settings: Settings) -> tuple[dict[str, Any], bytes]:
    """Return the status, the headers and the entity tag of a page, and its bytes; raises WantsServices."""
    status, headers, body = called(app.wsgi_app, dict(asked.environ), asked.body)
    said = {name.lower(): value for name, value in headers}
    tag = ""
    is_read = asked.environ["REQUEST_METHOD"] in READS
    is_kept = is_read and not UNKEPT & {part.strip() for part in said.get("cache-control", "").split(",")}
    if status == 200 and is_kept:
        tag = said.get("etag", "").strip('W/"') or blake2b(body, digest_size=16).hexdigest()
        headers = [pair for pair in headers if pair[0].lower() != "etag"]
        headers += [("etag", f'"{tag}"'), ACCEPTED]
        # Of what another server holds nobody here knows when it changed.
        changed = datetime.fromisoformat(snapshot.when) if snapshot.when and not settings.engine else None
        # Dates count seconds: within the same one there may be another version yet (RFC 9110, section 8.8.2.2).
        if changed and (datetime.now(UTC) - changed).total_seconds() > 1:
            headers.append(("last-modified", http_date(changed)))
    if is_read and status in {200, 303} and "cache-control" not in said:
        headers.append(caching(settings))
    return {"status": status, "headers": headers, "tag": tag}, body
