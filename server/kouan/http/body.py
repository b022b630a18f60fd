"""Read the body of a request: bounded, its codings and its charset undone (RFC 9110, section 8). Knows no meaning of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import brotli
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from zstandard import ZstdError

from kouan.errors import BadRequest, Busy, RequestTimeout, TooLarge, UnsupportedMediaType
from kouan.formats.header_values import pairs
from kouan.formats.table import GRAPH_FORMATS, READABLE
from kouan.graph.charsets import declared_charset, known_charset, without_declaration
from kouan.graph.expansion import Options, options_of
from kouan.http.compression import says_not_compressed
from kouan.http.members import from_gzip, from_zstd
from kouan.http.wsgi import header

# What a body may be coded in; the last coding is undone first.
CODINGS = ("gzip", "deflate", "br", "zstd")
# How what is compressed with gzip begins (RFC 1952, section 2.3.1), and no RDF.
GZIP = b"\x1f\x8b"
ALIASES = {"x-gzip": "gzip"}
MOST_PARTS = 100
# Of files whose type nobody tells, as curl does not.
ENDINGS = {each.name: each.media_type for each in GRAPH_FORMATS if each.media_type in READABLE} | {
    "json": "application/ld+json"
}
# A target and its parameters (RFC 8288, section 3); a target may hold commas, as addresses that hold their document do.
LINKS = re.compile(r'<[^<>]*>(?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*')
CONTEXT_RELATION = "http://www.w3.org/ns/json-ld#context"
READ_AT_ONCE = 64 * 1024
# A body may take so long, and a second more for each so many bytes.
SECONDS_TO_SEND, SLOWEST = 15.0, 64 * 1024
# The bodies that arrive at a process at one time.
MOST_HELD = 256 * 1024 * 1024


_held = 0


NO_BODY = "A GET has no body (RFC 9110, section 9.3.1); send what you ask in the address, or with POST."


def has_body(scope: Any) -> bool:
    """Return whether a request announces a body (RFC 9112, section 6.3)."""
    return (scope.headers.get("content-length") or "0") != "0" or "transfer-encoding" in scope.headers


def refuse_body(scope: Any) -> None:
    """Raise BadRequest where a request that reads announces a body."""
    if has_body(scope):
        raise BadRequest(NO_BODY)


async def read_all_of(scope: Any, proto: Any, limit: int) -> bytes:
    """Return the body of a request, decoded.

    Raises TooLarge past the limit, whatever length it was announced with or is coded in, UnsupportedMediaType for a coding
    that is not known here, BadRequest where the body is not coded as it says or breaks off, RequestTimeout where it comes too slowly, and
    Busy where others send so much that there is no room for it.
    """
    global _held
    announced = scope.headers.get("content-length") or ""
    size = int(announced) if announced.isdigit() else 0
    if size > limit:
        await _let_pass(scope, proto)
        raise _too_large(limit)
    if not announced and scope.method in {"GET", "HEAD"} and "transfer-encoding" not in scope.headers:
        return b""
    if _held + size > MOST_HELD:
        raise Busy("Others send as much as this server can hold at a time; try again in a moment.")
    _held += size
    try:
        async with asyncio.timeout(SECONDS_TO_SEND + size / SLOWEST):
            body, is_whole = await _arrived(proto, limit)
    except TimeoutError as error:
        raise RequestTimeout(
            f"The body came more slowly than {SLOWEST:,} bytes a second; send less, or over a faster connection."
        ) from error
    finally:
        _held -= size
    if (announced.isdigit() and len(body) != size) or (scope.http_version.startswith("1") and not is_whole):
        # Half of a graph is another one, and half an update too (RFC 9112, section 8).
        raise BadRequest(
            f"The body breaks off after {len(body):,} bytes, or ends in trailer fields, which are not taken here; nothing was "
            "done. Send it again."
        )
    coded = header(scope, "content-encoding")
    if not coded:
        return body
    # What a client has compressed takes a while to be what it was.
    return await asyncio.get_running_loop().run_in_executor(None, uncoded, body, coded, limit)


async def _let_pass(scope: Any, proto: Any) -> None:
    """Drop what a client goes on to send, for a while: most read no answer before they have sent all."""
    # This one asks first (RFC 9110, section 10.1.1).
    if scope.headers.get("expect"):
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_SEND):
            async for _ in proto:
                pass


async def _arrived(proto: Any, limit: int) -> tuple[bytes, bool]:
    """Return a body and whether it came to its end, which one empty piece is; another one before it is an error."""
    body, empty = bytearray(), 0
    async for some in proto:
        body += some
        empty += not some
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body), empty < 2


def uncoded(body: bytes, codings: str, limit: int) -> bytes:
    """Return a body without its codings; raises as `read_all_of` does."""
    for name in reversed([each.strip().lower() for each in codings.split(",") if each.strip()]):
        coding = ALIASES.get(name, name)
        if coding == "identity":
            continue
        if coding not in CODINGS:
            raise UnsupportedMediaType(
                f"The body is coded in {name}; send it in {', '.join(CODINGS)} or as it is.",
                available=list(CODINGS),
                header="content-encoding",
            )
        try:
            # The least that can be coded has a head.
            if not body:
                raise EOFError
            body = DECODERS[coding](body, limit)
        except (zlib.error, brotli.error, ZstdError, EOFError) as error:
            raise BadRequest(f"The body says that it is coded in {name}, and is not, or not to its end.") from error
        if len(body) > limit:
            raise _too_large(limit)
    return body


def _inflated(body: bytes, limit: int) -> bytes:
    # Some send what has no head of zlib's (RFC 1950, section 2.2); no stream without one begins as that does.
    has_head = body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
    reader = zlib.decompressobj(15 if has_head else -15)
    found = reader.decompress(body, limit + 1)
    if len(found) <= limit and (not reader.eof or reader.unused_data):
        raise EOFError
    return found


def _from_brotli(body: bytes, limit: int) -> bytes:
    reader, found = brotli.Decompressor(), bytearray()
    for start in range(0, len(body), READ_AT_ONCE):
        found += reader.process(body[start : start + READ_AT_ONCE], output_buffer_limit=limit + 1)
        while not reader.can_accept_more_data() and len(found) <= limit:
            found += reader.process(b"", output_buffer_limit=limit + 1)
        if len(found) > limit:
            return bytes(found)
    if not reader.is_finished():
        raise EOFError
    return bytes(found)


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": from_gzip,
    "deflate": _inflated,
    "br": _from_brotli,
    "zstd": from_zstd,
}


def media_type_of(content_type: str) -> tuple[str, dict[str, str]]:
    """Return the media type of a Content-Type header and its parameters, by names in lower case.

    Raises BadRequest where one has two values.
    """
    media_type, _, said = content_type.partition(";")
    parameters: dict[str, str] = {}
    for name, value in pairs(said):
        if parameters.setdefault(name, value) != value:
            raise BadRequest(f"The media type of the body says two values of {name}; say one.")
    return media_type.strip().lower(), parameters


def options_to_read(media_type: str, parameters: Mapping[str, str], links: str = "") -> Options:
    """Return how a body of RDF is to be read: by the parameters of its media type, named as the options of JSON-LD's API are.

    What is no JSON-LD but JSON is read in the words of the context that a `Link` header gives it (JSON-LD 1.1, section 6.1).
    Raises BadRequest for a value that an option does not have, and for more contexts than one.
    """
    contexts = []
    if media_type != "application/ld+json":
        contexts = [link.strip()[1:].partition(">")[0] for link in LINKS.findall(links) if CONTEXT_RELATION in link]
    if len(contexts) > 1:
        raise BadRequest("Link headers name more than one context, and may name one (JSON-LD 1.1, section 6.1).")
    try:
        return options_of(parameters, *contexts)
    except ValueError as error:
        raise BadRequest(f"The media type of the body says that {error}.") from error


def text_of(body: bytes, what: str, charset: str = "") -> str:
    """Return a body as text, without the mark that some editors put before it (RFC 3629, section 6).

    Raises UnsupportedMediaType for a charset that is not known here, BadRequest where the body is not written in it.
    """
    name = _charset(charset)
    try:
        return body.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        said = charset or "UTF-8"
        raise BadRequest(
            says_not_compressed(body, what) or f"{what} is not {said.upper()} at byte {error.start}."
        ) from error


def rdf_of(body: bytes, what: str, media_type: str, parameters: Mapping[str, str]) -> str:
    """Return a body of RDF as text; XML is in the charset that it declares where the header says none (RFC 7303, section 3).

    Raises as text_of does.
    """
    if media_type != "application/rdf+xml":
        return text_of(body, what, parameters.get("charset", ""))
    said = parameters.get("charset") or declared_charset(body)
    return without_declaration(text_of(body, what, said))


def type_of_file(file: FileStorage) -> str:
    """Return the media type of RDF in a file of a form: what its part announces, else what its name ends in, else ""."""
    if file.mimetype in READABLE:
        return file.mimetype
    return ENDINGS.get((file.filename or "").lower().removesuffix(".gz").rpartition(".")[2], "")


def rdf_of_file(file: FileStorage, what: str, limit: int) -> str:
    """Return a file of a form as text, without its compression, which a part of a form has no header for; raises as rdf_of does."""
    body = file.read()
    if body.startswith(GZIP):
        body = uncoded(body, "gzip", limit)
    return rdf_of(body, what, type_of_file(file), file.mimetype_params)


def parts_of(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form in parts (RFC 7578), files as their text, each in the charset that its part announces.

    Raises BadRequest where it is none, and as text_of does.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=len(body), max_parts=MOST_PARTS)
    found: list[tuple[str, str, bytearray]] = []
    try:
        if not boundary:
            raise ValueError("its media type names no boundary")
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                said = parse_options_header(event.headers.get("content-type", ""))[1]
                found.append((event.name, said.get("charset", ""), bytearray()))
            elif isinstance(event, Data):
                found[-1][2].extend(event.data)
    except (ValueError, HTTPException) as error:
        raise BadRequest(f"The form cannot be read: {getattr(error, 'description', None) or error}.") from error
    return [(name, text_of(bytes(value), f"The field {name}", charset)) for name, charset, value in found]


def members_of(body: bytes, what: str, charset: str = "") -> list[tuple[str, str]]:
    """Return the members of an object in JSON as the fields of a form, several where a member is a list.

    The protocol does not have it, and axios and whoever sends what other interfaces take do so. Raises as text_of does, and
    BadRequest where the body is no such object.
    """
    try:
        found = json.loads(text_of(body, what, charset))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{what} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise BadRequest(f"{what} is no object of JSON, whose members are the fields of a form.")
    said = [(name, each) for name, value in found.items() for each in (value if isinstance(value, list) else [value])]
    if any(isinstance(value, dict | list | None) for _, value in said):
        raise BadRequest(f"{what} has a member that is no text, number or truth, nor a list of such.")
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in said]


def sparql_of(body: bytes, what: str, charset: str = "") -> str:
    """Return the text of a body that is a query or an update, which their media types have in UTF-8 and nothing else.

    SPARQL 1.1 Query Language, section 21, and Update, section 6. Raises as text_of does.
    """
    if _charset(charset) not in {"utf-8", "ascii"}:
        raise UnsupportedMediaType(
            f"The body is announced as {charset}; a query or an update is sent as UTF-8.", available=["utf-8"]
        )
    return text_of(body, what)


def _charset(charset: str) -> str:
    if not charset:
        return "utf-8"
    name = known_charset(charset)
    if not name:
        raise UnsupportedMediaType(f"The body is announced as {charset}; send it as UTF-8.", available=["utf-8"])
    return name


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit:,} bytes; send less, or ask the operator to raise KOUAN_BODY_LIMIT, "
        "or KOUAN_QUERY_LENGTH for a query.",
        limit="body_limit",
        bytes=limit,
    )
