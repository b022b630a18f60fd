"""Serve what the editor asks besides answers: the dataset's vocabulary, advice on a query, a frame for other sites' pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request

from kouan.errors import BadRequest
from kouan.http.languages import CHINESE, ENGLISH, language, retold, words
from kouan.http.page import CONTENT_SECURITY_POLICY
from kouan.pages.advice import Unmet, findings_on, why_empty
from kouan.pages.vocabulary import Answer, read_vocabulary
from kouan.settings import Settings
from kouan.snapshot import Snapshot
from kouan.sparql.door import Limits

# Pages of anybody may frame a result.
FRAMED = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'self'", "frame-ancestors *")


def create_workbench(
    answer: Answer, vocabulary: Callable[[], dict[str, Any]], unknown: Unmet, settings: Settings
) -> Blueprint:
    """Return the addresses below /sparql, and /embed."""
    routes = Blueprint("workbench", __name__)
    limits = Limits.of(settings)

    @routes.get("/sparql/vocabulary")
    def terms() -> Response:
        said = vocabulary()
        if "lang" not in request.args:
            return jsonify(said)
        # A page shows definitions in its own language, and they are most of what there is to send.
        other = f"says_{ENGLISH if language() == CHINESE else CHINESE}"
        in_one = {kind: [_without(term, other) for term in said[kind]] for kind in ("classes", "properties")}
        return jsonify(said | in_one)

    @routes.post("/sparql/check")
    def check() -> Response:
        found = findings_on(_query(), unknown, vocabulary, limits)
        return _said({"findings": [each | {"told": retold(each.get("message", ""))} for each in found]})

    @routes.post("/sparql/why")
    def why() -> Response:
        return _said({"parts": why_empty(answer, _query(), limits)})

    @routes.get("/sparql/told")
    def told() -> Response:
        """Answer with what an error says, its title and its detail, in the language of the page; "" for what has no words in it."""
        title = request.args.get("title", "")
        has_words = language() == CHINESE and title in words()
        return jsonify({"title": words()[title] if has_words else "", "detail": retold(request.args.get("detail", ""))})

    @routes.get("/embed")
    def embed() -> Response:
        return Response(render_template("embed.html"), headers={"Content-Security-Policy": FRAMED})

    @routes.get("/sparql-ui")
    def elsewhere() -> Any:
        # What stands behind # is kept by the browser.
        asked = urlencode(list(request.args.items(multi=True)))
        return redirect("/sparql" + (f"?{asked}" if asked else ""), code=302)

    return routes


def remembered_vocabulary(answer: Answer, snapshot: Callable[[], Snapshot]) -> Callable[[], dict[str, Any]]:
    """Return what returns the vocabulary of the present version, read once."""
    known: dict[str, dict[str, Any]] = {}

    def vocabulary() -> dict[str, Any]:
        version = snapshot().version
        if version not in known:
            known.clear()
            known[version] = read_vocabulary(answer, snapshot())
        return known[version]

    return vocabulary


def _query() -> str:
    query = request.form.get("query")
    if query is None:
        raise BadRequest("Send the query in a form's field named query.")
    return query


def _without(term: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what is said of a term without a definition that another stands beside."""
    has_both = {"says_en", "says_zh"} <= term.keys()
    return {key: value for key, value in term.items() if not (has_both and key == name)}


def _said(document: dict[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer
