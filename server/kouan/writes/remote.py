"""Hand writes on to another server as SPARQL Update, whatever way they came. Knows HTTP as a client; keeps no history."""

from __future__ import annotations

import contextlib
import http.client
from typing import Any
from urllib.parse import SplitResult, urlencode

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from kouan.engine.http_client import connect, headers_for, path_of, safe, whole_within
from kouan.engine.remote import RemoteEngine, engine_address
from kouan.engine.settling import with_base
from kouan.errors import BadGateway, BadRequest, QueryError, TooSlow, UpdateFailed
from kouan.settings import Settings
from kouan.sparql.requested import read_update, update_text
from kouan.writes.change import DEFAULT, DELETE, POST, UNDO, UPDATE, Write, payload_of
from kouan.writes.request import Request


def write_there(engine: RemoteEngine, settings: Settings, request: Request) -> dict[str, Any]:
    """Return the record of a write that the other server carried out; raises RequestError."""
    address = engine_address(settings.engine_update or settings.engine, "KOUAN_ENGINE_UPDATE")
    record = send_write(address, settings, request)
    engine.has_written()
    return record | {"version": engine.version}


def send_write(address: SplitResult, settings: Settings, request: Request) -> dict[str, Any]:
    """Return the record of a write that the other server carried out.

    Raises QueryError where it cannot read the update, UpdateFailed where it cannot carry it out, BadGateway and TooSlow
    where it does not answer, BadRequest for what only a dataset of one's own can do.
    """
    if request.is_dry or request.after or request.reason or request.write.kind == UNDO:
        raise BadRequest(
            "dry-run, reason, If-Match and taking back are not to be had here: the engine behind this server keeps the data."
        )
    fields = urlencode(_fields(request.write)).encode()
    headers = headers_for(settings) | {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
    try:
        connection = connect(address, settings.write_timeout)
        with contextlib.closing(connection), whole_within(connection, settings.write_timeout):
            connection.request("POST", path_of(address), fields, headers)
            response = connection.getresponse()
            said = safe(response.read(8192))
    except TimeoutError as error:
        raise TooSlow(
            f"The engine behind this server did not carry the write out in {settings.write_timeout:g} seconds; it may still do "
            "so.",
            limit="write_timeout",
            seconds=settings.write_timeout,
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BadGateway("The engine behind this server cannot be reached or broke off; try again later.") from error
    if response.status in {400, 422}:
        raise QueryError(f"The engine behind this server refused the update{said}")
    if response.status in {401, 403}:
        raise BadGateway("The engine behind this server takes no writes from us; its operator finds why in its log.")
    if response.status != 500 and response.status >= 300:
        raise BadGateway(f"The engine behind this server takes no updates there{said}")
    if response.status == 500:
        raise UpdateFailed(f"The engine behind this server could not carry the update out{said}")
    return {}


def _fields(write: Write) -> list[tuple[str, str]]:
    fields = [("update", _sent(write) if write.kind == UPDATE else _as_update(write))]
    fields += [("using-graph-uri", graph) for graph in write.using]
    return fields + [("using-named-graph-uri", graph) for graph in write.using_named]


def _sent(write: Write) -> str:
    """Return an update as the other server is sent it; raises QuerySyntaxError and Forbidden as if it were ours."""
    tree = read_update(write.text, is_asked=True)
    return with_base(write.text if tree is None else update_text(tree, is_ours=False))


def _as_update(write: Write) -> str:
    """Return an operation of the Graph Store Protocol as an update (its section 5)."""
    graph = f"GRAPH {NamedNode(write.graph)}" if write.graph != DEFAULT else ""
    clear = f"DROP SILENT {graph or 'DEFAULT'}"
    if write.kind == DELETE:
        return clear
    triples = (Quad(quad.subject, quad.predicate, quad.object) for quad in payload_of(write))
    lines = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    insert = f"INSERT DATA {{ {graph} {{ {lines} }} }}" if graph else f"INSERT DATA {{ {lines} }}"
    return insert if write.kind == POST else f"{clear} ;\n{insert}"
