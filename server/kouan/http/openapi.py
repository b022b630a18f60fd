"""Describe every address of the server in OpenAPI 3.1, of the table openapi.tsv; a test holds the table against the router.

Each line of the table is an operation: its path, its method, where it is to be had (`own`: of our own graph alone; `store`: where
the data stands here), what it does, its parameters (a star is required), the media types of its answer, the other statuses that
it may have, and the media types of its body.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kouan.formats.table import DATASET_FORMATS, GRAPH_FORMATS, READABLE, SOLUTION_FORMATS
from kouan.http.downloads import OFFERS as DESCRIPTIONS
from kouan.http.fragments import OFFERED as FRAGMENTS
from kouan.http.problems import PROBLEM_JSON
from kouan.release import VERSION
from kouan.snapshot import Snapshot
from kouan.snapshot.about import About, is_iri

MEDIA_TYPE = "application/vnd.oai.openapi+json"
TABLE = Path(__file__).parent / "openapi.tsv"
PAGE = "text/html"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
# What stands for several media types in the table.
SETS = {
    "@page": (PAGE,),
    "@rdf": tuple(dict.fromkeys(each.media_type for each in (*GRAPH_FORMATS, *DATASET_FORMATS))),
    "@described": tuple(each.media_type for each in DESCRIPTIONS),
    "@fragment": tuple(each.media_type for each in FRAGMENTS),
    "@results": tuple(dict.fromkeys(each.media_type for each in SOLUTION_FORMATS)),
    "@rdfin": tuple(READABLE),
    "@done": (JSON,),
}
TEXT = {"type": "string"}
SKIPPED = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "at": (TEXT, "the version that is meant; another leads to the present one"),
    "bom": (TEXT, "true for a byte order mark"),
    "by": (TEXT, "the property by which things speak of it"),
    "class": (TEXT, "the class by its IRI, where its name is not enough"),
    "default": (TEXT, "the default graph; has no value"),
    "default-graph-uri": ({"type": "array", "items": TEXT}, "a graph whose triples the default graph has"),
    "detail": (TEXT, "the detail of a problem, in English"),
    "cursor": (SKIPPED, "how many are passed over"),
    "evidence": ({"type": "boolean"}, "whether each row tells the passages that state it"),
    "format": (TEXT, "the name of a format, in place of Accept"),
    "graph": (TEXT, "the graph by its IRI"),
    "id": (TEXT, "the thing by its identifier"),
    "infer": ({"type": "boolean"}, "whether inferred triples are asked too"),
    "iri": (TEXT, "the thing by its IRI"),
    "lang": (TEXT, "the language of the page: en or zh"),
    "limit": ({"type": "integer", "minimum": 0, "maximum": 999_999_999}, "how many at most"),
    "named-graph-uri": ({"type": "array", "items": TEXT}, "a graph that is to be had by its name"),
    "object": (TEXT, "an IRI, or a literal with its quotation marks"),
    "offset": (SKIPPED, "how many are passed over"),
    "page": ({"type": "integer", "minimum": 1}, "the number of the page"),
    "predicate": (TEXT, "an IRI"),
    "prefix": (TEXT, "the beginning of a name"),
    "q": (TEXT, "what is searched for"),
    "queries": (TEXT, "queries by name, as JSON"),
    "query": ({"type": "string", "format": "sparql"}, "a SPARQL query"),
    "subject": (TEXT, "an IRI"),
    "timeout": ({"type": "number", "minimum": 0}, "the seconds that it may take, cut to the most that any may"),
    "type": (TEXT, "the class whose things are meant"),
    "title": (TEXT, "the title of a problem, in English"),
    "using-graph-uri": ({"type": "array", "items": TEXT}, "a graph whose triples the default graph has"),
    "using-named-graph-uri": ({"type": "array", "items": TEXT}, "a graph that is to be had by its name"),
    "version": ({"type": "string", "enum": ["1.0", "1.1", "1.2", "1.2-basic"]}, "the version of SPARQL that is meant"),
}
STATUSES = {
    "201": "It was made.",
    "204": "It was done, and there is nothing to tell.",
    "206": "A part of it.",
    "301": "It stands elsewhere.",
    "302": "It stands elsewhere for now.",
    "303": "What is asked for stands elsewhere.",
    "307": "It stands elsewhere at this version of the data.",
    "401": "A token is needed.",
    "403": "The token does not allow it, or nothing can be written here.",
    "416": "There is no such part.",
}
FIELDS = {
    "/sparql": {"query": PARAMETERS["query"][0]},
    "/update": {"update": {"type": "string", "format": "sparql-update"}},
    "/validate": {"data": TEXT},
    "/reconcile": {"queries": TEXT},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "instance": TEXT},
}


class RouteOperation(NamedTuple):
    """A line of the table."""

    path: str
    method: str
    where: str
    summary: str
    parameters: tuple[str, ...]
    answers: tuple[str, ...]
    statuses: tuple[str, ...]
    bodies: tuple[str, ...]


@cache
def operations() -> tuple[RouteOperation, ...]:
    """Return the lines of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab", restval=""))
    return tuple(
        RouteOperation(
            row["path"],
            row["method"],
            row["where"],
            row["summary"],
            tuple(row["parameters"].split()),
            _expanded(row["answers"]),
            tuple(row["statuses"].split()),
            _expanded(row["bodies"]),
        )
        for row in rows
    )


def _expanded(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for word in words.split() for each in SETS.get(word, (word,))))


def openapi(snapshot: Snapshot, about: About, root: str) -> bytes:
    """Return the description of the server at `root` (OpenAPI Specification 3.1.0)."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations():
        if (each.where == "own" and not snapshot.is_own) or (each.where == "store" and not snapshot.is_here):
            continue
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    licence = about.licence
    info: dict[str, Any] = {
        "title": about.title("en"),
        "summary": "A SPARQL server, its pages, descriptions, downloads and services",
        "description": about.description("en") or about.title("en"),
        "version": VERSION,
    }
    if licence:
        info["license"] = {"name": licence} | ({"url": licence} if is_iri(licence) else {})
    schemes = {name: {"type": "http", "scheme": name} for name in ("bearer", "basic")}
    document = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": root}],
        "externalDocs": {"url": f"{root}/help"},
        "paths": paths,
        "components": {"securitySchemes": schemes, "schemas": {"Problem": PROBLEM}},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _operation(each: RouteOperation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": f"{each.method.lower()}{re.sub(r'[^A-Za-z0-9]+', '-', each.path)}".strip("-"),
        "summary": each.summary,
        "parameters": [*_in_path(each.path), *(_in_query(name) for name in each.parameters)],
        "responses": _responses(each),
    }
    if each.bodies:
        content = {media_type: {"schema": _body(each.path, media_type)} for media_type in each.bodies}
        said["requestBody"] = {"required": each.method != "POST" or each.path != "/validate", "content": content}
    if "401" in each.statuses:
        said["security"] = [{"bearer": []}, {"basic": []}]
    return said


def _in_path(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", path)
    kinds = {"number": {"type": "integer", "minimum": 0}}
    return [{"name": n, "in": "path", "required": True, "schema": kinds.get(n, TEXT)} for n in names]


def _in_query(word: str) -> dict[str, Any]:
    name = word.rstrip("*")
    schema, says = PARAMETERS[name]
    return {"name": name, "in": "query", "required": word.endswith("*"), "description": says, "schema": schema}


def _responses(each: RouteOperation) -> dict[str, Any]:
    content: dict[str, Any] = {media_type: {} for media_type in each.answers}
    refused = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}, PAGE: {}}
    found: dict[str, Any] = {"200": {"description": "What was asked for.", "content": content}}
    if each.method == "GET":
        found["304"] = {"description": "The client has it."}
    for status in each.statuses:
        told = content if status[0] == "2" and status != "204" else refused if status[0] == "4" else None
        found[status] = {"description": STATUSES[status]} | ({"content": told} if told else {})
    found["4XX"] = {"description": "Why it was refused, and what to do.", "content": refused}
    found["5XX"] = {"description": "Why it failed.", "content": refused}
    return found


def _body(path: str, media_type: str) -> dict[str, Any]:
    if media_type in {FORM, MULTIPART}:
        fields = FIELDS.get(path, {})
        return {"type": "object", "properties": fields, "required": [name for name in fields if name != "queries"]}
    if media_type in {"application/sparql-query", "application/sparql-update"}:
        return {"type": "string", "format": "sparql" if media_type.endswith("query") else "sparql-update"}
    return {} if media_type.endswith("json") else TEXT
