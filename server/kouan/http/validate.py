"""Answer /validate: a SHACL report on data that is sent. Knows requests and forms of a report; validation is elsewhere."""

from __future__ import annotations

import csv
import io
import json
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from kouan.errors import BadRequest, NotAcceptable, UnsupportedMediaType
from kouan.formats.negotiation import best_of
from kouan.formats.table import GRAPH_FORMATS, READABLE
from kouan.formats.writing import write_graph
from kouan.graph.expansion import PLAIN, Options
from kouan.graph.faults import why_refused
from kouan.graph.parsing import Parsing
from kouan.graph.rdf_json import plainly
from kouan.http.body import options_to_read, rdf_of, rdf_of_file, type_of_file
from kouan.http.context import Contexts
from kouan.http.parameters import read_timeout, truth
from kouan.http.problems import problem_of
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.vocabulary import ONTOLOGY_GRAPH, PREFIXES, SHAPES_GRAPH

JSON, CSV, HTML = "application/json", "text/csv", "text/html"
GRAPHS = {each.name: each.media_type for each in GRAPH_FORMATS if each.parser and not each.is_announced}
OFFERS = (*GRAPHS.values(), JSON, CSV, HTML)
NAMES = {**GRAPHS, "turtle": "text/turtle", "json": JSON, "csv": CSV, "html": HTML}
TOLD = ("severity", "focus_node", "path", "value", "message", "message_zh")
COLUMNS = (*TOLD, "shape", "component")
FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}
SHOWN = 1000
SHOWN_TEXT = 100_000


@dataclass(frozen=True)
class Sent:
    """RDF as it was sent."""

    text: bytes
    media_type: str = "text/turtle"
    options: Options = PLAIN

    def knowing(self, contexts: Contexts) -> Sent:
        """Return it with our context beside it where it may name its address."""
        text = self.text.decode("utf-8", "surrogateescape")
        return replace(self, options=contexts.known_to(text, self.media_type, self.options, request.root_url))


@dataclass(frozen=True)
class Job:
    """What is validated and how its report is written."""

    data: Sent
    shapes: Sent | None
    base: str
    own: bytes
    media_type: str


# What no write changes, by the folder of the snapshot.
_known: dict[Path, bytes] = {}


def create_validation(snapshot: Callable[[], Snapshot], contexts: Contexts, settings: Settings) -> Blueprint:
    """Return the address /validate."""
    routes = Blueprint("validate", __name__)

    @routes.get("/validate")
    def form() -> str:
        return _form()

    @routes.post("/validate")
    def validate() -> Response:
        media_type = _chosen()
        data, shapes = _sent(settings.body_limit)
        if shapes is None and not snapshot().is_own:
            raise BadRequest("This data has no shapes; send some along, in a field or parameter named shapes.")
        held = (data.knowing(contexts), shapes and shapes.knowing(contexts))
        job = Job(*held, request.values.get("base", ""), _own(snapshot()), media_type)
        # What was asked for in the address holds already; a form says it too late, but is not to be wrong.
        read_timeout(request.values.get("timeout", ""), settings)
        try:
            body = work(job)
        except RecursionError as error:
            raise BadRequest("The shapes lead to themselves, or nest too deep to be followed.") from error
        except BadRequest as error:
            if media_type != HTML:
                raise
            # Whoever wrote it by hand goes on from there.
            unread = _form(data, shapes, problem=problem_of(error, request.path))
            return Response(unread, status=error.status, headers={"Vary": "Accept", "Cache-Control": "no-store"})
        if media_type == CSV and truth(request.values, "bom", False):
            # By the mark Excel knows that the text is UTF-8.
            body = BOM_UTF8 + body
        if media_type == HTML:
            body = _page(json.loads(body), data, shapes).encode()
        text = media_type.startswith("text/") or media_type in {"application/n-triples", "application/n-quads"}
        return Response(
            body,
            content_type=f"{media_type}; charset=utf-8" if text else media_type,
            headers={"Vary": "Accept", "Cache-Control": "no-store"},
        )

    return routes


def _own(snapshot: Snapshot) -> bytes:
    """Return the ontology and the shapes of our own graph as N-Quads, read once for each snapshot."""
    if not snapshot.is_own:
        return b""
    if snapshot.folder not in _known:
        wanted = {NamedNode(ONTOLOGY_GRAPH), NamedNode(SHAPES_GRAPH)}
        quads = (quad for quad in snapshot.source_quads() if quad.graph_name in wanted)
        _known.clear()
        _known[snapshot.folder] = serialize(quads, format=RdfFormat.N_QUADS) or b""
    return _known[snapshot.folder]


def _page(report: dict[str, Any], data: Sent, shapes: Sent | None) -> str:
    # What several constraints say in the same words of the same value is told once.
    findings = [*{tuple(each[name] for name in TOLD): each for each in report["findings"]}.values()]
    return _form(data, shapes, conforms=report["conforms"], findings=findings[:SHOWN], total=len(findings))


def _form(data: Sent | None = None, shapes: Sent | None = None, **shown: Any) -> str:
    """Return the page with its form, what was sent in it."""
    written = {
        name: "" if sent is None else sent.text.decode("utf-8", "replace")[:SHOWN_TEXT]
        for name, sent in (("data", data), ("shapes", shapes))
    }
    return render_template("validate.html", **({"findings": None, "problem": None} | written | shown))


def _chosen() -> str:
    name = request.values.get("format", "")
    if name:
        if name not in NAMES and name not in OFFERS:
            raise NotAcceptable(f"There is no format {name!r}; there are {', '.join(NAMES)}.", available=list(NAMES))
        return NAMES.get(name, name)
    chosen = best_of(request.headers.get("Accept", ""), OFFERS)
    if chosen is None:
        raise NotAcceptable(f"The report can be had as {', '.join(OFFERS)}.", available=list(OFFERS))
    return chosen


def _sent(limit: int) -> tuple[Sent, Sent | None]:
    """Return the data and the shapes of the request; raises BadRequest or UnsupportedMediaType."""
    if request.mimetype in FORMS:
        data, shapes = _field("data", limit), _field("shapes", limit)
        if data is None:
            raise BadRequest('The form has no field "data"; send the data in it, as a file or as text.')
        return data, shapes
    if request.mimetype not in READABLE:
        raise UnsupportedMediaType(
            f"The body has the media type {request.mimetype or 'of nothing'}; send RDF as {', '.join(READABLE)}, or a form.",
            available=[*READABLE, *FORMS],
        )
    written = request.args.get("shapes")
    shapes = None if written is None else Sent(written.encode())
    body = rdf_of(request.get_data(), "The body", request.mimetype, request.mimetype_params)
    return Sent(body.encode(), request.mimetype, options_to_read(request.mimetype, request.mimetype_params)), shapes


def _field(name: str, limit: int) -> Sent | None:
    """Return a field of a form, a file or a text; None where it is empty."""
    file = request.files.get(name)
    if file is not None and (read := rdf_of_file(file, f"The field {name}", limit)):
        media_type = type_of_file(file) or "text/turtle"
        return Sent(read.encode(), media_type, options_to_read(file.mimetype, file.mimetype_params))
    text = request.form.get(name, "").encode()
    return Sent(text) if text.strip() else None


def work(job: Job) -> bytes:
    """Return the report of a job as it will be sent, JSON for the page; runs where it can do no harm.

    Raises BadRequest where the data or the shapes cannot be read, or the shapes cannot be used.
    """
    from kouan.validation.sent import hold, hold_as_own

    data = _parsed(job.data, job.base, "The data")
    if job.shapes is None:
        triples, report = hold_as_own(data, job.own)
    else:
        triples, report = hold(data, {quad.triple for quad in _parsed(job.shapes, job.base, "The shapes")})
    if job.media_type in GRAPHS.values():
        return write_graph(triples, job.media_type, PREFIXES, None)
    findings = [{name: getattr(finding, name) for name in COLUMNS} for finding in report.findings]
    if job.media_type == CSV:
        table = io.StringIO()
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        writer.writerows(findings)
        return table.getvalue().encode()
    return (
        json.dumps({"conforms": report.conforms, "findings": findings}, ensure_ascii=False, indent=1).encode() + b"\n"
    )


def _parsed(sent: Sent, base: str, what: str) -> list[Quad]:
    try:
        text = plainly(sent.text.decode(), sent.media_type)
        return list(Parsing(text, READABLE[sent.media_type], base or None, options=sent.options))
    except SyntaxError as error:
        raise BadRequest(
            f"{what} cannot be read: {why_refused(error)}.", line=error.lineno, column=error.offset
        ) from error
    except ValueError as error:
        raise BadRequest(f"{what} cannot be read: {error}.") from error
