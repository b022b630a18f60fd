"""Read what a request asks for: query, dataset, format, deadline (SPARQL 1.2 Protocol, section 2). Knows no answers."""

from __future__ import annotations

import contextlib
import math
from binascii import a2b_qp
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from pyoxigraph import NamedNode

from kouan.engine.answer import Asked
from kouan.errors import BadRequest, UnsupportedMediaType
from kouan.evaluation.question import Question
from kouan.formats.negotiation import MARK, WHATEVER
from kouan.http.body import media_type_of, members_of, parts_of, sparql_of, text_of
from kouan.http.mistyped import slips
from kouan.settings import Settings
from kouan.writes.change import JSON_TYPE

QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
FORM_TYPE = "application/x-www-form-urlencoded"
# The protocol has neither; R's httr and curl -F send the one, axios the other.
MULTIPART_TYPE = "multipart/form-data"
SINGLE = ("query", "update", "timeout", "format", "infer", "evidence", "bom", "version")
# Other names for format=, which some clients send beside it.
SAME_AS_FORMAT = ("output", "results")
DEFAULT_GRAPH, NAMED_GRAPH = "default-graph-uri", "named-graph-uri"
# RDF4J names the language of every query.
PASSED_OVER = {"queryLn"}
KNOWN = (*SINGLE, *SAME_AS_FORMAT, DEFAULT_GRAPH, NAMED_GRAPH)
VERSIONS = {"1.0", "1.1", "1.2", "1.2-basic"}
TRUTH = {"true": True, "1": True, "": True, "false": False, "0": False}
WHITE = ("", " ", "+")
MOST_FIELDS = 10_000
# What stands in a path as it is (RFC 3986, section 3.3).
IN_PATH = "/:@!$&'()*+,;=~"
# A longer form says its time in its address.
MOST_LOOKED_AT = 64 * 1024

GRAPHS_GO = "; RDF is sent to /data?graph=IRI or /data?default"

Pairs = list[tuple[str, str]]
USING, USING_NAMED = "using-graph-uri", "using-named-graph-uri"
# What other servers and requests have for a graph, and the protocol not for updates (section 2.2).
NO_DATASET_OF_UPDATES = {DEFAULT_GRAPH, NAMED_GRAPH, "graph", "graph-uri", "insert-graph-uri", "remove-graph-uri"}


def body_limit(scope: Any, settings: Settings) -> int:
    """Return the bytes that the body of a request may have: a form, which takes many times as much to be read, less than data.

    A form in parts may carry data to /data.
    """
    forms = (FORM_TYPE,) if scope.path.startswith("/data") else (FORM_TYPE, MULTIPART_TYPE)
    is_form = (scope.headers.get("content-type") or "").strip().lower().startswith(forms)
    # A batch is no longer, however it is written.
    return query_limit(settings) if is_form or scope.path.startswith("/reconcile") else settings.body_limit


def query_limit(settings: Settings) -> int:
    """Return the bytes that a body with a query may have: its characters, each percent-encoded at worst, and what goes with them."""
    return min(settings.body_limit, 12 * settings.query_length + MOST_LOOKED_AT)


def read_get(query_string: str, settings: Settings) -> Asked | None:
    """Return what a GET asks for, None where it asks no query; raises BadRequest where it breaks the protocol."""
    if query_string.startswith("query=") and "&" not in query_string:
        text = _unquoted(query_string[6:])
        if text:
            return Asked(Question(text.removeprefix("\ufeff")), settings.timeout)
    return _read(_pairs(query_string, "The address"), settings)


def read_body(method: str, query_string: str, content_type: str, body: bytes, settings: Settings) -> Asked:
    """Return what a POST or a QUERY asks for; raises BadRequest or UnsupportedMediaType."""
    pairs = _pairs(query_string, "The address")
    media_type, parameters = media_type_of(content_type)
    charset = parameters.get("charset", "")
    if not body:
        # What is empty has no type, whatever its header says; the query is in the address.
        media_type = ""
    if media_type == QUERY_TYPE:
        if any(name == "query" for name, _ in pairs):
            raise BadRequest("The query stands both in the body and in the address; send it once.")
        if "version" in parameters:
            pairs.append(("version", parameters["version"]))
        pairs.append(("query", sparql_of(body, "The query", charset)))
    elif media_type == FORM_TYPE:
        form = _pairs(text_of(body, "The form", charset), "The form", charset)
        pairs += form
        if not any(name in {"query", "update"} for name, _ in pairs):
            raise BadRequest('The form has no field "query".')
    elif media_type == MULTIPART_TYPE:
        pairs += parts_of(content_type, body)
    elif media_type == JSON_TYPE:
        pairs += members_of(body, "The body", charset)
    elif media_type == UPDATE_TYPE:
        raise BadRequest("This address takes queries; send updates to /update.")
    elif body:
        raise UnsupportedMediaType(
            f"The body has the media type {media_type or 'of nothing'}; send {QUERY_TYPE}, or {FORM_TYPE} by POST{GRAPHS_GO}.",
            available=[QUERY_TYPE, FORM_TYPE],
        )
    asked = _read(pairs, settings)
    if asked is None:
        raise BadRequest(f"There is no query; {method} one as a body of {QUERY_TYPE} or as a form.")
    return asked


def in_utf8(content_type: str, body: bytes, *media_types: str) -> bytes:
    """Return a form or JSON of some media types in UTF-8, whatever charset it announces, and any other body as it is.

    Raises as text_of does, and BadRequest where the header cannot be read.
    """
    media_type, parameters = media_type_of(content_type)
    charset = parameters.get("charset", "")
    if media_type not in media_types or charset.lower() in {"", "utf-8"}:
        return body
    text = text_of(body, "The body", charset)
    return (urlencode(_pairs(text, "The form", charset)) if media_type == FORM_TYPE else text).encode()


def _unquoted(text: str) -> str:
    """Return a value decoded, or "" where that needs a closer look.

    Quoted-printable differs from percent-encoding in its sign only, and is decoded thirty times as fast.
    """
    # Quoted-printable has no characters but these, and none may be white space at the end.
    if not text.isascii() or not text.isprintable() or text[-1:] in WHITE:
        return ""
    signs = text.count("=")
    encoded = text.replace("=", "=3D") if signs else text
    decoded = a2b_qp(encoded.replace("+", " ").replace("%", "="))
    # What is no percent-encoding stays as it is, and so longer.
    if len(decoded) != len(text) - 2 * text.count("%"):
        return ""
    try:
        return decoded.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _pairs(text: str, what: str, charset: str = "") -> Pairs:
    """Return the fields of a form, whose percent signs stand for UTF-8, or else for the charset that it is announced in."""
    if not text:
        return []
    split = partial(parse_qsl, text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    try:
        with contextlib.suppress(UnicodeDecodeError):
            return split()
        return split(encoding=charset or "utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{what} is not UTF-8 once its percent signs are decoded.") from error
    except ValueError as error:
        raise BadRequest(f"{what} has more than {MOST_FIELDS:,} fields.") from error


def _read(pairs: Pairs, settings: Settings) -> Asked | None:
    given: dict[str, str] = {}
    default: list[str] = []
    named: list[str] = []
    others: list[str] = []
    for name, value in pairs:
        if name in {DEFAULT_GRAPH, NAMED_GRAPH}:
            # Forms of Virtuoso's send a field that nobody filled.
            if value:
                (default if name == DEFAULT_GRAPH else named).append(value)
        elif name in SAME_AS_FORMAT:
            given.setdefault(name, value)
        elif name in SINGLE:
            if name == "format" and given.get(name, value) != value:
                # SPARQLWrapper may say it twice, in words of its own, and means what its Accept says.
                value = ""
            elif name in given and name != "format":
                raise BadRequest(f"The parameter {name} stands more than once; send it once.")
            given[name] = value
        elif name not in PASSED_OVER:
            others.append(name)
    if given.get("update"):
        raise BadRequest("An update changes data and cannot be sent here; POST it to /update.")
    _check_version(given.get("version", ""))
    infer = truth(given, "infer", True)
    evidence = truth(given, "evidence", False)
    text = given.get("query")
    timeout = read_timeout(given.get("timeout", ""), settings)
    cut = _cut(given["timeout"], timeout) if given.get("timeout") else ""
    slip = slips(others, KNOWN, "query" if text is None else "")
    note = "; ".join(each for each in (cut, slip) if each)
    if text is None:
        return None
    question = Question(text.removeprefix("\ufeff"), tuple(default), tuple(named), infer, evidence)
    forms = (given.get(name, "") for name in ("format", *SAME_AS_FORMAT))
    form = next((each for each in forms if each and each not in WHATEVER), "")
    return Asked(question, timeout, format=form + MARK if truth(given, "bom", False) else form, note=note)


def _check_version(version: str) -> None:
    if version and version not in VERSIONS:
        raise BadRequest(f"There is no SPARQL version {version!r} here; there are {', '.join(sorted(VERSIONS))}.")


def truth(given: Mapping[str, str], name: str, default: bool) -> bool:
    """Return whether a parameter is true; raises BadRequest where it is neither true nor false."""
    if name not in given:
        return default
    value = TRUTH.get(given[name].lower())
    if value is None:
        raise BadRequest(f"{name} is true or false, not {given[name]!r}.")
    return value


def read_timeout(text: str, settings: Settings) -> float:
    """Return the seconds that a request may take, the most that it may where it asks for more; raises BadRequest for no number."""
    if not text:
        return settings.timeout
    try:
        seconds = float(text.encode("ascii"))
    except ValueError:
        seconds = -1.0
    # Virtuoso counts in milliseconds, of which 0 are as many as it likes.
    if _is_milliseconds(seconds) and seconds > settings.timeout_cap:
        seconds /= 1000
    if not 0 <= seconds < math.inf:
        raise BadRequest(f"timeout is a number of seconds above 0 and up to {settings.timeout_cap:g}, not {text!r}.")
    return min(seconds, settings.timeout_cap) or settings.timeout


def _is_milliseconds(number: float) -> bool:
    return number >= 1000 and number % 1000 == 0


def _cut(text: str, timeout: float) -> str:
    """Return what to tell a client of the time that it asked for, "" where it has as much."""
    seconds = float(text)
    if seconds <= timeout or (_is_milliseconds(seconds) and seconds / 1000 <= timeout):
        return ""
    return f"timeout={text} was cut to {timeout:g} seconds, the most that a query may take here"


def timeout_asked(query_string: str, content_type: str, body: bytes, settings: Settings) -> float:
    """Return the seconds that an address or a form asks for, or may take where neither says; raises BadRequest."""
    pairs = _pairs(query_string, "The address") if "timeout=" in query_string else []
    if content_type.startswith(FORM_TYPE) and len(body) <= MOST_LOOKED_AT and b"timeout=" in body:
        pairs += _pairs(text_of(body, "The form"), "The form")
    asked = [value for name, value in pairs if name == "timeout"]
    return read_timeout(asked[-1] if asked else "", settings)


@dataclass(frozen=True, slots=True)
class AskedToUpdate:
    """An update request, read; the dataset is what the protocol says its WHERE is asked of (section 2.2.3)."""

    text: str
    using: tuple[str, ...]
    using_named: tuple[str, ...]


def read_update(query_string: str, content_type: str, body: bytes) -> AskedToUpdate:
    """Return what a POST asks to be updated; raises BadRequest or UnsupportedMediaType."""
    pairs = _pairs(query_string, "The address")
    media_type, parameters = media_type_of(content_type)
    charset = parameters.get("charset", "")
    # Some clients call an update a query; nothing else goes to this address.
    if media_type in {UPDATE_TYPE, QUERY_TYPE}:
        if any(name == "update" for name, _ in pairs):
            raise BadRequest("The update stands both in the body and in the address; send it once, in the body.")
        pairs.append(("update", sparql_of(body, "The update", charset)))
    elif media_type == FORM_TYPE:
        if any(name == "update" for name, _ in pairs):
            raise BadRequest("An update is sent in the body of a POST, not in the address.")
        pairs += _pairs(text_of(body, "The form", charset), "The form", charset)
    elif media_type == MULTIPART_TYPE and body:
        pairs += parts_of(content_type, body)
    elif media_type == JSON_TYPE and body:
        pairs += members_of(body, "The body", charset)
    else:
        raise UnsupportedMediaType(
            f"The body has the media type {media_type or 'of nothing'}; send {UPDATE_TYPE} or {FORM_TYPE}{GRAPHS_GO}.",
            available=[UPDATE_TYPE, FORM_TYPE],
        )
    updates = [value for name, value in pairs if name == "update"]
    if len(updates) != 1:
        raise BadRequest(f'The form has {len(updates) or "no"} fields "update"; send one.')
    if any(name == "query" and value for name, value in pairs):
        raise BadRequest("The request has a query as well as an update; send one of them, a query to /sparql.")
    if stray := next((name for name, value in pairs if value and name in NO_DATASET_OF_UPDATES), ""):
        raise BadRequest(
            f"{stray} names no dataset of an update; send using-graph-uri, or name the graph in the update."
        )
    # A field that nobody filled says nothing.
    versions = {value for name, value in pairs if name == "version" and value} | (
        {parameters["version"]} if "version" in parameters else set()
    )
    if len(versions) > 1:
        raise BadRequest("The request says two versions of SPARQL; say one.")
    for version in versions:
        _check_version(version)
    return AskedToUpdate(
        updates[0],
        tuple(value for name, value in pairs if name == USING and value),
        tuple(value for name, value in pairs if name == USING_NAMED and value),
    )


def read_graph(query_string: str, query: str, settings: Settings) -> Asked:
    """Return the query for a graph with the format and the time that its address asks for."""
    pairs = _pairs(query_string, "The address")
    asked = _read([("query", query), *(pair for pair in pairs if pair[0] in {"format", "timeout"})], settings)
    assert asked is not None
    return asked


def graph_asked(query_string: str, root: str, path: str, fields: Iterable[tuple[str, str]] = ()) -> str | None:
    """Return the graph that a request to /data is about, "" for the default graph, None where it names none.

    One that is named by the address of the request has its URI, below the root of the server; the fields of a form name one as
    parameters do. Raises BadRequest where it names two, or one by no IRI (Graph Store Protocol, section 4).
    """
    # A field that nobody filled names none.
    pairs = _pairs(query_string, "The address") + [(name, value) for name, value in fields if value]
    # Virtuoso and Sesame have the other name.
    graphs = [value for name, value in pairs if name in {"graph", "graph-uri"}]
    is_default = any(name == "default" for name, _ in pairs)
    is_direct = path.rstrip("/") != "/data"
    if len(graphs) + is_default + (is_direct and not graphs) > 1 or (is_direct and is_default):
        raise BadRequest("The request names more than one graph; send one of ?graph=IRI and ?default, once.")
    if is_default:
        return ""
    graph = graphs[0] if graphs else root + quote(path, safe=IN_PATH) if is_direct else None
    if graph is None:
        return None
    try:
        return NamedNode(graph).value if ":" in graph else _no_iri(graph)
    except ValueError:
        return _no_iri(graph)


def _no_iri(graph: str) -> str:
    raise BadRequest(f"graph={graph!r} is not an absolute IRI, and a graph is named by one.")
