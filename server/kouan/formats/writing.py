"""Write an answer in a format, in whatever process evaluated it. Knows formats and terms; knows no store and no query."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import IO, Any

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from kouan.errors import NotAcceptable
from kouan.formats import csv_rows, jsonld, xml
from kouan.formats.table import GRAPHS_BY_MEDIA_TYPE, MARKED, SOLUTIONS_BY_MEDIA_TYPE
from kouan.vocabulary import RDF, XSD

TYPE = NamedNode(RDF + "type")
# A document says these by signs of its own.
ABBREVIATED = {RDF + "type", RDF + "langString", *(XSD + name for name in ("string", "integer", "boolean"))}
# What a local name cannot have without a backslash (Turtle, section 6.5, PN_LOCAL): at its beginning, at its end or anywhere.
FIRST = ("-", ".")
ESCAPED = re.compile(r"[.\-]$|[~!$&'()*+,;=/?#@%]")
UNESCAPED = re.compile(r"\\(?=.)")
# Texts and IRIs, which stay, and the names that a prefix begins.
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|(?P<prefix>[^\s"<:^(){}\[\]]*):(?P<local>(?:[^\s\\]|\\.)*)')
# These are written subject by subject, so the triples of a subject are brought together first.
GROUPED = {RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML}


def write(
    results: QuerySolutions | QueryBoolean | QueryTriples,
    media_type: str,
    prefixes: Mapping[str, str],
    output: IO[bytes] | None,
    *,
    holds_triples: bool = False,
) -> bytes:
    """Write an answer to the output, or return it where there is none; raises NotAcceptable where it has no such format.

    `holds_triples` tells that there may be triple terms among solutions.
    """
    if isinstance(results, QueryTriples):
        return write_graph(results, media_type, prefixes, output)
    wanted = SOLUTIONS_BY_MEDIA_TYPE.get(media_type)
    if wanted is None:
        raise NotAcceptable(f"A table of solutions cannot be written as {media_type}.")
    if holds_triples and media_type.startswith("text/csv") and isinstance(results, QuerySolutions):
        return _called(output, partial(csv_rows.write, marked=media_type.endswith(MARKED)), results)
    if wanted.serialiser == QueryResultsFormat.XML:
        serialise = partial(results.serialize, format=QueryResultsFormat.XML)
        return xml.written(serialise, output, xml.INSTEAD_OF_RESULTS)
    if isinstance(wanted.serialiser, QueryResultsFormat):
        return results.serialize(output, format=wanted.serialiser) or b""
    return _called(output, wanted.serialiser, results)


def write_graph(
    triples: Iterable[Triple], media_type: str, prefixes: Mapping[str, str], output: IO[bytes] | None
) -> bytes:
    """Write triples to the output, or return them where there is none; raises NotAcceptable where they have no such format.

    The engine gives each triple of a CONSTRUCT once, and remembers for that those that it gave.
    """
    wanted = GRAPHS_BY_MEDIA_TYPE.get(media_type)
    if wanted is None:
        raise NotAcceptable(f"A graph cannot be written as {media_type}.")
    serialiser = wanted.serialiser
    if not isinstance(serialiser, RdfFormat):
        return _called(output, serialiser, sorted(triples, key=_place), prefixes)
    if serialiser in GROUPED:
        ordered = sorted(triples, key=_place)
        return write_grouped(ordered, serialiser, prefixes, output)
    return serialize(triples, output, format=serialiser) or b""


def write_dataset(
    quads: Iterable[Quad], media_type: str, prefixes: Mapping[str, str], output: IO[bytes] | None
) -> bytes:
    """Write quads with the names of their graphs to the output, or return them where there is none, as TriG, N-Quads or JSON-LD."""
    serialiser = GRAPHS_BY_MEDIA_TYPE[media_type].serialiser
    if serialiser == RdfFormat.N_QUADS:
        return serialize(quads, output, format=RdfFormat.N_QUADS) or b""
    ordered = sorted(quads, key=lambda quad: (str(quad.graph_name), *_place(quad.triple)))
    if isinstance(serialiser, RdfFormat):
        return write_grouped(ordered, serialiser, prefixes, output)
    return _called(output, jsonld.write_quads, ordered, prefixes)


def write_grouped(
    statements: Sequence[Triple] | Sequence[Quad],
    serialiser: RdfFormat,
    prefixes: Mapping[str, str],
    output: IO[bytes] | None = None,
) -> bytes:
    """Write statements in their order, with prefixes, to the output, or return them where there is none.

    Only prefixes that are used are declared. An IRI that would need an escape after its prefix, which not every reader
    knows, stands in full. Raises NotAcceptable where RDF/XML has no way to say one of them.
    """
    iris: set[str] = set()
    for each in statements:
        _collect(each if isinstance(each, Triple) else each.triple, iris)
        if isinstance(each, Quad) and isinstance(each.graph_name, NamedNode):
            iris.add(each.graph_name.value)
    declared = _used(iris, prefixes)
    if serialiser == RdfFormat.RDF_XML:
        return xml.write_triples(
            statements, partial(serialize, statements, format=serialiser, prefixes=declared), output
        )
    if not _needs_escape(iris, declared.values()):
        return serialize(statements, output, format=serialiser, prefixes=declared) or b""
    text = (serialize(statements, format=serialiser, prefixes=declared) or b"").decode()
    body = TOKENS.sub(partial(_in_full, declared), text).encode()
    if output is None:
        return body
    output.write(body)
    return b""


def _needs_escape(iris: Iterable[str], spaces: Iterable[str]) -> bool:
    return any(
        iri.startswith(FIRST, len(space)) or ESCAPED.search(iri, len(space))
        for space in spaces
        for iri in iris
        if iri.startswith(space)
    )


def _in_full(prefixes: Mapping[str, str], found: re.Match[str]) -> str:
    prefix, local = found["prefix"], found["local"]
    if prefix is None or "\\" not in local:
        return found[0]
    return f"<{prefixes[prefix]}{UNESCAPED.sub('', local)}>"


def _used(iris: set[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that shorten one of some IRIs."""
    spaces = {iri: prefix for prefix, iri in prefixes.items()}
    found: set[str] = set()
    for iri in iris - ABBREVIATED:
        # A namespace nearly always ends there, and looking for all of them in each IRI takes long.
        end = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
        if iri[:end] in spaces:
            found.add(iri[:end])
    odd = [iri for iri in spaces if not iri.endswith(("#", "/", ":"))]
    found |= {space for space in odd if any(iri.startswith(space) for iri in iris)}
    return {prefix: iri for prefix, iri in sorted(prefixes.items()) if iri in found}


def _collect(triple: Triple, iris: set[str]) -> None:
    for term in (triple.subject, triple.object):
        if isinstance(term, NamedNode):
            iris.add(term.value)
        elif isinstance(term, Literal):
            iris.add(term.datatype.value)
        elif isinstance(term, Triple):
            _collect(term, iris)
    iris.add(triple.predicate.value)


def _called(output: IO[bytes] | None, writer: Any, *arguments: Any) -> bytes:
    if output is not None:
        writer(*arguments, output)
        return b""
    buffer = io.BytesIO()
    writer(*arguments, buffer)
    return buffer.getvalue()


def _place(triple: Triple) -> tuple[str, bool, str, str]:
    """Return where a triple stands in a document: by its subject, types first."""
    return str(triple.subject), triple.predicate != TYPE, str(triple.predicate), str(triple.object)
