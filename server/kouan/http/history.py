"""Show what was written, by whom and when, and take a write back. Knows the journal and requests."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, render_template, request

from kouan.engine.answer import Engine
from kouan.errors import DataGone, NotFound
from kouan.history.journal import Journal
from kouan.http.compression import SMALLEST, choose, compress
from kouan.http.problems import wants_page
from kouan.http.tokens import READ, WRITE, Token, allowed
from kouan.http.writes import Writes, flag, identified
from kouan.writes.policy import Author
from kouan.writes.request import Request, undo

RDF_PATCH = "application/rdf-patch"


def create_history(
    engine: Engine, write_out: Writes, tokens: tuple[Token, ...], journal: Callable[[], Journal]
) -> Blueprint:
    """Return the addresses under /history."""
    routes = Blueprint("history", __name__)

    @routes.after_request
    def asked_again(answer: Response) -> Response:
        """Let who has seen this version of the list or of a write keep it."""
        if request.method in {"GET", "HEAD"} and answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, no-cache"
            answer.headers["Vary"] = "Accept, Accept-Language, Accept-Encoding"
            coding = choose(request.headers.get("Accept-Encoding", ""))
            if coding and len(answer.get_data()) >= SMALLEST:
                answer.set_data(compress(answer.get_data(), coding))
                answer.headers["Content-Encoding"] = coding
            # Each coding has its own tag.
            answer.add_etag()
            answer.make_conditional(request)
        return answer

    def standing() -> Journal:
        """Return the journal; who asks whether a write was made is not told that it was not where nobody can know."""
        found = journal()
        if engine.snapshot.number and not found.folder.is_dir():
            raise DataGone(
                f"The folder {found.folder} is gone, so nobody can say what was written; put it back.",
                folder=str(found.folder),
            )
        return found

    @routes.get("/history")
    def history() -> Response:
        made = standing().commits()
        if "id" in request.args:
            made = [commit for commit in made if commit.id == request.args["id"]]
        if wants_page(request.headers.get("Accept", "")):
            return Response(
                render_template("history.html", commits=made[::-1]), content_type="text/html; charset=utf-8"
            )
        return jsonify(version=engine.version, commits=[commit.shown() for commit in made])

    @routes.get("/history/<int:number>")
    def patch(number: int) -> Response:
        return Response(_found(standing(), number), content_type=f"{RDF_PATCH}; charset=utf-8")

    @routes.post("/history/<int:number>/revert")
    def revert(number: int) -> Response:
        is_dry = flag("dry-run")
        bearer = allowed(tokens, request.headers.get("Authorization", ""), READ if is_dry else WRITE)
        _found(standing(), number)
        author = Author(bearer.name, f"takes back write {number}")
        return jsonify(write_out(identified(Request(undo(number), author, is_dry=is_dry))))

    return routes


def _found(journal: Journal, number: int) -> str:
    if not journal.path(number).is_file():
        raise NotFound(f"There is no write number {number}; /history lists those that there are.")
    return journal.text(number)
