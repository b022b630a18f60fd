"""Serve a table of each class at a short address, /ports.csv, and that of the questions. Knows addresses and formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, request

from kouan.errors import NotFound
from kouan.formats.geojson import unplaced
from kouan.formats.negotiation import MARK, choose
from kouan.formats.table import SOLUTION_FORMATS
from kouan.graph.questions import read_questions
from kouan.http.parameters import truth
from kouan.pages.class_tables import WKT, Answer, ClassTables
from kouan.snapshot import Snapshot

QUESTIONS = "questions"
PLACED = "geojson"
EXTENSIONS = ("csv", "tsv", "json", "xml", "geojson", "xlsx", "parquet", "arrow")


def table_twins(name: str, asked: str = "") -> dict[str, str]:
    """Return the addresses of a table by the media types that it can be had in."""
    return {each.media_type: f"/{name}.{each.name}{asked}" for each in SOLUTION_FORMATS if each.name in EXTENSIONS}


def create_tables(answer: Answer, snapshot: Callable[[], Snapshot], questions: Path) -> Blueprint:
    """Return the addresses of the tables of what is served."""
    routes = Blueprint("tables", __name__)
    tables: dict[str, ClassTables] = {}

    def known() -> ClassTables:
        version = snapshot().version
        if version not in tables:
            tables.clear()
            tables[version] = ClassTables(answer)
        return tables[version]

    @routes.get("/<name>.<extension>")
    def table(name: str, extension: str) -> Response:
        if extension not in EXTENSIONS:
            raise NotFound(
                f"Nothing stands at {request.path}; tables end in {', '.join('.' + each for each in EXTENSIONS)}."
            )
        mark = MARK if truth(request.args, "bom", False) else ""
        if name == QUESTIONS and snapshot().is_own and extension in {"csv", "json"}:
            return _listed(questions, extension, mark)
        if name == QUESTIONS and snapshot().is_own and extension == PLACED:
            return Response(unplaced(_rows(questions)), content_type="application/geo+json; charset=utf-8")
        query = known().query(known().class_of(name, request.args.get("class", "")))
        chosen = choose("SELECT", extension + mark, "")
        assert chosen is not None
        has_places = extension != PLACED or WKT in query
        body = answer(query, chosen.media_type) if has_places else unplaced(known().rows(query))
        answered = Response(body, content_type=chosen.content_type)
        # Many copy what they have opened; its name is that of its address.
        answered.headers["Content-Disposition"] = f'inline; filename="{name}.{extension}"'
        return answered

    return routes


def _rows(folder: Path) -> list[dict[str, str]]:
    return [
        {
            "name": each.name,
            "english": each.english,
            "chinese": each.chinese,
            "query": each.query,
            "address": request.root_url.rstrip("/") + each.path,
        }
        for each in read_questions(folder)
    ]


def _listed(folder: Path, extension: str, mark: str) -> Response:
    rows = _rows(folder)
    if extension == "json":
        return Response(json.dumps(rows, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0] if rows else ["name"])
    writer.writeheader()
    writer.writerows(rows)
    return Response(text.getvalue().encode("utf-8-sig" if mark else "utf-8"), content_type="text/csv; charset=utf-8")
